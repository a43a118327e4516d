/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Geometry, the index, the themes, and where rates stand. */

#include "canvas/scene/geometry.h"
#include "canvas/scene/index.h"
#include "canvas/scene/pills.h"
#include "canvas/scene/theme.h"

#include <math.h>

static void
test_square_edge (void)
{
  for (int degrees = 0; degrees < 360; degrees++) {
    double angle = degrees * G_PI / 180;
    LoomPoint edge = loom_square_edge (32, 12, cos (angle), sin (angle));
    /* On the outline: distance to the inner square is the radius, or a side is reached. */
    double out_x = MAX (fabs (edge.x) - 20, 0);
    double out_y = MAX (fabs (edge.y) - 20, 0);
    g_assert_cmpfloat_with_epsilon (hypot (out_x, out_y), 12, 1e-6);
    g_assert_cmpfloat_with_epsilon (atan2 (edge.y, edge.x), atan2 (sin (angle), cos (angle)), 1e-6);
  }
}

static void
test_curve (void)
{
  LoomCurve line = {{0, 0}, {50, 0}, {100, 0}, FALSE};
  LoomCurve bow = {{0, 0}, {50, 40}, {100, 0}, TRUE};
  double t;

  g_assert_cmpfloat (loom_curve_distance (&line, 50, 7, &t), ==, 7);
  g_assert_cmpfloat (t, ==, 0.5);
  g_assert_cmpfloat (loom_curve_distance (&line, 110, 0, &t), ==, 10);
  g_assert_cmpfloat (loom_curve_distance (&bow, 50, 20, NULL), <, 0.1);
  g_assert_cmpfloat (loom_curve_length (&bow), >, 100);

  LoomRect on_bow = {45, 15, 10, 10};
  LoomRect off_bow = {45, -15, 10, 10};
  g_assert_true (loom_curve_crosses_rect (&bow, &on_bow));
  g_assert_false (loom_curve_crosses_rect (&bow, &off_bow));
  g_assert_false (loom_curve_crosses_rect (&line, &on_bow));
}

/* Whatever is in the index is found by a query that touches it, once, and not after it left. */
static void
test_index (void)
{
  g_autoptr (LoomIndex) index = loom_index_new ();
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  LoomIndexEntry entries[200] = {0};
  LoomRect rects[200];
  LoomCurve curves[200];

  for (int i = 0; i < 200; i++) {
    curves[i].start.x = g_rand_double_range (random, -5000, 5000);
    curves[i].start.y = g_rand_double_range (random, -5000, 5000);
    curves[i].end.x = g_rand_double_range (random, -5000, 5000);
    curves[i].end.y = g_rand_double_range (random, -5000, 5000);
    curves[i].bowed = FALSE;
    rects[i] = (LoomRect){curves[i].start.x, curves[i].start.y, 90, 120};
    if (i % 2 == 0)
      loom_index_put_rect (index, &entries[i], &rects[i]);
    else
      loom_index_put_curve (index, &entries[i], &curves[i], 4);
  }
  for (int i = 0; i < 1000; i++) {
    LoomRect area = {g_rand_double_range (random, -5000, 5000),
                     g_rand_double_range (random, -5000, 5000), 150, 150};
    g_autoptr (GPtrArray) found = g_ptr_array_new ();
    loom_index_query (index, &area, found);
    for (int e = 0; e < 200; e++) {
      gboolean touches = e % 2 == 0 ? loom_rect_intersects (&rects[e], &area)
                                    : loom_curve_crosses_rect (&curves[e], &area);
      guint at;
      gboolean is_found = g_ptr_array_find (found, &entries[e], &at);
      g_assert_true (is_found || !touches);
      if (is_found) {
        g_ptr_array_remove_index_fast (found, at);
        g_assert_false (g_ptr_array_find (found, &entries[e], NULL));
      }
    }
  }
  for (int e = 0; e < 200; e++)
    loom_index_remove (index, &entries[e]);
  LoomRect all = {-1e9, -1e9, 2e9, 2e9};
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  loom_index_query (index, &all, found);
  g_assert_cmpuint (found->len, ==, 0);
}

static double
cost_of_obstacle (const LoomRect *area, gpointer user_data)
{
  return loom_rect_intersects (area, user_data) ? INFINITY : 0;
}

static void
test_pills (void)
{
  LoomCurve cable = {{0, 0}, {150, 0}, {300, 0}, FALSE};
  LoomRect nowhere = {-1000, -1000, 1, 1};
  LoomRect middle = {110, -60, 80, 120};
  LoomRect everywhere = {-2000, -2000, 4000, 4000};
  LoomRect pills[2];

  g_assert_true (loom_pills_place (&cable, FALSE, FALSE, cost_of_obstacle, &nowhere, pills));
  g_assert_cmpfloat (pills[0].x + pills[0].width / 2, ==, 150);
  /* What goes right stands above. */
  g_assert_cmpfloat (pills[0].y, <, pills[1].y);

  g_assert_true (loom_pills_place (&cable, FALSE, FALSE, cost_of_obstacle, &middle, pills));
  g_assert_false (loom_rect_intersects (&pills[0], &middle));
  g_assert_false (loom_rect_intersects (&pills[1], &middle));
  g_assert_false (loom_rect_intersects (&pills[0], &pills[1]));

  g_assert_false (loom_pills_place (&cable, FALSE, FALSE, cost_of_obstacle, &everywhere, pills));
}

static void
check_contrast (const LoomTheme *theme)
{
  const LoomColor *const colors[] = {&theme->text, &theme->quiet,  &theme->icon,
                                     &theme->ok,   &theme->wait,   &theme->bad,
                                     &theme->off,  &theme->accent, &theme->cable};

  for (guint i = 0; i < G_N_ELEMENTS (colors); i++) {
    g_assert_cmpfloat (loom_color_contrast (colors[i], &theme->background), >=, 4.5);
    g_assert_cmpfloat (loom_color_contrast (colors[i], &theme->tile), >=, 4.5);
  }
}

/* What a person without red (protan) or green (deutan) receptors sees: H. Brettel, F. Viénot,
 * J. Mollon, "Computerized simulation of color appearance for dichromats", 1997, in the linear
 * form of Viénot 1999. On linear RGB; gamma 2.2 is near enough here. */
static LoomColor
seen_by (const LoomColor *color, gboolean is_protan)
{
  double r = pow (color->red, 2.2);
  double g = pow (color->green, 2.2);
  double b = pow (color->blue, 2.2);
  double yellow = is_protan ? 0.11238 * r + 0.88762 * g : 0.29275 * r + 0.70725 * g;
  double blue = is_protan ? 0.00401 * r - 0.00401 * g + b : -0.02234 * r + 0.02234 * g + b;

  return (LoomColor){pow (CLAMP (yellow, 0, 1), 1 / 2.2), pow (CLAMP (yellow, 0, 1), 1 / 2.2),
                     pow (CLAMP (blue, 0, 1), 1 / 2.2)};
}

static double
distance (const LoomColor *a, const LoomColor *b)
{
  return hypot (hypot (a->red - b->red, a->green - b->green), a->blue - b->blue);
}

static void
check_blind_safe (const LoomTheme *theme)
{
  for (int is_protan = 0; is_protan <= 1; is_protan++) {
    LoomColor ok = seen_by (&theme->ok, is_protan);
    LoomColor bad = seen_by (&theme->bad, is_protan);
    LoomColor wait = seen_by (&theme->wait, is_protan);
    g_assert_cmpfloat (distance (&ok, &bad), >, 0.15);
    g_assert_cmpfloat (distance (&ok, &wait), >, 0.15);
  }
}

static void
test_themes (void)
{
  LoomTheme theme;
  LoomColor black = {0, 0, 0};
  LoomColor white = {1, 1, 1};

  g_assert_cmpfloat_with_epsilon (loom_color_contrast (&black, &white), 21, 0.01);
  loom_theme_init_light (&theme);
  check_contrast (&theme);
  check_blind_safe (&theme);
  loom_theme_init_dark (&theme);
  check_contrast (&theme);
  check_blind_safe (&theme);

  LoomColor pale = loom_color_readable (&(LoomColor){0.9, 0.9, 0.2}, &white, 4.5);
  g_assert_cmpfloat (loom_color_contrast (&pale, &white), >=, 4.5);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/square-edge", test_square_edge);
  g_test_add_func ("/scene/curve", test_curve);
  g_test_add_func ("/scene/index", test_index);
  g_test_add_func ("/scene/pills", test_pills);
  g_test_add_func ("/scene/themes", test_themes);
  return g_test_run ();
}
