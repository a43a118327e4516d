/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The client's reading of counters and of what the wire measured: columns of numbers back into one
 * row a cable. */

#include "backend/engine/client-private.h"

#include <glib/gi18n-lib.h>

#include "backend/engine/engine-dbus.h"

typedef struct {
  gint64 time_us;
  GPtrArray *links;
} Counters;

static void
counters_free (gpointer data)
{
  Counters *counters = data;

  g_clear_pointer (&counters->links, g_ptr_array_unref);
  g_free (counters);
}

static void
client_counters_free (gpointer data)
{
  LoomClientCounters *counters = data;

  g_free (counters->id);
  g_free (counters->wire_state);
  g_free (counters);
}

static LoomFlow
read_flow (const guint64 *totals, const double *rates)
{
  return (LoomFlow){totals[0], totals[1], totals[2], totals[3], rates[0], rates[1]};
}

/* NULL if the columns are not of one length. */
static GPtrArray *
read_counters (char **ids, GVariant *carriers, GVariant *totals, GVariant *rates)
{
  guint n_links = g_strv_length (ids);
  gsize n_carriers, n_totals, n_rates;
  const guint8 *carrier = g_variant_get_fixed_array (carriers, &n_carriers, sizeof *carrier);
  const guint64 *total = g_variant_get_fixed_array (totals, &n_totals, sizeof *total);
  const double *rate = g_variant_get_fixed_array (rates, &n_rates, sizeof *rate);
  GPtrArray *links;

  if (n_carriers != n_links || n_totals != 8 * (gsize) n_links || n_rates != 4 * (gsize) n_links)
    return NULL;
  links = g_ptr_array_new_full (n_links, client_counters_free);
  for (guint i = 0; i < n_links; i++) {
    LoomClientCounters *link = g_new0 (LoomClientCounters, 1);
    link->id = g_strdup (ids[i]);
    link->wire_state = g_strdup ("");
    link->status.carrier = carrier[i];
    link->status.from_a = read_flow (total + 8 * i, rate + 4 * i);
    link->status.from_b = read_flow (total + 8 * i + 4, rate + 4 * i + 2);
    g_ptr_array_add (links, link);
  }
  return links;
}

static LoomLinkMeasure
read_measure (const double *values, const guint64 *totals)
{
  return (LoomLinkMeasure){.known = TRUE,
                           .delay_ms = values[0],
                           .jitter_ms = values[1],
                           .loss_percent = values[2],
                           .rate_bps = values[3],
                           .duplicated = totals[0],
                           .reordered = totals[1],
                           .corrupted = totals[2],
                           .late = totals[3],
                           .held = totals[4]};
}

/* What the wire says of some of @links. FALSE if the columns are not of one length. */
static gboolean
read_measures (GPtrArray *links, GVariant *indices, char **states, GVariant *values,
               GVariant *totals)
{
  gsize n_wired, n_values, n_totals;
  const guint32 *index = g_variant_get_fixed_array (indices, &n_wired, sizeof *index);
  const double *value = g_variant_get_fixed_array (values, &n_values, sizeof *value);
  const guint64 *total = g_variant_get_fixed_array (totals, &n_totals, sizeof *total);

  if (g_strv_length (states) != n_wired || n_values != 8 * n_wired || n_totals != 10 * n_wired)
    return FALSE;
  for (gsize i = 0; i < n_wired; i++) {
    if (index[i] >= links->len)
      return FALSE;
    LoomClientCounters *link = g_ptr_array_index (links, index[i]);
    g_free (link->wire_state);
    link->wire_state = g_strdup (states[i]);
    if (!g_str_equal (states[i], "through"))
      continue;
    link->status.measured[0] = read_measure (value + 8 * i, total + 10 * i);
    link->status.measured[1] = read_measure (value + 8 * i + 4, total + 10 * i + 5);
  }
  return TRUE;
}

static void
on_counters_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GVariant) carriers = NULL;
  g_autoptr (GVariant) totals = NULL;
  g_autoptr (GVariant) rates = NULL;
  g_autoptr (GVariant) wired = NULL;
  g_autoptr (GVariant) measures = NULL;
  g_autoptr (GVariant) marks = NULL;
  g_auto (GStrv) ids = NULL;
  g_auto (GStrv) wire_states = NULL;
  Counters *counters = g_new0 (Counters, 1);
  GError *error = NULL;

  if (loom_dbus_engine_call_get_counters_finish (LOOM_DBUS_ENGINE (source), &counters->time_us,
                                                 &ids, &carriers, &totals, &rates, &wired,
                                                 &wire_states, &measures, &marks, result, &error)) {
    counters->links = read_counters (ids, carriers, totals, rates);
    if (counters->links == NULL
        || !read_measures (counters->links, wired, wire_states, measures, marks))
      error = g_error_new (LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED,
                           _ ("The engine's counters make no sense. Start the lab again."));
  }
  if (error != NULL) {
    counters_free (counters);
    loom_client_return_error (task, error);
    return;
  }
  g_task_return_pointer (task, counters, counters_free);
}

void
loom_client_counters_async (LoomClient *self, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (LOOM_IS_CLIENT (self));
  task = loom_client_task_new (self, cancellable, callback, user_data);
  if (task == NULL)
    return;
  loom_dbus_engine_call_get_counters (self->proxy, cancellable, on_counters_ready,
                                      g_steal_pointer (&task));
}

GPtrArray *
loom_client_counters_finish (LoomClient *self, GAsyncResult *result, gint64 *ret_time_us,
                             GError **error)
{
  Counters *counters = g_task_propagate_pointer (G_TASK (result), error);
  GPtrArray *links;

  if (counters == NULL)
    return NULL;
  if (ret_time_us != NULL)
    *ret_time_us = counters->time_us;
  links = g_steal_pointer (&counters->links);
  counters_free (counters);
  return links;
}
