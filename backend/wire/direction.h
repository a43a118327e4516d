/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One direction of a cable in the packet path: a frame comes in, the laws decide, and what is due
 * goes out. All of it is the datapath thread's. */

#pragma once

#include "backend/wire/cable.h"

G_BEGIN_DECLS

/* Takes @packet, a whole frame in one buffer with its checksums. */
void loom_wire_direction_take (LoomWireDirection *self, struct rte_mbuf *packet, gint64 now_ns);

/* Sends all that is due. */
void loom_wire_direction_run (LoomWireDirection *self, gint64 now_ns);

/* When run () has something to do; G_MAXINT64: not before a frame comes. */
gint64 loom_wire_direction_next_ns (const LoomWireDirection *self);

void loom_wire_direction_set (LoomWireDirection *self, const LoomWireSettings *settings,
                              gint64 now_ns);

/* Gives up every frame; how many there were. */
guint loom_wire_direction_clear (LoomWireDirection *self);

G_END_DECLS
