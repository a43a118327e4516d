/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What tshark says is understood, and what it does not say is not: recorded lines and a recorded
 * frame, garbage, and what is cut off. */

#include "gui/decoded-line.h"
#include "gui/decoded-tree.h"

#include <string.h>

/* tshark 4.0.17 */
#define LINE                                                                                       \
  "    4\t    10.0.0.2\tICMP\t10.0.0.1    \tEcho (ping) reply    id=0x0007, seq=1/256, ttl=64"
#define TREE                                                                                       \
  "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"                                                   \
  "<pdml version=\"0\" creator=\"wireshark/4.0.17\" capture_file=\"-\">\n"                         \
  "<packet>\n"                                                                                     \
  "  <proto name=\"geninfo\" pos=\"0\" showname=\"General information\" size=\"90\">\n"            \
  "    <field name=\"num\" pos=\"0\" show=\"3\" showname=\"Number\" value=\"3\" size=\"90\"/>\n"   \
  "  </proto>\n"                                                                                   \
  "  <proto name=\"frame\" showname=\"Frame 3: 90 bytes\" size=\"90\" pos=\"0\"/>\n"               \
  "  <proto name=\"eth\" showname=\"Ethernet II, Src: 02:01\" size=\"14\" pos=\"0\">\n"            \
  "    <field name=\"eth.dst\" showname=\"Destination: 02:02\" size=\"6\" pos=\"0\">\n"            \
  "      <field name=\"eth.addr\" showname=\"Address: 02:02\" hide=\"yes\" size=\"6\">\n"          \
  "        <field name=\"within\" showname=\"what is hidden\"/>\n"                                 \
  "      </field>\n"                                                                               \
  "      <field name=\"eth.ig\" showname=\".... ...0 = IG bit\" size=\"3\" pos=\"0\"/>\n"          \
  "    </field>\n"                                                                                 \
  "    <field name=\"eth.type\" showname=\"Type: IPv4 (0x0800)\" size=\"2\" pos=\"12\"/>\n"        \
  "  </proto>\n"                                                                                   \
  "  <proto name=\"icmp\" showname=\"Don&#x27;t &lt;b&gt;\" size=\"56\" pos=\"34\">\n"             \
  "    <field name=\"data\" value=\"7878\"/>\n"                                                    \
  "  </proto>\n"                                                                                   \
  "</packet>\n"                                                                                    \
  "</pdml>\n"

static void
test_line (void)
{
  g_autoptr (LoomDecodedLine) line = loom_decoded_line_new (LINE, strlen (LINE));

  g_assert_cmpuint (line->number, ==, 4);
  g_assert_cmpstr (line->source, ==, "10.0.0.2");
  g_assert_cmpstr (line->destination, ==, "10.0.0.1");
  g_assert_cmpstr (line->protocol, ==, "ICMP");
  g_assert_cmpstr (line->info, ==, "Echo (ping) reply    id=0x0007, seq=1/256, ttl=64");
}

static void
test_line_garbage (void)
{
  static const char *const wrongs[] = {
      "",
      "\t\t\t\t",
      "resetting session.",
      "0\ta\tb\tc\td",
      "-1\ta\tb\tc\td",
      "1x\ta\tb\tc\td",
      "18446744073709551616\ta\tb\tc\td",
      "1\ta\tb\tc",
      "\xff\xfe\t\x01\tb\tc\td",
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrongs); i++)
    g_assert_null (loom_decoded_line_new (wrongs[i], strlen (wrongs[i])));
}

static void
test_line_bounds (void)
{
  g_autofree char *long_info = g_strnfill (100000, 'x');
  g_autofree char *text = g_strdup_printf ("1\ta\tb\tc\tq\xffr\x1bs\tt%s", long_info);
  g_autoptr (LoomDecodedLine) line = loom_decoded_line_new (text, strlen (text));

  g_assert_true (g_utf8_validate (line->info, -1, NULL));
  g_assert_true (g_str_has_prefix (line->info, "q\xef\xbf\xbdr s tx"));
  g_assert_cmpuint (strlen (line->info), <, 1000);
}

/* "Ethernet II …", or NULL. */
static const LoomDecodedItem *
get_item (GNode *root, const char *path)
{
  g_auto (GStrv) steps = g_strsplit (path, "/", -1);
  GNode *node = root;

  for (guint i = 0; node != NULL && steps[i] != NULL; i++)
    node = g_node_nth_child (node, (guint) g_ascii_strtoull (steps[i], NULL, 10));
  return node != NULL ? node->data : NULL;
}

static void
test_tree (void)
{
  GNode *root = loom_decoded_tree_new (TREE, strlen (TREE), NULL);
  const LoomDecodedItem *type;

  g_assert_nonnull (root);
  g_assert_cmpuint (g_node_n_children (root), ==, 3);
  g_assert_cmpstr (get_item (root, "0")->label, ==, "Frame 3: 90 bytes");
  g_assert_cmpstr (get_item (root, "1/0")->label, ==, "Destination: 02:02");
  g_assert_cmpstr (get_item (root, "1/0/0")->label, ==, ".... ...0 = IG bit");
  g_assert_null (get_item (root, "1/0/1"));
  type = get_item (root, "1/1");
  g_assert_cmpstr (type->label, ==, "Type: IPv4 (0x0800)");
  g_assert_cmpuint (type->first, ==, 12);
  g_assert_cmpuint (type->size, ==, 2);
  g_assert_cmpstr (get_item (root, "2")->label, ==, "Don't <b>");
  g_assert_cmpstr (get_item (root, "2/0")->label, ==, "data");
  loom_decoded_tree_free (root);
}

static void
test_tree_garbage (void)
{
  g_autoptr (GString) deep = g_string_new ("<pdml><packet>");
  g_autoptr (GError) error = NULL;
  GNode *root;

  /* Every beginning of it but the whole. */
  for (gsize size = 0; size < strlen (TREE) - 8; size++)
    g_assert_null (loom_decoded_tree_new (TREE, size, NULL));
  g_assert_null (loom_decoded_tree_new ("<pdml></pdml>", 13, &error));
  g_assert_nonnull (error);
  g_assert_null (loom_decoded_tree_new ("tshark: no", 10, NULL));
  g_assert_null (loom_decoded_tree_new ("<pdml>\xff\xfe</pdml>", 15, NULL));
  for (guint i = 0; i < 10000; i++)
    g_string_append (deep, "<field name='x'>");
  for (guint i = 0; i < 10000; i++)
    g_string_append (deep, "</field>");
  g_string_append (deep, "</packet></pdml>");
  root = loom_decoded_tree_new (deep->str, deep->len, NULL);
  g_assert_cmpuint (g_node_max_height (root), <, 100);
  loom_decoded_tree_free (root);
}

static void
test_tree_bounds (void)
{
  g_autoptr (GString) wide = g_string_new ("<pdml><packet>");
  GNode *root;

  for (guint i = 0; i < 20000; i++)
    g_string_append (wide, "<field name='x' pos='99999999' size='-4'/>");
  g_string_append (wide, "</packet></pdml>");
  root = loom_decoded_tree_new (wide->str, wide->len, NULL);
  g_assert_cmpuint (g_node_n_children (root), ==, 5000);
  g_assert_cmpuint (get_item (root, "7")->first, ==, 0);
  g_assert_cmpuint (get_item (root, "7")->size, ==, 0);
  loom_decoded_tree_free (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/decoded/line", test_line);
  g_test_add_func ("/decoded/line-garbage", test_line_garbage);
  g_test_add_func ("/decoded/line-bounds", test_line_bounds);
  g_test_add_func ("/decoded/tree", test_tree);
  g_test_add_func ("/decoded/tree-garbage", test_tree_garbage);
  g_test_add_func ("/decoded/tree-bounds", test_tree_bounds);
  return g_test_run ();
}
