/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Project files: what is read is written alike, what is wrong is told with its line and item, and
 * nothing a stranger can write does more. */

#include "canvas/model/reader.h"
#include "canvas/model/text.h"
#include "canvas/model/writer.h"
#include "tests/unit/model/fixture.h"

#include <string.h>

#define TOP "{\"lanloom\": 1,\n"
#define NODES TOP "\"nodes\": [\n"
#define PC1 "{\"name\": \"pc1\", \"kind\": \"tiny\"}"
#define PC2 "{\"name\": \"pc2\", \"kind\": \"tiny\"}"
#define AFTER(name, list) "{\"name\": \"" name "\", \"kind\": \"tiny\", \"after\": [" list "]}"
#define SW1 "{\"name\": \"sw1\", \"kind\": \"switch\", \"ports\": 2"
#define LINKS NODES PC1 ",\n" PC2 "],\n\"links\": [\n"
#define CABLE LINKS "{\"ends\": [\"pc2:0\", \"pc1:0\"],\n"
#define END "}]}"
#define ID "pc1:0 pc2:0"

/* Text, line and item of its first problem, and a part of the sentence. */
typedef struct {
  const char *text;
  int line;
  const char *item;
  const char *part;
} Wrong;

static const Wrong wrongs[] = {
    {"hello", 1, NULL, "value"},
    {"{\"lanloom\": 1,\n\"nodes\": [", 2, NULL, "cut off"},
    {"[]", 1, NULL, "not a Lanloom project"},
    {"{}", 1, NULL, "not a Lanloom project"},
    {"{\n\"lanloom\": \"1\"}", 2, NULL, "not a Lanloom project"},
    {"{\n\"lanloom\": 2, \"nodes\": 7}", 2, NULL, "newer Lanloom"},
    {TOP "\"nodes\": {}}", 2, NULL, "list"},
    {TOP "\"links\": 1}", 2, NULL, "list"},
    {TOP "\"canvas\": []}", 2, NULL, "object"},
    {TOP "\"name\": 1}", 2, NULL, "text"},
    {TOP "\"name\": \"a\\nb\"}", 2, NULL, "one line"},
    {TOP "\"description\": \"a\\u202eb\"}", 2, NULL, "description"},
    {NODES "7]}", 3, NULL, "object"},
    {NODES "{\"kind\": \"tiny\"}]}", 3, NULL, "no “name”"},
    {NODES "{\"name\": \"pc1\"}]}", 3, "pc1", "no “kind”"},
    {NODES "{\"name\": \"a/b\", \"kind\": \"tiny\"}]}", 3, "a/b", "a/b"},
    {NODES "{\"name\": \"a\\u0007b\", \"kind\": \"tiny\"}]}", 3, "a\\u0007b", "letters"},
    {NODES "{\"name\": \"a\\u202eb\", \"kind\": \"tiny\"}]}", 3, "a\\u202eb", "letters"},
    {NODES "{\"name\": \"\", \"kind\": \"tiny\"}]}", 3, "", "needs a name"},
    {NODES "{\"name\": 3, \"kind\": \"tiny\"}]}", 3, NULL, "text"},
    {NODES "{\"name\": \"pc1\", \"kind\": \"toaster\"}]}", 3, "pc1", "toaster"},
    {NODES PC1 ",\n" AFTER ("pc2", "\"pc3\"") "]}", 4, "pc2", "no node called so"},
    {NODES AFTER ("pc2", "\"pc2\"") "]}", 3, "pc2", "after itself"},
    {NODES AFTER ("pc2", "3") "]}", 3, "pc2", "text"},
    {NODES AFTER ("pc2", "\"a/b\"") "]}", 3, "pc2", "a/b"},
    {NODES AFTER ("a", "\"c\"") ",\n" AFTER ("b", "\"a\"") ",\n" AFTER ("c", "\"b\"") "]}", 3, "a",
     "a → c → b → a"},
    {NODES "{\"name\": \"h\", \"kind\": \"hub\", \"after\": []}]}", 3, "h", "after"},
    {NODES PC1 ",\n" PC1 "]}", 4, "pc1", "two nodes called “pc1”; the other is in line 3"},
    {NODES "{\"name\": \"pc1\", \"kind\": \"tiny\",\n\"nics\": 9}]}", 4, "pc1", "0 to 8 NICs"},
    {NODES "{\"name\": \"pc1\", \"kind\": \"tiny\", \"nics\": 1.5}]}", 3, "pc1", "NICs"},
    {NODES "{\"name\": \"pc1\", \"kind\": \"tiny\", \"nics\": \"1\"}]}", 3, "pc1", "number"},
    {NODES "{\"name\": \"pc1\", \"kind\": \"tiny\", \"ports\": 1}]}", 3, "pc1", "no “ports”"},
    {NODES "{\"name\": \"h\", \"kind\": \"hub\", \"ports\": 0}]}", 3, "h", "1 to 64"},
    {NODES "{\"name\": \"h\", \"kind\": \"hub\", \"memory_mib\": 64}]}", 3, "h", "memory_mib"},
    {NODES "{\"name\": \"h\", \"kind\": \"hub\", \"access\": {}}]}", 3, "h", "access"},
    {NODES "{\"name\": \"pc1\", \"kind\": \"tiny\", \"memory_mib\": -1}]}", 3, "pc1", "112"},
    {NODES "{\"name\": \"pc1\", \"kind\": \"tiny\", \"memory_mib\": 1000000000000000000}]}", 3,
     "pc1", "1048576 MiB"},
    {NODES "{\"name\": \"pc1\", \"kind\": \"tiny\", \"memory_mib\": 1e400}]}", 3, "pc1", "MiB"},
    {NODES "{\"name\": \"pc1\", \"kind\": \"tiny\", \"cpus\": 65}]}", 3, "pc1", "1 to 64"},
    {NODES "{\"name\": \"pc1\", \"kind\": \"tiny\", \"image\": \"a\"}]}", 3, "pc1", "image"},
    {NODES "{\"name\": \"d\", \"kind\": \"disk\", \"boot\": \"a\"}]}", 3, "d", "boot"},
    {NODES "{\"name\": \"pc1\", \"kind\": \"tiny\", \"boot\": \"a\\u001bb\"}]}", 3, "pc1",
     "control"},
    {NODES "{\"name\": \"pc1\", \"kind\": \"tiny\", \"addresses\": [\"10.0.0.1\"]}]}", 3, "pc1",
     "10.0.0.1"},
    {NODES "{\"name\": \"pc1\", \"kind\": \"tiny\", \"addresses\": [\"10.0.0.1/33\"]}]}", 3, "pc1",
     "prefix"},
    {NODES "{\"name\": \"pc1\", \"kind\": \"tiny\", \"addresses\": [\"10.0.0.1/24;reboot\"]}]}", 3,
     "pc1", "prefix"},
    {NODES "{\"name\": \"pc1\", \"kind\": \"tiny\", \"addresses\": [\"\", \"\"]}]}", 3, "pc1",
     "2 entries"},
    {NODES "{\"name\": \"pc1\", \"kind\": \"tiny\", \"addresses\": \"10.0.0.1/24\"}]}", 3, "pc1",
     "list"},
    {NODES "{\"name\": \"pc1\", \"kind\": \"tiny\", \"macs\": [\"03:00:00:00:00:01\"]}]}", 3, "pc1",
     "MAC"},
    {NODES "{\"name\": \"pc1\", \"kind\": \"tiny\", \"macs\": [\"00:00:00:00:00:00\"]}]}", 3, "pc1",
     "MAC"},
    {NODES "{\"name\": \"pc1\", \"kind\": \"tiny\", \"macs\": [\"02:00:00:00:00:0\"]}]}", 3, "pc1",
     "MAC"},
    {NODES "{\"name\": \"a\", \"kind\": \"tiny\", \"macs\": [\"02:00:00:00:00:0a\"]},\n"
           "{\"name\": \"b\", \"kind\": \"tiny\", \"macs\": [\"02:00:00:00:00:0A\"]}]}",
     4, "b", "that of “a:0”"},
    {NODES SW1 ", \"access\": {\"2\": 10}}]}", 3, "sw1", "no port “2”"},
    {NODES SW1 ", \"access\": {\"01\": 10}}]}", 3, "sw1", "no port “01”"},
    {NODES SW1 ", \"access\": {\"-1\": 10}}]}", 3, "sw1", "no port “-1”"},
    {NODES SW1 ", \"access\": {\"0\": 0}}]}", 3, "sw1", "1 to 4094"},
    {NODES SW1 ", \"access\": {\"0\": 4095}}]}", 3, "sw1", "1 to 4094"},
    {NODES SW1 ", \"trunk\": {\"0\": [10, 10]}}]}", 3, "sw1", "10 twice"},
    {NODES SW1 ", \"trunk\": {\"0\": 10}}]}", 3, "sw1", "list"},
    {NODES SW1 ", \"access\": {\"0\": 10}, \"trunk\": {\"0\": []}}]}", 3, "sw1", "both"},
    {LINKS "7]}", 6, NULL, "object"},
    {LINKS "{}]}", 6, NULL, "ends"},
    {LINKS "{\"ends\": [\"pc1:0\"]}]}", 6, NULL, "two"},
    {LINKS "{\"ends\": [\"pc1:0\", 5]}]}", 6, NULL, "text"},
    {LINKS "{\"ends\": [\"pc1:0\", \"pc2\"]}]}", 6, "pc2", "no end"},
    {LINKS "{\"ends\": [\"pc1:0\", \"pc3:0\"]}]}", 6, "pc3:0", "no node"},
    {LINKS "{\"ends\": [\"pc1:0\", \"pc2:1\"]}]}", 6, "pc2:1", "0 to 0"},
    {LINKS "{\"ends\": [\"pc1:0\", \"pc1:0\"]}]}", 6, "pc1:0", "Two cables"},
    {NODES PC1 ",\n" SW1 "}],\n\"links\": [\n{\"ends\": [\"pc1:0\", \"sw1:0\"]},\n"
               "{\"ends\": [\"sw1:0\", \"sw1:1\"]}]}",
     7, "sw1:0", "Two cables"},
    {CABLE "\"delay_ms\": -1" END, 7, ID, "“delay_ms” must be from 0 to 60000"},
    {CABLE "\"delay_ms\": 60001" END, 7, ID, "60000"},
    {CABLE "\"delay_ms\": \"20\"" END, 7, ID, "number"},
    {CABLE "\"delay_ms\": null" END, 7, ID, "number"},
    {CABLE "\"jitter_law\": \"gauss\"" END, 7, ID, "uniform, normal, pareto"},
    {CABLE "\"jitter_law\": 1" END, 7, ID, "text"},
    {CABLE "\"keep_order\": 1" END, 7, ID, "true or false"},
    {CABLE "\"loss_percent\": 100.1" END, 7, ID, "0 to 100"},
    {CABLE "\"burst_leave_percent\": 0" END, 7, ID, "0.000001 to 100"},
    {CABLE "\"rate_mbps\": 0.0001" END, 7, ID, "0 for no limit"},
    {CABLE "\"queue_frames\": 0" END, 7, ID, "1 to 100000"},
    {CABLE "\"queue_frames\": 1.5" END, 7, ID, "whole"},
    {CABLE "\"red_min_percent\": 50, \"red_max_percent\": 50" END, 6, ID, "less than"},
    {CABLE "\"red_min_percent\": 50" END, 6, ID, "less than"},
    {CABLE "\"red_max_percent\": 50, \"forward\": {\"red_min_percent\": 60}" END, 6, ID, "less"},
    {CABLE "\"forward\": {\n\"delay_ms\": 1e9}" END, 8, ID, "60000"},
    {CABLE "\"forward\": [20]" END, 7, ID, "object"},
    {CABLE "\"seed\": -1" END, 7, ID, "seed"},
    {CABLE "\"seed\": 9007199254740992" END, 7, ID, "9007199254740991"},
    {CABLE "\"seed\": 1.5" END, 7, ID, "seed"},
    {CABLE "\"fault\": \"cut\"" END, 7, ID, "unplugged, port"},
    {CABLE "\"fault\": \"port\"" END, 6, ID, "needs “at”"},
    {CABLE "\"fault\": \"port\", \"at\": \"pc3:0\"" END, 7, ID, "two ends"},
    {CABLE "\"fault\": \"unplugged\", \"at\": \"pc1:0\"" END, 6, ID, "“at” is for"},
    {CABLE "\"period_s\": 10" END, 6, ID, "flapping"},
    {CABLE "\"fault\": \"flapping\", \"period_s\": 0.4" END, 7, ID, "0.5 to 3600"},
    {CABLE "\"fault\": \"flapping\", \"up_percent\": 100" END, 7, ID, "1 to 99"},
    {NODES PC1 "],\n\"canvas\": {\n\"pc3\": {}}}", 5, "pc3", "place"},
    {NODES PC1 "],\n\"canvas\": {\n\"pc1\": {\"x\": \"1\"}}}", 5, "pc1", "number"},
    {NODES PC1 "],\n\"canvas\": {\n\"pc1\": {\"x\": 1e7}}}", 5, "pc1", "far"},
};

static const char *const bad_images[] = {
    "/etc/shadow",     "../x.qcow2", "a/../../x",      "./x", "a//b",      "a/",
    "json:{}",         "nbd:x",      "C:\\\\x.qcow2",  "~/x", "a\\u0000b", "a\\nb",
    "ssh://host/path", "..",         "a\\u202eb.qcow2"};

static LoomLab *
read_text (const char *text, gsize size, GPtrArray **ret_problems, GError **error)
{
  g_autoptr (LoomCatalogue) catalogue = fixture_catalogue ();

  return loom_reader_read (catalogue, text, size, ret_problems, error);
}

static LoomLab *
read_right (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) problems = NULL;
  LoomLab *lab = read_text (text, strlen (text), &problems, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (problems->len, ==, 0);
  return lab;
}

static void
assert_rewritten (const char *text, const char *expected)
{
  g_autoptr (LoomLab) lab = read_right (text);
  g_autoptr (LoomLab) copy = loom_lab_copy (lab);
  g_autofree char *written = loom_writer_write (lab, NULL);
  g_autofree char *of_copy = loom_writer_write (copy, NULL);

  g_assert_cmpstr (written, ==, expected);
  g_assert_cmpstr (of_copy, ==, expected);
}

static void
test_shipped (void)
{
  static const char *const names[] = {"two-machines", "one-switch", "two-switches"};

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_strdup_printf ("data/labs/%s.lanloom", names[i]);
    g_autofree char *text = fixture_read (path, NULL);

    assert_rewritten (text, text);
  }
}

static void
test_everything (void)
{
  g_autofree char *text = fixture_read ("tests/unit/model/everything.lanloom", NULL);

  assert_rewritten (text, text);
}

static void
test_by_hand (void)
{
  g_autofree char *text = fixture_read ("tests/unit/model/by-hand.lanloom", NULL);
  g_autofree char *expected = fixture_read ("tests/unit/model/by-hand.expected", NULL);

  assert_rewritten (text, expected);
  assert_rewritten (expected, expected);
}

static void
test_empty (void)
{
  const char *expected = "{\n  \"lanloom\": 1,\n  \"nodes\": [],\n  \"links\": [],\n"
                         "  \"canvas\": {}\n}\n";

  assert_rewritten ("{\"lanloom\":1}", expected);
  assert_rewritten (expected, expected);
}

/* What a cable's line says, and how it is written. */
static const struct {
  const char *said;
  const char *written;
} cables[] = {
    {"", ""},
    {", \"delay_ms\": 0, \"jitter_law\": \"uniform\", \"fault\": \"none\", \"seed\": 0", ""},
    {", \"loss_percent\": 1e-1, \"delay_ms\": 20.0000001",
     ", \"delay_ms\": 20, \"loss_percent\": 0.1"},
    {", \"x\": 1, \"delay_ms\": 20", ", \"delay_ms\": 20, \"x\": 1"},
    {", \"backward\": {\"rate_mbps\": 1}, \"rate_mbps\": 8",
     ", \"forward\": {\"rate_mbps\": 8}, \"backward\": {\"rate_mbps\": 1}"},
    {", \"delay_ms\": 5, \"forward\": {\"delay_ms\": 0}", ", \"backward\": {\"delay_ms\": 5}"},
    {", \"forward\": {\"delay_ms\": 5}, \"backward\": {\"delay_ms\": 5}", ", \"delay_ms\": 5"},
    {", \"forward\": {}, \"backward\": {\"new\": [ 1 ]}", ", \"backward\": {\"new\": [1]}"},
    {", \"keep_order\": false, \"jitter_law\": \"pareto\", \"queue_kib\": 64",
     ", \"jitter_law\": \"pareto\", \"keep_order\": false, \"queue_kib\": 64"},
    {", \"burst_enter_percent\": 1, \"burst_leave_percent\": 1e-6",
     ", \"burst_enter_percent\": 1, \"burst_leave_percent\": 0.000001"},
    {", \"seed\": 9007199254740991, \"rate_mbps\": 0.064",
     ", \"rate_mbps\": 0.064, \"seed\": 9007199254740991"},
    {", \"at\": \"pc2:0\", \"fault\": \"one-way\"", ", \"fault\": \"one-way\", \"at\": \"pc2:0\""},
    {", \"fault\": \"flapping\", \"period_s\": 10, \"up_percent\": 50",
     ", \"fault\": \"flapping\""},
    {", \"fault\": \"flapping\", \"up_percent\": 9, \"period_s\": 0.5",
     ", \"fault\": \"flapping\", \"period_s\": 0.5, \"up_percent\": 9"},
};

static char *
write_cable (const char *ends, const char *members)
{
  g_autofree char *text = g_strdup_printf (LINKS "{\"ends\": [%s]%s}]}", ends, members);
  g_autoptr (LoomLab) lab = read_right (text);
  g_autofree char *written = loom_writer_write (lab, NULL);
  const char *begin = strstr (written, "\"pc2:0\"]") + strlen ("\"pc2:0\"]");

  assert_rewritten (written, written);
  return g_strndup (begin, strstr (begin, "}\n  ],") - begin);
}

static void
test_cables (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cables); i++) {
    g_autofree char *written = write_cable ("\"pc1:0\", \"pc2:0\"", cables[i].said);

    g_test_message ("%s", cables[i].said);
    g_assert_cmpstr (written, ==, cables[i].written);
  }
}

/* Ends in the other order turn the directions round, and not where a fault is. */
static void
test_turned_cable (void)
{
  g_autofree char *written = write_cable (
      "\"pc2:0\", \"pc1:0\"", ", \"forward\": {\"delay_ms\": 1, \"x\": 2}, \"fault\": \"port\", "
                              "\"at\": \"pc2:0\"");

  g_assert_cmpstr (written, ==,
                   ", \"backward\": {\"delay_ms\": 1, \"x\": 2}, \"fault\": \"port\", "
                   "\"at\": \"pc2:0\"");
}

static void
test_wrong (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (wrongs); i++) {
    const Wrong *wrong = &wrongs[i];
    g_autoptr (GPtrArray) problems = NULL;
    g_autoptr (GError) error = NULL;
    const LoomProblem *first;

    g_test_message ("%s", wrong->text);
    g_assert_null (read_text (wrong->text, strlen (wrong->text), &problems, &error));
    g_assert_nonnull (error);
    g_assert_true (error->domain == LOOM_MODEL_ERROR);
    g_assert_cmpuint (problems->len, ==, 1);
    first = problems->pdata[0];
    g_test_message ("%s", first->message);
    g_assert_cmpint (first->line, ==, wrong->line);
    g_assert_cmpstr (first->item, ==, wrong->item);
    g_assert_nonnull (strstr (first->message, wrong->part));
    g_assert_true (loom_text_is_plain (first->message, FALSE));
  }
}

static void
test_bad_images (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_images); i++) {
    g_autofree char *text = g_strdup_printf (
        NODES "{\"name\": \"d\", \"kind\": \"disk\", \"image\": \"%s\"}]}", bad_images[i]);
    g_autoptr (GPtrArray) problems = NULL;

    g_test_message ("%s", text);
    g_assert_null (read_text (text, strlen (text), &problems, NULL));
    g_assert_cmpuint (problems->len, ==, 1);
  }
}

static void
test_all_problems (void)
{
  const char *text = NODES "{\"name\": \"pc1\", \"kind\": \"tiny\", \"cpus\": 0, \"nics\": 9},\n"
                           "{\"name\": \"pc1\", \"kind\": \"tiny\"}],\n"
                           "\"links\": [{\"ends\": [\"a:0\", \"b:0\"]}]}";
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (read_text (text, strlen (text), &problems, &error));
  g_assert_cmpuint (problems->len, ==, 5);
  g_assert_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID);
  g_assert_true (g_str_has_prefix (error->message, "Line 3: "));
  for (guint i = 1; i < problems->len; i++)
    g_assert_cmpint (((LoomProblem *) problems->pdata[i - 1])->line, <=,
                     ((LoomProblem *) problems->pdata[i])->line);
}

static void
test_many_problems (void)
{
  g_autoptr (GString) text = g_string_new (NODES);
  g_autoptr (GPtrArray) problems = NULL;

  for (int i = 0; i < 4000; i++)
    g_string_append (text, "{\"name\": \"/\"},\n");
  g_string_append (text, "7]}");
  g_assert_null (read_text (text->str, text->len, &problems, NULL));
  g_assert_cmpuint (problems->len, ==, 100);
}

/* A name of 10,000 characters makes a sentence one can read. */
static void
test_long_name (void)
{
  g_autofree char *name = g_strnfill (10000, 'x');
  g_autofree char *text = g_strdup_printf (NODES "{\"name\": \"%s\", \"kind\": \"tiny\"}]}", name);
  g_autoptr (GPtrArray) problems = NULL;

  g_assert_null (read_text (text, strlen (text), &problems, NULL));
  g_assert_cmpuint (problems->len, ==, 1);
  g_assert_cmpuint (strlen (((LoomProblem *) problems->pdata[0])->message), <, 200);
}

static void
test_large (void)
{
  gsize size = 100 * 1000 * 1000;
  g_autofree char *spaces = g_malloc (size);
  g_autofree char *brackets = g_strnfill (200 * 1024, '[');
  g_autoptr (GString) many = g_string_new (NODES "7");
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GError) error = NULL;

  memset (spaces, ' ', size);
  g_assert_null (read_text (spaces, size, &problems, &error));
  g_assert_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_SYNTAX);
  g_assert_cmpint (((LoomProblem *) problems->pdata[0])->line, ==, 0);
  g_assert_null (read_text (brackets, 200 * 1024, NULL, NULL));
  for (int i = 0; i < 2000000; i++)
    g_string_append (many, ",7");
  g_string_append (many, "]}");
  g_assert_null (read_text (many->str, many->len, NULL, NULL));
}

/* Cut anywhere, or with one byte turned: a problem or a lab, never a crash. */
static void
test_broken (void)
{
  g_autofree char *text = fixture_read ("tests/unit/model/everything.lanloom", NULL);
  gsize size = strlen (text);

  for (gsize i = 0; i < size; i += 3) {
    g_autofree char *part = g_memdup2 (text, i + 1);
    g_autofree char *turned = g_memdup2 (text, size);
    g_autoptr (LoomLab) lab = NULL;

    g_assert_null (read_text (part, MIN (i + 1, size - strlen ("}\n")), NULL, NULL));
    turned[i] ^= 1 << (i % 8);
    lab = read_text (turned, size, NULL, NULL);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reader/shipped", test_shipped);
  g_test_add_func ("/reader/everything", test_everything);
  g_test_add_func ("/reader/by-hand", test_by_hand);
  g_test_add_func ("/reader/empty", test_empty);
  g_test_add_func ("/reader/cables", test_cables);
  g_test_add_func ("/reader/turned-cable", test_turned_cable);
  g_test_add_func ("/reader/wrong", test_wrong);
  g_test_add_func ("/reader/bad-images", test_bad_images);
  g_test_add_func ("/reader/all-problems", test_all_problems);
  g_test_add_func ("/reader/many-problems", test_many_problems);
  g_test_add_func ("/reader/long-name", test_long_name);
  g_test_add_func ("/reader/large", test_large);
  g_test_add_func ("/reader/broken", test_broken);
  return g_test_run ();
}
