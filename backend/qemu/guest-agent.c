/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The inside of a machine: the connection to its agent, kept up while QEMU runs, and what is asked
 * of it: commands and configuration. */

#include "backend/guest/protocol.h"
#include "backend/qemu/guest-private.h"

#include <glib/gi18n-lib.h>

#define AGENT_RETRY_MS 1000
#define AGENT_ANSWER_MS 5000
#define AGENT_QUEUE_BYTES (2 * LOOM_AGENT_MAX_COMMANDS * LOOM_AGENT_WINDOW)

static char *
explain_note (LoomGuest *self, guint note, guint value, const char *text)
{
  switch (note) {
  case LOOM_AGENT_NOTE_SCRIPT_RUNS:
    return g_strdup (_ ("The boot script is running."));
  case LOOM_AGENT_NOTE_SCRIPT_FAILED:
    return g_strdup_printf (_ ("The boot script ended with exit status %u: %s"), value, text);
  case LOOM_AGENT_NOTE_CONFIG_FAILED:
    return g_strdup_printf (_ ("An address could not be set: %s"), text);
  default:
    return NULL;
  }
}

static void
on_pushed_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  loom_agent_client_configure_finish (LOOM_AGENT_CLIENT (source), result, NULL);
}

/* Without waiting for it; a guest that cannot be told yet is told when it answers. */
void
loom_guest_push_config (LoomGuest *self)
{
  g_autofree char *text = NULL;

  self->config_dirty = self->agent == NULL || !loom_agent_client_is_ready (self->agent);
  if (self->config_dirty)
    return;
  text = loom_guest_spec_dup_config (self->spec, FALSE);
  loom_agent_client_configure_async (self->agent, text, NULL, on_pushed_ready, NULL);
}

static void
on_agent_state (LoomAgentClient *agent, guint state, guint note, guint value, const char *text,
                LoomGuest *self)
{
  g_autofree char *detail = explain_note (self, note, value, text);

  loom_guest_remove_timeout (&self->agent_timeout);
  if (self->config_dirty)
    loom_guest_push_config (self);
  self->running_state = state == LOOM_AGENT_READY ? LOOM_GUEST_READY : LOOM_GUEST_BOOTING;
  if (self->state == LOOM_GUEST_BOOTING || self->state == LOOM_GUEST_READY)
    loom_guest_change_state (self, self->running_state, detail,
                             self->running_state == LOOM_GUEST_BOOTING ? 0.9 : -1);
}

/* The machine goes on as it is; the next word of its agent takes this back. */
static void
tell_unreachable (LoomGuest *self)
{
  if (self->state == LOOM_GUEST_BOOTING || self->state == LOOM_GUEST_READY)
    loom_guest_change_state (self, self->state,
                             _ ("Lanloom does not reach the inside of this machine: the program "
                                "that answers there is silent or sends nonsense. Restart the "
                                "machine if this lasts."),
                             self->progress);
}

static gboolean
on_agent_timeout (gpointer user_data)
{
  LoomGuest *self = user_data;

  self->agent_timeout = 0;
  /* While it boots, silence is nothing to tell of. */
  if (self->agent != NULL && self->state == LOOM_GUEST_READY)
    tell_unreachable (self);
  if (self->agent != NULL)
    loom_agent_client_close (self->agent); /* on_agent_closed () tries again */
  else
    loom_guest_connect_agent (self);
  return G_SOURCE_REMOVE;
}

static void
retry_agent (LoomGuest *self, guint ms)
{
  loom_guest_remove_timeout (&self->agent_timeout);
  self->agent_timeout = g_timeout_add (ms, on_agent_timeout, self);
}

static void
on_agent_closed (LoomAgentClient *agent, GError *error, LoomGuest *self)
{
  g_signal_handlers_disconnect_by_data (agent, self);
  g_clear_object (&self->agent);
  retry_agent (self, AGENT_RETRY_MS);
  if (g_error_matches (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_PROTOCOL))
    tell_unreachable (self);
}

static void
on_agent_connect_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomGuest) self = user_data;
  g_autoptr (GError) error = NULL;
  LoomChannel *channel = loom_channel_connect_finish (result, &error);

  if (channel == NULL) {
    if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && self->qmp != NULL)
      retry_agent (self, AGENT_RETRY_MS);
    return;
  }
  if (self->qmp == NULL || self->agent != NULL) {
    loom_channel_close (channel, NULL);
    g_object_unref (channel);
    return;
  }
  self->agent = loom_agent_client_new (channel);
  g_signal_connect (self->agent, "state", G_CALLBACK (on_agent_state), self);
  g_signal_connect (self->agent, "closed", G_CALLBACK (on_agent_closed), self);
  /* A stream that an earlier engine left in the middle of a frame heals by hanging up. */
  retry_agent (self, AGENT_ANSWER_MS);
}

void
loom_guest_connect_agent (LoomGuest *self)
{
  g_autofree char *path = NULL;

  if (!self->spec->has_agent || self->agent != NULL)
    return;
  path = loom_guest_spec_dup_path (self->spec, "agent");
  loom_channel_connect_async (path, AGENT_QUEUE_BYTES, self->connecting, on_agent_connect_ready,
                              g_object_ref (self));
}

static void
on_configured_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LoomGuest *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;

  if (loom_agent_client_configure_finish (LOOM_AGENT_CLIENT (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, error->domain, error->code,
                             _ ("The addresses of %s were not all set: %s"), self->spec->name,
                             error->message);
}

void
loom_guest_configure_async (LoomGuest *self, const LoomGuestSpec *wanted, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (LoomGuestSpec) spec = loom_guest_spec_copy (self->spec);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, loom_guest_configure_async);
  g_free (spec->name);
  spec->name = g_strdup (wanted->name);
  g_ptr_array_set_size (spec->hosts, 0);
  for (guint i = 0; i < wanted->hosts->len; i++) {
    const LoomGuestHost *host = wanted->hosts->pdata[i];

    loom_guest_spec_add_host (spec, host->address, host->name);
  }
  for (guint i = 0; i < MIN (spec->nics->len, wanted->nics->len); i++) {
    LoomGuestNic *nic = spec->nics->pdata[i];

    g_free (nic->addresses);
    nic->addresses = g_strdup (((LoomGuestNic *) wanted->nics->pdata[i])->addresses);
  }
  if (!loom_guest_spec_check (spec, &error)) {
    g_task_return_error (task, g_steal_pointer (&error));
    return;
  }
  loom_guest_replace_spec (self, g_steal_pointer (&spec));
  if (self->agent == NULL || !loom_agent_client_is_ready (self->agent)) {
    loom_guest_push_config (self);
    g_task_return_boolean (task, TRUE);
    return;
  }
  text = loom_guest_spec_dup_config (self->spec, FALSE);
  loom_agent_client_configure_async (self->agent, text, cancellable, on_configured_ready,
                                     g_steal_pointer (&task));
}

gboolean
loom_guest_configure_finish (LoomGuest *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_exec_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  int status;

  if (loom_agent_client_exec_finish (LOOM_AGENT_CLIENT (source), result, &status, &error))
    g_task_return_int (task, status);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
loom_guest_exec_async (LoomGuest *self, const char *const *argv, int in_fd, int out_fd, int err_fd,
                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, loom_guest_exec_async);
  if (!loom_guest_check_running (self, task))
    return;
  if (!self->spec->has_agent) {
    g_task_return_new_error (task, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_STATE,
                             _ ("Commands cannot be run in %s from outside: it boots from a disk "
                                "image. Use its console."),
                             self->spec->name);
    return;
  }
  if (self->agent == NULL || !loom_agent_client_is_ready (self->agent)) {
    g_task_return_new_error (task, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_STATE,
                             _ ("%s is not ready yet. Try again in a moment."), self->spec->name);
    return;
  }
  loom_agent_client_exec_async (self->agent, argv, in_fd, out_fd, err_fd, cancellable,
                                on_exec_ready, g_steal_pointer (&task));
}

gboolean
loom_guest_exec_finish (LoomGuest *self, GAsyncResult *result, int *ret_status, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  gssize status = g_task_propagate_int (G_TASK (result), &local_error);

  if (local_error != NULL) {
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
  }
  *ret_status = (int) status;
  return TRUE;
}
