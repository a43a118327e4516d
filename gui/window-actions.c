/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What menus, buttons and keys ask the window for. */

#include "gui/window-private.h"

#include <glib/gi18n-lib.h>

#include "canvas/scene/scene.h"

static void
on_new_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LoomWindow *self = user_data;
  GtkWidget *window = loom_window_new (
      LOOM_APPLICATION (gtk_window_get_application (GTK_WINDOW (self))));

  gtk_window_present (GTK_WINDOW (window));
}

static void
on_open_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  loom_window_choose_and_open (user_data);
}

static void
on_open_path_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LoomWindow *self = user_data;

  loom_application_open_path (LOOM_APPLICATION (gtk_window_get_application (GTK_WINDOW (self))),
                              GTK_WINDOW (self), g_variant_get_string (parameter, NULL));
}

static void
on_save_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  loom_window_save (user_data, FALSE, LOOM_NEXT_NOTHING);
}

static void
on_save_as_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  loom_window_save (user_data, TRUE, LOOM_NEXT_NOTHING);
}

static void
on_close_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  gtk_window_close (GTK_WINDOW (user_data));
}

static void
on_undo_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LoomWindow *self = user_data;
  LoomHistory *history = loom_document_get_history (self->document);
  g_autofree char *label = g_strdup (loom_history_get_undo_label (history));

  if (loom_history_undo (history)) {
    /* Translators: the name of an edit: "Add pc3" */
    g_autofree char *text = g_strdup_printf (_ ("Undone: %s"), label);

    loom_window_say (self, text);
  }
}

static void
on_redo_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LoomWindow *self = user_data;
  LoomHistory *history = loom_document_get_history (self->document);
  g_autofree char *label = g_strdup (loom_history_get_redo_label (history));

  if (loom_history_redo (history)) {
    g_autofree char *text = g_strdup_printf (_ ("Done again: %s"), label);

    loom_window_say (self, text);
  }
}

static void
on_delete_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  loom_canvas_delete_selection (LOOM_WINDOW (user_data)->canvas);
}

static void
on_cut_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  if (loom_window_copy (user_data))
    loom_canvas_delete_selection (LOOM_WINDOW (user_data)->canvas);
}

static void
on_copy_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  loom_window_copy (user_data);
}

static void
on_paste_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  loom_window_paste (user_data);
}

static void
on_duplicate_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  loom_window_duplicate (user_data);
}

static void
on_select_all_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  loom_canvas_select_all (LOOM_WINDOW (user_data)->canvas);
}

/* (transfer full) (nullable): the one node that is selected. */
static char *
dup_selected_node (LoomWindow *self)
{
  g_auto (GStrv) nodes = loom_canvas_dup_selected_nodes (self->canvas);

  return g_strv_length (nodes) == 1 ? g_strdup (nodes[0]) : NULL;
}

static void
on_rename_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LoomWindow *self = user_data;
  g_autofree char *node = dup_selected_node (self);

  if (node != NULL)
    loom_canvas_begin_rename (self->canvas, node);
}

static void
on_cable_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LoomWindow *self = user_data;
  g_autofree char *node = dup_selected_node (self);

  if (node == NULL)
    return;
  /* Its keys choose where the cable ends. */
  gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
  loom_canvas_begin_cable (self->canvas, node);
}

static void
on_console_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LoomWindow *self = user_data;
  g_autofree char *node = dup_selected_node (self);

  if (node != NULL)
    loom_dock_open (LOOM_DOCK (self->dock), node, g_variant_get_string (parameter, NULL));
}

static void
on_toggle_run_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LoomWindow *self = user_data;

  switch (loom_session_get_state (self->session)) {
  case LOOM_LAB_OFF:
    loom_window_start (self);
    break;
  case LOOM_LAB_STARTING:
    loom_session_cancel (self->session);
    break;
  case LOOM_LAB_RUNNING:
    loom_session_stop (self->session);
    break;
  case LOOM_LAB_STOPPING:
  default:
    break;
  }
}

static void
on_start_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  loom_window_start (user_data);
}

static void
on_stop_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LoomWindow *self = user_data;

  if (loom_session_get_state (self->session) == LOOM_LAB_STARTING)
    loom_session_cancel (self->session);
  else
    loom_session_stop (self->session);
}

static void
on_zoom_in_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  loom_canvas_zoom_in (LOOM_WINDOW (user_data)->canvas);
}

static void
on_zoom_out_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  loom_canvas_zoom_out (LOOM_WINDOW (user_data)->canvas);
}

static void
on_zoom_reset_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  loom_canvas_zoom_reset (LOOM_WINDOW (user_data)->canvas);
}

static void
on_zoom_fit_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  loom_canvas_zoom_fit (LOOM_WINDOW (user_data)->canvas);
}

static void
on_menu_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkToggleButton *button = g_object_get_data (G_OBJECT (user_data), "loom-menu-button");

  gtk_toggle_button_set_active (button, !gtk_toggle_button_get_active (button));
}

static void
on_focus_canvas_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  gtk_widget_grab_focus (GTK_WIDGET (LOOM_WINDOW (user_data)->canvas));
}

static void
on_properties_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  loom_window_show_properties (user_data);
}

static void
on_find_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  loom_window_find (user_data);
}

/* Panes: the action's name less "show-" is what is remembered. */

static GtkWidget *
find_pane (LoomWindow *self, const char *action_name)
{
  if (g_str_equal (action_name, "show-palette"))
    return self->palette;
  if (g_str_equal (action_name, "show-inspector"))
    return self->inspector;
  if (g_str_equal (action_name, "show-consoles"))
    return self->dock;
  if (g_str_equal (action_name, "show-frames"))
    return self->frames;
  return self->status_bar;
}

/* The frames are of a lab that runs now: at the next start there would be none to list. */
static gboolean
is_remembered (const char *action_name)
{
  return !g_str_equal (action_name, "show-frames");
}

static void
on_pane_changed (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  LoomWindow *self = user_data;
  const char *name = g_action_get_name (G_ACTION (action));

  gtk_widget_set_visible (find_pane (self, name), g_variant_get_boolean (state));
  gtk_widget_set_visible (self->bottom, gtk_widget_get_visible (self->dock)
                                            || gtk_widget_get_visible (self->frames));
  if (is_remembered (name))
    loom_settings_set_boolean (self->settings, name, g_variant_get_boolean (state));
  g_simple_action_set_state (action, state);
}

static const GActionEntry entries[] = {
    {"new", on_new_activated},
    {"open", on_open_activated},
    {"open-path", on_open_path_activated, "s"},
    {"save", on_save_activated},
    {"save-as", on_save_as_activated},
    {"close", on_close_activated},
    {"undo", on_undo_activated},
    {"redo", on_redo_activated},
    {"delete", on_delete_activated},
    {"cut", on_cut_activated},
    {"copy", on_copy_activated},
    {"paste", on_paste_activated},
    {"duplicate", on_duplicate_activated},
    {"select-all", on_select_all_activated},
    {"rename", on_rename_activated},
    {"cable", on_cable_activated},
    {"console", on_console_activated, "s"},
    {"toggle-run", on_toggle_run_activated},
    {"start", on_start_activated},
    {"stop", on_stop_activated},
    {"zoom-in", on_zoom_in_activated},
    {"zoom-out", on_zoom_out_activated},
    {"zoom-reset", on_zoom_reset_activated},
    {"zoom-fit", on_zoom_fit_activated},
    {"menu", on_menu_activated},
    {"find", on_find_activated},
    {"properties", on_properties_activated},
    {"focus-canvas", on_focus_canvas_activated},
    {"show-palette", NULL, NULL, "true", on_pane_changed},
    {"show-inspector", NULL, NULL, "true", on_pane_changed},
    {"show-consoles", NULL, NULL, "true", on_pane_changed},
    {"show-frames", NULL, NULL, "true", on_pane_changed},
    {"show-status", NULL, NULL, "true", on_pane_changed},
};

static void
set_enabled (LoomWindow *self, const char *name, gboolean enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

void
loom_window_add_actions (LoomWindow *self)
{
  const char *const panes[] = {"show-palette", "show-inspector", "show-consoles", "show-frames",
                               "show-status"};

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  loom_window_add_power_actions (self);
  loom_window_add_cable_actions (self);
  loom_window_add_console_actions (self);
  for (guint i = 0; i < G_N_ELEMENTS (panes); i++) {
    GtkWidget *pane = find_pane (self, panes[i]);
    gboolean shown = pane != self->dock && pane != self->frames;

    if (is_remembered (panes[i]))
      shown = loom_settings_get_boolean (self->settings, panes[i], shown);
    gtk_widget_show_all (pane);
    loom_window_set_pane_shown (self, panes[i], shown);
    gtk_widget_set_no_show_all (pane, TRUE);
  }
  gtk_widget_set_no_show_all (self->bottom, TRUE);
}

void
loom_window_update_actions (LoomWindow *self)
{
  LoomHistory *history = loom_document_get_history (self->document);
  LoomLabState state = loom_session_get_state (self->session);
  g_auto (GStrv) nodes = loom_canvas_dup_selected_nodes (self->canvas);
  g_auto (GStrv) links = loom_canvas_dup_selected_links (self->canvas);
  guint n_nodes = g_strv_length (nodes);

  set_enabled (self, "undo", loom_history_get_can_undo (history));
  set_enabled (self, "redo", loom_history_get_can_redo (history));
  set_enabled (self, "delete", n_nodes > 0 || g_strv_length (links) > 0);
  set_enabled (self, "cut", n_nodes > 0);
  set_enabled (self, "copy", n_nodes > 0);
  set_enabled (self, "duplicate", n_nodes > 0);
  set_enabled (self, "rename", n_nodes == 1);
  set_enabled (self, "cable", n_nodes == 1);
  set_enabled (self, "toggle-run", state != LOOM_LAB_STOPPING);
  set_enabled (self, "start", state == LOOM_LAB_OFF);
  set_enabled (self, "stop", state == LOOM_LAB_RUNNING || state == LOOM_LAB_STARTING);
  loom_window_update_power_actions (self);
  loom_window_update_cable_actions (self);
}

/* Of the end too, when it was right-clicked there. */
static GMenuModel *
build_link_menu (LoomWindow *self, GdkEvent *event, const char *id)
{
  double x;
  double y;
  int end = -1;

  if (event != NULL && event->type == GDK_BUTTON_PRESS && gdk_event_get_coords (event, &x, &y))
    end = loom_canvas_get_end_at (self->canvas, id, x, y);
  loom_window_update_cable_actions (self);
  return loom_window_build_link_menu (self, id, end);
}

/* The menu of an item; its actions work on the selection, so the item is selected first. */
void
loom_window_popup_menu (LoomWindow *self, GdkEvent *event, int kind, const char *id)
{
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource ("/org/lanloom/Lanloom/menus.ui");
  const char *name = kind == LOOM_ITEM_NODE ? "node" : "canvas";
  g_autoptr (GMenuModel) model = NULL;
  GtkWidget *menu;
  GdkRectangle area;

  if (kind == LOOM_ITEM_NODE && id != NULL) {
    const LoomKind *node_kind = loom_session_get_kind (self->session, id);

    loom_window_update_power_actions (self); /* it may have come up or failed since */
    if (node_kind != NULL && node_kind->role == LOOM_ROLE_MACHINE)
      name = "machine";
  }
  if (kind == LOOM_ITEM_LINK && id != NULL)
    model = build_link_menu (self, event, id);
  else
    model = g_object_ref (G_MENU_MODEL (gtk_builder_get_object (builder, name)));
  menu = gtk_menu_new_from_model (model);
  gtk_menu_attach_to_widget (GTK_MENU (menu), GTK_WIDGET (self->canvas), NULL);
  g_signal_connect (menu, "selection-done", G_CALLBACK (gtk_widget_destroy), NULL);
  if (event != NULL && event->type == GDK_KEY_PRESS && id != NULL
      && loom_canvas_get_item_area (self->canvas, kind, id, &area))
    gtk_menu_popup_at_rect (GTK_MENU (menu), gtk_widget_get_window (GTK_WIDGET (self->canvas)),
                            &area, GDK_GRAVITY_SOUTH_WEST, GDK_GRAVITY_NORTH_WEST, event);
  else
    gtk_menu_popup_at_pointer (GTK_MENU (menu), event);
}
