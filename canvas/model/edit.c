/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Edits of one thing: add, connect, rename. Each looks at the lab and says what would change;
 * whether it may is decided in these files and nowhere else, so that a lab made by edits can always
 * be saved and read again. Settings of a node are in edit-set.c, those of a cable in edit-link.c,
 * edits of many things in edit-many.c. */

#include "canvas/model/edit.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "canvas/model/after.h"
#include "canvas/model/check.h"
#include "canvas/model/edit-common.h"

static LoomChange *G_GNUC_PRINTF (1, 2) new_change (const char *format, ...)
{
  va_list args;
  g_autofree char *label = NULL;

  va_start (args, format);
  label = g_strdup_vprintf (format, args);
  va_end (args);
  return loom_change_new (label);
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
    loom_edit_refuse (error, _ ("There is no kind of node called “%s”."), kind);
    return NULL;
  }
  if (loom_lab_get_n_nodes (lab) >= LOOM_LAB_MAX_NODES) {
    loom_edit_refuse (error, _ ("A lab has at most %d nodes."), LOOM_LAB_MAX_NODES);
    return NULL;
  }
  name = find_free_name (lab, found->prefix);
  node = loom_node_new (name, found->id, found->default_ports);
  node->x = loom_check_round (x);
  node->y = loom_check_round (y);
  if (found->role == LOOM_ROLE_MACHINE && !loom_edit_check_macs (lab, node, NULL, error))
    return NULL;
  change = new_change (_ ("Add %s"), name);
  loom_change_add_node (change, NULL, node);
  return change;
}

/* The port that a cable from @end would take; -1 with @error if there is none. */
static int
choose_port (LoomLab *lab, const LoomEnd *end, GError **error)
{
  LoomNode *node = loom_edit_get_node (lab, end->node, error);
  int port = end->port;

  if (node == NULL)
    return -1;
  if (port < 0) {
    port = loom_lab_get_free_port (lab, end->node);
    if (port >= 0)
      return port;
    if (loom_edit_is_machine (lab, node))
      loom_edit_refuse (error, _ ("All NICs of “%s” have a cable. Give it more NICs first."),
                        node->name);
    else
      loom_edit_refuse (error, _ ("All ports of “%s” have a cable. Give it more ports first."),
                        node->name);
    return -1;
  }
  if (port >= node->n_ports) {
    loom_edit_refuse (error, _ ("“%s” has no port %d."), node->name, port);
    return -1;
  }
  if (loom_lab_get_link_at (lab, node->name, port) != NULL) {
    loom_edit_refuse (error, _ ("“%s:%d” has a cable already."), node->name, port);
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
    return loom_edit_refuse (
        error, _ ("A cable from “%s” must lead to another node, or another port."), from->node);
  if (loom_lab_get_n_links (lab) >= LOOM_LAB_MAX_LINKS)
    return loom_edit_refuse (error, _ ("A lab has at most %d cables."), LOOM_LAB_MAX_LINKS);
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

  rename_end (&a, name, new_name);
  rename_end (&b, name, new_name);
  return loom_link_copy_between (link, &a, &b);
}

static gboolean
check_rename (LoomLab *lab, const LoomNode *node, const char *new_name, GError **error)
{
  GError *reason = NULL;
  g_autoptr (LoomNode) renamed = NULL;

  if (!loom_node_name_is_valid (new_name, &reason))
    return loom_edit_refuse_as (error, reason);
  if (strcmp (node->name, new_name) == 0)
    return TRUE;
  if (loom_lab_get_node (lab, new_name) != NULL)
    return loom_edit_refuse (error, _ ("There is a node called “%s” already."), new_name);
  renamed = loom_node_copy_named (node, new_name);
  return !loom_edit_is_machine (lab, node)
         || loom_edit_check_macs (lab, renamed, node->name, error);
}

/* Those that start after @name start after @new_name. */
static void
rename_in_others (LoomLab *lab, const char *name, const char *new_name, LoomChange *change)
{
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);

  for (guint i = 0; i < nodes->len; i++) {
    LoomNode *node = nodes->pdata[i];
    g_autoptr (LoomNode) after = NULL;

    if (!loom_after_has (node, name))
      continue;
    after = loom_node_copy (node);
    g_strfreev (after->after);
    after->after = loom_after_replace (node, name, new_name);
    loom_change_add_node (change, node, after);
  }
}

/**
 * loom_edit_rename:
 *
 * The cables go along, and so does the order of starting. A change to the name it has is empty.
 */
LoomChange *
loom_edit_rename (LoomLab *lab, const char *name, const char *new_name, GError **error)
{
  LoomNode *node = loom_edit_get_node (lab, name, error);
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
  rename_in_others (lab, name, new_name, change);
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
    loom_edit_refuse_as (error, reason);
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
