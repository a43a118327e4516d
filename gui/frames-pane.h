/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pane "Frames" of the dock: what passes on some cables, live, a row each; one frame in full
 * when it is selected.
 *
 * Signals:
 *  "message" (const char *severity, const char *text):  something for the status line
 *  "wants-file" ():  the person asks for a capture to a file instead
 *  "viewer-missing" ():  the person asks for Wireshark, which is not there
 *  "closed" ():  the person is done with it
 */

#pragma once

#include <gtk/gtk.h>

#include "gui/fifo.h"
#include "gui/frames.h"
#include "gui/session.h"

G_BEGIN_DECLS

#define LOOM_TYPE_FRAMES_PANE (loom_frames_pane_get_type ())
G_DECLARE_FINAL_TYPE (LoomFramesPane, loom_frames_pane, LOOM, FRAMES_PANE, GtkBox)

/* @decoder: "tshark". */
GtkWidget *loom_frames_pane_new (LoomSession *session, const char *decoder);
/* Shows what passes on @links from now on; what was shown before is gone. */
void loom_frames_pane_start (LoomFramesPane *self, const char *const *links);
/* Ends the capture; what was caught stays. */
void loom_frames_pane_stop (LoomFramesPane *self);
/* Shows what passed before on @links: what comes out of @fifo, which is taken over. */
void loom_frames_pane_show_past (LoomFramesPane *self, const char *const *links, LoomFifo *fifo);
/* Asks for a file to save what is listed to. */
void loom_frames_pane_save (LoomFramesPane *self);
/* (nullable): the cables whose frames are shown. */
const char *const *loom_frames_pane_get_links (LoomFramesPane *self);
LoomFrames *loom_frames_pane_get_frames (LoomFramesPane *self);
void loom_frames_pane_grab_focus (LoomFramesPane *self);

G_END_DECLS
