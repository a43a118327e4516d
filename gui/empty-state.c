/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What an empty canvas shows: how to begin, and the labs that ship. It lies over the canvas, so it
 * takes what is dropped on it as the canvas would, and is no larger than what it shows. Where the
 * canvas is lower than that, it scrolls. */

#include "gui/window-private.h"

#include <glib/gi18n-lib.h>

#include "backend/engine/paths.h"

#define KEY_PATH "loom-path"
#define MIN_CHARACTERS 12
#define MAX_CHARACTERS 54
#define MARGIN 12

typedef struct {
  const char *file;
  const char *title;
  const char *text;
} Shipped;

static const Shipped shipped[] = {
    {"two-machines.lanloom", N_ ("Two Machines"), N_ ("One cable between them: the first ping.")},
    {"one-switch.lanloom", N_ ("One Switch"), N_ ("Four machines around a switch.")},
    {"two-switches.lanloom", N_ ("Two Switches"), N_ ("VLANs 10 and 20 over a trunk.")},
};

static void
on_lab_clicked (GtkButton *button, LoomWindow *window)
{
  const char *path = g_object_get_data (G_OBJECT (button), KEY_PATH);

  loom_window_open (window, path, NULL);
}

static void
on_drag_data_received (GtkWidget *widget, GdkDragContext *context, int x, int y,
                       GtkSelectionData *data, guint info, guint time, LoomWindow *window)
{
  int size = gtk_selection_data_get_length (data);
  g_autofree char *kind = NULL;

  if (size <= 0 || size > 256)
    return;
  kind = g_strndup ((const char *) gtk_selection_data_get_data (data), size);
  g_free (loom_canvas_add_kind (window->canvas, kind));
}

/* In a small window the canvas is narrow. */
static GtkWidget *
make_text (const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_width_chars (GTK_LABEL (label), MIN_CHARACTERS);
  gtk_style_context_add_class (gtk_widget_get_style_context (label), style);
  return label;
}

static GtkWidget *
make_lab_button (LoomWindow *window, const Shipped *lab)
{
  GtkWidget *button = gtk_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *title = make_text (_ (lab->title), "loom-card-title");
  GtkWidget *text = make_text (_ (lab->text), "dim-label");
  g_autofree char *relative = g_build_filename ("labs", lab->file, NULL);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_container_add (GTK_CONTAINER (box), title);
  gtk_container_add (GTK_CONTAINER (box), text);
  gtk_container_add (GTK_CONTAINER (button), box);
  gtk_style_context_add_class (gtk_widget_get_style_context (button), "loom-card");
  g_object_set_data_full (G_OBJECT (button), KEY_PATH, loom_paths_dup_data (relative), g_free);
  atk_object_set_name (gtk_widget_get_accessible (button), _ (lab->title));
  atk_object_set_description (gtk_widget_get_accessible (button), _ (lab->text));
  g_signal_connect (button, "clicked", G_CALLBACK (on_lab_clicked), window);
  return button;
}

static GtkWidget *
make_content (LoomWindow *window)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  GtkWidget *title = make_text (_ ("Draw Your Lab"), "loom-empty-title");
  GtkWidget *text = make_text (_ ("Drag machines and switches from the left onto this canvas, "
                                  "pull cables from one to another, and press Start."),
                               "dim-label");
  GtkWidget * or = make_text (_ ("Or open one that ships:"), "dim-label");

  gtk_label_set_justify (GTK_LABEL (title), GTK_JUSTIFY_CENTER);
  gtk_label_set_justify (GTK_LABEL (text), GTK_JUSTIFY_CENTER);
  gtk_label_set_max_width_chars (GTK_LABEL (text), MAX_CHARACTERS);
  gtk_widget_set_margin_top (or, 14);
  gtk_container_add (GTK_CONTAINER (box), title);
  gtk_container_add (GTK_CONTAINER (box), text);
  gtk_container_add (GTK_CONTAINER (box), or);
  for (guint i = 0; i < G_N_ELEMENTS (shipped); i++)
    gtk_container_add (GTK_CONTAINER (box), make_lab_button (window, &shipped[i]));
  g_object_set (box, "margin", MARGIN, NULL);
  return box;
}

/* In the middle. GTK would give it the height that it has at its full width. */
static gboolean
on_get_child_position (GtkOverlay *overlay, GtkWidget *widget, GdkRectangle *allocation,
                       GtkWidget *self)
{
  GtkWidget *content = gtk_bin_get_child (GTK_BIN (gtk_bin_get_child (GTK_BIN (self))));
  int width = gtk_widget_get_allocated_width (GTK_WIDGET (overlay));
  int height = gtk_widget_get_allocated_height (GTK_WIDGET (overlay));
  int wanted;

  if (widget != self)
    return FALSE;
  gtk_widget_get_preferred_width (content, NULL, &wanted);
  allocation->width = MIN (wanted, width);
  gtk_widget_get_preferred_height_for_width (content, allocation->width, NULL, &wanted);
  allocation->height = MIN (wanted, height);
  allocation->x = (width - allocation->width) / 2;
  allocation->y = (height - allocation->height) / 2;
  return TRUE;
}

GtkWidget *
loom_empty_state_lay_over (GtkOverlay *overlay, LoomWindow *window)
{
  static const GtkTargetEntry target = {(char *) LOOM_CANVAS_DROP_TARGET, GTK_TARGET_SAME_APP, 0};
  GtkWidget *scroll = gtk_scrolled_window_new (NULL, NULL);

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  /* That there is more is seen before anybody moves the pointer. */
  gtk_scrolled_window_set_overlay_scrolling (GTK_SCROLLED_WINDOW (scroll), FALSE);
  gtk_container_add (GTK_CONTAINER (scroll), make_content (window));
  gtk_drag_dest_set (scroll, GTK_DEST_DEFAULT_ALL, &target, 1, GDK_ACTION_COPY);
  g_signal_connect (scroll, "drag-data-received", G_CALLBACK (on_drag_data_received), window);
  gtk_widget_show_all (scroll);
  gtk_widget_set_no_show_all (scroll, TRUE);
  gtk_overlay_add_overlay (overlay, scroll);
  g_signal_connect_object (overlay, "get-child-position", G_CALLBACK (on_get_child_position),
                           scroll, 0);
  return scroll;
}
