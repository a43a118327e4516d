/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A lab changed elsewhere comes in, but for the positions of what both have. */

#include "gui/settle.h"

#include "canvas/model/edit.h"
#include "tests/unit/gui/catalogue.h"

static void
test_positions_stay (void)
{
  g_autoptr (LoomCatalogue) catalogue = make_catalogue ();
  g_autoptr (LoomLab) ours = read_lab (catalogue, TWO_MACHINES);
  g_autoptr (LoomLab) theirs = loom_lab_copy (ours);
  const char *const names[] = {"pc1", NULL};
  g_autoptr (LoomChange) move = loom_edit_move (theirs, names, 50, 50, NULL);
  g_autoptr (LoomChange) change = NULL;

  loom_lab_apply (theirs, move);
  change = loom_settle_difference (ours, theirs, NULL, "x");
  g_assert_true (loom_change_is_empty (change));
}

static void
test_rest_comes_in (void)
{
  g_autoptr (LoomCatalogue) catalogue = make_catalogue ();
  g_autoptr (LoomLab) ours = read_lab (catalogue, TWO_MACHINES);
  g_autoptr (LoomLab) theirs = loom_lab_copy (ours);
  const char *const names[] = {"pc1", NULL};
  g_autoptr (LoomChange) move = loom_edit_move (theirs, names, 50, 50, NULL);
  g_autoptr (LoomChange) add = NULL;
  g_autoptr (LoomChange) set = NULL;
  g_autoptr (LoomChange) change = NULL;
  g_autoptr (LoomNode) node = NULL;

  loom_lab_apply (theirs, move);
  node = loom_node_copy (loom_lab_get_node (theirs, "pc1"));
  node->memory_mib = 256;
  set = loom_edit_set_node (theirs, node, NULL);
  loom_lab_apply (theirs, set);
  add = loom_edit_add_node (theirs, "switch", 10, 20, NULL);
  loom_lab_apply (theirs, add);
  change = loom_settle_difference (ours, theirs, NULL, "x");
  loom_lab_apply (ours, change);
  g_assert_cmpint (loom_lab_get_node (ours, "pc1")->memory_mib, ==, 256);
  g_assert_cmpfloat (loom_lab_get_node (ours, "pc1")->x, ==, 100);
  g_assert_nonnull (loom_lab_get_node (ours, "sw1"));
  g_assert_cmpfloat (loom_lab_get_node (ours, "sw1")->y, ==, 20);
}

/* A machine renamed elsewhere is the same one here: it keeps its place, and its consoles. */
static void
test_renames (void)
{
  g_autoptr (LoomCatalogue) catalogue = make_catalogue ();
  g_autoptr (LoomLab) ours = read_lab (catalogue, TWO_MACHINES);
  g_autoptr (LoomLab) theirs = loom_lab_copy (ours);
  g_autoptr (LoomChange) rename = loom_edit_rename (theirs, "pc1", "srv", NULL);
  g_autoptr (GHashTable) renames = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (LoomChange) change = NULL;
  const LoomNodeChange *node;

  loom_lab_apply (theirs, rename);
  g_hash_table_insert (renames, (gpointer) "pc1", (gpointer) "srv");
  change = loom_settle_difference (ours, theirs, renames, "x");
  g_assert_cmpint (change->nodes->len, ==, 1);
  node = &g_array_index (change->nodes, LoomNodeChange, 0);
  g_assert_cmpstr (node->before->name, ==, "pc1");
  g_assert_cmpstr (node->after->name, ==, "srv");
  loom_lab_apply (ours, change);
  g_clear_pointer (&change, loom_change_unref);
  change = loom_settle_difference (ours, theirs, NULL, "x");
  g_assert_true (loom_change_is_empty (change));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gui/settle/positions-stay", test_positions_stay);
  g_test_add_func ("/gui/settle/rest-comes-in", test_rest_comes_in);
  g_test_add_func ("/gui/settle/renames", test_renames);
  return g_test_run ();
}
