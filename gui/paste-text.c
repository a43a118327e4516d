/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See paste-text.h. */

#include "gui/paste-text.h"

#include <string.h>

/* A row of keys: what they type without and with Shift, and the scan code of the first. */
typedef struct {
  const char *plain;
  const char *shifted;
  guint first;
} KeyRow;

static const KeyRow key_rows[] = {
    {"1234567890-=\b\tqwertyuiop[]\r", "!@#$%^&*()_+\b\tQWERTYUIOP{}\r", 0x02},
    {"asdfghjkl;'`", "ASDFGHJKL:\"~", 0x1e},
    {"\\zxcvbnm,./", "|ZXCVBNM<>?", 0x2b},
    {" ", " ", 0x39},
};

char *
loom_paste_text_clean (const char *text)
{
  GString *clean = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    if (c == '\r' && p[1] == '\n')
      continue; /* the line feed counts */
    if (c == '\n' || c == '\r')
      g_string_append_c (clean, '\r');
    else if (c == '\t' || g_unichar_type (c) != G_UNICODE_CONTROL)
      g_string_append_unichar (clean, c);
  }
  return g_string_free (clean, FALSE);
}

guint
loom_paste_text_count_lines (const char *text)
{
  guint n = 0;

  for (const char *p = text; *p != '\0'; p++)
    n += *p == '\r';
  return n;
}

gboolean
loom_paste_text_get_key (gunichar c, guint *ret_scan_code, gboolean *ret_shift)
{
  for (guint i = 0; c > 0 && c < 0x7f && c != '\b' && i < G_N_ELEMENTS (key_rows); i++) {
    const char *plain = strchr (key_rows[i].plain, (int) c);
    const char *shifted = strchr (key_rows[i].shifted, (int) c);

    if (plain == NULL && shifted == NULL)
      continue;
    *ret_shift = plain == NULL;
    *ret_scan_code = key_rows[i].first
                     + (guint) (plain != NULL ? plain - key_rows[i].plain
                                              : shifted - key_rows[i].shifted);
    return TRUE;
  }
  return FALSE;
}

gunichar
loom_paste_text_find_untypable (const char *text)
{
  guint scan_code;
  gboolean shift;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (!loom_paste_text_get_key (g_utf8_get_char (p), &scan_code, &shift))
      return g_utf8_get_char (p);
  return 0;
}
