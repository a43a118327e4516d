/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A copy of the OVSDB rows we watch, kept up to date by "monitor" replies and "update"
 * notifications (RFC 7047 sections 4.1.5 and 4.1.6). Pure.
 *
 * Rows are JSON objects, column name to value, in the encoding of RFC 7047 section 5.1. */

#pragma once

#include "backend/proto/json.h"

G_BEGIN_DECLS

#define LOOM_OVSDB_MAX_ROWS 65536

typedef struct _LoomOvsdbCache LoomOvsdbCache;

LoomOvsdbCache *loom_ovsdb_cache_new (void);
void loom_ovsdb_cache_free (LoomOvsdbCache *self);

/* Takes in <table-updates>. FALSE with LOOM_PROTO_ERROR_SYNTAX or _LIMIT: what was read up to there
 * is kept, and the connection is worth no more. */
gboolean loom_ovsdb_cache_update (LoomOvsdbCache *self, JsonNode *updates, GError **error);

/* (transfer none) (nullable): uuid -> JsonObject of @table; NULL when no row of it was ever seen.
 */
GHashTable *loom_ovsdb_cache_get_table (LoomOvsdbCache *self, const char *table);
/* (transfer none) (nullable): the one row of a table such as Open_vSwitch. */
JsonObject *loom_ovsdb_cache_get_single (LoomOvsdbCache *self, const char *table);
JsonObject *loom_ovsdb_cache_get_row (LoomOvsdbCache *self, const char *table, const char *uuid);
/* (transfer none) (nullable): the row whose column "name" is @name; linear. */
JsonObject *loom_ovsdb_cache_find (LoomOvsdbCache *self, const char *table, const char *name,
                                   const char **ret_uuid);

/* Columns of a row (nullable). A set of one is written as its element, an empty one as ["set", []]:
 * the getters see through that. */
gboolean loom_ovsdb_row_get_int (JsonObject *row, const char *column, gint64 *ret_value);
const char *loom_ovsdb_row_get_string (JsonObject *row, const char *column);
gboolean loom_ovsdb_row_get_boolean (JsonObject *row, const char *column, gboolean *ret_value);
/* (transfer none) (nullable): value of @key in a map of strings. */
const char *loom_ovsdb_row_get_map (JsonObject *row, const char *column, const char *key);
/* (transfer container): of const char *, the UUIDs of a set of references. */
GPtrArray *loom_ovsdb_row_get_uuids (JsonObject *row, const char *column);
/* (transfer full): of int, the integers of a set. */
GArray *loom_ovsdb_row_get_ints (JsonObject *row, const char *column);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomOvsdbCache, loom_ovsdb_cache_free)

G_END_DECLS
