/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Orders to a running machine, by QMP: its CPUs, the carrier of its network cards, cards in and
 * out. */

#include "backend/qemu/guest-private.h"
#include "backend/qemu/nic-plug.h"
#include "backend/proto/pulse.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include <signal.h>

static void
on_order_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LoomGuest *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode)
      node = loom_qmp_client_execute_finish (LOOM_QMP_CLIENT (source), result, &error);

  if (node != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, error->domain, error->code, "%s: %s", self->spec->name,
                             error->message);
}

static void
order (LoomGuest *self, gpointer tag, const char *command, JsonNode *arguments,
       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  if (!loom_guest_check_running (self, task)) {
    g_clear_pointer (&arguments, json_node_unref);
    return;
  }
  loom_qmp_client_execute_async (self->qmp, command, arguments, NULL, on_order_ready,
                                 g_steal_pointer (&task));
}

void
loom_guest_pause_async (LoomGuest *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer user_data)
{
  order (self, loom_guest_pause_async, "stop", NULL, cancellable, callback, user_data);
}

gboolean
loom_guest_pause_finish (LoomGuest *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
loom_guest_resume_async (LoomGuest *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  order (self, loom_guest_resume_async, "cont", NULL, cancellable, callback, user_data);
}

gboolean
loom_guest_resume_finish (LoomGuest *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
loom_guest_ping_async (LoomGuest *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                       gpointer user_data)
{
  if (self->process != NULL)
    loom_process_watch_oom (self->process);
  order (self, loom_guest_ping_async, "query-name", NULL, cancellable, callback, user_data);
}

gboolean
loom_guest_ping_finish (LoomGuest *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
loom_guest_wake (LoomGuest *self)
{
  if (self->process == NULL || !loom_process_is_stopped (loom_process_get_pid (self->process)))
    return FALSE;
  loom_process_kill (self->process, SIGCONT);
  return TRUE;
}

void
loom_guest_set_link_async (LoomGuest *self, guint nic, gboolean up, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  LoomGuestSpec *spec;

  g_return_if_fail (nic < self->spec->nics->len);

  spec = loom_guest_spec_copy (self->spec);
  ((LoomGuestNic *) spec->nics->pdata[nic])->link_up = up;
  loom_guest_replace_spec (self, spec);
  /* While QEMU is being prepared the order waits behind what prepare_qemu () said. */
  if (self->qmp == NULL || self->state == LOOM_GUEST_STOPPING) {
    g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

    g_task_return_boolean (task, TRUE);
  } else {
    GTask *task = g_task_new (self, cancellable, callback, user_data);

    g_task_set_source_tag (task, loom_guest_set_link_async);
    loom_qmp_client_execute_async (self->qmp, "set_link", loom_nic_set_link_arguments (nic, up),
                                   NULL, on_order_ready, task);
  }
}

gboolean
loom_guest_set_link_finish (LoomGuest *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_plugged_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LoomGuest *self = g_task_get_source_object (task);
  const LoomGuestNic *nic = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  LoomGuestSpec *spec;

  self->nic_busy = FALSE;
  if (!loom_nic_plug_finish (LOOM_QMP_CLIENT (source), result, &error)) {
    g_task_return_new_error (task, error->domain, error->code,
                             _ ("%s did not get its new network card: %s"), self->spec->name,
                             error->message);
    return;
  }
  spec = loom_guest_spec_copy (self->spec);
  g_ptr_array_add (spec->nics, loom_guest_nic_copy (nic));
  loom_guest_replace_spec (self, spec);
  loom_guest_push_config (self);
  g_task_return_boolean (task, TRUE);
}

static gboolean
claim_nics (LoomGuest *self, GTask *task)
{
  if (!self->nic_busy)
    return TRUE;
  g_task_return_new_error (task, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_STATE,
                           _ ("A network card of %s is being changed. Try again in a moment."),
                           self->spec->name);
  return FALSE;
}

void
loom_guest_add_nic_async (LoomGuest *self, const LoomGuestNic *nic, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (LoomGuestSpec) spec = loom_guest_spec_copy (self->spec);
  guint index = self->spec->nics->len;
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, loom_guest_add_nic_async);
  g_task_set_task_data (task, loom_guest_nic_copy (nic), (GDestroyNotify) loom_guest_nic_free);
  g_ptr_array_add (spec->nics, loom_guest_nic_copy (nic));
  if (!loom_guest_spec_check (spec, &error)) {
    g_task_return_error (task, g_steal_pointer (&error));
    return;
  }
  if (loom_guest_is_down (self)) {
    loom_guest_replace_spec (self, g_steal_pointer (&spec));
    g_task_return_boolean (task, TRUE);
    return;
  }
  if (!loom_guest_check_running (self, task) || !claim_nics (self, task))
    return;
  if (self->nics[index].fd < 0 && !loom_guest_prepare_nic (self, nic, &error)) {
    g_task_return_error (task, g_steal_pointer (&error));
    return;
  }
  self->nic_busy = TRUE;
  loom_nic_plug_async (self->qmp, self->spec, index, nic, &self->nics[index], NULL,
                       on_plugged_ready, g_steal_pointer (&task));
}

gboolean
loom_guest_add_nic_finish (LoomGuest *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
forget_last_nic (LoomGuest *self)
{
  LoomGuestSpec *spec = loom_guest_spec_copy (self->spec);
  guint last = spec->nics->len - 1;

  g_unlink (((LoomGuestNic *) spec->nics->pdata[last])->vhost_path);
  loom_placeholder_close (&self->nics[last]);
  g_ptr_array_set_size (spec->nics, (int) last);
  loom_guest_replace_spec (self, spec);
}

static void
on_unplugged_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LoomGuest *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;

  self->nic_busy = FALSE;
  if (!loom_nic_unplug_finish (LOOM_QMP_CLIENT (source), result, &error)) {
    g_task_return_new_error (task, error->domain, error->code,
                             _ ("A network card of %s was not taken out: %s"), self->spec->name,
                             error->message);
    return;
  }
  forget_last_nic (self);
  loom_guest_push_config (self);
  g_task_return_boolean (task, TRUE);
}

void
loom_guest_remove_nic_async (LoomGuest *self, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_return_if_fail (self->spec->nics->len > 0);

  g_task_set_source_tag (task, loom_guest_remove_nic_async);
  if (loom_guest_is_down (self)) {
    forget_last_nic (self);
    g_task_return_boolean (task, TRUE);
    return;
  }
  if (!loom_guest_check_running (self, task) || !claim_nics (self, task))
    return;
  self->nic_busy = TRUE;
  loom_nic_unplug_async (self->qmp, self->spec->nics->len - 1, NULL, on_unplugged_ready,
                         g_steal_pointer (&task));
}

gboolean
loom_guest_remove_nic_finish (LoomGuest *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
