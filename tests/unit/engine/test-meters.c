/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Counters of cables from counters of ports. */

#include "backend/engine/meters.h"

typedef struct {
  LoomRecord *record;
  LoomMeters *meters;
  GHashTable *counters;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static const struct {
    const char *key;
    LoomRole role;
  } instances[] = {{"m1", LOOM_ROLE_MACHINE},
                   {"m2", LOOM_ROLE_MACHINE},
                   {"b1", LOOM_ROLE_SWITCH},
                   {"b2", LOOM_ROLE_SWITCH}};

  fixture->record = loom_record_new ();
  fixture->meters = loom_meters_new ();
  fixture->counters = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  for (gsize i = 0; i < G_N_ELEMENTS (instances); i++) {
    g_autoptr (LoomNode) node = loom_node_new (instances[i].key, "tiny", 4);
    loom_record_add_instance (fixture->record, instances[i].key, instances[i].role, node);
  }
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  loom_meters_free (fixture->meters);
  loom_record_free (fixture->record);
  g_hash_table_unref (fixture->counters);
}

static LoomPortCounters *
port (Fixture *fixture, const char *key)
{
  LoomPortCounters *counters = g_hash_table_lookup (fixture->counters, key);

  if (counters == NULL) {
    counters = g_new0 (LoomPortCounters, 1);
    g_hash_table_insert (fixture->counters, (char *) key, counters);
  }
  return counters;
}

/* The meters keep the table they were given until the next one: hand over copies. */
static void
read_now (Fixture *fixture, gint64 now_us)
{
  g_autoptr (GHashTable) copy = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, fixture->counters);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (copy, key, g_memdup2 (value, sizeof (LoomPortCounters)));
  loom_meters_update (fixture->meters, fixture->record, copy, now_us);
}

static void
test_machines (Fixture *fixture, gconstpointer data)
{
  LoomLinkStatus status;

  loom_record_add_cable (fixture->record, 7, "m1", 0, "m2", 0);
  read_now (fixture, 0);
  port (fixture, "m1.0")->rx_frames = 10;
  port (fixture, "m1.0")->rx_bytes = 1250;
  port (fixture, "m2.0")->tx_frames = 8;
  port (fixture, "m2.0")->tx_drops = 2;
  port (fixture, "m2.0")->rx_frames = 3;
  port (fixture, "m1.0")->tx_errors = 1;
  read_now (fixture, G_USEC_PER_SEC);
  loom_meters_get (fixture->meters, 7, &status);
  g_assert_cmpuint (status.from_a.n_frames, ==, 10);
  g_assert_cmpuint (status.from_a.n_drops, ==, 2);
  g_assert_cmpfloat_with_epsilon (status.from_a.rate_bps, 10000, 1e-6);
  g_assert_cmpuint (status.from_b.n_frames, ==, 3);
  g_assert_cmpuint (status.from_b.n_errors, ==, 1);
}

/* To a switch's port: the NIC's side counts for both directions. */
static void
test_switch (Fixture *fixture, gconstpointer data)
{
  LoomLinkStatus status;

  loom_record_add_cable (fixture->record, 1, "b1", 0, "m1", 0);
  loom_record_add_cable (fixture->record, 2, "b1", 3, "b2", 3);
  read_now (fixture, 0);
  port (fixture, "m1.0")->rx_frames = 5;
  port (fixture, "m1.0")->tx_frames = 9;
  port (fixture, "b1.0")->rx_frames = 1000;
  port (fixture, "b1.3")->rx_frames = 40;
  port (fixture, "b2.3")->rx_frames = 41;
  read_now (fixture, 1000);
  loom_meters_get (fixture->meters, 1, &status);
  g_assert_cmpuint (status.from_a.n_frames, ==, 9);
  g_assert_cmpuint (status.from_b.n_frames, ==, 5);
  loom_meters_get (fixture->meters, 2, &status);
  g_assert_cmpuint (status.from_a.n_frames, ==, 40);
  g_assert_cmpuint (status.from_b.n_frames, ==, 41);
}

/* Unplugged and plugged in again: a new cable, counted from zero. */
static void
test_replug (Fixture *fixture, gconstpointer data)
{
  LoomLinkStatus status;

  loom_record_add_cable (fixture->record, 1, "m1", 0, "m2", 0);
  read_now (fixture, 0);
  port (fixture, "m1.0")->rx_frames = 100;
  read_now (fixture, 1000);
  g_ptr_array_set_size (fixture->record->cables, 0);
  read_now (fixture, 2000);
  loom_meters_get (fixture->meters, 1, &status);
  g_assert_cmpuint (status.from_a.n_frames, ==, 0);

  loom_record_add_cable (fixture->record, 2, "m1", 0, "m2", 0);
  port (fixture, "m1.0")->rx_frames = 103;
  read_now (fixture, 3000);
  loom_meters_get (fixture->meters, 2, &status);
  g_assert_cmpuint (status.from_a.n_frames, ==, 3);
}

/* An engine after this one goes on where this one was, whatever the switch says by then. */
static void
test_taken_over (Fixture *fixture, gconstpointer data)
{
  LoomLinkStatus status;

  loom_record_add_cable (fixture->record, 1, "m1", 0, "m2", 0);
  read_now (fixture, 0);
  port (fixture, "m1.0")->rx_frames = 100;
  port (fixture, "m2.0")->rx_bytes = 7;
  read_now (fixture, 1000);
  g_autoptr (GBytes) bytes = loom_meters_to_bytes (fixture->meters);
  loom_meters_free (fixture->meters);
  fixture->meters = loom_meters_new ();
  g_assert_true (loom_meters_from_bytes (fixture->meters, bytes));
  loom_meters_get (fixture->meters, 1, &status);
  g_assert_cmpuint (status.from_a.n_frames, ==, 100);

  port (fixture, "m1.0")->rx_frames = 110;
  read_now (fixture, 2000);
  loom_meters_get (fixture->meters, 1, &status);
  g_assert_cmpuint (status.from_a.n_frames, ==, 110);
  g_assert_cmpuint (status.from_b.n_bytes, ==, 7);

  /* The switch has forgotten. */
  port (fixture, "m1.0")->rx_frames = 5;
  read_now (fixture, 3000);
  port (fixture, "m1.0")->rx_frames = 6;
  read_now (fixture, 4000);
  loom_meters_get (fixture->meters, 1, &status);
  g_assert_cmpuint (status.from_a.n_frames, ==, 111);
}

static void
test_broken_bytes (Fixture *fixture, gconstpointer data)
{
  loom_record_add_cable (fixture->record, 1, "m1", 0, "m2", 0);
  read_now (fixture, 0);
  g_autoptr (GBytes) whole = loom_meters_to_bytes (fixture->meters);

  for (gsize size = 0; size < g_bytes_get_size (whole); size++) {
    g_autoptr (GBytes) cut = g_bytes_new_from_bytes (whole, 0, size);
    g_autoptr (LoomMeters) meters = loom_meters_new ();
    g_assert_false (loom_meters_from_bytes (meters, cut));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/meters/machines", Fixture, NULL, set_up, test_machines, tear_down);
  g_test_add ("/meters/switch", Fixture, NULL, set_up, test_switch, tear_down);
  g_test_add ("/meters/taken-over", Fixture, NULL, set_up, test_taken_over, tear_down);
  g_test_add ("/meters/broken-bytes", Fixture, NULL, set_up, test_broken_bytes, tear_down);
  g_test_add ("/meters/replug", Fixture, NULL, set_up, test_replug, tear_down);
  return g_test_run ();
}
