/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One read and at most one write are in flight at any time. Each holds a reference, so that the
 * channel outlives its callbacks; close cancels both.
 *
 * open -> closed, once; there is no way back. */

#include "backend/proto/channel.h"

#include <gio/gunixsocketaddress.h>
#include <string.h>
#include <sys/un.h>

#define READ_SIZE 65536

struct _LoomChannel {
  GObject parent_instance;

  GIOStream *stream;
  GCancellable *cancellable;
  GQueue queue; /* of GBytes, the head being written */
  gsize n_queued;
  gsize max_queue;
  gboolean writing;
  gboolean closed;
};

G_DEFINE_FINAL_TYPE (LoomChannel, loom_channel, G_TYPE_OBJECT)

enum {
  SIGNAL_RECEIVED,
  SIGNAL_CLOSED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void start_read (LoomChannel *self);
static void start_write (LoomChannel *self);

static void
on_read_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomChannel) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;

  bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  if (self->closed)
    return;
  if (bytes == NULL || g_bytes_get_size (bytes) == 0) {
    loom_channel_close (self, error);
    return;
  }
  g_signal_emit (self, signals[SIGNAL_RECEIVED], 0, bytes);
  if (!self->closed)
    start_read (self);
}

static void
start_read (LoomChannel *self)
{
  GInputStream *input = g_io_stream_get_input_stream (self->stream);

  g_input_stream_read_bytes_async (input, READ_SIZE, G_PRIORITY_DEFAULT, self->cancellable,
                                   on_read_ready, g_object_ref (self));
}

static void
on_write_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomChannel) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gboolean written;

  written = g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error);
  self->writing = FALSE;
  if (self->closed)
    return;
  if (!written) {
    loom_channel_close (self, error);
    return;
  }
  bytes = g_queue_pop_head (&self->queue);
  self->n_queued -= g_bytes_get_size (bytes);
  start_write (self);
}

static void
start_write (LoomChannel *self)
{
  GOutputStream *output = g_io_stream_get_output_stream (self->stream);
  GBytes *head = g_queue_peek_head (&self->queue);
  gsize size;
  const void *data;

  if (self->writing || head == NULL)
    return;
  self->writing = TRUE;
  data = g_bytes_get_data (head, &size);
  g_output_stream_write_all_async (output, data, size, G_PRIORITY_DEFAULT, self->cancellable,
                                   on_write_ready, g_object_ref (self));
}

static void
loom_channel_dispose (GObject *object)
{
  LoomChannel *self = LOOM_CHANNEL (object);

  self->closed = TRUE;
  g_cancellable_cancel (self->cancellable);
  G_OBJECT_CLASS (loom_channel_parent_class)->dispose (object);
}

static void
loom_channel_finalize (GObject *object)
{
  LoomChannel *self = LOOM_CHANNEL (object);

  g_queue_clear_full (&self->queue, (GDestroyNotify) g_bytes_unref);
  g_clear_object (&self->stream);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (loom_channel_parent_class)->finalize (object);
}

static void
loom_channel_class_init (LoomChannelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = loom_channel_dispose;
  object_class->finalize = loom_channel_finalize;

  signals[SIGNAL_RECEIVED] = g_signal_new ("received", LOOM_TYPE_CHANNEL, G_SIGNAL_RUN_LAST, 0,
                                           NULL, NULL, NULL, G_TYPE_NONE, 1,
                                           G_TYPE_BYTES | G_SIGNAL_TYPE_STATIC_SCOPE);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", LOOM_TYPE_CHANNEL, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1,
                                         G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
loom_channel_init (LoomChannel *self)
{
  self->cancellable = g_cancellable_new ();
  g_queue_init (&self->queue);
}

LoomChannel *
loom_channel_new (GIOStream *stream, gsize max_queue_bytes)
{
  LoomChannel *self = g_object_new (LOOM_TYPE_CHANNEL, NULL);

  self->stream = g_object_ref (stream);
  self->max_queue = max_queue_bytes;
  start_read (self);
  return self;
}

static void
on_connect_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  gsize max_queue = GPOINTER_TO_SIZE (g_task_get_task_data (task));

  connection = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  if (connection == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, loom_channel_new (G_IO_STREAM (connection), max_queue),
                           g_object_unref);
}

void
loom_channel_connect_async (const char *path, gsize max_queue_bytes, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = NULL;

  g_task_set_source_tag (task, loom_channel_connect_async);
  g_task_set_task_data (task, GSIZE_TO_POINTER (max_queue_bytes), NULL);
  if (strlen (path) >= sizeof (((struct sockaddr_un *) NULL)->sun_path)) {
    g_task_return_new_error (task, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_LIMIT,
                             "the path of the socket is too long: %s", path);
    g_object_unref (task);
    return;
  }
  address = g_unix_socket_address_new (path);
  g_socket_client_connect_async (client, G_SOCKET_CONNECTABLE (address), cancellable,
                                 on_connect_ready, task);
}

LoomChannel *
loom_channel_connect_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
loom_channel_send (LoomChannel *self, GBytes *bytes, GError **error)
{
  gsize size = g_bytes_get_size (bytes);

  if (self->closed) {
    g_set_error_literal (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_CLOSED, "connection is closed");
    return FALSE;
  }
  if (size > self->max_queue || self->n_queued > self->max_queue - size) {
    g_set_error_literal (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_LIMIT,
                         "peer does not read: the queue to it is full");
    return FALSE;
  }
  if (size == 0)
    return TRUE;
  g_queue_push_tail (&self->queue, g_bytes_ref (bytes));
  self->n_queued += size;
  start_write (self);
  return TRUE;
}

gsize
loom_channel_get_n_queued (LoomChannel *self)
{
  return self->n_queued;
}

gboolean
loom_channel_is_open (LoomChannel *self)
{
  return !self->closed;
}

void
loom_channel_close (LoomChannel *self, const GError *reason)
{
  g_autoptr (GError) closed = NULL;

  if (self->closed)
    return;
  self->closed = TRUE;
  g_cancellable_cancel (self->cancellable);
  g_io_stream_close_async (self->stream, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  if (reason == NULL) {
    closed = g_error_new_literal (LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_CLOSED,
                                  "connection was closed");
    reason = closed;
  }
  g_object_ref (self);
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, reason);
  g_object_unref (self);
}
