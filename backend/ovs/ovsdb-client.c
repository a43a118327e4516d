/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The monitor watches only the columns named in MONITORED; statistics and status, which change all
 * the time, are not among them. */

#include "backend/ovs/ovsdb-client.h"

#include "backend/ovs/switch.h"
#include "backend/proto/json-rpc.h"

#define DATABASE "Open_vSwitch"
#define MAX_QUEUE_BYTES (64 * 1024 * 1024)
#define MAX_MESSAGE_BYTES (64 * 1024 * 1024)
#define MAX_DEPTH 32
#define CALL_TIMEOUT_MS 30000

static const struct {
  const char *table;
  const char *columns[12];
} MONITORED[] = {
    {"Open_vSwitch", {"bridges", "cur_cfg", "next_cfg", "dpdk_initialized", "external_ids"}},
    {"Bridge", {"name", "ports", "external_ids"}},
    {"Port", {"name", "interfaces", "tag", "trunks", "vlan_mode", "external_ids"}},
    {"Interface", {"name", "type", "options", "ofport", "error", "external_ids"}},
};

struct _LoomOvsdbClient {
  GObject parent_instance;

  LoomJsonRpc *rpc;
  LoomOvsdbCache *cache;
};

G_DEFINE_FINAL_TYPE (LoomOvsdbClient, loom_ovsdb_client, G_TYPE_OBJECT)

enum {
  SIGNAL_CHANGED,
  SIGNAL_CLOSED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* "update": [<json-value>, <table-updates>] */
static void
on_notification (LoomJsonRpc *rpc, const char *method, JsonArray *params, LoomOvsdbClient *self)
{
  g_autoptr (GError) error = NULL;

  if (!g_str_equal (method, "update") || json_array_get_length (params) != 2)
    return;
  if (!loom_ovsdb_cache_update (self->cache, json_array_get_element (params, 1), &error)) {
    loom_json_rpc_close (rpc);
    return;
  }
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
on_closed (LoomJsonRpc *rpc, const GError *error, LoomOvsdbClient *self)
{
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, error);
}

static void
loom_ovsdb_client_dispose (GObject *object)
{
  LoomOvsdbClient *self = LOOM_OVSDB_CLIENT (object);

  if (self->rpc != NULL) {
    g_signal_handlers_disconnect_by_data (self->rpc, self);
    loom_json_rpc_close (self->rpc);
    g_clear_object (&self->rpc);
  }
  G_OBJECT_CLASS (loom_ovsdb_client_parent_class)->dispose (object);
}

static void
loom_ovsdb_client_finalize (GObject *object)
{
  loom_ovsdb_cache_free (LOOM_OVSDB_CLIENT (object)->cache);
  G_OBJECT_CLASS (loom_ovsdb_client_parent_class)->finalize (object);
}

static void
loom_ovsdb_client_class_init (LoomOvsdbClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = loom_ovsdb_client_dispose;
  object_class->finalize = loom_ovsdb_client_finalize;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", LOOM_TYPE_OVSDB_CLIENT, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", LOOM_TYPE_OVSDB_CLIENT, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1,
                                         G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
loom_ovsdb_client_init (LoomOvsdbClient *self)
{
  self->cache = loom_ovsdb_cache_new ();
}

/* ["Open_vSwitch", null, {table: {"columns": […]}}] */
static JsonNode *
build_monitor_params (void)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, DATABASE);
  json_builder_add_null_value (builder);
  json_builder_begin_object (builder);
  for (guint i = 0; i < G_N_ELEMENTS (MONITORED); i++) {
    json_builder_set_member_name (builder, MONITORED[i].table);
    json_builder_begin_object (builder);
    json_builder_set_member_name (builder, "columns");
    json_builder_begin_array (builder);
    for (guint j = 0; MONITORED[i].columns[j] != NULL; j++)
      json_builder_add_string_value (builder, MONITORED[i].columns[j]);
    json_builder_end_array (builder);
    json_builder_end_object (builder);
  }
  json_builder_end_object (builder);
  json_builder_end_array (builder);
  return json_builder_get_root (builder);
}

static void
on_monitor_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LoomOvsdbClient *self = g_task_get_task_data (task);
  g_autoptr (JsonNode) updates = NULL;
  GError *error = NULL;

  updates = loom_json_rpc_call_finish (LOOM_JSON_RPC (source), result, &error);
  if (updates == NULL || !loom_ovsdb_cache_update (self->cache, updates, &error))
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_object_ref (self), g_object_unref);
}

static void
on_channel_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (LoomOvsdbClient) self = g_object_new (LOOM_TYPE_OVSDB_CLIENT, NULL);
  g_autoptr (LoomChannel) channel = NULL;
  GError *error = NULL;

  channel = loom_channel_connect_finish (result, &error);
  if (channel == NULL) {
    g_task_return_error (task, error);
    return;
  }
  self->rpc = loom_json_rpc_new (channel, MAX_MESSAGE_BYTES, MAX_DEPTH);
  g_signal_connect (self->rpc, "notification", G_CALLBACK (on_notification), self);
  g_signal_connect (self->rpc, "closed", G_CALLBACK (on_closed), self);
  g_task_set_task_data (task, g_object_ref (self), g_object_unref);
  loom_json_rpc_call_async (self->rpc, "monitor", build_monitor_params (), CALL_TIMEOUT_MS,
                            g_task_get_cancellable (task), on_monitor_ready, g_object_ref (task));
}

void
loom_ovsdb_client_connect_async (const char *path, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, loom_ovsdb_client_connect_async);
  loom_channel_connect_async (path, MAX_QUEUE_BYTES, cancellable, on_channel_ready, task);
}

LoomOvsdbClient *
loom_ovsdb_client_connect_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

LoomOvsdbCache *
loom_ovsdb_client_get_cache (LoomOvsdbClient *self)
{
  return self->cache;
}

gboolean
loom_ovsdb_check_transact_result (JsonNode *result, GError **error)
{
  JsonArray *results = loom_json_node_array (result);

  if (results == NULL) {
    g_set_error_literal (error, LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_PROTOCOL,
                         "the switch's database answered nonsense");
    return FALSE;
  }
  for (guint i = 0; i < json_array_get_length (results); i++) {
    JsonObject *object = loom_json_node_object (json_array_get_element (results, i));
    const char *code = loom_json_get_string (object, "error");
    const char *details = loom_json_get_string (object, "details");

    if (code == NULL)
      continue;
    g_set_error (error, LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_REFUSED,
                 "the switch's database refused a change: %.200s (%.1000s)", code,
                 details != NULL ? details : "");
    return FALSE;
  }
  return TRUE;
}

static void
on_transact_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (JsonNode) answer = NULL;
  GError *error = NULL;

  answer = loom_json_rpc_call_finish (LOOM_JSON_RPC (source), result, &error);
  if (answer == NULL || !loom_ovsdb_check_transact_result (answer, &error))
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

void
loom_ovsdb_client_transact_async (LoomOvsdbClient *self, JsonArray *operations,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (JsonArray) params = json_array_new ();
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  g_task_set_source_tag (task, loom_ovsdb_client_transact_async);
  json_array_add_string_element (params, DATABASE);
  for (guint i = 0; i < json_array_get_length (operations); i++)
    json_array_add_element (params, json_array_dup_element (operations, i));
  json_array_unref (operations);
  json_node_set_array (node, params);
  loom_json_rpc_call_async (self->rpc, "transact", node, CALL_TIMEOUT_MS, cancellable,
                            on_transact_ready, task);
}

gboolean
loom_ovsdb_client_transact_finish (LoomOvsdbClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_echo_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (JsonNode) answer = NULL;
  GError *error = NULL;

  answer = loom_json_rpc_call_finish (LOOM_JSON_RPC (source), result, &error);
  if (answer == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

void
loom_ovsdb_client_echo_async (LoomOvsdbClient *self, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  JsonNode *params = json_node_new (JSON_NODE_ARRAY);

  g_task_set_source_tag (task, loom_ovsdb_client_echo_async);
  json_node_take_array (params, json_array_new ());
  loom_json_rpc_call_async (self->rpc, "echo", params, CALL_TIMEOUT_MS, cancellable, on_echo_ready,
                            task);
}

gboolean
loom_ovsdb_client_echo_finish (LoomOvsdbClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
loom_ovsdb_client_is_open (LoomOvsdbClient *self)
{
  return self->rpc != NULL && loom_json_rpc_is_open (self->rpc);
}

void
loom_ovsdb_client_close (LoomOvsdbClient *self)
{
  if (self->rpc != NULL)
    loom_json_rpc_close (self->rpc);
}
