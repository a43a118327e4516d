/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The steps of an update, in their order:
 *
 * database  compares and transacts, until the comparison finds nothing
 * applying  waits until vswitchd has done what the transaction says (cur_cfg reaches next_cfg)
 * rules     one bundle on the panel: a cable that moves is replaced at one instant
 * hubs      one bundle a hub whose ports changed
 * flush     switches whose cables changed forget the addresses they learned, as a real one does
 *           when a link goes down
 */

#include "backend/ovs/switch-sync.h"

#include <glib/gi18n-lib.h>

#include "backend/ovs/fabric-diff.h"
#include "backend/ovs/panel-rules.h"
#include "backend/proto/awake.h"
#include "backend/proto/json-rpc.h"

#define HUB_PRIORITY 100
#define MAX_ROUNDS 4
#define APPLY_TIMEOUT_S 120
#define FLUSH_TIMEOUT_MS 2000

typedef struct {
  LoomSwitchParts *parts;
  LoomSwitchInstalled *installed;
  char *folder;
  LoomFabric *wanted;
  guint n_rounds;
  gint64 wait_cfg; /* next_cfg that has to be exceeded before cur_cfg says anything */
  gulong changed_id;
  gulong closed_id;
  guint timeout_id;
  GHashTable *new_rules;
  GPtrArray *hubs;      /* of LoomFabricBridge (not owned), still to be done */
  GHashTable *flush;    /* keys of switches whose cables changed */
  LoomJsonRpc *control; /* vswitchd's control socket; or NULL */
  guint n_flushing;
} Sync;

static void compare (GTask *task);
static void next_hub (GTask *task);

static void
sync_free (Sync *sync)
{
  g_free (sync->folder);
  loom_fabric_unref (sync->wanted);
  g_clear_pointer (&sync->new_rules, g_hash_table_unref);
  g_clear_pointer (&sync->hubs, g_ptr_array_unref);
  g_clear_pointer (&sync->flush, g_hash_table_unref);
  if (sync->control != NULL)
    loom_json_rpc_close (sync->control);
  g_clear_object (&sync->control);
  g_free (sync);
}

static void
stop_waiting (Sync *sync)
{
  g_clear_handle_id (&sync->timeout_id, g_source_remove);
  g_clear_signal_handler (&sync->changed_id, sync->parts->ovsdb);
  g_clear_signal_handler (&sync->closed_id, sync->parts->ovsdb);
}

/* Takes @error. */
static void
fail (GTask *task, GError *error)
{
  stop_waiting (g_task_get_task_data (task));
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
succeed (GTask *task)
{
  Sync *sync = g_task_get_task_data (task);
  g_autofree char *errors = loom_fabric_observed_errors (
      loom_ovsdb_client_get_cache (sync->parts->ovsdb));

  if (errors != NULL)
    g_task_return_new_error (task, LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_REFUSED,
                             _ ("The switch could not make some ports: %s"), errors);
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
on_flush_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Sync *sync = g_task_get_task_data (task);
  g_autoptr (JsonNode) answer = NULL;

  /* Learned addresses age by themselves: a flush that fails is no failure. */
  answer = loom_json_rpc_call_finish (LOOM_JSON_RPC (source), result, NULL);
  if (--sync->n_flushing == 0)
    succeed (task);
}

static void
on_control_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Sync *sync = g_task_get_task_data (task);
  g_autoptr (LoomChannel) channel = loom_channel_connect_finish (result, NULL);
  GHashTableIter iter;
  gpointer key;

  if (channel == NULL) {
    succeed (task);
    return;
  }
  sync->control = loom_json_rpc_new (channel, 65536, 8);
  sync->n_flushing = g_hash_table_size (sync->flush);
  g_hash_table_iter_init (&iter, sync->flush);
  while (g_hash_table_iter_next (&iter, &key, NULL)) {
    JsonArray *params = json_array_new ();
    JsonNode *node = json_node_new (JSON_NODE_ARRAY);

    json_array_add_string_element (params, key);
    json_node_take_array (node, params);
    loom_json_rpc_call_async (sync->control, "fdb/flush", node, FLUSH_TIMEOUT_MS, NULL,
                              on_flush_ready, g_object_ref (task));
  }
}

static void
flush (GTask *task)
{
  Sync *sync = g_task_get_task_data (task);
  g_autofree char *path = loom_switch_path (sync->folder, "vswitchd.ctl");

  if (g_hash_table_size (sync->flush) == 0)
    succeed (task);
  else
    loom_channel_connect_async (path, 65536, NULL, on_control_ready, g_object_ref (task));
}

/* The port numbers of @hub's own side, ascending. */
static GArray *
list_hub_ports (Sync *sync, const LoomFabricBridge *hub)
{
  GArray *outputs = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GHashTable) ports = loom_fabric_observed_ports (
      loom_ovsdb_client_get_cache (sync->parts->ovsdb), hub->key);

  for (guint i = 0; i < hub->ports->len; i++) {
    const LoomFabricPort *port = hub->ports->pdata[i];
    g_autofree char *name = g_strconcat ("n-", port->key, NULL);
    guint32 number = GPOINTER_TO_UINT (g_hash_table_lookup (ports, name));

    if (number != 0)
      g_array_append_val (outputs, number);
  }
  return outputs;
}

static char *
ports_to_text (GArray *ports)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < ports->len; i++)
    g_string_append_printf (text, "%u ", g_array_index (ports, guint32, i));
  return g_string_free (text, FALSE);
}

static void
on_hub_committed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (LoomOpenFlowClient) client = LOOM_OPENFLOW_CLIENT (source);
  Sync *sync = g_task_get_task_data (task);
  const LoomFabricBridge *hub = sync->hubs->pdata[0];
  g_autoptr (GArray) outputs = list_hub_ports (sync, hub);
  GError *error = NULL;

  if (!loom_openflow_client_commit_finish (client, result, &error)) {
    loom_openflow_client_close (client);
    fail (task, error);
    return;
  }
  loom_openflow_client_close (client);
  g_hash_table_insert (sync->installed->hubs, g_strdup (hub->key), ports_to_text (outputs));
  g_ptr_array_remove_index (sync->hubs, 0);
  next_hub (task);
}

/* One rule that names every port: a frame never goes out of the port it came from (OpenFlow 1.3.5
 * section 7.2.5), and never to a port that is not the hub's. */
static void
on_hub_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Sync *sync = g_task_get_task_data (task);
  GError *error = NULL;
  LoomOpenFlowClient *client = loom_openflow_client_connect_finish (result, &error);
  g_autoptr (GArray) outputs = NULL;
  LoomOpenFlowBundle *bundle;

  if (client == NULL) {
    fail (task, error);
    return;
  }
  outputs = list_hub_ports (sync, sync->hubs->pdata[0]);
  bundle = loom_openflow_client_begin (client);
  loom_openflow_bundle_delete_all (bundle);
  loom_openflow_bundle_add_rule (bundle, &(LoomOpenFlowRule){.priority = HUB_PRIORITY,
                                                             .outputs = (guint32 *) outputs->data,
                                                             .n_outputs = outputs->len});
  /* The client's reference goes to the callback. */
  loom_openflow_client_commit_async (client, bundle, NULL, on_hub_committed, g_object_ref (task));
}

static void
next_hub (GTask *task)
{
  Sync *sync = g_task_get_task_data (task);

  while (sync->hubs->len > 0) {
    const LoomFabricBridge *hub = sync->hubs->pdata[0];
    g_autoptr (GArray) outputs = list_hub_ports (sync, hub);
    g_autofree char *text = ports_to_text (outputs);
    g_autofree char *file = g_strconcat (hub->key, ".mgmt", NULL);
    g_autofree char *path = loom_switch_path (sync->folder, file);

    if (g_strcmp0 (text, g_hash_table_lookup (sync->installed->hubs, hub->key)) != 0) {
      loom_openflow_client_connect_async (path, NULL, on_hub_ready, g_object_ref (task));
      return;
    }
    g_ptr_array_remove_index (sync->hubs, 0);
  }
  flush (task);
}

static void
enter_hubs (GTask *task)
{
  Sync *sync = g_task_get_task_data (task);
  g_autoptr (GHashTable) old = g_steal_pointer (&sync->installed->hubs);

  sync->installed->hubs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  sync->hubs = g_ptr_array_new ();
  for (guint i = 0; i < sync->wanted->bridges->len; i++) {
    LoomFabricBridge *bridge = sync->wanted->bridges->pdata[i];
    const char *text = g_hash_table_lookup (old, bridge->key);

    if (bridge->type != LOOM_BRIDGE_HUB)
      continue;
    g_ptr_array_add (sync->hubs, bridge);
    if (text != NULL)
      g_hash_table_insert (sync->installed->hubs, g_strdup (bridge->key), g_strdup (text));
  }
  next_hub (task);
}

static void
on_rules_committed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Sync *sync = g_task_get_task_data (task);
  GError *error = NULL;

  if (!loom_openflow_client_commit_finish (LOOM_OPENFLOW_CLIENT (source), result, &error)) {
    /* All or nothing, but after a lost connection nobody knows which. */
    g_clear_pointer (&sync->installed->rules, g_hash_table_unref);
    fail (task, error);
    return;
  }
  g_clear_pointer (&sync->installed->rules, g_hash_table_unref);
  sync->installed->rules = g_steal_pointer (&sync->new_rules);
  enter_hubs (task);
}

/* Panel port number -> key of the switch behind it. */
static GHashTable *
map_owners (Sync *sync)
{
  GHashTable *owners = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < sync->wanted->bridges->len; i++) {
    const LoomFabricBridge *bridge = sync->wanted->bridges->pdata[i];

    for (guint j = 0; bridge->type == LOOM_BRIDGE_SWITCH && j < bridge->ports->len; j++) {
      const LoomFabricPort *port = bridge->ports->pdata[j];

      g_hash_table_insert (owners, g_hash_table_lookup (sync->installed->ports, port->key),
                           bridge->key);
    }
  }
  return owners;
}

/* A switch whose port has another neighbour has to forget what it learned. */
static void
note_changed (Sync *sync, GHashTable *changed)
{
  g_autoptr (GHashTable) owners = map_owners (sync);
  GHashTableIter iter;
  gpointer number;

  g_hash_table_iter_init (&iter, changed);
  while (g_hash_table_iter_next (&iter, &number, NULL)) {
    const char *bridge = g_hash_table_lookup (owners, number);

    if (bridge != NULL)
      g_hash_table_add (sync->flush, (gpointer) bridge);
  }
}

static void
enter_rules (GTask *task)
{
  Sync *sync = g_task_get_task_data (task);
  LoomOvsdbCache *cache = loom_ovsdb_client_get_cache (sync->parts->ovsdb);
  g_autoptr (GHashTable) changed = g_hash_table_new (NULL, NULL);
  LoomOpenFlowBundle *bundle = loom_openflow_client_begin (sync->parts->panel);
  guint n_changes;

  g_clear_pointer (&sync->installed->ports, g_hash_table_unref);
  sync->installed->ports = loom_fabric_observed_ports (cache, LOOM_PANEL);
  sync->new_rules = loom_panel_rules_new (sync->wanted, sync->installed->ports);
  n_changes = loom_panel_rules_diff (sync->installed->rules, sync->new_rules, bundle, changed);
  note_changed (sync, changed);
  if (n_changes == 0) {
    loom_openflow_bundle_free (bundle);
    enter_hubs (task);
    return;
  }
  loom_openflow_client_commit_async (sync->parts->panel, bundle, NULL, on_rules_committed,
                                     g_object_ref (task));
}

static gboolean
is_applied (Sync *sync)
{
  JsonObject *root = loom_ovsdb_cache_get_single (loom_ovsdb_client_get_cache (sync->parts->ovsdb),
                                                  "Open_vSwitch");
  gint64 current = 0;
  gint64 next = 0;

  return loom_ovsdb_row_get_int (root, "cur_cfg", &current)
         && loom_ovsdb_row_get_int (root, "next_cfg", &next) && next > sync->wait_cfg
         && current >= next;
}

static void
on_changed (LoomOvsdbClient *ovsdb, GTask *task)
{
  Sync *sync = g_task_get_task_data (task);

  if (!is_applied (sync))
    return;
  stop_waiting (sync);
  compare (task);
}

static void
on_closed (LoomOvsdbClient *ovsdb, const GError *error, GTask *task)
{
  fail (task, g_error_copy (error));
}

static gboolean
on_apply_timeout (gpointer user_data)
{
  GTask *task = user_data;

  ((Sync *) g_task_get_task_data (task))->timeout_id = 0;
  fail (task,
        g_error_new (LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_PROTOCOL,
                     _ ("The switch did not carry out a change within %d s."), APPLY_TIMEOUT_S));
  return G_SOURCE_REMOVE;
}

static void
on_transact_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Sync *sync = g_task_get_task_data (task);
  GError *error = NULL;

  if (!loom_ovsdb_client_transact_finish (LOOM_OVSDB_CLIENT (source), result, &error)) {
    fail (task, error);
    return;
  }
  sync->timeout_id = loom_awake_timeout_add (APPLY_TIMEOUT_S, on_apply_timeout, task);
  sync->closed_id = g_signal_connect (sync->parts->ovsdb, "closed", G_CALLBACK (on_closed), task);
  sync->changed_id = g_signal_connect (sync->parts->ovsdb, "changed", G_CALLBACK (on_changed),
                                       task);
  on_changed (sync->parts->ovsdb, task);
}

static void
compare (GTask *task)
{
  Sync *sync = g_task_get_task_data (task);
  LoomOvsdbCache *cache = loom_ovsdb_client_get_cache (sync->parts->ovsdb);
  g_autoptr (GPtrArray) ops = loom_fabric_diff (sync->wanted, cache);

  if (ops->len == 0) {
    enter_rules (task);
    return;
  }
  if (++sync->n_rounds > MAX_ROUNDS) {
    g_autofree char *op = loom_fabric_op_to_string (ops->pdata[0]);

    fail (task, g_error_new (LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_PROTOCOL,
                             "the switch's database does not keep a change: %s", op));
    return;
  }
  loom_ovsdb_row_get_int (loom_ovsdb_cache_get_single (cache, "Open_vSwitch"), "next_cfg",
                          &sync->wait_cfg);
  loom_ovsdb_client_transact_async (
      sync->parts->ovsdb, loom_fabric_ops_to_transaction (ops, cache, loom_switch_datapath_type ()),
      NULL, on_transact_ready, g_object_ref (task));
}

LoomSwitchInstalled *
loom_switch_installed_new (void)
{
  LoomSwitchInstalled *installed = g_new0 (LoomSwitchInstalled, 1);

  installed->hubs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  installed->ports = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return installed;
}

void
loom_switch_installed_free (LoomSwitchInstalled *installed)
{
  if (installed == NULL)
    return;
  g_clear_pointer (&installed->rules, g_hash_table_unref);
  g_hash_table_unref (installed->hubs);
  g_hash_table_unref (installed->ports);
  g_free (installed);
}

void
loom_switch_sync_async (LoomSwitchParts *parts, LoomSwitchInstalled *installed, const char *folder,
                        LoomFabric *wanted, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  Sync *sync = g_new0 (Sync, 1);

  g_task_set_source_tag (task, loom_switch_sync_async);
  g_task_set_task_data (task, sync, (GDestroyNotify) sync_free);
  sync->parts = parts;
  sync->installed = installed;
  sync->folder = g_strdup (folder);
  sync->wanted = loom_fabric_ref (wanted);
  sync->flush = g_hash_table_new (g_str_hash, g_str_equal);
  compare (task);
}

gboolean
loom_switch_sync_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
