/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The talk with the switch before frames flow: the front end of a vhost-user socket (QEMU's
 * docs/interop/vhost-user.rst), as a guest's network card is one. It listens; the switch connects,
 * is told where memory and rings are, and may come again as often as it likes.
 *
 * listening   nobody is there; a connection leads to asked
 * asked       waits for the features that the switch can do; the answer leads to connected
 * connected   frames flow; the end of the connection leads to leaving
 * leaving     waits until the owner has left the rings (loom_wire_front_left ()); then listening
 * stopped     for good
 *
 * DPDK's own driver for this side, virtio-user, was not taken: as a server it waits inside of the
 * call that makes the port, with the lock of all ports held, until the switch has come, which tries
 * once a second; a hundred cables would be two hundred ports one after the other. It also hands the
 * switch all memory of the process. */

#pragma once

#include "backend/wire/memory.h"

G_BEGIN_DECLS

typedef struct _LoomWireFront LoomWireFront;

typedef struct {
  /* Lays the rings out anew, before the switch hears of them. */
  void (*prepare) (gpointer user_data);
  /* Frames flow from now on, or no longer. After FALSE the owner calls left (). */
  void (*connected) (gboolean on, gpointer user_data);
} LoomWireFrontEvents;

/* (transfer full): listens at @path. The rings are at @rings, inside of @memory. NULL with an error
 * of GIO's domain. Turns on the thread's default main context. @events outlives it. */
LoomWireFront *loom_wire_front_new (const char *path, LoomWireMemory *memory, guint8 *rings,
                                    const LoomWireFrontEvents *events, gpointer user_data,
                                    GError **error);
void loom_wire_front_free (LoomWireFront *self);

/* Closes, and removes the socket: no event comes any more. The descriptors stay, for those who
 * still hold them. */
void loom_wire_front_stop (LoomWireFront *self);

/* The owner has left the rings after connected (FALSE). */
void loom_wire_front_left (LoomWireFront *self);

/* Wakes the switch, which has to look at its side of ring 0 (receive) or 1 (send). */
int loom_wire_front_get_kick_fd (LoomWireFront *self, guint ring);
/* Is written to when the switch has put something into ring 0. */
int loom_wire_front_get_call_fd (LoomWireFront *self);

G_END_DECLS
