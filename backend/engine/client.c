/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The client object: its connection to the engine, what it knows of the lab, and how it gets back
 * when the engine was restarted. Starting and stopping: client-start.c; calls: client-calls.c. */

#include "backend/engine/client-private.h"
#include "backend/engine/runtime.h"

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

#define OBJECT_PATH "/org/lanloom/Engine"
#define RECONNECT_TIMEOUT_MS 15000
#define ATTACH_TIMEOUT_MS 10000

enum {
  STATE_CHANGED,
  PROGRESS,
  NODE_CHANGED,
  NODE_GONE,
  LAB_STATE_CHANGED,
  DOCUMENT_CHANGED,
  MESSAGE,
  RECONNECTED,
  CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

typedef struct {
  char *document;
  guint64 generation;
  GHashTable *renames;
} DocumentChange;

G_DEFINE_TYPE (LoomClient, loom_client, G_TYPE_OBJECT)

static void
client_node_free (gpointer data)
{
  LoomClientNode *node = data;

  g_free (node->name);
  g_free (node->detail);
  g_free (node);
}

static void
document_change_free (gpointer data)
{
  DocumentChange *change = data;

  g_free (change->document);
  g_hash_table_unref (change->renames);
  g_free (change);
}

void
loom_client_set_state (LoomClient *self, LoomClientState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_signal_emit (self, signals[STATE_CHANGED], 0);
}

static void
set_lab_state (LoomClient *self, LoomLabState state)
{
  if (self->lab_state == state)
    return;
  self->lab_state = state;
  g_signal_emit (self, signals[LAB_STATE_CHANGED], 0, (int) state);
}

GError *
loom_client_translate_error (LoomClient *self, GError *error)
{
  loom_engine_error_strip (error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_DISCONNECTED)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY)) {
    g_error_free (error);
    return g_error_new (LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_CLOSED,
                        _ ("The lab of “%s” ended before it could answer. Start it again."),
                        self->file);
  }
  return error;
}

/* --- what the engine tells --------------------------------------------------------------------*/

static void
set_node (LoomClient *self, const char *name, const char *state_id, const char *detail,
          double progress)
{
  LoomClientNode *node = g_hash_table_lookup (self->nodes, name);
  LoomNodeState state;

  if (!loom_node_state_from_id (state_id, &state))
    return;
  if (node == NULL) {
    node = g_new0 (LoomClientNode, 1);
    node->name = g_strdup (name);
    g_hash_table_insert (self->nodes, node->name, node);
  }
  node->state = state;
  node->progress = progress;
  g_free (node->detail);
  node->detail = g_strdup (detail);
  g_signal_emit (self, signals[NODE_CHANGED], 0, name, (int) state, detail, progress);
}

static void
on_node_changed (LoomDBusEngine *proxy, const char *name, const char *state, const char *detail,
                 double progress, gpointer user_data)
{
  set_node (user_data, name, state, detail, progress);
}

static void
on_node_gone (LoomDBusEngine *proxy, const char *name, gpointer user_data)
{
  LoomClient *self = user_data;
  g_autofree char *kept = g_strdup (name);

  if (g_hash_table_remove (self->nodes, kept))
    g_signal_emit (self, signals[NODE_GONE], 0, kept);
}

static void
on_message (LoomDBusEngine *proxy, const char *severity, const char *text, gpointer user_data)
{
  g_signal_emit (user_data, signals[MESSAGE], 0, severity, text);
}

static void
on_state_changed (LoomDBusEngine *proxy, GParamSpec *pspec, gpointer user_data)
{
  LoomLabState state;

  if (loom_lab_state_from_id (loom_dbus_engine_get_state (proxy), &state))
    set_lab_state (user_data, state);
}

static void
take_document (LoomClient *self, const char *document, guint64 generation)
{
  g_autofree char *old = self->document;

  self->document = g_strdup (document);
  self->generation = generation;
}

static void
report_document (LoomClient *self, DocumentChange *change)
{
  if (change->generation <= self->generation)
    return;
  take_document (self, change->document, change->generation);
  g_signal_emit (self, signals[DOCUMENT_CHANGED], 0, change->document, change->generation,
                 change->renames);
}

static GHashTable *
renames_from_variant (GVariant *variant)
{
  GHashTable *renames = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GVariantIter iter;
  char *old;
  char *new;

  g_variant_iter_init (&iter, variant);
  while (g_variant_iter_next (&iter, "{ss}", &old, &new))
    g_hash_table_insert (renames, old, new);
  return renames;
}

static void
on_document_changed (LoomDBusEngine *proxy, const char *document, guint64 generation,
                     GVariant *renames, gpointer user_data)
{
  LoomClient *self = user_data;
  DocumentChange *change;

  if (generation == self->own_generation)
    return;
  change = g_new0 (DocumentChange, 1);
  change->document = g_strdup (document);
  change->generation = generation;
  change->renames = renames_from_variant (renames);
  if (self->n_applies > 0) {
    g_queue_push_tail (&self->held, change);
    return;
  }
  report_document (self, change);
  document_change_free (change);
}

void
loom_client_hold_documents (LoomClient *self)
{
  self->n_applies++;
}

void
loom_client_release_documents (LoomClient *self, const char *document, guint64 generation)
{
  DocumentChange *change;

  g_return_if_fail (self->n_applies > 0);
  self->n_applies--;
  if (generation > 0) {
    self->own_generation = generation;
    if (generation > self->generation)
      take_document (self, document, generation);
  }
  if (self->n_applies > 0)
    return;
  while ((change = g_queue_pop_head (&self->held)) != NULL) {
    report_document (self, change);
    document_change_free (change);
  }
}

/* --- the connection ---------------------------------------------------------------------------*/

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
forget_lab (LoomClient *self)
{
  loom_client_disconnect (self);
  g_hash_table_remove_all (self->nodes);
  g_clear_pointer (&self->document, g_free);
  self->generation = 0;
  self->own_generation = 0;
  set_lab_state (self, LOOM_LAB_OFF);
  loom_client_set_state (self, LOOM_CLIENT_DETACHED);
}

void
loom_client_close (LoomClient *self, const GError *reason)
{
  forget_lab (self);
  g_signal_emit (self, signals[CLOSED], 0, reason);
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
    g_signal_emit (self, signals[RECONNECTED], 0);
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

static void
on_connection_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GDBusConnection *connection;
  GError *error = NULL;

  connection = g_dbus_connection_new_finish (result, &error);
  if (connection == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, connection, g_object_unref);
}

static void
on_socket_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GSocketConnection) stream = NULL;
  g_autoptr (GCredentials) peer = NULL;
  GError *error = NULL;

  stream = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  if (stream == NULL) {
    g_task_return_error (task, error);
    return;
  }
  /* Who listens: the kernel tells the engine's pid as this side of the namespaces sees it. */
  peer = g_socket_get_credentials (g_socket_connection_get_socket (stream), NULL);
  if (peer != NULL)
    g_task_set_task_data (task, GINT_TO_POINTER (g_credentials_get_unix_pid (peer, NULL)), NULL);
  g_dbus_connection_new (G_IO_STREAM (stream), NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT,
                         NULL, g_task_get_cancellable (task), on_connection_ready,
                         g_object_ref (task));
}

void
loom_client_open_connection_async (LoomClient *self, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *path = g_build_filename (self->runtime_dir, LOOM_RUNTIME_SOCKET, NULL);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocketClient) client = g_socket_client_new ();

  g_socket_client_connect_async (client, G_SOCKET_CONNECTABLE (address), cancellable,
                                 on_socket_connected, task);
}

GDBusConnection *
loom_client_open_connection_finish (LoomClient *self, GAsyncResult *result, guint32 *ret_peer_pid,
                                    GError **error)
{
  if (ret_peer_pid != NULL)
    *ret_peer_pid = (guint32) MAX (0, GPOINTER_TO_INT (g_task_get_task_data (G_TASK (result))));
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- connecting: wait for the socket, make the proxy, learn the nodes --------------------------*/

typedef struct {
  gint64 deadline_us;
  GSubprocess *keeper;
} Connecting;

static void
connecting_free (gpointer data)
{
  Connecting *connecting = data;

  g_clear_object (&connecting->keeper);
  g_free (connecting);
}

static void try_connect (GTask *task);

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

/* Nodes that the engine no longer has are gone; all others are reported afresh. */
static void
take_nodes (LoomClient *self, GVariant *nodes)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) known = loom_client_list_nodes (self);
  GVariantIter iter;
  const char *name;
  const char *state;
  const char *detail;
  double progress;

  g_variant_iter_init (&iter, nodes);
  while (g_variant_iter_next (&iter, "(&s&s&sd)", &name, &state, &detail, &progress))
    g_hash_table_add (seen, (gpointer) name);
  for (guint i = 0; i < known->len; i++) {
    LoomClientNode *node = g_ptr_array_index (known, i);

    if (!g_hash_table_contains (seen, node->name))
      on_node_gone (NULL, node->name, self);
  }
  g_variant_iter_init (&iter, nodes);
  while (g_variant_iter_next (&iter, "(&s&s&sd)", &name, &state, &detail, &progress))
    set_node (self, name, state, detail, progress);
}

/* After a reconnect somebody else may have changed the lab unseen. */
static void
catch_up_document (LoomClient *self)
{
  g_autoptr (GHashTable) renames = g_hash_table_new (g_str_hash, g_str_equal);
  DocumentChange change = {
      .document = (char *) loom_dbus_engine_get_document (self->proxy),
      .generation = loom_dbus_engine_get_generation (self->proxy),
      .renames = renames,
  };

  if (change.document == NULL)
    change.document = "";
  if (self->state == LOOM_CLIENT_RECONNECTING)
    report_document (self, &change);
  else
    take_document (self, change.document, change.generation);
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
  catch_up_document (self);
  on_state_changed (self->proxy, NULL, self);
  take_nodes (self, nodes);
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
  g_signal_connect (self->proxy, "node-changed", G_CALLBACK (on_node_changed), self);
  g_signal_connect (self->proxy, "node-gone", G_CALLBACK (on_node_gone), self);
  g_signal_connect (self->proxy, "document-changed", G_CALLBACK (on_document_changed), self);
  g_signal_connect (self->proxy, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->proxy, "notify::state", G_CALLBACK (on_state_changed), self);
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

static void
loom_client_dispose (GObject *object)
{
  LoomClient *self = LOOM_CLIENT (object);

  loom_client_disconnect (self);
  g_queue_clear_full (&self->held, document_change_free);
  G_OBJECT_CLASS (loom_client_parent_class)->dispose (object);
}

static void
loom_client_finalize (GObject *object)
{
  LoomClient *self = LOOM_CLIENT (object);

  g_clear_object (&self->cancellable);
  g_hash_table_unref (self->nodes);
  g_free (self->document);
  g_free (self->file);
  g_free (self->runtime_dir);
  G_OBJECT_CLASS (loom_client_parent_class)->finalize (object);
}

static guint
add_signal (LoomClientClass *klass, const char *name, guint n_params, ...)
{
  va_list args;
  guint id;

  va_start (args, n_params);
  id = g_signal_new_valist (name, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, NULL, NULL, NULL,
                            NULL, G_TYPE_NONE, n_params, args);
  va_end (args);
  return id;
}

static void
loom_client_class_init (LoomClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = loom_client_dispose;
  object_class->finalize = loom_client_finalize;

  signals[STATE_CHANGED] = add_signal (klass, "state-changed", 0);
  signals[PROGRESS] = add_signal (klass, "progress", 1, G_TYPE_STRING);
  signals[NODE_CHANGED] = add_signal (klass, "node-changed", 4, G_TYPE_STRING, G_TYPE_INT,
                                      G_TYPE_STRING, G_TYPE_DOUBLE);
  signals[NODE_GONE] = add_signal (klass, "node-gone", 1, G_TYPE_STRING);
  signals[LAB_STATE_CHANGED] = add_signal (klass, "lab-state-changed", 1, G_TYPE_INT);
  signals[DOCUMENT_CHANGED] = add_signal (klass, "document-changed", 3, G_TYPE_STRING,
                                          G_TYPE_UINT64, G_TYPE_HASH_TABLE);
  signals[MESSAGE] = add_signal (klass, "message", 2, G_TYPE_STRING, G_TYPE_STRING);
  signals[RECONNECTED] = add_signal (klass, "reconnected", 0);
  signals[CLOSED] = add_signal (klass, "closed", 1, G_TYPE_ERROR);

  /* Registers the D-Bus names before the first error can come in. */
  (void) LOOM_ENGINE_ERROR;
}

static void
loom_client_init (LoomClient *self)
{
  self->nodes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, client_node_free);
  self->lab_state = LOOM_LAB_OFF;
  g_queue_init (&self->held);
}

LoomClient *
loom_client_new (const char *file, GError **error)
{
  g_autoptr (LoomClient) self = g_object_new (LOOM_TYPE_CLIENT, NULL);
  char *resolved;

  g_return_val_if_fail (file != NULL, NULL);
  resolved = realpath (file, NULL);
  if (resolved == NULL) {
    int code = errno;

    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code),
                 _ ("“%s” could not be opened: %s."), file, g_strerror (code));
    return NULL;
  }
  self->file = g_strdup (resolved);
  free (resolved);
  self->runtime_dir = loom_runtime_dup_folder (self->file, error);
  if (self->runtime_dir == NULL)
    return NULL;
  return g_steal_pointer (&self);
}

const char *
loom_client_get_file (LoomClient *self)
{
  g_return_val_if_fail (LOOM_IS_CLIENT (self), NULL);
  return self->file;
}

const char *
loom_client_get_runtime_dir (LoomClient *self)
{
  g_return_val_if_fail (LOOM_IS_CLIENT (self), NULL);
  return self->runtime_dir;
}

LoomClientState
loom_client_get_state (LoomClient *self)
{
  g_return_val_if_fail (LOOM_IS_CLIENT (self), LOOM_CLIENT_DETACHED);
  return self->state;
}

guint64
loom_client_get_generation (LoomClient *self)
{
  g_return_val_if_fail (LOOM_IS_CLIENT (self), 0);
  return self->generation;
}

const char *
loom_client_get_document (LoomClient *self)
{
  g_return_val_if_fail (LOOM_IS_CLIENT (self), NULL);
  return self->document;
}

LoomLabState
loom_client_get_lab_state (LoomClient *self)
{
  g_return_val_if_fail (LOOM_IS_CLIENT (self), LOOM_LAB_OFF);
  return self->lab_state;
}

LoomDBusEngine *
loom_client_get_proxy (LoomClient *self)
{
  g_return_val_if_fail (LOOM_IS_CLIENT (self), NULL);
  return self->state == LOOM_CLIENT_ATTACHED ? self->proxy : NULL;
}

static int
compare_nodes (gconstpointer a, gconstpointer b)
{
  const LoomClientNode *one = *(LoomClientNode *const *) a;
  const LoomClientNode *other = *(LoomClientNode *const *) b;

  return strcmp (one->name, other->name);
}

GPtrArray *
loom_client_list_nodes (LoomClient *self)
{
  GPtrArray *nodes = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer node;

  g_return_val_if_fail (LOOM_IS_CLIENT (self), nodes);
  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &node))
    g_ptr_array_add (nodes, node);
  g_ptr_array_sort (nodes, compare_nodes);
  return nodes;
}

static void
on_attached (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LoomClient *self = LOOM_CLIENT (source);
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (!loom_client_connect_finish (self, result, &error)) {
    forget_lab (self);
    g_task_return_error (task, error);
    return;
  }
  loom_client_set_state (self, LOOM_CLIENT_ATTACHED);
  g_task_return_boolean (task, TRUE);
}

void
loom_client_attach_async (LoomClient *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task;

  g_return_if_fail (LOOM_IS_CLIENT (self));
  task = g_task_new (self, cancellable, callback, user_data);
  if (self->state != LOOM_CLIENT_DETACHED) {
    g_task_return_new_error (task, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED,
                             _ ("The lab of “%s” is being attached to already."), self->file);
    g_object_unref (task);
    return;
  }
  loom_client_set_state (self, LOOM_CLIENT_ATTACHING);
  loom_client_connect_async (self, ATTACH_TIMEOUT_MS, NULL, cancellable, on_attached, task);
}

gboolean
loom_client_attach_finish (LoomClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
loom_client_detach (LoomClient *self)
{
  g_return_if_fail (LOOM_IS_CLIENT (self));
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  forget_lab (self);
}
