/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Operations on the fabric as operations on the database (RFC 7047 section 5.2). New rows are named
 * inside the transaction ("named-uuid"), because their UUIDs come with its answer. Rows that
 * nothing refers to any more (ports, interfaces) are collected by the server. */

#include "backend/ovs/fabric-diff.h"
#include "backend/proto/json.h"

#include <string.h>

/* A named UUID is an identifier: "p_" and the name, with '_' for what is not allowed in it. Keys
 * have no '_' of their own; '.' and '-' are kept apart, so that two names never meet. */
static char *
dup_row_name (const char *prefix, const char *name)
{
  g_autoptr (GString) text = g_string_new (prefix);

  for (const char *c = name; *c != '\0'; c++) {
    if (g_ascii_isalnum (*c))
      g_string_append_c (text, *c);
    else
      g_string_append (text, *c == '.' ? "_" : "__");
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* ["kind", "id"] */
static void
add_reference (JsonBuilder *builder, const char *kind, const char *id)
{
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, kind);
  json_builder_add_string_value (builder, id);
  json_builder_end_array (builder);
}

/* name: ["map", [[key, value]]] */
static void
add_map (JsonBuilder *builder, const char *name, const char *key, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, "map");
  json_builder_begin_array (builder);
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, key);
  json_builder_add_string_value (builder, value);
  json_builder_end_array (builder);
  json_builder_end_array (builder);
  json_builder_end_array (builder);
}

/* name: ["set", [integers]] */
static void
add_ints (JsonBuilder *builder, const char *name, const int *values, guint n_values)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, "set");
  json_builder_begin_array (builder);
  for (guint i = 0; i < n_values; i++)
    json_builder_add_int_value (builder, values[i]);
  json_builder_end_array (builder);
  json_builder_end_array (builder);
}

static void
begin_op (JsonBuilder *builder, const char *op, const char *table)
{
  json_builder_begin_object (builder);
  loom_json_put_string (builder, "op", op);
  loom_json_put_string (builder, "table", table);
}

/* "where": [["_uuid", "==", [kind, id]]], or all rows with @id NULL. */
static void
add_where (JsonBuilder *builder, const char *kind, const char *id)
{
  json_builder_set_member_name (builder, "where");
  json_builder_begin_array (builder);
  if (id != NULL) {
    json_builder_begin_array (builder);
    json_builder_add_string_value (builder, "_uuid");
    json_builder_add_string_value (builder, "==");
    add_reference (builder, kind, id);
    json_builder_end_array (builder);
  }
  json_builder_end_array (builder);
}

/* "mutations": [[column, mutator, [kind, id]]] */
static void
add_mutation (JsonBuilder *builder, const char *column, const char *mutator, const char *kind,
              const char *id)
{
  json_builder_set_member_name (builder, "mutations");
  json_builder_begin_array (builder);
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, column);
  json_builder_add_string_value (builder, mutator);
  add_reference (builder, kind, id);
  json_builder_end_array (builder);
  json_builder_end_array (builder);
}

static void
add_vlan_columns (JsonBuilder *builder, const LoomFabricOp *op)
{
  gboolean access = op->vlan == LOOM_FABRIC_VLAN_ACCESS;
  gboolean trunk = op->vlan == LOOM_FABRIC_VLAN_TRUNK;

  add_ints (builder, "tag", &op->tag, access ? 1 : 0);
  add_ints (builder, "trunks", trunk && op->trunks != NULL ? (int *) op->trunks->data : NULL,
            trunk && op->trunks != NULL ? op->trunks->len : 0);
  if (access || trunk)
    loom_json_put_string (builder, "vlan_mode", access ? "access" : "trunk");
  else
    add_ints (builder, "vlan_mode", NULL, 0);
}

static void
add_bridge (JsonBuilder *builder, const LoomFabricOp *op, const char *datapath_type)
{
  g_autofree char *row_name = dup_row_name ("b_", op->bridge);

  begin_op (builder, "insert", "Bridge");
  loom_json_put_string (builder, "uuid-name", row_name);
  json_builder_set_member_name (builder, "row");
  json_builder_begin_object (builder);
  loom_json_put_string (builder, "name", op->bridge);
  loom_json_put_string (builder, "datapath_type", datapath_type);
  /* A switch learns by itself; panel and hub do what rules say and nothing until then. */
  loom_json_put_string (builder, "fail_mode",
                        g_str_equal (op->target, "switch") ? "standalone" : "secure");
  add_map (builder, "external_ids", "lanloom-type", op->target);
  json_builder_end_object (builder);
  json_builder_end_object (builder);

  begin_op (builder, "mutate", "Open_vSwitch");
  add_where (builder, NULL, NULL);
  add_mutation (builder, "bridges", "insert", "named-uuid", row_name);
  json_builder_end_object (builder);
}

static void
delete_bridge (JsonBuilder *builder, const LoomFabricOp *op)
{
  begin_op (builder, "mutate", "Open_vSwitch");
  add_where (builder, NULL, NULL);
  add_mutation (builder, "bridges", "delete", "uuid", op->uuid);
  json_builder_end_object (builder);
}

static void
insert_interface (JsonBuilder *builder, const LoomFabricOp *op, const char *row_name)
{
  static const struct {
    const char *type;
    const char *option;
  } KINDS[] = {
      [LOOM_FABRIC_ADD_POOL] = {"dpdk", "dpdk-devargs"},
      [LOOM_FABRIC_ADD_NIC] = {"dpdkvhostuserclient", "vhost-server-path"},
      [LOOM_FABRIC_ADD_PATCH] = {"patch", "peer"},
  };

  begin_op (builder, "insert", "Interface");
  loom_json_put_string (builder, "uuid-name", row_name);
  json_builder_set_member_name (builder, "row");
  json_builder_begin_object (builder);
  loom_json_put_string (builder, "name", op->port);
  loom_json_put_string (builder, "type", KINDS[op->type].type);
  add_map (builder, "options", KINDS[op->type].option, op->target);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

/* Points at bridge @name: its row's UUID, or the name it has inside this transaction. */
static char *
dup_bridge_reference (LoomOvsdbCache *observed, const char *name, const char **ret_kind)
{
  const char *uuid = NULL;

  if (loom_ovsdb_cache_find (observed, "Bridge", name, &uuid) != NULL) {
    *ret_kind = "uuid";
    return g_strdup (uuid);
  }
  *ret_kind = "named-uuid";
  return dup_row_name ("b_", name);
}

static void
add_port (JsonBuilder *builder, const LoomFabricOp *op, LoomOvsdbCache *observed)
{
  g_autofree char *interface_name = dup_row_name ("i_", op->port);
  g_autofree char *port_name = dup_row_name ("p_", op->port);
  const char *bridge_kind;
  g_autofree char *bridge = dup_bridge_reference (observed, op->bridge, &bridge_kind);

  insert_interface (builder, op, interface_name);
  begin_op (builder, "insert", "Port");
  loom_json_put_string (builder, "uuid-name", port_name);
  json_builder_set_member_name (builder, "row");
  json_builder_begin_object (builder);
  loom_json_put_string (builder, "name", op->port);
  json_builder_set_member_name (builder, "interfaces");
  add_reference (builder, "named-uuid", interface_name);
  add_vlan_columns (builder, op);
  json_builder_end_object (builder);
  json_builder_end_object (builder);

  begin_op (builder, "mutate", "Bridge");
  add_where (builder, bridge_kind, bridge);
  add_mutation (builder, "ports", "insert", "named-uuid", port_name);
  json_builder_end_object (builder);
}

static void
delete_port (JsonBuilder *builder, const LoomFabricOp *op, LoomOvsdbCache *observed)
{
  const char *kind;
  g_autofree char *bridge = dup_bridge_reference (observed, op->bridge, &kind);

  begin_op (builder, "mutate", "Bridge");
  add_where (builder, kind, bridge);
  add_mutation (builder, "ports", "delete", "uuid", op->uuid);
  json_builder_end_object (builder);
}

static void
set_port_vlan (JsonBuilder *builder, const LoomFabricOp *op)
{
  begin_op (builder, "update", "Port");
  add_where (builder, "uuid", op->uuid);
  json_builder_set_member_name (builder, "row");
  json_builder_begin_object (builder);
  add_vlan_columns (builder, op);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

/* vswitchd copies next_cfg to cur_cfg when it has done everything up to here. */
static void
raise_next_cfg (JsonBuilder *builder)
{
  begin_op (builder, "mutate", "Open_vSwitch");
  add_where (builder, NULL, NULL);
  json_builder_set_member_name (builder, "mutations");
  json_builder_begin_array (builder);
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, "next_cfg");
  json_builder_add_string_value (builder, "+=");
  json_builder_add_int_value (builder, 1);
  json_builder_end_array (builder);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

JsonArray *
loom_fabric_ops_to_transaction (GPtrArray *ops, LoomOvsdbCache *observed, const char *datapath_type)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_array (builder);
  for (guint i = 0; i < ops->len; i++) {
    const LoomFabricOp *op = ops->pdata[i];

    switch (op->type) {
    case LOOM_FABRIC_ADD_BRIDGE:
      add_bridge (builder, op, datapath_type);
      break;
    case LOOM_FABRIC_DELETE_BRIDGE:
      delete_bridge (builder, op);
      break;
    case LOOM_FABRIC_ADD_POOL:
    case LOOM_FABRIC_ADD_NIC:
    case LOOM_FABRIC_ADD_PATCH:
      add_port (builder, op, observed);
      break;
    case LOOM_FABRIC_DELETE_PORT:
      delete_port (builder, op, observed);
      break;
    case LOOM_FABRIC_SET_VLAN:
      set_port_vlan (builder, op);
      break;
    }
  }
  raise_next_cfg (builder);
  json_builder_end_array (builder);
  root = json_builder_get_root (builder);
  return json_array_ref (json_node_get_array (root));
}
