/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A client's connection to the engine: waiting for its socket, the handshake, the proxy, and
 * getting back when the engine was restarted. */

#include "backend/engine/client-private.h"
#include "backend/engine/runtime.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gi18n-lib.h>

#define OBJECT_PATH "/org/lanloom/Engine"
/* For as long as there is the lab: that its engine does not come is told by client-pulse.c. */
#define RECONNECT_TIMEOUT_MS G_MAXUINT
/* An engine that takes a connection and says nothing hangs. */
#define HANDSHAKE_TIMEOUT_MS 5000

typedef struct {
  gint64 deadline_us;
  GSubprocess *keeper;
} Connecting;

static void try_connect (GTask *task);

void
loom_client_disconnect (LoomClient *self)
{
  if (self->connection != NULL) {
    g_signal_handlers_disconnect_by_data (self->connection, self);
    g_dbus_connection_close (self->connection, NULL, NULL, NULL);
  }
  if (self->proxy != NULL)
    g_signal_handlers_disconnect_by_data (self->proxy, self);
  g_clear_object (&self->proxy);
  g_clear_object (&self->connection);
  self->engine_host_pid = 0;
}

static void
on_reconnected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomClient) self = user_data;
  gboolean was_asked = self->lab_state == LOOM_LAB_STOPPING;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) reason = NULL;

  if (loom_client_connect_finish (self, result, &error)) {
    g_clear_object (&self->cancellable);
    loom_client_set_state (self, LOOM_CLIENT_ATTACHED);
    loom_client_resume_applies (self);
    g_signal_emit_by_name (self, "reconnected");
    return;
  }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->cancellable);
  reason = g_error_new (LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_CLOSED,
                        _ ("The lab of “%s” ended unexpectedly. Nothing of it remains; it can be "
                           "started again."),
                        self->file);
  loom_client_close (self, was_asked ? NULL : reason);
}

static void
on_connection_closed (GDBusConnection *connection, gboolean remote_peer_vanished, GError *error,
                      gpointer user_data)
{
  LoomClient *self = user_data;

  loom_client_disconnect (self);
  if (self->state != LOOM_CLIENT_ATTACHED)
    return;
  loom_client_set_state (self, LOOM_CLIENT_RECONNECTING);
  self->cancellable = g_cancellable_new ();
  loom_client_connect_async (self, RECONNECT_TIMEOUT_MS, NULL, self->cancellable, on_reconnected,
                             g_object_ref (self));
}

/* One connection being opened. */
typedef struct {
  GCancellable *cancellable; /* of the attempt: the caller's, or patience that ended */
  GCancellable *outer;       /* the caller's; or NULL */
  gulong cancelled_id;
  guint timeout_id;
  gboolean timed_out;
  guint32 peer_pid;
} Opening;

static void
opening_free (gpointer data)
{
  Opening *opening = data;

  g_clear_handle_id (&opening->timeout_id, g_source_remove);
  if (opening->cancelled_id != 0)
    g_cancellable_disconnect (opening->outer, opening->cancelled_id);
  g_clear_object (&opening->outer);
  g_object_unref (opening->cancellable);
  g_free (opening);
}

static gboolean
on_handshake_timeout (gpointer user_data)
{
  Opening *opening = user_data;

  opening->timeout_id = 0;
  opening->timed_out = TRUE;
  g_cancellable_cancel (opening->cancellable);
  return G_SOURCE_REMOVE;
}

static void
on_outer_cancelled (GCancellable *outer, GCancellable *inner)
{
  g_cancellable_cancel (inner);
}

static Opening *
opening_new (GCancellable *outer)
{
  Opening *opening = g_new0 (Opening, 1);

  opening->cancellable = g_cancellable_new ();
  g_set_object (&opening->outer, outer);
  if (outer != NULL)
    opening->cancelled_id = g_cancellable_connect (outer, G_CALLBACK (on_outer_cancelled),
                                                   g_object_ref (opening->cancellable),
                                                   g_object_unref);
  opening->timeout_id = g_timeout_add (HANDSHAKE_TIMEOUT_MS, on_handshake_timeout, opening);
  return opening;
}

/* @error: (transfer full) */
static void
return_opening_error (GTask *task, GError *error)
{
  const Opening *opening = g_task_get_task_data (task);

  if (!opening->timed_out) {
    g_task_return_error (task, error);
    return;
  }
  g_error_free (error);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                           _ ("it has not answered for %d s"), HANDSHAKE_TIMEOUT_MS / 1000);
}

static void
on_connection_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GDBusConnection *connection;
  GError *error = NULL;

  connection = g_dbus_connection_new_finish (result, &error);
  if (connection == NULL)
    return_opening_error (task, error);
  else
    g_task_return_pointer (task, connection, g_object_unref);
}

static void
on_socket_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Opening *opening = g_task_get_task_data (task);
  g_autoptr (GSocketConnection) stream = NULL;
  g_autoptr (GCredentials) peer = NULL;
  GError *error = NULL;

  stream = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  if (stream == NULL) {
    return_opening_error (task, error);
    return;
  }
  /* Who listens: the kernel tells the engine's pid as this side of the namespaces sees it. */
  peer = g_socket_get_credentials (g_socket_connection_get_socket (stream), NULL);
  if (peer != NULL)
    opening->peer_pid = (guint32) MAX (0, g_credentials_get_unix_pid (peer, NULL));
  g_dbus_connection_new (G_IO_STREAM (stream), NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT,
                         NULL, opening->cancellable, on_connection_ready, g_object_ref (task));
}

void
loom_client_open_connection_async (LoomClient *self, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *path = g_build_filename (self->runtime_dir, LOOM_RUNTIME_SOCKET, NULL);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  Opening *opening = opening_new (cancellable);

  g_task_set_task_data (task, opening, opening_free);
  g_socket_client_connect_async (client, G_SOCKET_CONNECTABLE (address), opening->cancellable,
                                 on_socket_connected, task);
}

GDBusConnection *
loom_client_open_connection_finish (LoomClient *self, GAsyncResult *result, guint32 *ret_peer_pid,
                                    GError **error)
{
  if (ret_peer_pid != NULL)
    *ret_peer_pid = ((Opening *) g_task_get_task_data (G_TASK (result)))->peer_pid;
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
connecting_free (gpointer data)
{
  Connecting *connecting = data;

  g_clear_object (&connecting->keeper);
  g_free (connecting);
}

static gboolean
on_retry (gpointer user_data)
{
  GTask *task = user_data;

  if (g_task_return_error_if_cancelled (task))
    g_object_unref (task);
  else
    try_connect (task);
  return G_SOURCE_REMOVE;
}

/* The engine did not take us: it may be on its way, or never come. Consumes @task and @error. */
static void
retry_or_fail (GTask *task, GError *error)
{
  LoomClient *self = g_task_get_source_object (task);
  Connecting *connecting = g_task_get_task_data (task);
  gboolean may_come = (connecting->keeper != NULL
                       && g_subprocess_get_identifier (connecting->keeper) != NULL)
                      || loom_runtime_is_locked (self->runtime_dir);

  loom_client_disconnect (self);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }
  if (may_come && g_get_monotonic_time () < connecting->deadline_us) {
    g_error_free (error);
    g_timeout_add (LOOM_CLIENT_POLL_MS, on_retry, task);
    return;
  }
  if (may_come)
    g_task_return_new_error (task, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED,
                             _ ("The engine of “%s” does not answer: %s. Stop the lab and start "
                                "it again."),
                             self->file, error->message);
  else
    g_task_return_new_error (task, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NOT_RUNNING,
                             _ ("The lab of “%s” is not running. Start it first."), self->file);
  g_error_free (error);
  g_object_unref (task);
}

static void
on_nodes_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  LoomClient *self = g_task_get_source_object (task);
  g_autoptr (GVariant) nodes = NULL;
  GError *error = NULL;

  if (!loom_dbus_engine_call_get_nodes_finish (LOOM_DBUS_ENGINE (source), &nodes, result, &error)) {
    retry_or_fail (task, error);
    return;
  }
  if (self->proxy != LOOM_DBUS_ENGINE (source)) {
    retry_or_fail (task, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, "closed"));
    return;
  }
  loom_client_view_take (self, nodes);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
on_proxy_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  LoomClient *self = g_task_get_source_object (task);
  GError *error = NULL;

  self->proxy = loom_dbus_engine_proxy_new_finish (result, &error);
  if (self->proxy == NULL) {
    retry_or_fail (task, error);
    return;
  }
  loom_client_view_watch (self);
  loom_dbus_engine_call_get_nodes (self->proxy, g_task_get_cancellable (task), on_nodes_ready,
                                   task);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LoomClient *self = LOOM_CLIENT (source);
  GTask *task = user_data;
  GError *error = NULL;

  self->connection = loom_client_open_connection_finish (self, result, &self->engine_host_pid,
                                                         &error);
  if (self->engine_host_pid != 0)
    self->last_engine_host_pid = self->engine_host_pid;
  if (self->connection == NULL) {
    retry_or_fail (task, error);
    return;
  }
  g_dbus_connection_set_exit_on_close (self->connection, FALSE);
  g_signal_connect (self->connection, "closed", G_CALLBACK (on_connection_closed), self);
  loom_dbus_engine_proxy_new (self->connection, G_DBUS_PROXY_FLAGS_NONE, NULL, OBJECT_PATH,
                              g_task_get_cancellable (task), on_proxy_ready, task);
}

static void
try_connect (GTask *task)
{
  LoomClient *self = g_task_get_source_object (task);

  loom_client_disconnect (self);
  loom_client_open_connection_async (self, g_task_get_cancellable (task), on_opened, task);
}

void
loom_client_connect_async (LoomClient *self, guint timeout_ms, GSubprocess *keeper,
                           GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Connecting *connecting = g_new0 (Connecting, 1);

  connecting->deadline_us = g_get_monotonic_time () + timeout_ms * G_TIME_SPAN_MILLISECOND;
  g_set_object (&connecting->keeper, keeper);
  g_task_set_task_data (task, connecting, connecting_free);
  try_connect (task);
}

gboolean
loom_client_connect_finish (LoomClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
