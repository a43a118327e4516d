/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What strangers wrote, on one line and without power over a terminal. */

#include "backend/proto/plain-text.h"

#include <string.h>

static void
check (const char *data, gsize size, const char *expected)
{
  g_autofree char *plain = loom_plain_text (data, size, 32);

  g_assert_cmpstr (plain, ==, expected);
}

static void
test_plain (void)
{
  check ("all is well", 11, "all is well");
  check ("  caf\303\251 \n", 9, "caf\303\251");
  check (NULL, 0, "");
  check ("a\0b", 3, "a");
}

static void
test_escapes (void)
{
  /* ESC ] changes a window's title, U+009B is CSI in one character, U+202E turns text around. */
  check ("\033]0;gone\007.", 10, "]0;gone .");
  check ("a\302\2332Jb", 6, "a 2Jb");
  check ("a\342\200\256b", 5, "a b");
  check ("a\342\200\250b", 5, "a b");
}

static void
test_bounds (void)
{
  g_autofree char *many = g_strnfill (1000, 'x');
  g_autofree char *plain = loom_plain_text (many, 1000, 32);
  g_autofree char *broken = loom_plain_text ("ab\377\303", 4, 32);

  g_assert_cmpuint (strlen (plain), ==, 32);
  g_assert_true (g_utf8_validate (broken, -1, NULL));
  g_assert_true (g_str_has_prefix (broken, "ab"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plain-text/plain", test_plain);
  g_test_add_func ("/plain-text/escapes", test_escapes);
  g_test_add_func ("/plain-text/bounds", test_bounds);
  return g_test_run ();
}
