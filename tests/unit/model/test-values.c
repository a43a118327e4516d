/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The small values: ends, ports, links, nodes, names, kinds. */

#include "canvas/model/error.h"
#include "canvas/model/text.h"
#include "tests/unit/model/fixture.h"

#include <string.h>

static void
test_end_parse (void)
{
  static const char *const wrong[] = {"",          "pc1",     "pc1:",   ":0",     "pc1:-1",
                                      "pc1:+1",    "pc1:00",  "pc1:01", "pc1:0 ", " pc1:0",
                                      "pc1:99999", "pc1:0:0", "pc 1:0", "pc1:0x1"};
  LoomEnd end = {NULL, 0};

  g_assert_true (loom_end_parse ("pc1:12", &end));
  g_assert_cmpstr (end.node, ==, "pc1");
  g_assert_cmpint (end.port, ==, 12);
  loom_end_clear (&end);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_assert_false (loom_end_parse (wrong[i], &end));
    g_assert_null (end.node);
  }
}

static void
test_link_order (void)
{
  LoomEnd one = {(char *) "pc2", 0};
  LoomEnd other = {(char *) "pc10", 3};
  g_autoptr (LoomLink) link = loom_link_new (&one, &other);
  g_autoptr (LoomLink) copy = loom_link_copy (link);
  g_autofree char *id = loom_link_dup_id (link);

  g_assert_cmpstr (id, ==, "pc10:3 pc2:0");
  g_assert_true (loom_link_equal (link, copy));
}

static void
test_names (void)
{
  static const char *const wrong[] = {"",
                                      "-a",
                                      ".",
                                      "..",
                                      "a/b",
                                      "a b",
                                      "a\nb",
                                      "é",
                                      "a\xe2\x80\xae"
                                      "b",
                                      "a\x7f",
                                      "a123456789012345678901234567890123"};
  static const char *const right[] = {"a", "pc1", "1", "core.sw_1-b", "PC"};

  for (guint i = 0; i < G_N_ELEMENTS (right); i++)
    g_assert_true (loom_node_name_is_valid (right[i], NULL));
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (loom_node_name_is_valid (wrong[i], &error));
    g_assert_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID);
    g_assert_true (loom_text_is_plain (error->message, FALSE));
    g_assert_cmpuint (strlen (error->message), <, 250);
  }
}

static void
test_text_escape (void)
{
  g_autofree char *lines = loom_text_escape ("one\n\ttwo\xe2\x80\xae three\x07", TRUE);
  g_autofree char *line = loom_text_escape ("one\ntwo", FALSE);

  g_assert_cmpstr (lines, ==, "one\n\ttwo\\u202e three\\u0007");
  g_assert_cmpstr (line, ==, "one\\u000atwo");
}

static void
test_text_for_display (void)
{
  g_autofree char *long_text = g_strnfill (10000, 'x');
  g_autofree char *shown = loom_text_for_display (long_text);
  g_autofree char *bidi = loom_text_for_display ("a\xe2\x80\xae"
                                                 "b\n\xff");

  g_assert_cmpint (g_utf8_strlen (shown, -1), ==, 41);
  g_assert_cmpstr (bidi, ==, "a\\u202eb\\u000a\xef\xbf\xbd");
  g_assert_true (loom_text_is_plain ("line\nline", TRUE));
  g_assert_false (loom_text_is_plain ("line\nline", FALSE));
}

static void
test_macs (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (LoomNode) set = loom_node_new ("pc1", "tiny", 1);
  g_autofree char *mac = NULL;

  for (int i = 0; i < 2000; i++) {
    g_autofree char *name = g_strdup_printf ("pc%d", i);
    g_autoptr (LoomNode) node = loom_node_new (name, "tiny", 8);

    for (int port = 0; port < 8; port++) {
      char *derived = loom_node_dup_mac (node, port);

      g_assert_cmpuint (strlen (derived), ==, 17);
      g_assert_cmpuint (g_ascii_strtoull (derived, NULL, 16) & 3, ==, 2);
      g_assert_true (g_hash_table_add (seen, derived));
    }
  }
  set->ports[0].mac = g_strdup ("02:00:00:00:00:01");
  mac = loom_node_dup_mac (set, 0);
  g_assert_cmpstr (mac, ==, "02:00:00:00:00:01");
}

static void
test_node_copy (void)
{
  g_autoptr (LoomNode) node = loom_node_new ("sw1", "switch", 2);
  g_autoptr (LoomNode) copy = NULL;
  int vlan = 10;

  node->ports[1].vlan_mode = LOOM_VLAN_TRUNK;
  node->ports[1].trunk_vlans = g_array_new (FALSE, FALSE, sizeof (int));
  g_array_append_val (node->ports[1].trunk_vlans, vlan);
  copy = loom_node_copy (node);
  g_assert_true (loom_node_equal (node, copy));
  copy->x = 5;
  g_assert_false (loom_node_equal (node, copy));
  g_assert_true (loom_node_equal_but_layout (node, copy));
  vlan = 20;
  g_array_append_val (copy->ports[1].trunk_vlans, vlan);
  g_assert_cmpuint (node->ports[1].trunk_vlans->len, ==, 1);
  g_assert_false (loom_node_equal_but_layout (node, copy));
  loom_node_set_n_ports (copy, 1);
  loom_node_set_n_ports (copy, 4);
  g_assert_null (copy->ports[1].trunk_vlans);
}

static void
test_catalogue (void)
{
  static const char *const wrong[] = {"",
                                      "[Node]\n",
                                      "[Node]\nRole=cat\n",
                                      "[Node]\nRole=hub\nMaxPorts=65\n",
                                      "[Node]\nRole=machine\nMaxPorts=x\n",
                                      "[Node]\nRole=machine\nMinMemoryMiB=-1\n"};
  g_autoptr (LoomCatalogue) catalogue = fixture_catalogue ();
  GPtrArray *kinds = loom_catalogue_get_kinds (catalogue);
  const LoomKind *tiny = loom_catalogue_lookup (catalogue, "tiny");

  g_assert_cmpuint (kinds->len, ==, 4);
  g_assert_true (kinds->pdata[0] == tiny);
  g_assert_cmpint (tiny->role, ==, LOOM_ROLE_MACHINE);
  g_assert_cmpint (tiny->default_memory_mib, ==, 128);
  g_assert_true (tiny->takes_addresses);
  g_assert_null (loom_catalogue_lookup (catalogue, "nothing"));
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (loom_catalogue_add (catalogue, "x", wrong[i], strlen (wrong[i]), &error));
    g_assert_nonnull (error);
  }
  g_assert_false (loom_catalogue_add (catalogue, "tiny", "[Node]\nRole=hub\n", 16, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/end/parse", test_end_parse);
  g_test_add_func ("/link/order", test_link_order);
  g_test_add_func ("/node/names", test_names);
  g_test_add_func ("/node/macs", test_macs);
  g_test_add_func ("/node/copy", test_node_copy);
  g_test_add_func ("/text/escape", test_text_escape);
  g_test_add_func ("/text/for-display", test_text_for_display);
  g_test_add_func ("/kind/catalogue", test_catalogue);
  return g_test_run ();
}
