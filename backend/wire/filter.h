/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which frames a hold or a capture is about: an expression of pcap-filter(7), compiled once, run
 * for each frame in whichever thread sees it. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _LoomWireFilter LoomWireFilter;

/* (transfer full) (nullable): the program of @text; NULL for "" and NULL, which match everything.
 * Sets @error (LOOM_PROTO_ERROR_SYNTAX, the compiler's words) when it does not compile. */
LoomWireFilter *loom_wire_filter_new (const char *text, GError **error);
void loom_wire_filter_free (LoomWireFilter *self);

/* @self nullable. */
gboolean loom_wire_filter_matches (const LoomWireFilter *self, const guint8 *frame, guint length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomWireFilter, loom_wire_filter_free)

G_END_DECLS
