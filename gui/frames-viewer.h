/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Wireshark beside the list: it gets what is kept at once, and what comes afterwards as it comes.
 */

#pragma once

#include "gui/frames.h"

G_BEGIN_DECLS

/* @n_missed: frames that had fallen out of the list before Wireshark took them. */
typedef void (*LoomFramesMissedFunc) (guint64 n_missed, gpointer object);

/* Opens Wireshark on @frames, by its standard input: no file of ours is left. It goes on until they
 * end (loom_frames_end ()), are begun anew, or Wireshark wants no more. @missed is called with
 * @object when it could not keep up, once, unless that has gone meanwhile. FALSE: Wireshark did not
 * start; G_SPAWN_ERROR_NOENT: it is not there. */
gboolean loom_frames_viewer_open (LoomFrames *frames, LoomFramesMissedFunc missed, GObject *object,
                                  GError **error);

G_END_DECLS
