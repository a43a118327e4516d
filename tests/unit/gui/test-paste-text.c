/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/paste-text.h"

static void
check_clean (const char *text, const char *expected, guint n_lines)
{
  g_autofree char *clean = loom_paste_text_clean (text);

  g_assert_cmpstr (clean, ==, expected);
  g_assert_cmpuint (loom_paste_text_count_lines (clean), ==, n_lines);
}

static void
test_clean (void)
{
  check_clean ("ls -l", "ls -l", 0);
  check_clean ("one\ntwo\n", "one\rtwo\r", 2);
  check_clean ("one\r\ntwo\rthree", "one\rtwo\rthree", 2);
  check_clean ("a\tb", "a\tb", 0);
  /* ESC, Ctrl+C, backspace, DEL and the C1 control sequence introducer */
  check_clean ("a\x1b[31m\x03\x08\x7f\xc2\x9b"
               "b",
               "a[31mb", 0);
  check_clean ("häß €", "häß €", 0);
}

static void
check_key (gunichar c, guint expected, gboolean expected_shift)
{
  guint scan_code = 0;
  gboolean shift = FALSE;

  g_assert_true (loom_paste_text_get_key (c, &scan_code, &shift));
  g_assert_cmphex (scan_code, ==, expected);
  g_assert_cmpint (shift, ==, expected_shift);
}

static void
test_keys (void)
{
  check_key ('a', 0x1e, FALSE);
  check_key ('A', 0x1e, TRUE);
  check_key ('z', 0x2c, FALSE);
  check_key ('M', 0x32, TRUE);
  check_key ('p', 0x19, FALSE);
  check_key ('1', 0x02, FALSE);
  check_key ('0', 0x0b, FALSE);
  check_key ('!', 0x02, TRUE);
  check_key ('=', 0x0d, FALSE);
  check_key ('|', 0x2b, TRUE);
  check_key ('~', 0x29, TRUE);
  check_key ('?', 0x35, TRUE);
  check_key (' ', 0x39, FALSE);
  check_key ('\t', 0x0f, FALSE);
  check_key ('\r', 0x1c, FALSE);
}

/* Each of ASCII has a key, none two of them the same. */
static void
test_all_keys (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  guint scan_code;
  gboolean shift;

  for (gunichar c = ' '; c < 0x7f; c++) {
    g_assert_true (loom_paste_text_get_key (c, &scan_code, &shift));
    g_assert_true (g_hash_table_add (seen, GUINT_TO_POINTER (scan_code * 2 + (shift != FALSE))));
  }
  g_assert_false (loom_paste_text_get_key ('\b', &scan_code, &shift));
  g_assert_false (loom_paste_text_get_key (0, &scan_code, &shift));
  g_assert_false (loom_paste_text_get_key (0x7f, &scan_code, &shift));
  g_assert_cmpuint (loom_paste_text_find_untypable ("ls -l\r"), ==, 0);
  g_assert_cmpuint (loom_paste_text_find_untypable ("5 € ä"), ==, 0x20ac);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/paste-text/clean", test_clean);
  g_test_add_func ("/paste-text/keys", test_keys);
  g_test_add_func ("/paste-text/all-keys", test_all_keys);
  return g_test_run ();
}
