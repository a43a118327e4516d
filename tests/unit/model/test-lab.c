/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The lab as a container: listings in order, ports, changes applied, reversed and merged. */

#include "canvas/model/lab.h"
#include "tests/unit/model/fixture.h"

static LoomLink *
new_link (const char *a, const char *b)
{
  LoomEnd one;
  LoomEnd other;
  LoomLink *link;

  g_assert_true (loom_end_parse (a, &one));
  g_assert_true (loom_end_parse (b, &other));
  link = loom_link_new (&one, &other);
  loom_end_clear (&one);
  loom_end_clear (&other);
  return link;
}

static void
add_node (LoomLab *lab, const char *name, const char *kind, int n_ports)
{
  g_autoptr (LoomChange) change = loom_change_new ("Add");
  g_autoptr (LoomNode) node = loom_node_new (name, kind, n_ports);

  loom_change_add_node (change, NULL, node);
  loom_lab_apply (lab, change);
}

static void
add_link (LoomLab *lab, const char *a, const char *b)
{
  g_autoptr (LoomChange) change = loom_change_new ("Connect");
  g_autoptr (LoomLink) link = new_link (a, b);

  loom_change_add_link (change, NULL, link);
  loom_lab_apply (lab, change);
}

static LoomLab *
new_lab (void)
{
  g_autoptr (LoomCatalogue) catalogue = fixture_catalogue ();
  LoomLab *lab = loom_lab_new (catalogue);

  add_node (lab, "sw1", "switch", 4);
  add_node (lab, "pc2", "tiny", 1);
  add_node (lab, "pc1", "tiny", 2);
  add_node (lab, "pc10", "tiny", 1);
  add_link (lab, "sw1:3", "pc2:0");
  add_link (lab, "sw1:0", "pc1:1");
  return lab;
}

static char *
list (LoomLab *lab)
{
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);
  g_autoptr (GPtrArray) links = loom_lab_list_links (lab);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < nodes->len; i++)
    g_string_append_printf (text, "%s ", ((LoomNode *) nodes->pdata[i])->name);
  for (guint i = 0; i < links->len; i++) {
    g_autofree char *id = loom_link_dup_id (links->pdata[i]);

    g_string_append_printf (text, "| %s ", id);
  }
  return g_string_free (text, FALSE);
}

static void
assert_lists (LoomLab *lab, const char *expected)
{
  g_autofree char *text = list (lab);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_listings (void)
{
  g_autoptr (LoomLab) lab = new_lab ();
  g_autoptr (GPtrArray) of_switch = loom_lab_list_links_of (lab, "sw1");

  assert_lists (lab, "pc1 pc10 pc2 sw1 | pc1:1 sw1:0 | pc2:0 sw1:3 ");
  g_assert_cmpuint (loom_lab_get_n_nodes (lab), ==, 4);
  g_assert_cmpuint (loom_lab_get_n_links (lab), ==, 2);
  g_assert_cmpuint (of_switch->len, ==, 2);
  g_assert_null (loom_lab_get_node (lab, "pc3"));
  g_assert_nonnull (loom_lab_get_link (lab, "pc1:1 sw1:0"));
  g_assert_null (loom_lab_get_link (lab, "sw1:0 pc1:1"));
  g_assert_null (loom_lab_get_link (lab, "pc1:1 sw1:1"));
  g_assert_null (loom_lab_get_link (lab, "pc1:1"));
  g_assert_true (loom_lab_get_link_at (lab, "sw1", 0) == loom_lab_get_link_at (lab, "pc1", 1));
  g_assert_null (loom_lab_get_link_at (lab, "sw1", 4));
  g_assert_null (loom_lab_get_link_at (lab, "sw1", -1));
  g_assert_cmpint (loom_lab_get_free_port (lab, "sw1"), ==, 1);
  g_assert_cmpint (loom_lab_get_free_port (lab, "pc2"), ==, -1);
  g_assert_cmpint (loom_lab_get_free_port (lab, "nobody"), ==, -1);
}

static void
test_loop (void)
{
  g_autoptr (LoomLab) lab = new_lab ();
  g_autoptr (GPtrArray) links = NULL;

  add_link (lab, "sw1:2", "sw1:1");
  assert_lists (lab, "pc1 pc10 pc2 sw1 | pc1:1 sw1:0 | pc2:0 sw1:3 | sw1:1 sw1:2 ");
  links = loom_lab_list_links_of (lab, "sw1");
  g_assert_cmpuint (links->len, ==, 3);
}

/* Another setting is the same cable changed: nobody is to unplug it for that. */
static void
test_diff_of_settings (void)
{
  g_autoptr (LoomLab) lab = new_lab ();
  g_autoptr (LoomLab) other = loom_lab_copy (lab);
  g_autoptr (LoomLink) after = loom_link_copy (loom_lab_get_link (lab, "pc2:0 sw1:3"));
  g_autoptr (LoomChange) change = loom_change_new (NULL);
  g_autoptr (LoomChange) diff = NULL;
  const LoomLinkChange *pair;

  after->backward.loss_percent = 1;
  loom_change_add_link (change, loom_lab_get_link (other, "pc2:0 sw1:3"), after);
  loom_lab_apply (other, change);
  diff = loom_lab_diff (lab, other);
  g_assert_cmpuint (diff->links->len, ==, 1);
  pair = &g_array_index (diff->links, LoomLinkChange, 0);
  g_assert_true (pair->before == loom_lab_get_link (lab, "pc2:0 sw1:3"));
  g_assert_true (loom_link_equal (pair->after, after));
}

/* Two nodes swap names: nothing but leaving first and coming later can do that. */
static void
test_swap_names (void)
{
  g_autoptr (LoomLab) lab = new_lab ();
  LoomNode *pc10 = loom_lab_get_node (lab, "pc10");
  LoomNode *pc2 = loom_lab_get_node (lab, "pc2");
  g_autoptr (LoomNode) was_pc10 = loom_node_copy_named (pc10, "pc2");
  g_autoptr (LoomNode) was_pc2 = loom_node_copy_named (pc2, "pc10");
  g_autoptr (LoomLink) link = new_link ("pc10:0", "sw1:3");
  g_autoptr (LoomChange) change = loom_change_new ("Swap");
  g_autoptr (LoomChange) reversed = NULL;

  loom_change_add_node (change, pc10, was_pc10);
  loom_change_add_node (change, pc2, was_pc2);
  loom_change_add_link (change, loom_lab_get_link_at (lab, "pc2", 0), link);
  loom_lab_apply (lab, change);
  assert_lists (lab, "pc1 pc10 pc2 sw1 | pc1:1 sw1:0 | pc10:0 sw1:3 ");
  g_assert_true (loom_lab_get_node (lab, "pc2") == was_pc10);

  reversed = loom_change_reversed (change);
  loom_lab_apply (lab, reversed);
  assert_lists (lab, "pc1 pc10 pc2 sw1 | pc1:1 sw1:0 | pc2:0 sw1:3 ");
}

static void
test_replace_keeps_cables (void)
{
  g_autoptr (LoomLab) lab = new_lab ();
  LoomNode *before = loom_lab_get_node (lab, "sw1");
  g_autoptr (LoomNode) after = loom_node_copy (before);
  g_autoptr (LoomChange) change = loom_change_new ("More ports");

  loom_node_set_n_ports (after, 8);
  loom_change_add_node (change, before, after);
  loom_lab_apply (lab, change);
  g_assert_nonnull (loom_lab_get_link_at (lab, "sw1", 3));
  g_assert_null (loom_lab_get_link_at (lab, "sw1", 7));
  g_assert_true (loom_lab_get_node (lab, "sw1") == after);
}

static void
test_copy_and_diff (void)
{
  g_autoptr (LoomLab) lab = new_lab ();
  g_autoptr (LoomLab) copy = loom_lab_copy (lab);
  g_autoptr (LoomChange) nothing = loom_lab_diff (lab, copy);
  g_autoptr (LoomChange) something = NULL;

  g_assert_true (loom_change_is_empty (nothing));
  add_node (copy, "hub1", "hub", 4);
  add_link (copy, "hub1:0", "pc10:0");
  something = loom_lab_diff (lab, copy);
  g_assert_cmpuint (something->nodes->len, ==, 1);
  g_assert_cmpuint (something->links->len, ==, 1);
  loom_lab_apply (lab, something);
  assert_lists (lab, "hub1 pc1 pc10 pc2 sw1 | hub1:0 pc10:0 | pc1:1 sw1:0 | pc2:0 sw1:3 ");
}

static void
test_merge (void)
{
  g_autoptr (LoomNode) a = loom_node_new ("a", "tiny", 1);
  g_autoptr (LoomNode) b = loom_node_copy_named (a, "b");
  g_autoptr (LoomNode) moved = loom_node_copy_at (b, 10, 10);
  g_autoptr (LoomChange) first = loom_change_new ("Add");
  g_autoptr (LoomChange) rename = loom_change_new ("Rename");
  g_autoptr (LoomChange) move = loom_change_new ("Move");
  g_autoptr (LoomChange) back = NULL;
  g_autoptr (LoomChange) two = NULL;
  g_autoptr (LoomChange) three = NULL;
  g_autoptr (LoomChange) none = NULL;

  loom_change_add_node (first, NULL, a);
  loom_change_add_node (rename, a, b);
  loom_change_add_node (move, b, moved);
  g_assert_true (loom_change_is_layout_only (move));
  g_assert_false (loom_change_is_layout_only (rename));

  two = loom_change_merged (first, rename);
  three = loom_change_merged (two, move);
  g_assert_cmpuint (three->nodes->len, ==, 1);
  g_assert_null (g_array_index (three->nodes, LoomNodeChange, 0).before);
  g_assert_true (g_array_index (three->nodes, LoomNodeChange, 0).after == moved);
  back = loom_change_reversed (move);
  none = loom_change_merged (move, back);
  g_assert_true (loom_change_is_empty (none));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lab/listings", test_listings);
  g_test_add_func ("/lab/loop", test_loop);
  g_test_add_func ("/lab/diff-of-settings", test_diff_of_settings);
  g_test_add_func ("/lab/swap-names", test_swap_names);
  g_test_add_func ("/lab/replace-keeps-cables", test_replace_keeps_cables);
  g_test_add_func ("/lab/copy-and-diff", test_copy_and_diff);
  g_test_add_func ("/change/merge", test_merge);
  return g_test_run ();
}
