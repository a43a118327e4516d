/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/notices.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "canvas/model/text.h"

#define KEY_NOTICE "loom-notice"
#define MAX_DETAIL_HEIGHT 160
#define MAX_PLAIN_BYTES 600 /* what is longer is scrolled */

struct _LoomNotices {
  GtkBox parent_instance;
};

G_DEFINE_TYPE (LoomNotices, loom_notices, GTK_TYPE_BOX)

typedef struct {
  char *id;
  LoomNoticeFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
} Notice;

static void
notice_free (Notice *notice)
{
  if (notice->destroy != NULL)
    notice->destroy (notice->user_data);
  g_free (notice->id);
  g_free (notice);
}

static void
on_response (GtkInfoBar *bar, int response, gpointer user_data)
{
  Notice *notice = g_object_steal_data (G_OBJECT (bar), KEY_NOTICE);

  gtk_widget_destroy (GTK_WIDGET (bar));
  if (notice == NULL)
    return;
  if (notice->func != NULL)
    notice->func (response >= 0 ? response : -1, notice->user_data);
  notice_free (notice);
}

/* A stranger may have named what is spoken of. */
static GtkWidget *
make_label (const char *text)
{
  g_autofree char *shown = loom_text_escape (text, TRUE);
  GtkWidget *label = gtk_label_new (shown);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_line_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_can_focus (label, FALSE);
  return label;
}

static void
add_texts (GtkInfoBar *bar, const char *title, const char *detail)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *head = make_label (title);

  gtk_style_context_add_class (gtk_widget_get_style_context (head), "loom-notice-title");
  gtk_container_add (GTK_CONTAINER (box), head);
  if (detail != NULL && detail[0] != '\0' && strlen (detail) <= MAX_PLAIN_BYTES) {
    /* A scrolled window asks for the height of the text as if it were wide: lines that wrap would
     * be cut. */
    gtk_container_add (GTK_CONTAINER (box), make_label (detail));
  } else if (detail != NULL && detail[0] != '\0') {
    GtkWidget *scroll = gtk_scrolled_window_new (NULL, NULL);

    gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER,
                                    GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroll), TRUE);
    gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroll), MAX_DETAIL_HEIGHT);
    gtk_container_add (GTK_CONTAINER (scroll), make_label (detail));
    gtk_container_add (GTK_CONTAINER (box), scroll);
  }
  gtk_widget_set_hexpand (box, TRUE);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_container_add (GTK_CONTAINER (gtk_info_bar_get_content_area (bar)), box);
}

static void
loom_notices_class_init (LoomNoticesClass *klass)
{
}

static void
loom_notices_init (LoomNotices *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), _ ("Notices"));
}

GtkWidget *
loom_notices_new (void)
{
  return g_object_new (LOOM_TYPE_NOTICES, NULL);
}

void
loom_notices_add (LoomNotices *self, const char *id, GtkMessageType type, const char *title,
                  const char *detail, const char *const *buttons, LoomNoticeFunc func,
                  gpointer user_data, GDestroyNotify destroy)
{
  GtkWidget *bar = gtk_info_bar_new ();
  Notice *notice = g_new0 (Notice, 1);

  loom_notices_remove (self, id);
  notice->id = g_strdup (id);
  notice->func = func;
  notice->user_data = user_data;
  notice->destroy = destroy;
  g_object_set_data_full (G_OBJECT (bar), KEY_NOTICE, notice, (GDestroyNotify) notice_free);
  gtk_info_bar_set_message_type (GTK_INFO_BAR (bar), type);
  gtk_info_bar_set_show_close_button (GTK_INFO_BAR (bar), TRUE);
  add_texts (GTK_INFO_BAR (bar), title, detail);
  /* Whoever types at a console and clicks there goes on typing at the console. */
  for (int i = 0; buttons != NULL && buttons[i] != NULL; i++)
    gtk_widget_set_focus_on_click (gtk_info_bar_add_button (GTK_INFO_BAR (bar), buttons[i], i),
                                   FALSE);
  g_signal_connect (bar, "response", G_CALLBACK (on_response), NULL);
  atk_object_set_role (gtk_widget_get_accessible (bar), ATK_ROLE_ALERT);
  atk_object_set_name (gtk_widget_get_accessible (bar), title);
  gtk_container_add (GTK_CONTAINER (self), bar);
  gtk_widget_show_all (bar);
}

void
loom_notices_remove (LoomNotices *self, const char *id)
{
  g_autoptr (GList) bars = gtk_container_get_children (GTK_CONTAINER (self));

  for (GList *bar = bars; bar != NULL; bar = bar->next) {
    const Notice *notice = g_object_get_data (bar->data, KEY_NOTICE);

    if (notice != NULL && g_str_equal (notice->id, id))
      gtk_widget_destroy (bar->data);
  }
}
