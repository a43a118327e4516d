/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Renames fold together whatever the order of edits and undos. */

#include "gui/renames.h"

static void
add (LoomRenames *renames, const char *before, const char *after)
{
  g_autoptr (LoomChange) change = loom_change_new ("test");
  g_autoptr (LoomNode) old_node = before != NULL ? loom_node_new (before, "tiny", 1) : NULL;
  g_autoptr (LoomNode) new_node = after != NULL ? loom_node_new (after, "tiny", 1) : NULL;

  loom_change_add_node (change, old_node, new_node);
  loom_renames_add (renames, change);
}

static void
test_chain (void)
{
  g_autoptr (LoomRenames) renames = loom_renames_new ();
  g_autoptr (GHashTable) table = NULL;

  add (renames, "a", "b");
  add (renames, "b", "c");
  table = loom_renames_steal (renames);
  g_assert_cmpuint (g_hash_table_size (table), ==, 1);
  g_assert_cmpstr (g_hash_table_lookup (table, "a"), ==, "c");
  g_assert_true (loom_renames_is_empty (renames));
}

static void
test_back (void)
{
  g_autoptr (LoomRenames) renames = loom_renames_new ();

  add (renames, "a", "b");
  add (renames, "b", "a");
  g_assert_true (loom_renames_is_empty (renames));
}

static void
test_deleted (void)
{
  g_autoptr (LoomRenames) renames = loom_renames_new ();
  g_autoptr (GHashTable) table = NULL;

  add (renames, "a", "b");
  add (renames, "b", NULL);
  g_assert_true (loom_renames_is_empty (renames));
  /* A new machine may have the old one's name: it is not the old one. */
  add (renames, NULL, "b");
  add (renames, "c", "d");
  add (renames, NULL, "c");
  table = loom_renames_steal (renames);
  g_assert_cmpuint (g_hash_table_size (table), ==, 1);
  g_assert_cmpstr (g_hash_table_lookup (table, "c"), ==, "d");
}

static void
test_swap (void)
{
  g_autoptr (LoomRenames) renames = loom_renames_new ();
  g_autoptr (LoomChange) change = loom_change_new ("swap");
  g_autoptr (LoomNode) a = loom_node_new ("a", "tiny", 1);
  g_autoptr (LoomNode) b = loom_node_new ("b", "tiny", 1);
  g_autoptr (GHashTable) table = NULL;

  loom_change_add_node (change, a, b);
  loom_change_add_node (change, b, a);
  loom_renames_add (renames, change);
  table = loom_renames_steal (renames);
  g_assert_cmpstr (g_hash_table_lookup (table, "a"), ==, "b");
  g_assert_cmpstr (g_hash_table_lookup (table, "b"), ==, "a");
}

static void
test_settings_are_no_rename (void)
{
  g_autoptr (LoomRenames) renames = loom_renames_new ();

  add (renames, "a", "a");
  add (renames, NULL, "n");
  add (renames, "m", NULL);
  g_assert_true (loom_renames_is_empty (renames));
}

static void
test_restore (void)
{
  g_autoptr (LoomRenames) renames = loom_renames_new ();
  g_autoptr (GHashTable) stolen = NULL;
  g_autoptr (GHashTable) table = NULL;

  add (renames, "a", "b");
  stolen = loom_renames_steal (renames);
  add (renames, "b", "c");
  add (renames, "x", "y");
  loom_renames_restore (renames, stolen);
  table = loom_renames_steal (renames);
  g_assert_cmpuint (g_hash_table_size (table), ==, 2);
  g_assert_cmpstr (g_hash_table_lookup (table, "a"), ==, "c");
  g_assert_cmpstr (g_hash_table_lookup (table, "x"), ==, "y");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gui/renames/chain", test_chain);
  g_test_add_func ("/gui/renames/back", test_back);
  g_test_add_func ("/gui/renames/deleted", test_deleted);
  g_test_add_func ("/gui/renames/swap", test_swap);
  g_test_add_func ("/gui/renames/settings-are-no-rename", test_settings_are_no_rename);
  g_test_add_func ("/gui/renames/restore", test_restore);
  return g_test_run ();
}
