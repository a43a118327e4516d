/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A notebook of consoles: one tile of the dock, or what a torn-off window holds. Tabs can be
 * dragged from one to another, and each has a button that tears it off and one that closes it.
 *
 * Signals:
 *  "toggle-window" (LoomConsole *console):  the person wants it in its own window, or back
 */

#pragma once

#include "gui/console.h"

G_BEGIN_DECLS

#define LOOM_TYPE_TILE (loom_tile_get_type ())
G_DECLARE_FINAL_TYPE (LoomTile, loom_tile, LOOM, TILE, GtkNotebook)

GtkWidget *loom_tile_new (void);
/* Puts @console in front, and takes it from where it was. */
void loom_tile_add (LoomTile *self, LoomConsole *console);

G_END_DECLS
