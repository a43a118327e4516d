/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A real switch in namespaces of its own, with NICs that are vhost-user sockets of this process:
 * cables, VLANs, hubs, counters, kills, and what is left afterwards.
 *
 * Needs Open vSwitch with DPDK and unprivileged user namespaces; skipped without. */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "backend/ovs/switch.h"
#include "tests/system/inside.h"
#include "tests/system/vhost-peer.h"

#define N_NICS 4
#define N_MANY 100

/* A machine that is busy may be slow to deliver, or to forget an old way; what never comes true
 * costs this long, once. */
#define PATIENCE_US (10 * G_USEC_PER_SEC)
#define TRY_MS 150
/* A frame that went astray would have been put into the other ring in the same turn of the
 * switch's loop as the one that a witness got. */
#define STRAY_MS 50

typedef struct {
  char *folder;
  LoomSwitch *switch_;
  VhostPeer *nics[N_NICS];
  GError *failure; /* of the last "failed" */
} Fixture;

typedef gboolean (*Condition) (gpointer data);

static gboolean
on_tick (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Turns the main loop until @condition holds; FALSE after @timeout_ms. */
static gboolean
wait_until (Condition condition, gpointer data, int timeout_ms)
{
  gint64 deadline_us = g_get_monotonic_time () + timeout_ms * 1000;
  guint tick_id = g_timeout_add (2, on_tick, NULL);
  gboolean holds;

  while (!(holds = condition (data)) && g_get_monotonic_time () < deadline_us)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (tick_id);
  return holds;
}

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
has_result (gpointer data)
{
  return *(GAsyncResult **) data != NULL;
}

typedef void (*StartFunc) (LoomSwitch *self, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data);
typedef gboolean (*FinishFunc) (LoomSwitch *self, GAsyncResult *result, GError **error);

static void
run (LoomSwitch *switch_, StartFunc start, FinishFunc finish)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  start (switch_, NULL, on_ready, &result);
  g_assert_true (wait_until (has_result, &result, 40000));
  finish (switch_, result, &error);
  g_assert_no_error (error);
}

static void
update (Fixture *f, LoomFabric *fabric)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  loom_switch_update_async (f->switch_, fabric, NULL, on_ready, &result);
  g_assert_true (wait_until (has_result, &result, 60000));
  loom_switch_update_finish (f->switch_, result, &error);
  g_assert_no_error (error);
}

static GHashTable *
read_counters (Fixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GHashTable *counters;

  loom_switch_counters_async (f->switch_, NULL, on_ready, &result);
  g_assert_true (wait_until (has_result, &result, 5000));
  counters = loom_switch_counters_finish (f->switch_, result, &error);
  g_assert_no_error (error);
  return counters;
}

static gboolean
all_connected (gpointer data)
{
  Fixture *f = data;

  for (int i = 0; i < N_NICS; i++)
    if (!vhost_peer_is_connected (f->nics[i]))
      return FALSE;
  return TRUE;
}

static gboolean
has_failed (gpointer data)
{
  return ((Fixture *) data)->failure != NULL;
}

static LoomFabric *
new_fabric (Fixture *f)
{
  LoomFabric *fabric = loom_fabric_new ();

  for (int i = 0; i < N_NICS; i++) {
    g_autofree char *key = g_strdup_printf ("m%d.0", i);
    g_autofree char *path = g_strdup_printf ("%s/%s", f->folder, key);

    loom_fabric_add_nic (fabric, key, path);
  }
  return fabric;
}

/* A frame from NIC @from, broadcast, of a type nobody uses, marked by @mark; @vlan 0: untagged. */
static void
send_frame (Fixture *f, int from, guint32 mark, int vlan)
{
  guint8 frame[100] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0, 0, 0, 0, (guint8) from};
  gsize at = 12;

  if (vlan != 0) {
    frame[at++] = 0x81;
    frame[at++] = 0x00;
    frame[at++] = (guint8) (vlan >> 8);
    frame[at++] = (guint8) vlan;
  }
  frame[at++] = 0x88;
  frame[at++] = 0xb5;
  memcpy (frame + sizeof frame - sizeof mark, &mark, sizeof mark);
  g_assert_true (vhost_peer_send (f->nics[from], frame, sizeof frame));
}

typedef struct {
  Fixture *f;
  int nic;
  guint32 mark;
  int vlan; /* out: of the frame that came */
} Expectation;

/* Takes frames off until the one with the mark came. */
static gboolean
has_come (gpointer data)
{
  Expectation *expected = data;
  GBytes *bytes;

  while ((bytes = vhost_peer_receive (expected->f->nics[expected->nic])) != NULL) {
    g_autoptr (GBytes) frame = bytes;
    gsize size;
    const guint8 *octets = g_bytes_get_data (frame, &size);
    guint32 mark;

    if (size < 96)
      continue;
    memcpy (&mark, octets + size - sizeof mark, sizeof mark);
    if (mark != expected->mark)
      continue;
    expected->vlan = octets[12] == 0x81 && octets[13] == 0 ? (octets[14] & 15) << 8 | octets[15]
                                                           : 0;
    return TRUE;
  }
  return FALSE;
}

/* No two frames of a run are alike. */
static guint32
next_mark (void)
{
  static guint32 mark;

  return ++mark;
}

/* Whether a frame sent from @from comes to @to before our patience ends, tagged as @ret_vlan says.
 * A NIC that has just connected may lose the first ones, and the switch may go the old way for a
 * moment. */
static gboolean
reaches (Fixture *f, int from, int to, int vlan, int *ret_vlan)
{
  gint64 deadline_us = g_get_monotonic_time () + PATIENCE_US;

  while (g_get_monotonic_time () < deadline_us) {
    Expectation expected = {f, to, next_mark (), 0};

    send_frame (f, from, expected.mark, vlan);
    if (!wait_until (has_come, &expected, TRY_MS))
      continue;
    if (ret_vlan != NULL)
      *ret_vlan = expected.vlan;
    return TRUE;
  }
  return FALSE;
}

/* Whether frames from @from stop coming to @to before our patience ends: one frame that reached
 * NIC @witness (-1: nobody has to get it) and not @to. */
static gboolean
avoids (Fixture *f, int from, int to, int vlan, int witness)
{
  gint64 start_us = g_get_monotonic_time ();

  while (g_get_monotonic_time () < start_us + PATIENCE_US) {
    guint32 mark = next_mark ();
    Expectation wanted = {f, witness, mark, 0};
    Expectation stray = {f, to, mark, 0};

    send_frame (f, from, mark, vlan);
    if (witness >= 0 && !wait_until (has_come, &wanted, TRY_MS))
      continue;
    if (wait_until (has_come, &stray, witness >= 0 ? STRAY_MS : TRY_MS))
      continue;
    g_test_message ("no frame from %d to %d any more after %d us", from, to,
                    (int) (g_get_monotonic_time () - start_us));
    return TRUE;
  }
  return FALSE;
}

static pid_t
find_process (Fixture *f, const char *role)
{
  g_autoptr (GArray) processes = loom_switch_list_processes (f->switch_);

  for (guint i = 0; i < processes->len; i++) {
    const LoomSwitchProcess *process = &g_array_index (processes, LoomSwitchProcess, i);

    if (g_str_equal (process->role, role))
      return process->pid;
  }
  return 0;
}

static void
on_failed (LoomSwitch *switch_, const GError *error, Fixture *f)
{
  g_clear_error (&f->failure);
  f->failure = g_error_copy (error);
}

static LoomSwitch *
new_switch (Fixture *f)
{
  LoomSwitchOptions options;
  LoomSwitch *switch_;

  loom_switch_options_init (&options, N_NICS, loom_switch_read_free_hugepages_mib ());
  switch_ = loom_switch_new (f->folder, &options);
  g_signal_connect (switch_, "failed", G_CALLBACK (on_failed), f);
  return switch_;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->folder = g_dir_make_tmp ("nics-XXXXXX", &error);
  g_assert_no_error (error);
  for (int i = 0; i < N_NICS; i++) {
    g_autofree char *path = g_strdup_printf ("%s/m%d.0", f->folder, i);

    f->nics[i] = vhost_peer_new (path);
  }
  f->switch_ = new_switch (f);
  run (f->switch_, loom_switch_start_async, loom_switch_start_finish);
  g_assert_cmpint (loom_switch_get_state (f->switch_), ==, LOOM_SWITCH_RUNNING);
}

/* Reaped, too: a process is there until somebody has waited for it. */
static gboolean
is_gone (gpointer pid)
{
  return kill (*(pid_t *) pid, 0) != 0;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  pid_t database = find_process (f, "ovsdb-server");
  pid_t vswitchd = find_process (f, "ovs-vswitchd");
  g_autofree char *ovs = g_build_filename (f->folder, "ovs", NULL);
  gint64 start_us = g_get_monotonic_time ();

  run (f->switch_, loom_switch_stop_async, loom_switch_stop_finish);
  g_test_message ("stopped in %d ms", (int) ((g_get_monotonic_time () - start_us) / 1000));
  g_assert_cmpint (loom_switch_get_state (f->switch_), ==, LOOM_SWITCH_OFF);
  g_object_unref (f->switch_);
  g_assert_true (database == 0 || wait_until (is_gone, &database, 5000));
  g_assert_true (vswitchd == 0 || wait_until (is_gone, &vswitchd, 5000));
  g_assert_false (g_file_test (ovs, G_FILE_TEST_EXISTS));
  for (int i = 0; i < N_NICS; i++)
    vhost_peer_free (f->nics[i]);
  /* Fails unless the folder is empty. */
  g_assert_no_errno (g_rmdir (f->folder));
  g_free (f->folder);
  g_clear_error (&f->failure);
}

static const LoomPortCounters *
look_up (GHashTable *counters, const char *key)
{
  const LoomPortCounters *port = g_hash_table_lookup (counters, key);

  g_assert_nonnull (port);
  return port;
}

static void
test_cables (Fixture *f, gconstpointer data)
{
  g_autoptr (LoomFabric) first = new_fabric (f);
  g_autoptr (LoomFabric) second = new_fabric (f);
  g_autoptr (LoomFabric) third = new_fabric (f);
  g_autoptr (GHashTable) before = NULL;
  g_autoptr (GHashTable) after = NULL;
  gint64 start_us;

  loom_fabric_add_cable (first, 1, "m0.0", "m1.0");
  update (f, first);
  g_assert_true (wait_until (all_connected, f, 10000));
  g_assert_true (reaches (f, 0, 1, 0, NULL));
  g_assert_true (reaches (f, 1, 0, 0, NULL));
  g_assert_true (avoids (f, 2, 3, 0, -1));

  /* Counted frames are sent once each: waits are long, and none may be lost. */
  before = read_counters (f);
  g_assert_cmpuint (g_hash_table_size (before), ==, N_NICS);
  for (int i = 0; i < 10; i++) {
    Expectation expected = {f, 1, next_mark (), 0};

    send_frame (f, 0, expected.mark, 0);
    g_assert_true (wait_until (has_come, &expected, 5000));
  }
  after = read_counters (f);
  g_assert_cmpuint (look_up (after, "m0.0")->rx_frames - look_up (before, "m0.0")->rx_frames, ==,
                    10);
  g_assert_cmpuint (look_up (after, "m0.0")->rx_bytes - look_up (before, "m0.0")->rx_bytes, ==,
                    1000);
  g_assert_cmpuint (look_up (after, "m1.0")->tx_frames - look_up (before, "m1.0")->tx_frames, ==,
                    10);

  /* Let every NIC pass a frame once, so that only the cable is new below. */
  loom_fabric_add_cable (third, 3, "m2.0", "m3.0");
  update (f, third);
  g_assert_true (reaches (f, 2, 3, 0, NULL));
  g_assert_true (reaches (f, 3, 2, 0, NULL));
  update (f, first);
  g_assert_true (reaches (f, 0, 1, 0, NULL));

  loom_fabric_add_cable (second, 2, "m0.0", "m2.0");
  start_us = g_get_monotonic_time ();
  update (f, second);
  g_test_message ("cable moved in %d us", (int) (g_get_monotonic_time () - start_us));
  for (int i = 0; i < 200; i++) {
    Expectation expected = {f, 2, next_mark (), 0};

    send_frame (f, 0, expected.mark, 0);
    if (wait_until (has_come, &expected, 1))
      break;
  }
  g_test_message ("frames take the new way %d us after the order",
                  (int) (g_get_monotonic_time () - start_us));
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, G_USEC_PER_SEC);
  g_assert_true (reaches (f, 0, 2, 0, NULL));
  g_assert_true (reaches (f, 2, 0, 0, NULL));
  g_assert_true (avoids (f, 0, 1, 0, 2));
  g_assert_true (avoids (f, 1, 0, 0, -1));
}

static void
add_bridge (LoomFabric *fabric, LoomBridgeType type, const LoomFabricVlan *vlans, const int *tags)
{
  LoomFabricBridge *bridge = loom_fabric_add_bridge (fabric, "b7", type);

  for (int i = 0; i < N_NICS; i++) {
    g_autofree char *key = g_strdup_printf ("b7.%d", i);
    g_autofree char *nic = g_strdup_printf ("m%d.0", i);

    loom_fabric_bridge_add_port (bridge, key, vlans[i], tags[i], NULL, 0);
    loom_fabric_add_cable (fabric, 10 + i, nic, key);
  }
}

static void
test_bridges (Fixture *f, gconstpointer data)
{
  static const LoomFabricVlan NONE[N_NICS] = {0};
  static const int ZERO[N_NICS] = {0};
  static const LoomFabricVlan VLANS[N_NICS] = {LOOM_FABRIC_VLAN_ACCESS, LOOM_FABRIC_VLAN_ACCESS,
                                               LOOM_FABRIC_VLAN_ACCESS, LOOM_FABRIC_VLAN_TRUNK};
  static const int TAGS[N_NICS] = {10, 10, 20, 0};
  g_autoptr (LoomFabric) plain = new_fabric (f);
  g_autoptr (LoomFabric) vlans = new_fabric (f);
  g_autoptr (LoomFabric) hub = new_fabric (f);
  g_autoptr (LoomFabric) empty = loom_fabric_new ();
  g_autoptr (GHashTable) counters = NULL;
  int vlan = -1;

  add_bridge (plain, LOOM_BRIDGE_SWITCH, NONE, ZERO);
  update (f, plain);
  g_assert_true (wait_until (all_connected, f, 10000));
  for (int i = 1; i < N_NICS; i++)
    g_assert_true (reaches (f, 0, i, 0, NULL));
  g_usleep (300000);
  counters = read_counters (f);
  g_assert_cmpuint (look_up (counters, "b7.1")->rx_frames, >, 0);

  add_bridge (vlans, LOOM_BRIDGE_SWITCH, VLANS, TAGS);
  update (f, vlans);
  g_assert_true (reaches (f, 0, 1, 0, NULL));
  g_assert_true (avoids (f, 0, 2, 0, 1));
  g_assert_true (reaches (f, 0, 3, 0, &vlan));
  g_assert_cmpint (vlan, ==, 10);
  g_assert_true (reaches (f, 3, 2, 20, &vlan));
  g_assert_cmpint (vlan, ==, 0);
  g_assert_true (avoids (f, 3, 1, 20, 2));

  add_bridge (hub, LOOM_BRIDGE_HUB, NONE, ZERO);
  update (f, hub);
  for (int i = 0; i < 3; i++)
    g_assert_true (reaches (f, 3, i, 77, &vlan));
  g_assert_cmpint (vlan, ==, 77);
  g_assert_true (avoids (f, 3, 3, 0, 1));

  update (f, empty);
}

static void
test_kills (Fixture *f, gconstpointer data)
{
  static const char *const ROLES[] = {"ovs-vswitchd", "ovsdb-server"};
  g_autoptr (LoomFabric) fabric = new_fabric (f);
  guint64 n_frames = 0;

  loom_fabric_add_cable (fabric, 1, "m0.0", "m1.0");
  update (f, fabric);
  g_assert_true (wait_until (all_connected, f, 10000));
  g_assert_true (reaches (f, 0, 1, 0, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (ROLES); i++) {
    g_autoptr (GHashTable) before = read_counters (f);
    g_autoptr (GHashTable) after = NULL;
    gint64 start_us = g_get_monotonic_time ();

    n_frames = look_up (before, "m0.0")->rx_frames;
    g_assert_cmpuint (n_frames, >, 0);
    g_clear_error (&f->failure);
    kill (find_process (f, ROLES[i]), SIGKILL);
    g_assert_true (wait_until (has_failed, f, 2000));
    g_assert_error (f->failure, LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_GONE);
    g_assert_cmpint (loom_switch_get_state (f->switch_), ==, LOOM_SWITCH_FAILED);
    run (f->switch_, loom_switch_restart_async, loom_switch_restart_finish);
    g_test_message ("%s: restarted after %d ms", ROLES[i],
                    (int) ((g_get_monotonic_time () - start_us) / 1000));
    g_assert_true (wait_until (all_connected, f, 5000));
    g_assert_true (reaches (f, 0, 1, 0, NULL));
    g_test_message ("%s: frames pass again after %d ms", ROLES[i],
                    (int) ((g_get_monotonic_time () - start_us) / 1000));
    after = read_counters (f);
    g_assert_cmpuint (look_up (after, "m0.0")->rx_frames, >, n_frames);
  }
}

static void
test_attach (Fixture *f, gconstpointer data)
{
  g_autoptr (LoomFabric) fabric = new_fabric (f);
  pid_t vswitchd = find_process (f, "ovs-vswitchd");

  loom_fabric_add_cable (fabric, 1, "m0.0", "m1.0");
  update (f, fabric);
  g_assert_true (wait_until (all_connected, f, 10000));
  g_assert_true (reaches (f, 0, 1, 0, NULL));

  loom_switch_detach (f->switch_);
  g_object_unref (f->switch_);
  f->switch_ = new_switch (f);
  run (f->switch_, loom_switch_attach_async, loom_switch_attach_finish);
  g_assert_cmpint (find_process (f, "ovs-vswitchd"), ==, vswitchd);
  g_assert_true (reaches (f, 0, 1, 0, NULL));
  update (f, fabric);
  g_assert_true (reaches (f, 0, 1, 0, NULL));
}

/* What the process holds in memory, in MiB. */
static int
read_resident_mib (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", pid);
  g_autofree char *text = NULL;
  const char *line;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  line = strstr (text, "VmRSS:");
  g_assert_nonnull (line);
  return (int) (g_ascii_strtoll (line + strlen ("VmRSS:"), NULL, 10) / 1024);
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
test_many (Fixture *f, gconstpointer data)
{
  g_autoptr (LoomFabric) few = new_fabric (f);
  g_autoptr (LoomFabric) many = loom_fabric_new ();
  VhostPeer *peers[N_MANY];
  pid_t vswitchd = find_process (f, "ovs-vswitchd");
  g_autoptr (LoomFabric) none = loom_fabric_new ();
  int few_mib;
  int many_mib;

  update (f, few);
  g_assert_true (wait_until (all_connected, f, 10000));
  few_mib = read_resident_mib (vswitchd);
  for (int i = 0; i < N_MANY; i++) {
    g_autofree char *key = g_strdup_printf ("x%d.0", i);
    g_autofree char *path = g_strdup_printf ("%s/%s", f->folder, key);

    peers[i] = vhost_peer_new (path);
    loom_fabric_add_nic (many, key, path);
  }
  loom_fabric_add_cable (many, 5, "x0.0", "x99.0");
  update (f, many);
  g_assert_true (wait_until (all_many_connected, peers, 20000));
  for (int i = 0; i < 2; i++) {
    VhostPeer *own = f->nics[i];

    f->nics[i] = peers[i * (N_MANY - 1)];
    peers[i * (N_MANY - 1)] = own;
  }
  g_assert_true (reaches (f, 0, 1, 0, NULL));
  many_mib = read_resident_mib (vswitchd);
  g_test_message ("resident: %d MiB with %d NICs, %d MiB with %d", few_mib, N_NICS, many_mib,
                  N_MANY);
  if (!loom_switch_get_options (f->switch_)->memory.hugepages) {
    g_assert_cmpint (few_mib, <=, 250);
    g_assert_cmpint (many_mib, <=, 1024);
  }
  update (f, none);
  for (int i = 0; i < N_MANY; i++)
    vhost_peer_free (peers[i]);
}

static gboolean
has_refused (gpointer data)
{
  g_autoptr (GHashTable) refused = loom_switch_list_refused (((Fixture *) data)->switch_);

  return g_hash_table_size (refused) == N_NICS;
}

/* A pool a port and memory for none: Open vSwitch finds out when the guests connect. */
static void
test_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (LoomFabric) fabric = new_fabric (f);
  g_autoptr (GHashTable) refused = NULL;
  LoomSwitchOptions options = *loom_switch_get_options (f->switch_);

  run (f->switch_, loom_switch_stop_async, loom_switch_stop_finish);
  g_object_unref (f->switch_);
  options.memory = (LoomSwitchMemory){.per_port_memory = TRUE, .memory_mib = 60};
  f->switch_ = loom_switch_new (f->folder, &options);
  run (f->switch_, loom_switch_start_async, loom_switch_start_finish);
  update (f, fabric);
  g_assert_true (wait_until (all_connected, f, 10000));
  g_assert_true (wait_until (has_refused, f, 5000));
  refused = loom_switch_list_refused (f->switch_);
  /* Which reason the log gives depends on where memory ran out: test-options knows them. */
  g_test_message ("%s", (char *) g_hash_table_lookup (refused, "m2.0"));
  g_assert_nonnull (g_hash_table_lookup (refused, "m2.0"));
}

/* A limit with which nothing fits, then one after the other until one does. */
static void
test_next_plan (Fixture *f, gconstpointer data)
{
  g_autoptr (LoomFabric) fabric = new_fabric (f);
  LoomSwitchOptions options = *loom_switch_get_options (f->switch_);

  run (f->switch_, loom_switch_stop_async, loom_switch_stop_finish);
  g_object_unref (f->switch_);
  options.memory = (LoomSwitchMemory){.memory_mib = 60};
  f->switch_ = loom_switch_new (f->folder, &options);
  run (f->switch_, loom_switch_start_async, loom_switch_start_finish);
  g_test_message ("found room with %d MiB",
                  loom_switch_get_options (f->switch_)->memory.memory_mib);
  g_assert_false (loom_switch_get_options (f->switch_)->memory.per_port_memory);
  loom_fabric_add_cable (fabric, 1, "m0.0", "m1.0");
  update (f, fabric);
  g_assert_true (wait_until (all_connected, f, 10000));
  g_assert_true (reaches (f, 0, 1, 0, NULL));
}

static void
test_stop_while_busy (Fixture *f, gconstpointer data)
{
  g_autoptr (LoomFabric) fabric = new_fabric (f);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  loom_switch_update_async (f->switch_, fabric, NULL, on_ready, &result);
  run (f->switch_, loom_switch_stop_async, loom_switch_stop_finish);
  g_assert_true (wait_until (has_result, &result, 1000));
  g_assert_false (loom_switch_update_finish (f->switch_, result, &error));
  g_assert_nonnull (error);

  g_clear_object (&result);
  loom_switch_start_async (f->switch_, NULL, on_ready, &result);
  run (f->switch_, loom_switch_stop_async, loom_switch_stop_finish);
  g_assert_true (wait_until (has_result, &result, 1000));
  g_clear_error (&error);
  g_assert_false (loom_switch_start_finish (f->switch_, result, &error));
}

/* Turns the main loop for a while. */
static gboolean
never (gpointer data)
{
  return FALSE;
}

/* What one guest does to its rings, and one QEMU to its socket, harms nobody else: the same switch
 * goes on and carries the frames of others, meanwhile and afterwards. */
static void
test_misuse (Fixture *f, gconstpointer data)
{
  g_autoptr (LoomFabric) fabric = new_fabric (f);
  pid_t vswitchd;

  loom_fabric_add_cable (fabric, 1, "m0.0", "m1.0");
  loom_fabric_add_cable (fabric, 2, "m2.0", "m3.0");
  update (f, fabric);
  g_assert_true (wait_until (all_connected, f, 5000));
  g_assert_true (reaches (f, 0, 1, 0, NULL));
  g_assert_true (reaches (f, 3, 2, 0, NULL));
  vswitchd = find_process (f, "ovs-vswitchd");
  for (VhostMisuse misuse = 0; misuse < VHOST_MISUSE_N; misuse++) {
    g_test_message ("misuse %d", (int) misuse);
    vhost_peer_misuse (f->nics[3], misuse);
    send_frame (f, 2, next_mark (), 0); /* towards the one that is wrong, too */
    g_assert_true (reaches (f, 0, 1, 0, NULL));
    g_assert_true (reaches (f, 1, 0, 0, NULL));
    wait_until (never, NULL, 300);
    vhost_peer_hang_up (f->nics[3]);
    g_assert_true (wait_until (all_connected, f, 5000));
    g_assert_true (reaches (f, 0, 1, 0, NULL));
    g_assert_cmpint (find_process (f, "ovs-vswitchd"), ==, vswitchd);
    g_assert_no_error (f->failure);
  }
  g_assert_true (reaches (f, 3, 2, 0, NULL));
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) missing = loom_switch_check_host ();
  int status;

  if (missing[0] != NULL) {
    g_print ("1..0 # SKIP %s\n", missing[0]);
    return 0;
  }
  if (!inside_enter (argv, &status))
    return status;
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/switch/cables", test_cables);
  ADD ("/switch/bridges", test_bridges);
  ADD ("/switch/kills", test_kills);
  ADD ("/switch/attach", test_attach);
  ADD ("/switch/many", test_many);
  ADD ("/switch/refused", test_refused);
  ADD ("/switch/next-plan", test_next_plan);
  ADD ("/switch/misuse", test_misuse);
  ADD ("/switch/stop-while-busy", test_stop_while_busy);
#undef ADD
  return g_test_run ();
}
