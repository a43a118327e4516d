/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Edits of one thing: add, connect, rename, delete, move, set. Each looks at the lab and says what
 * would change; whether it may is decided here and nowhere else, so that a lab made by edits can
 * always be saved and read again. Edits of many things at once are in edit-paste.c. */

#include "canvas/model/edit.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "canvas/model/check.h"
#include "canvas/model/text.h"

static gboolean G_GNUC_PRINTF (2, 3) refuse (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error = g_error_new_valist (LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_REFUSED, format, args);
  va_end (args);
  return FALSE;
}

/* Errors of the checks are refusals when an edit meets them. */
static gboolean
refuse_as (GError **error, GError *reason)
{
  reason->code = LOOM_MODEL_ERROR_REFUSED;
  g_propagate_error (error, reason);
  return FALSE;
}

static LoomChange *G_GNUC_PRINTF (1, 2) new_change (const char *format, ...)
{
  va_list args;
  g_autofree char *label = NULL;

  va_start (args, format);
  label = g_strdup_vprintf (format, args);
  va_end (args);
  return loom_change_new (label);
}

static LoomNode *
get_node (LoomLab *lab, const char *name, GError **error)
{
  LoomNode *node = loom_lab_get_node (lab, name);
  g_autofree char *shown = NULL;

  if (node != NULL)
    return node;
  shown = loom_text_for_display (name);
  refuse (error, _ ("There is no node called “%s”."), shown);
  return NULL;
}

static char *
find_free_name (LoomLab *lab, const char *prefix)
{
  for (int i = 1;; i++) {
    g_autofree char *name = g_strdup_printf ("%s%d", prefix, i);

    if (loom_lab_get_node (lab, name) == NULL)
      return g_steal_pointer (&name);
  }
}

static gboolean
is_machine (LoomLab *lab, const LoomNode *node)
{
  return loom_lab_get_kind (lab, node)->role == LOOM_ROLE_MACHINE;
}

static gboolean
check_macs_against (const LoomNode *node, const LoomNode *other, GHashTable *macs, GError **error)
{
  for (int port = 0; port < other->n_ports; port++) {
    g_autofree char *mac = loom_node_dup_mac (other, port);
    gpointer taken_by = NULL;

    if (g_hash_table_lookup_extended (macs, mac, NULL, &taken_by))
      return refuse (error,
                     _ ("“%s:%d” would have the MAC address %s, which is that of “%s:%d”. Set "
                        "another one."),
                     node->name, GPOINTER_TO_INT (taken_by), mac, other->name, port);
  }
  return TRUE;
}

/* Whether no MAC of @node is one of another node, or twice its own. @except: the name that @node
 * has in the lab until now, or NULL. */
static gboolean
check_macs (LoomLab *lab, const LoomNode *node, const char *except, GError **error)
{
  g_autoptr (GHashTable) macs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) nodes = NULL;

  for (int port = 0; port < node->n_ports; port++) {
    if (!g_hash_table_insert (macs, loom_node_dup_mac (node, port), GINT_TO_POINTER (port)))
      return refuse (error, _ ("Two NICs of “%s” would have the same MAC address."), node->name);
  }
  nodes = loom_lab_list_nodes (lab);
  for (guint i = 0; i < nodes->len; i++) {
    const LoomNode *other = nodes->pdata[i];

    if (is_machine (lab, other) && g_strcmp0 (other->name, except) != 0
        && !check_macs_against (node, other, macs, error))
      return FALSE;
  }
  return TRUE;
}

/**
 * loom_edit_add_node:
 * @kind: the id of a kind of the lab's catalogue
 *
 * Returns: (transfer full) (nullable): the change
 */
LoomChange *
loom_edit_add_node (LoomLab *lab, const char *kind, double x, double y, GError **error)
{
  const LoomKind *found = loom_catalogue_lookup (loom_lab_get_catalogue (lab), kind);
  g_autofree char *name = NULL;
  g_autoptr (LoomNode) node = NULL;
  LoomChange *change;

  if (found == NULL) {
    refuse (error, _ ("There is no kind of node called “%s”."), kind);
    return NULL;
  }
  if (loom_lab_get_n_nodes (lab) >= LOOM_LAB_MAX_NODES) {
    refuse (error, _ ("A lab has at most %d nodes."), LOOM_LAB_MAX_NODES);
    return NULL;
  }
  name = find_free_name (lab, found->prefix);
  node = loom_node_new (name, found->id, found->default_ports);
  node->x = loom_check_round (x);
  node->y = loom_check_round (y);
  if (found->role == LOOM_ROLE_MACHINE && !check_macs (lab, node, NULL, error))
    return NULL;
  change = new_change (_ ("Add %s"), name);
  loom_change_add_node (change, NULL, node);
  return change;
}

/* The port that a cable from @end would take; -1 with @error if there is none. */
static int
choose_port (LoomLab *lab, const LoomEnd *end, GError **error)
{
  LoomNode *node = get_node (lab, end->node, error);
  int port = end->port;

  if (node == NULL)
    return -1;
  if (port < 0) {
    port = loom_lab_get_free_port (lab, end->node);
    if (port >= 0)
      return port;
    if (is_machine (lab, node))
      refuse (error, _ ("All NICs of “%s” have a cable. Give it more NICs first."), node->name);
    else
      refuse (error, _ ("All ports of “%s” have a cable. Give it more ports first."), node->name);
    return -1;
  }
  if (port >= node->n_ports) {
    refuse (error, _ ("“%s” has no port %d."), node->name, port);
    return -1;
  }
  if (loom_lab_get_link_at (lab, node->name, port) != NULL) {
    refuse (error, _ ("“%s:%d” has a cable already."), node->name, port);
    return -1;
  }
  return port;
}

static gboolean
choose_ends (LoomLab *lab, const LoomEnd *from, const LoomEnd *to, LoomEnd *ret_from,
             LoomEnd *ret_to, GError **error)
{
  ret_from->node = from->node;
  ret_to->node = to->node;
  if (strcmp (from->node, to->node) == 0
      && (from->port < 0 || to->port < 0 || from->port == to->port))
    return refuse (error, _ ("A cable from “%s” must lead to another node, or another port."),
                   from->node);
  if (loom_lab_get_n_links (lab) >= LOOM_LAB_MAX_LINKS)
    return refuse (error, _ ("A lab has at most %d cables."), LOOM_LAB_MAX_LINKS);
  ret_from->port = choose_port (lab, from, error);
  if (ret_from->port < 0)
    return FALSE;
  ret_to->port = choose_port (lab, to, error);
  return ret_to->port >= 0;
}

/**
 * loom_edit_connect:
 * @one: an end; with a port of -1, the lowest free one
 * @other: the other end, likewise
 */
LoomChange *
loom_edit_connect (LoomLab *lab, const LoomEnd *one, const LoomEnd *other, GError **error)
{
  LoomEnd from;
  LoomEnd to;
  g_autoptr (LoomLink) link = NULL;
  LoomChange *change;

  if (!choose_ends (lab, one, other, &from, &to, error))
    return NULL;
  link = loom_link_new (&from, &to);
  change = new_change (_ ("Connect %s and %s"), one->node, other->node);
  loom_change_add_link (change, NULL, link);
  return change;
}

/**
 * loom_edit_explain_refusal:
 * @from: (nullable): where the cable begins, if it has begun
 * @to: where it would end, or begin
 *
 * Returns: (transfer full) (nullable): why not; %NULL: nothing speaks against it
 */
char *
loom_edit_explain_refusal (LoomLab *lab, const LoomEnd *from, const LoomEnd *to)
{
  g_autoptr (GError) error = NULL;
  LoomEnd chosen_from;
  LoomEnd chosen_to;

  if (from != NULL)
    choose_ends (lab, from, to, &chosen_from, &chosen_to, &error);
  else
    choose_port (lab, to, &error);
  return error != NULL ? g_strdup (error->message) : NULL;
}

static void
rename_end (LoomEnd *end, const char *name, const char *new_name)
{
  if (strcmp (end->node, name) == 0)
    end->node = (char *) new_name;
}

/* @link, leading to @new_name where it led to @name. Its ends may change places. */
static LoomLink *
copy_link_renamed (const LoomLink *link, const char *name, const char *new_name)
{
  LoomEnd a = link->a;
  LoomEnd b = link->b;
  LoomLink *copy;

  rename_end (&a, name, new_name);
  rename_end (&b, name, new_name);
  copy = loom_link_new (&a, &b);
  if (link->extra != NULL)
    copy->extra = g_ptr_array_ref (link->extra);
  return copy;
}

static gboolean
check_rename (LoomLab *lab, const LoomNode *node, const char *new_name, GError **error)
{
  GError *reason = NULL;
  g_autoptr (LoomNode) renamed = NULL;

  if (!loom_node_name_is_valid (new_name, &reason))
    return refuse_as (error, reason);
  if (strcmp (node->name, new_name) == 0)
    return TRUE;
  if (loom_lab_get_node (lab, new_name) != NULL)
    return refuse (error, _ ("There is a node called “%s” already."), new_name);
  renamed = loom_node_copy_named (node, new_name);
  return !is_machine (lab, node) || check_macs (lab, renamed, node->name, error);
}

/**
 * loom_edit_rename:
 *
 * The cables go along. A change to the name it has is empty.
 */
LoomChange *
loom_edit_rename (LoomLab *lab, const char *name, const char *new_name, GError **error)
{
  LoomNode *node = get_node (lab, name, error);
  g_autoptr (LoomNode) renamed = NULL;
  g_autoptr (GPtrArray) links = NULL;
  LoomChange *change;

  if (node == NULL || !check_rename (lab, node, new_name, error))
    return NULL;
  change = new_change (_ ("Rename %s"), name);
  if (strcmp (name, new_name) == 0)
    return change;
  renamed = loom_node_copy_named (node, new_name);
  loom_change_add_node (change, node, renamed);
  links = loom_lab_list_links_of (lab, name);
  for (guint i = 0; i < links->len; i++) {
    g_autoptr (LoomLink) link = copy_link_renamed (links->pdata[i], name, new_name);

    loom_change_add_link (change, links->pdata[i], link);
  }
  return change;
}

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
  if (!loom_check_n_ports (node->name, kind, node->n_ports, error)
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
  for (int i = 0; i < copy->n_ports; i++)
    normalize_port (copy->name, i, &copy->ports[i]);
  return copy;
}

static gboolean
check_ports_in_use (LoomLab *lab, const LoomNode *before, const LoomNode *after, GError **error)
{
  for (int port = after->n_ports; port < before->n_ports; port++) {
    if (loom_lab_get_link_at (lab, before->name, port) != NULL)
      return refuse (error, _ ("“%s:%d” has a cable. Unplug it before you take the port away."),
                     before->name, port);
  }
  return TRUE;
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
  LoomNode *before = get_node (lab, after->name, error);
  g_autoptr (LoomNode) taken = NULL;
  GError *reason = NULL;
  LoomChange *change;

  if (before == NULL)
    return NULL;
  if (strcmp (before->kind, after->kind) != 0) {
    refuse (error, _ ("“%s” cannot become another kind of node. Delete it and add a new one."),
            after->name);
    return NULL;
  }
  taken = normalize (loom_lab_get_kind (lab, before), after);
  if (!loom_edit_check_node (loom_lab_get_catalogue (lab), taken, &reason)) {
    refuse_as (error, reason);
    return NULL;
  }
  if (!check_ports_in_use (lab, before, taken, error)
      || (is_machine (lab, before) && !check_macs (lab, taken, before->name, error)))
    return NULL;
  change = new_change (_ ("Change %s"), after->name);
  if (!loom_node_equal (before, taken))
    loom_change_add_node (change, before, taken);
  return change;
}

/**
 * loom_edit_set_title:
 * @name: the lab's name; "" for none
 * @description: its description; "" for none
 */
LoomChange *
loom_edit_set_title (LoomLab *lab, const char *name, const char *description, GError **error)
{
  GError *reason = NULL;
  LoomChange *change;

  if (!loom_check_title (name, &reason) || !loom_check_description (description, &reason)) {
    refuse_as (error, reason);
    return NULL;
  }
  change = loom_change_new (_ ("Change Title"));
  if (strcmp (loom_lab_get_name (lab), name) != 0) {
    change->name_before = g_strdup (loom_lab_get_name (lab));
    change->name_after = g_strdup (name);
  }
  if (strcmp (loom_lab_get_description (lab), description) != 0) {
    change->description_before = g_strdup (loom_lab_get_description (lab));
    change->description_after = g_strdup (description);
  }
  return change;
}
