/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every edit, and the promise under it: done, undone and redone, the file is the same, byte for
 * byte, and can always be read again. */

#include "canvas/model/after.h"
#include "canvas/model/edit.h"
#include "canvas/model/history.h"
#include "canvas/model/reader.h"
#include "canvas/model/writer.h"
#include "tests/unit/model/fixture.h"

#include <math.h>
#include <string.h>

#define N_STEPS 400
#define SEED 20260

static LoomLab *
read_lab (const char *path)
{
  g_autoptr (LoomCatalogue) catalogue = fixture_catalogue ();
  g_autoptr (GError) error = NULL;
  gsize size = 0;
  g_autofree char *text = fixture_read (path, &size);
  LoomLab *lab = loom_reader_read (catalogue, text, size, NULL, &error);

  g_assert_no_error (error);
  return lab;
}

static LoomLab *
two_switches (void)
{
  return read_lab ("data/labs/two-switches.lanloom");
}

/* Does @change (transfer full), undoes and redoes it, and leaves it done. */
static void
check_reversible (LoomHistory *history, LoomChange *change)
{
  LoomLab *lab = loom_history_get_lab (history);
  g_autoptr (LoomLab) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = loom_writer_write (lab, NULL);
  g_autofree char *after = NULL;
  g_autofree char *undone = NULL;
  g_autofree char *redone = NULL;
  g_autofree char *reread = NULL;
  gsize size = 0;

  g_assert_nonnull (change);
  loom_history_do (history, change, NULL);
  after = loom_writer_write (lab, &size);
  if (!loom_change_is_empty (change)) {
    g_assert_cmpstr (before, !=, after);
    g_assert_true (loom_history_undo (history));
    undone = loom_writer_write (lab, NULL);
    g_assert_cmpstr (undone, ==, before);
    g_assert_true (loom_history_redo (history));
    redone = loom_writer_write (lab, NULL);
    g_assert_cmpstr (redone, ==, after);
  }
  again = loom_reader_read (loom_lab_get_catalogue (lab), after, size, NULL, &error);
  g_assert_no_error (error);
  reread = loom_writer_write (again, NULL);
  g_assert_cmpstr (reread, ==, after);
  loom_change_unref (change);
}

/* Of arguments that are evaluated in any order: hence the pointer. Leaves *@error empty. */
static void
check_refused (LoomChange *change, GError **error, const char *part)
{
  g_assert_null (change);
  g_assert_error (*error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_REFUSED);
  g_test_message ("%s", (*error)->message);
  g_assert_nonnull (strstr ((*error)->message, part));
  g_clear_error (error);
}

static LoomEnd
end_of (const char *node, int port)
{
  LoomEnd end = {(char *) node, port};

  return end;
}

static void
test_add (void)
{
  g_autoptr (LoomLab) lab = two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  GError *error = NULL;

  check_reversible (history, loom_edit_add_node (lab, "tiny", 10.333333, -0.001, &error));
  g_assert_nonnull (loom_lab_get_node (lab, "pc5"));
  g_assert_cmpfloat (loom_lab_get_node (lab, "pc5")->x, ==, 10.33);
  check_reversible (history, loom_edit_add_node (lab, "hub", 0, 0, &error));
  g_assert_cmpint (loom_lab_get_node (lab, "hub1")->n_ports, ==, 4);
  g_assert_no_error (error);
  g_assert_cmpstr (loom_history_get_undo_label (history), ==, "Add hub1");
  check_refused (loom_edit_add_node (lab, "cat", 0, 0, &error), &error, "cat");
}

static void
test_connect (void)
{
  g_autoptr (LoomLab) lab = two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  LoomEnd sw1 = end_of ("sw1", -1);
  LoomEnd sw2 = end_of ("sw2", -1);
  LoomEnd taken = end_of ("sw2", 3);
  LoomEnd far = end_of ("sw2", 4);
  LoomEnd pc1 = end_of ("pc1", -1);
  LoomEnd none = end_of ("pc9", -1);
  g_autofree char *why = NULL;
  GError *error = NULL;

  g_assert_null (loom_edit_explain_refusal (lab, &sw1, &sw2));
  g_assert_null (loom_edit_explain_refusal (lab, NULL, &sw2));
  check_reversible (history, loom_edit_connect (lab, &sw2, &sw1, &error));
  g_assert_nonnull (loom_lab_get_link (lab, "sw1:2 sw2:2"));
  why = loom_edit_explain_refusal (lab, &sw1, &pc1);
  g_assert_nonnull (why);
  check_refused (loom_edit_connect (lab, &sw1, &sw2, &error), &error, "All ports of “sw1”");
  check_refused (loom_edit_connect (lab, &pc1, &sw2, &error), &error, "All NICs of “pc1”");
  check_refused (loom_edit_connect (lab, &sw1, &sw1, &error), &error, "another node");
  check_refused (loom_edit_connect (lab, &sw1, &none, &error), &error, "All ports");
  check_refused (loom_edit_connect (lab, &none, &sw1, &error), &error, "pc9");
  check_refused (loom_edit_connect (lab, &taken, &pc1, &error), &error, "has a cable already");
  check_refused (loom_edit_connect (lab, &far, &pc1, &error), &error, "no port 4");
}

static void
test_rename (void)
{
  g_autoptr (LoomLab) lab = two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  GError *error = NULL;

  check_reversible (history, loom_edit_rename (lab, "sw1", "a-core", &error));
  g_assert_nonnull (loom_lab_get_link (lab, "a-core:0 pc1:0"));
  g_assert_null (loom_lab_get_node (lab, "sw1"));
  check_reversible (history, loom_edit_rename (lab, "pc1", "pc1", &error));
  check_refused (loom_edit_rename (lab, "pc1", "pc2", &error), &error, "already");
  check_refused (loom_edit_rename (lab, "pc1", "a/b", &error), &error, "a/b");
  check_refused (loom_edit_rename (lab, "nobody", "x", &error), &error, "nobody");
}

/* A name makes the MACs: one that would make another's is refused. */
static void
test_macs (void)
{
  g_autoptr (LoomLab) lab = two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  g_autoptr (LoomNode) future = loom_node_new ("pc5", "tiny", 1);
  g_autoptr (LoomNode) pc1 = loom_node_copy (loom_lab_get_node (lab, "pc1"));
  g_autoptr (LoomNode) twice = NULL;
  GError *error = NULL;

  pc1->ports[0].mac = loom_node_dup_mac (future, 0);
  check_reversible (history, loom_edit_set_node (lab, pc1, &error));
  check_refused (loom_edit_rename (lab, "pc2", "pc5", &error), &error, "MAC");
  check_refused (loom_edit_add_node (lab, "tiny", 0, 0, &error), &error, "MAC");
  twice = loom_node_copy (loom_lab_get_node (lab, "pc2"));
  loom_node_set_n_ports (twice, 2);
  twice->ports[0].mac = g_strdup ("02:00:00:00:00:01");
  twice->ports[1].mac = g_strdup ("02:00:00:00:00:01");
  check_refused (loom_edit_set_node (lab, twice, &error), &error, "same MAC");
}

static void
test_delete (void)
{
  static const char *const nodes[] = {"sw1", "pc1", "pc1", NULL};
  static const char *const links[] = {"pc1:0 sw1:0", "pc3:0 sw2:0", NULL};
  static const char *const wrong[] = {"pc1:0", NULL};
  g_autoptr (LoomLab) lab = two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  GError *error = NULL;

  check_reversible (history, loom_edit_delete (lab, nodes, links, &error));
  g_assert_cmpuint (loom_lab_get_n_nodes (lab), ==, 4);
  g_assert_cmpuint (loom_lab_get_n_links (lab), ==, 1);
  check_refused (loom_edit_delete (lab, NULL, wrong, &error), &error, "pc1:0");
  check_refused (loom_edit_delete (lab, nodes, NULL, &error), &error, "sw1");
}

static void
test_move (void)
{
  static const char *const nodes[] = {"sw1", "pc1", NULL};
  g_autoptr (LoomLab) lab = two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  g_autoptr (LoomChange) change = loom_edit_move (lab, nodes, 0.125, -7, NULL);
  GError *error = NULL;

  g_assert_true (loom_change_is_layout_only (change));
  check_reversible (history, loom_change_ref (change));
  g_assert_cmpfloat (loom_lab_get_node (lab, "sw1")->x, ==, 360.13);
  check_reversible (history, loom_edit_move (lab, nodes, 1e300, 0, &error));
  check_reversible (history, loom_edit_move (lab, nodes, 0, 0, &error));
  g_assert_cmpstr (loom_history_get_undo_label (history), ==, "Move 2 Nodes");
}

static void
test_set_node (void)
{
  g_autoptr (LoomLab) lab = two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  g_autoptr (LoomNode) pc1 = loom_node_copy (loom_lab_get_node (lab, "pc1"));
  g_autoptr (LoomNode) sw1 = loom_node_copy (loom_lab_get_node (lab, "sw1"));
  GError *error = NULL;
  int vlan = 5;

  pc1->memory_mib = 128;
  check_reversible (history, loom_edit_set_node (lab, pc1, &error));
  g_assert_false (loom_history_get_can_undo (history)); /* the default is not set */
  pc1->memory_mib = 512;
  pc1->n_cpus = 4;
  pc1->boot = g_strdup ("echo hi\n");
  loom_node_set_n_ports (pc1, 3);
  pc1->ports[2].addresses = g_strdup (" 10.9.0.1/8,fd00::1/64 ");
  pc1->ports[1].mac = g_strdup ("02:AB:00:00:00:01");
  check_reversible (history, loom_edit_set_node (lab, pc1, &error));
  g_assert_cmpstr (loom_lab_get_node (lab, "pc1")->ports[2].addresses, ==,
                   "10.9.0.1/8, fd00::1/64");
  g_array_prepend_val (sw1->ports[3].trunk_vlans, vlan);
  vlan = 1;
  g_array_append_val (sw1->ports[3].trunk_vlans, vlan);
  check_reversible (history, loom_edit_set_node (lab, sw1, &error));
  g_assert_no_error (error);

  loom_node_set_n_ports (sw1, 3);
  check_refused (loom_edit_set_node (lab, sw1, &error), &error, "sw1:3");
  pc1->memory_mib = 1;
  check_refused (loom_edit_set_node (lab, pc1, &error), &error, "MiB");
  pc1->memory_mib = 0;
  pc1->image = g_strdup ("x");
  check_refused (loom_edit_set_node (lab, pc1, &error), &error, "image");
  g_clear_pointer (&pc1->image, g_free);
  pc1->ports[0].vlan_mode = LOOM_VLAN_TRUNK;
  check_refused (loom_edit_set_node (lab, pc1, &error), &error, "pc1:0");
}

static void
test_set_link (void)
{
  g_autoptr (LoomLab) lab = two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  g_autoptr (LoomLink) link = loom_link_copy (loom_lab_get_link (lab, "pc1:0 sw1:0"));
  g_autoptr (LoomLink) nowhere = NULL;
  LoomEnd a = end_of ("pc1", 0);
  LoomEnd b = end_of ("sw2", 0);
  GError *error = NULL;

  link->period_s = 77; /* of no use without flapping */
  check_reversible (history, loom_edit_set_link (lab, link, &error));
  g_assert_false (loom_history_get_can_undo (history));
  link->backward.delay_ms = 20;
  g_assert_true (loom_link_needs_wire (link));
  check_reversible (history, loom_edit_set_link (lab, link, &error));
  g_assert_cmpstr (loom_history_get_undo_label (history), ==, "Change Cable pc1 ↔ sw1");
  link->fault = LOOM_FAULT_UNPLUGGED;
  check_reversible (history, loom_edit_set_link (lab, link, &error));
  g_assert_cmpstr (loom_history_get_undo_label (history), ==, "Unplug pc1 from sw1");
  link->fault = LOOM_FAULT_NONE;
  check_reversible (history, loom_edit_set_link (lab, link, &error));
  g_assert_cmpstr (loom_history_get_undo_label (history), ==, "Plug pc1 into sw1");
  g_assert_no_error (error);

  link->forward.loss_percent = 101;
  check_refused (loom_edit_set_link (lab, link, &error), &error, "“loss_percent” must be from 0");
  link->forward.loss_percent = NAN;
  check_refused (loom_edit_set_link (lab, link, &error), &error, "“loss_percent”");
  link->forward.loss_percent = 0;
  link->fault = LOOM_FAULT_FLAPPING;
  link->up_percent = 0;
  check_refused (loom_edit_set_link (lab, link, &error), &error, "up_percent");
  link->up_percent = 50;
  link->period_s = 0.1;
  check_refused (loom_edit_set_link (lab, link, &error), &error, "period_s");
  nowhere = loom_link_new (&a, &b);
  check_refused (loom_edit_set_link (lab, nowhere, &error), &error, "pc1:0 sw2:0");
}

static void
test_set_links (void)
{
  g_autoptr (LoomLab) lab = two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  g_autoptr (GPtrArray) links = loom_lab_list_links (lab);
  g_autoptr (GPtrArray) after = g_ptr_array_new_with_free_func ((GDestroyNotify) loom_link_unref);
  GError *error = NULL;

  for (guint i = 0; i < links->len; i++) {
    LoomLink *link = loom_link_copy (links->pdata[i]);

    link->fault = LOOM_FAULT_UNPLUGGED;
    g_ptr_array_add (after, link);
  }
  check_reversible (history, loom_edit_set_links (lab, after, &error));
  g_assert_cmpstr (loom_history_get_undo_label (history), ==, "Unplug 5 Cables");
  ((LoomLink *) after->pdata[1])->seed = LOOM_SEED_MAX + 1;
  check_refused (loom_edit_set_links (lab, after, &error), &error, "seed");
}

/* What is set on a cable stays with its ends, whatever they are called. */
static void
test_settings_go_along (void)
{
  static const char *const names[] = {"zz", "sw1", NULL};
  g_autoptr (LoomLab) lab = two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  g_autoptr (LoomLink) link = loom_link_copy (loom_lab_get_link (lab, "pc1:0 sw1:0"));
  g_autoptr (LoomLab) part = NULL;
  GError *error = NULL;

  link->forward.delay_ms = 1;
  link->fault = LOOM_FAULT_ONE_WAY;
  link->fault_end = 0;
  check_reversible (history, loom_edit_set_link (lab, link, &error));
  check_reversible (history, loom_edit_rename (lab, "pc1", "zz", &error));
  link = (loom_link_unref (link), loom_link_ref (loom_lab_get_link (lab, "sw1:0 zz:0")));
  g_assert_cmpfloat (link->backward.delay_ms, ==, 1);
  g_assert_cmpfloat (link->forward.delay_ms, ==, 0);
  g_assert_cmpint (link->fault_end, ==, 1);
  part = loom_edit_copy_part (lab, names);
  check_reversible (history, loom_edit_paste (lab, part, 20, 20, &error));
  link = (loom_link_unref (link), loom_link_ref (loom_lab_get_link (lab, "pc1:0 sw3:0")));
  g_assert_cmpfloat (link->forward.delay_ms, ==, 1);
  g_assert_cmpint (link->fault_end, ==, 0);
  g_assert_no_error (error);
}

static void
test_title (void)
{
  g_autoptr (LoomLab) lab = two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  GError *error = NULL;

  check_reversible (history, loom_edit_set_title (lab, "New", "", &error));
  check_reversible (history, loom_edit_set_title (lab, "New", "One\nTwo", &error));
  g_assert_cmpstr (loom_lab_get_description (lab), ==, "One\nTwo");
  check_refused (loom_edit_set_title (lab, "a\nb", "", &error), &error, "one line");
}

static void
test_paste (void)
{
  static const char *const names[] = {"pc1", "sw1", "pc2", "pc1", "nobody", NULL};
  g_autoptr (LoomLab) lab = two_switches ();
  g_autoptr (LoomLab) everything = read_lab ("tests/unit/model/everything.lanloom");
  g_autoptr (LoomLab) part = loom_edit_copy_part (lab, names);
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  GError *error = NULL;

  g_assert_cmpuint (loom_lab_get_n_nodes (part), ==, 3);
  g_assert_cmpuint (loom_lab_get_n_links (part), ==, 2);
  check_reversible (history, loom_edit_paste (lab, part, 20, 20, &error));
  g_assert_nonnull (loom_lab_get_link (lab, "pc5:0 sw3:0"));
  g_assert_nonnull (loom_lab_get_link (lab, "pc6:0 sw3:1"));
  check_reversible (history, loom_edit_paste (lab, everything, 20, 20, &error));
  check_reversible (history, loom_edit_paste (lab, everything, 20, 20, &error));
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
  g_autoptr (LoomLab) lab = two_switches ();
  g_autoptr (LoomHistory) history = loom_history_new (lab);
  g_autoptr (LoomLab) part = NULL;
  g_autofree char *pc1 = NULL;
  g_autofree char *pc4 = NULL;
  g_autofree char *pc6 = NULL;
  g_autofree char *closed = NULL;
  g_auto (GStrv) all = NULL;
  g_autofree char *rest = NULL;
  GError *error = NULL;

  check_reversible (history, set_after (lab, "pc1", "sw1,pc2,sw1", &error));
  check_reversible (history, set_after (lab, "pc2", "pc3", &error));
  check_reversible (history, set_after (lab, "pc4", "pc1,pc3", &error));
  check_refused (set_after (lab, "pc3", "pc4", &error), &error, "pc3 → pc4 → pc1 → pc2 → pc3");
  check_refused (set_after (lab, "pc3", "pc3", &error), &error, "itself");
  check_refused (set_after (lab, "pc3", "pc9", &error), &error, "pc9");
  check_refused (set_after (lab, "sw1", "pc1", &error), &error, "no machine");
  check_reversible (history, loom_edit_rename (lab, "sw1", "sw9", &error));
  pc1 = dup_after (lab, "pc1");
  g_assert_cmpstr (pc1, ==, "pc2, sw9");
  all = loom_after_close (look_up, lab, part_names);
  closed = g_strjoinv (" ", all);
  g_assert_cmpstr (closed, ==, "pc1 pc2 pc3 pc4 sw9");
  part = loom_edit_copy_part (lab, part_names);
  pc4 = dup_after (part, "pc4");
  g_assert_cmpstr (pc4, ==, "pc3");
  check_reversible (history, loom_edit_paste (lab, part, 20, 20, &error));
  pc6 = dup_after (lab, "pc6");
  g_assert_cmpstr (pc6, ==, "pc5");
  check_reversible (history, loom_edit_delete (lab, gone, NULL, &error));
  rest = dup_after (lab, "pc1");
  g_assert_cmpstr (rest, ==, "");
  g_assert_no_error (error);
}

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
  LoomEnd one = end_of (nodes[0], g_rand_int_range (random, -3, 3));
  LoomEnd other = end_of (nodes[1], g_rand_int_range (random, -3, 3));
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
  g_autoptr (LoomLab) lab = two_switches ();
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
    check_reversible (history, change);
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
    g_autoptr (LoomLab) lab = two_switches ();
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
  g_test_add_func ("/edit/walk", test_walk);
  g_test_add_func ("/edit/merged-walk", test_merged_walk);
  return g_test_run ();
}
