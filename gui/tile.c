/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/tile.h"

#include <glib/gi18n-lib.h>

#define GROUP_NAME "lanloom-consoles"

enum {
  TOGGLE_WINDOW,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _LoomTile {
  GtkNotebook parent_instance;
};

G_DEFINE_TYPE (LoomTile, loom_tile, GTK_TYPE_NOTEBOOK)

/* The tab's label is a box, which gives it no name. */
static void
name_tab (LoomConsole *console)
{
  GtkWidget *notebook = gtk_widget_get_ancestor (GTK_WIDGET (console), LOOM_TYPE_TILE);
  g_autofree char *title = loom_console_dup_title (console);
  g_autoptr (AtkObject) tab = NULL;

  if (notebook == NULL)
    return;
  tab = atk_object_ref_accessible_child (
      gtk_widget_get_accessible (notebook),
      gtk_notebook_page_num (GTK_NOTEBOOK (notebook), GTK_WIDGET (console)));
  if (tab != NULL)
    atk_object_set_name (tab, title);
}

static void
update_tab_label (LoomConsole *console, GtkWidget *label)
{
  g_autofree char *title = loom_console_dup_title (console);

  gtk_label_set_text (GTK_LABEL (label), title);
  name_tab (console);
}

static void
on_close_clicked (GtkButton *button, GtkWidget *console)
{
  gtk_widget_destroy (console);
}

static void
on_window_clicked (GtkButton *button, LoomConsole *console)
{
  g_signal_emit (gtk_widget_get_ancestor (GTK_WIDGET (console), LOOM_TYPE_TILE),
                 signals[TOGGLE_WINDOW], 0, console);
}

static GtkWidget *
make_tab_button (const char *icon_name, const char *tooltip)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon_name, GTK_ICON_SIZE_MENU);

  gtk_button_set_relief (GTK_BUTTON (button), GTK_RELIEF_NONE);
  gtk_widget_set_tooltip_text (button, tooltip);
  atk_object_set_name (gtk_widget_get_accessible (button), tooltip);
  gtk_widget_set_focus_on_click (button, FALSE);
  gtk_style_context_add_class (gtk_widget_get_style_context (button), "loom-tab-button");
  return button;
}

static GtkWidget *
make_tab (LoomConsole *console)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);
  GtkWidget *label = gtk_label_new (NULL);
  GtkWidget *window_button = make_tab_button ("window-new-symbolic",
                                              _ ("Own Window, or Back Into the Dock"));
  GtkWidget *close_button = make_tab_button ("window-close-symbolic",
                                             _ ("Close Console (Ctrl+Shift+W)"));

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_width_chars (GTK_LABEL (label), 10);
  update_tab_label (console, label);
  g_signal_connect_object (console, "title-changed", G_CALLBACK (update_tab_label), label, 0);
  g_signal_connect_object (window_button, "clicked", G_CALLBACK (on_window_clicked), console, 0);
  g_signal_connect_object (close_button, "clicked", G_CALLBACK (on_close_clicked), console, 0);
  gtk_box_pack_start (GTK_BOX (box), label, TRUE, TRUE, 0);
  gtk_container_add (GTK_CONTAINER (box), window_button);
  gtk_container_add (GTK_CONTAINER (box), close_button);
  gtk_widget_show_all (box);
  return box;
}

static void
loom_tile_page_added (GtkNotebook *notebook, GtkWidget *page, guint number)
{
  name_tab (LOOM_CONSOLE (page));
}

/* Hides its tabs while one goes: GTK's accessible of a tab asks for the label of a tab that was
 * just removed, and complains that there is none. */
static void
loom_tile_remove (GtkContainer *container, GtkWidget *page)
{
  GtkNotebook *notebook = GTK_NOTEBOOK (container);

  gtk_notebook_set_show_tabs (notebook, FALSE);
  GTK_CONTAINER_CLASS (loom_tile_parent_class)->remove (container, page);
  if (!gtk_widget_in_destruction (GTK_WIDGET (container)))
    gtk_notebook_set_show_tabs (notebook, TRUE);
}

static void
loom_tile_class_init (LoomTileClass *klass)
{
  GTK_CONTAINER_CLASS (klass)->remove = loom_tile_remove;
  GTK_NOTEBOOK_CLASS (klass)->page_added = loom_tile_page_added;
  signals[TOGGLE_WINDOW] = g_signal_new ("toggle-window", LOOM_TYPE_TILE, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, LOOM_TYPE_CONSOLE);
}

static void
loom_tile_init (LoomTile *self)
{
  GtkNotebook *notebook = GTK_NOTEBOOK (self);

  gtk_notebook_set_group_name (notebook, GROUP_NAME);
  gtk_notebook_set_scrollable (notebook, TRUE);
  gtk_notebook_set_show_border (notebook, FALSE);
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (self)), "loom-tile");
  gtk_widget_get_accessible (GTK_WIDGET (self)); /* is told of pages before we are */
}

GtkWidget *
loom_tile_new (void)
{
  return g_object_new (LOOM_TYPE_TILE, NULL);
}

void
loom_tile_add (LoomTile *self, LoomConsole *console)
{
  GtkNotebook *notebook = GTK_NOTEBOOK (self);
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (console));
  int page;

  g_object_ref (console);
  if (parent != NULL)
    gtk_container_remove (GTK_CONTAINER (parent), GTK_WIDGET (console));
  page = gtk_notebook_append_page (notebook, GTK_WIDGET (console), make_tab (console));
  gtk_notebook_set_tab_reorderable (notebook, GTK_WIDGET (console), TRUE);
  gtk_notebook_set_tab_detachable (notebook, GTK_WIDGET (console), TRUE);
  gtk_container_child_set (GTK_CONTAINER (self), GTK_WIDGET (console), "tab-expand", TRUE,
                           "tab-fill", TRUE, NULL);
  gtk_widget_show (GTK_WIDGET (console));
  gtk_notebook_set_current_page (notebook, page);
  g_object_unref (console);
}
