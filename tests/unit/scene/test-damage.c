/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What of the scene is drawn again when something changes, and that no more is. */

#include "canvas/model/edit.h"
#include "canvas/scene/frame.h"
#include "canvas/scene/scene-private.h"
#include "tests/unit/scene/sample-scene.h"

static void
on_damage (LoomScene *scene, int layers, double x, double y, double width, double height,
           int *n_damages)
{
  (*n_damages)++;
}

static void
test_blink (SampleScene *f, gconstpointer data)
{
  int n_damages = 0;

  loom_scene_set_animated (f->scene, TRUE);
  loom_scene_set_status (f->scene, f->status);
  SceneLink *link = loom_scene_lookup_link (f->scene, "pc2:0 sw2:0");
  g_assert_true (link->live);
  g_assert_false (link->lit_a);
  /* A reading every 0.1 s; each half of a blink lasts two. */
  GString *seen = g_string_new (NULL);
  for (guint64 round = 1; round <= 9; round++) {
    sample_traffic (f->lab, f->status, round);
    g_assert_true (link->lit_a && link->lit_b);
    g_string_append (seen, link->blink ? "dark " : "lit ");
  }
  g_assert_cmpstr (seen->str, ==, "lit dark dark lit lit dark dark lit lit ");
  g_string_free (seen, TRUE);
  sample_traffic (f->lab, f->status, 10);
  g_assert_true (link->blink);

  /* The same counters again: nothing to draw. */
  g_signal_connect (f->scene, "damage", G_CALLBACK (on_damage), &n_damages);
  loom_scene_set_animated (f->scene, FALSE);
  sample_traffic (f->lab, f->status, 11);
  n_damages = 0;
  sample_traffic (f->lab, f->status, 11);
  g_assert_cmpint (n_damages, ==, 0);
  /* Reduced motion: lit, and steady. */
  sample_traffic (f->lab, f->status, 12);
  g_assert_true (link->lit_a);
  g_assert_false (link->blink);
}

typedef struct {
  LoomPoint at;
  gboolean is_damaged;
} Spot;

static void
on_damage_at (LoomScene *scene, int layers, double x, double y, double width, double height,
              Spot *spot)
{
  const LoomRect rect = {x, y, width, height};

  spot->is_damaged |= loom_rect_contains (&rect, spot->at.x, spot->at.y);
}

/* A cable blinks at both of its ends. */
static void
test_lights (SampleScene *f, gconstpointer data)
{
  SceneLink *link;
  Spot a = {0};
  Spot b = {0};
  gboolean was_dark;

  loom_scene_set_animated (f->scene, TRUE);
  loom_scene_set_status (f->scene, f->status);
  link = loom_scene_lookup_link (f->scene, "pc2:0 sw2:0");
  sample_traffic (f->lab, f->status, 1);
  was_dark = link->blink;
  g_signal_connect (f->scene, "damage", G_CALLBACK (on_damage_at), &a);
  g_signal_connect (f->scene, "damage", G_CALLBACK (on_damage_at), &b);
  for (int round = 2; link->blink == was_dark; round++) {
    a = (Spot){link->led_a, FALSE};
    b = (Spot){link->led_b, FALSE};
    g_assert_cmpint (round, <, 5);
    sample_traffic (f->lab, f->status, round);
  }
  g_assert_true (a.is_damaged);
  g_assert_true (b.is_damaged);
}

/* The damages that a reading with this rate of a cable makes, and what its pill says then. */
static int
read_rate (SampleScene *f, SceneLink *link, double rate_bps, int *n_damages, const char *expected)
{
  static gint64 now_us = 10 * G_USEC_PER_SEC;
  LoomLinkStatus status = {.carrier = TRUE, .from_a = {.n_frames = 7, .rate_bps = rate_bps}};
  g_autofree char *says = NULL;

  *n_damages = 0;
  loom_status_set_link (f->status, link->id, &status);
  loom_status_end_links (f->status, now_us += 100000);
  says = loom_scene_format_rate (link->pill_bps[0]);
  g_assert_cmpstr (says, ==, expected);
  return *n_damages;
}

static void
test_steady_rate (SampleScene *f, gconstpointer data)
{
  SceneLink *link;
  int n_damages = 0;

  loom_scene_set_animated (f->scene, FALSE);
  loom_scene_set_status (f->scene, f->status);
  link = loom_scene_lookup_link (f->scene, "pc2:0 sw2:0");
  g_signal_connect (f->scene, "damage", G_CALLBACK (on_damage), &n_damages);
  read_rate (f, link, 8200, &n_damages, "8.2 kb/s");
  g_assert_true (link->has_pills);
  g_assert_cmpint (read_rate (f, link, 8240, &n_damages, "8.2 kb/s"), ==, 0);
  g_assert_cmpint (read_rate (f, link, 8270, &n_damages, "8.2 kb/s"), ==, 0);
  g_assert_cmpint (read_rate (f, link, 8130, &n_damages, "8.2 kb/s"), ==, 0);
  g_assert_cmpint (read_rate (f, link, 8280, &n_damages, "8.3 kb/s"), ==, 1);
  g_assert_cmpint (read_rate (f, link, 8240, &n_damages, "8.3 kb/s"), ==, 0);
  g_assert_cmpint (read_rate (f, link, 8200, &n_damages, "8.2 kb/s"), ==, 1);
  g_assert_cmpint (read_rate (f, link, 999, &n_damages, "999 b/s"), ==, 1);
  g_assert_cmpint (read_rate (f, link, 1.24e9, &n_damages, "1.2 Gb/s"), >=, 1);
  g_assert_cmpint (read_rate (f, link, 1.26e9, &n_damages, "1.2 Gb/s"), ==, 0);
  g_assert_cmpint (read_rate (f, link, 1.3e9, &n_damages, "1.3 Gb/s"), ==, 1);
  g_assert_cmpint (read_rate (f, link, 0, &n_damages, "0 b/s"), >=, 1);
}

static void
test_tick (SampleScene *f, gconstpointer data)
{
  loom_scene_set_animated (f->scene, TRUE);
  loom_scene_set_status (f->scene, f->status);
  g_assert_cmpint (loom_scene_tick (f->scene, 1000000), ==, 0);
  loom_status_set_node (f->status, "pc1", LOOM_NODE_BOOTING, NULL, -1);
  gint64 next = loom_scene_tick (f->scene, 2000000);
  g_assert_cmpint (next, >, 2000000);
  loom_status_set_node (f->status, "pc1", LOOM_NODE_BOOTING, NULL, 0.5);
  g_assert_cmpint (loom_scene_tick (f->scene, 3000000), ==, 0);

  /* What appears takes 150 ms, then rests. */
  sample_scene_edit (f, loom_edit_add_node (f->lab, "hub", 500, 500, NULL));
  g_assert_cmpint (loom_scene_tick (f->scene, 4000000), >, 0);
  g_assert_cmpint (loom_scene_tick (f->scene, 4100000), >, 0);
  g_assert_cmpint (loom_scene_tick (f->scene, 4160000), ==, 0);
}

static guint32
pixel (cairo_surface_t *surface, int x, int y)
{
  cairo_surface_flush (surface);
  const unsigned char *row = cairo_image_surface_get_data (surface)
                             + y * cairo_image_surface_get_stride (surface);

  return ((const guint32 *) (gconstpointer) row)[x] & 0xffffff;
}

/* A frame repaired piece by piece is the frame drawn at once. */
static void
test_frame (SampleScene *f, gconstpointer data)
{
  g_autoptr (LoomFrame) frame = loom_frame_new (f->scene, NULL, NULL);
  LoomView view = {900, 600, 1, 0.8, {20, 10}};
  const char *const moved[] = {"sw2", NULL};

  loom_scene_set_status (f->scene, f->status);
  loom_frame_set_view (frame, &view);
  loom_frame_render (frame);
  g_assert_false (loom_frame_is_dirty (frame));
  sample_traffic (f->lab, f->status, 1);
  loom_frame_render (frame);
  loom_scene_set_selected (f->scene, LOOM_ITEM_NODE, "pc1", TRUE);
  loom_scene_set_hover (f->scene, LOOM_ITEM_NODE, "hub1");
  loom_frame_render (frame);
  sample_scene_edit (f, loom_edit_move (f->lab, moved, -100, 120, NULL));
  loom_frame_render (frame);
  sample_traffic (f->lab, f->status, 2);
  loom_scene_set_hover (f->scene, LOOM_ITEM_NONE, NULL);
  cairo_surface_t *repaired = loom_frame_render (frame);

  g_autoptr (LoomFrame) other = loom_frame_new (f->scene, NULL, NULL);
  loom_frame_set_view (other, &view);
  cairo_surface_t *fresh = loom_frame_render (other);
  guint n_different = 0;
  for (int y = 0; y < view.height_px; y++) {
    for (int x = 0; x < view.width_px; x++) {
      guint32 a = pixel (repaired, x, y);
      guint32 b = pixel (fresh, x, y);
      /* Smooth edges may differ by a shade where a clip passed. */
      if (ABS ((int) (a & 0xff) - (int) (b & 0xff)) > 12
          || ABS ((int) (a >> 16) - (int) (b >> 16)) > 12)
        n_different++;
    }
  }
  g_assert_cmpuint (n_different, <, 20);
}

/* The colour of the picture of @layers at @at. */
static guint32
colour_at (LoomScene *scene, int layers, LoomPoint at)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 1, 1);
  cairo_t *cr = cairo_create (surface);
  LoomRect clip = {at.x - 200, at.y - 200, 400, 400};
  guint32 colour;

  cairo_translate (cr, 0.5 - at.x, 0.5 - at.y);
  loom_scene_draw (scene, cr, layers, &clip, 1);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  colour = pixel (surface, 0, 0);
  cairo_surface_destroy (surface);
  return colour;
}

/* A rate that is written anew over frames in motion leaves the handles of the cable in sight. */
static void
test_handles_above_rates (SampleScene *f, gconstpointer data)
{
  const int live = LOOM_LAYER_STILL | LOOM_LAYER_BACKGROUND | LOOM_LAYER_LIVE;
  SceneLink *link;
  LoomPoint at;
  LoomMotionFrame frame = {.link = (char *) "pc2:0 sw2:0", .travel_us = 800000};
  int n_damages;

  loom_scene_set_animated (f->scene, FALSE);
  loom_scene_set_status (f->scene, f->status);
  loom_scene_set_hover (f->scene, LOOM_ITEM_LINK, "pc2:0 sw2:0");
  link = loom_scene_lookup_link (f->scene, "pc2:0 sw2:0");
  read_rate (f, link, 8200, &n_damages, "8.2 kb/s");
  g_assert_true (loom_scene_get_plug_place (f->scene, link->id, LOOM_PLUG_MIDDLE, &at));
  /* There may have been no other place for it. */
  link->pills[0].x = at.x - link->pills[0].width / 2;
  link->pills[0].y = at.y - link->pills[0].height / 2;
  loom_motion_add (loom_scene_get_motion (f->scene), &frame);
  loom_motion_advance (loom_scene_get_motion (f->scene), 0);
  loom_motion_advance (loom_scene_get_motion (f->scene), 400000);
  at.x -= 10; /* the rim of the handle */
  g_assert_cmphex (colour_at (f->scene, live | LOOM_LAYER_MOTION, at), ==,
                   colour_at (f->scene, live, at));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  sample_scene_add ("/damage/blink", test_blink);
  sample_scene_add ("/damage/lights", test_lights);
  sample_scene_add ("/damage/steady-rate", test_steady_rate);
  sample_scene_add ("/damage/tick", test_tick);
  sample_scene_add ("/damage/frame", test_frame);
  sample_scene_add ("/damage/handles-above-rates", test_handles_above_rates);
  return g_test_run ();
}
