/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One client of the service, and what it may cost. GDBus queues whatever is to be sent, without
 * bound: a client that asks and never reads would grow the engine. So everything that is owed to a
 * client is counted, in units of about LOOM_PEER_UNIT_BYTES, until a flush says that it was sent;
 * one that owes too much is hung up on. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define LOOM_PEER_UNIT_BYTES (16 * 1024)
#define LOOM_PEER_MAX_OWED 2048   /* units: 32 MiB */
#define LOOM_PEER_MAX_COMMANDS 32 /* of Exec, at a time */

typedef struct _LoomPeer LoomPeer;

LoomPeer *loom_peer_new (GDBusConnection *connection);
/* Cancels what runs for the client. */
void loom_peer_close (LoomPeer *peer);
/* (transfer none): cancelled when the client is gone. */
GCancellable *loom_peer_get_cancellable (LoomPeer *peer);
/* @size_bytes will be sent to it, besides one answer a call, which is counted by itself. */
void loom_peer_owe (LoomPeer *peer, gsize size_bytes);
/* FALSE: it runs as many commands as it may. */
gboolean loom_peer_begin_command (LoomPeer *peer);
void loom_peer_end_command (LoomPeer *peer);

G_END_DECLS
