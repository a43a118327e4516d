/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the wire measured of the cables that go through it, as of a moment ago: asked for when
 * counters are, and not waited for. */

#include "backend/engine/engine-private.h"

#include "backend/proto/json.h"

#define MAX_AGE_US (G_USEC_PER_SEC / 5)

static double
read_double (JsonObject *object, const char *member)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, member) : NULL;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || (json_node_get_value_type (node) != G_TYPE_DOUBLE
          && json_node_get_value_type (node) != G_TYPE_INT64))
    return 0;
  return json_node_get_double (node);
}

static guint64
read_total (JsonObject *object, const char *member)
{
  gint64 value;

  return loom_json_get_int (object, member, &value) && value > 0 ? (guint64) value : 0;
}

static void
read_direction (JsonObject *direction, LoomLinkMeasure *ret_measure)
{
  *ret_measure = (LoomLinkMeasure){
      .known = direction != NULL,
      .delay_ms = read_double (direction, "delay_ms"),
      .jitter_ms = read_double (direction, "jitter_ms"),
      .loss_percent = read_double (direction, "loss_percent"),
      .rate_bps = read_double (direction, "rate_bps"),
      .duplicated = read_total (direction, "duplicated"),
      .reordered = read_total (direction, "reordered"),
      .corrupted = read_total (direction, "corrupted"),
      .late = read_total (direction, "late"),
      .held = read_total (direction, "held"),
  };
}

static void
take_measures (LoomEngine *self, JsonArray *cables)
{
  g_hash_table_remove_all (self->measures);
  for (guint i = 0; cables != NULL && i < json_array_get_length (cables); i++) {
    JsonObject *cable = loom_json_node_object (json_array_get_element (cables, i));
    g_autofree LoomLinkMeasure *both = g_new (LoomLinkMeasure, 2);
    gint64 cookie;

    if (!loom_json_get_int (cable, "cable", &cookie))
      continue;
    read_direction (loom_json_get_object (cable, "forward"), &both[0]);
    read_direction (loom_json_get_object (cable, "backward"), &both[1]);
    g_hash_table_insert (self->measures, g_memdup2 (&cookie, sizeof cookie),
                         g_steal_pointer (&both));
  }
}

static void
on_measured (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomEngine) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = loom_wire_call_finish (LOOM_WIRE (source), result, &error);

  self->measuring = FALSE;
  if (answer == NULL)
    g_debug ("wire: %s", error->message);
  else
    take_measures (self, loom_json_get_array (loom_json_node_object (answer), "cables"));
}

void
loom_engine_measure (LoomEngine *self)
{
  gint64 now_us = g_get_monotonic_time ();

  if (self->measuring || !loom_wire_is_up (self->wire) || now_us - self->measured_us < MAX_AGE_US)
    return;
  self->measuring = TRUE;
  self->measured_us = now_us;
  loom_wire_call_async (self->wire, "stats", json_object_new (), on_measured, g_object_ref (self));
}

static void
add_direction (LoomMeasureColumns *columns, const LoomLinkMeasure *measure)
{
  const double values[] = {measure->delay_ms, measure->jitter_ms, measure->loss_percent,
                           measure->rate_bps};
  const guint64 marks[] = {measure->duplicated, measure->reordered, measure->corrupted,
                           measure->late, measure->held};

  g_array_append_vals (columns->values, values, G_N_ELEMENTS (values));
  g_array_append_vals (columns->marks, marks, G_N_ELEMENTS (marks));
}

void
loom_engine_add_measures (LoomEngine *self, const LoomCable *cable, gboolean swapped, guint32 index,
                          LoomMeasureColumns *columns)
{
  static const LoomLinkMeasure nothing[2];
  const LoomDetour *detour = g_hash_table_lookup (self->detours, &cable->cookie);
  const LoomLinkMeasure *both = g_hash_table_lookup (self->measures, &cable->cookie);

  if (detour == NULL)
    return;
  both = both != NULL ? both : nothing;
  g_array_append_val (columns->indices, index);
  g_variant_builder_add (&columns->states, "s",
                         loom_detour_state_to_id (loom_detour_get_state (detour)));
  add_direction (columns, &both[swapped ? 1 : 0]);
  add_direction (columns, &both[swapped ? 0 : 1]);
}
