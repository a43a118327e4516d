/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The client's reading of a lab's processes: what the engine tells in the lab's process numbers, in
 * the host's. */

#include "backend/engine/client-private.h"
#include "backend/engine/host-pid.h"

static void
client_process_free (gpointer data)
{
  LoomClientProcess *process = data;

  g_free (process->role);
  g_free (process->node);
  g_free (process);
}

static LoomClientProcess *
add_process (GPtrArray *processes, const char *role, const char *node, guint32 pid,
             guint32 host_pid)
{
  LoomClientProcess *process = g_new0 (LoomClientProcess, 1);

  process->role = g_strdup (role);
  process->node = g_strdup (node);
  process->pid = pid;
  process->host_pid = host_pid;
  g_ptr_array_add (processes, process);
  return process;
}

typedef struct {
  guint32 engine_host_pid;
  GVariant *inner; /* a(ssutt) */
} Translation;

static void
translation_free (gpointer data)
{
  Translation *translation = data;

  g_clear_pointer (&translation->inner, g_variant_unref);
  g_free (translation);
}

/* In a thread: /proc may be long. */
static void
translate_processes (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Translation *translation = task_data;
  guint32 keeper = 0;
  g_autoptr (GHashTable) pids = loom_host_pid_scan (translation->engine_host_pid, &keeper);
  GPtrArray *processes = g_ptr_array_new_with_free_func (client_process_free);
  GVariantIter iter;
  const char *role;
  const char *node;
  guint32 pid;
  guint64 resident_kib;
  guint64 cpu_ms;

  if (keeper > 0)
    add_process (processes, "keeper", "", 0, keeper)->is_stopped = loom_process_is_stopped (
        (pid_t) keeper);
  g_variant_iter_init (&iter, translation->inner);
  while (g_variant_iter_next (&iter, "(&s&sutt)", &role, &node, &pid, &resident_kib, &cpu_ms)) {
    guint32 host_pid = GPOINTER_TO_UINT (g_hash_table_lookup (pids, GUINT_TO_POINTER (pid)));
    LoomClientProcess *process;

    /* It has ended since the engine spoke of it: the others were found. */
    if (host_pid == 0 && g_hash_table_size (pids) > 0)
      continue;
    process = add_process (processes, role, node, pid, host_pid);
    process->resident_kib = resident_kib;
    process->cpu_ms = cpu_ms;
    process->is_stopped = host_pid > 0 && loom_process_is_stopped ((pid_t) host_pid);
  }
  g_task_return_pointer (task, processes, (GDestroyNotify) g_ptr_array_unref);
}

static void
on_processes_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LoomClient *self = g_task_get_source_object (task);
  Translation *translation = g_new0 (Translation, 1);
  GError *error = NULL;

  g_task_set_task_data (task, translation, translation_free);
  translation->engine_host_pid = self->engine_host_pid;
  if (!loom_dbus_engine_call_get_processes_finish (LOOM_DBUS_ENGINE (source), &translation->inner,
                                                   result, &error)) {
    loom_client_return_error (task, error);
    return;
  }
  g_task_run_in_thread (task, translate_processes);
}

void
loom_client_processes_async (LoomClient *self, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (LOOM_IS_CLIENT (self));
  task = loom_client_task_new (self, cancellable, callback, user_data);
  if (task == NULL)
    return;
  loom_dbus_engine_call_get_processes (self->proxy, cancellable, on_processes_ready,
                                       g_steal_pointer (&task));
}

GPtrArray *
loom_client_processes_finish (LoomClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
