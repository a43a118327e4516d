/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Receiving and sending share the bookkeeping: a descriptor is free, or offered with a packet.
 * Addresses are this process's own, which the switch translates with the table that vhost-front.c
 * sent. */

#include "backend/wire/vring.h"

#include <string.h>
#include <sys/eventfd.h>

#define DESC_WRITE 2
#define AVAIL_NO_INTERRUPT 1
#define USED_NO_NOTIFY 1

#define MASK (LOOM_WIRE_RING_SIZE - 1)
#define FILL_BURST 32u

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
offer (LoomWireVring *self, struct rte_mbuf *packet, guint32 length, guint16 flags)
{
  guint16 id = self->free[--self->n_free];

  self->packets[id] = packet;
  self->descriptors[id] = (LoomWireDescriptor){
      .address = (guint64) (gsize) loom_wire_packet_header (packet),
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

/* (nullable): the next packet that the switch has used. NULL: it named one it was not given. */
static struct rte_mbuf *
take_used (LoomWireVring *self, guint32 *ret_length)
{
  guint slot = self->n_used++ & MASK;
  guint32 id = self->used->ring[slot].id & MASK;
  struct rte_mbuf *packet = self->packets[id];

  *ret_length = self->used->ring[slot].length;
  if (packet == NULL)
    return NULL;
  self->packets[id] = NULL;
  self->free[self->n_free++] = (guint16) id;
  return packet;
}

void
loom_wire_vring_reset (LoomWireVring *self, guint8 *memory, int kick_fd)
{
  memset (memory, 0, LOOM_WIRE_VRING_BYTES);
  self->descriptors = (LoomWireDescriptor *) memory;
  self->avail = (LoomWireAvail *) (memory + LOOM_WIRE_AVAIL_AT);
  self->used = (LoomWireUsed *) (memory + LOOM_WIRE_USED_AT);
  self->n_avail = 0;
  self->n_used = 0;
  self->kick_fd = kick_fd;
  self->n_free = LOOM_WIRE_RING_SIZE;
  for (guint i = 0; i < LOOM_WIRE_RING_SIZE; i++) {
    self->free[i] = (guint16) (LOOM_WIRE_RING_SIZE - 1 - i);
    self->packets[i] = NULL;
  }
  self->avail->flags = AVAIL_NO_INTERRUPT;
}

void
loom_wire_vring_clear (LoomWireVring *self)
{
  for (guint i = 0; i < LOOM_WIRE_RING_SIZE; i++) {
    rte_pktmbuf_free (self->packets[i]);
    self->packets[i] = NULL;
  }
}

void
loom_wire_vring_fill (LoomWireVring *self, struct rte_mempool *pool, guint target)
{
  struct rte_mbuf *packets[FILL_BURST];
  guint n_offered = LOOM_WIRE_RING_SIZE - self->n_free;
  guint n;

  if (n_offered + FILL_BURST > target)
    return;
  for (; n_offered + FILL_BURST <= target; n_offered += n) {
    n = FILL_BURST;
    if (rte_pktmbuf_alloc_bulk (pool, packets, n) != 0)
      break;
    for (guint i = 0; i < n; i++)
      offer (self, packets[i], LOOM_WIRE_MAX_FRAME, DESC_WRITE);
  }
  publish (self);
}

/* Appends the buffers that a segment continues in; their data begins where a first one has its
 * header. FALSE: one is missing or lies about its length. */
static gboolean
receive_rest (LoomWireVring *self, struct rte_mbuf *first, guint n_more)
{
  struct rte_mbuf *last = first;

  for (guint i = 0; i < n_more; i++) {
    guint32 length;
    struct rte_mbuf *packet = take_used (self, &length);

    if (packet == NULL)
      return FALSE;
    packet->data_off -= sizeof (LoomWireHeader);
    packet->data_len = (guint16) MIN (length, LOOM_WIRE_MAX_FRAME + sizeof (LoomWireHeader));
    last->next = packet;
    last = packet;
    first->nb_segs++;
    first->pkt_len += packet->data_len;
  }
  return TRUE;
}

static struct rte_mbuf *
receive_one (LoomWireVring *self, guint n_used)
{
  guint32 length;
  struct rte_mbuf *packet = take_used (self, &length);
  guint n_buffers;

  if (packet == NULL)
    return NULL;
  n_buffers = loom_wire_packet_header (packet)->n_buffers;
  length = CLAMP (length, sizeof (LoomWireHeader), LOOM_WIRE_MAX_FRAME + sizeof (LoomWireHeader));
  packet->data_len = (guint16) (length - sizeof (LoomWireHeader));
  packet->pkt_len = packet->data_len;
  if (n_buffers > n_used || (n_buffers > 1 && !receive_rest (self, packet, n_buffers - 1))) {
    rte_pktmbuf_free (packet);
    return NULL;
  }
  return packet;
}

guint
loom_wire_vring_receive (LoomWireVring *self, struct rte_mbuf **ret_packets, guint max)
{
  guint n = 0;

  for (guint n_used = count_used (self); n < max && n_used > 0;) {
    guint16 before = self->n_used;
    struct rte_mbuf *packet = receive_one (self, n_used);

    if (packet != NULL)
      ret_packets[n++] = packet;
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

guint
loom_wire_vring_send (LoomWireVring *self, struct rte_mbuf **packets, guint n)
{
  for (guint n_used = count_used (self); n_used > 0; n_used--) {
    guint32 length;

    rte_pktmbuf_free (take_used (self, &length));
  }
  n = MIN (n, self->n_free);
  if (n == 0)
    return 0;
  for (guint i = 0; i < n; i++) {
    *loom_wire_packet_header (packets[i]) = (LoomWireHeader){0};
    offer (self, packets[i], packets[i]->data_len, 0);
  }
  publish (self);
  return n;
}
