/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Two labs compared, and one copied: a copy is the difference to an empty lab, applied. */

#include "canvas/model/lab.h"

#include <string.h>

static void
diff_nodes (LoomLab *self, LoomLab *other, LoomChange *change)
{
  g_autoptr (GPtrArray) before = loom_lab_list_nodes (self);
  g_autoptr (GPtrArray) after = loom_lab_list_nodes (other);

  for (guint i = 0; i < before->len; i++) {
    LoomNode *node = before->pdata[i];
    LoomNode *there = loom_lab_get_node (other, node->name);

    if (there == NULL || !loom_node_equal (node, there))
      loom_change_add_node (change, node, there);
  }
  for (guint i = 0; i < after->len; i++) {
    LoomNode *node = after->pdata[i];

    if (loom_lab_get_node (self, node->name) == NULL)
      loom_change_add_node (change, NULL, node);
  }
}

/* (nullable): the cable between the same two ports, whatever is set on it. */
static LoomLink *
find_link (LoomLab *self, const LoomLink *link)
{
  LoomLink *held = loom_lab_get_link_at (self, link->a.node, link->a.port);

  return held != NULL && loom_end_compare (&held->a, &link->a) == 0
                 && loom_end_compare (&held->b, &link->b) == 0
             ? held
             : NULL;
}

static void
diff_links (LoomLab *self, LoomLab *other, LoomChange *change)
{
  g_autoptr (GPtrArray) before = loom_lab_list_links (self);
  g_autoptr (GPtrArray) after = loom_lab_list_links (other);

  for (guint i = 0; i < before->len; i++) {
    LoomLink *link = before->pdata[i];
    LoomLink *there = find_link (other, link);

    if (there == NULL || !loom_link_equal (link, there))
      loom_change_add_link (change, link, there);
  }
  for (guint i = 0; i < after->len; i++) {
    if (find_link (self, after->pdata[i]) == NULL)
      loom_change_add_link (change, NULL, after->pdata[i]);
  }
}

static void
diff_text (const char *before, const char *after, char **ret_before, char **ret_after)
{
  if (strcmp (before, after) == 0)
    return;
  *ret_before = g_strdup (before);
  *ret_after = g_strdup (after);
}

/**
 * loom_lab_diff:
 *
 * A node with another name is another node here: who knows of renames must say so elsewhere. The
 * unknown members of the top level belong to the file and are not compared.
 *
 * Returns: (transfer full): what leads from @self to @other, without a label
 */
LoomChange *
loom_lab_diff (LoomLab *self, LoomLab *other)
{
  LoomChange *change;

  g_return_val_if_fail (LOOM_IS_LAB (self) && LOOM_IS_LAB (other), NULL);

  change = loom_change_new (NULL);
  diff_nodes (self, other, change);
  diff_links (self, other, change);
  diff_text (loom_lab_get_name (self), loom_lab_get_name (other), &change->name_before,
             &change->name_after);
  diff_text (loom_lab_get_description (self), loom_lab_get_description (other),
             &change->description_before, &change->description_after);
  return change;
}

/**
 * loom_lab_copy:
 *
 * Returns: (transfer full): a lab of its own that shares the nodes and links, which are immutable
 */
LoomLab *
loom_lab_copy (LoomLab *self)
{
  g_autoptr (LoomChange) all = NULL;
  GPtrArray *extra;
  LoomLab *copy;

  g_return_val_if_fail (LOOM_IS_LAB (self), NULL);

  copy = loom_lab_new (loom_lab_get_catalogue (self));
  all = loom_lab_diff (copy, self);
  loom_lab_apply (copy, all);
  extra = loom_lab_get_extra (self);
  for (guint i = 0; i < extra->len; i++)
    g_ptr_array_add (loom_lab_get_extra (copy), g_strdup (extra->pdata[i]));
  return copy;
}
