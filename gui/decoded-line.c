/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/decoded-line.h"

#include <string.h>

#define N_COLUMNS 5
#define MAX_NUMBER_DIGITS 12
#define MAX_CELL_BYTES 512

/* (transfer full): what may be shown: valid, on one line, bounded. */
static char *
clean (const char *text)
{
  g_autofree char *cut = g_strndup (text, MAX_CELL_BYTES);
  char *valid = g_utf8_make_valid (g_strstrip (cut), -1);

  for (char *at = valid; *at != '\0'; at = g_utf8_next_char (at)) {
    if (g_ascii_iscntrl (*at))
      *at = ' ';
  }
  return valid;
}

static gboolean
parse_number (char *text, guint64 *ret_number)
{
  g_strstrip (text);
  return strlen (text) <= MAX_NUMBER_DIGITS
         && g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT64, ret_number, NULL);
}

LoomDecodedLine *
loom_decoded_line_new (const char *text, gsize size)
{
  g_autofree char *copy = g_strndup (size > 0 ? text : "", size);
  g_auto (GStrv) cells = g_strsplit (copy, "\t", N_COLUMNS);
  LoomDecodedLine *line;
  guint64 number;

  if (g_strv_length (cells) < N_COLUMNS || !parse_number (cells[0], &number))
    return NULL;
  line = g_new0 (LoomDecodedLine, 1);
  line->number = number;
  line->source = clean (cells[1]);
  line->protocol = clean (cells[2]);
  line->destination = clean (cells[3]);
  line->info = clean (cells[4]);
  return line;
}

void
loom_decoded_line_free (LoomDecodedLine *line)
{
  if (line == NULL)
    return;
  g_free (line->source);
  g_free (line->destination);
  g_free (line->protocol);
  g_free (line->info);
  g_free (line);
}
