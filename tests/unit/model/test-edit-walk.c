/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Long random walks of edits: all the way back and forth again the file is the same, byte for byte,
 * and can always be read again. */

#include "canvas/model/edit.h"
#include "canvas/model/writer.h"
#include "tests/unit/model/edit-check.h"
#include "tests/unit/model/fixture.h"

#define N_STEPS 400
#define SEED 20260

static const char *
random_node (GRand *random, LoomLab *lab)
{
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);

  if (nodes->len == 0)
    return "nobody";
  return ((LoomNode *) nodes->pdata[g_rand_int_range (random, 0, (int) nodes->len)])->name;
}

static LoomChange *
random_set (GRand *random, LoomLab *lab)
{
  LoomNode *node = loom_lab_get_node (lab, random_node (random, lab));
  g_autoptr (LoomNode) after = node != NULL ? loom_node_copy (node) : NULL;

  if (after == NULL)
    return NULL;
  loom_node_set_n_ports (after, g_rand_int_range (random, 0, 10));
  after->memory_mib = g_rand_int_range (random, 0, 3) * 64;
  g_clear_pointer (&after->after, g_strfreev);
  if (g_rand_boolean (random))
    after->after = g_strsplit (random_node (random, lab), " ", -1);
  for (int i = 0; i < after->n_ports && g_rand_boolean (random); i++) {
    after->ports[i].vlan_mode = (LoomVlanMode) g_rand_int_range (random, 0, 3);
    after->ports[i].access_vlan = g_rand_int_range (random, 0, 5);
  }
  return loom_edit_set_node (lab, after, NULL);
}

static LoomChange *
random_cable (GRand *random, LoomLab *lab)
{
  g_autoptr (GPtrArray) links = loom_lab_list_links (lab);
  g_autoptr (LoomLink) after = NULL;

  if (links->len == 0)
    return NULL;
  after = loom_link_copy (links->pdata[g_rand_int_range (random, 0, (int) links->len)]);
  after->forward.delay_ms = g_rand_int_range (random, 0, 3);
  after->backward.rate_mbps = g_rand_int_range (random, 0, 3);
  after->fault = (LoomFault) g_rand_int_range (random, 0, LOOM_FAULT_FLAPPING + 1);
  after->fault_end = g_rand_int_range (random, 0, 2);
  after->up_percent = g_rand_int_range (random, 0, 50);
  return loom_edit_set_link (lab, after, NULL);
}

static LoomChange *
random_edit (GRand *random, LoomLab *lab)
{
  static const char *const kinds[] = {"tiny", "switch", "hub", "disk"};
  const char *nodes[] = {random_node (random, lab), random_node (random, lab), NULL};
  LoomEnd one = edit_end (nodes[0], g_rand_int_range (random, -3, 3));
  LoomEnd other = edit_end (nodes[1], g_rand_int_range (random, -3, 3));
  g_autofree char *name = g_strdup_printf ("n%d", g_rand_int_range (random, 0, 50));
  double d = g_rand_double_range (random, -500, 500);

  one.port = MAX (one.port, -1);
  other.port = MAX (other.port, -1);
  switch (g_rand_int_range (random, 0, 11)) {
  case 0:
  case 1:
    return loom_edit_add_node (lab, kinds[g_rand_int_range (random, 0, 4)], d, -d, NULL);
  case 2:
  case 3:
    return loom_edit_connect (lab, &one, &other, NULL);
  case 4:
    return loom_edit_rename (lab, nodes[0], name, NULL);
  case 5:
    return loom_edit_move (lab, nodes, d, d, NULL);
  case 6:
    return random_set (random, lab);
  case 7:
    return loom_edit_set_title (lab, name, nodes[0], NULL);
  case 8:
  case 9:
    return random_cable (random, lab);
  default:
    nodes[1] = g_rand_boolean (random) ? NULL : nodes[1];
    return loom_edit_delete (lab, nodes, NULL, NULL);
  }
}

/* A long random walk, each step reversible by itself; then all the way back, and forth again. */
static void
test_walk (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (SEED);
  g_autoptr (LoomLab) lab = fixture_two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  g_autoptr (GPtrArray) states = g_ptr_array_new_with_free_func (g_free);
  int n_done = 0;

  g_ptr_array_add (states, loom_writer_write (lab, NULL));
  for (int i = 0; i < N_STEPS; i++) {
    LoomChange *change = random_edit (random, lab);

    if (change == NULL)
      continue;
    if (!loom_change_is_empty (change))
      n_done++;
    else {
      loom_change_unref (change);
      continue;
    }
    edit_check_reversible (history, change);
    g_ptr_array_add (states, loom_writer_write (lab, NULL));
  }
  g_assert_cmpint (n_done, >, N_STEPS / 3);
  for (int i = n_done - 1; i >= 0; i--) {
    g_autofree char *text = NULL;

    g_assert_true (loom_history_undo (history));
    text = loom_writer_write (lab, NULL);
    g_assert_cmpstr (text, ==, states->pdata[i]);
  }
  g_assert_false (loom_history_undo (history));
  g_assert_false (loom_history_get_modified (history));
  for (int i = 1; i <= n_done; i++) {
    g_autofree char *text = NULL;

    g_assert_true (loom_history_redo (history));
    text = loom_writer_write (lab, NULL);
    g_assert_cmpstr (text, ==, states->pdata[i]);
  }
  g_assert_false (loom_history_redo (history));
}

/* Merging must not change where a walk leads: the same edits with one key, undone in one step. */
static void
test_merged_walk (void)
{
  for (guint32 seed = 1; seed <= 40; seed++) {
    g_autoptr (GRand) random = g_rand_new_with_seed (seed);
    g_autoptr (LoomLab) lab = fixture_two_switches ();
    g_autoptr (LoomHistory) history = loom_history_new (lab);
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    g_autofree char *undone = NULL;
    g_autofree char *redone = NULL;
    g_autoptr (LoomChange) title = loom_edit_set_title (lab, "x", "y", NULL);

    loom_history_do (history, title, NULL);
    before = loom_writer_write (lab, NULL);
    for (int i = 0; i < 30; i++) {
      g_autoptr (LoomChange) change = random_edit (random, lab);

      if (change != NULL)
        loom_history_do (history, change, "walk");
    }
    after = loom_writer_write (lab, NULL);
    g_assert_cmpstr (before, !=, after);
    g_assert_true (loom_history_undo (history));
    undone = loom_writer_write (lab, NULL);
    g_assert_cmpstr (undone, ==, before);
    g_assert_true (loom_history_redo (history));
    redone = loom_writer_write (lab, NULL);
    g_assert_cmpstr (redone, ==, after);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/edit/walk", test_walk);
  g_test_add_func ("/edit/merged-walk", test_merged_walk);
  return g_test_run ();
}
