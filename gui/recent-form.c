/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/recent-form.h"

#include <glib/gi18n-lib.h>

#include "gui/form.h"
#include "gui/window-recent.h"

#define KEY_ACTION "loom-action"

/* (transfer none) (nullable): of the window, once the widget is in one. */
static GActionGroup *
get_actions (GtkWidget *widget)
{
  GtkWidget *top = gtk_widget_get_toplevel (widget);

  return G_IS_ACTION_GROUP (top) ? G_ACTION_GROUP (top) : NULL;
}

static void
on_value_changed (GtkSpinButton *spin, gpointer user_data)
{
  const char *action = g_object_get_data (G_OBJECT (spin), KEY_ACTION);
  GActionGroup *actions = get_actions (GTK_WIDGET (spin));
  int value = gtk_spin_button_get_value_as_int (spin);
  g_autoptr (GVariant) state = NULL;

  if (actions == NULL)
    return;
  state = g_action_group_get_action_state (actions, action);
  if (state != NULL && g_variant_get_int32 (state) != value)
    g_action_group_change_action_state (actions, action, g_variant_new_int32 (value));
}

/* What is remembered is known when there is a window. */
static void
on_mapped (GtkSpinButton *spin, gpointer user_data)
{
  const char *action = g_object_get_data (G_OBJECT (spin), KEY_ACTION);
  GActionGroup *actions = get_actions (GTK_WIDGET (spin));
  g_autoptr (GVariant) state = actions != NULL ? g_action_group_get_action_state (actions, action)
                                               : NULL;

  if (state != NULL)
    gtk_spin_button_set_value (spin, g_variant_get_int32 (state));
}

static GtkWidget *
make_spin (const char *action, int min, int max, int value)
{
  GtkWidget *spin = gtk_spin_button_new_with_range (min, max, 1);

  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), value);
  g_object_set_data (G_OBJECT (spin), KEY_ACTION, (gpointer) action);
  g_signal_connect (spin, "map", G_CALLBACK (on_mapped), NULL);
  g_signal_connect (spin, "value-changed", G_CALLBACK (on_value_changed), NULL);
  return spin;
}

void
loom_recent_form_add (GtkContainer *box)
{
  GtkWidget *grid;
  GtkWidget *keep = gtk_switch_new ();
  GtkWidget *buttons;
  GtkWidget *button;

  loom_form_add_section (box, _ ("What Just Happened"));
  grid = loom_form_add_grid (box);
  gtk_widget_set_halign (keep, GTK_ALIGN_START);
  gtk_widget_set_tooltip_text (
      keep, _ ("Keeps what passed last on the selected cables, or on all, while the lab runs"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (keep), "win.keep-recent");
  loom_form_add_row (GTK_GRID (grid), _ ("Keep"), keep);
  loom_form_add_row (GTK_GRID (grid), _ ("Seconds"),
                     make_spin ("recent-seconds", LOOM_RECENT_SECONDS_MIN, LOOM_RECENT_SECONDS_MAX,
                                LOOM_RECENT_SECONDS));
  loom_form_add_row (
      GTK_GRID (grid), _ ("At Most (MiB)"),
      make_spin ("recent-mib", LOOM_RECENT_MIB_MIN, LOOM_RECENT_MIB_MAX, LOOM_RECENT_MIB));
  buttons = loom_form_add_buttons (box);
  button = loom_form_add_button (GTK_CONTAINER (buttons), _ ("_Show"),
                                 _ ("Lists what just happened in the pane of frames"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.show-recent");
  button = loom_form_add_button (GTK_CONTAINER (buttons), _ ("Save _As…"),
                                 _ ("Saves what just happened to a file"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.save-recent");
}
