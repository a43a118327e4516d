/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames wait for the decoder where they are kept: what falls out before its turn went by untold.
 * So a burst costs rows, and neither memory nor the window's time. */

#include "gui/frames.h"

#include <string.h>

#include "backend/engine/frame-words.h"
#include "gui/decoder.h"
#include "gui/frame-class.h"

#define RETRY_MS 20
#define MAX_RESTARTS 3

struct _LoomFrames {
  GObject parent_instance;

  char *program;
  LoomFrameStore *store;
  LoomDecoder *decoder;
  GStrv links;
  char *filter;      /* in force, or on trial */
  char *good_filter; /* that the decoder took */
  gboolean is_filter_tried;
  char *filter_error;
  char *decoder_error;
  gboolean is_decoder_missing;
  gboolean is_over;
  guint n_restarts;
  guint64 next;   /* to be decoded */
  guint64 n_base; /* frames before the last clear */
  guint64 n_untold;
  guint retry_source;
};

G_DEFINE_FINAL_TYPE (LoomFrames, loom_frames, G_TYPE_OBJECT)

enum {
  SIGNAL_ROW,
  SIGNAL_CLEARED,
  SIGNAL_CHANGED,
  SIGNAL_GROWN,
  SIGNAL_BEGINS,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void pump (LoomFrames *self);

static void
set_text (char **text, const char *value)
{
  g_free (*text);
  *text = g_strdup (value);
}

static void
emit_changed (LoomFrames *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* --- decoding -------------------------------------------------------------------------------- */

static void
on_line (LoomDecoder *decoder, guint64 number, LoomDecodedLine *line, LoomFrames *self)
{
  self->is_filter_tried = TRUE;
  set_text (&self->good_filter, self->filter);
  if (loom_frame_store_get (self->store, number) != NULL)
    g_signal_emit (self, signals[SIGNAL_ROW], 0, number, line);
}

static void
tell_in_own_words (LoomFrames *self, const LoomKeptFrame *frame)
{
  LoomFrameClass class = loom_frame_classify (frame->octets, frame->size);
  g_autofree char *words = loom_frame_describe (frame->octets, frame->size);
  LoomDecodedLine line = {
      .number = frame->number,
      .source = "",
      .destination = "",
      .protocol = (char *) loom_frame_class_get_label (class),
      .info = words,
  };

  g_signal_emit (self, signals[SIGNAL_ROW], 0, frame->number, &line);
}

/* Whatever was told is told again. */
static void
tell_anew (LoomFrames *self)
{
  self->next = loom_frame_store_get_oldest (self->store);
  g_signal_emit (self, signals[SIGNAL_CLEARED], 0);
}

static gboolean
start_decoder (LoomFrames *self)
{
  g_autoptr (GBytes) head = loom_frame_store_dup_head (self->store);
  g_autoptr (GError) error = NULL;

  if (loom_decoder_start (self->decoder, head, self->filter, &error))
    return TRUE;
  self->is_decoder_missing = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  set_text (&self->decoder_error, error->message);
  emit_changed (self);
  return FALSE;
}

static void
on_failed (LoomDecoder *decoder, const char *why, LoomFrames *self)
{
  if (!self->is_filter_tried && !g_str_equal (self->filter, self->good_filter)) {
    set_text (&self->filter_error, why);
    set_text (&self->filter, self->good_filter);
    tell_anew (self);
  } else if (++self->n_restarts > MAX_RESTARTS) {
    set_text (&self->decoder_error, why);
  }
  emit_changed (self);
  pump (self);
}

static gboolean
on_retry (gpointer user_data)
{
  LoomFrames *self = user_data;

  self->retry_source = 0;
  pump (self);
  return G_SOURCE_REMOVE;
}

/* Of frames that fell out before they were told. */
static void
skip_forgotten (LoomFrames *self)
{
  guint64 oldest = loom_frame_store_get_oldest (self->store);

  if (self->next >= oldest)
    return;
  self->n_untold += oldest - self->next;
  self->next = oldest;
}

/* Has the frames decoded whose turn has not come yet, as far as the decoder takes them. */
static void
pump (LoomFrames *self)
{
  skip_forgotten (self);
  if (self->decoder_error == NULL && !loom_decoder_is_running (self->decoder)
      && loom_frame_store_get_n_interfaces (self->store) > 0)
    start_decoder (self);
  while (self->next <= loom_frame_store_get_newest (self->store)) {
    const LoomKeptFrame *frame = loom_frame_store_get (self->store, self->next);

    if (self->decoder_error != NULL) {
      tell_in_own_words (self, frame);
    } else if (!loom_decoder_push (self->decoder, frame->number, frame->block)) {
      if (self->retry_source == 0)
        self->retry_source = g_timeout_add (RETRY_MS, on_retry, self);
      return;
    }
    self->next++;
  }
}

/* --- life ------------------------------------------------------------------------------------ */

static void
loom_frames_dispose (GObject *object)
{
  LoomFrames *self = LOOM_FRAMES (object);

  g_clear_handle_id (&self->retry_source, g_source_remove);
  if (self->decoder != NULL) {
    g_signal_handlers_disconnect_by_data (self->decoder, self);
    loom_decoder_stop (self->decoder);
  }
  g_clear_object (&self->decoder);
  G_OBJECT_CLASS (loom_frames_parent_class)->dispose (object);
}

static void
loom_frames_finalize (GObject *object)
{
  LoomFrames *self = LOOM_FRAMES (object);

  loom_frame_store_free (self->store);
  g_strfreev (self->links);
  g_free (self->program);
  g_free (self->filter);
  g_free (self->good_filter);
  g_free (self->filter_error);
  g_free (self->decoder_error);
  G_OBJECT_CLASS (loom_frames_parent_class)->finalize (object);
}

static guint
new_signal (const char *name)
{
  return g_signal_new (name, LOOM_TYPE_FRAMES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                       0);
}

static void
loom_frames_class_init (LoomFramesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = loom_frames_dispose;
  G_OBJECT_CLASS (klass)->finalize = loom_frames_finalize;
  signals[SIGNAL_ROW] = g_signal_new ("row", LOOM_TYPE_FRAMES, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                      NULL, G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_POINTER);
  signals[SIGNAL_CLEARED] = new_signal ("cleared");
  signals[SIGNAL_CHANGED] = new_signal ("changed");
  signals[SIGNAL_GROWN] = new_signal ("grown");
  signals[SIGNAL_BEGINS] = new_signal ("begins");
}

static void
loom_frames_init (LoomFrames *self)
{
  self->store = loom_frame_store_new (LOOM_FRAMES_MAX, LOOM_FRAMES_MAX_BYTES);
  self->filter = g_strdup ("");
  self->good_filter = g_strdup ("");
  self->links = g_new0 (char *, 1);
  self->next = 1;
}

LoomFrames *
loom_frames_new (const char *program)
{
  LoomFrames *self = g_object_new (LOOM_TYPE_FRAMES, NULL);

  self->program = g_strdup (program);
  self->decoder = loom_decoder_new (program);
  g_signal_connect (self->decoder, "line", G_CALLBACK (on_line), self);
  g_signal_connect (self->decoder, "failed", G_CALLBACK (on_failed), self);
  return self;
}

/* A decoder that failed before may do now: somebody may have installed it. */
void
loom_frames_begin (LoomFrames *self, const char *const *links)
{
  g_signal_emit (self, signals[SIGNAL_BEGINS], 0);
  loom_decoder_stop (self->decoder);
  loom_frame_store_free (self->store);
  self->store = loom_frame_store_new (LOOM_FRAMES_MAX, LOOM_FRAMES_MAX_BYTES);
  g_strfreev (self->links);
  self->links = g_strdupv ((char **) links);
  g_clear_pointer (&self->decoder_error, g_free);
  self->is_decoder_missing = FALSE;
  self->is_over = FALSE;
  self->n_restarts = 0;
  self->n_base = 0;
  self->n_untold = 0;
  tell_anew (self);
  emit_changed (self);
}

gboolean
loom_frames_feed (LoomFrames *self, const guint8 *octets, gsize size, GError **error)
{
  gboolean fed = loom_frame_store_feed (self->store, octets, size, error);

  pump (self);
  g_signal_emit (self, signals[SIGNAL_GROWN], 0);
  return fed;
}

void
loom_frames_end (LoomFrames *self)
{
  self->is_over = TRUE;
  g_signal_emit (self, signals[SIGNAL_GROWN], 0);
}

gboolean
loom_frames_is_over (LoomFrames *self)
{
  return self->is_over;
}

void
loom_frames_clear (LoomFrames *self)
{
  loom_frame_store_clear (self->store);
  self->n_base = loom_frame_store_get_newest (self->store);
  self->n_untold = 0;
  tell_anew (self);
  emit_changed (self);
}

void
loom_frames_rest (LoomFrames *self)
{
  g_clear_handle_id (&self->retry_source, g_source_remove);
  loom_decoder_stop (self->decoder);
}

void
loom_frames_set_filter (LoomFrames *self, const char *filter)
{
  g_autofree char *stripped = g_strstrip (g_strdup (filter));

  if (g_str_equal (stripped, self->filter) && self->filter_error == NULL)
    return;
  g_clear_pointer (&self->filter_error, g_free);
  set_text (&self->filter, stripped);
  self->is_filter_tried = FALSE;
  loom_decoder_stop (self->decoder);
  tell_anew (self);
  emit_changed (self);
  pump (self);
}

const char *
loom_frames_get_filter_error (LoomFrames *self)
{
  return self->filter_error;
}

const char *
loom_frames_get_decoder_error (LoomFrames *self)
{
  return self->decoder_error;
}

gboolean
loom_frames_is_decoder_missing (LoomFrames *self)
{
  return self->is_decoder_missing;
}

LoomFrameStore *
loom_frames_get_store (LoomFrames *self)
{
  return self->store;
}

void
loom_frames_count (LoomFrames *self, guint64 *ret_all, guint64 *ret_forgotten, guint64 *ret_untold)
{
  *ret_all = loom_frame_store_get_newest (self->store) - self->n_base;
  *ret_forgotten = loom_frame_store_get_oldest (self->store) - 1 - self->n_base;
  *ret_untold = self->n_untold;
}

/* "pc1:0" is told as "pc1". */
static char *
dup_node (const char *end)
{
  const char *colon = strrchr (end, ':');

  return g_strndup (end, colon != NULL ? (gsize) (colon - end) : strlen (end));
}

char *
loom_frames_dup_way (LoomFrames *self, const LoomKeptFrame *frame)
{
  g_auto (GStrv) ends = NULL;

  if (frame->interface >= g_strv_length (self->links) || frame->way == LOOM_FRAME_UNKNOWN_WAY)
    return g_strdup ("");
  ends = g_strsplit (self->links[frame->interface], " ", 2);
  if (ends[0] == NULL || ends[1] == NULL)
    return g_strdup (self->links[frame->interface]);
  g_autofree char *here = dup_node (ends[0]);
  g_autofree char *there = dup_node (ends[1]);

  return frame->way == LOOM_FRAME_OUTBOUND ? g_strdup_printf ("%s → %s", here, there)
                                           : g_strdup_printf ("%s → %s", there, here);
}

void
loom_frames_detail_async (LoomFrames *self, guint64 number, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  guint64 oldest = loom_frame_store_get_oldest (self->store);
  g_autoptr (GBytes) file = loom_frame_store_dup_file (self->store, oldest, number);

  loom_decoder_detail_async (self->program, file, number - oldest + 1, cancellable, callback,
                             user_data);
}
