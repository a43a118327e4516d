/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where D-Bus clients of our own user come in, peer to peer: what GDBusServer does, within bounds.
 * That one has a thread for each who connects and says nothing, and is in trouble when there are
 * no descriptors left: see acceptor.h. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _LoomGate LoomGate;

/* Whether @connection may stay; its messages are dispatched from then on. */
typedef gboolean (*LoomGateFunc) (GDBusConnection *connection, gpointer user_data);

/* (transfer full): a socket at @path, where nothing is yet. NULL with an error of GIO's domain. */
LoomGate *loom_gate_new (const char *path, LoomGateFunc func, gpointer user_data, GError **error);
/* Closes, and removes the socket. Connections that stay are their owner's. */
void loom_gate_free (LoomGate *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomGate, loom_gate_free)

G_END_DECLS
