/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A call is a GTask in a table under its id until its answer, its timeout, its cancellation or the
 * end of the connection, whichever comes first, takes it out. */

#include "backend/proto/json-rpc.h"

#include "backend/proto/awake.h"
#include "backend/proto/framer.h"
#include "backend/proto/json.h"
#include "backend/proto/plain-text.h"

#include <string.h>

/* A peer has no use for more notifications than it can be told to stop; calls are ours. */
#define MAX_CALLS 1024
#define MAX_ERROR_BYTES 2000

struct _LoomJsonRpc {
  GObject parent_instance;

  LoomChannel *channel;
  LoomFramer *framer;
  GHashTable *calls; /* id -> Call */
  gint64 last_id;
  LoomJsonRpcHandler handler; /* or NULL */
  gpointer handler_data;
};

typedef struct {
  LoomJsonRpc *rpc; /* weak: calls end before it does */
  gint64 id;
  GTask *task;
  GSource *timeout;
  GSource *cancelled; /* or NULL */
} Call;

G_DEFINE_FINAL_TYPE (LoomJsonRpc, loom_json_rpc, G_TYPE_OBJECT)

enum {
  SIGNAL_NOTIFICATION,
  SIGNAL_CLOSED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
call_free (Call *call)
{
  clear_source (&call->timeout);
  clear_source (&call->cancelled);
  g_clear_object (&call->task);
  g_free (call);
}

/* (transfer full): the call's task, the call being forgotten. */
static GTask *
take_call (LoomJsonRpc *self, gint64 id)
{
  Call *call = g_hash_table_lookup (self->calls, &id);
  GTask *task;

  if (call == NULL)
    return NULL;
  task = g_steal_pointer (&call->task);
  g_hash_table_remove (self->calls, &id);
  return task;
}

static gboolean
on_call_timeout (gpointer user_data)
{
  Call *call = user_data;
  g_autoptr (GTask) task = take_call (call->rpc, call->id);

  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "“%s” was not answered in time",
                           (const char *) g_task_get_task_data (task));
  return G_SOURCE_REMOVE;
}

static gboolean
on_call_cancelled (GCancellable *cancellable, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr (GTask) task = take_call (call->rpc, call->id);

  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

static gboolean
send_message (LoomJsonRpc *self, JsonBuilder *builder, GError **error)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autoptr (GBytes) bytes = loom_json_to_bytes (root);

  return loom_channel_send (self->channel, bytes, error);
}

/* {"id": …, "result": …, "error": …} */
static void
handle_answer (LoomJsonRpc *self, JsonObject *message)
{
  g_autoptr (GTask) task = NULL;
  JsonNode *error = json_object_get_member (message, "error");
  JsonNode *result = json_object_get_member (message, "result");
  gint64 id;

  if (loom_json_get_int (message, "id", &id))
    task = take_call (self, id);
  if (task == NULL)
    return; /* late answer to a call that was cancelled, or nonsense */
  if (error != NULL && !json_node_is_null (error)) {
    g_autofree char *text = JSON_NODE_HOLDS_VALUE (error)
                                    && json_node_get_value_type (error) == G_TYPE_STRING
                                ? json_node_dup_string (error)
                                : json_to_string (error, FALSE);
    g_autofree char *plain = loom_plain_text (text, strlen (text), MAX_ERROR_BYTES);

    g_task_return_new_error (task, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_REMOTE, "“%s” failed: %s",
                             (const char *) g_task_get_task_data (task), plain);
  } else if (result == NULL) {
    g_task_return_new_error (task, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_SYNTAX,
                             "answer without a result");
  } else {
    g_task_return_pointer (task, json_node_copy (result), (GDestroyNotify) json_node_unref);
  }
}

/* {"id": …, "result": …, "error": …}. @result (transfer full) (nullable), @error (nullable). */
static void
send_answer (LoomJsonRpc *self, JsonNode *id, JsonNode *result, const char *error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GError) send_error = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "id");
  json_builder_add_value (builder, json_node_copy (id));
  json_builder_set_member_name (builder, "result");
  if (result != NULL)
    json_builder_add_value (builder, result);
  else
    json_builder_add_null_value (builder);
  json_builder_set_member_name (builder, "error");
  if (result == NULL)
    json_builder_add_string_value (builder, error);
  else
    json_builder_add_null_value (builder);
  json_builder_end_object (builder);
  if (!send_message (self, builder, &send_error))
    loom_channel_close (self->channel, send_error);
}

/* {"id": …, "method": …, "params": […]} */
static void
handle_request (LoomJsonRpc *self, JsonObject *message, const char *method)
{
  JsonNode *id = json_object_get_member (message, "id");
  JsonNode *params = json_object_get_member (message, "params");

  if (loom_json_node_array (params) == NULL)
    send_answer (self, id, NULL, "unknown method");
  else if (g_str_equal (method, "echo"))
    send_answer (self, id, json_node_copy (params), NULL);
  else if (self->handler != NULL)
    self->handler (self, method, json_node_get_array (params), id, self->handler_data);
  else
    send_answer (self, id, NULL, "unknown method");
}

static void
handle_message (LoomJsonRpc *self, JsonObject *message)
{
  const char *method = loom_json_get_string (message, "method");
  JsonNode *id = json_object_get_member (message, "id");
  JsonArray *params = loom_json_get_array (message, "params");

  if (method == NULL)
    handle_answer (self, message);
  else if (id != NULL && !json_node_is_null (id))
    handle_request (self, message, method);
  else if (params != NULL)
    g_signal_emit (self, signals[SIGNAL_NOTIFICATION], 0, method, params);
}

static void
on_received (LoomChannel *channel, GBytes *bytes, LoomJsonRpc *self)
{
  g_autoptr (LoomJsonRpc) alive = g_object_ref (self);
  g_autoptr (GError) error = NULL;
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);
  GBytes *message;

  loom_framer_push (self->framer, data, size, &error);
  while (loom_channel_is_open (channel) && (message = loom_framer_pop (self->framer)) != NULL) {
    g_autoptr (JsonNode) root = NULL;
    g_autoptr (GError) parse_error = NULL;

    root = loom_json_parse (message, &parse_error);
    g_bytes_unref (message);
    if (root == NULL)
      loom_channel_close (channel, parse_error);
    else if (loom_json_node_object (root) != NULL)
      handle_message (self, loom_json_node_object (root));
  }
  if (error != NULL)
    loom_channel_close (channel, error);
}

static void
fail_calls (LoomJsonRpc *self, const GError *error)
{
  g_autoptr (GList) ids = g_hash_table_get_keys (self->calls);
  g_autoptr (GPtrArray) tasks = g_ptr_array_new_with_free_func (g_object_unref);

  for (GList *l = ids; l != NULL; l = l->next)
    g_ptr_array_add (tasks, take_call (self, *(gint64 *) l->data));
  for (guint i = 0; i < tasks->len; i++)
    g_task_return_error (tasks->pdata[i], g_error_copy (error));
}

static void
on_closed (LoomChannel *channel, const GError *error, LoomJsonRpc *self)
{
  g_autoptr (LoomJsonRpc) alive = g_object_ref (self);

  fail_calls (self, error);
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, error);
}

static void
loom_json_rpc_dispose (GObject *object)
{
  LoomJsonRpc *self = LOOM_JSON_RPC (object);

  if (self->channel != NULL) {
    g_signal_handlers_disconnect_by_data (self->channel, self);
    loom_channel_close (self->channel, NULL);
    g_clear_object (&self->channel);
  }
  G_OBJECT_CLASS (loom_json_rpc_parent_class)->dispose (object);
}

static void
loom_json_rpc_finalize (GObject *object)
{
  LoomJsonRpc *self = LOOM_JSON_RPC (object);

  g_hash_table_unref (self->calls);
  loom_framer_free (self->framer);
  G_OBJECT_CLASS (loom_json_rpc_parent_class)->finalize (object);
}

static void
loom_json_rpc_class_init (LoomJsonRpcClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = loom_json_rpc_dispose;
  object_class->finalize = loom_json_rpc_finalize;

  signals[SIGNAL_NOTIFICATION] = g_signal_new (
      "notification", LOOM_TYPE_JSON_RPC, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
      G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE, JSON_TYPE_ARRAY | G_SIGNAL_TYPE_STATIC_SCOPE);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", LOOM_TYPE_JSON_RPC, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1,
                                         G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
loom_json_rpc_init (LoomJsonRpc *self)
{
  /* The key lives in the call. */
  self->calls = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                       (GDestroyNotify) call_free);
}

LoomJsonRpc *
loom_json_rpc_new (LoomChannel *channel, gsize max_message, guint max_depth)
{
  LoomJsonRpc *self = g_object_new (LOOM_TYPE_JSON_RPC, NULL);

  self->channel = g_object_ref (channel);
  self->framer = loom_framer_new (max_message, max_depth);
  g_signal_connect (channel, "received", G_CALLBACK (on_received), self);
  g_signal_connect (channel, "closed", G_CALLBACK (on_closed), self);
  return self;
}

static void
add_call (LoomJsonRpc *self, GTask *task, gint64 id, guint timeout_ms, GCancellable *cancellable)
{
  Call *call = g_new0 (Call, 1);

  call->rpc = self;
  call->id = id;
  call->task = g_object_ref (task);
  call->timeout = loom_awake_source_new (timeout_ms, on_call_timeout, call);
  g_source_attach (call->timeout, g_main_context_get_thread_default ());
  if (cancellable != NULL) {
    call->cancelled = g_cancellable_source_new (cancellable);
    g_source_set_callback (call->cancelled, G_SOURCE_FUNC (on_call_cancelled), call, NULL);
    g_source_attach (call->cancelled, g_main_context_get_thread_default ());
  }
  g_hash_table_insert (self->calls, &call->id, call);
}

void
loom_json_rpc_call_async (LoomJsonRpc *self, const char *method, JsonNode *params, guint timeout_ms,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  GError *error = NULL;
  gint64 id = ++self->last_id;

  g_task_set_source_tag (task, loom_json_rpc_call_async);
  g_task_set_task_data (task, g_strdup (method), g_free);
  json_builder_begin_object (builder);
  loom_json_put_int (builder, "id", id);
  loom_json_put_string (builder, "method", method);
  json_builder_set_member_name (builder, "params");
  json_builder_add_value (builder, params);
  json_builder_end_object (builder);
  if (g_hash_table_size (self->calls) >= MAX_CALLS)
    g_task_return_new_error (task, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_LIMIT,
                             "too many calls are waiting for answers");
  else if (!send_message (self, builder, &error))
    g_task_return_error (task, error);
  else
    add_call (self, task, id, timeout_ms, cancellable);
}

JsonNode *
loom_json_rpc_call_finish (LoomJsonRpc *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
loom_json_rpc_set_handler (LoomJsonRpc *self, LoomJsonRpcHandler handler, gpointer user_data)
{
  self->handler = handler;
  self->handler_data = user_data;
}

void
loom_json_rpc_answer (LoomJsonRpc *self, JsonNode *id, JsonNode *result, const char *error)
{
  if (loom_json_rpc_is_open (self))
    send_answer (self, id, result, error);
  else
    g_clear_pointer (&result, json_node_unref);
}

void
loom_json_rpc_notify (LoomJsonRpc *self, const char *method, JsonNode *params)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GError) error = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "id");
  json_builder_add_null_value (builder);
  loom_json_put_string (builder, "method", method);
  json_builder_set_member_name (builder, "params");
  json_builder_add_value (builder, params);
  json_builder_end_object (builder);
  if (loom_json_rpc_is_open (self) && !send_message (self, builder, &error))
    loom_channel_close (self->channel, error);
}

gsize
loom_json_rpc_get_n_queued (LoomJsonRpc *self)
{
  return self->channel != NULL ? loom_channel_get_n_queued (self->channel) : 0;
}

gboolean
loom_json_rpc_is_open (LoomJsonRpc *self)
{
  return self->channel != NULL && loom_channel_is_open (self->channel);
}

void
loom_json_rpc_close (LoomJsonRpc *self)
{
  if (self->channel != NULL)
    loom_channel_close (self->channel, NULL);
}
