/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The palette: every kind of node of the catalogue, by section, to drag onto the canvas, to click,
 * or to press with the keyboard.
 *
 * Signals:
 *  "kind-activated" (const char *kind): add one of these.
 */

#pragma once

#include <gtk/gtk.h>

#include "canvas/model/kind.h"

G_BEGIN_DECLS

#define LOOM_TYPE_PALETTE (loom_palette_get_type ())
G_DECLARE_FINAL_TYPE (LoomPalette, loom_palette, LOOM, PALETTE, GtkBox)

GtkWidget *loom_palette_new (LoomCatalogue *catalogue);

G_END_DECLS
