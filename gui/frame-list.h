/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The rows of the packet list. It follows the newest frame while its end is in sight, and stays
 * where a person scrolled to.
 *
 * Signals:
 *  "selected" (guint64 number):  0: none is
 */

#pragma once

#include <gtk/gtk.h>

#include "gui/frames.h"

G_BEGIN_DECLS

#define LOOM_TYPE_FRAME_LIST (loom_frame_list_get_type ())
G_DECLARE_FINAL_TYPE (LoomFrameList, loom_frame_list, LOOM, FRAME_LIST, GtkScrolledWindow)

GtkWidget *loom_frame_list_new (LoomFrames *frames);
/* Lets go of rows whose frames are not kept any more. */
void loom_frame_list_trim (LoomFrameList *self);
/* Leaves out what the details say, too: there is less room. */
void loom_frame_list_set_compact (LoomFrameList *self, gboolean compact);
/* (transfer full) (nullable): the selected row as text. */
char *loom_frame_list_dup_selected (LoomFrameList *self);
void loom_frame_list_grab_focus (LoomFrameList *self);
guint loom_frame_list_get_n_rows (LoomFrameList *self);

G_END_DECLS
