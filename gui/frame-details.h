/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One frame in full: what its layers say as a tree, and its octets, those of the selected line
 * marked. */

#pragma once

#include <gtk/gtk.h>

#include "gui/frames.h"

G_BEGIN_DECLS

#define LOOM_TYPE_FRAME_DETAILS (loom_frame_details_get_type ())
G_DECLARE_FINAL_TYPE (LoomFrameDetails, loom_frame_details, LOOM, FRAME_DETAILS, GtkPaned)

GtkWidget *loom_frame_details_new (LoomFrames *frames);
/* @number: of a frame that is kept; 0: nothing is shown. */
void loom_frame_details_show (LoomFrameDetails *self, guint64 number);

G_END_DECLS
