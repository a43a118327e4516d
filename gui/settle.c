/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The difference of two labs, less the positions: layout belongs to a window and its file. */

#include "gui/settle.h"

/* (nullable): what the node @before, which is gone in @theirs, is called there. */
static LoomNode *
find_renamed (LoomLab *ours, LoomLab *theirs, GHashTable *renames, const LoomNode *before)
{
  const char *name = renames != NULL ? g_hash_table_lookup (renames, before->name) : NULL;

  return name != NULL && loom_lab_get_node (ours, name) == NULL ? loom_lab_get_node (theirs, name)
                                                                : NULL;
}

static void
settle_node (LoomChange *change, LoomNode *before, LoomNode *theirs)
{
  g_autoptr (LoomNode) after = loom_node_copy (theirs);

  after->x = before->x;
  after->y = before->y;
  if (!loom_node_equal (before, after))
    loom_change_add_node (change, before, after);
}

LoomChange *
loom_settle_difference (LoomLab *ours, LoomLab *theirs, GHashTable *renames, const char *label)
{
  g_autoptr (LoomChange) whole = loom_lab_diff (ours, theirs);
  g_autoptr (GHashTable) settled = g_hash_table_new (g_str_hash, g_str_equal);
  LoomChange *change = loom_change_new (label);

  for (guint i = 0; i < whole->nodes->len; i++) {
    const LoomNodeChange *node = &g_array_index (whole->nodes, LoomNodeChange, i);
    LoomNode *renamed;

    if (node->before == NULL)
      continue;
    renamed = node->after == NULL ? find_renamed (ours, theirs, renames, node->before) : NULL;
    if (renamed != NULL && !g_hash_table_add (settled, renamed->name))
      renamed = NULL; /* two became one: not a thing that a rename can do */
    if (renamed != NULL || node->after != NULL)
      settle_node (change, node->before, renamed != NULL ? renamed : node->after);
    else
      loom_change_add_node (change, node->before, NULL);
  }
  for (guint i = 0; i < whole->nodes->len; i++) {
    const LoomNodeChange *node = &g_array_index (whole->nodes, LoomNodeChange, i);

    if (node->before == NULL && !g_hash_table_contains (settled, node->after->name))
      loom_change_add_node (change, NULL, node->after);
  }
  for (guint i = 0; i < whole->links->len; i++) {
    const LoomLinkChange *link = &g_array_index (whole->links, LoomLinkChange, i);

    loom_change_add_link (change, link->before, link->after);
  }
  change->name_before = g_strdup (whole->name_before);
  change->name_after = g_strdup (whole->name_after);
  change->description_before = g_strdup (whole->description_before);
  change->description_after = g_strdup (whole->description_after);
  return change;
}
