/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The scene follows the lab and its status, and can be exported. What is where in it is in
 * test-places.c, what is drawn again in test-damage.c. */

#include "canvas/model/edit.h"
#include "canvas/scene/export.h"
#include "canvas/scene/frame.h"
#include "canvas/scene/scene-private.h"
#include "tests/unit/scene/sample-scene.h"

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
assert_same_as_new (SampleScene *f)
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
test_follow (SampleScene *f, gconstpointer data)
{
  const char *const gone[] = {"sw1", "pc3", NULL};
  const char *const moved[] = {"sw2", "hub1", NULL};
  LoomEnd one = {(char *) "pc1", -1};
  LoomEnd other = {(char *) "srv1", -1};

  loom_scene_set_status (f->scene, f->status);
  sample_scene_edit (f, loom_edit_add_node (f->lab, "hub", 500, 500, NULL));
  assert_same_as_new (f);
  sample_scene_edit (f, loom_edit_connect (f->lab, &one, &other, NULL));
  assert_same_as_new (f);
  sample_scene_edit (f, loom_edit_rename (f->lab, "sw2", "core", NULL));
  sample_scene_edit (f, loom_edit_rename (f->lab, "core", "sw2", NULL));
  assert_same_as_new (f);
  sample_scene_edit (f, loom_edit_move (f->lab, moved, 33, -44, NULL));
  assert_same_as_new (f);
  sample_scene_edit (f, loom_edit_delete (f->lab, gone, NULL, NULL));
  assert_same_as_new (f);
  while (loom_history_undo (f->history)) {
    assert_same_as_new (f);
    render (f->scene);
  }
  while (loom_history_redo (f->history))
    assert_same_as_new (f);
}

static void
test_selection_survives (SampleScene *f, gconstpointer data)
{
  loom_scene_set_selected (f->scene, LOOM_ITEM_NODE, "sw1", TRUE);
  loom_scene_set_selected (f->scene, LOOM_ITEM_LINK, "pc1:0 sw1:0", TRUE);
  sample_scene_edit (f, loom_edit_rename (f->lab, "sw1", "core", NULL));
  g_assert_true (loom_scene_is_selected (f->scene, LOOM_ITEM_NODE, "core"));
  g_assert_true (loom_scene_is_selected (f->scene, LOOM_ITEM_LINK, "core:0 pc1:0"));
  const char *const gone[] = {"core", NULL};
  sample_scene_edit (f, loom_edit_delete (f->lab, gone, NULL, NULL));
  g_auto (GStrv) nodes = loom_scene_dup_selected_nodes (f->scene);
  g_auto (GStrv) links = loom_scene_dup_selected_links (f->scene);
  g_assert_null (nodes[0]);
  g_assert_null (links[0]);
}

static void
test_words (SampleScene *f, gconstpointer data)
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
test_export (SampleScene *f, gconstpointer data)
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
test_odd_places (SampleScene *f, gconstpointer data)
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

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  sample_scene_add ("/scene/follow", test_follow);
  sample_scene_add ("/scene/selection-survives", test_selection_survives);
  sample_scene_add ("/scene/words", test_words);
  sample_scene_add ("/scene/export", test_export);
  sample_scene_add ("/scene/odd-places", test_odd_places);
  return g_test_run ();
}
