/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The dock: consoles as tabs, in groups side by side. A tab can be dragged to another group, out of
 * the window (it becomes one of its own) and back.
 *
 * Signals:
 *  "opened" ():  a console was put in: the dock wants to be seen
 *  "emptied" ():  the last one was closed
 *  "keyboard-freed" ():  the keys by which a person leaves a screen were pressed
 */

#pragma once

#include <gtk/gtk.h>

#include "canvas/model/change.h"
#include "gui/console.h"

G_BEGIN_DECLS

#define LOOM_TYPE_DOCK (loom_dock_get_type ())
G_DECLARE_FINAL_TYPE (LoomDock, loom_dock, LOOM, DOCK, GtkStack)

GtkWidget *loom_dock_new (LoomSession *session);
/* Opens both consoles of @node (its screen in front if it has one), or shows the ones that are
 * open. @type (nullable): "serial" or "spice" brings that one to the front. */
void loom_dock_open (LoomDock *self, const char *node, const char *type);
/* Consoles go with their machines: to other names, which may be swapped, or away. */
void loom_dock_follow (LoomDock *self, const LoomChange *change);
void loom_dock_close_all (LoomDock *self);
/* The console that has the focus, or was last in front; NULL if there is none. */
LoomConsole *loom_dock_get_current (LoomDock *self);
/* Puts @console in a group of its own, beside the others. */
void loom_dock_tile (LoomDock *self, LoomConsole *console);
/* All in one group again. */
void loom_dock_untile (LoomDock *self);
/* Moves @console into a window of its own, or back if it is in one. */
void loom_dock_toggle_window (LoomDock *self, LoomConsole *console);
gboolean loom_dock_is_empty (LoomDock *self);

G_END_DECLS
