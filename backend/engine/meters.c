/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Counters of cables, from counters of the switch's ports. */

#include "backend/engine/meters.h"

#include "backend/engine/rates.h"

#include <string.h>

enum {
  FRAMES,
  BYTES,
  DROPS,
  ERRORS,
  N_COUNTERS
};

typedef struct {
  guint64 ports[N_COUNTERS]; /* of the ports, at the last reading */
  guint64 now[N_COUNTERS];   /* of the cable, since it was plugged in */
} Totals;

typedef struct {
  Totals totals;
  double rate_bps;
  double rate_fps;
  LoomRateMeter rate;
} Direction;

#define MAGIC 0x316d6f6f6c6e616cULL /* "lanloom1" */
#define MAX_METERS 65536

/* How a meter is written. */
typedef struct {
  guint64 cookie;
  Totals from_a;
  Totals from_b;
} Entry;

typedef struct {
  Direction from_a;
  Direction from_b;
  char *end_a; /* keys of the cable's ends, which never move; NULL: not updated yet */
  char *end_b;
  gboolean seen; /* in the record, this round */
} Meter;

struct _LoomMeters {
  GHashTable *by_cookie; /* guint64 → Meter */
  GHashTable *last;      /* key → LoomPortCounters, of the reading before */
};

static void
meter_free (gpointer data)
{
  Meter *meter = data;

  g_free (meter->end_a);
  g_free (meter->end_b);
  g_free (meter);
}

LoomMeters *
loom_meters_new (void)
{
  LoomMeters *meters = g_new0 (LoomMeters, 1);

  meters->by_cookie = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, meter_free);
  meters->last = g_hash_table_new (g_str_hash, g_str_equal);
  return meters;
}

void
loom_meters_free (LoomMeters *meters)
{
  g_hash_table_unref (meters->by_cookie);
  g_hash_table_unref (meters->last);
  g_free (meters);
}

static gboolean
is_nic (const char *end)
{
  return end[0] == 'm';
}

static void
read_flow (GHashTable *counters, const char *from, const char *to, guint64 *ret_ports)
{
  static const LoomPortCounters none;
  const LoomPortCounters *sender = g_hash_table_lookup (counters, from);
  const LoomPortCounters *receiver = g_hash_table_lookup (counters, to);
  gboolean at_receiver = !is_nic (from) && is_nic (to);

  sender = sender != NULL ? sender : &none;
  receiver = receiver != NULL ? receiver : &none;
  ret_ports[FRAMES] = at_receiver ? receiver->tx_frames : sender->rx_frames;
  ret_ports[BYTES] = at_receiver ? receiver->tx_bytes : sender->rx_bytes;
  ret_ports[DROPS] = sender->rx_drops + receiver->tx_drops;
  ret_ports[ERRORS] = sender->rx_errors + receiver->tx_errors;
}

/* What ports count may restart (a port was made anew, the engine before us knew more): what a cable
 * counts never goes backwards. */
static void
update_direction (Direction *direction, const guint64 *ports, gint64 now_us)
{
  Totals *totals = &direction->totals;

  for (guint i = 0; i < N_COUNTERS; i++) {
    totals->now[i] += ports[i] > totals->ports[i] ? ports[i] - totals->ports[i] : 0;
    totals->ports[i] = ports[i];
  }
  loom_rate_meter_add (&direction->rate, now_us, totals->now[FRAMES], totals->now[BYTES]);
  loom_rate_meter_get (&direction->rate, &direction->rate_bps, &direction->rate_fps);
}

static Meter *
ensure_meter (LoomMeters *meters, const LoomCable *cable)
{
  Meter *meter = g_hash_table_lookup (meters->by_cookie, &cable->cookie);
  gboolean is_new = meter == NULL;

  if (is_new) {
    meter = g_new0 (Meter, 1);
    g_hash_table_insert (meters->by_cookie, g_memdup2 (&cable->cookie, sizeof cable->cookie),
                         meter);
  }
  if (meter->end_a == NULL) {
    meter->end_a = loom_record_dup_end_key (cable->key_a, cable->port_a);
    meter->end_b = loom_record_dup_end_key (cable->key_b, cable->port_b);
  }
  if (is_new) {
    /* The ports may have carried other cables: what they counted up to the reading before this
     * cable's first one is not its own. */
    read_flow (meters->last, meter->end_a, meter->end_b, meter->from_a.totals.ports);
    read_flow (meters->last, meter->end_b, meter->end_a, meter->from_b.totals.ports);
  }
  return meter;
}

static gboolean
is_unseen (gpointer key, gpointer value, gpointer user_data)
{
  return !((Meter *) value)->seen;
}

void
loom_meters_update (LoomMeters *meters, const LoomRecord *record, GHashTable *counters,
                    gint64 now_us)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, meters->by_cookie);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    ((Meter *) value)->seen = FALSE;

  for (guint i = 0; i < record->cables->len; i++) {
    const LoomCable *cable = g_ptr_array_index (record->cables, i);
    Meter *meter = ensure_meter (meters, cable);
    guint64 ports[N_COUNTERS];

    meter->seen = TRUE;
    read_flow (counters, meter->end_a, meter->end_b, ports);
    update_direction (&meter->from_a, ports, now_us);
    read_flow (counters, meter->end_b, meter->end_a, ports);
    update_direction (&meter->from_b, ports, now_us);
  }
  g_hash_table_foreach_remove (meters->by_cookie, is_unseen, NULL);

  g_hash_table_unref (meters->last);
  meters->last = g_hash_table_ref (counters);
}

GBytes *
loom_meters_to_bytes (LoomMeters *meters)
{
  const guint64 header[2] = {MAGIC, g_hash_table_size (meters->by_cookie)};
  GByteArray *bytes = g_byte_array_new ();
  GHashTableIter iter;
  gpointer cookie, value;

  g_byte_array_append (bytes, (const guint8 *) header, sizeof header);
  g_hash_table_iter_init (&iter, meters->by_cookie);
  while (g_hash_table_iter_next (&iter, &cookie, &value)) {
    const Meter *meter = value;
    const Entry entry = {*(guint64 *) cookie, meter->from_a.totals, meter->from_b.totals};
    g_byte_array_append (bytes, (const guint8 *) &entry, sizeof entry);
  }
  return g_byte_array_free_to_bytes (bytes);
}

gboolean
loom_meters_from_bytes (LoomMeters *meters, GBytes *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  guint64 header[2];

  if (size < sizeof header)
    return FALSE;
  memcpy (header, data, sizeof header);
  if (header[0] != MAGIC || header[1] > MAX_METERS
      || size - sizeof header < header[1] * sizeof (Entry))
    return FALSE;

  for (guint64 i = 0; i < header[1]; i++) {
    Meter *meter = g_new0 (Meter, 1);
    Entry entry;

    memcpy (&entry, data + sizeof header + i * sizeof entry, sizeof entry);
    meter->from_a.totals = entry.from_a;
    meter->from_b.totals = entry.from_b;
    g_hash_table_insert (meters->by_cookie, g_memdup2 (&entry.cookie, sizeof entry.cookie), meter);
  }
  return TRUE;
}

static LoomFlow
get_flow (const Direction *direction)
{
  const guint64 *now = direction->totals.now;

  return (LoomFlow){.n_frames = now[FRAMES],
                    .n_bytes = now[BYTES],
                    .n_drops = now[DROPS],
                    .n_errors = now[ERRORS],
                    .rate_bps = direction->rate_bps,
                    .rate_fps = direction->rate_fps};
}

void
loom_meters_get (LoomMeters *meters, guint64 cookie, LoomLinkStatus *ret_status)
{
  const Meter *meter = g_hash_table_lookup (meters->by_cookie, &cookie);

  ret_status->from_a = meter != NULL ? get_flow (&meter->from_a) : (LoomFlow){0};
  ret_status->from_b = meter != NULL ? get_flow (&meter->from_b) : (LoomFlow){0};
}
