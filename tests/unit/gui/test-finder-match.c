/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What Ctrl+K finds, and what it prefers. */

#include "gui/finder-match.h"

static int
score (const char *query, const char *text)
{
  g_autofree char *folded_query = loom_finder_fold (query);
  g_autofree char *folded_text = loom_finder_fold (text);

  return loom_finder_score (folded_query, folded_text);
}

static void
test_order (void)
{
  g_assert_cmpint (score ("st", "Start the lab"), >, score ("st", "Redo a step"));
  g_assert_cmpint (score ("st", "Redo a step"), >, score ("st", "Paste nodes"));
  g_assert_cmpint (score ("st", "Paste nodes"), >, 0);
  g_assert_cmpint (score ("stx", "Start the lab"), ==, 0);
}

static void
test_words (void)
{
  g_assert_cmpint (score ("lab start", "Start the lab"), >, 0);
  g_assert_cmpint (score ("lab  ", "Start the lab"), >, 0);
  g_assert_cmpint (score ("lab stop", "Start the lab"), ==, 0);
  g_assert_cmpint (score ("", "Start the lab"), >, 0);
  /* The second “a” of “aab” begins what is looked for. */
  g_assert_cmpint (score ("ab", "aab"), >, 0);
}

static void
test_languages (void)
{
  g_assert_cmpint (score ("DÉMARRER", "démarrer le labo"), >, 0);
  /* The same letter as one and as two code points. */
  g_assert_cmpint (score ("d\u00e9marrer", "de\u0301marrer le labo"), >, 0);
  g_assert_cmpint (score ("x", "\xff"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/finder/order", test_order);
  g_test_add_func ("/finder/words", test_words);
  g_test_add_func ("/finder/languages", test_languages);
  return g_test_run ();
}
