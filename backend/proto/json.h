/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Small helpers around json-glib. For messages from other programs: every getter checks the type
 * and says "no" where json-glib would print a critical. For our own: a member in one call. */

#pragma once

#include <json-glib/json-glib.h>

#include "backend/proto/proto-error.h"

G_BEGIN_DECLS

/* Parses a message that came out of a LoomFramer. (transfer full) JsonNode; NULL with
 * LOOM_PROTO_ERROR_SYNTAX. */
JsonNode *loom_json_parse (GBytes *message, GError **error);

/* (transfer full): @node as text on one line, without a newline at its end. */
GBytes *loom_json_to_bytes (JsonNode *node);

/* (transfer none) (nullable): members of @object (nullable) if present and of that type. */
JsonObject *loom_json_get_object (JsonObject *object, const char *member);
JsonArray *loom_json_get_array (JsonObject *object, const char *member);
const char *loom_json_get_string (JsonObject *object, const char *member);
gboolean loom_json_get_int (JsonObject *object, const char *member, gint64 *ret_value);
gboolean loom_json_get_boolean (JsonObject *object, const char *member, gboolean *ret_value);

/* The same for a node by itself (nullable). */
JsonObject *loom_json_node_object (JsonNode *node);
JsonArray *loom_json_node_array (JsonNode *node);
const char *loom_json_node_string (JsonNode *node);
gboolean loom_json_node_int (JsonNode *node, gint64 *ret_value);

/* A member of the object that @builder is in. @value of put_string () (nullable): NULL is "". */
void loom_json_put_int (JsonBuilder *builder, const char *member, gint64 value);
void loom_json_put_double (JsonBuilder *builder, const char *member, double value);
void loom_json_put_boolean (JsonBuilder *builder, const char *member, gboolean value);
void loom_json_put_string (JsonBuilder *builder, const char *member, const char *value);

G_END_DECLS
