/* SPDX-License-Identifier: GPL-3.0-or-later */

/* JSON with line numbers, for the project reader. See json.c for why it is our own. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  LOOM_JSON_NULL,
  LOOM_JSON_BOOLEAN,
  LOOM_JSON_NUMBER,
  LOOM_JSON_STRING,
  LOOM_JSON_ARRAY,
  LOOM_JSON_OBJECT,
} LoomJsonType;

typedef struct _LoomJsonValue LoomJsonValue;

/* A value and where it stood. Lives as long as the tree it is part of, and the text under it. */
struct _LoomJsonValue {
  LoomJsonType type;
  int line;        /* 1 …: where it begins */
  char *name;      /* as a member of an object: its name; else NULL */
  char *string;    /* of a string: what it says, in UTF-8 without NUL; else NULL */
  double number;   /* of a number; finite */
  const char *raw; /* as it was written, raw_size bytes of the text */
  gsize raw_size;
  LoomJsonValue *first; /* of an array or object: what is in it, in the order of the text */
  LoomJsonValue *next;  /* what comes after it in the array or object that it is in */
  guint n_items;
};

/* Parses @size bytes of @text (RFC 8259, strictly), nested at most @max_depth deep.
 * (transfer full), or NULL with LOOM_MODEL_ERROR_SYNTAX and in @ret_line where. */
LoomJsonValue *loom_json_value_parse (const char *text, gsize size, int max_depth, int *ret_line,
                                      GError **error);
void loom_json_value_free (LoomJsonValue *value);
/* (transfer none) (nullable): the member of the object @value called @name. */
LoomJsonValue *loom_json_value_get (const LoomJsonValue *value, const char *name);
/* Whether @value is a whole number from @min to @max. @ret_number is untouched if not. */
gboolean loom_json_value_get_int (const LoomJsonValue *value, int min, int max, int *ret_number);
/* (transfer full): @value as it was written, on one line, spaced as the writer spaces. */
char *loom_json_value_dup_compact (const LoomJsonValue *value);
/* Appends @text as a JSON string, quotes included. */
void loom_json_append_string (GString *json, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomJsonValue, loom_json_value_free)

G_END_DECLS
