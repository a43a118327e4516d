/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every edit: what it does, that it can be undone, and what it refuses. Many of them at random are
 * in test-edit-walk.c. */

#include "canvas/model/after.h"
#include "canvas/model/edit.h"
#include "tests/unit/model/edit-check.h"
#include "tests/unit/model/fixture.h"

#include <math.h>

static void
test_add (void)
{
  g_autoptr (LoomLab) lab = fixture_two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  GError *error = NULL;

  edit_check_reversible (history, loom_edit_add_node (lab, "tiny", 10.333333, -0.001, &error));
  g_assert_nonnull (loom_lab_get_node (lab, "pc5"));
  g_assert_cmpfloat (loom_lab_get_node (lab, "pc5")->x, ==, 10.33);
  edit_check_reversible (history, loom_edit_add_node (lab, "hub", 0, 0, &error));
  g_assert_cmpint (loom_lab_get_node (lab, "hub1")->n_ports, ==, 4);
  g_assert_no_error (error);
  g_assert_cmpstr (loom_history_get_undo_label (history), ==, "Add hub1");
  edit_check_refused (loom_edit_add_node (lab, "cat", 0, 0, &error), &error, "cat");
}

static void
test_connect (void)
{
  g_autoptr (LoomLab) lab = fixture_two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  LoomEnd sw1 = edit_end ("sw1", -1);
  LoomEnd sw2 = edit_end ("sw2", -1);
  LoomEnd taken = edit_end ("sw2", 3);
  LoomEnd far = edit_end ("sw2", 4);
  LoomEnd pc1 = edit_end ("pc1", -1);
  LoomEnd none = edit_end ("pc9", -1);
  g_autofree char *why = NULL;
  GError *error = NULL;

  g_assert_null (loom_edit_explain_refusal (lab, &sw1, &sw2));
  g_assert_null (loom_edit_explain_refusal (lab, NULL, &sw2));
  edit_check_reversible (history, loom_edit_connect (lab, &sw2, &sw1, &error));
  g_assert_nonnull (loom_lab_get_link (lab, "sw1:2 sw2:2"));
  why = loom_edit_explain_refusal (lab, &sw1, &pc1);
  g_assert_nonnull (why);
  edit_check_refused (loom_edit_connect (lab, &sw1, &sw2, &error), &error, "All ports of “sw1”");
  edit_check_refused (loom_edit_connect (lab, &pc1, &sw2, &error), &error, "All NICs of “pc1”");
  edit_check_refused (loom_edit_connect (lab, &sw1, &sw1, &error), &error, "another node");
  edit_check_refused (loom_edit_connect (lab, &sw1, &none, &error), &error, "All ports");
  edit_check_refused (loom_edit_connect (lab, &none, &sw1, &error), &error, "pc9");
  edit_check_refused (loom_edit_connect (lab, &taken, &pc1, &error), &error, "has a cable already");
  edit_check_refused (loom_edit_connect (lab, &far, &pc1, &error), &error, "no port 4");
}

static void
test_rename (void)
{
  g_autoptr (LoomLab) lab = fixture_two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  GError *error = NULL;

  edit_check_reversible (history, loom_edit_rename (lab, "sw1", "a-core", &error));
  g_assert_nonnull (loom_lab_get_link (lab, "a-core:0 pc1:0"));
  g_assert_null (loom_lab_get_node (lab, "sw1"));
  edit_check_reversible (history, loom_edit_rename (lab, "pc1", "pc1", &error));
  edit_check_refused (loom_edit_rename (lab, "pc1", "pc2", &error), &error, "already");
  edit_check_refused (loom_edit_rename (lab, "pc1", "a/b", &error), &error, "a/b");
  edit_check_refused (loom_edit_rename (lab, "nobody", "x", &error), &error, "nobody");
}

/* A name makes the MACs: one that would make another's is refused. */
static void
test_macs (void)
{
  g_autoptr (LoomLab) lab = fixture_two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  g_autoptr (LoomNode) future = loom_node_new ("pc5", "tiny", 1);
  g_autoptr (LoomNode) pc1 = loom_node_copy (loom_lab_get_node (lab, "pc1"));
  g_autoptr (LoomNode) twice = NULL;
  GError *error = NULL;

  pc1->ports[0].mac = loom_node_dup_mac (future, 0);
  edit_check_reversible (history, loom_edit_set_node (lab, pc1, &error));
  edit_check_refused (loom_edit_rename (lab, "pc2", "pc5", &error), &error, "MAC");
  edit_check_refused (loom_edit_add_node (lab, "tiny", 0, 0, &error), &error, "MAC");
  twice = loom_node_copy (loom_lab_get_node (lab, "pc2"));
  loom_node_set_n_ports (twice, 2);
  twice->ports[0].mac = g_strdup ("02:00:00:00:00:01");
  twice->ports[1].mac = g_strdup ("02:00:00:00:00:01");
  edit_check_refused (loom_edit_set_node (lab, twice, &error), &error, "same MAC");
}

static void
test_delete (void)
{
  static const char *const nodes[] = {"sw1", "pc1", "pc1", NULL};
  static const char *const links[] = {"pc1:0 sw1:0", "pc3:0 sw2:0", NULL};
  static const char *const wrong[] = {"pc1:0", NULL};
  g_autoptr (LoomLab) lab = fixture_two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  GError *error = NULL;

  edit_check_reversible (history, loom_edit_delete (lab, nodes, links, &error));
  g_assert_cmpuint (loom_lab_get_n_nodes (lab), ==, 4);
  g_assert_cmpuint (loom_lab_get_n_links (lab), ==, 1);
  edit_check_refused (loom_edit_delete (lab, NULL, wrong, &error), &error, "pc1:0");
  edit_check_refused (loom_edit_delete (lab, nodes, NULL, &error), &error, "sw1");
}

static void
test_move (void)
{
  static const char *const nodes[] = {"sw1", "pc1", NULL};
  g_autoptr (LoomLab) lab = fixture_two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  g_autoptr (LoomChange) change = loom_edit_move (lab, nodes, 0.125, -7, NULL);
  GError *error = NULL;

  g_assert_true (loom_change_is_layout_only (change));
  edit_check_reversible (history, loom_change_ref (change));
  g_assert_cmpfloat (loom_lab_get_node (lab, "sw1")->x, ==, 360.13);
  edit_check_reversible (history, loom_edit_move (lab, nodes, 1e300, 0, &error));
  edit_check_reversible (history, loom_edit_move (lab, nodes, 0, 0, &error));
  g_assert_cmpstr (loom_history_get_undo_label (history), ==, "Move 2 Nodes");
}

static void
test_set_node (void)
{
  g_autoptr (LoomLab) lab = fixture_two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  g_autoptr (LoomNode) pc1 = loom_node_copy (loom_lab_get_node (lab, "pc1"));
  g_autoptr (LoomNode) sw1 = loom_node_copy (loom_lab_get_node (lab, "sw1"));
  GError *error = NULL;
  int vlan = 5;

  pc1->memory_mib = 128;
  edit_check_reversible (history, loom_edit_set_node (lab, pc1, &error));
  g_assert_false (loom_history_get_can_undo (history)); /* the default is not set */
  pc1->memory_mib = 512;
  pc1->n_cpus = 4;
  pc1->boot = g_strdup ("echo hi\n");
  loom_node_set_n_ports (pc1, 3);
  pc1->ports[2].addresses = g_strdup (" 10.9.0.1/8,fd00::1/64 ");
  pc1->ports[1].mac = g_strdup ("02:AB:00:00:00:01");
  edit_check_reversible (history, loom_edit_set_node (lab, pc1, &error));
  g_assert_cmpstr (loom_lab_get_node (lab, "pc1")->ports[2].addresses, ==,
                   "10.9.0.1/8, fd00::1/64");
  g_array_prepend_val (sw1->ports[3].trunk_vlans, vlan);
  vlan = 1;
  g_array_append_val (sw1->ports[3].trunk_vlans, vlan);
  edit_check_reversible (history, loom_edit_set_node (lab, sw1, &error));
  g_assert_no_error (error);

  loom_node_set_n_ports (sw1, 3);
  edit_check_refused (loom_edit_set_node (lab, sw1, &error), &error, "sw1:3");
  pc1->memory_mib = 1;
  edit_check_refused (loom_edit_set_node (lab, pc1, &error), &error, "MiB");
  pc1->memory_mib = 0;
  pc1->image = g_strdup ("x");
  edit_check_refused (loom_edit_set_node (lab, pc1, &error), &error, "image");
  g_clear_pointer (&pc1->image, g_free);
  pc1->ports[0].vlan_mode = LOOM_VLAN_TRUNK;
  edit_check_refused (loom_edit_set_node (lab, pc1, &error), &error, "pc1:0");
}

static void
test_set_link (void)
{
  g_autoptr (LoomLab) lab = fixture_two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  g_autoptr (LoomLink) link = loom_link_copy (loom_lab_get_link (lab, "pc1:0 sw1:0"));
  g_autoptr (LoomLink) nowhere = NULL;
  LoomEnd a = edit_end ("pc1", 0);
  LoomEnd b = edit_end ("sw2", 0);
  GError *error = NULL;

  link->period_s = 77; /* of no use without flapping */
  edit_check_reversible (history, loom_edit_set_link (lab, link, &error));
  g_assert_false (loom_history_get_can_undo (history));
  link->backward.delay_ms = 20;
  g_assert_true (loom_link_needs_wire (link));
  edit_check_reversible (history, loom_edit_set_link (lab, link, &error));
  g_assert_cmpstr (loom_history_get_undo_label (history), ==, "Change Cable pc1 ↔ sw1");
  link->fault = LOOM_FAULT_UNPLUGGED;
  edit_check_reversible (history, loom_edit_set_link (lab, link, &error));
  g_assert_cmpstr (loom_history_get_undo_label (history), ==, "Unplug pc1 from sw1");
  link->fault = LOOM_FAULT_NONE;
  edit_check_reversible (history, loom_edit_set_link (lab, link, &error));
  g_assert_cmpstr (loom_history_get_undo_label (history), ==, "Plug pc1 into sw1");
  g_assert_no_error (error);

  link->forward.loss_percent = 101;
  edit_check_refused (loom_edit_set_link (lab, link, &error), &error,
                      "“loss_percent” must be from 0");
  link->forward.loss_percent = NAN;
  edit_check_refused (loom_edit_set_link (lab, link, &error), &error, "“loss_percent”");
  link->forward.loss_percent = 0;
  link->fault = LOOM_FAULT_FLAPPING;
  link->up_percent = 0;
  edit_check_refused (loom_edit_set_link (lab, link, &error), &error, "up_percent");
  link->up_percent = 50;
  link->period_s = 0.1;
  edit_check_refused (loom_edit_set_link (lab, link, &error), &error, "period_s");
  nowhere = loom_link_new (&a, &b);
  edit_check_refused (loom_edit_set_link (lab, nowhere, &error), &error, "pc1:0 sw2:0");
}

static void
test_set_links (void)
{
  g_autoptr (LoomLab) lab = fixture_two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  g_autoptr (GPtrArray) links = loom_lab_list_links (lab);
  g_autoptr (GPtrArray) after = g_ptr_array_new_with_free_func ((GDestroyNotify) loom_link_unref);
  GError *error = NULL;

  for (guint i = 0; i < links->len; i++) {
    LoomLink *link = loom_link_copy (links->pdata[i]);

    link->fault = LOOM_FAULT_UNPLUGGED;
    g_ptr_array_add (after, link);
  }
  edit_check_reversible (history, loom_edit_set_links (lab, after, &error));
  g_assert_cmpstr (loom_history_get_undo_label (history), ==, "Unplug 5 Cables");
  ((LoomLink *) after->pdata[1])->seed = LOOM_SEED_MAX + 1;
  edit_check_refused (loom_edit_set_links (lab, after, &error), &error, "seed");
}

/* What is set on a cable stays with its ends, whatever they are called. */
static void
test_settings_go_along (void)
{
  static const char *const names[] = {"zz", "sw1", NULL};
  g_autoptr (LoomLab) lab = fixture_two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  g_autoptr (LoomLink) link = loom_link_copy (loom_lab_get_link (lab, "pc1:0 sw1:0"));
  g_autoptr (LoomLab) part = NULL;
  GError *error = NULL;

  link->forward.delay_ms = 1;
  link->fault = LOOM_FAULT_ONE_WAY;
  link->fault_end = 0;
  edit_check_reversible (history, loom_edit_set_link (lab, link, &error));
  edit_check_reversible (history, loom_edit_rename (lab, "pc1", "zz", &error));
  link = (loom_link_unref (link), loom_link_ref (loom_lab_get_link (lab, "sw1:0 zz:0")));
  g_assert_cmpfloat (link->backward.delay_ms, ==, 1);
  g_assert_cmpfloat (link->forward.delay_ms, ==, 0);
  g_assert_cmpint (link->fault_end, ==, 1);
  part = loom_edit_copy_part (lab, names);
  edit_check_reversible (history, loom_edit_paste (lab, part, 20, 20, &error));
  link = (loom_link_unref (link), loom_link_ref (loom_lab_get_link (lab, "pc1:0 sw3:0")));
  g_assert_cmpfloat (link->forward.delay_ms, ==, 1);
  g_assert_cmpint (link->fault_end, ==, 0);
  g_assert_no_error (error);
}

static void
test_title (void)
{
  g_autoptr (LoomLab) lab = fixture_two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  GError *error = NULL;

  edit_check_reversible (history, loom_edit_set_title (lab, "New", "", &error));
  edit_check_reversible (history, loom_edit_set_title (lab, "New", "One\nTwo", &error));
  g_assert_cmpstr (loom_lab_get_description (lab), ==, "One\nTwo");
  edit_check_refused (loom_edit_set_title (lab, "a\nb", "", &error), &error, "one line");
}

static void
test_paste (void)
{
  static const char *const names[] = {"pc1", "sw1", "pc2", "pc1", "nobody", NULL};
  g_autoptr (LoomLab) lab = fixture_two_switches ();
  g_autoptr (LoomLab) everything = fixture_read_lab ("tests/unit/model/everything.lanloom");
  g_autoptr (LoomLab) part = loom_edit_copy_part (lab, names);
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  GError *error = NULL;

  g_assert_cmpuint (loom_lab_get_n_nodes (part), ==, 3);
  g_assert_cmpuint (loom_lab_get_n_links (part), ==, 2);
  edit_check_reversible (history, loom_edit_paste (lab, part, 20, 20, &error));
  g_assert_nonnull (loom_lab_get_link (lab, "pc5:0 sw3:0"));
  g_assert_nonnull (loom_lab_get_link (lab, "pc6:0 sw3:1"));
  edit_check_reversible (history, loom_edit_paste (lab, everything, 20, 20, &error));
  edit_check_reversible (history, loom_edit_paste (lab, everything, 20, 20, &error));
  g_assert_no_error (error);
}

/* (transfer full): "pc1, sw1" */
static char *
dup_after (LoomLab *lab, const char *name)
{
  const LoomNode *node = loom_lab_get_node (lab, name);

  return node->after != NULL ? g_strjoinv (", ", node->after) : g_strdup ("");
}

static LoomChange *
set_after (LoomLab *lab, const char *name, const char *names, GError **error)
{
  g_autoptr (LoomNode) node = loom_node_copy (loom_lab_get_node (lab, name));

  g_strfreev (node->after);
  node->after = g_strsplit (names, ",", -1);
  return loom_edit_set_node (lab, node, error);
}

static const LoomNode *
look_up (gpointer data, const char *name)
{
  return loom_lab_get_node (data, name);
}

/* What starts after what: kept whole by every edit that touches a name. */
static void
test_order (void)
{
  static const char *const part_names[] = {"pc3", "pc4", NULL};
  static const char *const gone[] = {"pc2", "sw9", NULL};
  g_autoptr (LoomLab) lab = fixture_two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  g_autoptr (LoomLab) part = NULL;
  g_autofree char *pc1 = NULL;
  g_autofree char *pc4 = NULL;
  g_autofree char *pc6 = NULL;
  g_autofree char *closed = NULL;
  g_auto (GStrv) all = NULL;
  g_autofree char *rest = NULL;
  GError *error = NULL;

  edit_check_reversible (history, set_after (lab, "pc1", "sw1,pc2,sw1", &error));
  edit_check_reversible (history, set_after (lab, "pc2", "pc3", &error));
  edit_check_reversible (history, set_after (lab, "pc4", "pc1,pc3", &error));
  edit_check_refused (set_after (lab, "pc3", "pc4", &error), &error, "pc3 → pc4 → pc1 → pc2 → pc3");
  edit_check_refused (set_after (lab, "pc3", "pc3", &error), &error, "itself");
  edit_check_refused (set_after (lab, "pc3", "pc9", &error), &error, "pc9");
  edit_check_refused (set_after (lab, "sw1", "pc1", &error), &error, "no machine");
  edit_check_reversible (history, loom_edit_rename (lab, "sw1", "sw9", &error));
  pc1 = dup_after (lab, "pc1");
  g_assert_cmpstr (pc1, ==, "pc2, sw9");
  all = loom_after_close (look_up, lab, part_names);
  closed = g_strjoinv (" ", all);
  g_assert_cmpstr (closed, ==, "pc1 pc2 pc3 pc4 sw9");
  part = loom_edit_copy_part (lab, part_names);
  pc4 = dup_after (part, "pc4");
  g_assert_cmpstr (pc4, ==, "pc3");
  edit_check_reversible (history, loom_edit_paste (lab, part, 20, 20, &error));
  pc6 = dup_after (lab, "pc6");
  g_assert_cmpstr (pc6, ==, "pc5");
  edit_check_reversible (history, loom_edit_delete (lab, gone, NULL, &error));
  rest = dup_after (lab, "pc1");
  g_assert_cmpstr (rest, ==, "");
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/edit/add", test_add);
  g_test_add_func ("/edit/connect", test_connect);
  g_test_add_func ("/edit/rename", test_rename);
  g_test_add_func ("/edit/macs", test_macs);
  g_test_add_func ("/edit/delete", test_delete);
  g_test_add_func ("/edit/move", test_move);
  g_test_add_func ("/edit/set-node", test_set_node);
  g_test_add_func ("/edit/set-link", test_set_link);
  g_test_add_func ("/edit/set-links", test_set_links);
  g_test_add_func ("/edit/settings-go-along", test_settings_go_along);
  g_test_add_func ("/edit/title", test_title);
  g_test_add_func ("/edit/order", test_order);
  g_test_add_func ("/edit/paste", test_paste);
  return g_test_run ();
}
