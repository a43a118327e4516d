/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a new switch's database begins with: how DPDK and the poll thread are set up, and the panel
 * with nothing on it. */

#include "backend/ovs/fabric-diff.h"
#include "backend/ovs/switch-parts.h"
#include "backend/proto/json.h"

/* Huge pages are taken as memory without a name: an ordinary user may write to no folder of them.
 * The folder named is none: DPDK would lock the host's, which may be closed to that user. */
#define HUGE_FLAGS " --in-memory --huge-dir=/none"
/* Of memory nodes; what is said of those that are missing is ignored. */
#define MAX_NODES 8

static char *
dup_dpdk_extra (const LoomSwitchMemory *memory)
{
  GString *text = g_string_new ("--no-pci --no-telemetry --iova-mode=va");

  if (!memory->hugepages) {
    g_string_append_printf (text, " --no-huge --legacy-mem -m %d", memory->memory_mib);
    return g_string_free (text, FALSE);
  }
  g_string_append_printf (text, HUGE_FLAGS " --socket-mem=%d --socket-limit=%d", memory->memory_mib,
                          memory->memory_mib);
  for (int i = 1; i < MAX_NODES; i++)
    g_string_append_printf (text, ",%d", memory->memory_mib);
  return g_string_free (text, FALSE);
}

static void
add_pair (JsonBuilder *builder, const char *key, const char *value)
{
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, key);
  json_builder_add_string_value (builder, value);
  json_builder_end_array (builder);
}

/* {"op": "insert", "table": "Open_vSwitch", "row": {"other_config": …}} */
static JsonNode *
build_root_row (const LoomSwitchOptions *options)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *dpdk_extra = dup_dpdk_extra (&options->memory);
  g_autofree char *maxsleep = g_strdup_printf ("%d", options->pmd_maxsleep_us);

  json_builder_begin_object (builder);
  loom_json_put_string (builder, "op", "insert");
  loom_json_put_string (builder, "table", "Open_vSwitch");
  json_builder_set_member_name (builder, "row");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "other_config");
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, "map");
  json_builder_begin_array (builder);
  add_pair (builder, "dpdk-init", "true");
  add_pair (builder, "dpdk-extra", dpdk_extra);
  add_pair (builder, "per-port-memory", options->memory.per_port_memory ? "true" : "false");
  add_pair (builder, "userspace-tso-enable", options->tso ? "true" : "false");
  for (gsize i = 0; i < G_N_ELEMENTS (loom_switch_sleep_keys); i++)
    add_pair (builder, loom_switch_sleep_keys[i], maxsleep);
  add_pair (builder, "max-revalidator", "100"); /* ms: age of patch port counters */
  /* Flows, some 5 KB each: whoever floods a switch with addresses makes one of each pair. */
  add_pair (builder, "flow-limit", "10000");
  add_pair (builder, "n-handler-threads", "1");
  add_pair (builder, "n-revalidator-threads", "1");
  json_builder_end_array (builder);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

JsonArray *
loom_switch_build_configuration (const LoomSwitchOptions *options, LoomOvsdbCache *cache)
{
  g_autoptr (GPtrArray) ops = loom_fabric_diff (NULL, cache);
  g_autoptr (JsonArray) panel = NULL;
  JsonArray *all = json_array_new ();

  if (!options->memory.per_port_memory)
    loom_fabric_add_pool (ops);
  panel = loom_fabric_ops_to_transaction (ops, cache, loom_switch_datapath_type ());
  json_array_add_element (all, build_root_row (options));
  for (guint i = 0; i < json_array_get_length (panel); i++)
    json_array_add_element (all, json_array_dup_element (panel, i));
  return all;
}
