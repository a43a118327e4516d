/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Changes: pairs of what was and what is. They know nothing of the lab they apply to (lab.c), nor
 * of who made them (edit.c). */

#include "canvas/model/change.h"

#include <string.h>

G_DEFINE_BOXED_TYPE (LoomChange, loom_change, loom_change_ref, loom_change_unref)

static void
clear_node_change (gpointer data)
{
  LoomNodeChange *pair = data;

  g_clear_pointer (&pair->before, loom_node_unref);
  g_clear_pointer (&pair->after, loom_node_unref);
}

static void
clear_link_change (gpointer data)
{
  LoomLinkChange *pair = data;

  g_clear_pointer (&pair->before, loom_link_unref);
  g_clear_pointer (&pair->after, loom_link_unref);
}

/**
 * loom_change_new:
 * @label: (nullable): translated, for the history
 *
 * Returns: (transfer full): a change that changes nothing yet
 */
LoomChange *
loom_change_new (const char *label)
{
  LoomChange *change = g_new0 (LoomChange, 1);

  g_atomic_ref_count_init (&change->ref_count);
  change->label = g_strdup (label);
  change->nodes = g_array_new (FALSE, FALSE, sizeof (LoomNodeChange));
  g_array_set_clear_func (change->nodes, clear_node_change);
  change->links = g_array_new (FALSE, FALSE, sizeof (LoomLinkChange));
  g_array_set_clear_func (change->links, clear_link_change);
  return change;
}

LoomChange *
loom_change_ref (LoomChange *change)
{
  g_atomic_ref_count_inc (&change->ref_count);
  return change;
}

void
loom_change_unref (LoomChange *change)
{
  if (!g_atomic_ref_count_dec (&change->ref_count))
    return;
  g_array_unref (change->nodes);
  g_array_unref (change->links);
  g_free (change->label);
  g_free (change->name_before);
  g_free (change->name_after);
  g_free (change->description_before);
  g_free (change->description_after);
  g_free (change);
}

/**
 * loom_change_add_node:
 * @before: (nullable) (transfer none): what was; %NULL: the node is new
 * @after: (nullable) (transfer none): what is instead; %NULL: the node is deleted
 */
void
loom_change_add_node (LoomChange *change, LoomNode *before, LoomNode *after)
{
  LoomNodeChange pair = {before, after};

  g_return_if_fail (before != NULL || after != NULL);

  if (before != NULL)
    loom_node_ref (before);
  if (after != NULL)
    loom_node_ref (after);
  g_array_append_val (change->nodes, pair);
}

/**
 * loom_change_add_link:
 * @before: (nullable) (transfer none): what was; %NULL: the cable is new
 * @after: (nullable) (transfer none): what is instead; %NULL: the cable is deleted
 */
void
loom_change_add_link (LoomChange *change, LoomLink *before, LoomLink *after)
{
  LoomLinkChange pair = {before, after};

  g_return_if_fail (before != NULL || after != NULL);

  if (before != NULL)
    loom_link_ref (before);
  if (after != NULL)
    loom_link_ref (after);
  g_array_append_val (change->links, pair);
}

/**
 * loom_change_is_empty:
 *
 * Returns: whether applying @change would do nothing
 */
gboolean
loom_change_is_empty (const LoomChange *change)
{
  return change->nodes->len == 0 && change->links->len == 0
         && g_strcmp0 (change->name_before, change->name_after) == 0
         && g_strcmp0 (change->description_before, change->description_after) == 0;
}

/**
 * loom_change_reversed:
 *
 * Returns: (transfer full): what undoes @change
 */
LoomChange *
loom_change_reversed (const LoomChange *change)
{
  LoomChange *reversed = loom_change_new (change->label);

  for (guint i = 0; i < change->nodes->len; i++) {
    LoomNodeChange *pair = &g_array_index (change->nodes, LoomNodeChange, i);

    loom_change_add_node (reversed, pair->after, pair->before);
  }
  for (guint i = 0; i < change->links->len; i++) {
    LoomLinkChange *pair = &g_array_index (change->links, LoomLinkChange, i);

    loom_change_add_link (reversed, pair->after, pair->before);
  }
  reversed->name_before = g_strdup (change->name_after);
  reversed->name_after = g_strdup (change->name_before);
  reversed->description_before = g_strdup (change->description_after);
  reversed->description_after = g_strdup (change->description_before);
  return reversed;
}

static void
merge_nodes (LoomChange *merged, const LoomChange *first, const LoomChange *second)
{
  /* after's name -> LoomNodeChange of first; what second took out of it is then not looked at */
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < first->nodes->len; i++) {
    LoomNodeChange *pair = &g_array_index (first->nodes, LoomNodeChange, i);

    if (pair->after != NULL)
      g_hash_table_insert (by_name, pair->after->name, pair);
    else
      loom_change_add_node (merged, pair->before, NULL);
  }
  for (guint i = 0; i < second->nodes->len; i++) {
    LoomNodeChange *pair = &g_array_index (second->nodes, LoomNodeChange, i);
    LoomNodeChange *earlier = pair->before != NULL
                                  ? g_hash_table_lookup (by_name, pair->before->name)
                                  : NULL;
    LoomNode *before = earlier != NULL ? earlier->before : pair->before;

    if (earlier != NULL)
      g_hash_table_remove (by_name, earlier->after->name);
    if (before == NULL && pair->after == NULL)
      continue;
    if (before != NULL && pair->after != NULL && loom_node_equal (before, pair->after))
      continue;
    loom_change_add_node (merged, before, pair->after);
  }
  for (guint i = 0; i < first->nodes->len; i++) {
    LoomNodeChange *pair = &g_array_index (first->nodes, LoomNodeChange, i);

    if (pair->after != NULL && g_hash_table_contains (by_name, pair->after->name))
      loom_change_add_node (merged, pair->before, pair->after);
  }
}

static void
merge_links (LoomChange *merged, const LoomChange *first, const LoomChange *second)
{
  g_autoptr (GHashTable) by_id = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer value;

  for (guint i = 0; i < first->links->len; i++) {
    LoomLinkChange *pair = &g_array_index (first->links, LoomLinkChange, i);

    if (pair->after != NULL)
      g_hash_table_insert (by_id, loom_link_dup_id (pair->after), pair);
    else
      loom_change_add_link (merged, pair->before, NULL);
  }
  for (guint i = 0; i < second->links->len; i++) {
    LoomLinkChange *pair = &g_array_index (second->links, LoomLinkChange, i);
    g_autofree char *id = pair->before != NULL ? loom_link_dup_id (pair->before) : NULL;
    LoomLinkChange *earlier = id != NULL ? g_hash_table_lookup (by_id, id) : NULL;
    LoomLink *before = earlier != NULL ? earlier->before : pair->before;

    if (earlier != NULL)
      g_hash_table_remove (by_id, id);
    if (before == NULL && pair->after == NULL)
      continue;
    if (before != NULL && pair->after != NULL && loom_link_equal (before, pair->after))
      continue;
    loom_change_add_link (merged, before, pair->after);
  }
  g_hash_table_iter_init (&iter, by_id);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    LoomLinkChange *pair = value;

    loom_change_add_link (merged, pair->before, pair->after);
  }
}

static void
merge_text (const char *first_before, const char *first_after, const char *second_before,
            const char *second_after, char **ret_before, char **ret_after)
{
  const char *before = first_before != NULL ? first_before : second_before;
  const char *after = second_after != NULL ? second_after : first_after;

  if (g_strcmp0 (before, after) == 0)
    return;
  *ret_before = g_strdup (before);
  *ret_after = g_strdup (after);
}

/**
 * loom_change_merged:
 * @first: a change
 * @second: one that applies after it
 *
 * Returns: (transfer full): both in one, labelled as @first; what they do and undo between them is
 *   not in it, so it may be empty
 */
LoomChange *
loom_change_merged (const LoomChange *first, const LoomChange *second)
{
  LoomChange *merged = loom_change_new (first->label);

  merge_nodes (merged, first, second);
  merge_links (merged, first, second);
  merge_text (first->name_before, first->name_after, second->name_before, second->name_after,
              &merged->name_before, &merged->name_after);
  merge_text (first->description_before, first->description_after, second->description_before,
              second->description_after, &merged->description_before, &merged->description_after);
  return merged;
}

/**
 * loom_change_is_layout_only:
 *
 * Returns: whether @change touches only where nodes stand
 */
gboolean
loom_change_is_layout_only (const LoomChange *change)
{
  if (change->links->len > 0 || change->name_after != NULL || change->description_after != NULL)
    return FALSE;
  for (guint i = 0; i < change->nodes->len; i++) {
    LoomNodeChange *pair = &g_array_index (change->nodes, LoomNodeChange, i);

    if (pair->before == NULL || pair->after == NULL
        || !loom_node_equal_but_layout (pair->before, pair->after))
      return FALSE;
  }
  return TRUE;
}
