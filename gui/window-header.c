/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The header bar: its buttons, and what title and buttons say about the lab. */

#include "gui/window-private.h"

#include <glib/gi18n-lib.h>

#include "gui/words.h"

void
loom_window_update_title (LoomWindow *self)
{
  g_autofree char *name = loom_document_dup_title (self->document);
  g_autofree char *title = loom_document_get_modified (self->document)
                               ? g_strdup_printf ("• %s", name)
                               : g_strdup (name);

  gtk_header_bar_set_title (self->header, title);
  gtk_window_set_title (GTK_WINDOW (self), title);
}

void
loom_window_update_subtitle (LoomWindow *self)
{
  g_autofree char *subtitle = loom_words_subtitle (
      loom_document_get_lab (self->document), loom_session_get_status (self->session),
      loom_session_get_running_us (self->session), loom_session_get_cpu_percent (self->session),
      loom_session_get_memory_kib (self->session), loom_session_get_kvm (self->session));

  if (g_strcmp0 (gtk_header_bar_get_subtitle (self->header), subtitle) != 0)
    gtk_header_bar_set_subtitle (self->header, subtitle);
}

static void
update_start_button (LoomWindow *self)
{
  GtkStyleContext *style = gtk_widget_get_style_context (self->start_button);
  LoomLabState state = loom_session_get_state (self->session);
  const char *label = _ ("Start");
  const char *icon = "media-playback-start-symbolic";
  const char *tooltip = _ ("Start the Lab (F5)");

  if (state == LOOM_LAB_STARTING && loom_session_get_client (self->session) == NULL) {
    label = _ ("Cancel");
    icon = "process-stop-symbolic";
    tooltip = _ ("Give Up the Start (Shift+F5)");
  } else if (state == LOOM_LAB_RUNNING || state == LOOM_LAB_STARTING) {
    label = state == LOOM_LAB_STARTING ? _ ("Cancel") : _ ("Stop");
    icon = "media-playback-stop-symbolic";
    tooltip = _ ("Stop the Lab: Nothing of It Remains (Shift+F5)");
  } else if (state == LOOM_LAB_STOPPING) {
    label = _ ("Stopping…");
    tooltip = _ ("The Lab Is Being Taken Down");
  }
  gtk_label_set_text (self->start_label, label);
  gtk_image_set_from_icon_name (self->start_icon, icon, GTK_ICON_SIZE_BUTTON);
  gtk_widget_set_visible (GTK_WIDGET (self->start_icon), state != LOOM_LAB_STOPPING);
  gtk_widget_set_visible (GTK_WIDGET (self->start_spinner), state == LOOM_LAB_STOPPING);
  g_object_set (self->start_spinner, "active", state == LOOM_LAB_STOPPING, NULL);
  gtk_widget_set_tooltip_text (self->start_button, tooltip);
  atk_object_set_name (gtk_widget_get_accessible (self->start_button), label);
  if (state == LOOM_LAB_OFF) {
    gtk_style_context_add_class (style, GTK_STYLE_CLASS_SUGGESTED_ACTION);
    gtk_style_context_remove_class (style, GTK_STYLE_CLASS_DESTRUCTIVE_ACTION);
  } else {
    gtk_style_context_remove_class (style, GTK_STYLE_CLASS_SUGGESTED_ACTION);
    gtk_style_context_add_class (style, GTK_STYLE_CLASS_DESTRUCTIVE_ACTION);
  }
}

static void
update_pause_button (LoomWindow *self)
{
  guint n_running, n_paused;
  gboolean resumes;
  g_autofree char *was = gtk_widget_get_tooltip_text (self->pause_button);
  const char *tooltip;

  loom_words_count_power (loom_document_get_lab (self->document),
                          loom_session_get_status (self->session), &n_running, &n_paused);
  resumes = n_running == 0 && n_paused > 0;
  tooltip = resumes ? _ ("Let Every Machine Go On (Ctrl+Shift+P)")
                    : _ ("Pause Every Machine (Ctrl+Shift+P)");
  if (g_strcmp0 (was, tooltip) == 0)
    return;
  gtk_button_set_image (GTK_BUTTON (self->pause_button),
                        gtk_image_new_from_icon_name (resumes ? "media-playback-start-symbolic"
                                                              : "media-playback-pause-symbolic",
                                                      GTK_ICON_SIZE_BUTTON));
  gtk_widget_set_tooltip_text (self->pause_button, tooltip);
  atk_object_set_name (gtk_widget_get_accessible (self->pause_button),
                       resumes ? _ ("Resume") : _ ("Pause"));
}

void
loom_window_update_header (LoomWindow *self)
{
  loom_window_update_title (self);
  loom_window_update_subtitle (self);
  update_start_button (self);
  update_pause_button (self);
}

static GtkWidget *
make_button (const char *icon_name, const char *action_name, const char *tooltip)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon_name, GTK_ICON_SIZE_BUTTON);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action_name);
  gtk_widget_set_tooltip_text (button, tooltip);
  atk_object_set_name (gtk_widget_get_accessible (button), tooltip);
  return button;
}

static GtkWidget *
make_linked (GtkWidget *one, GtkWidget *other)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_style_context_add_class (gtk_widget_get_style_context (box), GTK_STYLE_CLASS_LINKED);
  gtk_container_add (GTK_CONTAINER (box), one);
  gtk_container_add (GTK_CONTAINER (box), other);
  return box;
}

static GtkWidget *
make_menu_button (const char *icon_name, const char *name, GMenuModel *menu)
{
  GtkWidget *button = gtk_menu_button_new ();

  gtk_button_set_image (GTK_BUTTON (button),
                        gtk_image_new_from_icon_name (icon_name, GTK_ICON_SIZE_BUTTON));
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), menu);
  gtk_widget_set_tooltip_text (button, name);
  atk_object_set_name (gtk_widget_get_accessible (button), name);
  return button;
}

static void
on_recent_toggled (GtkToggleButton *button, LoomWindow *self)
{
  if (gtk_toggle_button_get_active (button))
    loom_window_update_recent (self);
}

static void
build_start_button (LoomWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->start_button = gtk_button_new ();
  self->start_icon = GTK_IMAGE (gtk_image_new ());
  self->start_spinner = GTK_SPINNER (gtk_spinner_new ());
  self->start_label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_width_chars (self->start_label, 7);
  gtk_widget_set_no_show_all (GTK_WIDGET (self->start_icon), TRUE);
  gtk_widget_set_no_show_all (GTK_WIDGET (self->start_spinner), TRUE);
  gtk_container_add (GTK_CONTAINER (box), GTK_WIDGET (self->start_icon));
  gtk_container_add (GTK_CONTAINER (box), GTK_WIDGET (self->start_spinner));
  gtk_container_add (GTK_CONTAINER (box), GTK_WIDGET (self->start_label));
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_container_add (GTK_CONTAINER (self->start_button), box);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->start_button), "win.toggle-run");
}

/* What it is for, and the key that does the same without a hand on the mouse. */
static GtkWidget *
make_find_button (void)
{
  GtkWidget *button = gtk_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *key = gtk_label_new (_ ("Ctrl+K"));

  gtk_style_context_add_class (gtk_widget_get_style_context (key), GTK_STYLE_CLASS_DIM_LABEL);
  gtk_container_add (GTK_CONTAINER (box), gtk_label_new (_ ("Find")));
  gtk_container_add (GTK_CONTAINER (box), key);
  gtk_container_add (GTK_CONTAINER (button), box);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.find");
  gtk_widget_set_tooltip_text (button, _ ("Find an Action, a Node or a Cable (Ctrl+K)"));
  atk_object_set_name (gtk_widget_get_accessible (button), _ ("Find"));
  return button;
}

void
loom_window_build_header (LoomWindow *self)
{
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource ("/org/lanloom/Lanloom/menus.ui");
  GtkWidget *header = gtk_header_bar_new ();
  GtkWidget *open = gtk_button_new_with_mnemonic (_ ("_Open"));
  GtkWidget *panes;
  GtkWidget *menu;

  self->header = GTK_HEADER_BAR (header);
  gtk_header_bar_set_show_close_button (self->header, TRUE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (open), "win.open");
  gtk_widget_set_tooltip_text (open, _ ("Open a Lab (Ctrl+O)"));
  self->recent_menu = g_menu_new ();
  self->recent_button = make_menu_button ("pan-down-symbolic", _ ("Recent Labs"),
                                          G_MENU_MODEL (self->recent_menu));
  g_signal_connect (self->recent_button, "toggled", G_CALLBACK (on_recent_toggled), self);
  gtk_header_bar_pack_start (self->header, make_linked (open, self->recent_button));
  gtk_header_bar_pack_start (
      self->header, make_button ("document-new-symbolic", "win.new", _ ("New Lab (Ctrl+N)")));
  gtk_header_bar_pack_start (
      self->header,
      make_linked (make_button ("edit-undo-symbolic", "win.undo", _ ("Undo (Ctrl+Z)")),
                   make_button ("edit-redo-symbolic", "win.redo", _ ("Redo (Ctrl+Shift+Z)"))));
  build_start_button (self);
  menu = make_menu_button ("open-menu-symbolic", _ ("Menu"),
                           G_MENU_MODEL (gtk_builder_get_object (builder, "menu")));
  g_object_set_data (G_OBJECT (self), "loom-menu-button", menu);
  panes = make_menu_button ("view-dual-symbolic", _ ("Panes"),
                            G_MENU_MODEL (gtk_builder_get_object (builder, "panes")));
  gtk_header_bar_pack_end (self->header, menu);
  gtk_header_bar_pack_end (self->header, panes);
  gtk_header_bar_pack_end (self->header, self->start_button);
  self->pause_button = make_button ("media-playback-pause-symbolic", "win.pause", _ ("Pause"));
  gtk_header_bar_pack_end (self->header, self->pause_button);
  self->find_button = make_find_button ();
  gtk_header_bar_pack_end (self->header, self->find_button);
  gtk_window_set_titlebar (GTK_WINDOW (self), header);
}
