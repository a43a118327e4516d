/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Dots as the canvas draws them, with their names. */

#include "gui/frame-legend.h"

#include <glib/gi18n-lib.h>

#include "canvas/scene/scene.h"
#include "canvas/widget/gtk-theme.h"
#include "gui/frame-class.h"

#define SIZE_PX 16
#define READABLE 3.0
#define IS_LOST GUINT_TO_POINTER (LOOM_N_FRAME_CLASSES)

static void
set_color (cairo_t *cr, const LoomColor *color)
{
  cairo_set_source_rgb (cr, color->red, color->green, color->blue);
}

static void
draw_cross (cairo_t *cr, const LoomColor *color)
{
  const double arm = 4.5;

  cairo_translate (cr, SIZE_PX / 2.0, SIZE_PX / 2.0);
  cairo_move_to (cr, -arm, -arm);
  cairo_line_to (cr, arm, arm);
  cairo_move_to (cr, -arm, arm);
  cairo_line_to (cr, arm, -arm);
  cairo_set_line_width (cr, 2.5);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  set_color (cr, color);
  cairo_stroke (cr);
}

static void
draw_letter (GtkWidget *widget, cairo_t *cr, const char *letter, const LoomColor *on)
{
  static const LoomColor black = {0, 0, 0};
  static const LoomColor white = {1, 1, 1};
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, NULL);
  g_autofree char *markup = g_markup_printf_escaped ("<small><b>%s</b></small>", letter);
  int width, height;

  pango_layout_set_markup (layout, markup, -1);
  pango_layout_get_pixel_size (layout, &width, &height);
  set_color (cr, loom_color_contrast (on, &white) >= READABLE ? &white : &black);
  cairo_move_to (cr, (SIZE_PX - width) / 2.0, (SIZE_PX - height) / 2.0);
  pango_cairo_show_layout (cr, layout);
}

static gboolean
on_draw (GtkWidget *widget, cairo_t *cr, gpointer data)
{
  LoomTheme theme;
  GdkRGBA rgba;
  LoomColor fill;

  loom_theme_init_from_gtk (&theme, widget);
  if (data == IS_LOST) {
    draw_cross (cr, &theme.bad);
    return TRUE;
  }
  gdk_rgba_parse (&rgba, loom_frame_class_get_color (GPOINTER_TO_UINT (data)));
  fill = (LoomColor){rgba.red, rgba.green, rgba.blue};
  fill = loom_color_readable (&fill, &theme.background, READABLE);
  cairo_arc (cr, SIZE_PX / 2.0, SIZE_PX / 2.0, SIZE_PX / 2.0 - 1, 0, 2 * G_PI);
  set_color (cr, &fill);
  cairo_fill (cr);
  draw_letter (widget, cr, loom_frame_class_get_letter (GPOINTER_TO_UINT (data)), &fill);
  return TRUE;
}

static void
add (GtkContainer *box, gpointer what, const char *label)
{
  GtkWidget *entry = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  GtkWidget *dot = gtk_drawing_area_new ();

  gtk_widget_set_size_request (dot, SIZE_PX, SIZE_PX);
  gtk_widget_set_valign (dot, GTK_ALIGN_CENTER);
  g_signal_connect (dot, "draw", G_CALLBACK (on_draw), what);
  gtk_container_add (GTK_CONTAINER (entry), dot);
  gtk_container_add (GTK_CONTAINER (entry), gtk_label_new (label));
  gtk_container_add (box, entry);
}

GtkWidget *
loom_frame_legend_new (void)
{
  GtkWidget *box = gtk_flow_box_new ();

  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (box), GTK_SELECTION_NONE);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (box), 16);
  gtk_flow_box_set_min_children_per_line (GTK_FLOW_BOX (box), 3);
  for (guint i = 1; i < LOOM_N_FRAME_CLASSES; i++)
    add (GTK_CONTAINER (box), GUINT_TO_POINTER (i), loom_frame_class_get_label (i));
  add (GTK_CONTAINER (box), GUINT_TO_POINTER (LOOM_FRAME_OTHER),
       loom_frame_class_get_label (LOOM_FRAME_OTHER));
  add (GTK_CONTAINER (box), IS_LOST, _ ("lost"));
  gtk_style_context_add_class (gtk_widget_get_style_context (box), "loom-legend");
  gtk_widget_set_halign (box, GTK_ALIGN_START);
  gtk_widget_set_valign (box, GTK_ALIGN_START);
  atk_object_set_name (gtk_widget_get_accessible (box), _ ("Colours of Frames"));
  gtk_widget_show_all (box);
  gtk_widget_hide (box);
  gtk_widget_set_no_show_all (box, TRUE);
  return box;
}
