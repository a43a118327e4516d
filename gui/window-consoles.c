/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is asked of the console that is in front in the dock. */

#include "gui/window-private.h"

/* (nullable) */
static LoomConsole *
get_current (gpointer user_data)
{
  return loom_dock_get_current (LOOM_DOCK (LOOM_WINDOW (user_data)->dock));
}

static void
on_console_copy_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LoomConsole *console = get_current (user_data);

  if (console != NULL)
    loom_console_copy (console);
}

static void
on_console_paste_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LoomConsole *console = get_current (user_data);

  if (console != NULL)
    loom_console_paste (console);
}

static void
on_console_fit_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LoomConsole *console = get_current (user_data);

  if (console != NULL)
    loom_console_fit (console);
}

static void
move_current (LoomWindow *self, void (*move) (LoomDock *dock, LoomConsole *console))
{
  LoomConsole *console = get_current (self);

  if (console != NULL)
    move (LOOM_DOCK (self->dock), console);
}

static void
on_console_tile_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  move_current (user_data, loom_dock_tile);
}

static void
on_console_untile_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  loom_dock_untile (LOOM_DOCK (LOOM_WINDOW (user_data)->dock));
}

static void
on_console_window_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  move_current (user_data, loom_dock_toggle_window);
}

static void
on_console_close_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LoomConsole *console = get_current (user_data);

  if (console != NULL)
    gtk_widget_destroy (GTK_WIDGET (console));
}

static const GActionEntry entries[] = {
    {"console-copy", on_console_copy_activated},
    {"console-paste", on_console_paste_activated},
    {"console-fit", on_console_fit_activated},
    {"console-tile", on_console_tile_activated},
    {"console-untile", on_console_untile_activated},
    {"console-window", on_console_window_activated},
    {"console-close", on_console_close_activated},
};

void
loom_window_add_console_actions (LoomWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}
