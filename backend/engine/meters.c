/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Counters of cables, from counters of the switch's ports. */

#include "backend/engine/meters.h"

#include "backend/engine/rates.h"

typedef struct {
  LoomFlow base; /* totals of the ports when the cable was plugged in */
  LoomFlow now;  /* since then, with rates */
  LoomRateMeter rate;
} Direction;

typedef struct {
  Direction from_a;
  Direction from_b;
  gboolean seen; /* in the record, this round */
} Meter;

struct _LoomMeters {
  GHashTable *by_cookie; /* guint64 → Meter */
  GHashTable *last;      /* key → LoomPortCounters, of the reading before */
};

LoomMeters *
loom_meters_new (void)
{
  LoomMeters *meters = g_new0 (LoomMeters, 1);

  meters->by_cookie = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
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

static LoomFlow
read_flow (GHashTable *counters, const char *from, const char *to)
{
  static const LoomPortCounters none;
  const LoomPortCounters *sender = g_hash_table_lookup (counters, from);
  const LoomPortCounters *receiver = g_hash_table_lookup (counters, to);
  gboolean at_receiver = !is_nic (from) && is_nic (to);
  LoomFlow flow = {0};

  sender = sender != NULL ? sender : &none;
  receiver = receiver != NULL ? receiver : &none;
  flow.n_frames = at_receiver ? receiver->tx_frames : sender->rx_frames;
  flow.n_bytes = at_receiver ? receiver->tx_bytes : sender->rx_bytes;
  flow.n_drops = sender->rx_drops + receiver->tx_drops;
  flow.n_errors = sender->rx_errors + receiver->tx_errors;
  return flow;
}

static guint64
since (guint64 now, guint64 base)
{
  return now > base ? now - base : 0;
}

static void
update_direction (Direction *direction, const LoomFlow *totals, gint64 now_us)
{
  LoomFlow *now = &direction->now;

  now->n_frames = since (totals->n_frames, direction->base.n_frames);
  now->n_bytes = since (totals->n_bytes, direction->base.n_bytes);
  now->n_drops = since (totals->n_drops, direction->base.n_drops);
  now->n_errors = since (totals->n_errors, direction->base.n_errors);
  loom_rate_meter_add (&direction->rate, now_us, now->n_frames, now->n_bytes);
  loom_rate_meter_get (&direction->rate, &now->rate_bps, &now->rate_fps);
}

static Meter *
ensure_meter (LoomMeters *meters, guint64 cookie, const char *end_a, const char *end_b)
{
  Meter *meter = g_hash_table_lookup (meters->by_cookie, &cookie);

  if (meter == NULL) {
    meter = g_new0 (Meter, 1);
    /* The ports may have carried other cables: what they counted up to the reading before this
     * cable's first one is not its own. */
    meter->from_a.base = read_flow (meters->last, end_a, end_b);
    meter->from_b.base = read_flow (meters->last, end_b, end_a);
    g_hash_table_insert (meters->by_cookie, g_memdup2 (&cookie, sizeof cookie), meter);
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
    g_autofree char *end_a = loom_record_dup_end_key (cable->key_a, cable->port_a);
    g_autofree char *end_b = loom_record_dup_end_key (cable->key_b, cable->port_b);
    Meter *meter = ensure_meter (meters, cable->cookie, end_a, end_b);
    const LoomFlow from_a = read_flow (counters, end_a, end_b);
    const LoomFlow from_b = read_flow (counters, end_b, end_a);
    meter->seen = TRUE;
    update_direction (&meter->from_a, &from_a, now_us);
    update_direction (&meter->from_b, &from_b, now_us);
  }
  g_hash_table_foreach_remove (meters->by_cookie, is_unseen, NULL);

  g_hash_table_unref (meters->last);
  meters->last = g_hash_table_ref (counters);
}

void
loom_meters_get (LoomMeters *meters, guint64 cookie, LoomLinkStatus *ret_status)
{
  const Meter *meter = g_hash_table_lookup (meters->by_cookie, &cookie);

  ret_status->from_a = meter != NULL ? meter->from_a.now : (LoomFlow){0};
  ret_status->from_b = meter != NULL ? meter->from_b.now : (LoomFlow){0};
}
