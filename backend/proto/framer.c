/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The scanner knows brackets, strings and escapes, and nothing else of JSON: one pass, no
 * recursion, a state of a few words that survives any cut of the stream. */

#include "backend/proto/framer.h"

struct _LoomFramer {
  gsize max_size;
  guint max_depth;
  GString *partial; /* the message being read, from its first bracket */
  GQueue whole;     /* of GBytes */
  gsize n_whole;    /* bytes in @whole */
  guint depth;
  gboolean in_string;
  gboolean escaped;
  GError *broken; /* why the stream was given up; or NULL */
};

static gboolean
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
finish_message (LoomFramer *self)
{
  gsize size = self->partial->len;

  g_queue_push_tail (&self->whole, g_bytes_new (self->partial->str, size));
  self->n_whole += size;
  g_string_truncate (self->partial, 0);
}

static void
scan_string (LoomFramer *self, char c)
{
  if (self->escaped)
    self->escaped = FALSE;
  else if (c == '\\')
    self->escaped = TRUE;
  else if (c == '"')
    self->in_string = FALSE;
}

/* Looks at one byte outside a string; FALSE sets @broken. */
static gboolean
scan_structure (LoomFramer *self, char c)
{
  switch (c) {
  case '{':
  case '[':
    if (++self->depth > self->max_depth) {
      g_set_error (&self->broken, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_LIMIT,
                   "message is nested deeper than %u levels", self->max_depth);
      return FALSE;
    }
    return TRUE;
  case '}':
  case ']':
    /* Whether the bracket is of the right kind is the parser's to say. */
    self->depth--;
    return TRUE;
  case '"':
    self->in_string = TRUE;
    return TRUE;
  default:
    return TRUE;
  }
}

static gboolean
scan (LoomFramer *self, char c)
{
  if (self->depth == 0) {
    if (is_space (c))
      return TRUE;
    if (c != '{' && c != '[') {
      g_set_error (&self->broken, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_SYNTAX,
                   "byte 0x%02x where a message should start", (guint8) c);
      return FALSE;
    }
  }
  if (self->partial->len >= self->max_size) {
    g_set_error (&self->broken, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_LIMIT,
                 "message is longer than %" G_GSIZE_FORMAT " bytes", self->max_size);
    return FALSE;
  }
  g_string_append_c (self->partial, c);
  if (self->in_string)
    scan_string (self, c);
  else if (!scan_structure (self, c))
    return FALSE;
  if (self->depth == 0)
    finish_message (self);
  return TRUE;
}

LoomFramer *
loom_framer_new (gsize max_size, guint max_depth)
{
  LoomFramer *self = g_new0 (LoomFramer, 1);

  self->max_size = max_size;
  self->max_depth = max_depth;
  self->partial = g_string_new (NULL);
  g_queue_init (&self->whole);
  return self;
}

void
loom_framer_free (LoomFramer *self)
{
  if (self == NULL)
    return;
  g_string_free (self->partial, TRUE);
  g_queue_clear_full (&self->whole, (GDestroyNotify) g_bytes_unref);
  g_clear_error (&self->broken);
  g_free (self);
}

gboolean
loom_framer_push (LoomFramer *self, const void *data, gsize size, GError **error)
{
  const char *bytes = data;

  for (gsize i = 0; i < size && self->broken == NULL; i++)
    scan (self, bytes[i]);
  if (self->broken == NULL)
    return TRUE;
  if (error != NULL)
    *error = g_error_copy (self->broken);
  return FALSE;
}

GBytes *
loom_framer_pop (LoomFramer *self)
{
  GBytes *message = g_queue_pop_head (&self->whole);

  if (message != NULL)
    self->n_whole -= g_bytes_get_size (message);
  return message;
}

gsize
loom_framer_get_n_buffered (LoomFramer *self)
{
  return self->n_whole + self->partial->len;
}
