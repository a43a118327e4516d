/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The canvas for assistive technology: one child for each node and cable. */

#pragma once

#include <gtk/gtk-a11y.h>
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LOOM_TYPE_CANVAS_ACCESSIBLE (loom_canvas_accessible_get_type ())
G_DECLARE_FINAL_TYPE (LoomCanvasAccessible, loom_canvas_accessible, LOOM, CANVAS_ACCESSIBLE,
                      GtkContainerAccessible)

G_END_DECLS
