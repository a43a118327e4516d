/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A JSON reader of our own, although json-glib is at hand, for four reasons: the model knows GLib
 * and nothing else; an error about a cable must name the line the cable stands on, and json-glib
 * forgets positions; members we do not know are written back as they were, digits and escapes
 * included; and json-glib 1.6 crashes on 100,000 nested brackets, where this one stops at
 * @max_depth. It reads RFC 8259 without any extension: no comments, no trailing commas, no
 * duplicate members. Strings with U+0000 are refused, since nothing here could hold them.
 *
 * What it costs is bounded by the text: one value takes at least one byte of it, and there are at
 * most MAX_VALUES. */

#include "canvas/model/json.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "canvas/model/error.h"
#include "canvas/model/text.h"

/* The largest lab there can be has about 700,000. */
#define MAX_VALUES 1000000
#define MAX_NUMBER_LENGTH 1000
/* Objects with more members look for duplicates by sorting. */
#define FEW_MEMBERS 16

typedef struct {
  const char *at;
  const char *end;
  int line;
  int depth;
  int max_depth;
  guint n_values;
  GError *error;
} Parser;

static LoomJsonValue *parse_value (Parser *parser);

static gboolean G_GNUC_PRINTF (2, 3) fail (Parser *parser, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (parser->error == NULL)
    parser->error = g_error_new_valist (LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_SYNTAX, format, args);
  va_end (args);
  return FALSE;
}

/* Says what is at the cursor instead of what should be. */
static gboolean
fail_expected (Parser *parser, const char *what)
{
  g_autofree char *found = NULL;
  g_autofree char *shown = NULL;

  if (parser->at >= parser->end)
    return fail (parser, _ ("The file ends where %s should follow. It may be cut off."), what);
  found = g_strndup (parser->at, MIN (parser->end - parser->at, 6));
  *(char *) g_utf8_next_char (found) = '\0';
  shown = loom_text_for_display (found);
  return fail (parser, _ ("There is “%s” where %s should be."), shown, what);
}

static void
skip_space (Parser *parser)
{
  for (; parser->at < parser->end; parser->at++) {
    if (*parser->at == '\n')
      parser->line++;
    else if (*parser->at != ' ' && *parser->at != '\t' && *parser->at != '\r')
      return;
  }
}

static gboolean
is_at (const Parser *parser, char c)
{
  return parser->at < parser->end && *parser->at == c;
}

static gboolean
accept (Parser *parser, char c)
{
  if (!is_at (parser, c))
    return FALSE;
  parser->at++;
  return TRUE;
}

static gboolean
parse_hex4 (Parser *parser, gunichar *ret_unit)
{
  gunichar unit = 0;

  for (int i = 0; i < 4; i++, parser->at++) {
    if (parser->at >= parser->end || !g_ascii_isxdigit (*parser->at))
      return fail_expected (parser, _ ("a hexadecimal digit"));
    unit = unit * 16 + (gunichar) g_ascii_xdigit_value (*parser->at);
  }
  *ret_unit = unit;
  return TRUE;
}

/* After "\u". UTF-16 pairs are one character (RFC 8259 section 7). */
static gboolean
parse_unicode_escape (Parser *parser, GString *string)
{
  gunichar c;
  gunichar low;

  if (!parse_hex4 (parser, &c))
    return FALSE;
  if (c >= 0xd800 && c < 0xdc00) {
    if (!accept (parser, '\\') || !accept (parser, 'u'))
      return fail (parser, _ ("A string holds half a character (\\u%04x)."), c);
    if (!parse_hex4 (parser, &low))
      return FALSE;
    if (low < 0xdc00 || low > 0xdfff)
      return fail (parser, _ ("A string holds half a character (\\u%04x)."), c);
    c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
  } else if (c >= 0xdc00 && c <= 0xdfff) {
    return fail (parser, _ ("A string holds half a character (\\u%04x)."), c);
  }
  if (c == 0)
    return fail (parser, _ ("A string holds the character \\u0000, which no text may hold."));
  g_string_append_unichar (string, c);
  return TRUE;
}

static gboolean
parse_escape (Parser *parser, GString *string)
{
  static const char from[] = "\"\\/bfnrt";
  static const char to[] = "\"\\/\b\f\n\r\t";
  const char *found;

  if (accept (parser, 'u'))
    return parse_unicode_escape (parser, string);
  found = parser->at < parser->end ? strchr (from, *parser->at) : NULL;
  if (found == NULL)
    return fail_expected (parser, _ ("one of the escapes of JSON"));
  g_string_append_c (string, to[found - from]);
  parser->at++;
  return TRUE;
}

/* After the opening quote. */
static char *
parse_string (Parser *parser)
{
  const char *start = parser->at;
  g_autoptr (GString) string = NULL;

  for (;;) {
    const char *run = parser->at;

    while (parser->at < parser->end && *parser->at != '"' && *parser->at != '\\'
           && (guchar) *parser->at >= 0x20)
      parser->at++;
    if (string != NULL)
      g_string_append_len (string, run, parser->at - run);
    if (accept (parser, '"'))
      break;
    if (!is_at (parser, '\\')) {
      fail_expected (parser, _ ("the end of a string"));
      return NULL;
    }
    if (string == NULL)
      string = g_string_new_len (start, parser->at - start);
    parser->at++;
    if (!parse_escape (parser, string))
      return NULL;
  }
  if (string == NULL)
    return g_strndup (start, parser->at - 1 - start);
  return g_string_free (g_steal_pointer (&string), FALSE);
}

static gboolean
skip_digits (Parser *parser)
{
  if (parser->at >= parser->end || !g_ascii_isdigit (*parser->at))
    return fail_expected (parser, _ ("a digit"));
  while (parser->at < parser->end && g_ascii_isdigit (*parser->at))
    parser->at++;
  return TRUE;
}

static gboolean
parse_number (Parser *parser, LoomJsonValue *value)
{
  const char *start = parser->at;
  char digits[MAX_NUMBER_LENGTH + 1];
  gsize length;

  accept (parser, '-');
  if (!accept (parser, '0') && !skip_digits (parser))
    return FALSE;
  if (accept (parser, '.') && !skip_digits (parser))
    return FALSE;
  if (accept (parser, 'e') || accept (parser, 'E')) {
    if (!accept (parser, '+'))
      accept (parser, '-');
    if (!skip_digits (parser))
      return FALSE;
  }
  length = (gsize) (parser->at - start);
  if (length > MAX_NUMBER_LENGTH)
    return fail (parser, _ ("A number has more than %d digits."), MAX_NUMBER_LENGTH);
  memcpy (digits, start, length);
  digits[length] = '\0';
  value->number = g_ascii_strtod (digits, NULL);
  /* Beyond what a double holds is beyond every range: which end does not matter. */
  if (!isfinite (value->number))
    value->number = value->number > 0 ? G_MAXDOUBLE : -G_MAXDOUBLE;
  return TRUE;
}

static gboolean
parse_word (Parser *parser, const char *word)
{
  gsize length = strlen (word);

  if ((gsize) (parser->end - parser->at) < length || memcmp (parser->at, word, length) != 0)
    return fail_expected (parser, _ ("a value"));
  parser->at += length;
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  const LoomJsonValue *one = *(const LoomJsonValue *const *) a;
  const LoomJsonValue *other = *(const LoomJsonValue *const *) b;

  return strcmp (one->name, other->name);
}

/* (nullable): an item of @object whose name an earlier one has. Many names are sorted rather than
 * hashed: a stranger can choose them so that they all hash alike. */
static const LoomJsonValue *
find_duplicate (const LoomJsonValue *object)
{
  g_autoptr (GPtrArray) items = NULL;

  if (object->n_items <= FEW_MEMBERS) {
    for (const LoomJsonValue *item = object->first; item != NULL; item = item->next) {
      for (const LoomJsonValue *p = object->first; p != item; p = p->next) {
        if (strcmp (p->name, item->name) == 0)
          return item;
      }
    }
    return NULL;
  }
  items = g_ptr_array_sized_new (object->n_items);
  for (LoomJsonValue *item = object->first; item != NULL; item = item->next)
    g_ptr_array_add (items, item);
  g_ptr_array_sort (items, compare_names);
  for (guint i = 1; i < items->len; i++) {
    if (compare_names (&items->pdata[i - 1], &items->pdata[i]) == 0)
      return items->pdata[i];
  }
  return NULL;
}

static gboolean
check_duplicates (Parser *parser, const LoomJsonValue *object)
{
  const LoomJsonValue *item = find_duplicate (object);
  g_autofree char *shown = NULL;

  if (item == NULL)
    return TRUE;
  shown = loom_text_for_display (item->name);
  parser->line = item->line;
  return fail (parser, _ ("“%s” is there twice. Remove one of the two."), shown);
}

static char *
parse_member_name (Parser *parser)
{
  g_autofree char *name = NULL;

  if (!accept (parser, '"')) {
    fail_expected (parser, _ ("a name in quotes"));
    return NULL;
  }
  name = parse_string (parser);
  if (name == NULL)
    return NULL;
  skip_space (parser);
  if (!accept (parser, ':')) {
    fail_expected (parser, "“:”");
    return NULL;
  }
  skip_space (parser);
  return g_steal_pointer (&name);
}

/* After the opening bracket. What was read so far hangs from @value even on failure. */
static gboolean
parse_items (Parser *parser, LoomJsonValue *value, char close)
{
  LoomJsonValue **tail = &value->first;

  skip_space (parser);
  if (accept (parser, close))
    return TRUE;
  for (;;) {
    g_autofree char *name = NULL;

    if (value->type == LOOM_JSON_OBJECT) {
      name = parse_member_name (parser);
      if (name == NULL)
        return FALSE;
    }
    *tail = parse_value (parser);
    if (*tail == NULL)
      return FALSE;
    (*tail)->name = g_steal_pointer (&name);
    tail = &(*tail)->next;
    value->n_items++;
    skip_space (parser);
    if (accept (parser, close))
      return value->type != LOOM_JSON_OBJECT || check_duplicates (parser, value);
    if (!accept (parser, ','))
      return fail_expected (parser, close == ']' ? _ ("“,” or “]”") : _ ("“,” or “}”"));
    skip_space (parser);
  }
}

static gboolean
parse_container (Parser *parser, LoomJsonValue *value, char close)
{
  gboolean ok;

  if (parser->depth == parser->max_depth)
    return fail (parser, _ ("The file is nested deeper than %d levels."), parser->max_depth);
  parser->depth++;
  ok = parse_items (parser, value, close);
  parser->depth--;
  return ok;
}

static gboolean
parse_content (Parser *parser, LoomJsonValue *value)
{
  if (accept (parser, '{')) {
    value->type = LOOM_JSON_OBJECT;
    return parse_container (parser, value, '}');
  }
  if (accept (parser, '[')) {
    value->type = LOOM_JSON_ARRAY;
    return parse_container (parser, value, ']');
  }
  if (accept (parser, '"')) {
    value->type = LOOM_JSON_STRING;
    value->string = parse_string (parser);
    return value->string != NULL;
  }
  if (is_at (parser, 't') || is_at (parser, 'f')) {
    value->type = LOOM_JSON_BOOLEAN;
    return parse_word (parser, is_at (parser, 't') ? "true" : "false");
  }
  if (is_at (parser, 'n')) {
    value->type = LOOM_JSON_NULL;
    return parse_word (parser, "null");
  }
  if (parser->at < parser->end && (*parser->at == '-' || g_ascii_isdigit (*parser->at))) {
    value->type = LOOM_JSON_NUMBER;
    return parse_number (parser, value);
  }
  return fail_expected (parser, _ ("a value"));
}

/* Recursion is bounded by max_depth. */
static LoomJsonValue *
parse_value (Parser *parser)
{
  LoomJsonValue *value;

  if (++parser->n_values > MAX_VALUES) {
    fail (parser, _ ("The file holds more than %d values."), MAX_VALUES);
    return NULL;
  }
  value = g_new0 (LoomJsonValue, 1);
  value->line = parser->line;
  value->raw = parser->at;
  if (!parse_content (parser, value)) {
    loom_json_value_free (value);
    return NULL;
  }
  value->raw_size = (gsize) (parser->at - value->raw);
  return value;
}

static int
count_lines (const char *text, const char *end)
{
  int line = 1;

  for (; text < end; text++)
    line += *text == '\n';
  return line;
}

/**
 * loom_json_value_parse:
 * @text: any bytes; must outlive what is returned
 * @ret_line: (out) (optional): on failure, the line where it went wrong
 *
 * Returns: (transfer full): the value the text is
 */
LoomJsonValue *
loom_json_value_parse (const char *text, gsize size, int max_depth, int *ret_line, GError **error)
{
  Parser parser = {.at = text, .end = text + size, .line = 1, .max_depth = max_depth};
  g_autoptr (LoomJsonValue) value = NULL;
  const char *valid_end;

  if (!g_utf8_validate_len (text, size, &valid_end)) {
    parser.line = count_lines (text, valid_end);
    fail (&parser, _ ("The file is not text in UTF-8."));
  } else {
    skip_space (&parser);
    value = parse_value (&parser);
    if (value != NULL)
      skip_space (&parser);
    if (value != NULL && parser.at < parser.end)
      fail_expected (&parser, _ ("the end of the file"));
  }
  if (parser.error == NULL)
    return g_steal_pointer (&value);
  if (ret_line != NULL)
    *ret_line = parser.line;
  g_propagate_error (error, parser.error);
  return NULL;
}

void
loom_json_value_free (LoomJsonValue *value)
{
  if (value == NULL)
    return;
  for (LoomJsonValue *item = value->first, *next; item != NULL; item = next) {
    next = item->next;
    loom_json_value_free (item);
  }
  g_free (value->name);
  g_free (value->string);
  g_free (value);
}

LoomJsonValue *
loom_json_value_get (const LoomJsonValue *value, const char *name)
{
  if (value->type != LOOM_JSON_OBJECT)
    return NULL;
  for (LoomJsonValue *item = value->first; item != NULL; item = item->next) {
    if (strcmp (item->name, name) == 0)
      return item;
  }
  return NULL;
}

gboolean
loom_json_value_get_int (const LoomJsonValue *value, int min, int max, int *ret_number)
{
  if (value->type != LOOM_JSON_NUMBER || value->number != floor (value->number)
      || value->number < min || value->number > max)
    return FALSE;
  *ret_number = (int) value->number;
  return TRUE;
}

/**
 * loom_json_value_dup_compact:
 *
 * Returns: (transfer full): one line; doing it again gives the same
 */
char *
loom_json_value_dup_compact (const LoomJsonValue *value)
{
  GString *compact = g_string_sized_new (value->raw_size + 16);
  gboolean in_string = FALSE;

  for (gsize i = 0; i < value->raw_size; i++) {
    char c = value->raw[i];

    if (in_string) {
      g_string_append_c (compact, c);
      if (c == '\\')
        g_string_append_c (compact, value->raw[++i]);
      else if (c == '"')
        in_string = FALSE;
    } else if (strchr (" \t\r\n", c) == NULL) {
      in_string = c == '"';
      g_string_append_c (compact, c);
      if (c == ',' || c == ':')
        g_string_append_c (compact, ' ');
    }
  }
  return g_string_free (compact, FALSE);
}

/**
 * loom_json_append_string:
 * @text: UTF-8; only what JSON makes us escape is escaped
 */
void
loom_json_append_string (GString *json, const char *text)
{
  g_string_append_c (json, '"');
  for (const char *p = text; *p != '\0'; p++) {
    switch (*p) {
    case '"':
    case '\\':
      g_string_append_c (json, '\\');
      g_string_append_c (json, *p);
      break;
    case '\n':
      g_string_append (json, "\\n");
      break;
    case '\t':
      g_string_append (json, "\\t");
      break;
    default:
      if ((guchar) *p < 0x20 || *p == 0x7f)
        g_string_append_printf (json, "\\u%04x", (guchar) *p);
      else
        g_string_append_c (json, *p);
    }
  }
  g_string_append_c (json, '"');
}
