/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/frames-bar.h"

#include <glib/gi18n-lib.h>

enum {
  RUN,
  SHOW_ONLY,
  CATCH_ONLY,
  CLEAR,
  SAVE,
  VIEW,
  CLOSE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _LoomFramesBar {
  GtkBox parent_instance;

  GtkWidget *run;
  GtkImage *run_icon;
  GtkLabel *title;
  GtkEntry *show_only;
  GtkEntry *catch_only;
  GtkWidget *of_frames[3]; /* buttons that want some */
};

G_DEFINE_TYPE (LoomFramesBar, loom_frames_bar, GTK_TYPE_BOX)

/* What is clicked or activated says by this which signal it means. */
static void
set_signal (GtkWidget *widget, int signal)
{
  g_object_set_data (G_OBJECT (widget), "loom-signal", GINT_TO_POINTER (signal));
}

static void
on_asked (GtkWidget *widget, LoomFramesBar *self)
{
  int signal = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (widget), "loom-signal"));

  g_signal_emit (self, signals[signal], 0);
}

static void
on_icon_released (GtkEntry *entry, GtkEntryIconPosition position, GdkEvent *event,
                  gpointer user_data)
{
  gtk_entry_set_text (entry, "");
  gtk_widget_activate (GTK_WIDGET (entry));
}

static void
on_entry_changed (GtkEntry *entry, gpointer user_data)
{
  gboolean has_text = gtk_entry_get_text_length (entry) > 0;

  gtk_entry_set_icon_from_icon_name (entry, GTK_ENTRY_ICON_SECONDARY,
                                     has_text ? "edit-clear-symbolic" : NULL);
}

static GtkWidget *
add_button (LoomFramesBar *self, const char *icon, const char *name, int signal)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon, GTK_ICON_SIZE_BUTTON);

  gtk_widget_set_tooltip_text (button, name);
  atk_object_set_name (gtk_widget_get_accessible (button), name);
  gtk_button_set_relief (GTK_BUTTON (button), GTK_RELIEF_NONE);
  set_signal (button, signal);
  g_signal_connect (button, "clicked", G_CALLBACK (on_asked), self);
  gtk_box_pack_start (GTK_BOX (self), button, FALSE, FALSE, 0);
  return button;
}

static GtkEntry *
add_entry (LoomFramesBar *self, const char *name, const char *placeholder, const char *tooltip,
           int signal)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), placeholder);
  gtk_entry_set_width_chars (GTK_ENTRY (entry), 14);
  gtk_widget_set_tooltip_text (entry, tooltip);
  atk_object_set_name (gtk_widget_get_accessible (entry), name);
  set_signal (entry, signal);
  g_signal_connect (entry, "activate", G_CALLBACK (on_asked), self);
  g_signal_connect (entry, "changed", G_CALLBACK (on_entry_changed), self);
  g_signal_connect (entry, "icon-release", G_CALLBACK (on_icon_released), self);
  gtk_box_pack_start (GTK_BOX (self), entry, TRUE, TRUE, 0);
  return GTK_ENTRY (entry);
}

static void
loom_frames_bar_class_init (LoomFramesBarClass *klass)
{
  static const char *const names[N_SIGNALS] = {
      [RUN] = "run",   [SHOW_ONLY] = "show-only", [CATCH_ONLY] = "catch-only", [CLEAR] = "clear",
      [SAVE] = "save", [VIEW] = "view",           [CLOSE] = "close",
  };

  for (int i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], LOOM_TYPE_FRAMES_BAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 0);
}

static void
add_title (LoomFramesBar *self)
{
  GtkWidget *title = gtk_label_new (NULL);

  self->title = GTK_LABEL (title);
  gtk_label_set_ellipsize (self->title, PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (self->title, 0);
  gtk_label_set_width_chars (self->title, 12);
  gtk_style_context_add_class (gtk_widget_get_style_context (title), "loom-card-title");
  gtk_box_pack_start (GTK_BOX (self), title, TRUE, TRUE, 4);
}

static void
loom_frames_bar_init (LoomFramesBar *self)
{
  gtk_box_set_spacing (GTK_BOX (self), 4);
  self->run = add_button (self, "media-record-symbolic", "", RUN);
  self->run_icon = GTK_IMAGE (gtk_button_get_image (GTK_BUTTON (self->run)));
  add_title (self);
  self->show_only = add_entry (self, _ ("Show Only"), _ ("Show only: icmp, ip.addr == 10.0.0.1…"),
                               _ ("Which of the frames are shown, as Wireshark has it"), SHOW_ONLY);
  self->catch_only = add_entry (self, _ ("Catch Only"), _ ("Catch only: arp, tcp port 80…"),
                                _ ("Which frames are caught, as tcpdump has it; begins anew"),
                                CATCH_ONLY);
  self->of_frames[0] = add_button (self, "edit-clear-all-symbolic", _ ("Clear the List"), CLEAR);
  self->of_frames[1] = add_button (self, "document-save-as-symbolic", _ ("Save Frames…"), SAVE);
  self->of_frames[2] = add_button (self, "document-send-symbolic", _ ("Open in Wireshark"), VIEW);
  add_button (self, "window-close-symbolic", _ ("Close Frames"), CLOSE);
}

GtkWidget *
loom_frames_bar_new (void)
{
  return g_object_new (LOOM_TYPE_FRAMES_BAR, NULL);
}

void
loom_frames_bar_set_title (LoomFramesBar *self, const char *title)
{
  gtk_label_set_text (self->title, title);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->title), title);
}

void
loom_frames_bar_set_running (LoomFramesBar *self, gboolean running, gboolean can_run)
{
  const char *name = running ? _ ("Stop") : _ ("Start Again");

  gtk_image_set_from_icon_name (self->run_icon,
                                running ? "media-playback-stop-symbolic" : "media-record-symbolic",
                                GTK_ICON_SIZE_BUTTON);
  gtk_widget_set_tooltip_text (self->run, name);
  atk_object_set_name (gtk_widget_get_accessible (self->run), name);
  gtk_widget_set_sensitive (self->run, can_run);
}

void
loom_frames_bar_set_has_frames (LoomFramesBar *self, gboolean has_frames)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->of_frames); i++)
    gtk_widget_set_sensitive (self->of_frames[i], has_frames);
}

static void
set_bad (GtkEntry *entry, gboolean is_bad)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (entry));

  if (is_bad)
    gtk_style_context_add_class (style, GTK_STYLE_CLASS_ERROR);
  else
    gtk_style_context_remove_class (style, GTK_STYLE_CLASS_ERROR);
}

const char *
loom_frames_bar_get_show_only (LoomFramesBar *self)
{
  return gtk_entry_get_text (self->show_only);
}

void
loom_frames_bar_set_show_only_state (LoomFramesBar *self, gboolean can_filter, gboolean is_bad)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->show_only), can_filter);
  set_bad (self->show_only, is_bad);
}

const char *
loom_frames_bar_get_catch_only (LoomFramesBar *self)
{
  return gtk_entry_get_text (self->catch_only);
}

void
loom_frames_bar_set_catch_only_bad (LoomFramesBar *self, gboolean is_bad)
{
  set_bad (self->catch_only, is_bad);
}
