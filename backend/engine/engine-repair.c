/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Repair: what failed is tried again. Machines report how they go by themselves; the answer comes
 * when the switch is whole again, so that whoever asked may count on cables. */

#include "backend/engine/engine-private.h"

#include <glib/gi18n-lib.h>

#include "backend/engine/error.h"

/* Below the 25 s after which GDBus gives a call up. */
#define REPAIR_TIMEOUT_MS (20 * 1000)

static void
answer_repairs (LoomEngine *self, const char *failure)
{
  g_autoptr (GPtrArray) repairs = g_steal_pointer (&self->repairs);

  g_clear_handle_id (&self->repair_timeout_id, g_source_remove);
  self->repairs = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < repairs->len; i++) {
    GTask *task = g_ptr_array_index (repairs, i);
    if (failure == NULL)
      g_task_return_boolean (task, TRUE);
    else
      g_task_return_new_error (task, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED, "%s", failure);
  }
}

static gboolean
on_repair_timeout (gpointer user_data)
{
  LoomEngine *self = user_data;

  self->repair_timeout_id = 0;
  answer_repairs (self, _ ("Open vSwitch is not back yet. Wait a little, then try again."));
  return G_SOURCE_REMOVE;
}

void
loom_engine_step_repairs (LoomEngine *self)
{
  if (self->repairs->len == 0)
    return;
  if (loom_panel_get_failure (self->panel) != NULL)
    answer_repairs (self, loom_panel_get_failure (self->panel));
  else if (self->fabric_failure != NULL && !self->fabric_dirty)
    answer_repairs (self, self->fabric_failure);
  else if (loom_panel_is_idle (self->panel) && !self->fabric_dirty)
    answer_repairs (self, NULL);
}

static void
retry_machines (LoomEngine *self, const char *const *nodes)
{
  for (guint i = 0; i < self->record->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (self->record->instances, i);
    gboolean meant = nodes == NULL || *nodes == NULL
                     || g_strv_contains (nodes, instance->node->name);
    if (meant)
      loom_engine_retry_with_forerunners (self, instance->node->name);
  }
}

void
loom_engine_repair_async (LoomEngine *self, const char *const *nodes, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, loom_engine_repair_async);
  for (const char *const *node = nodes; node != NULL && *node != NULL; node++) {
    if (loom_record_get_by_name (self->record, *node) == NULL) {
      g_task_return_new_error (task, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NO_NODE,
                               _ ("The running lab has no node “%s”."), *node);
      return;
    }
  }
  loom_engine_wake (self, nodes);
  /* An image that was missing may be there by now, beside the lab or in the library. */
  loom_engine_set_wanted (self);
  loom_wire_retry (self->wire);
  loom_panel_retry (self->panel);
  retry_machines (self, nodes);
  g_clear_pointer (&self->fabric_failure, g_free);
  self->fabric_dirty = TRUE;
  g_ptr_array_add (self->repairs, g_steal_pointer (&task));
  if (self->repair_timeout_id == 0)
    self->repair_timeout_id = g_timeout_add (REPAIR_TIMEOUT_MS, on_repair_timeout, self);
  loom_engine_kick (self);
}

gboolean
loom_engine_repair_finish (LoomEngine *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
