/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A real switch in namespaces of its own, with NICs that are vhost-user sockets of this process:
 * cables, VLANs, hubs, counters, kills, and what is left afterwards. How much memory it finds and
 * needs is in test-switch-memory.c, what guests do to it in test-switch-misuse.c.
 *
 * Needs Open vSwitch with DPDK and unprivileged user namespaces; skipped without. */

#include <signal.h>

#include "tests/system/switch-nics.h"

#define N_TURNS 40

static void
test_cables (SwitchNics *f, gconstpointer data)
{
  g_autoptr (LoomFabric) first = switch_nics_new_fabric (f);
  g_autoptr (LoomFabric) second = switch_nics_new_fabric (f);
  g_autoptr (LoomFabric) third = switch_nics_new_fabric (f);
  g_autoptr (GHashTable) before = NULL;
  g_autoptr (GHashTable) after = NULL;
  gint64 start_us;

  loom_fabric_add_cable (first, 1, "m0.0", "m1.0");
  real_switch_update (f->switch_, first);
  g_assert_true (real_switch_wait (switch_nics_all_connected, f, REAL_SWITCH_PATIENCE_MS));
  g_assert_true (switch_nics_reach (f, 0, 1, 0, NULL));
  g_assert_true (switch_nics_reach (f, 1, 0, 0, NULL));
  g_assert_true (switch_nics_avoid (f, 2, 3, 0, -1));

  /* Counted frames are sent once each: waits are long, and none may be lost. */
  before = switch_nics_read_counters (f);
  g_assert_cmpuint (g_hash_table_size (before), ==, SWITCH_NICS_N);
  for (int i = 0; i < 10; i++) {
    SwitchNicsFrame expected = {f, 1, switch_nics_next_mark (), 0};

    switch_nics_send (f, 0, expected.mark, 0);
    g_assert_true (real_switch_wait (switch_nics_has_come, &expected, REAL_SWITCH_PATIENCE_MS));
  }
  after = switch_nics_read_counters (f);
  g_assert_cmpuint (switch_nics_look_up (after, "m0.0")->rx_frames
                        - switch_nics_look_up (before, "m0.0")->rx_frames,
                    ==, 10);
  g_assert_cmpuint (switch_nics_look_up (after, "m0.0")->rx_bytes
                        - switch_nics_look_up (before, "m0.0")->rx_bytes,
                    ==, 1000);
  g_assert_cmpuint (switch_nics_look_up (after, "m1.0")->tx_frames
                        - switch_nics_look_up (before, "m1.0")->tx_frames,
                    ==, 10);

  /* Let every NIC pass a frame once, so that only the cable is new below. */
  loom_fabric_add_cable (third, 3, "m2.0", "m3.0");
  real_switch_update (f->switch_, third);
  g_assert_true (switch_nics_reach (f, 2, 3, 0, NULL));
  g_assert_true (switch_nics_reach (f, 3, 2, 0, NULL));
  real_switch_update (f->switch_, first);
  g_assert_true (switch_nics_reach (f, 0, 1, 0, NULL));

  loom_fabric_add_cable (second, 2, "m0.0", "m2.0");
  start_us = g_get_monotonic_time ();
  real_switch_update (f->switch_, second);
  g_test_message ("cable moved in %d us", (int) (g_get_monotonic_time () - start_us));
  for (int i = 0; i < 200; i++) {
    SwitchNicsFrame expected = {f, 2, switch_nics_next_mark (), 0};

    switch_nics_send (f, 0, expected.mark, 0);
    if (real_switch_wait (switch_nics_has_come, &expected, 1))
      break;
  }
  g_test_message ("frames take the new way %d us after the order",
                  (int) (g_get_monotonic_time () - start_us));
  g_assert_true (switch_nics_reach (f, 0, 2, 0, NULL));
  g_assert_true (switch_nics_reach (f, 2, 0, 0, NULL));
  g_assert_true (switch_nics_avoid (f, 0, 1, 0, 2));
  g_assert_true (switch_nics_avoid (f, 1, 0, 0, -1));
}

static void
add_bridge (LoomFabric *fabric, LoomBridgeType type, const LoomFabricVlan *vlans, const int *tags)
{
  LoomFabricBridge *bridge = loom_fabric_add_bridge (fabric, "b7", type);

  for (int i = 0; i < SWITCH_NICS_N; i++) {
    g_autofree char *key = g_strdup_printf ("b7.%d", i);
    g_autofree char *nic = g_strdup_printf ("m%d.0", i);

    loom_fabric_bridge_add_port (bridge, key, vlans[i], tags[i], NULL, 0);
    loom_fabric_add_cable (fabric, 10 + i, nic, key);
  }
}

/* Statistics of a bridge's own ports are up to a quarter of a second old. */
static gboolean
has_counted (gpointer data)
{
  g_autoptr (GHashTable) counters = switch_nics_read_counters (data);

  return switch_nics_look_up (counters, "b7.1")->rx_frames > 0;
}

static void
test_bridges (SwitchNics *f, gconstpointer data)
{
  static const LoomFabricVlan NONE[SWITCH_NICS_N] = {0};
  static const int ZERO[SWITCH_NICS_N] = {0};
  static const LoomFabricVlan VLANS[SWITCH_NICS_N] = {
      LOOM_FABRIC_VLAN_ACCESS, LOOM_FABRIC_VLAN_ACCESS, LOOM_FABRIC_VLAN_ACCESS,
      LOOM_FABRIC_VLAN_TRUNK};
  static const int TAGS[SWITCH_NICS_N] = {10, 10, 20, 0};
  g_autoptr (LoomFabric) plain = switch_nics_new_fabric (f);
  g_autoptr (LoomFabric) vlans = switch_nics_new_fabric (f);
  g_autoptr (LoomFabric) hub = switch_nics_new_fabric (f);
  g_autoptr (LoomFabric) empty = loom_fabric_new ();
  int vlan = -1;

  add_bridge (plain, LOOM_BRIDGE_SWITCH, NONE, ZERO);
  real_switch_update (f->switch_, plain);
  g_assert_true (real_switch_wait (switch_nics_all_connected, f, REAL_SWITCH_PATIENCE_MS));
  for (int i = 1; i < SWITCH_NICS_N; i++)
    g_assert_true (switch_nics_reach (f, 0, i, 0, NULL));
  g_assert_true (real_switch_wait (has_counted, f, REAL_SWITCH_PATIENCE_MS));

  add_bridge (vlans, LOOM_BRIDGE_SWITCH, VLANS, TAGS);
  real_switch_update (f->switch_, vlans);
  g_assert_true (switch_nics_reach (f, 0, 1, 0, NULL));
  g_assert_true (switch_nics_avoid (f, 0, 2, 0, 1));
  g_assert_true (switch_nics_reach (f, 0, 3, 0, &vlan));
  g_assert_cmpint (vlan, ==, 10);
  g_assert_true (switch_nics_reach (f, 3, 2, 20, &vlan));
  g_assert_cmpint (vlan, ==, 0);
  g_assert_true (switch_nics_avoid (f, 3, 1, 20, 2));

  add_bridge (hub, LOOM_BRIDGE_HUB, NONE, ZERO);
  real_switch_update (f->switch_, hub);
  for (int i = 0; i < 3; i++)
    g_assert_true (switch_nics_reach (f, 3, i, 77, &vlan));
  g_assert_cmpint (vlan, ==, 77);
  g_assert_true (switch_nics_avoid (f, 3, 3, 0, 1));

  /* Of joints that lose their other half for a moment vswitchd complains, and may not take it back.
   */
  for (int i = 0; i < N_TURNS; i++) {
    real_switch_update (f->switch_, i % 2 == 0 ? plain : hub);
    g_assert_true (switch_nics_reach (f, 3, 1, 0, NULL));
  }
  real_switch_update (f->switch_, empty);
}

static gboolean
has_failed (gpointer data)
{
  return ((SwitchNics *) data)->failure != NULL;
}

static void
test_kills (SwitchNics *f, gconstpointer data)
{
  static const char *const ROLES[] = {"ovs-vswitchd", "ovsdb-server"};
  g_autoptr (LoomFabric) fabric = switch_nics_new_fabric (f);
  guint64 n_frames = 0;

  loom_fabric_add_cable (fabric, 1, "m0.0", "m1.0");
  real_switch_update (f->switch_, fabric);
  g_assert_true (real_switch_wait (switch_nics_all_connected, f, REAL_SWITCH_PATIENCE_MS));
  g_assert_true (switch_nics_reach (f, 0, 1, 0, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (ROLES); i++) {
    g_autoptr (GHashTable) before = switch_nics_read_counters (f);
    g_autoptr (GHashTable) after = NULL;
    gint64 start_us = g_get_monotonic_time ();

    n_frames = switch_nics_look_up (before, "m0.0")->rx_frames;
    g_assert_cmpuint (n_frames, >, 0);
    g_clear_error (&f->failure);
    real_switch_kill (f->switch_, ROLES[i]);
    g_assert_true (real_switch_wait (has_failed, f, REAL_SWITCH_PATIENCE_MS));
    g_assert_error (f->failure, LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_GONE);
    g_assert_cmpint (loom_switch_get_state (f->switch_), ==, LOOM_SWITCH_FAILED);
    real_switch_run (f->switch_, loom_switch_restart_async, loom_switch_restart_finish);
    g_test_message ("%s: restarted after %d ms", ROLES[i],
                    (int) ((g_get_monotonic_time () - start_us) / 1000));
    g_assert_true (real_switch_wait (switch_nics_all_connected, f, REAL_SWITCH_PATIENCE_MS));
    g_assert_true (switch_nics_reach (f, 0, 1, 0, NULL));
    g_test_message ("%s: frames pass again after %d ms", ROLES[i],
                    (int) ((g_get_monotonic_time () - start_us) / 1000));
    after = switch_nics_read_counters (f);
    g_assert_cmpuint (switch_nics_look_up (after, "m0.0")->rx_frames, >, n_frames);
  }
}

typedef struct {
  gboolean has_come;
  gboolean succeeded;
  LoomSwitchState state; /* of the switch then */
} Outcome;

static void
on_outcome (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Outcome *outcome = user_data;

  outcome->succeeded = loom_switch_update_finish (LOOM_SWITCH (source), result, NULL);
  outcome->state = loom_switch_get_state (LOOM_SWITCH (source));
  outcome->has_come = TRUE;
}

static gboolean
has_outcome (gpointer data)
{
  return ((Outcome *) data)->has_come;
}

/* Whose update fails because a process died finds the switch failed, and knows that it will do
 * after a restart. */
static void
test_dies_under_update (SwitchNics *f, gconstpointer data)
{
  static const char *const ROLES[] = {"ovs-vswitchd", "ovsdb-server"};
  g_autoptr (LoomFabric) fabric = switch_nics_new_fabric (f);

  loom_fabric_add_cable (fabric, 1, "m0.0", "m1.0");
  for (guint i = 0; i < G_N_ELEMENTS (ROLES); i++) {
    g_autoptr (LoomFabric) empty = loom_fabric_new ();
    Outcome outcome = {0};

    real_switch_update (f->switch_, empty);
    g_assert_no_errno (kill (real_switch_find_process (f->switch_, ROLES[i]), SIGSTOP));
    loom_switch_update_async (f->switch_, fabric, NULL, on_outcome, &outcome);
    while (g_main_context_iteration (NULL, FALSE))
      ;
    g_assert_false (outcome.has_come);
    real_switch_kill (f->switch_, ROLES[i]);
    g_assert_true (real_switch_wait (has_outcome, &outcome, REAL_SWITCH_PATIENCE_MS));
    g_assert_false (outcome.succeeded);
    g_assert_cmpint (outcome.state, ==, LOOM_SWITCH_FAILED);
    real_switch_run (f->switch_, loom_switch_restart_async, loom_switch_restart_finish);
    g_assert_true (real_switch_wait (switch_nics_all_connected, f, REAL_SWITCH_PATIENCE_MS));
    g_assert_true (switch_nics_reach (f, 0, 1, 0, NULL));
  }
}

static void
test_attach (SwitchNics *f, gconstpointer data)
{
  g_autoptr (LoomFabric) fabric = switch_nics_new_fabric (f);
  pid_t vswitchd = real_switch_find_process (f->switch_, "ovs-vswitchd");

  loom_fabric_add_cable (fabric, 1, "m0.0", "m1.0");
  real_switch_update (f->switch_, fabric);
  g_assert_true (real_switch_wait (switch_nics_all_connected, f, REAL_SWITCH_PATIENCE_MS));
  g_assert_true (switch_nics_reach (f, 0, 1, 0, NULL));

  loom_switch_detach (f->switch_);
  g_object_unref (f->switch_);
  f->switch_ = switch_nics_new_switch (f);
  real_switch_run (f->switch_, loom_switch_attach_async, loom_switch_attach_finish);
  g_assert_cmpint (real_switch_find_process (f->switch_, "ovs-vswitchd"), ==, vswitchd);
  g_assert_true (switch_nics_reach (f, 0, 1, 0, NULL));
  real_switch_update (f->switch_, fabric);
  g_assert_true (switch_nics_reach (f, 0, 1, 0, NULL));
}

static void
test_stop_while_busy (SwitchNics *f, gconstpointer data)
{
  g_autoptr (LoomFabric) fabric = switch_nics_new_fabric (f);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  loom_switch_update_async (f->switch_, fabric, NULL, real_switch_on_ready, &result);
  real_switch_run (f->switch_, loom_switch_stop_async, loom_switch_stop_finish);
  g_assert_true (real_switch_wait (real_switch_has_result, &result, REAL_SWITCH_PATIENCE_MS));
  g_assert_false (loom_switch_update_finish (f->switch_, result, &error));
  g_assert_nonnull (error);

  g_clear_object (&result);
  loom_switch_start_async (f->switch_, NULL, real_switch_on_ready, &result);
  real_switch_run (f->switch_, loom_switch_stop_async, loom_switch_stop_finish);
  g_assert_true (real_switch_wait (real_switch_has_result, &result, REAL_SWITCH_PATIENCE_MS));
  g_clear_error (&error);
  g_assert_false (loom_switch_start_finish (f->switch_, result, &error));
}

int
main (int argc, char **argv)
{
  static const SwitchNicsTest TESTS[] = {
      {"/switch/cables", test_cables}, {"/switch/bridges", test_bridges},
      {"/switch/kills", test_kills},   {"/switch/dies-under-update", test_dies_under_update},
      {"/switch/attach", test_attach}, {"/switch/stop-while-busy", test_stop_while_busy},
  };

  return switch_nics_run_tests (argc, argv, TESTS, G_N_ELEMENTS (TESTS));
}
