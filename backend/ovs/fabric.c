/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The value and its check. What is done with it is in fabric-diff.c. */

#include "backend/ovs/fabric.h"

#include "backend/ovs/switch.h"

G_DEFINE_BOXED_TYPE (LoomFabric, loom_fabric, loom_fabric_ref, loom_fabric_unref)

static void
nic_free (LoomFabricNic *nic)
{
  g_free (nic->key);
  g_free (nic->socket_path);
  g_free (nic);
}

static void
port_free (LoomFabricPort *port)
{
  g_free (port->key);
  g_clear_pointer (&port->trunks, g_array_unref);
  g_free (port);
}

static void
bridge_free (LoomFabricBridge *bridge)
{
  g_free (bridge->key);
  g_ptr_array_unref (bridge->ports);
  g_free (bridge);
}

static void
cable_free (LoomFabricCable *cable)
{
  g_free (cable->end_a);
  g_free (cable->end_b);
  g_free (cable->via_a);
  g_free (cable->via_b);
  g_free (cable);
}

static gboolean
set_invalid (GError **error, const char *item, const char *what)
{
  g_set_error (error, LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_INVALID, "fabric: “%s” %s", item, what);
  return FALSE;
}

static gboolean
key_is_valid (const char *key)
{
  gsize length = strlen (key);

  if (length == 0 || length > LOOM_FABRIC_KEY_MAX || !g_ascii_islower (key[0]))
    return FALSE;
  return strspn (key, "abcdefghijklmnopqrstuvwxyz0123456789.") == length;
}

/* Adds @key to the set of keys; @end is what the set maps it to: can it take a cable? */
static gboolean
check_key (GHashTable *keys, const char *key, gboolean end, GError **error)
{
  if (!key_is_valid (key))
    return set_invalid (error, key, "is not a key");
  if (!g_hash_table_insert (keys, (gpointer) key, GINT_TO_POINTER (end ? 1 : 2)))
    return set_invalid (error, key, "is used twice");
  return TRUE;
}

static gboolean
check_port (GHashTable *keys, const LoomFabricPort *port, GError **error)
{
  if (!check_key (keys, port->key, TRUE, error))
    return FALSE;
  if ((port->vlan == LOOM_FABRIC_VLAN_ACCESS) != (port->tag != 0) || port->tag < 0
      || port->tag > 4094)
    return set_invalid (error, port->key, "has a VLAN out of range");
  for (guint i = 0; port->trunks != NULL && i < port->trunks->len; i++) {
    int vlan = g_array_index (port->trunks, int, i);

    if (port->vlan != LOOM_FABRIC_VLAN_TRUNK || vlan < 1 || vlan > 4094)
      return set_invalid (error, port->key, "has a VLAN out of range");
  }
  return TRUE;
}

static gboolean
check_bridge (GHashTable *keys, const LoomFabricBridge *bridge, GError **error)
{
  if (!check_key (keys, bridge->key, FALSE, error))
    return FALSE;
  for (guint i = 0; i < bridge->ports->len; i++)
    if (!check_port (keys, bridge->ports->pdata[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
check_end (GHashTable *keys, GHashTable *taken, const char *end, GError **error)
{
  if (GPOINTER_TO_INT (g_hash_table_lookup (keys, end)) != 1)
    return set_invalid (error, end, "has a cable and does not exist");
  if (!g_hash_table_add (taken, (gpointer) end))
    return set_invalid (error, end, "has two cables");
  return TRUE;
}

static gboolean
check_route (GHashTable *keys, GHashTable *taken, const LoomFabricCable *cable, GError **error)
{
  if (cable->route == LOOM_FABRIC_DIRECT)
    return TRUE;
  if (cable->via_a == NULL || cable->via_b == NULL)
    return set_invalid (error, cable->end_a, "has a cable by way of nothing");
  return check_end (keys, taken, cable->via_a, error)
         && check_end (keys, taken, cable->via_b, error);
}

static gboolean
check_cables (const LoomFabric *fabric, GHashTable *keys, GError **error)
{
  g_autoptr (GHashTable) taken = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) cookies = g_hash_table_new (g_int64_hash, g_int64_equal);

  for (guint i = 0; i < fabric->cables->len; i++) {
    const LoomFabricCable *cable = fabric->cables->pdata[i];

    if (cable->cookie == 0 || cable->cookie > G_MAXINT64
        || !g_hash_table_add (cookies, (gpointer) &cable->cookie))
      return set_invalid (error, cable->end_a, "has a cable without an identity of its own");
    if (!check_end (keys, taken, cable->end_a, error)
        || !check_end (keys, taken, cable->end_b, error)
        || !check_route (keys, taken, cable, error))
      return FALSE;
  }
  return TRUE;
}

LoomFabric *
loom_fabric_new (void)
{
  LoomFabric *fabric = g_new0 (LoomFabric, 1);

  fabric->nics = g_ptr_array_new_with_free_func ((GDestroyNotify) nic_free);
  fabric->bridges = g_ptr_array_new_with_free_func ((GDestroyNotify) bridge_free);
  fabric->cables = g_ptr_array_new_with_free_func ((GDestroyNotify) cable_free);
  g_atomic_ref_count_init (&fabric->ref_count);
  return fabric;
}

LoomFabric *
loom_fabric_ref (LoomFabric *fabric)
{
  g_atomic_ref_count_inc (&fabric->ref_count);
  return fabric;
}

void
loom_fabric_unref (LoomFabric *fabric)
{
  if (!g_atomic_ref_count_dec (&fabric->ref_count))
    return;
  g_ptr_array_unref (fabric->nics);
  g_ptr_array_unref (fabric->bridges);
  g_ptr_array_unref (fabric->cables);
  g_free (fabric);
}

void
loom_fabric_add_nic (LoomFabric *fabric, const char *key, const char *socket_path)
{
  LoomFabricNic *nic = g_new0 (LoomFabricNic, 1);

  nic->key = g_strdup (key);
  nic->socket_path = g_strdup (socket_path);
  g_ptr_array_add (fabric->nics, nic);
}

LoomFabricBridge *
loom_fabric_add_bridge (LoomFabric *fabric, const char *key, LoomBridgeType type)
{
  LoomFabricBridge *bridge = g_new0 (LoomFabricBridge, 1);

  bridge->key = g_strdup (key);
  bridge->type = type;
  bridge->ports = g_ptr_array_new_with_free_func ((GDestroyNotify) port_free);
  g_ptr_array_add (fabric->bridges, bridge);
  return bridge;
}

void
loom_fabric_bridge_add_port (LoomFabricBridge *bridge, const char *key, LoomFabricVlan vlan,
                             int tag, const int *trunks, gsize n_trunks)
{
  LoomFabricPort *port = g_new0 (LoomFabricPort, 1);

  port->key = g_strdup (key);
  port->vlan = vlan;
  port->tag = tag;
  if (n_trunks > 0) {
    port->trunks = g_array_new (FALSE, FALSE, sizeof (int));
    g_array_append_vals (port->trunks, trunks, n_trunks);
  }
  g_ptr_array_add (bridge->ports, port);
}

LoomFabricCable *
loom_fabric_add_cable (LoomFabric *fabric, guint64 cookie, const char *end_a, const char *end_b)
{
  LoomFabricCable *cable = g_new0 (LoomFabricCable, 1);

  cable->cookie = cookie;
  cable->end_a = g_strdup (end_a);
  cable->end_b = g_strdup (end_b);
  g_ptr_array_add (fabric->cables, cable);
  return cable;
}

void
loom_fabric_cable_set_route (LoomFabricCable *cable, LoomFabricRoute route, const char *via_a,
                             const char *via_b)
{
  cable->route = route;
  g_free (cable->via_a);
  cable->via_a = g_strdup (via_a);
  g_free (cable->via_b);
  cable->via_b = g_strdup (via_b);
}

guint
loom_fabric_get_n_ends (const LoomFabric *fabric)
{
  guint n_ends = fabric->nics->len;

  for (guint i = 0; i < fabric->bridges->len; i++)
    n_ends += ((LoomFabricBridge *) fabric->bridges->pdata[i])->ports->len;
  return n_ends;
}

gboolean
loom_fabric_check (const LoomFabric *fabric, GError **error)
{
  g_autoptr (GHashTable) keys = g_hash_table_new (g_str_hash, g_str_equal);

  if (loom_fabric_get_n_ends (fabric) > LOOM_FABRIC_MAX_ENDS)
    return set_invalid (error, "panel", "has too many ends");
  check_key (keys, "panel", FALSE, NULL);
  check_key (keys, "pool", FALSE, NULL);
  for (guint i = 0; i < fabric->nics->len; i++) {
    const LoomFabricNic *nic = fabric->nics->pdata[i];

    if (!check_key (keys, nic->key, TRUE, error))
      return FALSE;
    if (!g_path_is_absolute (nic->socket_path) || strlen (nic->socket_path) > 107)
      return set_invalid (error, nic->key, "has a socket path that cannot be used");
  }
  for (guint i = 0; i < fabric->bridges->len; i++)
    if (!check_bridge (keys, fabric->bridges->pdata[i], error))
      return FALSE;
  return check_cables (fabric, keys, error);
}
