/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the dots of frames in motion mean: a line over a corner of the canvas. */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

GtkWidget *loom_frame_legend_new (void);

G_END_DECLS
