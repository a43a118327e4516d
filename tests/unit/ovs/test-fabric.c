/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Fabric against database rows: golden operations, their transaction, the rules; and what a
 * database update may not do. */

#include "backend/ovs/fabric-diff.h"
#include "backend/ovs/panel-rules.h"
#include "backend/ovs/switch.h"

static LoomFabric *
new_fabric (void)
{
  LoomFabric *fabric = loom_fabric_new ();
  const int trunks[] = {10, 20};
  LoomFabricBridge *bridge;

  loom_fabric_add_nic (fabric, "m1.0", "/r/m1.0");
  bridge = loom_fabric_add_bridge (fabric, "b2", LOOM_BRIDGE_SWITCH);
  loom_fabric_bridge_add_port (bridge, "b2.0", LOOM_FABRIC_VLAN_ACCESS, 10, NULL, 0);
  loom_fabric_bridge_add_port (bridge, "b2.1", LOOM_FABRIC_VLAN_TRUNK, 0, trunks, 2);
  loom_fabric_add_cable (fabric, 7, "m1.0", "b2.0");
  return fabric;
}

static LoomOvsdbCache *
new_cache (const char *text)
{
  LoomOvsdbCache *cache = loom_ovsdb_cache_new ();
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  g_autoptr (GError) error = NULL;

  loom_ovsdb_cache_update (cache, node, &error);
  g_assert_no_error (error);
  return cache;
}

static void
assert_ops (const LoomFabric *fabric, LoomOvsdbCache *cache, const char *expected)
{
  g_autoptr (GPtrArray) ops = loom_fabric_diff (fabric, cache);
  g_autoptr (JsonArray) transaction = loom_fabric_ops_to_transaction (ops, cache, "netdev");
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < ops->len; i++) {
    g_autofree char *line = loom_fabric_op_to_string (ops->pdata[i]);

    g_string_append_printf (text, "%s\n", line);
  }
  g_assert_cmpstr (text->str, ==, expected);
  g_assert_cmpuint (json_array_get_length (transaction), >, ops->len);
}

static const char ROWS[] =
    "{\"Bridge\":{\"B0\":{\"new\":{\"name\":\"panel\",\"ports\":[\"set\",[[\"uuid\",\"P0\"],["
    "\"uuid\","
    "\"P1\"],[\"uuid\",\"P2\"]]],\"external_ids\":[\"map\",[[\"lanloom-type\",\"panel\"]]]}},"
    "\"B2\":{\"new\":{\"name\":\"b2\",\"ports\":[\"uuid\",\"P3\"],\"external_ids\":[\"map\",[["
    "\"lanloom-type\",\"switch\"]]]}},"
    "\"B3\":{\"new\":{\"name\":\"b3\",\"ports\":[\"set\",[]],\"external_ids\":[\"map\",[]]}}},"
    "\"Port\":{"
    "\"P0\":{\"new\":{\"name\":\"m1.0\",\"interfaces\":[\"uuid\",\"I0\"]}},"
    "\"P1\":{\"new\":{\"name\":\"m9.0\",\"interfaces\":[\"uuid\",\"I1\"]}},"
    "\"P2\":{\"new\":{\"name\":\"b2.0\",\"interfaces\":[\"uuid\",\"I2\"]}},"
    "\"P3\":{\"new\":{\"name\":\"n-b2.0\",\"interfaces\":[\"uuid\",\"I3\"],\"tag\":20,"
    "\"vlan_mode\":\"access\",\"trunks\":[\"set\",[]]}}},"
    "\"Interface\":{"
    "\"I0\":{\"new\":{\"name\":\"m1.0\",\"type\":\"dpdkvhostuserclient\",\"ofport\":4,"
    "\"options\":[\"map\",[[\"vhost-server-path\",\"/r/m1.0\"]]]}},"
    "\"I1\":{\"new\":{\"name\":\"m9.0\",\"type\":\"dpdkvhostuserclient\",\"ofport\":-1,"
    "\"error\":\"no memory\",\"options\":[\"map\",[]]}},"
    "\"I2\":{\"new\":{\"name\":\"b2.0\",\"type\":\"patch\",\"ofport\":6,"
    "\"options\":[\"map\",[[\"peer\",\"n-b2.0\"]]]}},"
    "\"I3\":{\"new\":{\"name\":\"n-b2.0\",\"type\":\"patch\",\"ofport\":1,"
    "\"options\":[\"map\",[[\"peer\",\"b2.0\"]]]}}}}";

static void
test_diff (void)
{
  g_autoptr (LoomFabric) fabric = new_fabric ();
  g_autoptr (LoomOvsdbCache) empty = loom_ovsdb_cache_new ();
  g_autoptr (LoomOvsdbCache) cache = new_cache (ROWS);

  assert_ops (fabric, empty,
              "add-bridge panel as panel\n"
              "add-bridge b2 as switch\n"
              "add-nic m1.0 on panel to /r/m1.0\n"
              "add-patch b2.0 on panel to n-b2.0\n"
              "add-patch n-b2.0 on b2 to b2.0 access 10\n"
              "add-patch b2.1 on panel to n-b2.1\n"
              "add-patch n-b2.1 on b2 to b2.1 trunk 10,20\n");
  assert_ops (fabric, cache,
              "set-vlan n-b2.0 on b2 access 10\n"
              "delete-bridge b3\n"
              "delete-port m9.0 on panel\n"
              "add-patch b2.1 on panel to n-b2.1\n"
              "add-patch n-b2.1 on b2 to b2.1 trunk 10,20\n");
}

/* What of new_fabric () is there already, with these trunks at its b2.1, and all the rest as it is
 * wanted (an apostrophe stands for a quotation mark). */
static void
check_trunks (const char *trunks, const char *expected)
{
  g_autoptr (LoomFabric) fabric = new_fabric ();
  g_autofree char *text = g_strdup_printf (
      "{'Bridge': {"
      "'B0': {'new': {'name': 'panel', 'external_ids': ['map', [['lanloom-type', 'panel']]],"
      " 'ports': ['set', [['uuid', 'P0'], ['uuid', 'P1'], ['uuid', 'P2']]]}},"
      "'B1': {'new': {'name': 'b2', 'external_ids': ['map', [['lanloom-type', 'switch']]],"
      " 'ports': ['set', [['uuid', 'P3'], ['uuid', 'P4']]]}}},"
      "'Port': {"
      "'P0': {'new': {'name': 'm1.0', 'interfaces': ['uuid', 'I0']}},"
      "'P1': {'new': {'name': 'b2.0', 'interfaces': ['uuid', 'I1']}},"
      "'P2': {'new': {'name': 'b2.1', 'interfaces': ['uuid', 'I2']}},"
      "'P3': {'new': {'name': 'n-b2.0', 'interfaces': ['uuid', 'I3'], 'tag': 10,"
      " 'vlan_mode': 'access', 'trunks': ['set', []]}},"
      "'P4': {'new': {'name': 'n-b2.1', 'interfaces': ['uuid', 'I4'],"
      " 'vlan_mode': 'trunk', 'trunks': ['set', %s]}}},"
      "'Interface': {"
      "'I0': {'new': {'name': 'm1.0', 'type': 'dpdkvhostuserclient', 'ofport': 4,"
      " 'options': ['map', [['vhost-server-path', '/r/m1.0']]]}},"
      "'I1': {'new': {'name': 'b2.0', 'type': 'patch', 'ofport': 5,"
      " 'options': ['map', [['peer', 'n-b2.0']]]}},"
      "'I2': {'new': {'name': 'b2.1', 'type': 'patch', 'ofport': 6,"
      " 'options': ['map', [['peer', 'n-b2.1']]]}},"
      "'I3': {'new': {'name': 'n-b2.0', 'type': 'patch', 'ofport': 1,"
      " 'options': ['map', [['peer', 'b2.0']]]}},"
      "'I4': {'new': {'name': 'n-b2.1', 'type': 'patch', 'ofport': 2,"
      " 'options': ['map', [['peer', 'b2.1']]]}}}}",
      trunks);
  g_autoptr (LoomOvsdbCache) cache = new_cache (g_strdelimit (text, "'", '"'));

  assert_ops (fabric, cache, expected);
}

static void
test_trunks (void)
{
  check_trunks ("[10,20]", "");
  check_trunks ("[10,30]", "set-vlan n-b2.1 on b2 trunk 10,20\n");
  check_trunks ("[10]", "set-vlan n-b2.1 on b2 trunk 10,20\n");
}

static void
test_rules (void)
{
  g_autoptr (LoomFabric) fabric = new_fabric ();
  g_autoptr (LoomOvsdbCache) cache = new_cache (ROWS);
  g_autoptr (GHashTable) ports = loom_fabric_observed_ports (cache, LOOM_PANEL);
  g_autoptr (GHashTable) rules = loom_panel_rules_new (fabric, ports);
  g_autofree char *errors = loom_fabric_observed_errors (cache);
  const LoomPanelRule *rule = g_hash_table_lookup (rules, GUINT_TO_POINTER (4));

  g_assert_cmpuint (g_hash_table_size (ports), ==, 2);
  g_assert_cmpuint (g_hash_table_size (rules), ==, 2);
  g_assert_cmpuint (rule->out_port, ==, 6);
  g_assert_cmpuint (rule->cookie, ==, 7);
  g_assert_cmpstr (errors, ==, "m9.0: no memory");
}

/* A joint of the panel with b2 that is complained of, and what there is of its other half. */
static void
check_joint (const char *other, const char *expected)
{
  g_autofree char *text = g_strdup_printf (
      "{'Interface': {%s 'I1': {'new': {'name': 'b2.0', 'type': 'patch', 'ofport': 5,"
      " 'error': 'No usable peer', 'options': ['map', [['peer', 'n-b2.0']]]}}}}",
      other);
  g_autoptr (LoomOvsdbCache) cache = new_cache (g_strdelimit (text, "'", '"'));
  g_autofree char *errors = loom_fabric_observed_errors (cache);
  g_autoptr (GHashTable) refusals = loom_fabric_observed_refusals (cache);

  g_assert_cmpstr (errors, ==, expected);
  g_assert_cmpuint (g_hash_table_size (refusals), ==, expected != NULL ? 1 : 0);
}

static void
test_joints (void)
{
  check_joint ("", "b2.0: No usable peer");
  check_joint ("'I2': {'new': {'name': 'n-b2.0', 'type': 'patch', 'ofport': -1,"
               " 'options': ['map', [['peer', 'b2.0']]]}},",
               "b2.0: No usable peer");
  check_joint ("'I2': {'new': {'name': 'n-b2.0', 'type': 'patch', 'ofport': 1,"
               " 'options': ['map', [['peer', 'b2.1']]]}},",
               "b2.0: No usable peer");
  check_joint ("'I2': {'new': {'name': 'n-b2.0', 'type': 'patch', 'ofport': 1,"
               " 'options': ['map', [['peer', 'b2.0']]]}},",
               NULL);
}

/* "4>6 6>4 ": rules by port number, ascending. */
static char *
dup_rules (const LoomFabric *fabric, GHashTable *ports)
{
  g_autoptr (GHashTable) rules = loom_panel_rules_new (fabric, ports);
  GString *text = g_string_new (NULL);

  for (guint32 number = 1; number < 10; number++) {
    const LoomPanelRule *rule = g_hash_table_lookup (rules, GUINT_TO_POINTER (number));

    if (rule != NULL)
      g_string_append_printf (text, "%u>%u ", rule->in_port, rule->out_port);
  }
  return g_string_free (text, FALSE);
}

/* A cable by way of two more NICs is four rules; one that is cut has those of one direction. */
static void
test_routes (void)
{
  static const struct {
    LoomFabricRoute route;
    gboolean cut_from_a;
    gboolean cut_from_b;
    const char *rules;
  } CASES[] = {
      {LOOM_FABRIC_DIRECT, FALSE, FALSE, "1>2 2>1 "},
      {LOOM_FABRIC_THROUGH, FALSE, FALSE, "1>3 2>4 3>1 4>2 "},
      {LOOM_FABRIC_DRAINING, FALSE, FALSE, "1>2 2>1 3>1 4>2 "},
      {LOOM_FABRIC_DIRECT, TRUE, FALSE, "2>1 "},
      {LOOM_FABRIC_THROUGH, FALSE, TRUE, "1>3 4>2 "},
      {LOOM_FABRIC_THROUGH, TRUE, TRUE, ""},
  };
  static const char *const KEYS[] = {"m1.0", "m2.0", "w7.0", "w7.1"};
  g_autoptr (GHashTable) ports = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (LoomFabric) fabric = loom_fabric_new ();
  LoomFabricCable *cable;

  for (guint i = 0; i < G_N_ELEMENTS (KEYS); i++) {
    loom_fabric_add_nic (fabric, KEYS[i], "/r/x");
    g_hash_table_insert (ports, (gpointer) KEYS[i], GUINT_TO_POINTER (i + 1));
  }
  cable = loom_fabric_add_cable (fabric, 7, "m1.0", "m2.0");
  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++) {
    g_autofree char *rules = NULL;

    loom_fabric_cable_set_route (cable, CASES[i].route, "w7.0", "w7.1");
    cable->cut_from_a = CASES[i].cut_from_a;
    cable->cut_from_b = CASES[i].cut_from_b;
    g_assert_true (loom_fabric_check (fabric, NULL));
    rules = dup_rules (fabric, ports);
    g_assert_cmpstr (rules, ==, CASES[i].rules);
  }
  loom_fabric_cable_set_route (cable, LOOM_FABRIC_THROUGH, "w7.0", "m1.0");
  g_assert_false (loom_fabric_check (fabric, NULL));
}

/* The port that holds the buffers is made once and then nobody's business. */
static void
test_pool (void)
{
  g_autoptr (LoomOvsdbCache) empty = loom_ovsdb_cache_new ();
  g_autoptr (LoomOvsdbCache) cache = new_cache (
      "{\"Bridge\":{\"B0\":{\"new\":{\"name\":\"panel\",\"ports\":[\"uuid\",\"P0\"],"
      "\"external_ids\":[\"map\",[[\"lanloom-type\",\"panel\"]]]}}},"
      "\"Port\":{\"P0\":{\"new\":{\"name\":\"pool\",\"interfaces\":[\"uuid\",\"I0\"]}}},"
      "\"Interface\":{\"I0\":{\"new\":{\"name\":\"pool\",\"type\":\"dpdk\",\"ofport\":1}}}}");
  g_autoptr (GPtrArray) ops = loom_fabric_diff (NULL, empty);
  g_autoptr (JsonArray) transaction = NULL;
  g_autoptr (GHashTable) ports = loom_fabric_observed_ports (cache, LOOM_PANEL);
  g_autofree char *line = NULL;

  loom_fabric_add_pool (ops);
  g_assert_cmpuint (ops->len, ==, 2);
  line = loom_fabric_op_to_string (ops->pdata[1]);
  g_assert_cmpstr (line, ==, "add-pool pool on panel to net_null0,no-rx=1");
  transaction = loom_fabric_ops_to_transaction (ops, empty, "netdev");
  g_assert_cmpstr (
      json_object_get_string_member (
          json_object_get_object_member (json_array_get_object_element (transaction, 2), "row"),
          "type"),
      ==, "dpdk");
  assert_ops (NULL, cache, "");
  g_assert_cmpuint (g_hash_table_size (ports), ==, 0);
}

static void
test_check (void)
{
  static const struct {
    const char *nic;
    const char *path;
    const char *end;
  } BAD[] = {
      {"panel", "/r/x", "m1.0"}, {"M1", "/r/x", "m1.0"},           {"m1.0", "/r/x", "m1.0"},
      {"m2.0", "r/x", "m1.0"},   {"m2.0", "/r/x", "m3.0"},         {"m2.0", "/r/x", "b2.0"},
      {"", "/r/x", "m1.0"},      {"a2345678901234", "/r", "m1.0"}, {"pool", "/r/x", "m1.0"},
  };
  g_autoptr (LoomFabric) good = new_fabric ();

  g_assert_true (loom_fabric_check (good, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (BAD); i++) {
    g_autoptr (LoomFabric) fabric = new_fabric ();
    g_autoptr (GError) error = NULL;

    loom_fabric_add_nic (fabric, BAD[i].nic, BAD[i].path);
    loom_fabric_add_cable (fabric, 9, BAD[i].end, "b2.1");
    g_assert_false (loom_fabric_check (fabric, &error));
    g_assert_error (error, LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_INVALID);
  }
}

static void
test_cache (void)
{
  static const char *const BAD[] = {"[]", "{\"Port\":1}", "{\"Port\":{\"x\":[]}}", "\"x\""};
  g_autoptr (LoomOvsdbCache) cache = new_cache (ROWS);
  g_autoptr (JsonNode) gone = json_from_string ("{\"Bridge\":{\"B3\":{\"old\":{}}}}", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (BAD); i++) {
    g_autoptr (JsonNode) node = json_from_string (BAD[i], NULL);
    g_autoptr (GError) error = NULL;

    g_assert_false (loom_ovsdb_cache_update (cache, node, &error));
    g_assert_error (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_SYNTAX);
  }
  g_assert_nonnull (loom_ovsdb_cache_find (cache, "Bridge", "b3", NULL));
  g_assert_true (loom_ovsdb_cache_update (cache, gone, NULL));
  g_assert_null (loom_ovsdb_cache_find (cache, "Bridge", "b3", NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fabric/diff", test_diff);
  g_test_add_func ("/fabric/trunks", test_trunks);
  g_test_add_func ("/fabric/rules", test_rules);
  g_test_add_func ("/fabric/joints", test_joints);
  g_test_add_func ("/fabric/routes", test_routes);
  g_test_add_func ("/fabric/pool", test_pool);
  g_test_add_func ("/fabric/check", test_check);
  g_test_add_func ("/ovsdb-cache/updates", test_cache);
  return g_test_run ();
}
