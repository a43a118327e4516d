/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Edits of many things at once: delete, move, copy and paste of a selection. Edits of one thing are
 * in edit.c. */

#include "canvas/model/edit.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "canvas/model/after.h"
#include "canvas/model/check.h"
#include "canvas/model/edit-common.h"

/* Adds the end of @link to @change, once: cables between two deleted nodes are met twice. */
static void
delete_link (LoomChange *change, LoomLink *link, GHashTable *seen)
{
  if (g_hash_table_add (seen, link))
    loom_change_add_link (change, link, NULL);
}

static gboolean
delete_nodes (LoomLab *lab, const char *const *names, LoomChange *change, GHashTable *seen,
              GError **error)
{
  for (guint i = 0; names != NULL && names[i] != NULL; i++) {
    LoomNode *node = loom_edit_get_node (lab, names[i], error);
    g_autoptr (GPtrArray) links = NULL;

    if (node == NULL)
      return FALSE;
    if (!g_hash_table_add (seen, node))
      continue;
    loom_change_add_node (change, node, NULL);
    links = loom_lab_list_links_of (lab, names[i]);
    for (guint l = 0; l < links->len; l++)
      delete_link (change, links->pdata[l], seen);
  }
  return TRUE;
}

/* @node, not waiting any more for nodes that are in @gone (a set of names), or, with @kept, for
 * nodes that are not in it. NULL: it waits for none of those. */
static LoomNode *
copy_without (const LoomNode *node, GHashTable *set, gboolean kept)
{
  LoomNode *copy = NULL;

  for (guint i = 0; node->after != NULL && node->after[i] != NULL; i++) {
    GStrv rest;

    if (g_hash_table_contains (set, node->after[i]) == kept)
      continue;
    if (copy == NULL)
      copy = loom_node_copy (node);
    rest = loom_after_replace (copy, node->after[i], NULL);
    g_strfreev (copy->after);
    copy->after = rest;
  }
  return copy;
}

/* Nobody waits for what is deleted. */
static void
free_waiting (LoomLab *lab, LoomChange *change)
{
  g_autoptr (GHashTable) gone = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);

  for (guint i = 0; i < change->nodes->len; i++)
    g_hash_table_add (gone, g_array_index (change->nodes, LoomNodeChange, i).before->name);
  for (guint i = 0; i < nodes->len; i++) {
    LoomNode *node = nodes->pdata[i];
    g_autoptr (LoomNode) freed = NULL;

    if (!g_hash_table_contains (gone, node->name))
      freed = copy_without (node, gone, FALSE);
    if (freed != NULL)
      loom_change_add_node (change, node, freed);
  }
}

static gboolean
delete_links (LoomLab *lab, const char *const *ids, LoomChange *change, GHashTable *seen,
              GError **error)
{
  for (guint i = 0; ids != NULL && ids[i] != NULL; i++) {
    LoomLink *link = loom_lab_get_link (lab, ids[i]);

    if (link == NULL)
      return loom_edit_refuse (error, _ ("There is no cable “%s”."), ids[i]);
    delete_link (change, link, seen);
  }
  return TRUE;
}

static char *
describe_deletion (const char *const *names, const char *const *ids)
{
  guint n_nodes = names != NULL ? g_strv_length ((char **) names) : 0;
  guint n_links = ids != NULL ? g_strv_length ((char **) ids) : 0;

  if (n_nodes == 1 && n_links == 0)
    return g_strdup_printf (_ ("Delete %s"), names[0]);
  if (n_nodes == 0)
    return g_strdup_printf (ngettext ("Delete Cable", "Delete %u Cables", n_links), n_links);
  return g_strdup_printf (ngettext ("Delete %u Item", "Delete %u Items", n_nodes + n_links),
                          n_nodes + n_links);
}

/**
 * loom_edit_delete:
 * @nodes: (nullable) (array zero-terminated=1): names; their cables go too
 * @links: (nullable) (array zero-terminated=1): ids of cables
 */
LoomChange *
loom_edit_delete (LoomLab *lab, const char *const *nodes, const char *const *links, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_autofree char *label = describe_deletion (nodes, links);
  g_autoptr (LoomChange) change = loom_change_new (label);

  if (!delete_nodes (lab, nodes, change, seen, error)
      || !delete_links (lab, links, change, seen, error))
    return NULL;
  free_waiting (lab, change);
  return g_steal_pointer (&change);
}

/**
 * loom_edit_move:
 * @nodes: (array zero-terminated=1): names
 * @dx: to the right, in canvas units
 * @dy: down
 */
LoomChange *
loom_edit_move (LoomLab *lab, const char *const *nodes, double dx, double dy, GError **error)
{
  guint n_nodes = g_strv_length ((char **) nodes);
  g_autofree char *label =
      n_nodes == 1 ? g_strdup_printf (_ ("Move %s"), nodes[0])
                   : g_strdup_printf (ngettext ("Move %u Node", "Move %u Nodes", n_nodes), n_nodes);
  g_autoptr (LoomChange) change = loom_change_new (label);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < n_nodes; i++) {
    LoomNode *node = loom_edit_get_node (lab, nodes[i], error);
    g_autoptr (LoomNode) moved = NULL;

    if (node == NULL)
      return NULL;
    moved = loom_node_copy_at (node, loom_check_round (node->x + dx),
                               loom_check_round (node->y + dy));
    if (g_hash_table_add (seen, node) && !loom_node_equal (node, moved))
      loom_change_add_node (change, node, moved);
  }
  return g_steal_pointer (&change);
}

/* Free names, without asking for each number again: prefix -> next number. */
static char *
next_name (LoomLab *lab, GHashTable *numbers, const char *prefix)
{
  int number = GPOINTER_TO_INT (g_hash_table_lookup (numbers, prefix));

  for (;;) {
    g_autofree char *name = g_strdup_printf ("%s%d", prefix, ++number);

    if (loom_lab_get_node (lab, name) != NULL)
      continue;
    g_hash_table_insert (numbers, (char *) prefix, GINT_TO_POINTER (number));
    return g_steal_pointer (&name);
  }
}

/* The copy of @source's @node for @lab. An address set on one NIC cannot be on two. */
static LoomNode *
copy_for_paste (const LoomNode *node, const char *name, double dx, double dy)
{
  LoomNode *copy = loom_node_copy_named (node, name);

  copy->x = loom_check_round (node->x + dx);
  copy->y = loom_check_round (node->y + dy);
  for (int i = 0; i < copy->n_ports; i++)
    g_clear_pointer (&copy->ports[i].mac, g_free);
  return copy;
}

/* Copies wait for copies. */
static void
rename_waited_for (LoomNode *copy, GHashTable *new_names)
{
  GStrv renamed = g_new0 (char *, copy->after != NULL ? g_strv_length (copy->after) + 1 : 1);
  guint n = 0;

  for (guint i = 0; copy->after != NULL && copy->after[i] != NULL; i++) {
    const char *new_name = g_hash_table_lookup (new_names, copy->after[i]);

    if (new_name != NULL)
      renamed[n++] = g_strdup (new_name);
  }
  g_strfreev (copy->after);
  copy->after = loom_after_normalize ((const char *const *) renamed);
  g_strfreev (renamed);
}

static gboolean
check_paste (LoomLab *lab, LoomLab *source, GError **error)
{
  if (loom_lab_get_n_nodes (lab) + loom_lab_get_n_nodes (source) > LOOM_LAB_MAX_NODES
      || loom_lab_get_n_links (lab) + loom_lab_get_n_links (source) > LOOM_LAB_MAX_LINKS) {
    return loom_edit_refuse (
        error, _ ("What is pasted does not fit: a lab has at most %d nodes and %d cables."),
        LOOM_LAB_MAX_NODES, LOOM_LAB_MAX_LINKS);
  }
  return TRUE;
}

static void
paste_links (LoomLab *source, GHashTable *new_names, LoomChange *change)
{
  g_autoptr (GPtrArray) links = loom_lab_list_links (source);

  for (guint i = 0; i < links->len; i++) {
    const LoomLink *link = links->pdata[i];
    LoomEnd a = {g_hash_table_lookup (new_names, link->a.node), link->a.port};
    LoomEnd b = {g_hash_table_lookup (new_names, link->b.node), link->b.port};
    g_autoptr (LoomLink) copy = loom_link_copy_between (link, &a, &b);

    loom_change_add_link (change, NULL, copy);
  }
}

/**
 * loom_edit_paste:
 * @source: what to paste, all of it; see loom_edit_copy_part ()
 * @dx: how far from where it stood
 */
LoomChange *
loom_edit_paste (LoomLab *lab, LoomLab *source, double dx, double dy, GError **error)
{
  g_autoptr (GHashTable) numbers = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) new_names = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (source);
  g_autofree char *label = g_strdup_printf (
      ngettext ("Paste %u Node", "Paste %u Nodes", nodes->len), nodes->len);
  g_autoptr (LoomChange) change = loom_change_new (label);

  if (!check_paste (lab, source, error))
    return NULL;
  for (guint i = 0; i < nodes->len; i++) {
    LoomNode *node = nodes->pdata[i];
    const LoomKind *kind = loom_catalogue_lookup (loom_lab_get_catalogue (lab), node->kind);
    char *name;

    if (kind == NULL) {
      loom_edit_refuse (error, _ ("“%s” is of a kind that this Lanloom does not know."),
                        node->name);
      return NULL;
    }
    name = next_name (lab, numbers, kind->prefix);
    g_hash_table_insert (new_names, node->name, name);
  }
  for (guint i = 0; i < nodes->len; i++) {
    LoomNode *node = nodes->pdata[i];
    g_autoptr (LoomNode)
        copy = copy_for_paste (node, g_hash_table_lookup (new_names, node->name), dx, dy);

    rename_waited_for (copy, new_names);
    loom_change_add_node (change, NULL, copy);
  }
  paste_links (source, new_names, change);
  return g_steal_pointer (&change);
}

/* The chosen nodes; they wait for nothing that stays behind. */
static void
add_chosen (LoomLab *lab, GHashTable *chosen, LoomChange *change)
{
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, chosen);
  while (g_hash_table_iter_next (&iter, &name, NULL)) {
    LoomNode *node = loom_lab_get_node (lab, name);
    g_autoptr (LoomNode) freed = copy_without (node, chosen, TRUE);

    loom_change_add_node (change, NULL, freed != NULL ? freed : node);
  }
}

LoomLab *
loom_edit_copy_part (LoomLab *lab, const char *const *names)
{
  LoomLab *part = loom_lab_new (loom_lab_get_catalogue (lab));
  g_autoptr (LoomChange) change = loom_change_new (NULL);
  g_autoptr (GHashTable) chosen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) links = loom_lab_list_links (lab);

  for (guint i = 0; names[i] != NULL; i++) {
    LoomNode *node = loom_lab_get_node (lab, names[i]);

    if (node != NULL)
      g_hash_table_add (chosen, node->name);
  }
  add_chosen (lab, chosen, change);
  for (guint i = 0; i < links->len; i++) {
    LoomLink *link = links->pdata[i];

    if (g_hash_table_contains (chosen, link->a.node)
        && g_hash_table_contains (chosen, link->b.node))
      loom_change_add_link (change, NULL, link);
  }
  loom_lab_apply (part, change);
  return part;
}
