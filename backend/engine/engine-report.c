/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What clients are told of nodes and of the lab. */

#include "backend/engine/engine-private.h"

#include <glib/gi18n-lib.h>

const char *
loom_engine_get_machine_name (LoomEngine *self, LoomMachine *machine)
{
  const char *key = loom_machine_get_key (machine);
  const LoomInstance *instance = loom_record_get (self->record, key);

  return instance != NULL ? instance->node->name : g_hash_table_lookup (self->gone, key);
}

void
loom_engine_report_machine (LoomEngine *self, LoomMachine *machine)
{
  const char *name = loom_engine_get_machine_name (self, machine);

  /* One on its way out whose name is another's by now: nobody wants to know. */
  if (name == NULL
      || (loom_record_get (self->record, loom_machine_get_key (machine)) == NULL
          && loom_record_get_by_name (self->record, name) != NULL))
    return;
  g_message ("%s: %s %s", name, loom_node_state_to_id (loom_machine_get_state (machine)),
             loom_machine_get_detail (machine));
  g_signal_emit_by_name (self, "node-changed", name,
                         loom_node_state_to_id (loom_machine_get_state (machine)),
                         loom_machine_get_detail (machine), loom_machine_get_progress (machine));
}

LoomNodeState
loom_engine_get_bridge_state (LoomEngine *self, const LoomInstance *bridge, const char **ret_detail)
{
  const char *failure = loom_panel_get_failure (self->panel);

  *ret_detail = "";
  if (failure == NULL && !g_hash_table_contains (self->bridges_up, bridge->key))
    failure = self->fabric_failure;
  if (failure != NULL) {
    *ret_detail = failure;
    return LOOM_NODE_FAILED;
  }
  if (!loom_panel_is_up (self->panel)) {
    *ret_detail = _ ("Waits for Open vSwitch.");
    return LOOM_NODE_PREPARING;
  }
  return g_hash_table_contains (self->bridges_up, bridge->key) ? LOOM_NODE_READY
                                                               : LOOM_NODE_PREPARING;
}

void
loom_engine_report_bridges (LoomEngine *self)
{
  for (guint i = 0; i < self->record->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (self->record->instances, i);
    const char *detail;
    if (instance->role == LOOM_ROLE_MACHINE)
      continue;

    LoomNodeState state = loom_engine_get_bridge_state (self, instance, &detail);
    g_autofree char *report = g_strdup_printf ("%s %s", loom_node_state_to_id (state), detail);
    if (g_strcmp0 (g_hash_table_lookup (self->reported, instance->node->name), report) == 0)
      continue;
    g_hash_table_insert (self->reported, g_strdup (instance->node->name),
                         g_steal_pointer (&report));
    g_signal_emit_by_name (self, "node-changed", instance->node->name,
                           loom_node_state_to_id (state), detail, -1.0);
  }
}

void
loom_engine_set_state (LoomEngine *self, LoomLabState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_signal_emit_by_name (self, "state-changed");
}

/* Whether every node has come to what it will be for now. */
gboolean
loom_engine_has_settled (LoomEngine *self)
{
  for (guint i = 0; i < self->record->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (self->record->instances, i);
    const char *detail;
    LoomNodeState state = instance->role == LOOM_ROLE_MACHINE
                              ? loom_machine_get_state (
                                  g_hash_table_lookup (self->machines, instance->key))
                              : loom_engine_get_bridge_state (self, instance, &detail);
    if (state == LOOM_NODE_PREPARING || state == LOOM_NODE_BOOTING)
      return FALSE;
  }
  return self->generation > 0;
}
