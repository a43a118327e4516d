/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Names and descriptions come from files that strangers wrote. This file says which text may be
 * shown as it is, and defuses the rest for messages, so that an error about a name of 10,000
 * characters or with text that runs backwards is still one readable sentence. */

#include "canvas/model/text.h"

#define DISPLAY_MAX_CHARACTERS 40

static gboolean
is_plain (gunichar c)
{
  if (c < 0x20 || (c >= 0x7f && c < 0xa0))
    return FALSE;
  if (c == 0x061c || c == 0x200e || c == 0x200f)
    return FALSE;
  if (c >= 0x2028 && c <= 0x202e)
    return FALSE;
  if (c >= 0x2066 && c <= 0x2069)
    return FALSE;
  return c != 0xfeff;
}

gboolean
loom_text_is_plain (const char *text, gboolean multi_line)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    if (multi_line && (c == '\n' || c == '\t'))
      continue;
    if (!is_plain (c))
      return FALSE;
  }
  return TRUE;
}

static void
append_shown (GString *shown, gunichar c)
{
  if (is_plain (c))
    g_string_append_unichar (shown, c);
  else
    g_string_append_printf (shown, "\\u%04x", c);
}

char *
loom_text_escape (const char *text, gboolean multi_line)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *shown = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p)) {
    if (multi_line && (*p == '\n' || *p == '\t'))
      g_string_append_c (shown, *p);
    else
      append_shown (shown, g_utf8_get_char (p));
  }
  return g_string_free (shown, FALSE);
}

char *
loom_text_for_display (const char *text)
{
  g_autofree char *valid = NULL;
  GString *shown = g_string_new (NULL);
  int n = 0;

  /* Four bytes a character at most: no need to look at more than can be shown. */
  g_autofree char *head = g_strndup (text, (DISPLAY_MAX_CHARACTERS + 2) * 4);
  valid = g_utf8_make_valid (head, -1);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p)) {
    if (n++ == DISPLAY_MAX_CHARACTERS) {
      g_string_append (shown, "…");
      break;
    }
    append_shown (shown, g_utf8_get_char (p));
  }
  return g_string_free (shown, FALSE);
}
