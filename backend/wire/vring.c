/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Receiving and sending share the bookkeeping: a descriptor is free, or offered with a frame.
 * Addresses are this process's own, which the switch translates with the table that vhost-front.c
 * sent. */

#include "backend/wire/vring.h"

#include <string.h>
#include <sys/eventfd.h>

#include <rte_prefetch.h>

#define DESC_WRITE 2
#define AVAIL_NO_INTERRUPT 1
#define USED_NO_NOTIFY 1

#define MASK (LOOM_WIRE_RING_SIZE - 1)
#define BATCH 32u

G_STATIC_ASSERT (LOOM_WIRE_AVAIL_AT >= LOOM_WIRE_RING_SIZE * sizeof (LoomWireDescriptor));
G_STATIC_ASSERT (LOOM_WIRE_USED_AT >= LOOM_WIRE_AVAIL_AT + sizeof (LoomWireAvail));
G_STATIC_ASSERT (LOOM_WIRE_VRING_BYTES >= LOOM_WIRE_USED_AT + sizeof (LoomWireUsed));

/* Offers what was put into the avail ring, and wakes the switch if it sleeps. */
static void
publish (LoomWireVring *self)
{
  __atomic_store_n (&self->avail->index, self->n_avail, __ATOMIC_RELEASE);
  /* The switch looks at the index after it asked to be notified: section 2.6.9. */
  __atomic_thread_fence (__ATOMIC_SEQ_CST);
  if (!(__atomic_load_n (&self->used->flags, __ATOMIC_RELAXED) & USED_NO_NOTIFY))
    eventfd_write (self->kick_fd, 1);
}

static void
offer (LoomWireVring *self, LoomWireFrame *frame, guint32 length, guint16 flags)
{
  guint16 id = self->free[--self->n_free];

  self->frames[id] = frame;
  self->descriptors[id] = (LoomWireDescriptor){
      .address = (guint64) (gsize) loom_wire_frame_header (frame),
      .length = (guint32) sizeof (LoomWireHeader) + length,
      .flags = flags,
  };
  self->avail->ring[self->n_avail++ & MASK] = id;
}

/* How many the switch has used and we have not taken back. */
static guint
count_used (LoomWireVring *self)
{
  guint16 index = __atomic_load_n (&self->used->index, __ATOMIC_ACQUIRE);

  return MIN ((guint16) (index - self->n_used), LOOM_WIRE_RING_SIZE);
}

/* (nullable): the next frame that the switch has used. NULL: it named one it was not given. */
static LoomWireFrame *
take_used (LoomWireVring *self, guint32 *ret_length)
{
  guint slot = self->n_used++ & MASK;
  guint32 id = self->used->ring[slot].id & MASK;
  LoomWireFrame *frame = self->frames[id];

  *ret_length = self->used->ring[slot].length;
  if (frame == NULL)
    return NULL;
  self->frames[id] = NULL;
  self->free[self->n_free++] = (guint16) id;
  return frame;
}

/* The switch's thread has just written the octets: fetched side by side, and not one after the
 * other. (The address may be anything by now; fetching from it does no harm.) */
static void
prefetch_used (const LoomWireVring *self, guint n)
{
  for (guint i = 0; i < n; i++) {
    guint32 id = self->used->ring[(guint16) (self->n_used + i) & MASK].id & MASK;

    rte_prefetch0_write (self->frames[id]);
    rte_prefetch0_write ((void *) (gsize) self->descriptors[id].address);
  }
}

void
loom_wire_vring_reset (LoomWireVring *self, LoomWireMemory *memory, guint8 *place, int kick_fd)
{
  memset (place, 0, LOOM_WIRE_VRING_BYTES);
  self->memory = memory;
  self->descriptors = (LoomWireDescriptor *) place;
  self->avail = (LoomWireAvail *) (place + LOOM_WIRE_AVAIL_AT);
  self->used = (LoomWireUsed *) (place + LOOM_WIRE_USED_AT);
  self->n_avail = 0;
  self->n_used = 0;
  self->kick_fd = kick_fd;
  self->n_free = LOOM_WIRE_RING_SIZE;
  for (guint i = 0; i < LOOM_WIRE_RING_SIZE; i++) {
    self->free[i] = (guint16) (LOOM_WIRE_RING_SIZE - 1 - i);
    self->frames[i] = NULL;
  }
  self->avail->flags = AVAIL_NO_INTERRUPT;
}

void
loom_wire_vring_clear (LoomWireVring *self)
{
  for (guint i = 0; i < LOOM_WIRE_RING_SIZE; i++) {
    if (self->frames[i] != NULL)
      loom_wire_memory_give (self->memory, &self->frames[i], 1);
    self->frames[i] = NULL;
  }
}

void
loom_wire_vring_fill (LoomWireVring *self, guint target)
{
  LoomWireFrame *frames[BATCH];
  guint n_offered = LOOM_WIRE_RING_SIZE - self->n_free;

  if (n_offered + BATCH > target)
    return;
  for (; n_offered + BATCH <= target; n_offered += BATCH) {
    if (!loom_wire_memory_take (self->memory, frames, BATCH))
      break;
    for (guint i = 0; i < BATCH; i++)
      offer (self, frames[i], LOOM_WIRE_MAX_FRAME, DESC_WRITE);
  }
  publish (self);
}

/* Links the frames that @first goes on in. FALSE: one is missing. */
static gboolean
receive_rest (LoomWireVring *self, LoomWireFrame *first, guint n_more)
{
  LoomWireFrame *last = first;

  for (guint i = 0; i < n_more; i++) {
    guint32 length;
    LoomWireFrame *frame = take_used (self, &length);

    if (frame == NULL)
      return FALSE;
    frame->length = MIN (length, LOOM_WIRE_MAX_FRAME + (guint32) sizeof (LoomWireHeader));
    frame->next = NULL;
    last->next = frame;
    last = frame;
  }
  return TRUE;
}

static LoomWireFrame *
receive_one (LoomWireVring *self, guint n_used)
{
  guint32 length;
  LoomWireFrame *frame = take_used (self, &length);
  guint n_buffers;

  if (frame == NULL)
    return NULL;
  n_buffers = loom_wire_frame_header (frame)->n_buffers;
  length = CLAMP (length, sizeof (LoomWireHeader), LOOM_WIRE_MAX_FRAME + sizeof (LoomWireHeader));
  frame->length = length - (guint32) sizeof (LoomWireHeader);
  frame->next = NULL;
  if (n_buffers > n_used || (n_buffers > 1 && !receive_rest (self, frame, n_buffers - 1))) {
    loom_wire_memory_give_list (self->memory, frame);
    return NULL;
  }
  return frame;
}

guint
loom_wire_vring_receive (LoomWireVring *self, LoomWireFrame **ret_frames, guint max)
{
  guint n_used = count_used (self);
  guint n = 0;

  prefetch_used (self, MIN (n_used, max));
  while (n < max && n_used > 0) {
    guint16 before = self->n_used;
    LoomWireFrame *frame = receive_one (self, n_used);

    if (frame != NULL)
      ret_frames[n++] = frame;
    n_used -= (guint16) (self->n_used - before);
  }
  return n;
}

void
loom_wire_vring_set_calls (LoomWireVring *self, gboolean on)
{
  __atomic_store_n (&self->avail->flags, on ? 0 : AVAIL_NO_INTERRUPT, __ATOMIC_RELAXED);
  if (on)
    __atomic_thread_fence (__ATOMIC_SEQ_CST);
}

/* Gives back what the switch has sent, without looking at it. */
static void
reclaim (LoomWireVring *self)
{
  LoomWireFrame *frames[BATCH];
  guint n = 0;

  for (guint n_used = count_used (self); n_used > 0; n_used--) {
    guint32 length;

    frames[n] = take_used (self, &length);
    n += frames[n] != NULL;
    if (n == BATCH || n_used == 1) {
      loom_wire_memory_give (self->memory, frames, n);
      n = 0;
    }
  }
}

guint
loom_wire_vring_send (LoomWireVring *self, LoomWireFrame *const *frames, guint n)
{
  reclaim (self);
  n = MIN (n, self->n_free);
  if (n == 0)
    return 0;
  for (guint i = 0; i < n; i++)
    offer (self, frames[i], frames[i]->length, 0);
  publish (self);
  return n;
}
