/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Samples of the frames of a running lab's cables, as they pass. Begins again by itself when the
 * wire or the engine did.
 *
 * Signals:
 *  "frame" (const char *link, gboolean from_b, gpointer sample): sample is a LoomFrameSample
 *  "failed" (const char *sentence): why nothing is told; it is tried again
 */

#pragma once

#include "backend/engine/frame-sample.h"
#include "gui/session.h"

G_BEGIN_DECLS

#define LOOM_TYPE_WATCH (loom_watch_get_type ())
G_DECLARE_FINAL_TYPE (LoomWatch, loom_watch, LOOM, WATCH, GObject)

LoomWatch *loom_watch_new (LoomSession *session);
/* @links: of "pc1:0 pc2:0", those to watch from now on; none: nothing. At most @per_second of each
 * direction are told of. */
void loom_watch_set_links (LoomWatch *self, const char *const *links, guint per_second);
/* Whether samples come, when there are frames. */
gboolean loom_watch_is_on (LoomWatch *self);

G_END_DECLS
