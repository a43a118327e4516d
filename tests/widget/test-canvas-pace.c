/* SPDX-License-Identifier: GPL-3.0-or-later */

/* When the canvas draws: for what has changed, while something moves, and else not at all. */

#include "tests/unit/scene/sample.h"

#include "tests/widget/canvas-window.h"
#include "tests/widget/hands.h"

/* One round of counters in which nothing moved since the last. */
static void
silent_round (CanvasWindow *f, gint64 now_us)
{
  g_autoptr (GPtrArray) links = loom_lab_list_links (f->lab);

  for (guint i = 0; i < links->len; i++) {
    g_autofree char *id = loom_link_dup_id (g_ptr_array_index (links, i));
    LoomLinkStatus link = {.carrier = TRUE};
    const LoomLinkStatus *before = loom_status_get_link (f->status, id);

    if (before != NULL)
      link = *before;
    link.from_a.rate_bps = link.from_a.rate_fps = 0;
    link.from_b.rate_bps = link.from_b.rate_fps = 0;
    loom_status_set_link (f->status, id, &link);
  }
  loom_status_end_links (f->status, now_us);
}

static void
test_quiet (CanvasWindow *f, gconstpointer data)
{
  hands_settle (400);
  f->n_draws = 0;
  hands_settle (1000);
  g_assert_cmpuint (f->n_draws, ==, 0);

  /* One round of traffic: one draw, then quiet again. */
  loom_status_set_lab (f->status, LOOM_LAB_RUNNING);
  sample_traffic (f->lab, f->status, 1);
  hands_settle (300);
  g_assert_cmpuint (f->n_draws, >=, 1);
  f->n_draws = 0;
  hands_settle (500);
  g_assert_cmpuint (f->n_draws, ==, 0);

  /* A lab that runs and says nothing: counters are read, nothing is drawn. */
  silent_round (f, 10 * G_USEC_PER_SEC);
  hands_settle (400);
  f->n_draws = 0;
  for (guint i = 0; i < 10; i++) {
    silent_round (f, (11 + i) * G_USEC_PER_SEC);
    hands_settle (100);
  }
  g_assert_cmpuint (f->n_draws, ==, 0);

  /* An arc turns while a machine boots, and stops when it is ready. */
  loom_status_set_node (f->status, "pc1", LOOM_NODE_BOOTING, NULL, -1);
  f->n_draws = 0;
  hands_settle (600);
  g_assert_cmpuint (f->n_draws, >=, 3);
  loom_status_set_node (f->status, "pc1", LOOM_NODE_READY, NULL, -1);
  hands_settle (300);
  f->n_draws = 0;
  hands_settle (500);
  g_assert_cmpuint (f->n_draws, ==, 0);
}

/* Frames in motion: drawn while they move, sixty times a second if the screen does, and then not.
 */
static void
test_motion (CanvasWindow *f, gconstpointer data)
{
  LoomMotionFrame frame = {.link = (char *) "pc1:0 sw1:0", .travel_us = 1200 * 1000};
  LoomMotion *motion = loom_scene_get_motion (loom_canvas_get_scene (f->canvas));
  LoomHeldDot dot = {FALSE, 0};

  hands_settle (400);
  f->n_draws = 0;
  frame.came_us = g_get_monotonic_time ();
  loom_canvas_show_frame (f->canvas, &frame);
  while (g_get_monotonic_time () < frame.came_us + 800 * 1000 + LOOM_MOTION_LAG_US)
    g_main_context_iteration (NULL, FALSE);
  g_assert_false (loom_motion_is_idle (motion));
  g_assert_cmpuint (f->n_draws, >=, 5);
  g_test_message ("%u draws in 0.9 s", f->n_draws);
  for (guint i = 0; i < 20 && !loom_motion_is_idle (motion); i++)
    hands_settle (100);
  g_assert_true (loom_motion_is_idle (motion));
  hands_settle (100);
  f->n_draws = 0;
  hands_settle (500);
  g_assert_cmpuint (f->n_draws, ==, 0);

  /* What is held stands still. */
  loom_canvas_set_held (f->canvas, "pc1:0 sw1:0", TRUE, &dot, 1);
  hands_settle (100);
  g_assert_cmpuint (f->n_draws, ==, 1);
  hands_settle (300);
  g_assert_cmpuint (f->n_draws, ==, 1);
  loom_canvas_set_held (f->canvas, "pc1:0 sw1:0", FALSE, NULL, 0);

  /* The desktop wants nothing to move. */
  g_object_set (gtk_widget_get_settings (f->widget), "gtk-enable-animations", FALSE, NULL);
  g_assert_false (loom_canvas_may_animate (f->canvas));
  loom_canvas_show_frame (f->canvas, &frame);
  g_assert_true (loom_motion_is_idle (motion));
  g_object_set (gtk_widget_get_settings (f->widget), "gtk-enable-animations", TRUE, NULL);
}

int
main (int argc, char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
#define ADD(path, test)                                                                            \
  g_test_add ("/canvas-pace/" path, CanvasWindow, NULL, canvas_window_set_up, test,                \
              canvas_window_tear_down)
  ADD ("quiet", test_quiet);
  ADD ("motion", test_motion);
#undef ADD
  return g_test_run ();
}
