/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The two rings of a port as its driver sees them, over frames of the pool: split virtqueues
 * (virtio 1.1, section 2.6), mergeable receive buffers (section 5.1.6.3.1). The switch is the
 * device, and is not trusted: what it writes is bounded before it is used.
 *
 * All functions are the datapath thread's but reset (), which runs while that thread does not know
 * the rings. In the packet path a frame that cannot be taken is a number, never a message. */

#pragma once

#include "backend/wire/memory.h"

G_BEGIN_DECLS

#define LOOM_WIRE_RING_SIZE 1024
/* How a ring lies in its memory: descriptors first, then these. */
#define LOOM_WIRE_AVAIL_AT 16384
#define LOOM_WIRE_USED_AT 20480
#define LOOM_WIRE_VRING_BYTES 32768
/* The longest segment, with its headers, that comes in one piece. */
#define LOOM_WIRE_MAX_SEGMENT (65536 + 256)

typedef struct {
  guint64 address;
  guint32 length;
  guint16 flags;
  guint16 next;
} LoomWireDescriptor;

typedef struct {
  guint16 flags;
  guint16 index;
  guint16 ring[LOOM_WIRE_RING_SIZE];
} LoomWireAvail;

typedef struct {
  guint16 flags;
  guint16 index;
  struct {
    guint32 id;
    guint32 length;
  } ring[LOOM_WIRE_RING_SIZE];
} LoomWireUsed;

typedef struct {
  LoomWireMemory *memory;
  LoomWireDescriptor *descriptors;
  LoomWireAvail *avail;
  LoomWireUsed *used;
  guint16 n_avail; /* offered to the switch since the start, modulo 2^16 */
  guint16 n_used;  /* and taken back */
  int kick_fd;     /* wakes the switch */
  guint n_free;
  guint16 free[LOOM_WIRE_RING_SIZE];          /* descriptors that can be offered */
  LoomWireFrame *frames[LOOM_WIRE_RING_SIZE]; /* of those that are: by descriptor */
} LoomWireVring;

/* Lays an empty ring out in @place of @memory (LOOM_WIRE_VRING_BYTES, zeroed here). */
void loom_wire_vring_reset (LoomWireVring *self, LoomWireMemory *memory, guint8 *place,
                            int kick_fd);

/* Gives back every frame that is in the ring. */
void loom_wire_vring_clear (LoomWireVring *self);

/* Receiving: offers empty frames until the ring has @target of them. */
void loom_wire_vring_fill (LoomWireVring *self, guint target);

/* Receiving: whether the switch has a buffer to put something into. */
static inline gboolean
loom_wire_vring_can_receive (const LoomWireVring *self)
{
  return self->n_free < LOOM_WIRE_RING_SIZE;
}

/* Receiving: takes at most @max frames. What is longer than one has room for goes on in those
 * linked by `next`, whose octets begin where a first one has its header. Of a frame only next,
 * length and octets are filled in. */
guint loom_wire_vring_receive (LoomWireVring *self, LoomWireFrame **ret_frames, guint max);

/* Receiving: whether the switch is to write to the ring's call descriptor when it put something
 * in. After switching it on, receive () once more: something may have come before. */
void loom_wire_vring_set_calls (LoomWireVring *self, gboolean on);

/* Sending: how many of the @n frames, their headers cleared, the ring took; the rest stay the
 * caller's. */
guint loom_wire_vring_send (LoomWireVring *self, LoomWireFrame *const *frames, guint n);

G_END_DECLS
