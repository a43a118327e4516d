/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The row that says what a machine starts after: names as people write them. */

#include "gui/after-entry.h"

static void
test_names (void)
{
  GtkWidget *grid = gtk_grid_new ();
  GtkEntry *entry;
  g_autoptr (LoomNode) node = loom_node_new ("pc1", "tiny", 1);
  g_autoptr (LoomNode) set = NULL;
  g_autoptr (LoomNode) cleared = NULL;
  g_autofree char *names = NULL;

  g_object_ref_sink (grid);
  entry = loom_after_entry_add (GTK_GRID (grid));
  loom_after_entry_update (entry, node);
  g_assert_cmpstr (gtk_entry_get_text (entry), ==, "");
  g_assert_null (loom_after_entry_dup_node (entry, node));

  gtk_entry_set_text (entry, " sw1,router  , sw1 db,");
  set = loom_after_entry_dup_node (entry, node);
  g_assert_nonnull (set);
  names = g_strjoinv (" ", set->after);
  g_assert_cmpstr (names, ==, "db router sw1");
  g_assert_null (loom_after_entry_dup_node (entry, set)); /* the same, written otherwise */
  loom_after_entry_update (entry, set);
  g_assert_cmpstr (gtk_entry_get_text (entry), ==, "db, router, sw1");

  gtk_entry_set_text (entry, " , ");
  cleared = loom_after_entry_dup_node (entry, set);
  g_assert_null (cleared->after);
  g_object_unref (grid);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/after-entry/names", test_names);
  return g_test_run ();
}
