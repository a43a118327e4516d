/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The client's ways into a machine: commands, each on a connection of its own so that closing it
 * ends the command, and consoles. */

#include "backend/engine/client-private.h"

#include <gio/gunixfdlist.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gi18n-lib.h>

#define INTERFACE "org.lanloom.Engine"
#define OBJECT_PATH "/org/lanloom/Engine"

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
  task = loom_client_task_new (self, cancellable, callback, user_data);
  if (task == NULL)
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
