/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See console-word.h. */

#include "gui/console-word.h"

#include <glib/gi18n-lib.h>

#define SHOWN_MS 5000

enum {
  GIVEN_UP,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _LoomConsoleWord {
  GtkRevealer parent_instance;

  GtkWidget *label;
  GtkWidget *cancel;
  guint hide_source;
};

G_DEFINE_TYPE (LoomConsoleWord, loom_console_word, GTK_TYPE_REVEALER)

static gboolean
on_hide_due (gpointer user_data)
{
  LoomConsoleWord *self = user_data;

  self->hide_source = 0;
  loom_console_word_done (self);
  return G_SOURCE_REMOVE;
}

static void
on_cancel_clicked (GtkButton *button, LoomConsoleWord *self)
{
  g_signal_emit (self, signals[GIVEN_UP], 0);
}

static void
show (LoomConsoleWord *self, const char *text, gboolean can_cancel)
{
  g_clear_handle_id (&self->hide_source, g_source_remove);
  gtk_label_set_text (GTK_LABEL (self->label), text);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), text);
  gtk_widget_set_visible (self->cancel, can_cancel);
  gtk_widget_show (GTK_WIDGET (self));
  gtk_revealer_set_reveal_child (GTK_REVEALER (self), TRUE);
}

static void
loom_console_word_dispose (GObject *object)
{
  g_clear_handle_id (&LOOM_CONSOLE_WORD (object)->hide_source, g_source_remove);
  G_OBJECT_CLASS (loom_console_word_parent_class)->dispose (object);
}

static void
loom_console_word_class_init (LoomConsoleWordClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = loom_console_word_dispose;
  signals[GIVEN_UP] = g_signal_new ("given-up", LOOM_TYPE_CONSOLE_WORD, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 0);
}

static void
loom_console_word_init (LoomConsoleWord *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  self->label = gtk_label_new (NULL);
  gtk_label_set_line_wrap (GTK_LABEL (self->label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->label), 60);
  self->cancel = gtk_button_new_with_mnemonic (_ ("_Cancel"));
  gtk_widget_set_focus_on_click (self->cancel, FALSE);
  gtk_widget_set_valign (self->cancel, GTK_ALIGN_CENTER);
  g_signal_connect (self->cancel, "clicked", G_CALLBACK (on_cancel_clicked), self);
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "app-notification");
  gtk_container_add (GTK_CONTAINER (box), self->label);
  gtk_container_add (GTK_CONTAINER (box), self->cancel);
  gtk_widget_show_all (box);
  gtk_widget_set_no_show_all (GTK_WIDGET (self), TRUE);
  gtk_container_add (GTK_CONTAINER (self), box);
  gtk_revealer_set_transition_type (GTK_REVEALER (self), GTK_REVEALER_TRANSITION_TYPE_NONE);
  gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_END);
}

GtkWidget *
loom_console_word_new (void)
{
  return g_object_new (LOOM_TYPE_CONSOLE_WORD, NULL);
}

void
loom_console_word_say (LoomConsoleWord *self, const char *text)
{
  show (self, text, FALSE);
  self->hide_source = g_timeout_add (SHOWN_MS, on_hide_due, self);
}

void
loom_console_word_begin (LoomConsoleWord *self, const char *text)
{
  show (self, text, TRUE);
}

void
loom_console_word_done (LoomConsoleWord *self)
{
  g_clear_handle_id (&self->hide_source, g_source_remove);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self), FALSE);
  gtk_widget_hide (GTK_WIDGET (self));
}
