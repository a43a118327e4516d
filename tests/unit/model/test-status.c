/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The live status: what is told, what is signalled, and what is not. */

#include "canvas/model/status.h"

static void
on_counted (int *count)
{
  (*count)++;
}

static void
on_node_changed (LoomStatus *status, const char *name, GString *log)
{
  g_string_append_printf (log, "%s=%s ", name,
                          loom_node_state_to_id (loom_status_get_node (status, name)));
}

static void
test_nodes (void)
{
  g_autoptr (LoomStatus) status = loom_status_new ();
  g_autoptr (GString) log = g_string_new (NULL);

  g_signal_connect (status, "node-changed", G_CALLBACK (on_node_changed), log);
  loom_status_set_node (status, "pc1", LOOM_NODE_OFF, "", -1);
  loom_status_set_node (status, "pc1", LOOM_NODE_BOOTING, "", 0.5);
  loom_status_set_node (status, "pc1", LOOM_NODE_BOOTING, NULL, 0.5);
  loom_status_set_node (status, "pc1", LOOM_NODE_FAILED, "No memory.", -7);
  g_assert_cmpstr (loom_status_get_node_detail (status, "pc1"), ==, "No memory.");
  g_assert_cmpfloat (loom_status_get_node_progress (status, "pc1"), ==, -1);
  loom_status_set_node (status, "pc1", LOOM_NODE_OFF, NULL, -1);
  loom_status_set_node (status, "pc2", LOOM_NODE_READY, NULL, -1);
  loom_status_clear (status);
  g_assert_cmpstr (log->str, ==, "pc1=booting pc1=failed pc1=off pc2=ready pc2=off ");
}

/* Two machines that swap their names keep their states. */
static void
test_carry (void)
{
  g_autoptr (LoomStatus) status = loom_status_new ();
  g_autoptr (LoomChange) change = loom_change_new ("swap");
  g_autoptr (LoomNode) pc1 = loom_node_new ("pc1", "tiny", 1);
  g_autoptr (LoomNode) pc2 = loom_node_new ("pc2", "tiny", 1);
  g_autoptr (LoomNode) pc3 = loom_node_new ("pc3", "tiny", 1);

  loom_status_set_node (status, "pc1", LOOM_NODE_BOOTING, "Loads.", 0.5);
  loom_status_set_node (status, "pc2", LOOM_NODE_READY, NULL, -1);
  loom_status_set_node (status, "pc3", LOOM_NODE_PAUSED, NULL, -1);
  loom_change_add_node (change, pc1, pc2);
  loom_change_add_node (change, pc2, pc1);
  loom_change_add_node (change, pc3, pc3);
  loom_status_carry (status, change);
  g_assert_cmpint (loom_status_get_node (status, "pc1"), ==, LOOM_NODE_READY);
  g_assert_null (loom_status_get_node_detail (status, "pc1"));
  g_assert_cmpint (loom_status_get_node (status, "pc2"), ==, LOOM_NODE_BOOTING);
  g_assert_cmpstr (loom_status_get_node_detail (status, "pc2"), ==, "Loads.");
  g_assert_cmpfloat (loom_status_get_node_progress (status, "pc2"), ==, 0.5);
  g_assert_cmpint (loom_status_get_node (status, "pc3"), ==, LOOM_NODE_PAUSED);
}

static void
test_links (void)
{
  g_autoptr (LoomStatus) status = loom_status_new ();
  LoomLinkStatus link = {.carrier = TRUE};
  int n_changed = 0;

  g_signal_connect_swapped (status, "links-changed", G_CALLBACK (on_counted), &n_changed);
  loom_status_set_link (status, "a:0 b:0", &link);
  loom_status_end_links (status, 1);
  g_assert_cmpint (n_changed, ==, 1);
  loom_status_set_link (status, "a:0 b:0", &link);
  loom_status_end_links (status, 2);
  g_assert_cmpint (n_changed, ==, 1);
  link.from_b.n_frames = 1;
  loom_status_set_link (status, "a:0 b:0", &link);
  loom_status_end_links (status, 3);
  g_assert_cmpint (n_changed, ==, 2);
  g_assert_cmpuint (loom_status_get_link (status, "a:0 b:0")->from_b.n_frames, ==, 1);
  link.measured[1].late = 7;
  loom_status_set_link (status, "a:0 b:0", &link);
  loom_status_end_links (status, 4);
  g_assert_cmpint (n_changed, ==, 3);
  loom_status_end_links (status, 5);
  g_assert_cmpint (n_changed, ==, 4);
  g_assert_null (loom_status_get_link (status, "a:0 b:0"));
  g_assert_cmpint (loom_status_get_links_time_us (status), ==, 5);
}

static void
test_ids (void)
{
  LoomNodeState state;
  LoomLabState lab;

  for (int i = LOOM_NODE_OFF; i <= LOOM_NODE_FAILED; i++) {
    g_assert_true (loom_node_state_from_id (loom_node_state_to_id ((LoomNodeState) i), &state));
    g_assert_cmpint ((int) state, ==, i);
    g_assert_nonnull (loom_node_state_to_label (state));
  }
  for (int i = LOOM_LAB_OFF; i <= LOOM_LAB_STOPPING; i++) {
    g_assert_true (loom_lab_state_from_id (loom_lab_state_to_id ((LoomLabState) i), &lab));
    g_assert_cmpint ((int) lab, ==, i);
  }
  g_assert_false (loom_node_state_from_id ("dead", &state));
  g_assert_false (loom_lab_state_from_id (NULL, &lab));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/status/nodes", test_nodes);
  g_test_add_func ("/status/carry", test_carry);
  g_test_add_func ("/status/links", test_links);
  g_test_add_func ("/status/ids", test_ids);
  return g_test_run ();
}
