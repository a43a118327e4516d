/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The settings of a node: whether a node may be as it is, and replacing one by a changed copy. The
 * limits are those of check.c. */

#include "canvas/model/edit.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "canvas/model/after.h"
#include "canvas/model/check.h"
#include "canvas/model/edit-common.h"

static gboolean
check_image_fits (const LoomKind *kind, const LoomNode *node, GError **error)
{
  if (node->image == NULL)
    return TRUE;
  if (!kind->needs_image) {
    g_set_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID,
                 _ ("“%s” is of a kind that takes no image."), node->name);
    return FALSE;
  }
  return loom_check_image (node->name, node->image, error);
}

static gboolean
check_vlans (const LoomNode *node, int number, GError **error)
{
  const LoomPort *port = &node->ports[number];

  if (port->vlan_mode == LOOM_VLAN_ACCESS)
    return loom_check_vlan (node->name, number, port->access_vlan, error);
  for (guint i = 0; port->trunk_vlans != NULL && i < port->trunk_vlans->len; i++) {
    int vlan = g_array_index (port->trunk_vlans, int, i);

    if (!loom_check_vlan (node->name, number, vlan, error))
      return FALSE;
    if (i > 0 && g_array_index (port->trunk_vlans, int, i - 1) >= vlan) {
      g_set_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID,
                   _ ("The trunk “%s:%d” lists VLAN %d twice, or not in order."), node->name,
                   number, vlan);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
check_port (const LoomKind *kind, const LoomNode *node, int number, GError **error)
{
  const LoomPort *port = &node->ports[number];
  gboolean fits = (port->mac == NULL || kind->role == LOOM_ROLE_MACHINE)
                  && (port->addresses == NULL || kind->takes_addresses)
                  && (port->vlan_mode == LOOM_VLAN_NONE || kind->role == LOOM_ROLE_SWITCH);
  g_autofree char *mac = NULL;
  g_autofree char *addresses = NULL;

  if (!fits) {
    g_set_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID,
                 _ ("“%s:%d” is set up in a way that its kind does not know."), node->name, number);
    return FALSE;
  }
  if (port->mac != NULL) {
    mac = loom_check_mac (node->name, number, port->mac, error);
    if (mac == NULL)
      return FALSE;
  }
  if (port->addresses != NULL) {
    addresses = loom_check_addresses (node->name, number, port->addresses, error);
    if (addresses == NULL)
      return FALSE;
  }
  return check_vlans (node, number, error);
}

/**
 * loom_edit_check_node:
 * @error: LOOM_MODEL_ERROR_INVALID: the first thing that is wrong
 *
 * Returns: whether @node, by itself, could be in a lab
 */
gboolean
loom_edit_check_node (LoomCatalogue *catalogue, const LoomNode *node, GError **error)
{
  const LoomKind *kind = loom_catalogue_lookup (catalogue, node->kind);

  if (!loom_node_name_is_valid (node->name, error))
    return FALSE;
  if (kind == NULL) {
    g_set_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID,
                 _ ("“%s” is of a kind that this Lanloom does not know."), node->name);
    return FALSE;
  }
  if (kind->role != LOOM_ROLE_MACHINE && (node->memory_mib != 0 || node->n_cpus != 0)) {
    g_set_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID,
                 _ ("“%s” is no machine: it has no memory and no CPUs."), node->name);
    return FALSE;
  }
  if (node->boot != NULL && !kind->takes_addresses) {
    g_set_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID,
                 _ ("“%s” is of a kind that takes no boot script."), node->name);
    return FALSE;
  }
  if (node->after != NULL && kind->role != LOOM_ROLE_MACHINE) {
    g_set_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID,
                 _ ("“%s” is no machine: it starts after nothing but the switch."), node->name);
    return FALSE;
  }
  if (!loom_check_after (node->name, (const char *const *) node->after, error)
      || !loom_check_n_ports (node->name, kind, node->n_ports, error)
      || (node->memory_mib != 0 && !loom_check_memory (node->name, kind, node->memory_mib, error))
      || (node->n_cpus != 0 && !loom_check_cpus (node->name, node->n_cpus, error))
      || (node->boot != NULL && !loom_check_boot (node->name, node->boot, error))
      || !check_image_fits (kind, node, error))
    return FALSE;
  for (int i = 0; i < node->n_ports; i++) {
    if (!check_port (kind, node, i, error))
      return FALSE;
  }
  return TRUE;
}

static int
compare_ints (gconstpointer a, gconstpointer b)
{
  return *(const int *) a - *(const int *) b;
}

/* "" is nothing set. */
static void
clear_if_empty (char **text)
{
  if (*text != NULL && **text == '\0')
    g_clear_pointer (text, g_free);
}

/* Takes @canonical (transfer full) (nullable) instead of @text; what has no canonical form stays,
 * for the check to refuse it. */
static void
take_canonical (char **text, char *canonical)
{
  if (canonical == NULL)
    return;
  g_free (*text);
  *text = canonical;
}

static void
normalize_port (const char *name, int number, LoomPort *port)
{
  clear_if_empty (&port->mac);
  clear_if_empty (&port->addresses);
  if (port->mac != NULL)
    take_canonical (&port->mac, loom_check_mac (name, number, port->mac, NULL));
  if (port->addresses != NULL)
    take_canonical (&port->addresses, loom_check_addresses (name, number, port->addresses, NULL));
  if (port->vlan_mode != LOOM_VLAN_ACCESS)
    port->access_vlan = 0;
  if (port->vlan_mode != LOOM_VLAN_TRUNK)
    g_clear_pointer (&port->trunk_vlans, g_array_unref);
  if (port->trunk_vlans != NULL)
    g_array_sort (port->trunk_vlans, compare_ints);
}

/* (transfer full): @node as the reader would make it of what the writer writes: settings that are
 * the default are not set, texts are in canonical form. */
static LoomNode *
normalize (const LoomKind *kind, const LoomNode *node)
{
  LoomNode *copy = loom_node_copy_at (node, loom_check_round (node->x), loom_check_round (node->y));

  if (copy->memory_mib == kind->default_memory_mib)
    copy->memory_mib = 0;
  if (copy->n_cpus == kind->default_cpus)
    copy->n_cpus = 0;
  clear_if_empty (&copy->image);
  clear_if_empty (&copy->boot);
  g_strfreev (copy->after);
  copy->after = loom_after_normalize ((const char *const *) node->after);
  for (int i = 0; i < copy->n_ports; i++)
    normalize_port (copy->name, i, &copy->ports[i]);
  return copy;
}

static gboolean
check_ports_in_use (LoomLab *lab, const LoomNode *before, const LoomNode *after, GError **error)
{
  for (int port = after->n_ports; port < before->n_ports; port++) {
    if (loom_lab_get_link_at (lab, before->name, port) != NULL)
      return loom_edit_refuse (error,
                               _ ("“%s:%d” has a cable. Unplug it before you take the port away."),
                               before->name, port);
  }
  return TRUE;
}

typedef struct {
  LoomLab *lab;
  const LoomNode *changed;
} Wanted;

static const LoomNode *
look_up (gpointer data, const char *name)
{
  const Wanted *wanted = data;

  return strcmp (name, wanted->changed->name) == 0 ? wanted->changed
                                                   : loom_lab_get_node (wanted->lab, name);
}

static gboolean
check_order (LoomLab *lab, const LoomNode *after, GError **error)
{
  Wanted wanted = {lab, after};
  g_auto (GStrv) cycle = NULL;
  g_autofree char *shown = NULL;

  for (guint i = 0; after->after != NULL && after->after[i] != NULL; i++) {
    if (loom_edit_get_node (lab, after->after[i], error) == NULL)
      return FALSE;
  }
  cycle = loom_after_find_cycle (look_up, &wanted, (const char *const *) &after->name, 1);
  if (cycle == NULL)
    return TRUE;
  shown = g_strjoinv (" → ", cycle);
  return loom_edit_refuse (error, _ ("“%s” would wait for itself: %s."), after->name, shown);
}

/**
 * loom_edit_set_node:
 * @after: (transfer none): what the node is to be; a copy of it, in canonical form, is taken
 *
 * A change to what it is already is empty.
 */
LoomChange *
loom_edit_set_node (LoomLab *lab, LoomNode *after, GError **error)
{
  LoomNode *before = loom_edit_get_node (lab, after->name, error);
  g_autoptr (LoomNode) taken = NULL;
  g_autofree char *label = NULL;
  GError *reason = NULL;
  LoomChange *change;

  if (before == NULL)
    return NULL;
  if (strcmp (before->kind, after->kind) != 0) {
    loom_edit_refuse (error,
                      _ ("“%s” cannot become another kind of node. Delete it and add a new one."),
                      after->name);
    return NULL;
  }
  taken = normalize (loom_lab_get_kind (lab, before), after);
  if (!loom_edit_check_node (loom_lab_get_catalogue (lab), taken, &reason)) {
    loom_edit_refuse_as (error, reason);
    return NULL;
  }
  if (!check_ports_in_use (lab, before, taken, error) || !check_order (lab, taken, error)
      || (loom_edit_is_machine (lab, before)
          && !loom_edit_check_macs (lab, taken, before->name, error)))
    return NULL;
  label = g_strdup_printf (_ ("Change %s"), after->name);
  change = loom_change_new (label);
  if (!loom_node_equal (before, taken))
    loom_change_add_node (change, before, taken);
  return change;
}
