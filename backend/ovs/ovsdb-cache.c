/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See ovsdb-cache.h. */

#include "backend/ovs/ovsdb-cache.h"

struct _LoomOvsdbCache {
  GHashTable *tables; /* name -> (uuid -> JsonObject) */
  guint n_rows;
};

static gboolean
set_syntax (GError **error, const char *what)
{
  g_set_error (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_SYNTAX, "database update: %s", what);
  return FALSE;
}

static GHashTable *
ensure_table (LoomOvsdbCache *self, const char *name)
{
  GHashTable *rows = g_hash_table_lookup (self->tables, name);

  if (rows == NULL) {
    rows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                  (GDestroyNotify) json_object_unref);
    g_hash_table_insert (self->tables, g_strdup (name), rows);
  }
  return rows;
}

/* <row-update>: "new" holds every monitored column, or is missing when the row went away. */
static gboolean
update_row (LoomOvsdbCache *self, GHashTable *rows, const char *uuid, JsonNode *update,
            GError **error)
{
  JsonObject *object = loom_json_node_object (update);
  JsonObject *new = loom_json_get_object (object, "new");

  if (object == NULL)
    return set_syntax (error, "a row is not an object");
  if (new == NULL) {
    if (g_hash_table_remove (rows, uuid))
      self->n_rows--;
    return TRUE;
  }
  if (g_hash_table_insert (rows, g_strdup (uuid), json_object_ref (new)))
    self->n_rows++;
  if (self->n_rows > LOOM_OVSDB_MAX_ROWS) {
    g_set_error_literal (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_LIMIT,
                         "database update: too many rows");
    return FALSE;
  }
  return TRUE;
}

static gboolean
update_table (LoomOvsdbCache *self, const char *name, JsonNode *update, GError **error)
{
  JsonObject *object = loom_json_node_object (update);
  GHashTable *rows;
  JsonObjectIter iter;
  const char *uuid;
  JsonNode *row;

  if (object == NULL)
    return set_syntax (error, "a table is not an object");
  rows = ensure_table (self, name);
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &uuid, &row))
    if (!update_row (self, rows, uuid, row, error))
      return FALSE;
  return TRUE;
}

/* The first element of ["tag", element], or NULL. */
static JsonNode *
get_tagged (JsonNode *node, const char *tag)
{
  JsonArray *array = loom_json_node_array (node);

  if (array == NULL || json_array_get_length (array) != 2
      || g_strcmp0 (loom_json_node_string (json_array_get_element (array, 0)), tag) != 0)
    return NULL;
  return json_array_get_element (array, 1);
}

static JsonNode *
get_column (JsonObject *row, const char *column)
{
  return row != NULL ? json_object_get_member (row, column) : NULL;
}

/* The elements of a set (nullable), or @node itself as the only one. */
static guint
get_elements (JsonNode *node, JsonArray **ret_array)
{
  *ret_array = loom_json_node_array (get_tagged (node, "set"));
  if (*ret_array != NULL)
    return json_array_get_length (*ret_array);
  return node != NULL ? 1 : 0;
}

/* The value of a column that holds at most one; NULL when it holds none or several. */
static JsonNode *
get_single (JsonObject *row, const char *column)
{
  JsonNode *node = get_column (row, column);
  JsonArray *array;

  if (get_elements (node, &array) != 1)
    return NULL;
  return array != NULL ? json_array_get_element (array, 0) : node;
}

LoomOvsdbCache *
loom_ovsdb_cache_new (void)
{
  LoomOvsdbCache *self = g_new0 (LoomOvsdbCache, 1);

  self->tables = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify) g_hash_table_unref);
  return self;
}

void
loom_ovsdb_cache_free (LoomOvsdbCache *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->tables);
  g_free (self);
}

gboolean
loom_ovsdb_cache_update (LoomOvsdbCache *self, JsonNode *updates, GError **error)
{
  JsonObject *object = loom_json_node_object (updates);
  JsonObjectIter iter;
  const char *name;
  JsonNode *table;

  if (object == NULL)
    return set_syntax (error, "it is not an object");
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &table))
    if (!update_table (self, name, table, error))
      return FALSE;
  return TRUE;
}

GHashTable *
loom_ovsdb_cache_get_table (LoomOvsdbCache *self, const char *table)
{
  return g_hash_table_lookup (self->tables, table);
}

JsonObject *
loom_ovsdb_cache_get_single (LoomOvsdbCache *self, const char *table)
{
  GHashTable *rows = loom_ovsdb_cache_get_table (self, table);
  GHashTableIter iter;
  gpointer row = NULL;

  if (rows == NULL)
    return NULL;
  g_hash_table_iter_init (&iter, rows);
  g_hash_table_iter_next (&iter, NULL, &row);
  return row;
}

JsonObject *
loom_ovsdb_cache_get_row (LoomOvsdbCache *self, const char *table, const char *uuid)
{
  GHashTable *rows = loom_ovsdb_cache_get_table (self, table);

  return rows != NULL ? g_hash_table_lookup (rows, uuid) : NULL;
}

JsonObject *
loom_ovsdb_cache_find (LoomOvsdbCache *self, const char *table, const char *name,
                       const char **ret_uuid)
{
  GHashTable *rows = loom_ovsdb_cache_get_table (self, table);
  GHashTableIter iter;
  gpointer uuid;
  gpointer row;

  if (rows == NULL)
    return NULL;
  g_hash_table_iter_init (&iter, rows);
  while (g_hash_table_iter_next (&iter, &uuid, &row)) {
    if (g_strcmp0 (loom_ovsdb_row_get_string (row, "name"), name) != 0)
      continue;
    if (ret_uuid != NULL)
      *ret_uuid = uuid;
    return row;
  }
  return NULL;
}

gboolean
loom_ovsdb_row_get_int (JsonObject *row, const char *column, gint64 *ret_value)
{
  return loom_json_node_int (get_single (row, column), ret_value);
}

const char *
loom_ovsdb_row_get_string (JsonObject *row, const char *column)
{
  return loom_json_node_string (get_single (row, column));
}

gboolean
loom_ovsdb_row_get_boolean (JsonObject *row, const char *column, gboolean *ret_value)
{
  return loom_json_get_boolean (row, column, ret_value);
}

const char *
loom_ovsdb_row_get_map (JsonObject *row, const char *column, const char *key)
{
  JsonArray *pairs = loom_json_node_array (get_tagged (get_column (row, column), "map"));

  for (guint i = 0; pairs != NULL && i < json_array_get_length (pairs); i++) {
    JsonArray *pair = loom_json_node_array (json_array_get_element (pairs, i));

    if (pair != NULL && json_array_get_length (pair) == 2
        && g_strcmp0 (loom_json_node_string (json_array_get_element (pair, 0)), key) == 0)
      return loom_json_node_string (json_array_get_element (pair, 1));
  }
  return NULL;
}

GPtrArray *
loom_ovsdb_row_get_uuids (JsonObject *row, const char *column)
{
  GPtrArray *uuids = g_ptr_array_new ();
  JsonNode *node = get_column (row, column);
  JsonArray *array;
  guint n = get_elements (node, &array);

  for (guint i = 0; i < n; i++) {
    JsonNode *element = array != NULL ? json_array_get_element (array, i) : node;
    const char *uuid = loom_json_node_string (get_tagged (element, "uuid"));

    if (uuid != NULL)
      g_ptr_array_add (uuids, (gpointer) uuid);
  }
  return uuids;
}

GArray *
loom_ovsdb_row_get_ints (JsonObject *row, const char *column)
{
  GArray *ints = g_array_new (FALSE, FALSE, sizeof (int));
  JsonNode *node = get_column (row, column);
  JsonArray *array;
  guint n = get_elements (node, &array);

  for (guint i = 0; i < n; i++) {
    gint64 value;

    if (loom_json_node_int (array != NULL ? json_array_get_element (array, i) : node, &value)
        && value >= G_MININT && value <= G_MAXINT) {
      int integer = (int) value;

      g_array_append_val (ints, integer);
    }
  }
  return ints;
}
