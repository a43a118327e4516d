/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One direction of a cable, from the moment a frame comes to the moment it leaves:
 *
 *   decide → backlog (waits until those before it are sent at the cable's rate) → under way
 * (travels for its delay) → out
 *
 * Without a rate nothing waits. Time comes in as an argument; a line that is asked late does
 * everything with the times at which it should have been asked. */

#pragma once

#include "backend/wire/law/decide.h"
#include "backend/wire/law/due-queue.h"

G_BEGIN_DECLS

typedef struct {
  LoomWireSettings settings;
  LoomWireState state;
  LoomWireFifo waiting; /* for the rate; the head is being sent */
  LoomWireBacklog backlog;
  double head_ends_ns; /* when the head has been sent, as a time after @epoch_ns */
  gint64 epoch_ns;
  LoomWireDueQueue under_way;
  gint64 last_due_ns; /* of those that keep their order */
} LoomWireLine;

/* @now_ns: no time given later may be before it. */
void loom_wire_line_init (LoomWireLine *self, const LoomWireSettings *settings, guint64 seed,
                          const char *key, const char *direction, gint64 now_ns);

/* New settings act at once, and no frame is lost: what waits is sent at the new rate, what is under
 * way arrives earlier or later by the difference of the delays. */
void loom_wire_line_set (LoomWireLine *self, const LoomWireSettings *settings, gint64 now_ns);

/* What becomes of a frame that comes now. */
LoomWireVerdict loom_wire_line_decide (LoomWireLine *self, gint64 now_ns, guint length);

/* Puts @frame, whose verdict says that it passes, on its way. Its arrived_ns and length are filled
 * in. */
void loom_wire_line_push (LoomWireLine *self, LoomWireFrame *frame, const LoomWireVerdict *verdict,
                          gint64 now_ns);

/* When @frame, which was pushed last, leaves if nothing is changed before. */
gint64 loom_wire_line_foresee_ns (const LoomWireLine *self, const LoomWireFrame *frame);

/* When there is something to do; G_MAXINT64: never, as it stands. */
gint64 loom_wire_line_next_ns (const LoomWireLine *self);

/* (nullable): the next frame that leaves at @now_ns or should have before. */
LoomWireFrame *loom_wire_line_pop (LoomWireLine *self, gint64 now_ns);

/* (nullable): some frame, whether due or not, to empty the line. */
LoomWireFrame *loom_wire_line_take_any (LoomWireLine *self);

/* Frames waiting and under way. */
guint loom_wire_line_get_n_frames (const LoomWireLine *self);

G_END_DECLS
