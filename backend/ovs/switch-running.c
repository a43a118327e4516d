/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a switch that runs is asked and told, besides its fabric: refusals, counters, whether it
 * answers, how deep it sleeps, its processes. */

#include "backend/ovs/switch-private.h"

#include "backend/ovs/fabric-diff.h"

GHashTable *
loom_switch_list_refused (LoomSwitch *self)
{
  GHashTable *refused;
  GHashTableIter iter;
  gpointer key;
  gpointer reason;

  if (self->parts == NULL)
    return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  refused = loom_fabric_observed_refusals (loom_ovsdb_client_get_cache (self->parts->ovsdb));
  g_hash_table_iter_init (&iter, self->lost);
  while (g_hash_table_iter_next (&iter, &key, &reason))
    g_hash_table_insert (refused, g_strdup (key), g_strdup (reason));
  return refused;
}

static void
on_port_stats_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LoomSwitch *self = g_task_get_source_object (task);
  g_autoptr (GArray) stats = NULL;
  g_autoptr (GHashTable) by_number = g_hash_table_new (NULL, NULL);
  GError *error = NULL;
  GHashTableIter iter;
  gpointer key;
  gpointer number;

  stats = loom_openflow_client_port_stats_finish (LOOM_OPENFLOW_CLIENT (source), result, &error);
  if (stats == NULL) {
    g_task_return_error (task, error);
    return;
  }
  g_hash_table_iter_init (&iter, self->installed->ports);
  while (g_hash_table_iter_next (&iter, &key, &number))
    g_hash_table_insert (by_number, number, key);
  for (guint i = 0; i < stats->len; i++) {
    const LoomOpenFlowPortStats *reading = &g_array_index (stats, LoomOpenFlowPortStats, i);

    key = g_hash_table_lookup (by_number, GUINT_TO_POINTER (reading->port_no));
    if (key != NULL && self->parts != NULL && (gpointer) self->parts->panel == source)
      loom_counter_book_add (self->counters, key, reading);
  }
  g_task_return_pointer (task, loom_counter_book_get_totals (self->counters),
                         (GDestroyNotify) g_hash_table_unref);
}

void
loom_switch_counters_async (LoomSwitch *self, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, loom_switch_counters_async);
  if (self->state != LOOM_SWITCH_RUNNING)
    g_task_return_error (task, loom_switch_new_gone_error ());
  else
    loom_openflow_client_port_stats_async (self->parts->panel, cancellable, on_port_stats_ready,
                                           g_steal_pointer (&task));
}

GHashTable *
loom_switch_counters_finish (LoomSwitch *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
loom_switch_ping_async (LoomSwitch *self, LoomSwitchPart part, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, loom_switch_ping_async);
  if (self->state != LOOM_SWITCH_RUNNING)
    g_task_return_error (task, loom_switch_new_gone_error ());
  else
    loom_switch_parts_ping (self->parts, part, g_steal_pointer (&task));
}

gboolean
loom_switch_ping_finish (LoomSwitch *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
loom_switch_wake (LoomSwitch *self, LoomSwitchPart part)
{
  if (self->state == LOOM_SWITCH_RUNNING)
    loom_switch_parts_wake (self->parts, part);
}

void
loom_switch_set_asleep (LoomSwitch *self, gboolean asleep)
{
  if (self->state == LOOM_SWITCH_RUNNING)
    loom_daemon_set_held (self->parts->vswitchd, asleep);
}

static void
on_sleep_set (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!loom_ovsdb_client_transact_finish (LOOM_OVSDB_CLIENT (source), result, &error))
    g_message ("switch: how long it may sleep was not set: %s", error->message);
}

void
loom_switch_set_sleep (LoomSwitch *self, int sleep_us)
{
  if (self->state == LOOM_SWITCH_RUNNING)
    loom_ovsdb_client_transact_async (self->parts->ovsdb, loom_switch_build_sleep (sleep_us), NULL,
                                      on_sleep_set, NULL);
}

static void
add_process (GArray *processes, LoomDaemon *daemon)
{
  LoomSwitchProcess process = {loom_daemon_get_role (daemon), loom_daemon_get_pid (daemon)};

  if (loom_daemon_is_running (daemon))
    g_array_append_val (processes, process);
}

GArray *
loom_switch_list_processes (LoomSwitch *self)
{
  GArray *processes = g_array_new (FALSE, FALSE, sizeof (LoomSwitchProcess));

  if (self->parts == NULL)
    return processes;
  add_process (processes, self->parts->database);
  add_process (processes, self->parts->vswitchd);
  return processes;
}
