/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The calls of an attached client, one after the other: each packs arguments, calls the engine, and
 * unpacks the answer. */

#include "backend/engine/client-fit.h"
#include "backend/engine/client-private.h"
#include "backend/engine/host-pid.h"

#include <gio/gunixfdlist.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gi18n-lib.h>

#define INTERFACE "org.lanloom.Engine"
#define OBJECT_PATH "/org/lanloom/Engine"

gboolean
loom_client_check_attached (LoomClient *self, GTask *task)
{
  if (self->proxy != NULL
      && (self->state == LOOM_CLIENT_ATTACHED || self->state == LOOM_CLIENT_STOPPING))
    return TRUE;
  g_task_return_new_error (task, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NOT_RUNNING,
                           _ ("The lab of “%s” is not running. Start it first."), self->file);
  return FALSE;
}

void
loom_client_return_error (GTask *task, GError *error)
{
  g_task_return_error (task, loom_client_translate_error (g_task_get_source_object (task), error));
}

/* --- apply ------------------------------------------------------------------------------------*/

static GVariant *
renames_to_variant (GHashTable *renames)
{
  GVariantBuilder builder;
  GHashTableIter iter;
  gpointer old;
  gpointer new;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  if (renames != NULL) {
    g_hash_table_iter_init (&iter, renames);
    while (g_hash_table_iter_next (&iter, &old, &new))
      g_variant_builder_add (&builder, "{ss}", (const char *) old, (const char *) new);
  }
  return g_variant_builder_end (&builder);
}

/* One edit on its way to the engine. */
typedef struct {
  LoomClientFit *fit; /* NULL: not checked */
  char *document;
  GVariant *renames;
  guint64 base;
} Applying;

static void
applying_free (gpointer data)
{
  Applying *applying = data;

  g_clear_pointer (&applying->fit, loom_client_fit_free);
  g_free (applying->document);
  g_variant_unref (applying->renames);
  g_free (applying);
}

static void
on_apply_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LoomClient *self = g_task_get_source_object (task);
  const Applying *applying = g_task_get_task_data (task);
  guint64 generation = 0;
  GError *error = NULL;

  loom_dbus_engine_call_apply_finish (LOOM_DBUS_ENGINE (source), &generation, result, &error);
  loom_client_release_documents (self, applying->document, generation);
  if (error != NULL)
    loom_client_return_error (task, error);
  else
    g_task_return_pointer (task, g_memdup2 (&generation, sizeof generation), g_free);
}

static void
call_apply (GTask *task)
{
  LoomClient *self = g_task_get_source_object (task);
  const Applying *applying = g_task_get_task_data (task);

  if (!loom_client_check_attached (self, task)) {
    g_object_unref (task);
    return;
  }
  loom_client_hold_documents (self);
  loom_dbus_engine_call_apply (self->proxy, applying->document, applying->base, applying->renames,
                               g_task_get_cancellable (task), on_apply_ready, task);
}

static void
on_fit_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error)) {
    call_apply (task);
  } else {
    g_task_return_error (task, error);
    g_object_unref (task);
  }
}

static void
check_fit (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (loom_client_fit_check (task_data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
loom_client_apply_async (LoomClient *self, const char *document, guint64 base, GHashTable *renames,
                         GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GTask) check = NULL;
  Applying *applying;

  g_return_if_fail (LOOM_IS_CLIENT (self));
  task = g_task_new (self, cancellable, callback, user_data);
  if (!loom_client_check_attached (self, task))
    return;
  applying = g_new0 (Applying, 1);
  applying->document = g_strdup (document);
  applying->renames = g_variant_ref_sink (renames_to_variant (renames));
  applying->base = base;
  g_task_set_task_data (task, applying, applying_free);
  if (self->force) {
    call_apply (g_steal_pointer (&task));
    return;
  }
  /* Holds the data alive as long as the thread looks at it. */
  applying->fit = loom_client_fit_new (document);
  applying->fit->running = g_strdup (self->document);
  applying->fit->off = loom_client_dup_off (self);
  check = g_task_new (self, NULL, on_fit_checked, g_steal_pointer (&task));
  g_task_set_task_data (check, applying->fit, NULL);
  g_task_run_in_thread (check, check_fit);
}

gboolean
loom_client_apply_finish (LoomClient *self, GAsyncResult *result, guint64 *ret_generation,
                          GError **error)
{
  g_autofree guint64 *generation = g_task_propagate_pointer (G_TASK (result), error);

  if (generation == NULL)
    return FALSE;
  if (ret_generation != NULL)
    *ret_generation = *generation;
  return TRUE;
}

/* --- repair and power -------------------------------------------------------------------------*/

static void
on_plain_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GVariant) answer = NULL;
  GError *error = NULL;

  answer = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);
  if (answer == NULL)
    loom_client_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
call_plain (LoomClient *self, const char *method, GVariant *arguments, GCancellable *cancellable,
            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (arguments);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  if (!loom_client_check_attached (self, task))
    return;
  g_dbus_proxy_call (G_DBUS_PROXY (self->proxy), method, sunk, G_DBUS_CALL_FLAGS_NONE, -1,
                     cancellable, on_plain_ready, g_steal_pointer (&task));
}

void
loom_client_repair_async (LoomClient *self, const char *const *nodes, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  static const char *const none[] = {NULL};

  g_return_if_fail (LOOM_IS_CLIENT (self));
  if (!loom_client_wake (self)) {
    g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

    g_task_return_boolean (task, TRUE);
    return;
  }
  call_plain (self, "Repair", g_variant_new ("(^as)", nodes != NULL ? nodes : none), cancellable,
              callback, user_data);
}

gboolean
loom_client_repair_finish (LoomClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* An order to switch on, once it is known to fit. */
typedef struct {
  LoomClientFit *fit;
  char *node;
} PoweringOn;

static void
powering_on_free (gpointer data)
{
  PoweringOn *powering = data;

  loom_client_fit_free (powering->fit);
  g_free (powering->node);
  g_free (powering);
}

static void
on_power_fit_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LoomClient *self = LOOM_CLIENT (source);
  const PoweringOn *powering = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error)) {
    g_task_return_error (task, error);
    return;
  }
  if (loom_client_check_attached (self, task))
    g_dbus_proxy_call (G_DBUS_PROXY (self->proxy), "Power",
                       g_variant_new ("(ss)", powering->node, "start"), G_DBUS_CALL_FLAGS_NONE, -1,
                       g_task_get_cancellable (task), on_plain_ready, g_object_ref (task));
}

static void
power_on_if_it_fits (LoomClient *self, GTask *task, const char *node)
{
  g_autoptr (GTask) check = NULL;
  PoweringOn *powering = g_new0 (PoweringOn, 1);

  powering->fit = loom_client_fit_new (self->document);
  powering->fit->running = g_strdup (self->document);
  powering->fit->off = loom_client_dup_off (self);
  powering->fit->power_on = g_strdup (node);
  powering->node = g_strdup (node);
  g_task_set_task_data (task, powering, powering_on_free);
  check = g_task_new (self, NULL, on_power_fit_checked, g_object_ref (task));
  g_task_set_task_data (check, powering->fit, NULL);
  g_task_run_in_thread (check, check_fit);
}

void
loom_client_power_async (LoomClient *self, const char *node, const char *action,
                         GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (LOOM_IS_CLIENT (self));
  if (self->force || !g_str_equal (action, "start")) {
    call_plain (self, "Power", g_variant_new ("(ss)", node, action), cancellable, callback,
                user_data);
    return;
  }
  task = g_task_new (self, cancellable, callback, user_data);
  if (loom_client_check_attached (self, task))
    power_on_if_it_fits (self, task, node);
}

gboolean
loom_client_power_finish (LoomClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- exec: on a connection of its own, so that closing it ends the command
 * ----------------------*/

typedef struct {
  GVariant *arguments;
  GUnixFDList *fds;
  GDBusConnection *connection;
} Exec;

static void
exec_free (gpointer data)
{
  Exec *exec = data;

  g_clear_pointer (&exec->arguments, g_variant_unref);
  g_clear_object (&exec->fds);
  if (exec->connection != NULL)
    g_dbus_connection_close (exec->connection, NULL, NULL, NULL);
  g_clear_object (&exec->connection);
  g_free (exec);
}

static void
on_exec_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GVariant) answer = NULL;
  GError *error = NULL;
  int status;

  answer = g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source), NULL,
                                                            result, &error);
  if (answer == NULL) {
    loom_client_return_error (task, error);
    return;
  }
  g_variant_get (answer, "(i)", &status);
  g_task_return_int (task, status);
}

static void
on_exec_connection (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Exec *exec = g_task_get_task_data (task);
  GError *error = NULL;

  exec->connection = loom_client_open_connection_finish (LOOM_CLIENT (source), result, NULL,
                                                         &error);
  if (exec->connection == NULL) {
    loom_client_return_error (task, error);
    return;
  }
  g_dbus_connection_set_exit_on_close (exec->connection, FALSE);
  g_dbus_connection_call_with_unix_fd_list (
      exec->connection, NULL, OBJECT_PATH, INTERFACE, "Exec", exec->arguments,
      G_VARIANT_TYPE ("(i)"), G_DBUS_CALL_FLAGS_NONE, G_MAXINT, exec->fds,
      g_task_get_cancellable (task), on_exec_ready, g_object_ref (task));
  g_clear_object (&exec->fds);
}

void
loom_client_exec_async (LoomClient *self, const char *node, const char *const *argv, int in_fd,
                        int out_fd, int err_fd, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Exec *exec;
  GError *error = NULL;
  const int fds[] = {in_fd, out_fd, err_fd};

  g_return_if_fail (LOOM_IS_CLIENT (self));
  task = g_task_new (self, cancellable, callback, user_data);
  if (!loom_client_check_attached (self, task))
    return;
  exec = g_new0 (Exec, 1);
  g_task_set_task_data (task, exec, exec_free);
  exec->fds = g_unix_fd_list_new ();
  for (gsize i = 0; i < G_N_ELEMENTS (fds); i++)
    if (g_unix_fd_list_append (exec->fds, fds[i], &error) < 0) {
      g_task_return_error (task, error);
      return;
    }
  exec->arguments = g_variant_ref_sink (
      g_variant_new ("(s^ashhh)", node, (const char **) argv, 0, 1, 2));
  loom_client_open_connection_async (self, cancellable, on_exec_connection,
                                     g_steal_pointer (&task));
}

int
loom_client_exec_finish (LoomClient *self, GAsyncResult *result, GError **error)
{
  return (int) g_task_propagate_int (G_TASK (result), error);
}

/* --- consoles ---------------------------------------------------------------------------------*/

static void
on_console_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GSocketConnection *connection;
  GError *error = NULL;

  connection = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  if (connection == NULL)
    loom_client_return_error (task, error);
  else
    g_task_return_pointer (task, connection, g_object_unref);
}

static void
on_console_path (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const char *node = g_task_get_task_data (task);
  g_autofree char *path = NULL;
  g_autoptr (GSocketClient) client = NULL;
  g_autoptr (GSocketAddress) address = NULL;
  GError *error = NULL;

  if (!loom_dbus_engine_call_get_console_finish (LOOM_DBUS_ENGINE (source), &path, result,
                                                 &error)) {
    loom_client_return_error (task, error);
    return;
  }
  if (path[0] == '\0') {
    g_task_return_new_error (task, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_UNSUPPORTED,
                             _ ("“%s” has no console of that type."), node);
    return;
  }
  client = g_socket_client_new ();
  address = g_unix_socket_address_new (path);
  g_socket_client_connect_async (client, G_SOCKET_CONNECTABLE (address),
                                 g_task_get_cancellable (task), on_console_connected,
                                 g_object_ref (task));
}

void
loom_client_open_console_async (LoomClient *self, const char *node, const char *type,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (LOOM_IS_CLIENT (self));
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_task_data (task, g_strdup (node), g_free);
  if (!loom_client_check_attached (self, task))
    return;
  loom_dbus_engine_call_get_console (self->proxy, node, type, cancellable, on_console_path,
                                     g_steal_pointer (&task));
}

GSocketConnection *
loom_client_open_console_finish (LoomClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- processes --------------------------------------------------------------------------------*/

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
    LoomClientProcess *process = add_process (processes, role, node, pid, host_pid);

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
  task = g_task_new (self, cancellable, callback, user_data);
  if (!loom_client_check_attached (self, task))
    return;
  loom_dbus_engine_call_get_processes (self->proxy, cancellable, on_processes_ready,
                                       g_steal_pointer (&task));
}

GPtrArray *
loom_client_processes_finish (LoomClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
