/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See hold.h. */

#include "backend/wire/hold.h"

gboolean
loom_wire_hold_put (LoomWireHold *self, LoomWireFrame *frame, guint32 id)
{
  if (self->n_frames >= LOOM_WIRE_MAX_HELD)
    return FALSE;
  frame->id = id;
  loom_wire_fifo_push (&self->frames, frame);
  self->n_frames++;
  return TRUE;
}

LoomWireFrame *
loom_wire_hold_take (LoomWireHold *self, guint32 id)
{
  LoomWireFrame *before = NULL;
  LoomWireFrame *frame = self->frames.head;

  while (frame != NULL && id != 0 && frame->id != id) {
    before = frame;
    frame = frame->next;
  }
  if (frame == NULL)
    return NULL;
  if (before == NULL) {
    loom_wire_fifo_pop (&self->frames);
  } else {
    before->next = frame->next;
    if (self->frames.tail == frame)
      self->frames.tail = before;
  }
  frame->next = NULL;
  self->n_frames--;
  return frame;
}
