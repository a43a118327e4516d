/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What Wireshark has not taken yet stays in the list's own memory: one that reads slowly, or not at
 * all, costs nothing, and what falls out of the list meanwhile is missing there.
 *
 * It lives as long as Wireshark does, and as a write that was begun. */

#include "gui/frames-viewer.h"

#include "backend/engine/tool.h"

#define VIEWER "wireshark"
#define PIECE_BYTES (1u << 20)

typedef struct {
  LoomFrames *frames; /* NULL: nothing more comes */
  GSubprocess *process;
  guint64 next;   /* the first that was not taken from @frames; 0: not even a head was */
  GBytes *piece;  /* that is being written; or NULL */
  GBytes *rest;   /* the last; or NULL */
  gboolean ended; /* has Wireshark */
  LoomFramesMissedFunc missed;
  GObject *object; /* weak */
} Viewer;

static void
let_go (Viewer *self)
{
  if (self->frames != NULL)
    g_signal_handlers_disconnect_by_data (self->frames, self);
  g_clear_object (&self->frames);
}

static void
free_viewer (Viewer *self)
{
  let_go (self);
  g_clear_weak_pointer (&self->object);
  g_clear_pointer (&self->piece, g_bytes_unref);
  g_clear_pointer (&self->rest, g_bytes_unref);
  g_object_unref (self->process);
  g_free (self);
}

static void
end_input (Viewer *self)
{
  let_go (self);
  g_clear_pointer (&self->rest, g_bytes_unref);
  g_output_stream_close_async (g_subprocess_get_stdin_pipe (self->process), G_PRIORITY_DEFAULT,
                               NULL, NULL, NULL);
}

static void
skip_forgotten (Viewer *self, LoomFrameStore *store)
{
  guint64 oldest = loom_frame_store_get_oldest (store);
  guint64 n_missed = oldest - MIN (self->next, oldest);
  LoomFramesMissedFunc missed = self->missed;

  self->next = MAX (self->next, oldest);
  if (n_missed == 0 || missed == NULL)
    return;
  self->missed = NULL;
  if (self->object != NULL)
    missed (n_missed, self->object);
}

/* (transfer full) (nullable): what it gets next, about so many octets. */
static GBytes *
take_piece (Viewer *self, guint max_bytes)
{
  LoomFrameStore *store = loom_frames_get_store (self->frames);
  g_autoptr (GByteArray) piece = g_byte_array_new ();
  const LoomKeptFrame *frame;

  if (self->next == 0) {
    g_autoptr (GBytes) head = loom_frame_store_dup_head (store);

    if (g_bytes_get_size (head) == 0)
      return NULL; /* the capture has not said yet what it is of */
    g_byte_array_append (piece, g_bytes_get_data (head, NULL), (guint) g_bytes_get_size (head));
    self->next = loom_frame_store_get_oldest (store);
  }
  skip_forgotten (self, store);
  while (piece->len < max_bytes && (frame = loom_frame_store_get (store, self->next)) != NULL) {
    g_byte_array_append (piece, g_bytes_get_data (frame->block, NULL),
                         (guint) g_bytes_get_size (frame->block));
    self->next++;
  }
  return piece->len > 0 ? g_byte_array_free_to_bytes (g_steal_pointer (&piece)) : NULL;
}

static void on_written (GObject *source, GAsyncResult *result, gpointer user_data);

static void
write_more (Viewer *self)
{
  if (self->piece != NULL)
    return;
  self->piece = self->frames != NULL ? take_piece (self, PIECE_BYTES)
                                     : g_steal_pointer (&self->rest);
  if (self->piece != NULL)
    g_output_stream_write_all_async (
        g_subprocess_get_stdin_pipe (self->process), g_bytes_get_data (self->piece, NULL),
        g_bytes_get_size (self->piece), G_PRIORITY_DEFAULT, NULL, on_written, self);
  else if (self->frames == NULL || loom_frames_is_over (self->frames))
    end_input (self);
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Viewer *self = user_data;
  gboolean written = g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL,
                                                       NULL);

  g_clear_pointer (&self->piece, g_bytes_unref);
  if (self->ended)
    free_viewer (self);
  else if (written)
    write_more (self);
  else
    end_input (self); /* it was told to stop capturing */
}

static void
on_grown (LoomFrames *frames, Viewer *self)
{
  write_more (self);
}

/* What there is goes with the list. */
static void
on_begins (LoomFrames *frames, Viewer *self)
{
  self->rest = take_piece (self, G_MAXUINT);
  let_go (self);
  write_more (self);
}

static void
on_process_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Viewer *self = user_data;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  self->ended = TRUE;
  if (self->piece == NULL)
    free_viewer (self);
}

gboolean
loom_frames_viewer_open (LoomFrames *frames, LoomFramesMissedFunc missed, GObject *object,
                         GError **error)
{
  GSubprocessFlags flags = G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE
                           | G_SUBPROCESS_FLAGS_STDERR_SILENCE;
  GSubprocess *process = g_subprocess_new (flags, error, VIEWER, "-k", "-i", "-", NULL);
  Viewer *self;

  if (process == NULL)
    return FALSE;
  loom_tool_unblock_input (process);
  self = g_new0 (Viewer, 1);
  self->process = process;
  self->frames = g_object_ref (frames);
  self->missed = missed;
  g_set_weak_pointer (&self->object, object);
  g_signal_connect (frames, "grown", G_CALLBACK (on_grown), self);
  g_signal_connect (frames, "begins", G_CALLBACK (on_begins), self);
  g_subprocess_wait_async (process, NULL, on_process_ended, self);
  write_more (self);
  return TRUE;
}
