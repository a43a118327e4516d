/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From what is set up to a machine's spec and the switch's fabric. */

#include "backend/engine/derive.h"

#include <string.h>

#include "backend/engine/paths.h"
#include "backend/engine/wire.h"

static char *
dup_vhost_path (const char *runtime_folder, const char *key, int port)
{
  return g_strdup_printf ("%s/%s.%d.vhost", runtime_folder, key, port);
}

/* Every machine knows every other by name: what /etc/hosts is for. */
static void
add_hosts (LoomGuestSpec *spec, const LoomNode *node)
{
  for (int i = 0; i < node->n_ports; i++) {
    if (node->ports[i].addresses == NULL)
      continue;
    g_auto (GStrv) addresses = g_strsplit (node->ports[i].addresses, ",", -1);
    for (char **address = addresses; *address != NULL; address++) {
      g_strstrip (*address);
      (*address)[strcspn (*address, "/")] = '\0';
      if (**address != '\0' && spec->hosts->len < LOOM_GUEST_MAX_HOSTS)
        loom_guest_spec_add_host (spec, *address, node->name);
    }
  }
}

static void
set_boot_parts (LoomGuestSpec *spec, const LoomDeriveContext *context, const LoomKind *kind)
{
  g_autofree char *kernel = g_key_file_get_string (kind->file, "Qemu", "Kernel", NULL);
  g_autofree char *initrd = g_key_file_get_string (kind->file, "Qemu", "Initrd", NULL);

  spec->append = g_key_file_get_string (kind->file, "Qemu", "Append", NULL);
  spec->has_agent = g_key_file_get_boolean (kind->file, "Qemu", "Agent", NULL);
  if (kernel != NULL)
    spec->kernel = loom_paths_dup_data (kernel);
  if (initrd != NULL)
    spec->initrd = loom_paths_dup_data (initrd);
  if (kind->needs_image)
    spec->disk = g_strdup_printf ("%s/%s.qcow2", context->disk_folder, spec->key);
}

static gboolean
has_carrier (const LoomRecord *record, const char *key, int port)
{
  const LoomCable *cable = loom_record_get_cable_at (record, key, port);
  LoomCableHealth health;

  if (cable == NULL)
    return FALSE;
  loom_cable_get_health (cable, &health);
  return health.carrier[cable->port_a == port && g_str_equal (cable->key_a, key) ? 0 : 1];
}

LoomGuestSpec *
loom_derive_spec (const LoomDeriveContext *context, const LoomRecord *record,
                  const LoomInstance *instance)
{
  const LoomNode *node = instance->node;
  const LoomKind *kind = loom_catalogue_lookup (context->catalogue, node->kind);
  LoomGuestSpec *spec = loom_guest_spec_new (instance->key, node->name, context->runtime_folder);

  spec->accel = context->accel;
  spec->memory_mib = node->memory_mib > 0 ? node->memory_mib : kind->default_memory_mib;
  spec->n_cpus = node->n_cpus > 0 ? node->n_cpus : kind->default_cpus;
  spec->boot_script = kind->takes_addresses ? g_strdup (node->boot) : NULL;
  set_boot_parts (spec, context, kind);

  for (int i = 0; i < MIN (node->n_ports, LOOM_GUEST_MAX_NICS); i++) {
    g_autofree char *path = dup_vhost_path (context->runtime_folder, instance->key, i);
    g_autofree char *mac = loom_node_dup_mac (node, i);
    loom_guest_spec_add_nic (spec, path, mac, node->ports[i].addresses,
                             has_carrier (record, instance->key, i));
  }
  for (guint i = 0; i < record->instances->len; i++) {
    const LoomInstance *other = g_ptr_array_index (record->instances, i);
    if (other->role == LOOM_ROLE_MACHINE)
      add_hosts (spec, other->node);
  }
  return spec;
}

char *
loom_derive_image (const LoomNode *node, const char *lab_folder)
{
  if (node->image == NULL)
    return NULL;

  g_autofree char *beside = g_canonicalize_filename (node->image, lab_folder);
  if (strchr (node->image, '/') != NULL || g_file_test (beside, G_FILE_TEST_EXISTS))
    return loom_paths_leads_outside (beside, lab_folder) ? NULL : g_steal_pointer (&beside);
  return g_build_filename (g_get_user_data_dir (), "lanloom", "images", node->image, NULL);
}

static void
add_bridge (LoomFabric *fabric, const LoomInstance *instance)
{
  LoomFabricBridge *bridge = loom_fabric_add_bridge (
      fabric, instance->key,
      instance->role == LOOM_ROLE_HUB ? LOOM_BRIDGE_HUB : LOOM_BRIDGE_SWITCH);

  for (int i = 0; i < instance->node->n_ports; i++) {
    const LoomPort *port = &instance->node->ports[i];
    g_autofree char *key = loom_record_dup_end_key (instance->key, i);
    switch (port->vlan_mode) {
    case LOOM_VLAN_NONE:
      loom_fabric_bridge_add_port (bridge, key, LOOM_FABRIC_VLAN_NONE, 0, NULL, 0);
      break;
    case LOOM_VLAN_ACCESS:
      loom_fabric_bridge_add_port (bridge, key, LOOM_FABRIC_VLAN_ACCESS, port->access_vlan, NULL,
                                   0);
      break;
    case LOOM_VLAN_TRUNK:
      loom_fabric_bridge_add_port (
          bridge, key, LOOM_FABRIC_VLAN_TRUNK, 0,
          port->trunk_vlans != NULL ? (const int *) (gpointer) port->trunk_vlans->data : NULL,
          port->trunk_vlans != NULL ? port->trunk_vlans->len : 0);
      break;
    }
  }
}

static gboolean
has_port (const LoomRecord *record, GHashTable *n_ports, const char *key, int port)
{
  const LoomInstance *instance = loom_record_get (record, key);

  if (instance == NULL)
    return FALSE;
  if (instance->role != LOOM_ROLE_MACHINE)
    return port < instance->node->n_ports;
  return (guint) port < GPOINTER_TO_UINT (g_hash_table_lookup (n_ports, key));
}

/* Of the two ports that the wire has on a cable; end as of loom_record_dup_end_key (). */
static char *
dup_wire_key (guint64 cookie, int port)
{
  return g_strdup_printf ("w%" G_GUINT64_FORMAT ".%d", cookie, port);
}

static void
add_wire_ports (LoomFabric *fabric, const char *runtime_folder, GHashTable *detours)
{
  GHashTableIter iter;
  gpointer detour;

  g_hash_table_iter_init (&iter, detours);
  while (g_hash_table_iter_next (&iter, NULL, &detour)) {
    guint64 cookie = loom_detour_get_cookie (detour);
    for (int port = 0; port < 2 && loom_detour_has_ports (detour); port++) {
      g_autofree char *key = dup_wire_key (cookie, port);
      g_autofree char *path = loom_wire_dup_socket (runtime_folder, cookie, port);
      loom_fabric_add_nic (fabric, key, path);
    }
  }
}

static void
add_cable (LoomFabric *fabric, const LoomCable *cable, const LoomDetour *detour)
{
  g_autofree char *end_a = loom_record_dup_end_key (cable->key_a, cable->port_a);
  g_autofree char *end_b = loom_record_dup_end_key (cable->key_b, cable->port_b);
  LoomFabricCable *added = loom_fabric_add_cable (fabric, cable->cookie, end_a, end_b);
  LoomCableHealth health;

  loom_cable_get_health (cable, &health);
  added->cut_from_a = !health.passes[0];
  added->cut_from_b = !health.passes[1];
  if (detour != NULL && loom_detour_get_route (detour) != LOOM_FABRIC_DIRECT) {
    g_autofree char *via_a = dup_wire_key (cable->cookie, 0);
    g_autofree char *via_b = dup_wire_key (cable->cookie, 1);
    loom_fabric_cable_set_route (added, loom_detour_get_route (detour), via_a, via_b);
  }
}

LoomFabric *
loom_derive_fabric (const char *runtime_folder, const LoomRecord *record, GHashTable *n_ports,
                    GHashTable *detours)
{
  LoomFabric *fabric = loom_fabric_new ();
  GHashTableIter iter;
  gpointer machine, n;

  /* All that have ports, also machines that are on their way out and no longer in the record. */
  g_hash_table_iter_init (&iter, n_ports);
  while (g_hash_table_iter_next (&iter, &machine, &n)) {
    for (guint i = 0; i < GPOINTER_TO_UINT (n); i++) {
      g_autofree char *key = loom_record_dup_end_key (machine, (int) i);
      g_autofree char *path = dup_vhost_path (runtime_folder, machine, (int) i);
      loom_fabric_add_nic (fabric, key, path);
    }
  }
  add_wire_ports (fabric, runtime_folder, detours);
  for (guint i = 0; i < record->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (record->instances, i);
    if (instance->role != LOOM_ROLE_MACHINE)
      add_bridge (fabric, instance);
  }
  for (guint i = 0; i < record->cables->len; i++) {
    const LoomCable *cable = g_ptr_array_index (record->cables, i);
    if (has_port (record, n_ports, cable->key_a, cable->port_a)
        && has_port (record, n_ports, cable->key_b, cable->port_b))
      add_cable (fabric, cable, g_hash_table_lookup (detours, &cable->cookie));
  }
  return fabric;
}

static void
append_direction (GString *text, const char *name, const LoomImpairment *impairment)
{
  guint n_members;
  const LoomImpairmentMember *members = loom_impairment_list_members (&n_members);
  LoomImpairment clean;
  const char *comma = "";

  loom_impairment_init (&clean);
  g_string_append_printf (text, ", \"%s\": {", name);
  for (guint i = 0; i < n_members; i++) {
    g_autofree char *value = loom_impairment_dup_json (impairment, &members[i]);
    if (loom_impairment_get (impairment, &members[i]) == loom_impairment_get (&clean, &members[i]))
      continue;
    g_string_append_printf (text, "%s\"%s\": %s", comma, members[i].name, value);
    comma = ", ";
  }
  g_string_append (text, "}");
}

char *
loom_derive_wire_settings (const LoomRecord *record, const LoomCable *cable)
{
  const LoomInstance *a = loom_record_get (record, cable->key_a);
  const LoomInstance *b = loom_record_get (record, cable->key_b);
  const LoomEnd end_a = {a->node->name, cable->port_a};
  const LoomEnd end_b = {b->node->name, cable->port_b};
  /* One on which nothing is set is held, or captured. */
  g_autoptr (LoomLink) plain = cable->link == NULL ? loom_link_new (&end_a, &end_b) : NULL;
  const LoomLink *link = plain != NULL ? plain : cable->link;
  GString *text = g_string_new (NULL);

  /* Names of nodes hold nothing that JSON would have to escape. */
  g_string_append_printf (text, "{\"key\": \"%s:%d %s:%d\", \"seed\": %" G_GUINT64_FORMAT,
                          a->node->name, cable->port_a, b->node->name, cable->port_b, link->seed);
  append_direction (text, "forward", cable->swapped ? &link->backward : &link->forward);
  append_direction (text, "backward", cable->swapped ? &link->forward : &link->backward);
  g_string_append (text, "}");
  return g_string_free (text, FALSE);
}
