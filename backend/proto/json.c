/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See json.h. */

#include "backend/proto/json.h"

JsonNode *
loom_json_parse (GBytes *message, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) local_error = NULL;
  gsize size;
  const char *data = g_bytes_get_data (message, &size);

  if (!g_utf8_validate_len (data, size, NULL)) {
    g_set_error_literal (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_SYNTAX,
                         "message is not UTF-8 text");
    return NULL;
  }
  if (!json_parser_load_from_data (parser, data, size, &local_error)) {
    g_set_error (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_SYNTAX, "message is not JSON: %s",
                 local_error->message);
    return NULL;
  }
  return json_parser_steal_root (parser);
}

GBytes *
loom_json_to_bytes (JsonNode *node)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  gsize size;
  char *text;

  json_generator_set_root (generator, node);
  text = json_generator_to_data (generator, &size);
  return g_bytes_new_take (text, size);
}

JsonObject *
loom_json_node_object (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
loom_json_node_array (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

const char *
loom_json_node_string (JsonNode *node)
{
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}

gboolean
loom_json_node_int (JsonNode *node, gint64 *ret_value)
{
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_INT64)
    return FALSE;
  *ret_value = json_node_get_int (node);
  return TRUE;
}

static JsonNode *
get_member (JsonObject *object, const char *member)
{
  return object != NULL ? json_object_get_member (object, member) : NULL;
}

JsonObject *
loom_json_get_object (JsonObject *object, const char *member)
{
  return loom_json_node_object (get_member (object, member));
}

JsonArray *
loom_json_get_array (JsonObject *object, const char *member)
{
  return loom_json_node_array (get_member (object, member));
}

const char *
loom_json_get_string (JsonObject *object, const char *member)
{
  return loom_json_node_string (get_member (object, member));
}

gboolean
loom_json_get_int (JsonObject *object, const char *member, gint64 *ret_value)
{
  return loom_json_node_int (get_member (object, member), ret_value);
}

gboolean
loom_json_get_boolean (JsonObject *object, const char *member, gboolean *ret_value)
{
  JsonNode *node = get_member (object, member);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return FALSE;
  *ret_value = json_node_get_boolean (node);
  return TRUE;
}

void
loom_json_put_int (JsonBuilder *builder, const char *member, gint64 value)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_int_value (builder, value);
}

void
loom_json_put_double (JsonBuilder *builder, const char *member, double value)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_double_value (builder, value);
}

void
loom_json_put_boolean (JsonBuilder *builder, const char *member, gboolean value)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_boolean_value (builder, value);
}

void
loom_json_put_string (JsonBuilder *builder, const char *member, const char *value)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_string_value (builder, value != NULL ? value : "");
}
