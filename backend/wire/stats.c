/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Counters belong to the datapath thread: an order copies them, and they become JSON here. */

#include "backend/wire/control-private.h"

#include <stddef.h>

typedef struct {
  LoomWireAttachment *attachment; /* the main thread's; not looked at by the other */
  LoomWireCable *cable;
  gboolean connected[2];
  LoomWireCounters counters[2];
  LoomWireMeasured measured[2];
  guint n_queued;
} Snapshot;

typedef struct {
  LoomWireOrder order;
  LoomWireCall *call;
  gint64 time_us;
  guint n;
  Snapshot snapshots[];
} StatsOrder;

#define COUNTER(field)                                                                             \
  {                                                                                                \
#field, offsetof(LoomWireCounters, field)                                                      \
  }

static const struct {
  const char *name;
  gsize offset;
} COUNTERS[] = {
    COUNTER (frames_in),         COUNTER (bytes_in),   COUNTER (frames_out),
    COUNTER (bytes_out),         COUNTER (lost),       COUNTER (queue_drops),
    COUNTER (red_drops),         COUNTER (duplicated), COUNTER (reordered),
    COUNTER (corrupted),         COUNTER (segmented),  COUNTER (refused),
    COUNTER (unconnected_drops), COUNTER (held),       COUNTER (late),
};

static void
run_stats (LoomWireOrder *order, LoomWireDatapath *datapath, gint64 now_ns)
{
  StatsOrder *self = (StatsOrder *) order;

  self->time_us = now_ns / 1000;
  for (guint i = 0; i < self->n; i++) {
    Snapshot *snapshot = &self->snapshots[i];

    for (guint j = 0; j < 2; j++) {
      LoomWireDirection *direction = &snapshot->cable->directions[j];

      snapshot->connected[j] = snapshot->cable->ports[j].connected;
      snapshot->counters[j] = direction->counters;
      snapshot->measured[j] = loom_wire_meter_read (&direction->meter, now_ns);
      snapshot->n_queued += loom_wire_line_get_n_frames (&direction->line) + direction->n_stuck;
    }
  }
}

static void
add_direction (JsonBuilder *builder, const Snapshot *snapshot, guint i)
{
  const LoomWireCounters *counters = &snapshot->counters[i];
  const LoomWireMeasured *measured = &snapshot->measured[i];

  json_builder_set_member_name (builder, LOOM_WIRE_DIRECTION_NAMES[i]);
  json_builder_begin_object (builder);
  loom_json_put_boolean (builder, "hold", snapshot->attachment->holds[i]);
  for (guint j = 0; j < G_N_ELEMENTS (COUNTERS); j++)
    loom_json_put_int (builder, COUNTERS[j].name,
                       (gint64) * (const guint64 *) ((const char *) counters + COUNTERS[j].offset));
  loom_json_put_double (builder, "delay_ms", measured->delay_ms);
  loom_json_put_double (builder, "delay_min_ms", measured->delay_min_ms);
  loom_json_put_double (builder, "delay_max_ms", measured->delay_max_ms);
  loom_json_put_double (builder, "jitter_ms", measured->jitter_ms);
  loom_json_put_double (builder, "rate_bps", measured->rate_bps);
  loom_json_put_double (builder, "loss_percent", measured->loss_percent);
  json_builder_end_object (builder);
}

static void
add_cable (JsonBuilder *builder, const Snapshot *snapshot)
{
  json_builder_begin_object (builder);
  loom_json_put_int (builder, "cable", snapshot->attachment->cookie);
  loom_json_put_int (builder, "queued", snapshot->n_queued);
  loom_json_put_string (builder, "key", snapshot->attachment->key);
  loom_json_put_int (builder, "seed", (gint64) snapshot->attachment->seed);
  json_builder_set_member_name (builder, "captures");
  json_builder_begin_array (builder);
  loom_wire_captures_add (snapshot->attachment, builder);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "watches");
  json_builder_begin_array (builder);
  loom_wire_watches_add (snapshot->attachment->control, snapshot->attachment->cookie, builder);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "connected");
  json_builder_begin_array (builder);
  for (guint i = 0; i < 2; i++)
    json_builder_add_boolean_value (builder, snapshot->connected[i]);
  json_builder_end_array (builder);
  for (guint i = 0; i < 2; i++)
    add_direction (builder, snapshot, i);
  json_builder_end_object (builder);
}

static void
done_stats (LoomWireOrder *order)
{
  StatsOrder *self = (StatsOrder *) order;
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  loom_json_put_int (builder, "time_us", self->time_us);
  json_builder_set_member_name (builder, "cables");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->n; i++)
    add_cable (builder, &self->snapshots[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  loom_wire_call_answer (self->call, json_builder_get_root (builder));
  g_free (self);
}

void
loom_wire_stats (LoomWireCall *call, JsonObject *params)
{
  guint n = g_hash_table_size (call->control->attachments);
  StatsOrder *order = g_malloc0 (sizeof *order + n * sizeof *order->snapshots);
  GHashTableIter iter;
  gpointer value;

  order->order = (LoomWireOrder){run_stats, done_stats};
  order->call = call;
  g_hash_table_iter_init (&iter, call->control->attachments);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    Snapshot *snapshot = &order->snapshots[order->n++];

    snapshot->attachment = value;
    snapshot->cable = snapshot->attachment->cable;
  }
  if (!loom_wire_call_post (call, &order->order))
    g_free (order);
}
