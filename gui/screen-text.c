/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See screen-text.h. The cells are kept as characters of one row after the other, so that a place
 * is an index. */

#include "gui/screen-text.h"

#include <math.h>
#include <string.h>

struct _LoomScreenText {
  int n_columns;
  int n_rows;
  gunichar *cells;
};

static gunichar
plain (gunichar c)
{
  switch (g_unichar_type (c)) {
  case G_UNICODE_CONTROL:
  case G_UNICODE_FORMAT:
  case G_UNICODE_SURROGATE:
  case G_UNICODE_LINE_SEPARATOR:
  case G_UNICODE_PARAGRAPH_SEPARATOR:
    return ' ';
  default:
    return c;
  }
}

/* A number of at most three digits at *@at, which is moved behind it. */
static gboolean
read_number (const char **at, const char *end, int max, int *ret_number)
{
  int number = 0;
  const char *p = *at;

  while (p < end && p - *at < 3 && g_ascii_isdigit (*p))
    number = 10 * number + (*p++ - '0');
  if (p == *at || number < 1 || number > max)
    return FALSE;
  *at = p;
  *ret_number = number;
  return TRUE;
}

static gboolean
read_row (const char **at, const char *end, gunichar *cells, int n_columns)
{
  const char *p = *at;

  for (int i = 0; i < n_columns; i++) {
    gunichar c = p < end ? g_utf8_get_char_validated (p, end - p) : (gunichar) -1;

    if (c == (gunichar) -1 || c == (gunichar) -2 || c == '\n')
      return FALSE;
    cells[i] = plain (c);
    p = g_utf8_next_char (p);
  }
  if (p >= end || *p != '\n')
    return FALSE;
  *at = p + 1;
  return TRUE;
}

LoomScreenText *
loom_screen_text_parse (const char *data, gsize size)
{
  g_autoptr (LoomScreenText) self = g_new0 (LoomScreenText, 1);
  const char *end = data + size;

  if (!read_number (&data, end, LOOM_SCREEN_TEXT_MAX_COLUMNS, &self->n_columns) || data == end
      || *data++ != ' ' || !read_number (&data, end, LOOM_SCREEN_TEXT_MAX_ROWS, &self->n_rows)
      || data == end || *data++ != '\n')
    return NULL;
  self->cells = g_new (gunichar, (gsize) self->n_columns * self->n_rows);
  for (int i = 0; i < self->n_rows; i++)
    if (!read_row (&data, end, self->cells + i * self->n_columns, self->n_columns))
      return NULL;
  return data == end ? g_steal_pointer (&self) : NULL;
}

void
loom_screen_text_free (LoomScreenText *self)
{
  g_free (self->cells);
  g_free (self);
}

int
loom_screen_text_get_n_columns (const LoomScreenText *self)
{
  return self->n_columns;
}

int
loom_screen_text_get_n_rows (const LoomScreenText *self)
{
  return self->n_rows;
}

LoomScreenPlace
loom_screen_text_get_place (const LoomScreenText *self, double x, double y, double width,
                            double height)
{
  LoomScreenPlace place = {0, 0};

  if (width <= 0 || height <= 0)
    return place;
  if (y < 0)
    return place;
  if (y >= height)
    return (LoomScreenPlace){self->n_rows - 1, self->n_columns};
  place.row = (int) (y * self->n_rows / height);
  place.column = (int) floor (CLAMP (x / width, 0, 1) * self->n_columns + 0.5);
  return place;
}

static int
to_index (const LoomScreenText *self, LoomScreenPlace place)
{
  return place.row * self->n_columns + place.column;
}

/* What a double click takes: also what stands in addresses, names of files and options. */
static gboolean
is_in_word (gunichar c)
{
  return g_unichar_isalnum (c)
         || (c != 0 && c < 0x80 && strchr ("-._/:@%+~=#,?&", (int) c) != NULL);
}

static void
extend_to_words (const LoomScreenText *self, LoomScreenPlace *start, LoomScreenPlace *end)
{
  const gunichar *first = self->cells + start->row * self->n_columns;
  const gunichar *last = self->cells + end->row * self->n_columns;

  while (start->column > 0 && is_in_word (first[start->column - 1]))
    start->column--;
  while (end->column < self->n_columns && is_in_word (last[end->column]))
    end->column++;
}

void
loom_screen_text_extend (const LoomScreenText *self, LoomScreenUnit unit, LoomScreenPlace *start,
                         LoomScreenPlace *end)
{
  if (to_index (self, *start) > to_index (self, *end)) {
    LoomScreenPlace place = *start;

    *start = *end;
    *end = place;
  }
  if (unit == LOOM_SCREEN_WORDS) {
    extend_to_words (self, start, end);
  } else if (unit == LOOM_SCREEN_ROWS) {
    start->column = 0;
    end->column = self->n_columns;
  }
}

static void
append_row (GString *text, const gunichar *cells, int n)
{
  while (n > 0 && cells[n - 1] == ' ')
    n--;
  for (int i = 0; i < n; i++)
    g_string_append_unichar (text, cells[i]);
}

char *
loom_screen_text_dup_range (const LoomScreenText *self, LoomScreenPlace start, LoomScreenPlace end)
{
  GString *text = g_string_new (NULL);

  for (int row = start.row; row <= end.row; row++) {
    int from = row == start.row ? start.column : 0;
    int to = row == end.row ? end.column : self->n_columns;

    if (row > start.row)
      g_string_append_c (text, '\n');
    if (to > from)
      append_row (text, self->cells + row * self->n_columns + from, to - from);
  }
  return g_string_free (text, FALSE);
}
