/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/decoder.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "backend/engine/tool.h"

/* Some thousand frames that nobody has read yet. */
#define MAX_BACKLOG_BYTES (1u << 20)
#define MAX_LINE_BYTES 8192
/* What it remembers of so many is some 100 MiB. */
#define MAX_FRAMES_A_RUN 50000

/* One tshark. When it has seen enough, its input ends, and it goes on beside its successor until it
 * has said all. */
typedef struct {
  LoomDecoder *decoder;
  LoomTool *tool;
  GArray *numbers; /* of guint64: what was pushed to it */
  GString *line;   /* the beginning of one */
} Run;

struct _LoomDecoder {
  GObject parent_instance;

  char *program;
  GBytes *head;
  char *filter;
  Run *run;      /* or NULL */
  Run *outgoing; /* or NULL */
};

G_DEFINE_FINAL_TYPE (LoomDecoder, loom_decoder, G_TYPE_OBJECT)

enum {
  SIGNAL_LINE,
  SIGNAL_FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
free_run (Run *run)
{
  if (run == NULL)
    return;
  g_signal_handlers_disconnect_by_data (run->tool, run);
  loom_tool_stop (run->tool);
  g_object_unref (run->tool);
  g_array_unref (run->numbers);
  g_string_free (run->line, TRUE);
  g_free (run);
}

static void
take_line (Run *run, const char *text, gsize size)
{
  g_autoptr (LoomDecodedLine) line = NULL;

  g_string_append_len (run->line, text, (gssize) size);
  line = loom_decoded_line_new (run->line->str, run->line->len);
  g_string_truncate (run->line, 0);
  if (line != NULL && line->number <= run->numbers->len)
    g_signal_emit (run->decoder, signals[SIGNAL_LINE], 0,
                   g_array_index (run->numbers, guint64, line->number - 1), line);
}

/* Who is told of a line may stop us. */
static void
on_output (LoomTool *tool, GBytes *octets, Run *run)
{
  g_autoptr (LoomDecoder) self = g_object_ref (run->decoder);
  gsize size;
  const char *text = g_bytes_get_data (octets, &size);
  const char *end = text + size;

  while (run == self->run || run == self->outgoing) {
    const char *newline = memchr (text, '\n', (gsize) (end - text));

    if (newline == NULL) {
      if (run->line->len + (gsize) (end - text) <= MAX_LINE_BYTES)
        g_string_append_len (run->line, text, end - text);
      return;
    }
    take_line (run, text, MIN ((gsize) (newline - text), MAX_LINE_BYTES));
    text = newline + 1;
  }
}

static void
on_ended (LoomTool *tool, const char *said, Run *run)
{
  LoomDecoder *self = run->decoder;
  g_autofree char *why = g_strdup (said != NULL ? said : _ ("it ended without a word"));

  if (run == self->outgoing) {
    g_clear_pointer (&self->outgoing, free_run);
    return;
  }
  loom_decoder_stop (self);
  g_signal_emit (self, signals[SIGNAL_FAILED], 0, why);
}

static void
loom_decoder_dispose (GObject *object)
{
  loom_decoder_stop (LOOM_DECODER (object));
  G_OBJECT_CLASS (loom_decoder_parent_class)->dispose (object);
}

static void
loom_decoder_finalize (GObject *object)
{
  LoomDecoder *self = LOOM_DECODER (object);

  g_clear_pointer (&self->head, g_bytes_unref);
  g_free (self->program);
  g_free (self->filter);
  G_OBJECT_CLASS (loom_decoder_parent_class)->finalize (object);
}

static void
loom_decoder_class_init (LoomDecoderClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = loom_decoder_dispose;
  G_OBJECT_CLASS (klass)->finalize = loom_decoder_finalize;
  signals[SIGNAL_LINE] = g_signal_new ("line", LOOM_TYPE_DECODER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                       NULL, G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_POINTER);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", LOOM_TYPE_DECODER, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
loom_decoder_init (LoomDecoder *self)
{
}

LoomDecoder *
loom_decoder_new (const char *program)
{
  LoomDecoder *self = g_object_new (LOOM_TYPE_DECODER, NULL);

  self->program = g_strdup (program);
  return self;
}

/* (nullable) */
static Run *
start_run (LoomDecoder *self, GError **error)
{
  gboolean is_filtered = self->filter[0] != '\0';
  /* -n: names are asked of nobody. -l: each line as it comes. */
  const char *const argv[] = {self->program,
                              "-n",
                              "-l",
                              "-r",
                              "-",
                              "-T",
                              "tabs",
                              "-o",
                              LOOM_DECODED_COLUMNS,
                              is_filtered ? "-Y" : NULL,
                              self->filter,
                              NULL};
  LoomTool *tool = loom_tool_new (argv, error);
  Run *run;

  if (tool == NULL)
    return NULL;
  run = g_new0 (Run, 1);
  run->decoder = self;
  run->tool = tool;
  run->numbers = g_array_new (FALSE, FALSE, sizeof (guint64));
  run->line = g_string_new (NULL);
  g_signal_connect (tool, "output", G_CALLBACK (on_output), run);
  g_signal_connect (tool, "ended", G_CALLBACK (on_ended), run);
  loom_tool_write (tool, self->head);
  return run;
}

gboolean
loom_decoder_start (LoomDecoder *self, GBytes *head, const char *filter, GError **error)
{
  g_autofree char *own_filter = g_strdup (filter);

  g_bytes_ref (head);
  g_clear_pointer (&self->head, g_bytes_unref);
  self->head = head;
  loom_decoder_stop (self);
  g_free (self->filter);
  self->filter = g_steal_pointer (&own_filter);
  self->run = start_run (self, error);
  return self->run != NULL;
}

gboolean
loom_decoder_is_running (LoomDecoder *self)
{
  return self->run != NULL;
}

static void
renew (LoomDecoder *self)
{
  g_autoptr (GError) error = NULL;
  Run *run = start_run (self, &error);

  if (run == NULL)
    return; /* the old one still does */
  free_run (self->outgoing);
  self->outgoing = self->run;
  loom_tool_end_input (self->outgoing->tool);
  self->run = run;
}

gboolean
loom_decoder_push (LoomDecoder *self, guint64 number, GBytes *block)
{
  if (self->run == NULL
      || loom_tool_get_backlog (self->run->tool) + g_bytes_get_size (block) > MAX_BACKLOG_BYTES)
    return FALSE;
  if (self->run->numbers->len >= MAX_FRAMES_A_RUN)
    renew (self);
  g_array_append_val (self->run->numbers, number);
  loom_tool_write (self->run->tool, block);
  return TRUE;
}

void
loom_decoder_stop (LoomDecoder *self)
{
  g_clear_pointer (&self->run, free_run);
  g_clear_pointer (&self->outgoing, free_run);
}
