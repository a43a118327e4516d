/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See plain-text.h. */

#include "backend/proto/plain-text.h"

static gboolean
is_plain (gunichar c)
{
  switch (g_unichar_type (c)) {
  case G_UNICODE_CONTROL:
  case G_UNICODE_FORMAT:
  case G_UNICODE_LINE_SEPARATOR:
  case G_UNICODE_PARAGRAPH_SEPARATOR:
    return FALSE;
  default:
    return TRUE;
  }
}

char *
loom_plain_text (const void *data, gsize size, gsize max_size)
{
  g_autofree char *head = g_strndup (size > 0 ? data : "", MIN (size, max_size));
  g_autofree char *valid = g_utf8_make_valid (head, -1);
  GString *plain = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);
    g_string_append_unichar (plain, is_plain (c) ? c : ' ');
  }
  return g_strstrip (g_string_free (plain, FALSE));
}
