/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/screen-text.h"

#include <string.h>

/* Each row padded to @n_columns cells. */
static LoomScreenText *
make (int n_columns, const char *const *rows)
{
  GString *data = g_string_new (NULL);
  LoomScreenText *text;
  int n_rows = 0;

  while (rows[n_rows] != NULL)
    n_rows++;
  g_string_append_printf (data, "%d %d\n", n_columns, n_rows);
  for (int i = 0; i < n_rows; i++) {
    g_string_append (data, rows[i]);
    for (glong j = g_utf8_strlen (rows[i], -1); j < n_columns; j++)
      g_string_append_c (data, ' ');
    g_string_append_c (data, '\n');
  }
  text = loom_screen_text_parse (data->str, data->len);
  g_string_free (data, TRUE);
  return text;
}

static const char *const rows[] = {"ping -c 3 10.0.0.2", "", "  häß  (x)", "full row of 20 cells",
                                   NULL};

static char *
pick (LoomScreenUnit unit, LoomScreenPlace start, LoomScreenPlace end)
{
  g_autoptr (LoomScreenText) text = make (20, rows);

  g_assert_nonnull (text);
  loom_screen_text_extend (text, unit, &start, &end);
  return loom_screen_text_dup_range (text, start, end);
}

#define SELECT(unit, row, column, row2, column2, expected)                                         \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *got = pick (unit, (LoomScreenPlace){row, column},                             \
                                 (LoomScreenPlace){row2, column2});                                \
    g_assert_cmpstr (got, ==, expected);                                                           \
  }                                                                                                \
  G_STMT_END

static void
test_range (void)
{
  SELECT (LOOM_SCREEN_CHARACTERS, 0, 5, 0, 7, "-c");
  SELECT (LOOM_SCREEN_CHARACTERS, 0, 7, 0, 5, "-c"); /* dragged backwards */
  SELECT (LOOM_SCREEN_CHARACTERS, 0, 5, 0, 5, "");
  SELECT (LOOM_SCREEN_CHARACTERS, 0, 10, 2, 5, "10.0.0.2\n\n  häß");
  SELECT (LOOM_SCREEN_CHARACTERS, 2, 5, 0, 10, "10.0.0.2\n\n  häß");
  SELECT (LOOM_SCREEN_CHARACTERS, 3, 0, 3, 20, "full row of 20 cells");
}

static void
test_units (void)
{
  SELECT (LOOM_SCREEN_WORDS, 0, 12, 0, 12, "10.0.0.2");
  SELECT (LOOM_SCREEN_WORDS, 0, 1, 0, 6, "ping -c");
  SELECT (LOOM_SCREEN_WORDS, 2, 4, 2, 4, "häß");
  SELECT (LOOM_SCREEN_WORDS, 1, 4, 1, 4, "");
  SELECT (LOOM_SCREEN_WORDS, 3, 20, 3, 20, "cells");
  SELECT (LOOM_SCREEN_ROWS, 2, 4, 2, 4, "  häß  (x)");
  SELECT (LOOM_SCREEN_ROWS, 3, 4, 2, 4, "  häß  (x)\nfull row of 20 cells");
}

static void
check_place (const LoomScreenText *text, double x, double y, int row, int column)
{
  LoomScreenPlace place = loom_screen_text_get_place (text, x, y, 200, 80); /* cells of 10 × 20 */

  g_assert_cmpint (place.row, ==, row);
  g_assert_cmpint (place.column, ==, column);
}

static void
test_places (void)
{
  g_autoptr (LoomScreenText) text = make (20, rows);

  check_place (text, 0, 0, 0, 0);
  check_place (text, 4, 19, 0, 0); /* left half of a cell: before its character */
  check_place (text, 6, 20, 1, 1); /* right half: behind it */
  check_place (text, 199, 79, 3, 20);
  check_place (text, -50, 30, 1, 0); /* a drag may leave the picture */
  check_place (text, 500, 30, 1, 20);
  check_place (text, 100, -5, 0, 0);
  check_place (text, 100, 80, 3, 20);
  check_place (text, 100, 1e9, 3, 20);
  g_assert_cmpint (loom_screen_text_get_place (text, 3, 3, 0, 0).row, ==, 0);
}

/* A guest may say anything. */
static void
test_clean (void)
{
  static const char hostile[] = "4 1\na\x1b\xe2\x80\xae"
                                "b\n"; /* ESC, right-to-left override */
  g_autoptr (LoomScreenText) text = loom_screen_text_parse (hostile, sizeof hostile - 1);
  g_autofree char *got = NULL;

  g_assert_nonnull (text);
  got = loom_screen_text_dup_range (text, (LoomScreenPlace){0, 0}, (LoomScreenPlace){0, 4});
  g_assert_cmpstr (got, ==, "a  b");
}

static void
test_refused (void)
{
  static const char *const refused[] = {
      "",
      "80",
      "80 25",
      "80 25\n",
      "0 1\n\n",
      "256 1\nx\n",
      "1 256\nx\n",
      "2 1\nab",
      "2 1\na\n",
      "2 1\nabc\n",
      "2 1\nab\nx",
      "2 2\nab\n",
      "-1 1\na\n",
      " 1 1\na\n",
      "1 1 \na\n",
      "1000 1\na\n",
      "2 1\na\xff\n",
      "2 1\na\xe2\x82",
      "2 1\n\xed\xa0\x80"
      "a\n",
      "lanloom-screen: no such file",
  };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    g_assert_null (loom_screen_text_parse (refused[i], strlen (refused[i])));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/screen-text/range", test_range);
  g_test_add_func ("/screen-text/units", test_units);
  g_test_add_func ("/screen-text/places", test_places);
  g_test_add_func ("/screen-text/clean", test_clean);
  g_test_add_func ("/screen-text/refused", test_refused);
  return g_test_run ();
}
