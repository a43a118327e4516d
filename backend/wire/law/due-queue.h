/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames on their way, the next due first, those due at the same time in the order they came.
 *
 * Most come in the order in which they leave: those are a list, and cost the same whether ten or
 * ten thousand are under way. One that is due before the last of the list goes to a pairing heap
 * (M. Fredman and others, "The pairing heap", Algorithmica 1, 1986). Both are made of the frames
 * themselves: nothing is allocated, and there is no limit but the number of frames. */

#pragma once

#include "backend/wire/law/frame.h"

G_BEGIN_DECLS

/* How many frames before it is wanted one of the list is fetched into the caches, which those under
 * way for long have left. */
#define LOOM_WIRE_AHEAD 8

typedef struct {
  LoomWireFifo list;
  guint n_list;
  LoomWireFrame *last[LOOM_WIRE_AHEAD]; /* that were put into the list, in turn */
  LoomWireFrame *heap;
  gint64 shift_ns; /* what is stored plus this is when a frame is due */
  guint64 n_pushed;
  guint64 n_listed; /* ever */
  guint n_frames;
} LoomWireDueQueue;

/* All zero is an empty queue. */

void loom_wire_due_queue_push (LoomWireDueQueue *self, LoomWireFrame *frame, gint64 due_ns);

/* G_MAXINT64 when empty. */
gint64 loom_wire_due_queue_peek (const LoomWireDueQueue *self);

/* (nullable): the first frame that is due at @now_ns, its due_ns filled in. */
LoomWireFrame *loom_wire_due_queue_pop (LoomWireDueQueue *self, gint64 now_ns);

/* Makes every frame due @by_ns later (or sooner); their order stays. */
void loom_wire_due_queue_shift (LoomWireDueQueue *self, gint64 by_ns);

G_END_DECLS
