/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Setting how long the poll thread of a running switch may sleep, as operations on its database. */

#include "backend/ovs/switch-parts.h"
#include "backend/proto/json.h"

const char *const loom_switch_sleep_keys[2] = {"pmd-maxsleep", "pmd-sleep-max"};

/* ["other_config", "delete", ["set", [key, …]]] */
static void
add_deletion (JsonBuilder *builder)
{
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, "other_config");
  json_builder_add_string_value (builder, "delete");
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, "set");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < G_N_ELEMENTS (loom_switch_sleep_keys); i++)
    json_builder_add_string_value (builder, loom_switch_sleep_keys[i]);
  json_builder_end_array (builder);
  json_builder_end_array (builder);
  json_builder_end_array (builder);
}

/* ["other_config", "insert", ["map", [[key, @text], …]]] */
static void
add_insertion (JsonBuilder *builder, const char *text)
{
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, "other_config");
  json_builder_add_string_value (builder, "insert");
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, "map");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < G_N_ELEMENTS (loom_switch_sleep_keys); i++) {
    json_builder_begin_array (builder);
    json_builder_add_string_value (builder, loom_switch_sleep_keys[i]);
    json_builder_add_string_value (builder, text);
    json_builder_end_array (builder);
  }
  json_builder_end_array (builder);
  json_builder_end_array (builder);
  json_builder_end_array (builder);
}

JsonArray *
loom_switch_build_sleep (int sleep_us)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = g_strdup_printf ("%d", sleep_us);

  json_builder_begin_array (builder);
  json_builder_begin_object (builder);
  loom_json_put_string (builder, "op", "mutate");
  loom_json_put_string (builder, "table", "Open_vSwitch");
  json_builder_set_member_name (builder, "where");
  json_builder_begin_array (builder);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "mutations");
  json_builder_begin_array (builder);
  /* Inserting does not write over what a key has: it goes first. */
  add_deletion (builder);
  add_insertion (builder, text);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  json_builder_end_array (builder);
  root = json_builder_get_root (builder);
  return json_array_ref (json_node_get_array (root));
}
