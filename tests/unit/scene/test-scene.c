/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The scene follows the lab and its status, says what is where, and keeps rates off names. */

#include "canvas/model/edit.h"
#include "canvas/model/history.h"
#include "canvas/scene/export.h"
#include "canvas/scene/frame.h"
#include "canvas/scene/scene-private.h"

#include "tests/unit/scene/sample.h"

#include <math.h>

typedef struct {
  LoomLab *lab;
  LoomHistory *history;
  LoomStatus *status;
  LoomScene *scene;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->lab = sample_campus ();
  f->history = loom_history_new (f->lab);
  f->status = sample_campus_status ();
  f->scene = loom_scene_new ();
  loom_scene_set_lab (f->scene, f->lab);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_object_unref (f->scene);
  g_object_unref (f->status);
  g_object_unref (f->history);
  g_object_unref (f->lab);
}

static void
do_edit (Fixture *f, LoomChange *change)
{
  g_assert_nonnull (change);
  loom_history_do (f->history, change, NULL);
  loom_change_unref (change);
}

static void
render (LoomScene *scene)
{
  LoomRect bounds = {0, 0, 10, 10};
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 400, 300);
  cairo_t *cr = cairo_create (surface);

  loom_scene_get_bounds (scene, &bounds);
  for (double zoom = 0.1; zoom < 3; zoom *= 2) {
    cairo_save (cr);
    cairo_scale (cr, zoom, zoom);
    loom_scene_draw (scene, cr, LOOM_LAYER_BACKGROUND | LOOM_LAYER_STILL | LOOM_LAYER_LIVE, &bounds,
                     zoom);
    cairo_restore (cr);
  }
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

/* The scene built step by step has the same items as one built at once. */
static void
assert_same_as_new (Fixture *f)
{
  g_autoptr (LoomScene) fresh = loom_scene_new ();
  GHashTableIter iter;
  gpointer id;
  gpointer item;

  loom_scene_set_lab (fresh, f->lab);
  loom_scene_set_status (fresh, f->status);
  g_assert_cmpuint (g_hash_table_size (fresh->nodes), ==, g_hash_table_size (f->scene->nodes));
  g_assert_cmpuint (g_hash_table_size (fresh->links), ==, g_hash_table_size (f->scene->links));
  g_hash_table_iter_init (&iter, fresh->nodes);
  while (g_hash_table_iter_next (&iter, &id, &item)) {
    SceneNode *node = loom_scene_lookup_node (f->scene, id);
    g_assert_nonnull (node);
    g_assert_cmpfloat (node->center.x, ==, ((SceneNode *) item)->center.x);
    g_assert_cmpuint (node->links->len, ==, ((SceneNode *) item)->links->len);
    g_assert_cmpmem (&node->bounds, sizeof node->bounds, &((SceneNode *) item)->bounds,
                     sizeof node->bounds);
  }
  g_hash_table_iter_init (&iter, fresh->links);
  while (g_hash_table_iter_next (&iter, &id, &item)) {
    SceneLink *link = loom_scene_lookup_link (f->scene, id);
    g_assert_nonnull (link);
    /* Siblings may have changed places: the one that came back stands last. */
    g_assert_cmpint (link->curve.bowed, ==, ((SceneLink *) item)->curve.bowed);
  }
}

static void
test_follow (Fixture *f, gconstpointer data)
{
  const char *const gone[] = {"sw1", "pc3", NULL};
  const char *const moved[] = {"sw2", "hub1", NULL};
  LoomEnd one = {(char *) "pc1", -1};
  LoomEnd other = {(char *) "srv1", -1};

  loom_scene_set_status (f->scene, f->status);
  do_edit (f, loom_edit_add_node (f->lab, "hub", 500, 500, NULL));
  assert_same_as_new (f);
  do_edit (f, loom_edit_connect (f->lab, &one, &other, NULL));
  assert_same_as_new (f);
  do_edit (f, loom_edit_rename (f->lab, "sw2", "core", NULL));
  do_edit (f, loom_edit_rename (f->lab, "core", "sw2", NULL));
  assert_same_as_new (f);
  do_edit (f, loom_edit_move (f->lab, moved, 33, -44, NULL));
  assert_same_as_new (f);
  do_edit (f, loom_edit_delete (f->lab, gone, NULL, NULL));
  assert_same_as_new (f);
  while (loom_history_undo (f->history)) {
    assert_same_as_new (f);
    render (f->scene);
  }
  while (loom_history_redo (f->history))
    assert_same_as_new (f);
}

static void
test_selection_survives (Fixture *f, gconstpointer data)
{
  loom_scene_set_selected (f->scene, LOOM_ITEM_NODE, "sw1", TRUE);
  loom_scene_set_selected (f->scene, LOOM_ITEM_LINK, "pc1:0 sw1:0", TRUE);
  do_edit (f, loom_edit_rename (f->lab, "sw1", "core", NULL));
  g_assert_true (loom_scene_is_selected (f->scene, LOOM_ITEM_NODE, "core"));
  g_assert_true (loom_scene_is_selected (f->scene, LOOM_ITEM_LINK, "core:0 pc1:0"));
  const char *const gone[] = {"core", NULL};
  do_edit (f, loom_edit_delete (f->lab, gone, NULL, NULL));
  g_auto (GStrv) nodes = loom_scene_dup_selected_nodes (f->scene);
  g_auto (GStrv) links = loom_scene_dup_selected_links (f->scene);
  g_assert_null (nodes[0]);
  g_assert_null (links[0]);
}

static void
test_hit (Fixture *f, gconstpointer data)
{
  LoomHit hit = loom_scene_hit (f->scene, 120, 120, 4);

  g_assert_cmpint (hit.kind, ==, LOOM_ITEM_NODE);
  g_assert_cmpstr (hit.id, ==, "pc1");
  g_assert_false (hit.label);
  hit = loom_scene_hit (f->scene, 120, 120 + 32 + 12, 4);
  g_assert_cmpstr (hit.id, ==, "pc1");
  g_assert_true (hit.label);
  hit = loom_scene_hit (f->scene, 200, 124, 6);
  g_assert_cmpint (hit.kind, ==, LOOM_ITEM_LINK);
  g_assert_cmpstr (hit.id, ==, "pc1:0 sw1:0");
  hit = loom_scene_hit (f->scene, 200, 140, 6);
  g_assert_cmpint (hit.kind, ==, LOOM_ITEM_NONE);

  /* Handles answer on the hovered node alone. */
  g_assert_cmpint (loom_scene_hit (f->scene, 152, 120, 4).handle, ==, -1);
  loom_scene_set_hover (f->scene, LOOM_ITEM_NODE, "pc1");
  g_assert_cmpint (loom_scene_hit (f->scene, 152, 120, 4).handle, ==, 1);

  /* Cables side by side are told apart. */
  LoomRect area;
  g_assert_true (loom_scene_get_item_bounds (f->scene, LOOM_ITEM_LINK, "sw1:1 sw2:1", &area));
  SceneLink *upper = loom_scene_lookup_link (f->scene, "sw1:1 sw2:1");
  SceneLink *lower = loom_scene_lookup_link (f->scene, "sw1:2 sw2:2");
  LoomPoint at = loom_curve_at (&upper->curve, 0.5);
  g_assert_cmpstr (loom_scene_hit (f->scene, at.x, at.y, 6).id, ==, "sw1:1 sw2:1");
  at = loom_curve_at (&lower->curve, 0.5);
  g_assert_cmpstr (loom_scene_hit (f->scene, at.x, at.y, 6).id, ==, "sw1:2 sw2:2");
}

static void
assert_apart (const LoomRect *pill, LoomScene *scene, SceneLink *owner)
{
  GHashTableIter iter;
  gpointer item;

  g_hash_table_iter_init (&iter, scene->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &item)) {
    g_assert_false (loom_rect_intersects (pill, &((SceneNode *) item)->tile));
    g_assert_false (loom_rect_intersects (pill, &((SceneNode *) item)->label));
  }
  g_hash_table_iter_init (&iter, scene->links);
  while (g_hash_table_iter_next (&iter, NULL, &item)) {
    SceneLink *other = item;
    for (int i = 0; i < 2 && other != owner && other->has_pills; i++)
      g_assert_false (loom_rect_intersects (pill, &other->pills[i]));
  }
}

static guint
assert_pills_apart (LoomScene *scene)
{
  GHashTableIter iter;
  gpointer item;
  guint n_placed = 0;

  g_hash_table_iter_init (&iter, scene->links);
  while (g_hash_table_iter_next (&iter, NULL, &item)) {
    SceneLink *link = item;
    if (!link->has_pills)
      continue;
    n_placed++;
    g_assert_false (loom_rect_intersects (&link->pills[0], &link->pills[1]));
    assert_apart (&link->pills[0], scene, link);
    assert_apart (&link->pills[1], scene, link);
  }
  return n_placed;
}

/* Rates never cover a name or each other: in a dense lab, and while nodes are dragged through. */
static void
test_pills_apart (Fixture *f, gconstpointer data)
{
  g_autoptr (LoomLab) lab = sample_mesh (100, 180);
  g_autoptr (LoomStatus) status = loom_status_new ();
  const char *const dragged[] = {"n0", "n11", NULL};

  loom_scene_set_status (f->scene, f->status);
  g_assert_cmpuint (assert_pills_apart (f->scene), ==, 5);

  loom_status_set_lab (status, LOOM_LAB_RUNNING);
  loom_scene_set_lab (f->scene, lab);
  loom_scene_set_status (f->scene, status);
  sample_traffic (lab, status, 1);
  g_assert_cmpuint (assert_pills_apart (f->scene), >, 100);
  for (int i = 0; i < 40; i++) {
    loom_scene_set_drag (f->scene, dragged, i * 17, i * 11);
    assert_pills_apart (f->scene);
  }
  loom_scene_set_drag (f->scene, NULL, 0, 0);
  assert_pills_apart (f->scene);
  loom_status_set_node (status, "n5", LOOM_NODE_FAILED, "a long reason why it did not start", -1);
  assert_pills_apart (f->scene);
}

static void
on_damage (LoomScene *scene, int layers, double x, double y, double width, double height,
           int *n_damages)
{
  (*n_damages)++;
}

static void
test_blink (Fixture *f, gconstpointer data)
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

/* The damages that a reading with this rate of a cable makes, and what its pill says then. */
static int
read_rate (Fixture *f, SceneLink *link, double rate_bps, int *n_damages, const char *expected)
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
test_steady_rate (Fixture *f, gconstpointer data)
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
test_tick (Fixture *f, gconstpointer data)
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
  do_edit (f, loom_edit_add_node (f->lab, "hub", 500, 500, NULL));
  g_assert_cmpint (loom_scene_tick (f->scene, 4000000), >, 0);
  g_assert_cmpint (loom_scene_tick (f->scene, 4100000), >, 0);
  g_assert_cmpint (loom_scene_tick (f->scene, 4160000), ==, 0);
}

static void
test_words (Fixture *f, gconstpointer data)
{
  static const struct {
    double rate_bps;
    const char *text;
  } rates[] = {{0, "0 b/s"},        {999, "999 b/s"},      {999.9, "1.0 kb/s"},
               {1200, "1.2 kb/s"},  {94.1e6, "94.1 Mb/s"}, {99.96e6, "100 Mb/s"},
               {940e6, "940 Mb/s"}, {2.1e9, "2.1 Gb/s"},   {9e15, "9000 Tb/s"}};

  for (guint i = 0; i < G_N_ELEMENTS (rates); i++) {
    g_autofree char *text = loom_scene_format_rate (rates[i].rate_bps);
    g_assert_cmpstr (text, ==, rates[i].text);
  }
  loom_scene_set_status (f->scene, f->status);
  g_autofree char *name = loom_scene_describe_item (f->scene, LOOM_ITEM_NODE, "srv1");
  g_assert_cmpstr (name, ==, "srv1, disk image, failed");
  g_autofree char *cable = loom_scene_describe_link (f->scene, "hub1:0 sw1:4");
  g_assert_nonnull (strstr (cable, "hub1 port 0"));
  g_assert_nonnull (strstr (cable, "1.2 kb/s"));
  g_assert_nonnull (strstr (cable, "0 dropped"));
}

static void
test_free_spot (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < 40; i++) {
    LoomPoint spot = loom_scene_find_free_spot (f->scene, 400, 250);
    g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (f->lab);
    for (guint n = 0; n < nodes->len; n++) {
      LoomNode *node = g_ptr_array_index (nodes, n);
      g_assert_true (fabs (node->x - spot.x) >= 64 || fabs (node->y - spot.y) >= 64);
    }
    do_edit (f, loom_edit_add_node (f->lab, "hub", spot.x, spot.y, NULL));
  }
}

/* Two machines that are added one after the other stand in a row, with room for a cable. */
static void
test_roomy_spot (Fixture *f, gconstpointer data)
{
  static const char *const nodes[] = {"pc1 tiny 400 260", NULL};
  g_autoptr (LoomLab) lab = sample_lab (nodes, NULL);
  g_autoptr (LoomScene) scene = loom_scene_new ();
  LoomPoint spot;

  loom_scene_set_lab (scene, lab);
  spot = loom_scene_find_free_spot (scene, 402, 255);
  g_assert_cmpfloat (spot.x, ==, 560);
  g_assert_cmpfloat (spot.y, ==, 260);
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
test_frame (Fixture *f, gconstpointer data)
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
  do_edit (f, loom_edit_move (f->lab, moved, -100, 120, NULL));
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

static void
test_export (Fixture *f, gconstpointer data)
{
  static const struct {
    LoomExportFormat format;
    const char *magic;
  } formats[] = {
      {LOOM_EXPORT_SVG, "<?xml"}, {LOOM_EXPORT_PNG, "\x89PNG"}, {LOOM_EXPORT_PDF, "%PDF"}};

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) bytes = loom_scene_export (f->scene, formats[i].format, 1, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (g_bytes_get_size (bytes), >, 1000);
    g_assert_cmpmem (g_bytes_get_data (bytes, NULL), strlen (formats[i].magic), formats[i].magic,
                     strlen (formats[i].magic));
  }
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = loom_scene_export (f->scene, LOOM_EXPORT_PNG, 1e9, &error);
  g_assert_null (bytes);
  g_assert_error (error, LOOM_SCENE_ERROR, LOOM_SCENE_ERROR_TOO_LARGE);
}

/* Files say where nodes are: far out, on top of each other, cabled to themselves. */
static void
test_odd_places (Fixture *f, gconstpointer data)
{
  static const char *const nodes[] = {"a tiny 0 0", "b tiny 0 0", "c tiny 1e12 -1e12",
                                      "d switch -1e300 1e300", NULL};
  static const char *const links[] = {"a:0 b:0", "a:1 b:1", "b:2 c:0", "c:1 d:0", NULL};
  g_autoptr (LoomLab) lab = sample_lab (nodes, links);
  g_autoptr (LoomFrame) frame = loom_frame_new (f->scene, NULL, NULL);
  LoomView view = {300, 200, 1, 1, {-100, -100}};

  loom_scene_set_status (f->scene, f->status);
  loom_scene_set_lab (f->scene, lab);
  sample_traffic (lab, f->status, 1);
  render (f->scene);
  loom_frame_set_view (frame, &view);
  loom_frame_render (frame);
  loom_scene_hit (f->scene, 1e12, 0, 5);
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add ("/scene/follow", test_follow);
  add ("/scene/selection-survives", test_selection_survives);
  add ("/scene/hit", test_hit);
  add ("/scene/pills-apart", test_pills_apart);
  add ("/scene/blink", test_blink);
  add ("/scene/steady-rate", test_steady_rate);
  add ("/scene/tick", test_tick);
  add ("/scene/words", test_words);
  add ("/scene/free-spot", test_free_spot);
  add ("/scene/roomy-spot", test_roomy_spot);
  add ("/scene/frame", test_frame);
  add ("/scene/export", test_export);
  add ("/scene/odd-places", test_odd_places);
  return g_test_run ();
}
