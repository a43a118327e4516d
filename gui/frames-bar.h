/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The bar of the pane "Frames": what is listed, two filters, and buttons.
 *
 * Signals, each of something that the person asks for:
 *  "run" ():  start or stop
 *  "show-only" ():  the filter of what is shown has changed
 *  "catch-only" ():  the filter of what is caught has changed
 *  "clear" (), "save" (), "view" (), "close" ()
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LOOM_TYPE_FRAMES_BAR (loom_frames_bar_get_type ())
G_DECLARE_FINAL_TYPE (LoomFramesBar, loom_frames_bar, LOOM, FRAMES_BAR, GtkBox)

GtkWidget *loom_frames_bar_new (void);
void loom_frames_bar_set_title (LoomFramesBar *self, const char *title);
/* Whether the first button stops or starts, and whether it can. */
void loom_frames_bar_set_running (LoomFramesBar *self, gboolean running, gboolean can_run);
/* There are frames to clear, to save, to open elsewhere. */
void loom_frames_bar_set_has_frames (LoomFramesBar *self, gboolean has_frames);

/* (transfer none): a display filter; "" for all. */
const char *loom_frames_bar_get_show_only (LoomFramesBar *self);
/* @can_filter: somebody understands such filters. @is_bad: not this one. */
void loom_frames_bar_set_show_only_state (LoomFramesBar *self, gboolean can_filter,
                                          gboolean is_bad);
/* (transfer none): of pcap-filter(7); "" for all. */
const char *loom_frames_bar_get_catch_only (LoomFramesBar *self);
void loom_frames_bar_set_catch_only_bad (LoomFramesBar *self, gboolean is_bad);

G_END_DECLS
