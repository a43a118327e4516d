/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How long our own drawing takes: 1,000 nodes and 2,000 cables, every light blinking and every rate
 * changing, at several zooms of a full-HD view; and what a quiet scene asks to be drawn. Prints
 * "name: value unit". */

#include "canvas/scene/frame.h"

#include "tests/unit/scene/sample.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#define N_NODES 1000
#define N_LINKS 2000
#define N_FRAMES 200

/* CPU time of this process: a busy machine does not count. */
static gint64
cpu_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double one = *(const double *) a;
  double other = *(const double *) b;

  return one < other ? -1 : one > other;
}

static void
report (const char *name, double *times_ms, int n_times)
{
  qsort (times_ms, n_times, sizeof *times_ms, compare_doubles);
  printf ("%s-median: %.2f ms\n", name, times_ms[n_times / 2]);
  printf ("%s-p99: %.2f ms\n", name, times_ms[n_times * 99 / 100]);
}

static void
time_blinking (LoomLab *lab, LoomStatus *status, LoomFrame *frame, double zoom, const char *name)
{
  LoomView view = {1920, 1080, 1, zoom, {-100, -100}};
  double draw_ms[N_FRAMES];
  double update_ms[N_FRAMES];
  g_autofree char *update_name = g_strconcat (name, "-update", NULL);

  loom_frame_set_view (frame, &view);
  loom_frame_render (frame);
  for (int i = 0; i < N_FRAMES; i++) {
    gint64 began_us = cpu_us ();
    sample_traffic (lab, status, i + 1);
    gint64 updated_us = cpu_us ();
    loom_frame_render (frame);
    draw_ms[i] = (cpu_us () - updated_us) / 1000.0;
    update_ms[i] = (updated_us - began_us) / 1000.0;
  }
  report (name, draw_ms, N_FRAMES);
  report (update_name, update_ms, N_FRAMES);
}

/* Everything anew, as when the view scrolls. */
static void
time_scrolling (LoomFrame *frame, double zoom, const char *name)
{
  double times_ms[N_FRAMES];

  for (int i = 0; i < N_FRAMES; i++) {
    LoomView view = {1920, 1080, 1, zoom, {-100 + i * 3, -100 + i * 2}};
    gint64 began_us = cpu_us ();
    loom_frame_set_view (frame, &view);
    loom_frame_render (frame);
    times_ms[i] = (cpu_us () - began_us) / 1000.0;
  }
  report (name, times_ms, N_FRAMES);
}

static void
time_dragging (LoomScene *scene, LoomFrame *frame)
{
  static const char *const dragged[] = {"n100", NULL};
  LoomView view = {1920, 1080, 1, 1, {-100, -100}};
  double times_ms[N_FRAMES];

  loom_frame_set_view (frame, &view);
  loom_frame_render (frame);
  for (int i = 0; i < N_FRAMES; i++) {
    gint64 began_us = cpu_us ();
    loom_scene_set_drag (scene, dragged, i, i / 2);
    loom_frame_render (frame);
    times_ms[i] = (cpu_us () - began_us) / 1000.0;
  }
  loom_scene_set_drag (scene, NULL, 0, 0);
  report ("canvas-drag", times_ms, N_FRAMES);
}

/* Frames in motion over the picture, as the widget draws them: what of the picture they left, and
 * themselves. */
static void
draw_motion (LoomScene *scene, cairo_surface_t *picture, cairo_t *cr, GArray *areas)
{
  const LoomRect all = {-100, -100, 1920, 1080};

  cairo_save (cr);
  for (guint i = 0; i < areas->len; i++) {
    const LoomRect *area = &g_array_index (areas, LoomRect, i);

    cairo_rectangle (cr, floor (area->x) + 100, floor (area->y) + 100, ceil (area->width) + 1,
                     ceil (area->height) + 1);
  }
  cairo_clip (cr);
  cairo_set_source_surface (cr, picture, 0, 0);
  cairo_paint (cr);
  cairo_translate (cr, 100, 100);
  loom_scene_draw (scene, cr, LOOM_LAYER_MOTION, &all, 1);
  cairo_restore (cr);
}

/* (transfer full): ids of 40 cables in sight. */
static GPtrArray *
list_seen (LoomScene *scene)
{
  g_autoptr (GPtrArray) links = loom_lab_list_links (loom_scene_get_lab (scene));
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < links->len && ids->len < 40; i++) {
    const LoomLink *link = g_ptr_array_index (links, i);
    LoomPoint at;

    if (loom_scene_get_node_center (scene, link->a.node, &at) && at.x < 1500 && at.y < 700)
      g_ptr_array_add (ids, loom_link_dup_id (link));
  }
  return ids;
}

static void
time_motion (LoomScene *scene, LoomFrame *frame, guint n_dots, const char *name)
{
  g_autoptr (GPtrArray) ids = list_seen (scene);
  static const LoomHue hue = {{0.1, 0.4, 0.8}, "T"};
  LoomMotion *motion = loom_scene_get_motion (scene);
  LoomView view = {1920, 1080, 1, 1, {-100, -100}};
  cairo_surface_t *screen = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 1920, 1080);
  cairo_t *cr = cairo_create (screen);
  double times_ms[N_FRAMES];
  gint64 now_us = G_USEC_PER_SEC;

  loom_frame_set_view (frame, &view);
  loom_scene_set_hues (scene, &hue, 1);
  for (guint i = 0; i < n_dots; i++) {
    LoomMotionFrame told = {.link = g_ptr_array_index (ids, i % ids->len),
                            .from_b = i % 2,
                            .came_us = now_us + (i / 40) * 70000,
                            .travel_us = 10 * G_USEC_PER_SEC};

    loom_motion_add (motion, &told);
  }
  for (int i = 0; i < 100; i++)
    loom_motion_advance (motion, now_us += 16667);
  g_autoptr (GArray) areas = loom_scene_list_motion_areas (scene);
  g_assert_cmpuint (areas->len, ==, n_dots);
  for (int i = 0; i < N_FRAMES; i++) {
    cairo_surface_t *picture = loom_frame_render (frame);
    gint64 began_us = cpu_us ();
    g_autoptr (GArray) left = g_steal_pointer (&areas);

    loom_motion_advance (motion, now_us += 16667);
    areas = loom_scene_list_motion_areas (scene);
    g_array_append_vals (left, areas->data, areas->len);
    draw_motion (scene, picture, cr, left);
    times_ms[i] = (cpu_us () - began_us) / 1000.0;
  }
  report (name, times_ms, N_FRAMES);
  loom_motion_clear (motion);
  cairo_destroy (cr);
  cairo_surface_destroy (screen);
}

int
main (int argc, char *argv[])
{
  g_autoptr (LoomLab) lab = sample_mesh (N_NODES, N_LINKS);
  g_autoptr (LoomStatus) status = loom_status_new ();
  g_autoptr (LoomScene) scene = loom_scene_new ();
  gint64 began_us = cpu_us ();

  loom_scene_set_animated (scene, TRUE);
  loom_scene_set_lab (scene, lab);
  printf ("canvas-build: %.1f ms\n", (cpu_us () - began_us) / 1000.0);
  g_autoptr (LoomFrame) frame = loom_frame_new (scene, NULL, NULL);
  loom_scene_set_status (scene, status);
  loom_status_set_lab (status, LOOM_LAB_RUNNING);
  for (int i = 0; i < N_NODES; i++) {
    g_autofree char *name = g_strdup_printf ("n%d", i);
    loom_status_set_node (status, name, LOOM_NODE_READY, NULL, -1);
  }

  time_blinking (lab, status, frame, 0.2, "canvas-blink-all-in-view");
  time_blinking (lab, status, frame, 0.5, "canvas-blink-50-percent");
  time_blinking (lab, status, frame, 1, "canvas-blink-100-percent");
  time_scrolling (frame, 0.2, "canvas-scroll-all-in-view");
  time_scrolling (frame, 0.5, "canvas-scroll-50-percent");
  time_scrolling (frame, 1, "canvas-scroll-100-percent");
  time_dragging (scene, frame);
  time_motion (scene, frame, 20, "canvas-motion-20-dots");
  time_motion (scene, frame, 200, "canvas-motion-200-dots");

  /* Quiet: the same counters again, and time goes by. */
  guint n_draws = 0;
  loom_frame_render (frame);
  gint64 wake_us = 0;
  for (int i = 0; i < 20; i++) {
    sample_traffic (lab, status, N_FRAMES);
    wake_us = loom_scene_tick (scene, 5000000 + i * 100000);
    if (i > 2 && (wake_us != 0 || loom_frame_is_dirty (frame)))
      n_draws++;
    loom_frame_render (frame);
  }
  printf ("canvas-quiet-draws-in-2-s: %u draws\n", n_draws);
  return 0;
}
