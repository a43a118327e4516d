/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Guests that do wrong to the switch: it serves the others. */

#include "tests/system/switch-nics.h"

/* Turns the main loop for a while. */
static gboolean
never (gpointer data)
{
  return FALSE;
}

/* What one guest does to its rings, and one QEMU to its socket, harms nobody else: the same switch
 * goes on and carries the frames of others, meanwhile and afterwards. */
static void
test_misuse (SwitchNics *f, gconstpointer data)
{
  g_autoptr (LoomFabric) fabric = switch_nics_new_fabric (f);
  pid_t vswitchd;

  loom_fabric_add_cable (fabric, 1, "m0.0", "m1.0");
  loom_fabric_add_cable (fabric, 2, "m2.0", "m3.0");
  real_switch_update (f->switch_, fabric);
  g_assert_true (real_switch_wait (switch_nics_all_connected, f, REAL_SWITCH_PATIENCE_MS));
  g_assert_true (switch_nics_reach (f, 0, 1, 0, NULL));
  g_assert_true (switch_nics_reach (f, 3, 2, 0, NULL));
  vswitchd = real_switch_find_process (f->switch_, "ovs-vswitchd");
  for (VhostMisuse misuse = 0; misuse < VHOST_MISUSE_N; misuse++) {
    g_test_message ("misuse %d", (int) misuse);
    vhost_peer_misuse (f->nics[3], misuse);
    switch_nics_send (f, 2, switch_nics_next_mark (), 0); /* towards the one that is wrong, too */
    g_assert_true (switch_nics_reach (f, 0, 1, 0, NULL));
    g_assert_true (switch_nics_reach (f, 1, 0, 0, NULL));
    real_switch_wait (never, NULL, 300);
    vhost_peer_hang_up (f->nics[3]);
    g_assert_true (real_switch_wait (switch_nics_all_connected, f, REAL_SWITCH_PATIENCE_MS));
    g_assert_true (switch_nics_reach (f, 0, 1, 0, NULL));
    g_assert_cmpint (real_switch_find_process (f->switch_, "ovs-vswitchd"), ==, vswitchd);
    g_assert_no_error (f->failure);
  }
  g_assert_true (switch_nics_reach (f, 3, 2, 0, NULL));
}

int
main (int argc, char **argv)
{
  static const SwitchNicsTest TESTS[] = {
      {"/switch-misuse/all", test_misuse},
  };

  return switch_nics_run_tests (argc, argv, TESTS, G_N_ELEMENTS (TESTS));
}
