/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Renames folded together: a to b and b to c is a to c; a to b and back is nothing; a to b and b
 * deleted is nothing either, since the machine a is gone. */

#include "gui/renames.h"

struct _LoomRenames {
  GHashTable *by_old; /* what the engine knows → what it is called now */
};

static GHashTable *
table_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

/* The name the engine knows for the node that is called @name now; NULL: the same name. */
static const char *
find_old (GHashTable *table, const char *name)
{
  GHashTableIter iter;
  gpointer old_name, new_name;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &old_name, &new_name)) {
    if (g_str_equal (new_name, name))
      return old_name;
  }
  return NULL;
}

LoomRenames *
loom_renames_new (void)
{
  LoomRenames *self = g_new0 (LoomRenames, 1);

  self->by_old = table_new ();
  return self;
}

void
loom_renames_free (LoomRenames *self)
{
  g_hash_table_unref (self->by_old);
  g_free (self);
}

/* All renames of a change happen at once (a swap is two of them), hence two passes. */
void
loom_renames_add (LoomRenames *self, const LoomChange *change)
{
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < change->nodes->len; i++) {
    const LoomNodeChange *node = &g_array_index (change->nodes, LoomNodeChange, i);
    const char *old_name;

    if (node->before == NULL
        || (node->after != NULL && g_str_equal (node->before->name, node->after->name)))
      continue;
    old_name = find_old (self->by_old, node->before->name);
    if (node->after != NULL) {
      g_ptr_array_add (pairs, g_strdup (old_name != NULL ? old_name : node->before->name));
      g_ptr_array_add (pairs, g_strdup (node->after->name));
    }
    if (old_name != NULL)
      g_hash_table_remove (self->by_old, old_name);
  }
  for (guint i = 0; i < pairs->len; i += 2) {
    const char *old_name = g_ptr_array_index (pairs, i);
    const char *new_name = g_ptr_array_index (pairs, i + 1);

    if (!g_str_equal (old_name, new_name))
      g_hash_table_replace (self->by_old, g_strdup (old_name), g_strdup (new_name));
  }
}

gboolean
loom_renames_is_empty (LoomRenames *self)
{
  return g_hash_table_size (self->by_old) == 0;
}

GHashTable *
loom_renames_steal (LoomRenames *self)
{
  GHashTable *stolen = self->by_old;

  self->by_old = table_new ();
  return stolen;
}

void
loom_renames_restore (LoomRenames *self, GHashTable *stolen)
{
  g_autoptr (GHashTable) later = loom_renames_steal (self);
  GHashTableIter iter;
  gpointer old_name, new_name;

  g_hash_table_iter_init (&iter, stolen);
  while (g_hash_table_iter_next (&iter, &old_name, &new_name)) {
    const char *newest = g_hash_table_lookup (later, new_name);

    if (newest == NULL)
      newest = new_name;
    if (!g_str_equal (old_name, newest))
      g_hash_table_replace (self->by_old, g_strdup (old_name), g_strdup (newest));
    g_hash_table_remove (later, new_name);
  }
  g_hash_table_iter_init (&iter, later);
  while (g_hash_table_iter_next (&iter, &old_name, &new_name))
    g_hash_table_replace (self->by_old, g_strdup (old_name), g_strdup (new_name));
}
