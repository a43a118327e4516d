/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Counters of cables: read from the switch when somebody asks, and once a second so that a single
 * question gets a rate, too. The same tick bounds the logs and
 * finds out what hangs. */

#include "backend/engine/engine-private.h"
#include "backend/engine/log.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define TOTALS_NAME "counters"
#define MAX_TOTALS_BYTES (1024 * 1024)
#define SAMPLE_PERIOD_MS 1000
#define SAMPLE_SHARE_US (20 * 1000)

/* Written in place, in one piece: it outlives a crash of ours, not one of the host. */
static void
keep_totals (LoomEngine *self)
{
  g_autoptr (GBytes) bytes = loom_meters_to_bytes (self->meters);
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  if (self->totals_fd < 0 || (self->totals != NULL && g_bytes_equal (self->totals, bytes)))
    return;
  if (pwrite (self->totals_fd, data, size, 0) != (gssize) size) {
    g_warning ("counters cannot be kept: %s", g_strerror (errno));
    close (self->totals_fd);
    self->totals_fd = -1;
  }
  g_clear_pointer (&self->totals, g_bytes_unref);
  self->totals = g_steal_pointer (&bytes);
}

void
loom_engine_open_totals (LoomEngine *self, gboolean adopt)
{
  g_autofree char *path = g_build_filename (self->runtime_folder, TOTALS_NAME, NULL);
  g_autofree guint8 *data = NULL;

  self->totals_fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (adopt ? 0 : O_TRUNC),
                          0600);
  if (self->totals_fd < 0 || !adopt)
    return;
  data = g_malloc (MAX_TOTALS_BYTES);
  gssize size = pread (self->totals_fd, data, MAX_TOTALS_BYTES, 0);
  g_autoptr (GBytes) bytes = g_bytes_new (data, (gsize) MAX (size, 0));
  if (!loom_meters_from_bytes (self->meters, bytes))
    g_message ("counters begin anew");
}

static void
answer_waiting (LoomEngine *self)
{
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&self->waiting);

  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < waiting->len; i++)
    g_task_return_boolean (g_ptr_array_index (waiting, i), TRUE);
}

static void
on_counters_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomEngine) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable)
      counters = loom_switch_counters_finish (LOOM_SWITCH (source), result, &error);

  if (counters != NULL) {
    self->sampled_us = g_get_monotonic_time ();
    loom_engine_note_frames (self, counters);
    loom_meters_update (self->meters, self->record, counters, self->sampled_us);
    keep_totals (self);
  } else {
    g_debug ("counters: %s", error->message);
  }
  answer_waiting (self);
}

static void
sample (LoomEngine *self, GTask *task)
{
  gboolean under_way = self->waiting->len > 0;

  g_ptr_array_add (self->waiting, g_object_ref (task));
  if (!under_way)
    loom_switch_counters_async (loom_panel_get_switch (self->panel), NULL, on_counters_read,
                                g_object_ref (self));
}

void
loom_engine_sample (LoomEngine *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, NULL, NULL);

  sample (self, task);
}

static void
trim_logs (LoomEngine *self)
{
  g_autofree char *switch_folder = g_build_filename (self->runtime_folder, LOOM_SWITCH_FOLDER,
                                                     NULL);
  g_autofree char *wire_folder = g_build_filename (self->runtime_folder, LOOM_WIRE_FOLDER, NULL);

  loom_log_trim (self->runtime_folder);
  loom_log_trim (switch_folder);
  loom_log_trim (wire_folder);
}

static gboolean
on_sample_due (gpointer user_data)
{
  LoomEngine *self = user_data;
  gint64 now_us = g_get_monotonic_time ();
  gint64 age_us = now_us - self->sampled_us;

  trim_logs (self);
  loom_engine_tick (self, now_us);
  loom_engine_step_quiet (self);
  /* Somebody reads often already. */
  if (age_us < SAMPLE_PERIOD_MS * 900 || self->record->cables->len == 0
      || !loom_panel_is_up (self->panel) || loom_engine_is_switch_asleep (self))
    return G_SOURCE_CONTINUE;
  loom_engine_sample (self);
  return G_SOURCE_CONTINUE;
}

void
loom_engine_counters_async (LoomEngine *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, loom_engine_counters_async);
  loom_engine_measure (self);
  if (!loom_panel_is_up (self->panel) || loom_engine_is_switch_asleep (self)
      || g_get_monotonic_time () - self->sampled_us < SAMPLE_SHARE_US)
    g_task_return_boolean (task, TRUE);
  else
    sample (self, task);
}

static gboolean
is_end_up (LoomEngine *self, const LoomCable *cable, int end)
{
  const char *key = end == 0 ? cable->key_a : cable->key_b;
  int port = end == 0 ? cable->port_a : cable->port_b;
  const LoomInstance *instance = loom_record_get (self->record, key);
  LoomCableHealth health;

  loom_cable_get_health (cable, &health);
  if (instance == NULL || !health.carrier[end])
    return FALSE;
  if (instance->role != LOOM_ROLE_MACHINE)
    return g_hash_table_contains (self->bridges_up, key);

  LoomMachine *machine = g_hash_table_lookup (self->machines, key);
  LoomGuestSpec *spec = machine != NULL ? loom_machine_get_running_spec (machine) : NULL;
  if (spec == NULL || (guint) port >= spec->nics->len)
    return FALSE;
  return ((const LoomGuestNic *) g_ptr_array_index (spec->nics, port))->link_up;
}

static void
add_flow (GArray *totals, GArray *rates, const LoomFlow *flow)
{
  const guint64 numbers[] = {flow->n_frames, flow->n_bytes, flow->n_drops, flow->n_errors};
  const double per_second[] = {flow->rate_bps, flow->rate_fps};

  g_array_append_vals (totals, numbers, G_N_ELEMENTS (numbers));
  g_array_append_vals (rates, per_second, G_N_ELEMENTS (per_second));
}

static GVariant *
new_fixed (const char *type, GArray *numbers)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE (type), numbers->data, numbers->len,
                                    g_array_get_element_size (numbers));
}

GVariant *
loom_engine_counters_finish (LoomEngine *self, GAsyncResult *result)
{
  guint n_cables = self->record->cables->len;
  g_autoptr (GPtrArray) ids = g_ptr_array_new_full (n_cables, g_free);
  g_autoptr (GByteArray) carriers = g_byte_array_sized_new (n_cables);
  g_autoptr (GArray) totals = g_array_sized_new (FALSE, FALSE, sizeof (guint64), 8 * n_cables);
  g_autoptr (GArray) rates = g_array_sized_new (FALSE, FALSE, sizeof (double), 4 * n_cables);
  g_autoptr (GArray) indices = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) marks = g_array_new (FALSE, FALSE, sizeof (guint64));
  LoomMeasureColumns measures = {.indices = indices, .values = values, .marks = marks};
  guint32 n_links = 0;

  g_task_propagate_boolean (G_TASK (result), NULL);
  g_variant_builder_init (&measures.states, G_VARIANT_TYPE ("as"));
  for (guint i = 0; i < n_cables; i++) {
    const LoomCable *cable = g_ptr_array_index (self->record->cables, i);
    gboolean swapped;
    LoomLinkStatus status;
    char *id = loom_record_dup_link_id (self->record, cable, &swapped);
    guint8 carrier;

    if (id == NULL)
      continue;

    loom_meters_get (self->meters, cable->cookie, &status);
    status.carrier = loom_panel_is_up (self->panel) && is_end_up (self, cable, 0)
                     && is_end_up (self, cable, 1);
    g_ptr_array_add (ids, id);
    carrier = status.carrier != FALSE;
    g_byte_array_append (carriers, &carrier, 1);
    add_flow (totals, rates, swapped ? &status.from_b : &status.from_a);
    add_flow (totals, rates, swapped ? &status.from_a : &status.from_b);
    loom_engine_add_measures (self, cable, swapped, n_links++, &measures);
  }
  return g_variant_new (
      "(x@as@ab@at@ad@auas@ad@at)", self->sampled_us,
      g_variant_new_strv ((const char *const *) ids->pdata, ids->len),
      g_variant_new_fixed_array (G_VARIANT_TYPE_BOOLEAN, carriers->data, carriers->len, 1),
      new_fixed ("t", totals), new_fixed ("d", rates), new_fixed ("u", indices), &measures.states,
      new_fixed ("d", values), new_fixed ("t", marks));
}

void
loom_engine_begin_sampling (LoomEngine *self)
{
  self->sample_id = g_timeout_add (SAMPLE_PERIOD_MS, on_sample_due, self);
}
