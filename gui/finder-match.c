/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/finder-match.h"

#include <string.h>

#define SCORE_START 4
#define SCORE_WORD 2
#define SCORE_INSIDE 1

char *
loom_finder_fold (const char *text)
{
  g_autofree char *normal = g_utf8_normalize (text, -1, G_NORMALIZE_ALL);

  /* NULL: not UTF-8. Nothing of that kind is on the screen; it finds nothing. */
  return normal != NULL ? g_utf8_casefold (normal, -1) : g_strdup ("");
}

static int
score_word (const char *word, const char *text)
{
  int best = 0;

  for (const char *at = text; (at = strstr (at, word)) != NULL; at = g_utf8_next_char (at)) {
    if (at == text)
      return SCORE_START;
    if (g_unichar_isalnum (g_utf8_get_char (g_utf8_prev_char (at))))
      best = MAX (best, SCORE_INSIDE);
    else
      best = SCORE_WORD;
  }
  return best;
}

int
loom_finder_score (const char *query, const char *text)
{
  g_auto (GStrv) words = g_strsplit_set (query, " \t", -1);
  int sum = 0;

  for (guint i = 0; words[i] != NULL; i++) {
    int score;

    if (words[i][0] == '\0')
      continue;
    score = score_word (words[i], text);
    if (score == 0)
      return 0;
    sum += score;
  }
  return sum > 0 ? sum : SCORE_INSIDE;
}
