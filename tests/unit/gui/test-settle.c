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
  change = loom_settle_difference (ours, theirs, "x");
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
  change = loom_settle_difference (ours, theirs, "x");
  loom_lab_apply (ours, change);
  g_assert_cmpint (loom_lab_get_node (ours, "pc1")->memory_mib, ==, 256);
  g_assert_cmpfloat (loom_lab_get_node (ours, "pc1")->x, ==, 100);
  g_assert_nonnull (loom_lab_get_node (ours, "sw1"));
  g_assert_cmpfloat (loom_lab_get_node (ours, "sw1")->y, ==, 20);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gui/settle/positions-stay", test_positions_stay);
  g_test_add_func ("/gui/settle/rest-comes-in", test_rest_comes_in);
  return g_test_run ();
}
