/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The fabric: when it is handed to the switch, and what follows when that worked or did not. */

#include "backend/engine/engine-private.h"

#include <glib/gi18n-lib.h>

#define REASSERT_DELAY_MS 1500
/* How long before the death of the switch a start may have failed because of it. */
#define FORGIVE_US G_USEC_PER_SEC

static void
note_connected (LoomEngine *self)
{
  GHashTableIter iter;
  gpointer key, n_ports;

  g_hash_table_iter_init (&iter, self->submitted);
  while (g_hash_table_iter_next (&iter, &key, &n_ports)) {
    LoomMachine *machine = g_hash_table_lookup (self->machines, key);
    if (machine != NULL)
      loom_machine_set_n_connected (machine, GPOINTER_TO_UINT (n_ports));
  }
}

/* No ports will come: machines that wait for them cannot start. Those that have theirs go on. */
static void
fail_waiting (LoomEngine *self, const char *reason)
{
  GHashTableIter iter;
  gpointer machine;

  g_hash_table_iter_init (&iter, self->machines);
  while (g_hash_table_iter_next (&iter, NULL, &machine)) {
    if (loom_machine_get_state (machine) == LOOM_NODE_PREPARING
        && (!loom_panel_is_up (self->panel) || loom_machine_lacks_ports (machine)))
      loom_machine_fail (machine, reason);
  }
}

/* The switch made everything but some ports: their machines alone have failed. Returns how many
 * ports that were. */
static guint
blame_refused (LoomEngine *self)
{
  g_autoptr (GHashTable) refused = loom_switch_list_refused (loom_panel_get_switch (self->panel));
  GHashTableIter iter;
  gpointer end, reason;

  g_hash_table_iter_init (&iter, refused);
  while (g_hash_table_iter_next (&iter, &end, &reason)) {
    int port;
    g_autofree char *key = loom_record_parse_end_key (end, &port);
    LoomMachine *machine = key != NULL ? g_hash_table_lookup (self->machines, key) : NULL;
    g_autofree char *text = NULL;
    if (machine == NULL)
      continue;
    text = g_strdup_printf (_ ("The switch refused network card %d: %s Start it again when there "
                               "is room."),
                            port, (const char *) reason);
    g_warning ("%s: %s", (const char *) end, (const char *) reason);
    loom_machine_refuse_port (machine, (guint) port, text);
  }
  return g_hash_table_size (refused);
}

static void
take_fabric (LoomEngine *self)
{
  loom_engine_note_fabric (self);
  self->state_dirty = TRUE;
  g_hash_table_unref (self->bridges_up);
  self->bridges_up = g_hash_table_ref (self->submitted_bridges);
  note_connected (self);
}

static void
on_fabric_updated (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomEngine) self = user_data;
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->fabric_failure, g_free);
  if (loom_panel_update_finish (LOOM_PANEL (source), result, &error)) {
    take_fabric (self);
    /* Where a cable that comes next begins to count. */
    if (self->sampled_us == 0)
      loom_engine_sample (self);
  } else if (!loom_panel_is_up (self->panel) || self->panel_late_since_us != 0) {
    /* It died under the update, or hangs: once more when it is back. */
    self->fabric_dirty = TRUE;
  } else if (g_error_matches (error, LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_REFUSED)
             && blame_refused (self) > 0) {
    take_fabric (self);
  } else {
    g_warning ("switch: %s", error->message);
    g_hash_table_remove_all (self->bridges_up);
    self->fabric_failure = g_strdup (error->message);
    g_signal_emit_by_name (self, "message", "error", error->message);
    fail_waiting (self, error->message);
  }
  loom_engine_kick (self);
}

static GHashTable *
collect_n_ports (LoomEngine *self)
{
  GHashTable *n_ports = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer key, machine;

  g_hash_table_iter_init (&iter, self->machines);
  while (g_hash_table_iter_next (&iter, &key, &machine)) {
    guint n = loom_machine_get_n_ports (machine);
    if (n > 0)
      g_hash_table_insert (n_ports, g_strdup (key), GUINT_TO_POINTER (n));
  }
  return n_ports;
}

static GHashTable *
collect_bridges (LoomEngine *self)
{
  GHashTable *bridges = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < self->record->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (self->record->instances, i);
    if (instance->role != LOOM_ROLE_MACHINE)
      g_hash_table_add (bridges, g_strdup (instance->key));
  }
  return bridges;
}

void
loom_engine_step_switch (LoomEngine *self)
{
  if (!self->fabric_dirty || !loom_panel_is_idle (self->panel) || self->wire_pending)
    return;

  loom_engine_wake_switch (self);
  self->fabric_dirty = FALSE;
  g_clear_pointer (&self->submitted, g_hash_table_unref);
  self->submitted = collect_n_ports (self);
  g_clear_pointer (&self->submitted_bridges, g_hash_table_unref);
  self->submitted_bridges = collect_bridges (self);
  g_autoptr (LoomFabric) fabric = loom_derive_fabric (self->runtime_folder, self->record,
                                                      self->submitted, self->detours);
  loom_engine_note_fabric_submitted (self);
  loom_panel_update_async (self->panel, fabric, on_fabric_updated, g_object_ref (self));
}

static gboolean
on_reassert_due (gpointer user_data)
{
  LoomEngine *self = user_data;
  GHashTableIter iter;
  gpointer machine;

  self->reassert_id = 0;
  g_hash_table_iter_init (&iter, self->machines);
  while (g_hash_table_iter_next (&iter, NULL, &machine))
    loom_machine_reassert_links (machine);
  loom_engine_kick (self);
  return G_SOURCE_REMOVE;
}

static void
forgive_machines (LoomEngine *self, gint64 since_us)
{
  GHashTableIter iter;
  gpointer machine;

  g_hash_table_iter_init (&iter, self->machines);
  while (g_hash_table_iter_next (&iter, NULL, &machine))
    loom_machine_forgive (machine, since_us);
}

/* The switch went silent, or speaks again: then what failed for want of an answer is tried again.
 */
static void
on_panel_pulse (LoomPanel *panel, gpointer user_data)
{
  LoomEngine *self = user_data;
  gint64 since_us = loom_panel_get_late_since_us (panel);

  if (since_us == 0 && self->panel_late_since_us != 0) {
    forgive_machines (self, self->panel_late_since_us);
    g_clear_pointer (&self->fabric_failure, g_free);
    self->fabric_dirty = TRUE;
    loom_engine_kick (self);
  }
  self->panel_late_since_us = since_us;
  loom_engine_report_hangs (self);
}

static void
on_panel_changed (LoomPanel *panel, gpointer user_data)
{
  LoomEngine *self = user_data;
  gboolean up = loom_panel_is_up (panel);

  if (!up)
    forgive_machines (self, g_get_monotonic_time () - FORGIVE_US);

  /* A switch that came back: its ports reconnect within the second, which raises carriers. And an
   * update may have failed because it was about to die. */
  if (up && !self->panel_was_up && self->generation > 0) {
    self->fabric_dirty = TRUE;
    if (self->reassert_id == 0)
      self->reassert_id = g_timeout_add (REASSERT_DELAY_MS, on_reassert_due, self);
  }
  if (!up)
    loom_engine_forget_quiet (self);
  self->panel_was_up = up;
  if (loom_panel_get_failure (panel) != NULL)
    fail_waiting (self, loom_panel_get_failure (panel));
  loom_engine_kick (self);
}

static void
on_panel_message (LoomPanel *panel, const char *severity, const char *text, gpointer user_data)
{
  g_signal_emit_by_name (user_data, "message", severity, text);
}

/* The switch gave up ports that it had made before. */
static void
on_refused (LoomSwitch *ovs, gpointer user_data)
{
  blame_refused (user_data);
}

void
loom_engine_watch_panel (LoomEngine *self)
{
  g_signal_connect_object (self->panel, "changed", G_CALLBACK (on_panel_changed), self, 0);
  g_signal_connect_object (self->panel, "message", G_CALLBACK (on_panel_message), self, 0);
  g_signal_connect_object (self->panel, "pulse-changed", G_CALLBACK (on_panel_pulse), self, 0);
  g_signal_connect_object (loom_panel_get_switch (self->panel), "refused", G_CALLBACK (on_refused),
                           self, 0);
}
