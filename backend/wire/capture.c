/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The thread's one wait is for requests, with a time-out after which it looks into the ring: the
 * datapath makes no system call for it. After its end (a limit, a full disk) it goes on emptying
 * the ring until it is asked to stop.
 *
 * opening    the file is not open yet: nobody reads the pipe
 * writing    records go to the file, or are kept
 * ended      records are thrown away */

#include "backend/wire/capture.h"

#include "backend/wire/capture-recent.h"
#include "backend/wire/datapath.h"

#include <glib/gi18n-lib.h>

#define RING_BYTES (8u << 20)
#define DEFAULT_SNAPLEN 65535
#define DEFAULT_RECENT_BYTES (16u << 20)
#define WAIT_US 5000
/* When so much came meanwhile that the ring could soon be full. */
#define BUSY_BYTES (RING_BYTES / 16)
#define BUSY_WAIT_US 500

typedef enum {
  STATE_OPENING,
  STATE_WRITING,
  STATE_ENDED,
} State;

typedef struct {
  char *path; /* where to save; NULL: stop */
  void (*on_saved) (gpointer user_data, const GError *error);
  void (*on_stopped) (gpointer user_data, const LoomWireCaptureCounts *counts);
  gpointer user_data;
  LoomWireCapture *capture;
  GError *error;
} Request;

struct _LoomWireCapture {
  LoomWireSink sink;
  LoomWireCaptureFormat format;
  GAsyncQueue *requests;
  GThread *thread;
  void (*on_ended) (gpointer user_data, const GError *why);
  gpointer user_data;

  /* The thread's. */
  LoomWireCaptureFile *file; /* or NULL: the last are kept */
  LoomWireCaptureRecent recent;
  guint64 n_kept; /* without a file */
  State state;
  gint64 end_ns; /* G_MAXINT64: none */
  GError *why;   /* it ended; or NULL */
};

static gboolean
on_ended_idle (gpointer user_data)
{
  LoomWireCapture *self = user_data;

  self->on_ended (self->user_data, self->why);
  return G_SOURCE_REMOVE;
}

static void
end (LoomWireCapture *self, const GError *why)
{
  if (self->state == STATE_ENDED)
    return;
  self->state = STATE_ENDED;
  self->why = g_error_copy (why);
  g_idle_add (on_ended_idle, self);
}

static void
try_open (LoomWireCapture *self)
{
  g_autoptr (GError) error = NULL;

  if (self->file == NULL || loom_wire_capture_file_open (self->file, &error))
    self->state = STATE_WRITING;
  else if (error != NULL)
    end (self, error);
}

static void
write_record (LoomWireCapture *self, const LoomWireRecord *record)
{
  g_autoptr (GError) error = NULL;

  if (self->file != NULL) {
    if (!loom_wire_capture_file_add (self->file, record, &error))
      end (self, error);
    return;
  }
  loom_wire_capture_recent_add (&self->recent, record);
  self->n_kept++;
}

/* How many octets there were. */
static gsize
empty_ring (LoomWireCapture *self)
{
  g_autoptr (GError) error = NULL;
  const LoomWireRecord *record;
  gsize n_bytes = 0;
  gsize size;

  while ((record = loom_wire_ring_peek (self->sink.ring, &size)) != NULL) {
    if (self->state == STATE_WRITING)
      write_record (self, record);
    loom_wire_ring_release (self->sink.ring);
    n_bytes += size;
  }
  if (self->state == STATE_WRITING && self->file != NULL
      && !loom_wire_capture_file_flush (self->file, &error))
    end (self, error);
  return n_bytes;
}

/* What the clock alone brings about. */
static void
look_at_time (LoomWireCapture *self)
{
  gint64 now_ns = loom_wire_now_ns ();
  g_autoptr (GError) over = NULL;

  loom_wire_capture_recent_age (&self->recent, now_ns);
  if (self->state == STATE_ENDED || now_ns <= self->end_ns)
    return;
  over = g_error_new_literal (LOOM_WIRE_CAPTURE_ERROR, LOOM_WIRE_CAPTURE_ERROR_LIMIT,
                              _ ("The time that was asked for is over."));
  end (self, over);
}

/* How long the next turn has time. */
static guint64
turn (LoomWireCapture *self)
{
  gsize n_bytes = 0;

  if (self->state == STATE_OPENING)
    try_open (self);
  /* Until somebody reads, the ring is where frames wait. */
  if (self->state != STATE_OPENING)
    n_bytes = empty_ring (self);
  look_at_time (self);
  return n_bytes > BUSY_BYTES ? BUSY_WAIT_US : WAIT_US;
}

static gboolean
on_request_done (gpointer user_data)
{
  Request *request = user_data;

  request->on_saved (request->user_data, request->error);
  g_clear_error (&request->error);
  g_free (request->path);
  g_free (request);
  return G_SOURCE_REMOVE;
}

static void
capture_free (LoomWireCapture *self)
{
  g_thread_join (self->thread);
  g_idle_remove_by_data (self);
  loom_wire_capture_file_free (self->file);
  loom_wire_capture_recent_clear (&self->recent);
  loom_wire_ring_free (self->sink.ring);
  loom_wire_filter_free (self->sink.filter);
  g_async_queue_unref (self->requests);
  g_strfreev (self->format.names);
  g_free (self->format.filter);
  g_clear_error (&self->why);
  g_free (self);
}

static gboolean
on_stop_done (gpointer user_data)
{
  Request *request = user_data;
  LoomWireCapture *self = request->capture;
  LoomWireCaptureCounts counts = {
      .frames = self->file != NULL ? loom_wire_capture_file_get_n_frames (self->file)
                                   : self->n_kept,
      .dropped = self->sink.n_dropped,
      .bytes = self->file != NULL ? loom_wire_capture_file_get_n_bytes (self->file)
                                  : self->recent.n_bytes,
  };

  capture_free (self);
  request->on_stopped (request->user_data, &counts);
  g_free (request);
  return G_SOURCE_REMOVE;
}

static void
save (LoomWireCapture *self, Request *request)
{
  empty_ring (self);
  loom_wire_capture_recent_age (&self->recent, loom_wire_now_ns ());
  loom_wire_capture_recent_save (&self->recent, request->path, &self->format, &request->error);
  g_idle_add (on_request_done, request);
}

static gpointer
run_thread (gpointer user_data)
{
  LoomWireCapture *self = user_data;
  Request *request = NULL;

  for (;;) {
    request = g_async_queue_timeout_pop (self->requests, turn (self));
    if (request == NULL)
      continue;
    if (request->path == NULL)
      break;
    save (self, request);
  }
  turn (self);
  if (self->file != NULL)
    loom_wire_capture_file_close (self->file, self->sink.n_dropped);
  g_idle_add (on_stop_done, request);
  return NULL;
}

/* What is added to monotonic times to have those of the wall. */
static gint64
read_wall_ns (void)
{
  return g_get_real_time () * 1000 - loom_wire_now_ns ();
}

LoomWireCapture *
loom_wire_capture_new (const char *path, LoomWireCaptureFormat *format, LoomWireFilter *filter,
                       double seconds, void (*on_ended) (gpointer user_data, const GError *why),
                       gpointer user_data)
{
  LoomWireCapture *self = g_new0 (LoomWireCapture, 1);
  gint64 limit_ns = (gint64) (seconds * 1e9);

  self->sink.ring = loom_wire_ring_new (RING_BYTES);
  self->sink.filter = filter;
  self->sink.snaplen = format->snaplen > 0 ? format->snaplen : DEFAULT_SNAPLEN;
  self->format = *format;
  self->format.wall_ns = read_wall_ns ();
  self->requests = g_async_queue_new ();
  self->on_ended = on_ended;
  self->user_data = user_data;
  self->end_ns = G_MAXINT64;
  if (path != NULL) {
    self->file = loom_wire_capture_file_new (path, &self->format);
    if (limit_ns > 0)
      self->end_ns = loom_wire_now_ns () + limit_ns;
  } else {
    loom_wire_capture_recent_init (
        &self->recent, format->max_bytes > 0 ? format->max_bytes : DEFAULT_RECENT_BYTES, limit_ns);
  }
  self->thread = g_thread_new ("capture", run_thread, self);
  return self;
}

LoomWireSink *
loom_wire_capture_get_sink (LoomWireCapture *self)
{
  return &self->sink;
}

gboolean
loom_wire_capture_save (LoomWireCapture *self, const char *path,
                        void (*on_saved) (gpointer user_data, const GError *error),
                        gpointer user_data)
{
  Request *request;

  if (self->file != NULL)
    return FALSE;
  request = g_new0 (Request, 1);
  request->path = g_strdup (path);
  request->on_saved = on_saved;
  request->user_data = user_data;
  g_async_queue_push (self->requests, request);
  return TRUE;
}

void
loom_wire_capture_stop (LoomWireCapture *self,
                        void (*on_stopped) (gpointer user_data,
                                            const LoomWireCaptureCounts *counts),
                        gpointer user_data)
{
  Request *request = g_new0 (Request, 1);

  request->capture = self;
  request->on_stopped = on_stopped;
  request->user_data = user_data;
  g_async_queue_push (self->requests, request);
}
