/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who waits for whom when a lab starts. */

#include "canvas/model/after.h"

#include <string.h>

typedef enum {
  UNSEEN,
  ON_PATH, /* being looked into */
  DONE,    /* nothing it waits for leads back to it */
} Place;

typedef struct {
  LoomAfterLookup lookup;
  gpointer data;
  GHashTable *seen; /* name → Place */
  GPtrArray *path;  /* of const char *, from where the search began to where it is */
} Search;

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

gboolean
loom_after_has (const LoomNode *node, const char *name)
{
  return node->after != NULL && g_strv_contains ((const char *const *) node->after, name);
}

GStrv
loom_after_normalize (const char *const *names)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    g_ptr_array_add (sorted, g_strdup (names[i]));
  g_ptr_array_sort (sorted, compare_names);
  for (guint i = sorted->len; i > 1; i--) {
    if (strcmp (sorted->pdata[i - 1], sorted->pdata[i - 2]) == 0)
      g_ptr_array_remove_index (sorted, i - 1);
  }
  if (sorted->len == 0)
    return NULL;
  g_ptr_array_add (sorted, NULL);
  return (GStrv) g_ptr_array_steal (sorted, NULL);
}

GStrv
loom_after_replace (const LoomNode *node, const char *name, const char *new_name)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; node->after != NULL && node->after[i] != NULL; i++) {
    if (strcmp (node->after[i], name) != 0)
      g_ptr_array_add (names, node->after[i]);
    else if (new_name != NULL)
      g_ptr_array_add (names, (char *) new_name);
  }
  g_ptr_array_add (names, NULL);
  return loom_after_normalize ((const char *const *) names->pdata);
}

/* Looks into the node called @name and all it waits for. TRUE: the path ends with a name that is on
 * it before. Depth is bounded by the number of nodes a lab may have, each looked into once. */
static gboolean
search (Search *self, const char *name)
{
  const LoomNode *node = self->lookup (self->data, name);

  g_ptr_array_add (self->path, (char *) name);
  g_hash_table_insert (self->seen, (char *) name, GINT_TO_POINTER (ON_PATH));
  for (guint i = 0; node != NULL && node->after != NULL && node->after[i] != NULL; i++) {
    const char *next = node->after[i];
    Place place = GPOINTER_TO_INT (g_hash_table_lookup (self->seen, next));

    if (place == ON_PATH) {
      g_ptr_array_add (self->path, (char *) next);
      return TRUE;
    }
    if (place == UNSEEN && search (self, next))
      return TRUE;
  }
  g_ptr_array_set_size (self->path, (int) self->path->len - 1);
  g_hash_table_insert (self->seen, (char *) name, GINT_TO_POINTER (DONE));
  return FALSE;
}

/* (transfer full): the end of the path, from where it meets itself. */
static GStrv
dup_cycle (const GPtrArray *path)
{
  const char *last = path->pdata[path->len - 1];
  g_autoptr (GStrvBuilder) cycle = g_strv_builder_new ();
  gboolean is_in = FALSE;

  for (guint i = 0; i < path->len; i++) {
    is_in = is_in || strcmp (path->pdata[i], last) == 0;
    if (is_in)
      g_strv_builder_add (cycle, path->pdata[i]);
  }
  return g_strv_builder_end (cycle);
}

GStrv
loom_after_find_cycle (LoomAfterLookup lookup, gpointer data, const char *const *names,
                       gsize n_names)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) path = g_ptr_array_new ();
  Search self = {lookup, data, seen, path};

  for (gsize i = 0; i < n_names; i++) {
    if (!g_hash_table_contains (seen, names[i]) && search (&self, names[i]))
      return dup_cycle (path);
  }
  return NULL;
}

GStrv
loom_after_close (LoomAfterLookup lookup, gpointer data, const char *const *names)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) all = g_ptr_array_new ();

  for (guint i = 0; names[i] != NULL; i++) {
    if (g_hash_table_add (seen, (char *) names[i]))
      g_ptr_array_add (all, (char *) names[i]);
  }
  /* Grows while it is walked. */
  for (guint i = 0; i < all->len; i++) {
    const LoomNode *node = lookup (data, all->pdata[i]);

    for (guint n = 0; node != NULL && node->after != NULL && node->after[n] != NULL; n++) {
      if (g_hash_table_add (seen, node->after[n]))
        g_ptr_array_add (all, node->after[n]);
    }
  }
  g_ptr_array_add (all, NULL);
  GStrv sorted = loom_after_normalize ((const char *const *) all->pdata);
  return sorted != NULL ? sorted : g_new0 (char *, 1);
}
