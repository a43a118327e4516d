/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the decoder says of a frame, in which much is a guest's own words: a line of the packet list
 * or a tree of details. */

#include "gui/decoded-line.h"
#include "gui/decoded-tree.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static gboolean
check_item (GNode *node, gpointer user_data)
{
  const LoomDecodedItem *item = node->data;

  if (item != NULL)
    g_assert_true (g_utf8_validate (item->label, -1, NULL));
  return FALSE;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (LoomDecodedLine) line = loom_decoded_line_new ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  GNode *tree = loom_decoded_tree_new ((const char *) data, size, &error);

  if (line != NULL)
    g_assert_true (g_utf8_validate (line->info, -1, NULL)
                   && g_utf8_validate (line->protocol, -1, NULL));
  g_assert_true ((tree == NULL) == (error != NULL));
  if (tree == NULL)
    return 0;
  g_node_traverse (tree, G_PRE_ORDER, G_TRAVERSE_ALL, -1, check_item, NULL);
  loom_decoded_tree_free (tree);
  return 0;
}
