/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The JSON reader: what RFC 8259 allows, what it does not, and where it says so. */

#include "canvas/model/json.h"

#include <string.h>

#include "canvas/model/error.h"

typedef struct {
  const char *text;
  int line;
} Wrong;

static const Wrong wrongs[] = {
    {"", 1},
    {"\n\n", 3},
    {"{", 1},
    {"[1,]", 1},
    {"[1\n,\n,2]", 3},
    {"{\"a\": 1,}", 1},
    {"{a: 1}", 1},
    {"{\"a\" 1}", 1},
    {"{\"a\": 1, \"b\": 2,\n \"a\": 3}", 2},
    {"01", 1},
    {"1.", 1},
    {".5", 1},
    {"+1", 1},
    {"-", 1},
    {"1e", 1},
    {"0x10", 1},
    {"NaN", 1},
    {"tru", 1},
    {"truex", 1},
    {"nul", 1},
    {"'a'", 1},
    {"\"a", 1},
    {"\"a\nb\"", 1},
    {"\"\\x\"", 1},
    {"\"\\u12\"", 1},
    {"\"\\ud800\"", 1},
    {"\"\\ud800\\u0041\"", 1},
    {"\"\\udc00\"", 1},
    {"\"\\u0000\"", 1},
    {"\"\xff\"", 1},
    {"\n\"\xc3\"", 2},
    {"\xef\xbb\xbf{}", 1},
    {"1 2", 1},
    {"// c\n1", 1},
    {"[[[[1]]]]", 1},
};

static LoomJsonValue *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  LoomJsonValue *value = loom_json_value_parse (text, strlen (text), 3, NULL, &error);

  g_assert_no_error (error);
  return value;
}

static void
test_wrong (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (wrongs); i++) {
    g_autoptr (GError) error = NULL;
    int line = 0;

    g_test_message ("%s", wrongs[i].text);
    g_assert_null (
        loom_json_value_parse (wrongs[i].text, strlen (wrongs[i].text), 3, &line, &error));
    g_assert_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_SYNTAX);
    g_assert_cmpint (line, ==, wrongs[i].line);
  }
}

static void
test_values (void)
{
  g_autoptr (LoomJsonValue) value = parse (
      " {\"a\" :\n[1 , -2.50e1, true,null],\"\\u00e9\\ud83d\\ude00\":\"\\n\\/\" }\n");
  LoomJsonValue *list = loom_json_value_get (value, "a");
  LoomJsonValue *text = loom_json_value_get (value, "é😀");
  g_autofree char *compact = loom_json_value_dup_compact (value);
  g_autofree char *compact_list = loom_json_value_dup_compact (list);
  int number = 0;

  g_assert_cmpint (list->line, ==, 2);
  g_assert_cmpuint (list->n_items, ==, 4);
  g_assert_true (loom_json_value_get_int (list->first, 0, 5, &number));
  g_assert_cmpint (number, ==, 1);
  g_assert_false (loom_json_value_get_int (list->first, 2, 5, &number));
  g_assert_cmpfloat (list->first->next->number, ==, -25);
  g_assert_cmpstr (text->string, ==, "\n/");
  g_assert_null (loom_json_value_get (value, "b"));
  g_assert_null (loom_json_value_get (list, "b"));
  g_assert_cmpstr (compact_list, ==, "[1, -2.50e1, true, null]");
  g_assert_cmpstr (compact, ==,
                   "{\"a\": [1, -2.50e1, true, null], \"\\u00e9\\ud83d\\ude00\": \"\\n\\/\"}");
}

static void
test_huge_numbers (void)
{
  g_autoptr (LoomJsonValue) value = parse ("[1e999, -1e999, 1000000000000000000]");
  g_autofree char *many = g_strnfill (2000, '1');
  int number = 0;

  for (LoomJsonValue *item = value->first; item != NULL; item = item->next)
    g_assert_false (loom_json_value_get_int (item, G_MININT, G_MAXINT, &number));
  g_assert_null (loom_json_value_parse (many, 2000, 3, NULL, NULL));
}

static void
test_deep (void)
{
  g_autofree char *brackets = g_strnfill (200 * 1024, '[');
  g_autoptr (GError) error = NULL;

  g_assert_null (loom_json_value_parse (brackets, 200 * 1024, 32, NULL, &error));
  g_assert_nonnull (strstr (error->message, "32"));
}

/* 131,072 names that g_str_hash () cannot tell apart: "Ez" and "FY" hash alike. */
static void
test_many_members (void)
{
  g_autoptr (GString) text = g_string_new ("{");
  g_autoptr (LoomJsonValue) value = NULL;
  g_autoptr (GError) error = NULL;
  int line = 0;

  for (guint i = 0; i < 1 << 17; i++) {
    g_string_append (text, i > 0 ? ",\n\"" : "\"");
    for (guint bit = 0; bit < 17; bit++)
      g_string_append (text, (i >> bit) & 1 ? "Ez" : "FY");
    g_string_append (text, "\": 0");
  }
  g_string_append_c (text, '}');
  value = loom_json_value_parse (text->str, text->len, 3, NULL, &error);
  g_assert_no_error (error);
  g_string_truncate (text, text->len - 1);
  g_string_append (text, ",\n\"EzEzEzEzEzEzEzEzEzEzEzEzEzEzEzEzEz\": 0}");
  g_assert_null (loom_json_value_parse (text->str, text->len, 3, &line, &error));
  g_assert_cmpint (line, ==, (1 << 17) + 1);
}

static void
test_strings (void)
{
  g_autoptr (GString) json = g_string_new (NULL);
  g_autoptr (LoomJsonValue) value = NULL;

  loom_json_append_string (json, "a\"\\/\b\n\t\x7f é");
  g_assert_cmpstr (json->str, ==, "\"a\\\"\\\\/\\u0008\\n\\t\\u007f é\"");
  value = parse (json->str);
  g_assert_cmpstr (value->string, ==, "a\"\\/\b\n\t\x7f é");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/values", test_values);
  g_test_add_func ("/json/wrong", test_wrong);
  g_test_add_func ("/json/huge-numbers", test_huge_numbers);
  g_test_add_func ("/json/deep", test_deep);
  g_test_add_func ("/json/many-members", test_many_members);
  g_test_add_func ("/json/strings", test_strings);
  return g_test_run ();
}
