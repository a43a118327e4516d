/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Both sides are first brought into one shape, bridge name and port name to what is there, so that
 * comparing is looking up. */

#include "backend/ovs/fabric-diff.h"

#include <string.h>

#define TYPE_KEY "lanloom-type"
#define NIC_TYPE "dpdkvhostuserclient"
#define MAX_REFUSAL_BYTES 400
#define POOL_DEVICE "net_null0,no-rx=1"
#define MAX_ERRORS_SHOWN 4

/* A port as wanted; strings belong to the fabric or to @name. */
typedef struct {
  char *name;
  const char *bridge;
  const char *socket_path;    /* of a NIC; else NULL */
  char *peer;                 /* of a patch port; else NULL */
  const LoomFabricPort *vlan; /* whose VLAN settings it carries; or NULL */
} WantedPort;

static void
wanted_port_free (WantedPort *port)
{
  g_free (port->name);
  g_free (port->peer);
  g_free (port);
}

static void
op_free (LoomFabricOp *op)
{
  g_free (op->bridge);
  g_free (op->port);
  g_free (op->target);
  g_free (op->uuid);
  g_clear_pointer (&op->trunks, g_array_unref);
  g_free (op);
}

static void
add_wanted (GPtrArray *wanted, GHashTable *by_name, WantedPort port)
{
  WantedPort *copy = g_memdup2 (&port, sizeof port);

  g_ptr_array_add (wanted, copy);
  g_hash_table_insert (by_name, copy->name, copy);
}

/* All ports of @fabric, in its order; @by_name finds them. */
static GPtrArray *
list_wanted (const LoomFabric *fabric, GHashTable *by_name)
{
  GPtrArray *wanted = g_ptr_array_new_with_free_func ((GDestroyNotify) wanted_port_free);

  for (guint i = 0; fabric != NULL && i < fabric->nics->len; i++) {
    const LoomFabricNic *nic = fabric->nics->pdata[i];

    add_wanted (wanted, by_name,
                (WantedPort){.name = g_strdup (nic->key),
                             .bridge = LOOM_PANEL,
                             .socket_path = nic->socket_path});
  }
  for (guint i = 0; fabric != NULL && i < fabric->bridges->len; i++) {
    const LoomFabricBridge *bridge = fabric->bridges->pdata[i];

    for (guint j = 0; j < bridge->ports->len; j++) {
      const LoomFabricPort *port = bridge->ports->pdata[j];
      g_autofree char *inner = g_strconcat ("n-", port->key, NULL);

      add_wanted (wanted, by_name,
                  (WantedPort){.name = g_strdup (port->key),
                               .bridge = LOOM_PANEL,
                               .peer = g_strdup (inner)});
      add_wanted (wanted, by_name,
                  (WantedPort){.name = g_strdup (inner),
                               .bridge = bridge->key,
                               .peer = g_strdup (port->key),
                               .vlan = port});
    }
  }
  return wanted;
}

static LoomFabricOp *
add_op (GPtrArray *ops, LoomFabricOpType type, const char *bridge, const char *port,
        const char *target, const char *uuid)
{
  LoomFabricOp *op = g_new0 (LoomFabricOp, 1);

  op->type = type;
  op->bridge = g_strdup (bridge);
  op->port = g_strdup (port);
  op->target = g_strdup (target);
  op->uuid = g_strdup (uuid);
  g_ptr_array_add (ops, op);
  return op;
}

static void
set_vlan (LoomFabricOp *op, const LoomFabricPort *port)
{
  if (port == NULL)
    return;
  op->vlan = port->vlan;
  op->tag = port->tag;
  if (port->trunks != NULL)
    op->trunks = g_array_ref (port->trunks);
}

static gboolean
ints_equal (const GArray *a, const GArray *b)
{
  guint n_a = a != NULL ? a->len : 0;
  guint n_b = b != NULL ? b->len : 0;

  return n_a == n_b && (n_a == 0 || memcmp (a->data, b->data, n_a * sizeof (int)) == 0);
}

static gboolean
vlan_matches (const LoomFabricPort *port, JsonObject *row)
{
  g_autoptr (GArray) trunks = loom_ovsdb_row_get_ints (row, "trunks");
  const char *mode = loom_ovsdb_row_get_string (row, "vlan_mode");
  gint64 tag = 0;

  loom_ovsdb_row_get_int (row, "tag", &tag);
  if (port == NULL)
    return TRUE;
  switch (port->vlan) {
  case LOOM_FABRIC_VLAN_ACCESS:
    return tag == port->tag && g_strcmp0 (mode, "access") == 0;
  case LOOM_FABRIC_VLAN_TRUNK:
    return tag == 0 && g_strcmp0 (mode, "trunk") == 0 && ints_equal (port->trunks, trunks);
  case LOOM_FABRIC_VLAN_NONE:
  default:
    return tag == 0 && mode == NULL && trunks->len == 0;
  }
}

/* Whether the port that is there can stay. */
static gboolean
port_matches (const WantedPort *wanted, LoomOvsdbCache *observed, JsonObject *row)
{
  g_autoptr (GPtrArray) interfaces = loom_ovsdb_row_get_uuids (row, "interfaces");
  JsonObject *interface;
  const char *type;

  if (interfaces->len != 1)
    return FALSE;
  interface = loom_ovsdb_cache_get_row (observed, "Interface", interfaces->pdata[0]);
  type = loom_ovsdb_row_get_string (interface, "type");
  if (wanted->socket_path != NULL)
    return g_strcmp0 (type, NIC_TYPE) == 0
           && g_strcmp0 (loom_ovsdb_row_get_map (interface, "options", "vhost-server-path"),
                         wanted->socket_path)
                  == 0;
  return g_strcmp0 (type, "patch") == 0
         && g_strcmp0 (loom_ovsdb_row_get_map (interface, "options", "peer"), wanted->peer) == 0;
}

/* Deletes what a bridge has and should not; notes in @seen what is there by name. */
static void
diff_observed_ports (GPtrArray *ops, LoomOvsdbCache *observed, const char *bridge, JsonObject *row,
                     GHashTable *by_name, GHashTable *seen)
{
  g_autoptr (GPtrArray) uuids = loom_ovsdb_row_get_uuids (row, "ports");

  for (guint i = 0; i < uuids->len; i++) {
    JsonObject *port = loom_ovsdb_cache_get_row (observed, "Port", uuids->pdata[i]);
    const char *name = loom_ovsdb_row_get_string (port, "name");
    const WantedPort *wanted;

    if (name == NULL || g_str_equal (name, LOOM_POOL))
      continue;
    wanted = g_hash_table_lookup (by_name, name);
    g_hash_table_add (seen, g_strdup (name));
    if (wanted == NULL || !g_str_equal (wanted->bridge, bridge)
        || !port_matches (wanted, observed, port))
      add_op (ops, LOOM_FABRIC_DELETE_PORT, bridge, name, NULL, uuids->pdata[i]);
    else if (!vlan_matches (wanted->vlan, port))
      set_vlan (add_op (ops, LOOM_FABRIC_SET_VLAN, bridge, name, NULL, uuids->pdata[i]),
                wanted->vlan);
  }
}

/* Deletes the bridge when it should not be there (or not so); notes in @seen what is there. */
static gboolean
diff_observed_bridge (GPtrArray *ops, const char *name, const char *uuid, JsonObject *row,
                      GHashTable *bridges, GHashTable *seen)
{
  const char *wanted = g_hash_table_lookup (bridges, name);
  const char *type = loom_ovsdb_row_get_map (row, "external_ids", TYPE_KEY);

  g_hash_table_add (seen, g_strconcat ("bridge ", name, NULL));
  if (wanted != NULL && g_strcmp0 (wanted, type) == 0)
    return TRUE;
  add_op (ops, LOOM_FABRIC_DELETE_BRIDGE, name, NULL, NULL, uuid);
  return FALSE;
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Names of the bridges that are there, sorted, so that the outcome is the same every time. */
static GPtrArray *
list_observed_bridges (LoomOvsdbCache *observed)
{
  GPtrArray *names = g_ptr_array_new ();
  GHashTable *rows = loom_ovsdb_cache_get_table (observed, "Bridge");
  GHashTableIter iter;
  gpointer row;

  if (rows == NULL)
    return names;
  g_hash_table_iter_init (&iter, rows);
  while (g_hash_table_iter_next (&iter, NULL, &row)) {
    const char *name = loom_ovsdb_row_get_string (row, "name");

    if (name != NULL)
      g_ptr_array_add (names, (gpointer) name);
  }
  g_ptr_array_sort (names, compare_strings);
  return names;
}

static void
diff_observed (GPtrArray *ops, LoomOvsdbCache *observed, GHashTable *bridges, GHashTable *by_name,
               GHashTable *seen)
{
  g_autoptr (GPtrArray) names = list_observed_bridges (observed);

  for (guint i = 0; i < names->len; i++) {
    const char *name = names->pdata[i];
    const char *uuid = NULL;
    JsonObject *row = loom_ovsdb_cache_find (observed, "Bridge", name, &uuid);
    g_autoptr (GHashTable) none = g_hash_table_new (g_str_hash, g_str_equal);
    g_autoptr (GPtrArray) gone = g_ptr_array_new_with_free_func ((GDestroyNotify) op_free);

    if (diff_observed_bridge (ops, name, uuid, row, bridges, seen))
      diff_observed_ports (ops, observed, name, row, by_name, seen);
    else /* its ports go with it; only their names are taken until then */
      diff_observed_ports (gone, observed, name, row, none, seen);
  }
}

static void
add_missing_bridge (GPtrArray *ops, GHashTable *seen, const char *name, const char *type)
{
  g_autofree char *key = g_strconcat ("bridge ", name, NULL);

  if (!g_hash_table_contains (seen, key))
    add_op (ops, LOOM_FABRIC_ADD_BRIDGE, name, NULL, type, NULL);
}

static void
add_missing_port (GPtrArray *ops, GHashTable *seen, const WantedPort *port)
{
  if (g_hash_table_contains (seen, port->name))
    return;
  if (port->socket_path != NULL)
    add_op (ops, LOOM_FABRIC_ADD_NIC, port->bridge, port->name, port->socket_path, NULL);
  else
    set_vlan (add_op (ops, LOOM_FABRIC_ADD_PATCH, port->bridge, port->name, port->peer, NULL),
              port->vlan);
}

GPtrArray *
loom_fabric_diff (const LoomFabric *wanted, LoomOvsdbCache *observed)
{
  GPtrArray *ops = g_ptr_array_new_with_free_func ((GDestroyNotify) op_free);
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) bridges = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) ports = list_wanted (wanted, by_name);
  guint n_bridges = wanted != NULL ? wanted->bridges->len : 0;

  g_hash_table_insert (bridges, (gpointer) LOOM_PANEL, (gpointer) LOOM_PANEL);
  for (guint i = 0; i < n_bridges; i++) {
    const LoomFabricBridge *bridge = wanted->bridges->pdata[i];

    g_hash_table_insert (bridges, bridge->key,
                         (gpointer) (bridge->type == LOOM_BRIDGE_HUB ? "hub" : "switch"));
  }
  diff_observed (ops, observed, bridges, by_name, seen);
  add_missing_bridge (ops, seen, LOOM_PANEL, LOOM_PANEL);
  for (guint i = 0; i < n_bridges; i++) {
    const LoomFabricBridge *bridge = wanted->bridges->pdata[i];

    add_missing_bridge (ops, seen, bridge->key, g_hash_table_lookup (bridges, bridge->key));
  }
  for (guint i = 0; i < ports->len; i++)
    add_missing_port (ops, seen, ports->pdata[i]);
  return ops;
}

void
loom_fabric_add_pool (GPtrArray *ops)
{
  add_op (ops, LOOM_FABRIC_ADD_POOL, LOOM_PANEL, LOOM_POOL, POOL_DEVICE, NULL);
}

static void
append_vlan (GString *text, const LoomFabricOp *op)
{
  if (op->vlan == LOOM_FABRIC_VLAN_ACCESS)
    g_string_append_printf (text, " access %d", op->tag);
  if (op->vlan == LOOM_FABRIC_VLAN_TRUNK)
    g_string_append (text, " trunk");
  for (guint i = 0; op->trunks != NULL && i < op->trunks->len; i++)
    g_string_append_printf (text, "%s%d", i == 0 ? " " : ",", g_array_index (op->trunks, int, i));
}

char *
loom_fabric_op_to_string (const LoomFabricOp *op)
{
  GString *text = g_string_new (NULL);

  switch (op->type) {
  case LOOM_FABRIC_ADD_BRIDGE:
    g_string_append_printf (text, "add-bridge %s as %s", op->bridge, op->target);
    break;
  case LOOM_FABRIC_DELETE_BRIDGE:
    g_string_append_printf (text, "delete-bridge %s", op->bridge);
    break;
  case LOOM_FABRIC_ADD_POOL:
    g_string_append_printf (text, "add-pool %s on %s to %s", op->port, op->bridge, op->target);
    break;
  case LOOM_FABRIC_ADD_NIC:
    g_string_append_printf (text, "add-nic %s on %s to %s", op->port, op->bridge, op->target);
    break;
  case LOOM_FABRIC_ADD_PATCH:
    g_string_append_printf (text, "add-patch %s on %s to %s", op->port, op->bridge, op->target);
    break;
  case LOOM_FABRIC_DELETE_PORT:
    g_string_append_printf (text, "delete-port %s on %s", op->port, op->bridge);
    break;
  case LOOM_FABRIC_SET_VLAN:
    g_string_append_printf (text, "set-vlan %s on %s", op->port, op->bridge);
    break;
  }
  append_vlan (text, op);
  return g_string_free (text, FALSE);
}

GHashTable *
loom_fabric_observed_ports (LoomOvsdbCache *observed, const char *bridge)
{
  GHashTable *numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  JsonObject *row = loom_ovsdb_cache_find (observed, "Bridge", bridge, NULL);
  g_autoptr (GPtrArray) ports = loom_ovsdb_row_get_uuids (row, "ports");

  for (guint i = 0; i < ports->len; i++) {
    JsonObject *port = loom_ovsdb_cache_get_row (observed, "Port", ports->pdata[i]);
    const char *name = loom_ovsdb_row_get_string (port, "name");
    g_autoptr (GPtrArray) interfaces = loom_ovsdb_row_get_uuids (port, "interfaces");
    gint64 number;

    if (name == NULL || g_str_equal (name, LOOM_POOL) || interfaces->len != 1)
      continue;
    if (loom_ovsdb_row_get_int (
            loom_ovsdb_cache_get_row (observed, "Interface", interfaces->pdata[0]), "ofport",
            &number)
        && number > 0 && number < 0xff00)
      g_hash_table_insert (numbers, g_strdup (name), GUINT_TO_POINTER ((guint) number));
  }
  return numbers;
}

static gboolean
has_number (JsonObject *interface)
{
  gint64 number;

  return loom_ovsdb_row_get_int (interface, "ofport", &number) && number > 0;
}

/* (nullable): what the switch says is wrong with @interface. Of a joint between two bridges one of
 * which was made anew it says that the other half is missing, and may never take it back: it looks
 * again when a carrier changes. A joint whose halves are both there, and mean each other, is whole.
 */
static const char *
get_error (LoomOvsdbCache *observed, JsonObject *interface)
{
  const char *error = loom_ovsdb_row_get_string (interface, "error");
  const char *peer = loom_ovsdb_row_get_map (interface, "options", "peer");
  JsonObject *other;

  if (error == NULL || peer == NULL
      || g_strcmp0 (loom_ovsdb_row_get_string (interface, "type"), "patch") != 0)
    return error;
  other = loom_ovsdb_cache_find (observed, "Interface", peer, NULL);
  if (other != NULL && has_number (interface) && has_number (other)
      && g_strcmp0 (loom_ovsdb_row_get_map (other, "options", "peer"),
                    loom_ovsdb_row_get_string (interface, "name"))
             == 0)
    return NULL;
  return error;
}

char *
loom_fabric_observed_errors (LoomOvsdbCache *observed)
{
  g_autoptr (GString) text = g_string_new (NULL);
  GHashTable *rows = loom_ovsdb_cache_get_table (observed, "Interface");
  GHashTableIter iter;
  gpointer row;
  guint n_errors = 0;

  if (rows == NULL)
    return NULL;
  g_hash_table_iter_init (&iter, rows);
  while (g_hash_table_iter_next (&iter, NULL, &row)) {
    const char *error = get_error (observed, row);

    if (error == NULL || n_errors++ >= MAX_ERRORS_SHOWN)
      continue;
    g_string_append_printf (text, "%s%.32s: %.400s", text->len > 0 ? "; " : "",
                            loom_ovsdb_row_get_string (row, "name"), error);
  }
  return n_errors > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

GHashTable *
loom_fabric_observed_refusals (LoomOvsdbCache *observed)
{
  GHashTable *refusals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTable *rows = loom_ovsdb_cache_get_table (observed, "Interface");
  GHashTableIter iter;
  gpointer row;

  if (rows == NULL)
    return refusals;
  g_hash_table_iter_init (&iter, rows);
  while (g_hash_table_iter_next (&iter, NULL, &row)) {
    const char *error = get_error (observed, row);
    const char *name = loom_ovsdb_row_get_string (row, "name");

    if (error != NULL && name != NULL)
      g_hash_table_insert (refusals, g_strdup (name), g_strndup (error, MAX_REFUSAL_BYTES));
  }
  return refusals;
}
