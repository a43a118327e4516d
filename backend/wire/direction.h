/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One direction of a cable in the packet path: a frame comes in, the laws decide, and what is due
 * goes out. All of it is the datapath thread's. */

#pragma once

#include "backend/wire/cable.h"

G_BEGIN_DECLS

/* Takes @frame, whole, with its checksums and its header cleared. */
void loom_wire_direction_take (LoomWireDirection *self, LoomWireFrame *frame, gint64 now_ns);

/* How a frame that was held goes on. */
typedef enum {
  LOOM_WIRE_RELEASE,
  LOOM_WIRE_DROP,
  LOOM_WIRE_DUPLICATE,
  LOOM_WIRE_CORRUPT, /* one bit of it goes wrong */
  LOOM_WIRE_DELAY,
} LoomWireAct;

/* Does so with the held frame @id, or with the oldest when that is 0; @delay_ns: how much longer
 * than usual it travels. FALSE: no such frame. */
gboolean loom_wire_direction_act (LoomWireDirection *self, guint32 id, LoomWireAct act,
                                  gint64 delay_ns, gint64 now_ns);

/* Sends all that is due. */
void loom_wire_direction_run (LoomWireDirection *self, gint64 now_ns);

/* When run () has something to do; G_MAXINT64: not before a frame comes. */
gint64 loom_wire_direction_next_ns (const LoomWireDirection *self);

void loom_wire_direction_set (LoomWireDirection *self, const LoomWireSettings *settings,
                              gint64 now_ns);

/* Gives up every frame; how many there were. */
guint loom_wire_direction_clear (LoomWireDirection *self);

G_END_DECLS
