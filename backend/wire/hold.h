/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames of one direction that were stopped, to be looked at and dealt with one by one. All of it
 * is the datapath thread's. */

#pragma once

#include "backend/wire/filter.h"
#include "backend/wire/law/frame.h"

G_BEGIN_DECLS

#define LOOM_WIRE_MAX_HELD 1000

typedef struct {
  gboolean on;
  LoomWireFilter *filter; /* which frames; made and freed by the main thread */
  LoomWireFifo frames;
  guint n_frames;
} LoomWireHold;

/* TRUE: a frame with these octets is to be held. */
static inline gboolean
loom_wire_hold_wants (const LoomWireHold *self, const guint8 *octets, guint length)
{
  return self->on && loom_wire_filter_matches (self->filter, octets, length);
}

/* Takes @frame in under the name @id; FALSE: there are too many. */
gboolean loom_wire_hold_put (LoomWireHold *self, LoomWireFrame *frame, guint32 id);

/* (nullable): the frame @id, or with @id 0 the oldest, which is not held any more. */
LoomWireFrame *loom_wire_hold_take (LoomWireHold *self, guint32 id);

G_END_DECLS
