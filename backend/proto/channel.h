/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A connected byte stream (a UNIX socket) with a bounded queue of bytes to send.
 *
 * Signals:
 *  "received" (GBytes *bytes): some bytes, at most 64 KiB, cut anywhere.
 *  "closed" (GError *error):   once, at the end of the stream, an I/O error, or after
 *                              loom_channel_close (). Nothing is emitted after it.
 *
 * An open channel keeps itself alive: whoever owns it closes it before letting go. */

#pragma once

#include <gio/gio.h>

#include "backend/proto/proto-error.h"

G_BEGIN_DECLS

#define LOOM_TYPE_CHANNEL (loom_channel_get_type ())
G_DECLARE_FINAL_TYPE (LoomChannel, loom_channel, LOOM, CHANNEL, GObject)

/* Starts to read @stream at the next turn of the main loop. @max_queue_bytes bounds what waits to
 * be sent. */
LoomChannel *loom_channel_new (GIOStream *stream, gsize max_queue_bytes);

/* Connects to the UNIX socket at @path (at most 107 bytes). */
void loom_channel_connect_async (const char *path, gsize max_queue_bytes, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);
LoomChannel *loom_channel_connect_finish (GAsyncResult *result, GError **error);

/* Queues @bytes. FALSE with LOOM_PROTO_ERROR_LIMIT when the queue is full (nothing was queued), or
 * _CLOSED. */
gboolean loom_channel_send (LoomChannel *self, GBytes *bytes, GError **error);

gsize loom_channel_get_n_queued (LoomChannel *self);
gboolean loom_channel_is_open (LoomChannel *self);

/* Gives up what was not sent, closes, emits "closed" with LOOM_PROTO_ERROR_CLOSED or @reason
 * (nullable, transfer none). */
void loom_channel_close (LoomChannel *self, const GError *reason);

G_END_DECLS
