/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is where in the scene: under the pointer, beside each other, and where there is room. */

#include "canvas/model/edit.h"
#include "canvas/scene/scene-private.h"
#include "tests/unit/scene/sample-scene.h"

#include <math.h>
#include <string.h>

static void
test_hit (SampleScene *f, gconstpointer data)
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
test_pills_apart (SampleScene *f, gconstpointer data)
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

/* Where frames pass, on both sides of a cable. */
static void
assert_lanes_free (const SceneLink *link, const LoomRect *label)
{
  for (int i = 0; i <= 100; i++) {
    for (int from_b = 0; from_b < 2; from_b++) {
      LoomPoint at = loom_scene_lane_at (link, i / 100.0, from_b);
      LoomRect dot = {at.x - 7, at.y - 7, 14, 14};

      g_assert_false (loom_rect_intersects (&dot, label));
    }
  }
}

/* Frames in motion pass between a cable and what is written at it: those of a straight one never
 * meet a rate or what is set there. It goes back to its place when they are not shown. */
static void
test_lanes (SampleScene *f, gconstpointer data)
{
  SceneLink *link = loom_scene_lookup_link (f->scene, "pc1:0 sw1:0");
  g_autoptr (LoomLink) slow = loom_link_copy (link->link);
  LoomRect pills[2], note;

  slow->forward.delay_ms = slow->backward.delay_ms = 20;
  slow->forward.loss_percent = slow->backward.loss_percent = 1;
  sample_scene_edit (f, loom_edit_set_link (f->lab, slow, NULL));
  loom_scene_set_status (f->scene, f->status);
  g_assert_true (link->has_pills && link->has_note_place);
  memcpy (pills, link->pills, sizeof pills);
  note = link->note_at;

  loom_scene_set_lanes (f->scene, TRUE);
  g_assert_true (link->has_pills && link->has_note_place);
  assert_lanes_free (link, &link->pills[0]);
  assert_lanes_free (link, &link->pills[1]);
  assert_lanes_free (link, &link->note_at);
  assert_pills_apart (f->scene);

  loom_scene_set_lanes (f->scene, FALSE);
  g_assert_cmpmem (link->pills, sizeof pills, pills, sizeof pills);
  g_assert_cmpmem (&link->note_at, sizeof note, &note, sizeof note);
  loom_scene_set_held (f->scene, link->id, TRUE, NULL, 0);
  assert_lanes_free (link, &link->note_at);
  loom_scene_set_held (f->scene, link->id, FALSE, NULL, 0);
  g_assert_cmpmem (&link->note_at, sizeof note, &note, sizeof note);
}

static void
test_free_spot (SampleScene *f, gconstpointer data)
{
  for (int i = 0; i < 40; i++) {
    LoomPoint spot = loom_scene_find_free_spot (f->scene, 400, 250);
    g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (f->lab);
    for (guint n = 0; n < nodes->len; n++) {
      LoomNode *node = g_ptr_array_index (nodes, n);
      g_assert_true (fabs (node->x - spot.x) >= 64 || fabs (node->y - spot.y) >= 64);
    }
    sample_scene_edit (f, loom_edit_add_node (f->lab, "hub", spot.x, spot.y, NULL));
  }
}

/* Two machines that are added one after the other stand in a row, with room for a cable. */
static void
test_roomy_spot (SampleScene *f, gconstpointer data)
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

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  sample_scene_add ("/places/hit", test_hit);
  sample_scene_add ("/places/pills-apart", test_pills_apart);
  sample_scene_add ("/places/lanes", test_lanes);
  sample_scene_add ("/places/free-spot", test_free_spot);
  sample_scene_add ("/places/roomy-spot", test_roomy_spot);
  return g_test_run ();
}
