/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See switch-nics.h. */

#include "tests/system/switch-nics.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* A machine that is busy may be slow to deliver, or to forget an old way; what never comes true
 * costs this long, once. */
#define PATIENCE_US (REAL_SWITCH_PATIENCE_MS * G_GINT64_CONSTANT (1000))
#define TRY_MS 150
/* A frame that went astray would have been put into the other ring in the same turn of the
 * switch's loop as the one that a witness got. */
#define STRAY_MS 50

GHashTable *
switch_nics_read_counters (SwitchNics *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GHashTable *counters;

  loom_switch_counters_async (f->switch_, NULL, real_switch_on_ready, &result);
  g_assert_true (real_switch_wait (real_switch_has_result, &result, REAL_SWITCH_PATIENCE_MS));
  counters = loom_switch_counters_finish (f->switch_, result, &error);
  g_assert_no_error (error);
  return counters;
}

const LoomPortCounters *
switch_nics_look_up (GHashTable *counters, const char *key)
{
  const LoomPortCounters *port = g_hash_table_lookup (counters, key);

  g_assert_nonnull (port);
  return port;
}

gboolean
switch_nics_all_connected (gpointer data)
{
  SwitchNics *f = data;

  for (int i = 0; i < SWITCH_NICS_N; i++)
    if (!vhost_peer_is_connected (f->nics[i]))
      return FALSE;
  return TRUE;
}

LoomFabric *
switch_nics_new_fabric (SwitchNics *f)
{
  LoomFabric *fabric = loom_fabric_new ();

  for (int i = 0; i < SWITCH_NICS_N; i++) {
    g_autofree char *key = g_strdup_printf ("m%d.0", i);
    g_autofree char *path = g_strdup_printf ("%s/%s", f->folder, key);

    loom_fabric_add_nic (fabric, key, path);
  }
  return fabric;
}

void
switch_nics_send (SwitchNics *f, int from, guint32 mark, int vlan)
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

gboolean
switch_nics_has_come (gpointer data)
{
  SwitchNicsFrame *expected = data;
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

guint32
switch_nics_next_mark (void)
{
  static guint32 mark;

  return ++mark;
}

gboolean
switch_nics_reach (SwitchNics *f, int from, int to, int vlan, int *ret_vlan)
{
  gint64 deadline_us = g_get_monotonic_time () + PATIENCE_US;

  while (g_get_monotonic_time () < deadline_us) {
    SwitchNicsFrame expected = {f, to, switch_nics_next_mark (), 0};

    switch_nics_send (f, from, expected.mark, vlan);
    if (!real_switch_wait (switch_nics_has_come, &expected, TRY_MS))
      continue;
    if (ret_vlan != NULL)
      *ret_vlan = expected.vlan;
    return TRUE;
  }
  return FALSE;
}

gboolean
switch_nics_avoid (SwitchNics *f, int from, int to, int vlan, int witness)
{
  gint64 start_us = g_get_monotonic_time ();

  while (g_get_monotonic_time () < start_us + PATIENCE_US) {
    guint32 mark = switch_nics_next_mark ();
    SwitchNicsFrame wanted = {f, witness, mark, 0};
    SwitchNicsFrame stray = {f, to, mark, 0};

    switch_nics_send (f, from, mark, vlan);
    if (witness >= 0 && !real_switch_wait (switch_nics_has_come, &wanted, TRY_MS))
      continue;
    if (real_switch_wait (switch_nics_has_come, &stray, witness >= 0 ? STRAY_MS : TRY_MS))
      continue;
    g_test_message ("no frame from %d to %d any more after %d us", from, to,
                    (int) (g_get_monotonic_time () - start_us));
    return TRUE;
  }
  return FALSE;
}

static void
on_failed (LoomSwitch *switch_, const GError *error, SwitchNics *f)
{
  g_clear_error (&f->failure);
  f->failure = g_error_copy (error);
}

LoomSwitch *
switch_nics_new_switch (SwitchNics *f)
{
  LoomSwitchOptions options;
  LoomSwitch *switch_;

  loom_switch_options_init (&options, SWITCH_NICS_N,
                            loom_switch_read_free_hugepages_mib (LOOM_SWITCH_SYS));
  switch_ = loom_switch_new (f->folder, &options);
  g_signal_connect (switch_, "failed", G_CALLBACK (on_failed), f);
  return switch_;
}

void
switch_nics_set_up (SwitchNics *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->folder = g_dir_make_tmp ("nics-XXXXXX", &error);
  g_assert_no_error (error);
  for (int i = 0; i < SWITCH_NICS_N; i++) {
    g_autofree char *path = g_strdup_printf ("%s/m%d.0", f->folder, i);

    f->nics[i] = vhost_peer_new (path);
  }
  f->switch_ = switch_nics_new_switch (f);
  real_switch_run (f->switch_, loom_switch_start_async, loom_switch_start_finish);
  g_assert_cmpint (loom_switch_get_state (f->switch_), ==, LOOM_SWITCH_RUNNING);
}

/* Reaped, too: a process is there until somebody has waited for it. */
static gboolean
is_gone (gpointer pid)
{
  return kill (*(pid_t *) pid, 0) != 0;
}

void
switch_nics_tear_down (SwitchNics *f, gconstpointer data)
{
  pid_t database = real_switch_find_process (f->switch_, "ovsdb-server");
  pid_t vswitchd = real_switch_find_process (f->switch_, "ovs-vswitchd");
  g_autofree char *ovs = g_build_filename (f->folder, "ovs", NULL);
  gint64 start_us = g_get_monotonic_time ();

  real_switch_run (f->switch_, loom_switch_stop_async, loom_switch_stop_finish);
  g_test_message ("stopped in %d ms", (int) ((g_get_monotonic_time () - start_us) / 1000));
  g_assert_cmpint (loom_switch_get_state (f->switch_), ==, LOOM_SWITCH_OFF);
  g_object_unref (f->switch_);
  g_assert_true (database == 0 || real_switch_wait (is_gone, &database, REAL_SWITCH_PATIENCE_MS));
  g_assert_true (vswitchd == 0 || real_switch_wait (is_gone, &vswitchd, REAL_SWITCH_PATIENCE_MS));
  g_assert_false (g_file_test (ovs, G_FILE_TEST_EXISTS));
  for (int i = 0; i < SWITCH_NICS_N; i++)
    vhost_peer_free (f->nics[i]);
  /* Fails unless the folder is empty. */
  g_assert_no_errno (g_rmdir (f->folder));
  g_free (f->folder);
  g_clear_error (&f->failure);
}

int
switch_nics_run_tests (int argc, char **argv, const SwitchNicsTest *tests, gsize n)
{
  int status;

  if (!real_switch_enter (argv, &status))
    return status;
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < n; i++)
    g_test_add (tests[i].path, SwitchNics, NULL, switch_nics_set_up, tests[i].run,
                switch_nics_tear_down);
  return g_test_run ();
}
