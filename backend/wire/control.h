/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The connection with the engine: JSON-RPC (backend/proto/json-rpc.h) over the descriptor that the
 * process was started with. Each call is a method with one object of parameters:
 *
 *   attach {cable, key, seed, sockets, forward, backward}    a cable, its ports and settings
 *   set {cable, key, seed, forward, backward}                new settings
 *   detach {cable}                                           gone, with all frames in it
 *   stats {}                                                 counters, and what was measured
 *   shutdown {}                                              the end of the process
 *
 * The engine is told: connected {cable, end, on}. */

#pragma once

#include <gio/gio.h>

#include "backend/wire/datapath.h"

G_BEGIN_DECLS

typedef struct _LoomWireControl LoomWireControl;

/* (transfer full): speaks on the socket @fd, which it takes over. @loop ends with the connection.
 */
LoomWireControl *loom_wire_control_new (int fd, LoomWireMemory *memory, LoomWireDatapath *datapath,
                                        GMainLoop *loop, GError **error);
/* The datapath thread has ended. */
void loom_wire_control_free (LoomWireControl *self);

G_END_DECLS
