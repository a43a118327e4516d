/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The framer against every cut of a stream, and against what must be refused. */

#include <string.h>

#include "backend/proto/framer.h"
#include "backend/proto/json.h"

static const char STREAM[] = " {\"a\":\"}]\\\"{\"}\n[1,[2,{}]] \r\n{\"\\\\\":[\"\\\\\"]}";
static const char *const MESSAGES[] = {"{\"a\":\"}]\\\"{\"}", "[1,[2,{}]]",
                                       "{\"\\\\\":[\"\\\\\"]}"};

static void
test_cuts (void)
{
  for (gsize step = 1; step < sizeof STREAM; step++) {
    g_autoptr (LoomFramer) framer = loom_framer_new (1000, 10);
    guint n_messages = 0;

    for (gsize at = 0; at < sizeof STREAM - 1; at += step) {
      g_autoptr (GBytes) message = NULL;

      g_assert_true (
          loom_framer_push (framer, STREAM + at, MIN (step, sizeof STREAM - 1 - at), NULL));
      while ((message = loom_framer_pop (framer)) != NULL) {
        g_autoptr (JsonNode) node = loom_json_parse (message, NULL);

        g_assert_cmpmem (g_bytes_get_data (message, NULL), g_bytes_get_size (message),
                         MESSAGES[n_messages], strlen (MESSAGES[n_messages]));
        g_assert_nonnull (node);
        n_messages++;
        g_clear_pointer (&message, g_bytes_unref);
      }
    }
    g_assert_cmpuint (n_messages, ==, 3);
    g_assert_cmpuint (loom_framer_get_n_buffered (framer), ==, 0);
  }
}

static void
assert_refused (const char *text, gsize max_size, guint max_depth, int code)
{
  g_autoptr (LoomFramer) framer = loom_framer_new (max_size, max_depth);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;

  g_assert_false (loom_framer_push (framer, text, strlen (text), &error));
  g_assert_error (error, LOOM_PROTO_ERROR, code);
  g_assert_false (loom_framer_push (framer, "{}", 2, &again));
}

static void
test_refused (void)
{
  g_autofree char *deep = g_strnfill (200000, '[');
  g_autofree char *quote = g_strnfill (5000, 'x');

  assert_refused (deep, G_MAXSIZE, 64, LOOM_PROTO_ERROR_LIMIT);
  assert_refused (deep, 32, 1000000, LOOM_PROTO_ERROR_LIMIT);
  quote[0] = '[';
  quote[1] = '"';
  assert_refused (quote, 4000, 64, LOOM_PROTO_ERROR_LIMIT);
  assert_refused ("hello", 100, 10, LOOM_PROTO_ERROR_SYNTAX);
  assert_refused ("{}}", 100, 10, LOOM_PROTO_ERROR_SYNTAX);
  assert_refused ("[[[]]]", 100, 2, LOOM_PROTO_ERROR_LIMIT);
}

static void
test_parse (void)
{
  static const char *const BAD[] = {"{]", "[1,", "{\"a\"}", "[\"\xff\"]"};

  for (guint i = 0; i < G_N_ELEMENTS (BAD); i++) {
    g_autoptr (GBytes) bytes = g_bytes_new_static (BAD[i], strlen (BAD[i]));
    g_autoptr (GError) error = NULL;

    g_assert_null (loom_json_parse (bytes, &error));
    g_assert_error (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_SYNTAX);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/framer/cuts", test_cuts);
  g_test_add_func ("/framer/refused", test_refused);
  g_test_add_func ("/json/parse", test_parse);
  return g_test_run ();
}
