/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is set on a cable: in words, as a label that covers nothing, and as crosses at its ends. */

#include "canvas/model/edit.h"
#include "canvas/scene/cable-words.h"
#include "canvas/scene/scene-private.h"

#include "tests/unit/scene/sample-scene.h"

/* Takes @after. */
static void
set_link (LoomLab *lab, LoomLink *after)
{
  g_autoptr (LoomChange) change = loom_edit_set_link (lab, after, NULL);

  g_assert_nonnull (change);
  loom_lab_apply (lab, change);
  loom_link_unref (after);
}

static void
set_fault (LoomLab *lab, const char *id, LoomFault fault, int end)
{
  LoomLink *after = loom_link_copy (loom_lab_get_link (lab, id));

  after->fault = fault;
  after->fault_end = end;
  set_link (lab, after);
}

static void
on_link (LoomScene *scene, const char *id, GString *heard)
{
  g_string_append_printf (heard, "%s;", id);
}

static void
on_selection (LoomScene *scene, GString *heard)
{
  g_string_append (heard, "selection;");
}

/* A changed cable is the same item: nothing goes, nothing comes, it stays selected. */
static void
test_change_in_place (SampleScene *f, gconstpointer data)
{
  g_autoptr (GString) changed = g_string_new (NULL);
  g_autoptr (GString) other = g_string_new (NULL);
  SceneLink *item = loom_scene_lookup_link (f->scene, "pc1:0 sw1:0");

  loom_scene_set_selected (f->scene, LOOM_ITEM_LINK, "pc1:0 sw1:0", TRUE);
  g_signal_connect (f->scene, "link-changed", G_CALLBACK (on_link), changed);
  g_signal_connect (f->scene, "link-added", G_CALLBACK (on_link), other);
  g_signal_connect (f->scene, "link-removed", G_CALLBACK (on_link), other);
  g_signal_connect (f->scene, "selection-changed", G_CALLBACK (on_selection), other);
  set_fault (f->lab, "pc1:0 sw1:0", LOOM_FAULT_UNPLUGGED, 0);
  g_assert_cmpstr (changed->str, ==, "pc1:0 sw1:0;");
  g_assert_cmpstr (other->str, ==, "");
  g_assert_true (loom_scene_lookup_link (f->scene, "pc1:0 sw1:0") == item);
  g_assert_true (item->selected);
  g_assert_cmpint (item->link->fault, ==, LOOM_FAULT_UNPLUGGED);
  g_assert_cmpstr (loom_text_get_text (item->note), ==, "unplugged");
  set_fault (f->lab, "pc1:0 sw1:0", LOOM_FAULT_NONE, 0);
  g_assert_null (item->note);
  g_assert_false (item->has_note_place);
  g_signal_handlers_disconnect_by_data (f->scene, changed);
  g_signal_handlers_disconnect_by_data (f->scene, other);
}

static void
test_dead_ends (SampleScene *f, gconstpointer data)
{
  SceneLink *link = loom_scene_lookup_link (f->scene, "pc1:0 sw1:0");

  g_assert_false (scene_link_is_dead (link, FALSE));
  set_fault (f->lab, link->id, LOOM_FAULT_PORT, 1);
  g_assert_false (scene_link_is_dead (link, FALSE));
  g_assert_true (scene_link_is_dead (link, TRUE));
  set_fault (f->lab, link->id, LOOM_FAULT_UNPLUGGED, 0);
  g_assert_true (scene_link_is_dead (link, FALSE) && scene_link_is_dead (link, TRUE));
  set_fault (f->lab, link->id, LOOM_FAULT_ONE_WAY, 0);
  g_assert_false (scene_link_is_dead (link, FALSE) || scene_link_is_dead (link, TRUE));
  loom_scene_set_status (f->scene, f->status);
  link = loom_scene_lookup_link (f->scene, "srv1:0 sw2:4"); /* without a carrier */
  g_assert_true (scene_link_is_dead (link, FALSE) && scene_link_is_dead (link, TRUE));
}

static guint
assert_notes_apart (LoomScene *scene)
{
  GHashTableIter iter;
  GHashTableIter others;
  gpointer item;
  gpointer value;
  guint n_placed = 0;

  g_hash_table_iter_init (&iter, scene->links);
  while (g_hash_table_iter_next (&iter, NULL, &item)) {
    SceneLink *link = item;
    if (!link->has_note_place)
      continue;
    n_placed++;
    g_hash_table_iter_init (&others, scene->nodes);
    while (g_hash_table_iter_next (&others, NULL, &value)) {
      g_assert_false (loom_rect_intersects (&link->note_at, &((SceneNode *) value)->tile));
      g_assert_false (loom_rect_intersects (&link->note_at, &((SceneNode *) value)->label));
    }
    g_hash_table_iter_init (&others, scene->links);
    while (g_hash_table_iter_next (&others, NULL, &value)) {
      SceneLink *other = value;
      for (int i = 0; i < 2 && other->has_pills; i++)
        g_assert_false (loom_rect_intersects (&link->note_at, &other->pills[i]));
      if (other != link && other->has_note_place)
        g_assert_false (loom_rect_intersects (&link->note_at, &other->note_at));
    }
  }
  return n_placed;
}

/* Labels cover no name, no rate and no other label, also while nodes are dragged through. */
static void
test_notes_apart (SampleScene *f, gconstpointer data)
{
  g_autoptr (LoomLab) lab = sample_mesh (60, 100);
  g_autoptr (LoomStatus) status = loom_status_new ();
  g_autoptr (GPtrArray) links = loom_lab_list_links (lab);
  const char *const dragged[] = {"n0", "n11", NULL};

  loom_status_set_lab (status, LOOM_LAB_RUNNING);
  loom_scene_set_lab (f->scene, lab);
  loom_scene_set_status (f->scene, status);
  sample_traffic (lab, status, 1);
  for (guint i = 0; i < links->len; i += 2) {
    LoomLink *after = loom_link_copy (links->pdata[i]);

    after->forward.delay_ms = after->backward.delay_ms = i;
    after->fault = i % 3 == 0 ? LOOM_FAULT_FLAPPING : LOOM_FAULT_NONE;
    set_link (lab, after);
  }
  g_assert_cmpuint (assert_notes_apart (f->scene), >, 20);
  for (int i = 0; i < 30; i++) {
    loom_scene_set_drag (f->scene, dragged, i * 17, i * 11);
    assert_notes_apart (f->scene);
  }
}

/* Where it stands on its label, a click finds the cable. */
static void
test_hit_note (SampleScene *f, gconstpointer data)
{
  SceneLink *link = loom_scene_lookup_link (f->scene, "pc1:0 sw1:0");
  LoomHit hit;

  set_fault (f->lab, link->id, LOOM_FAULT_UNPLUGGED, 0);
  g_assert_true (link->has_note_place);
  hit = loom_scene_hit (f->scene, link->note_at.x + link->note_at.width / 2, link->note_at.y + 2,
                        1);
  g_assert_cmpint (hit.kind, ==, LOOM_ITEM_LINK);
  g_assert_cmpstr (hit.id, ==, link->id);
}

static void
set (LoomLink *link, const char *name, double forward, double backward)
{
  const LoomImpairmentMember *member = loom_impairment_find_member (name);

  g_assert_true (loom_impairment_set (&link->forward, member, forward, NULL));
  g_assert_true (loom_impairment_set (&link->backward, member, backward, NULL));
}

static void
assert_words (const LoomLink *link, const char *summary, const char *state)
{
  g_autofree char *got = loom_cable_summarize (link);
  g_autofree char *got_state = loom_cable_describe_state (link);

  g_assert_cmpstr (got, ==, summary);
  g_assert_cmpstr (got_state, ==, state);
}

static void
test_words (SampleScene *f, gconstpointer data)
{
  g_autoptr (LoomLink) link = loom_link_copy (loom_lab_get_link (f->lab, "pc1:0 sw1:0"));
  g_autofree char *name = NULL;
  g_autofree char *tip = NULL;

  assert_words (link, NULL, NULL);
  set (link, "delay_ms", 20, 20);
  set (link, "loss_percent", 1, 1);
  assert_words (link, "20 ms · loss 1 %", "impaired");
  set (link, "jitter_ms", 0.5, 0.25);
  set (link, "rate_mbps", 0, 0.064);
  assert_words (link, "20 ± 0.5 / 0.25 ms · loss 1 % · ∞ / 64 kb/s", "impaired");
  set (link, "duplicate_percent", 1, 0);
  assert_words (link, "20 ± 0.5 / 0.25 ms · loss 1 % · ∞ / 64 kb/s · …", "impaired");
  link->fault = LOOM_FAULT_ONE_WAY;
  link->fault_end = 1;
  assert_words (link, "one way · 20 ± 0.5 / 0.25 ms · loss 1 % · …", "one way");
  link->fault = LOOM_FAULT_UNPLUGGED;
  assert_words (link, "unplugged", "unplugged");
  link->fault = LOOM_FAULT_PORT;
  set_link (f->lab, loom_link_ref (link));
  name = loom_scene_describe_item (f->scene, LOOM_ITEM_LINK, "pc1:0 sw1:0");
  g_assert_cmpstr (name, ==, "cable from pc1 port 0 to sw1 port 0, port fault");
  tip = loom_scene_describe_link (f->scene, "pc1:0 sw1:0");
  g_assert_nonnull (strstr (tip, "Port fault at sw1"));
  g_assert_nonnull (strstr (tip, "pc1 → sw1: 20 ± 0.5 ms · loss 1 % · duplicates 1 %"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  sample_scene_add ("/cables/change-in-place", test_change_in_place);
  sample_scene_add ("/cables/dead-ends", test_dead_ends);
  sample_scene_add ("/cables/notes-apart", test_notes_apart);
  sample_scene_add ("/cables/hit-note", test_hit_note);
  sample_scene_add ("/cables/words", test_words);
  return g_test_run ();
}
