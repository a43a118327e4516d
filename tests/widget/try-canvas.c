/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A window with the sample lab running, to try the canvas by hand: try-canvas [mesh|dark|quiet]….
 */

#include "canvas/widget/canvas.h"

#include "tests/unit/scene/sample.h"

typedef struct {
  LoomLab *lab;
  LoomStatus *status;
  GtkLabel *line;
  int round;
} Trial;

static gboolean
on_beat (gpointer user_data)
{
  Trial *trial = user_data;

  sample_traffic (trial->lab, trial->status, ++trial->round);
  return G_SOURCE_CONTINUE;
}

static void
on_message (LoomCanvas *canvas, const char *text, Trial *trial)
{
  gtk_label_set_text (trial->line, text);
}

static void
on_activated (LoomCanvas *canvas, const char *id, Trial *trial)
{
  g_autofree char *text = g_strdup_printf ("activated %s", id);

  gtk_label_set_text (trial->line, text);
}

static void
on_context_menu (LoomCanvas *canvas, GdkEvent *event, int kind, const char *id, Trial *trial)
{
  g_autofree char *text = g_strdup_printf ("menu of %s", id != NULL ? id : "nothing");

  gtk_label_set_text (trial->line, text);
}

static void
on_drag_data_get (GtkWidget *widget, GdkDragContext *context, GtkSelectionData *data, guint info,
                  guint time, gpointer user_data)
{
  gtk_selection_data_set (data, gtk_selection_data_get_target (data), 8, (const guchar *) "switch",
                          6);
}

static GtkWidget *
new_palette (void)
{
  static const GtkTargetEntry targets[] = {
      {(char *) LOOM_CANVAS_DROP_TARGET, GTK_TARGET_SAME_APP, 0}};
  GtkWidget *button = gtk_button_new_with_label ("Switch");

  gtk_drag_source_set (button, GDK_BUTTON1_MASK, targets, 1, GDK_ACTION_COPY);
  g_signal_connect (button, "drag-data-get", G_CALLBACK (on_drag_data_get), NULL);
  return button;
}

int
main (int argc, char *argv[])
{
  gtk_init (&argc, &argv);
  const char *const *words = (const char *const *) argv;
  gboolean is_mesh = g_strv_contains (words, "mesh");
  g_autoptr (LoomLab) lab = is_mesh ? sample_mesh (1000, 2000) : sample_campus ();
  g_autoptr (LoomStatus) status = sample_campus_status ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  Trial trial = {lab, status};

  g_object_set (gtk_settings_get_default (), "gtk-application-prefer-dark-theme",
                g_strv_contains (words, "dark"), NULL);
  GtkWidget *window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *canvas = loom_canvas_new ();
  trial.line = GTK_LABEL (gtk_label_new (""));
  gtk_window_set_default_size (GTK_WINDOW (window), 1100, 700);
  gtk_box_pack_start (GTK_BOX (box), new_palette (), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), canvas, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), GTK_WIDGET (trial.line), FALSE, FALSE, 4);
  gtk_container_add (GTK_CONTAINER (window), box);
  loom_canvas_set_document (LOOM_CANVAS (canvas), history, status);
  g_signal_connect (canvas, "message", G_CALLBACK (on_message), &trial);
  g_signal_connect (canvas, "node-activated", G_CALLBACK (on_activated), &trial);
  g_signal_connect (canvas, "link-activated", G_CALLBACK (on_activated), &trial);
  g_signal_connect (canvas, "context-menu", G_CALLBACK (on_context_menu), &trial);
  g_signal_connect (window, "destroy", G_CALLBACK (gtk_main_quit), NULL);
  gtk_widget_show_all (window);
  gtk_widget_grab_focus (canvas);
  if (!g_strv_contains (words, "quiet"))
    g_timeout_add (100, on_beat, &trial);
  gtk_main ();
  return 0;
}
