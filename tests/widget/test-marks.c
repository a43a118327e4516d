/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is drawn over the scene: the map in the corner, and ports while a cable is pulled. */

#include "canvas/model/edit.h"
#include "canvas/widget/canvas.h"

#include "tests/unit/scene/sample.h"
#include "tests/widget/hands.h"

#include <math.h>

#define WIDTH 1000
#define HEIGHT 640

typedef struct {
  LoomLab *lab;
  LoomHistory *history;
  GtkWidget *window;
  GtkWidget *widget;
  LoomCanvas *canvas;
  LoomTheme theme;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->lab = sample_campus ();
  f->history = loom_history_new (f->lab);
  f->window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  f->widget = loom_canvas_new ();
  f->canvas = LOOM_CANVAS (f->widget);
  loom_theme_init_light (&f->theme);
  loom_canvas_set_theme (f->canvas, &f->theme);
  gtk_window_set_default_size (GTK_WINDOW (f->window), WIDTH, HEIGHT);
  gtk_container_add (GTK_CONTAINER (f->window), f->widget);
  loom_canvas_set_document (f->canvas, f->history, NULL);
  gtk_widget_show_all (f->window);
  hands_settle (50);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gtk_widget_destroy (f->window);
  g_object_unref (f->history);
  g_object_unref (f->lab);
}

static GdkRectangle
area_of (Fixture *f, const char *node)
{
  GdkRectangle area;

  g_assert_true (loom_canvas_get_item_area (f->canvas, LOOM_ITEM_NODE, node, &area));
  return area;
}

/* Pixels of @color, nearly, in a part of what the canvas draws. */
static int
count_pixels (Fixture *f, const LoomColor *color, GdkRectangle part)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  cairo_t *cr = cairo_create (surface);
  const double wanted[] = {color->blue, color->green, color->red};
  int n = 0;

  gtk_widget_draw (f->widget, cr);
  cairo_surface_flush (surface);
  for (int y = MAX (part.y, 0); y < MIN (part.y + part.height, HEIGHT); y++) {
    const guchar *row = cairo_image_surface_get_data (surface)
                        + y * cairo_image_surface_get_stride (surface);

    for (int x = MAX (part.x, 0); x < MIN (part.x + part.width, WIDTH); x++) {
      gboolean is_it = TRUE;

      for (int i = 0; i < 3; i++)
        is_it = is_it && fabs (row[4 * x + i] / 255.0 - wanted[i]) < 0.04;
      n += is_it;
    }
  }
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  return n;
}

/* The map's corner. */
static const GdkRectangle corner = {WIDTH - 150, HEIGHT - 100, 150, 100};

static void
test_no_map (Fixture *f, gconstpointer data)
{
  GdkRectangle before;

  loom_canvas_zoom_fit (f->canvas);
  before = area_of (f, "pc1");
  g_assert_cmpint (count_pixels (f, &f->theme.accent, corner), ==, 0);
  hands_drag (f->widget, WIDTH - 30, HEIGHT - 30, WIDTH - 100, HEIGHT - 60, 0);
  g_assert_cmpint (area_of (f, "pc1").x, ==, before.x);
}

static void
test_map (Fixture *f, gconstpointer data)
{
  GdkRectangle before, after;

  loom_canvas_set_zoom (f->canvas, 4);
  g_assert_cmpint (count_pixels (f, &f->theme.accent, corner), >, 20);
  before = area_of (f, "pc1");
  /* Its left end, then its right end: the lab moves the other way. */
  hands_click (f->widget, WIDTH - 12 - 125, HEIGHT - 12 - 42, 0);
  after = area_of (f, "pc1");
  g_assert_cmpint (after.x, >, before.x + 200);
  hands_drag (f->widget, WIDTH - 12 - 125, HEIGHT - 12 - 42, WIDTH - 12 - 7, HEIGHT - 12 - 42, 0);
  g_assert_cmpint (area_of (f, "pc1").x, <, after.x - 2000);
  /* Nothing was selected or moved on the way. */
  g_auto (GStrv) nodes = loom_canvas_dup_selected_nodes (f->canvas);
  g_assert_cmpint (g_strv_length (nodes), ==, 0);
  g_assert_false (loom_history_get_can_undo (f->history));
}

/* The lower edge of a tile, where the name does not reach. */
static GdkRectangle
edge_of (Fixture *f, const char *node)
{
  GdkRectangle area = area_of (f, node);

  return (GdkRectangle){area.x + area.width / 2 - 30, area.y + 64 - 9, 60, 12};
}

static void
test_ports (Fixture *f, gconstpointer data)
{
  /* pc1 has eight ports: now all are taken. pc3 has some left. */
  for (int i = 1; i < 8; i++) {
    LoomEnd one = {(char *) "pc1", -1};
    LoomEnd other = {(char *) "sw1", -1};
    g_autoptr (LoomChange) change = loom_edit_connect (f->lab, &one, &other, NULL);

    loom_history_do (f->history, change, NULL);
  }
  loom_canvas_zoom_reset (f->canvas);
  hands_settle (300);
  int before = count_pixels (f, &f->theme.accent, edge_of (f, "pc3"));
  g_assert_cmpint (count_pixels (f, &f->theme.bad, edge_of (f, "pc1")), ==, 0);

  loom_canvas_begin_cable (f->canvas, "hub1");
  hands_settle (300);
  g_assert_cmpint (count_pixels (f, &f->theme.accent, edge_of (f, "pc3")), >, before + 20);
  g_assert_cmpint (count_pixels (f, &f->theme.bad, edge_of (f, "pc1")), >, 20);

  loom_canvas_cancel (f->canvas);
  hands_settle (300);
  g_assert_cmpint (count_pixels (f, &f->theme.bad, edge_of (f, "pc1")), ==, 0);
}

int
main (int argc, char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add ("/marks/no-map", Fixture, NULL, set_up, test_no_map, tear_down);
  g_test_add ("/marks/map", Fixture, NULL, set_up, test_map, tear_down);
  g_test_add ("/marks/ports", Fixture, NULL, set_up, test_ports, tear_down);
  return g_test_run ();
}
