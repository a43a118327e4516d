/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The memory of a real switch: how much it takes for many NICs, how it finds a plan that fits, and
 * what it says when a NIC gets none. */

#include <string.h>

#include "tests/system/switch-nics.h"

#define N_MANY 100

static int
read_mib (const char *status, const char *name)
{
  const char *line = strstr (status, name);

  return line != NULL ? (int) (g_ascii_strtoll (line + strlen (name), NULL, 10) / 1024) : 0;
}

/* What the process holds in memory, in MiB; huge pages are not among what the kernel calls
 * resident.
 */
static int
read_resident_mib (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", pid);
  g_autofree char *status = NULL;
  int resident_mib;
  int huge_mib;

  g_assert_true (g_file_get_contents (path, &status, NULL, NULL));
  resident_mib = read_mib (status, "VmRSS:");
  g_assert_cmpint (resident_mib, >, 0);
  huge_mib = read_mib (status, "HugetlbPages:");
  g_test_message ("in huge pages: %d MiB", huge_mib);
  return resident_mib + huge_mib;
}

static gboolean
all_many_connected (gpointer data)
{
  VhostPeer **peers = data;

  for (int i = 0; i < N_MANY; i++)
    if (!vhost_peer_is_connected (peers[i]))
      return FALSE;
  return TRUE;
}

/* A hundred NICs on a switch that was started for four. */
static void
test_many (SwitchNics *f, gconstpointer data)
{
  g_autoptr (LoomFabric) few = switch_nics_new_fabric (f);
  g_autoptr (LoomFabric) many = loom_fabric_new ();
  VhostPeer *peers[N_MANY];
  pid_t vswitchd = real_switch_find_process (f->switch_, "ovs-vswitchd");
  g_autoptr (LoomFabric) none = loom_fabric_new ();
  int few_mib;
  int many_mib;

  real_switch_update (f->switch_, few);
  g_assert_true (real_switch_wait (switch_nics_all_connected, f, REAL_SWITCH_PATIENCE_MS));
  few_mib = read_resident_mib (vswitchd);
  for (int i = 0; i < N_MANY; i++) {
    g_autofree char *key = g_strdup_printf ("x%d.0", i);
    g_autofree char *path = g_strdup_printf ("%s/%s", f->folder, key);

    peers[i] = vhost_peer_new (path);
    loom_fabric_add_nic (many, key, path);
  }
  loom_fabric_add_cable (many, 5, "x0.0", "x99.0");
  real_switch_update (f->switch_, many);
  g_assert_true (real_switch_wait (all_many_connected, peers, REAL_SWITCH_PATIENCE_MS));
  for (int i = 0; i < 2; i++) {
    VhostPeer *own = f->nics[i];

    f->nics[i] = peers[i * (N_MANY - 1)];
    peers[i * (N_MANY - 1)] = own;
  }
  g_assert_true (switch_nics_reach (f, 0, 1, 0, NULL));
  many_mib = read_resident_mib (vswitchd);
  g_test_message ("resident: %d MiB with %d NICs, %d MiB with %d", few_mib, SWITCH_NICS_N, many_mib,
                  N_MANY);
  g_assert_cmpint (few_mib, <=, 250);
  g_assert_cmpint (many_mib, <=, 1024);
  real_switch_update (f->switch_, none);
  for (int i = 0; i < N_MANY; i++)
    vhost_peer_free (peers[i]);
}

static gboolean
has_refused (gpointer data)
{
  g_autoptr (GHashTable) refused = loom_switch_list_refused (((SwitchNics *) data)->switch_);

  return g_hash_table_size (refused) == SWITCH_NICS_N;
}

/* A pool a port and memory for none: Open vSwitch finds out when the guests connect. */
static void
test_refused (SwitchNics *f, gconstpointer data)
{
  g_autoptr (LoomFabric) fabric = switch_nics_new_fabric (f);
  g_autoptr (GHashTable) refused = NULL;
  LoomSwitchOptions options = *loom_switch_get_options (f->switch_);

  real_switch_run (f->switch_, loom_switch_stop_async, loom_switch_stop_finish);
  g_object_unref (f->switch_);
  options.memory = (LoomSwitchMemory){.per_port_memory = TRUE, .memory_mib = 60};
  f->switch_ = loom_switch_new (f->folder, &options);
  real_switch_run (f->switch_, loom_switch_start_async, loom_switch_start_finish);
  real_switch_update (f->switch_, fabric);
  g_assert_true (real_switch_wait (switch_nics_all_connected, f, REAL_SWITCH_PATIENCE_MS));
  g_assert_true (real_switch_wait (has_refused, f, REAL_SWITCH_PATIENCE_MS));
  refused = loom_switch_list_refused (f->switch_);
  /* Which reason the log gives depends on where memory ran out: test-options knows them. */
  g_test_message ("%s", (char *) g_hash_table_lookup (refused, "m2.0"));
  g_assert_nonnull (g_hash_table_lookup (refused, "m2.0"));
}

/* A limit with which nothing fits, then one after the other until one does. */
static void
test_next_plan (SwitchNics *f, gconstpointer data)
{
  g_autoptr (LoomFabric) fabric = switch_nics_new_fabric (f);
  LoomSwitchOptions options = *loom_switch_get_options (f->switch_);

  real_switch_run (f->switch_, loom_switch_stop_async, loom_switch_stop_finish);
  g_object_unref (f->switch_);
  options.memory = (LoomSwitchMemory){.memory_mib = 60};
  f->switch_ = loom_switch_new (f->folder, &options);
  real_switch_run (f->switch_, loom_switch_start_async, loom_switch_start_finish);
  g_test_message ("found room with %d MiB",
                  loom_switch_get_options (f->switch_)->memory.memory_mib);
  g_assert_false (loom_switch_get_options (f->switch_)->memory.per_port_memory);
  loom_fabric_add_cable (fabric, 1, "m0.0", "m1.0");
  real_switch_update (f->switch_, fabric);
  g_assert_true (real_switch_wait (switch_nics_all_connected, f, REAL_SWITCH_PATIENCE_MS));
  g_assert_true (switch_nics_reach (f, 0, 1, 0, NULL));
}

int
main (int argc, char **argv)
{
  static const SwitchNicsTest TESTS[] = {
      {"/switch-memory/many", test_many},
      {"/switch-memory/refused", test_refused},
      {"/switch-memory/next-plan", test_next_plan},
  };

  return switch_nics_run_tests (argc, argv, TESTS, G_N_ELEMENTS (TESTS));
}
