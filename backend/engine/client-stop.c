/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Ending a lab: ask the engine, wait until the runtime folder is gone, and failing that tell the
 * keeper, then kill PID 1. */

#include "backend/engine/client-private.h"

#include "backend/engine/host-pid.h"
#include "backend/engine/runtime.h"

#include <glib/gi18n-lib.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#define ATTACH_TIMEOUT_MS 10000
#define STOP_PATIENCE_MS 10000 /* until the keeper is told, and then until PID 1 is killed */

typedef struct {
  int keeper;          /* pidfds; -1: not known */
  int first;           /* the lab's PID 1 */
  gint64 next_step_us; /* when patience ends */
  int n_steps;         /* 0: the engine was asked; 1: the keeper was told; 2: PID 1 was killed */
} Stopping;

static Stopping *
stopping_new (void)
{
  Stopping *stopping = g_new0 (Stopping, 1);

  stopping->keeper = stopping->first = -1;
  return stopping;
}

static void
stopping_free (gpointer data)
{
  Stopping *stopping = data;

  if (stopping->keeper >= 0)
    close (stopping->keeper);
  if (stopping->first >= 0)
    close (stopping->first);
  g_free (stopping);
}

/* By the lock that the keeper holds, or, if somebody deleted what it is on, through the process of
 * the engine that there was. */
static void
find_lab (Stopping *stopping, LoomClient *self)
{
  guint32 engine = self->engine_host_pid != 0 ? self->engine_host_pid : self->last_engine_host_pid;
  guint32 keeper, first;

  if (stopping->keeper >= 0)
    return;
  keeper = loom_runtime_find_keeper (self->runtime_dir);
  first = loom_host_pid_first_child (keeper);
  if (keeper == 0 && engine != 0) {
    g_autoptr (GHashTable) pids = loom_host_pid_scan (engine, &keeper);

    first = GPOINTER_TO_UINT (g_hash_table_lookup (pids, GUINT_TO_POINTER (1)));
  }
  stopping->keeper = loom_host_pid_open (keeper);
  stopping->first = loom_host_pid_open (first);
}

/* Whoever is stopped by a signal, now or later, could neither end nor clean up. */
static void
let_go_on (Stopping *stopping)
{
  loom_host_pid_signal (stopping->keeper, SIGCONT);
  loom_host_pid_signal (stopping->first, SIGCONT);
}

static gboolean
is_gone (int pid_fd)
{
  struct pollfd poll_fd = {.fd = pid_fd, .events = POLLIN};

  return pid_fd < 0 || poll (&poll_fd, 1, 0) > 0;
}

/* The lock of a folder that somebody deleted went with it. */
static gboolean
has_ended (LoomClient *self, Stopping *stopping)
{
  if (g_file_test (self->runtime_dir, G_FILE_TEST_EXISTS))
    return !loom_runtime_is_locked (self->runtime_dir);
  return is_gone (stopping->first) && is_gone (stopping->keeper);
}

static gboolean
on_look_for_folder (gpointer user_data)
{
  GTask *task = user_data;
  LoomClient *self = g_task_get_source_object (task);
  Stopping *stopping = g_task_get_task_data (task);

  if (has_ended (self, stopping)) {
    loom_client_close (self, NULL);
    g_task_return_boolean (task, TRUE);
    return G_SOURCE_REMOVE;
  }
  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;
  let_go_on (stopping);
  if (g_get_monotonic_time () < stopping->next_step_us)
    return G_SOURCE_CONTINUE;
  stopping->next_step_us += STOP_PATIENCE_MS * G_TIME_SPAN_MILLISECOND;
  stopping->n_steps++;
  if (stopping->n_steps > 2) {
    loom_client_detach (self);
    g_task_return_new_error (task, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED,
                             _ ("The lab of “%s” does not end. Its runtime folder is “%s”."),
                             self->file, self->runtime_dir);
    return G_SOURCE_REMOVE;
  }
  if (stopping->n_steps == 1)
    loom_host_pid_signal (stopping->keeper, SIGTERM);
  else
    loom_host_pid_signal (stopping->first, SIGKILL);
  return G_SOURCE_CONTINUE;
}

/* Consumes @task. */
static void
wait_for_end (GTask *task)
{
  Stopping *stopping = g_task_get_task_data (task);

  stopping->next_step_us = g_get_monotonic_time () + STOP_PATIENCE_MS * G_TIME_SPAN_MILLISECOND;
  g_timeout_add_full (G_PRIORITY_DEFAULT, LOOM_CLIENT_POLL_MS, on_look_for_folder, task,
                      g_object_unref);
}

static void
on_stop_called (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Stopping *stopping = g_task_get_task_data (task);

  /* An engine that ends the lab answers first. One that died before it did has a successor by now,
   * which knows nothing of the call. */
  if (!loom_dbus_engine_call_stop_finish (LOOM_DBUS_ENGINE (source), result, NULL))
    loom_host_pid_signal (stopping->keeper, SIGTERM);
  wait_for_end (task);
}

/* Consumes @task. */
static void
call_stop (GTask *task)
{
  LoomClient *self = g_task_get_source_object (task);
  Stopping *stopping = g_task_get_task_data (task);

  find_lab (stopping, self);
  loom_client_set_state (self, LOOM_CLIENT_STOPPING);
  let_go_on (stopping);
  if (self->proxy == NULL) {
    loom_host_pid_signal (stopping->keeper, SIGTERM);
    wait_for_end (task);
    return;
  }
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (self->proxy), STOP_PATIENCE_MS);
  loom_dbus_engine_call_stop (self->proxy, NULL, on_stop_called, task);
}

static void
on_attached_to_stop (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LoomClient *self = LOOM_CLIENT (source);
  GTask *task = user_data;
  GError *error = NULL;

  if (!loom_client_connect_finish (self, result, &error)
      && !g_error_matches (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED)) {
    loom_client_detach (self);
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }
  g_clear_error (&error);
  call_stop (task);
}

/* Consumes @task. */
static void
begin_stop (GTask *task)
{
  LoomClient *self = g_task_get_source_object (task);
  Stopping *stopping = g_task_get_task_data (task);

  if (self->state == LOOM_CLIENT_ATTACHED) {
    call_stop (task);
    return;
  }
  /* What is stopped could not even answer that it is to end. */
  find_lab (stopping, self);
  let_go_on (stopping);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  loom_client_set_state (self, LOOM_CLIENT_ATTACHING);
  loom_client_connect_async (self, ATTACH_TIMEOUT_MS, NULL, g_task_get_cancellable (task),
                             on_attached_to_stop, task);
}

/* Whether a start, an attach or another stop is under way, which has the connection to itself. */
static gboolean
is_under_way (LoomClient *self)
{
  return self->state == LOOM_CLIENT_STARTING || self->state == LOOM_CLIENT_ATTACHING
         || self->state == LOOM_CLIENT_STOPPING;
}

static gboolean
on_look_for_turn (gpointer user_data)
{
  GTask *task = user_data;
  LoomClient *self = g_task_get_source_object (task);

  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;
  if (is_under_way (self))
    return G_SOURCE_CONTINUE;
  if (self->state == LOOM_CLIENT_DETACHED && !loom_runtime_is_locked (self->runtime_dir))
    g_task_return_boolean (task, TRUE); /* it ended meanwhile, or never began */
  else
    begin_stop (g_object_ref (task));
  return G_SOURCE_REMOVE;
}

void
loom_client_stop_async (LoomClient *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task;

  g_return_if_fail (LOOM_IS_CLIENT (self));
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_task_data (task, stopping_new (), stopping_free);
  if (is_under_way (self))
    g_timeout_add_full (G_PRIORITY_DEFAULT, LOOM_CLIENT_POLL_MS, on_look_for_turn, task,
                        g_object_unref);
  else
    begin_stop (task);
}

gboolean
loom_client_stop_finish (LoomClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
