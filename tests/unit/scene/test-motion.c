/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames in motion by a clock of the test's: where dots are, what becomes of them, how slow motion
 * keeps the order of what happened, and that the film keeps up with the present. */

#include "canvas/scene/motion.h"

#include <math.h>

#define MS G_GINT64_CONSTANT (1000)
#define BEGIN (G_GINT64_CONSTANT (1000000) * 1000)
#define A "pc1:0 pc2:0"
#define B "pc2:1 pc3:0"

typedef struct {
  LoomMotion *motion;
  gint64 now_us;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->motion = loom_motion_new ();
  f->now_us = BEGIN;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  loom_motion_free (f->motion);
}

/* A frame that came now. */
static void
add (Fixture *f, const char *link, LoomMotionFate fate, LoomMotionMarks marks, gint64 travel_us)
{
  LoomMotionFrame frame = {.link = (char *) link,
                           .hue = 3,
                           .fate = fate,
                           .marks = marks,
                           .came_us = f->now_us,
                           .travel_us = travel_us};

  loom_motion_add (f->motion, &frame);
}

/* Time goes by, a frame of the screen at a time. */
static gboolean
pass (Fixture *f, gint64 us)
{
  gint64 end_us = f->now_us + us;
  gboolean moves = TRUE;

  while (f->now_us < end_us) {
    f->now_us = MIN (f->now_us + 10 * MS, end_us);
    moves = loom_motion_advance (f->motion, f->now_us);
  }
  return moves;
}

static void
expect_dot (Fixture *f, guint i, guint n, const char *link, double t)
{
  g_autoptr (GArray) dots = loom_motion_list_dots (f->motion);

  g_assert_cmpuint (dots->len, ==, n);
  g_assert_cmpstr (g_array_index (dots, LoomDot, i).link, ==, link);
  g_assert_cmpfloat_with_epsilon (g_array_index (dots, LoomDot, i).t, t, 0.002);
  g_assert_cmpuint (g_array_index (dots, LoomDot, i).hue, ==, 3);
}

static guint
count (Fixture *f)
{
  g_autoptr (GArray) dots = loom_motion_list_dots (f->motion);

  return dots->len;
}

static void
test_passes (Fixture *f, gconstpointer data)
{
  LoomMotionFrame back = {.link = (char *) A, .from_b = TRUE, .hue = 3, .came_us = BEGIN};

  g_assert_true (loom_motion_is_idle (f->motion));
  g_assert_false (loom_motion_advance (f->motion, f->now_us));
  add (f, A, LOOM_MOTION_PASSES, 0, 0);
  loom_motion_add (f->motion, &back);
  pass (f, LOOM_MOTION_LAG_US + LOOM_MOTION_MIN_US / 4);
  expect_dot (f, 0, 2, A, 0.25);
  expect_dot (f, 1, 2, A, 0.75);
  g_assert_true (pass (f, LOOM_MOTION_MIN_US / 2));
  expect_dot (f, 0, 2, A, 0.75);
  g_assert_false (pass (f, LOOM_MOTION_MIN_US / 2));
  g_assert_cmpuint (count (f), ==, 0);
}

/* As long as it really travelled, when that can be seen. */
static void
test_delay (Fixture *f, gconstpointer data)
{
  add (f, A, LOOM_MOTION_PASSES, 0, 2000 * MS);
  pass (f, LOOM_MOTION_LAG_US + 500 * MS);
  expect_dot (f, 0, 1, A, 0.25);
  loom_motion_set_pace (f->motion, 10, FALSE);
  g_assert_cmpuint (count (f), ==, 0);
  add (f, A, LOOM_MOTION_PASSES, 0, 100 * MS);
  pass (f, 1000 * MS);
  g_assert_cmpuint (count (f), ==, 1);
  pass (f, 1000 * MS);
  g_assert_cmpuint (count (f), ==, 0);
}

static void
test_fates (Fixture *f, gconstpointer data)
{
  g_autoptr (GArray) dots = NULL;

  add (f, A, LOOM_MOTION_LOST, 0, 0);
  add (f, B, LOOM_MOTION_REFUSED, 0, 0);
  pass (f, LOOM_MOTION_LAG_US + LOOM_MOTION_MIN_US * 6 / 10);
  dots = loom_motion_list_dots (f->motion);
  g_assert_cmpuint (dots->len, ==, 2);
  g_assert_true (g_array_index (dots, LoomDot, 0).is_cross);
  g_assert_cmpfloat (g_array_index (dots, LoomDot, 0).t, ==, 0.5);
  g_assert_cmpfloat (g_array_index (dots, LoomDot, 0).alpha, <, 1);
  g_assert_true (g_array_index (dots, LoomDot, 1).is_cross);
  g_assert_cmpfloat (g_array_index (dots, LoomDot, 1).t, <, 0.2);
  g_assert_cmpfloat (g_array_index (dots, LoomDot, 1).alpha, <,
                     g_array_index (dots, LoomDot, 0).alpha);
  g_assert_false (pass (f, LOOM_MOTION_FADE_US));
}

static void
test_held (Fixture *f, gconstpointer data)
{
  add (f, A, LOOM_MOTION_HELD, 0, 0);
  pass (f, LOOM_MOTION_LAG_US + LOOM_MOTION_MIN_US / 4);
  expect_dot (f, 0, 1, A, 0.25);
  g_assert_false (pass (f, LOOM_MOTION_MIN_US / 2));
  add (f, A, LOOM_MOTION_PASSES, LOOM_MOTION_RELEASED, 0);
  pass (f, LOOM_MOTION_LAG_US + LOOM_MOTION_MIN_US / 4);
  expect_dot (f, 0, 1, A, 0.75);
  g_assert_false (pass (f, LOOM_MOTION_MIN_US));
  add (f, A, LOOM_MOTION_DROPPED, LOOM_MOTION_RELEASED, 0);
  pass (f, LOOM_MOTION_LAG_US + 20 * MS);
  expect_dot (f, 0, 1, A, 0.5);
}

/* The copy parts from its original in the middle. */
static void
test_doubled (Fixture *f, gconstpointer data)
{
  add (f, A, LOOM_MOTION_PASSES, LOOM_MOTION_DOUBLED | LOOM_MOTION_CORRUPTED, 0);
  pass (f, LOOM_MOTION_LAG_US + LOOM_MOTION_MIN_US / 4);
  expect_dot (f, 0, 1, A, 0.25);
  pass (f, LOOM_MOTION_MIN_US / 2);
  expect_dot (f, 0, 2, A, 0.75);
  g_autoptr (GArray) dots = loom_motion_list_dots (f->motion);
  g_assert_cmpfloat (g_array_index (dots, LoomDot, 1).t, <, 0.7);
  g_assert_true (g_array_index (dots, LoomDot, 1).is_corrupted);
  pass (f, LOOM_MOTION_MIN_US / 4);
  g_assert_cmpuint (count (f), ==, 1);
}

/* Frames that came at once follow each other, and what would be late by much is left out. */
static void
test_row (Fixture *f, gconstpointer data)
{
  g_autoptr (GArray) dots = NULL;

  for (guint i = 0; i < 40; i++)
    add (f, A, LOOM_MOTION_PASSES, 0, 4000 * MS);
  pass (f, LOOM_MOTION_LAG_US + 1000 * MS);
  dots = loom_motion_list_dots (f->motion);
  g_assert_cmpuint (dots->len, ==, 9);
  for (guint i = 1; i < dots->len; i++)
    g_assert_cmpfloat_with_epsilon (g_array_index (dots, LoomDot, i - 1).t
                                        - g_array_index (dots, LoomDot, i).t,
                                    (double) LOOM_MOTION_SPACE_US / (4000 * MS), 0.001);
}

static void
test_bounded (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < 100000; i++) {
    g_autofree char *link = g_strdup_printf ("n%u:0 n%u:1", i % 1000, i % 1000 + 1);

    add (f, link, LOOM_MOTION_PASSES, 0, 60000 * MS);
    if (i % 100 == 0)
      pass (f, 10 * MS);
  }
  g_assert_cmpuint (count (f), ==, LOOM_MOTION_MAX_DOTS);
}

/* A ping of 100 µs over two cables, a hundred times slower, one frame at a time. */
static void
test_one_by_one (Fixture *f, gconstpointer data)
{
  static const char *const way[] = {A, B, B, A};
  g_autoptr (GString) seen = g_string_new (NULL);

  loom_motion_set_pace (f->motion, 100, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (way); i++) {
    LoomMotionFrame frame = {
        .link = (char *) way[i], .from_b = i > 1, .hue = 3, .came_us = f->now_us + i * 30};

    loom_motion_add (f->motion, &frame);
  }
  for (guint i = 0; i < 400 && !loom_motion_is_idle (f->motion); i++) {
    g_autoptr (GArray) dots = NULL;

    pass (f, 10 * MS);
    dots = loom_motion_list_dots (f->motion);
    g_assert_cmpuint (dots->len, <=, 1);
    if (dots->len == 1) {
      const LoomDot *dot = &g_array_index (dots, LoomDot, 0);
      g_autofree char *lane = g_strdup_printf ("%s%s ", dot->link, dot->from_b ? "<" : ">");

      if (!g_str_has_suffix (seen->str, lane))
        g_string_append (seen, lane);
    }
  }
  g_assert_true (loom_motion_is_idle (f->motion));
  g_assert_cmpstr (seen->str, ==, A "> " B "> " B "< " A "< ");
}

/* In slow motion one cannot see all: afterwards it goes on with what happens now. */
static void
test_present (Fixture *f, gconstpointer data)
{
  loom_motion_set_pace (f->motion, 100, FALSE);
  for (guint i = 0; i < 600; i++) {
    add (f, A, LOOM_MOTION_PASSES, 0, 0);
    pass (f, 10 * MS);
  }
  while (!loom_motion_is_idle (f->motion))
    pass (f, 10 * MS);
  g_assert_cmpint (f->now_us, <, BEGIN + 12 * G_USEC_PER_SEC);
  add (f, B, LOOM_MOTION_PASSES, 0, 0);
  pass (f, LOOM_MOTION_LAG_US + 200 * MS);
  expect_dot (f, 0, 1, B, (double) (200 * MS) / LOOM_MOTION_MIN_US);
}

/* A window that stood still for long shows what is now. */
static void
test_stopped (Fixture *f, gconstpointer data)
{
  add (f, A, LOOM_MOTION_PASSES, 0, 0);
  pass (f, 50 * MS);
  for (guint i = 0; i < 100; i++) {
    f->now_us += 100 * MS;
    add (f, A, LOOM_MOTION_PASSES, 0, 0);
  }
  pass (f, 200 * MS);
  g_assert_cmpuint (count (f), <=, 3);
}

static void
add_test (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_test ("/motion/passes", test_passes);
  add_test ("/motion/delay", test_delay);
  add_test ("/motion/fates", test_fates);
  add_test ("/motion/held", test_held);
  add_test ("/motion/doubled", test_doubled);
  add_test ("/motion/row", test_row);
  add_test ("/motion/bounded", test_bounded);
  add_test ("/motion/one-by-one", test_one_by_one);
  add_test ("/motion/present", test_present);
  add_test ("/motion/stopped", test_stopped);
  return g_test_run ();
}
