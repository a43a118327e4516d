/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The difference of two labs, less the positions: layout belongs to a window and its file. */

#include "gui/settle.h"

LoomChange *
loom_settle_difference (LoomLab *ours, LoomLab *theirs, const char *label)
{
  g_autoptr (LoomChange) whole = loom_lab_diff (ours, theirs);
  LoomChange *change = loom_change_new (label);

  for (guint i = 0; i < whole->nodes->len; i++) {
    const LoomNodeChange *node = &g_array_index (whole->nodes, LoomNodeChange, i);
    g_autoptr (LoomNode) after = NULL;

    if (node->before != NULL && node->after != NULL) {
      after = loom_node_copy (node->after);
      after->x = node->before->x;
      after->y = node->before->y;
      if (loom_node_equal (node->before, after))
        continue;
      loom_change_add_node (change, node->before, after);
    } else {
      loom_change_add_node (change, node->before, node->after);
    }
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
