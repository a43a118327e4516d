/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A bounded run of a program. See probe-command.h. What it says beyond the bound is not read: it is
 * killed then, as it is when time is over. When nobody wants to hear it any more it is asked to
 * end, and may tidy up until then. */

#include "backend/engine/probe-command.h"

#include <signal.h>

typedef struct {
  GSubprocess *process;
  char *text; /* LOOM_PROBE_MAX_BYTES + 1 */
  gsize size;
  guint timeout_id;
  gboolean is_late;
} Probe;

static void
probe_free (gpointer data)
{
  Probe *probe = data;

  g_clear_handle_id (&probe->timeout_id, g_source_remove);
  g_clear_object (&probe->process);
  g_free (probe->text);
  g_free (probe);
}

static gboolean
on_timeout (gpointer user_data)
{
  Probe *probe = user_data;

  probe->timeout_id = 0;
  probe->is_late = TRUE;
  g_subprocess_force_exit (probe->process);
  return G_SOURCE_REMOVE;
}

static void
on_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Probe *probe = g_task_get_task_data (task);
  GSubprocess *process = G_SUBPROCESS (source);
  int status;

  g_subprocess_wait_finish (process, result, NULL);
  g_clear_handle_id (&probe->timeout_id, g_source_remove);
  status = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process) : -1;
  if (g_task_return_error_if_cancelled (task))
    return;
  if (probe->is_late)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "no answer in time");
  else
    g_task_return_int (task, status);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Probe *probe = g_task_get_task_data (task);
  gboolean done;

  done = g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &probe->size, NULL);
  if (!done)
    g_subprocess_send_signal (probe->process, SIGTERM);
  else if (probe->size == LOOM_PROBE_MAX_BYTES)
    g_subprocess_force_exit (probe->process);
  g_subprocess_wait_async (probe->process, NULL, on_ended, task);
}

void
loom_probe_command_async (const char *const *argv, guint timeout_ms, gboolean translated,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Probe *probe = g_new0 (Probe, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, loom_probe_command_async);
  g_task_set_task_data (task, probe, probe_free);
  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                        | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  if (!translated)
    g_subprocess_launcher_setenv (launcher, "LC_ALL", "C", TRUE);
  probe->process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  if (probe->process == NULL) {
    g_task_return_error (task, error);
    return;
  }
  probe->text = g_malloc0 (LOOM_PROBE_MAX_BYTES + 1);
  probe->timeout_id = g_timeout_add (timeout_ms, on_timeout, probe);
  g_input_stream_read_all_async (g_subprocess_get_stdout_pipe (probe->process), probe->text,
                                 LOOM_PROBE_MAX_BYTES, G_PRIORITY_DEFAULT, cancellable, on_read,
                                 g_steal_pointer (&task));
}

char *
loom_probe_command_finish (GAsyncResult *result, int *ret_status, GError **error)
{
  Probe *probe = g_task_get_task_data (G_TASK (result));
  GError *local_error = NULL;
  gssize status = g_task_propagate_int (G_TASK (result), &local_error);

  if (local_error != NULL) {
    g_propagate_error (error, local_error);
    return NULL;
  }
  *ret_status = (int) status;
  return g_strstrip (g_utf8_make_valid (probe->text, (gssize) probe->size));
}
