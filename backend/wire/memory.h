/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The one piece of memory that the switch sees: rings, and the octets of packets. It is a file
 * without a name that both map; nothing else of this process is in it. A page that no frame has
 * touched yet costs nothing. */

#pragma once

#include <glib.h>

#include <rte_mempool.h>

G_BEGIN_DECLS

#define LOOM_WIRE_MAX_PORTS 512
/* What one port's two rings take: see vring.h. */
#define LOOM_WIRE_RINGS_STRIDE 65536
/* The longest frame: what is left of a buffer of 2 KiB behind its headroom. */
#define LOOM_WIRE_MAX_FRAME (2048 - RTE_PKTMBUF_HEADROOM)

typedef struct {
  int fd;
  guint8 *base;
  gsize size;
  struct rte_mempool *pool; /* of packets; each thread may take and give */
  guint n_packets;
  guint n_travelling; /* packets in lines, and held; the datapath thread's */
} LoomWireMemory;

/* (transfer full): room for @n_packets, in huge pages or not. Negative errno in @ret_errno and NULL
 * when there is not so much. EAL is initialised. */
LoomWireMemory *loom_wire_memory_new (guint n_packets, gboolean huge, int *ret_errno);
/* No packet is out. */
void loom_wire_memory_free (LoomWireMemory *self);

/* Where the rings of port @index are. */
static inline guint8 *
loom_wire_memory_rings (LoomWireMemory *self, guint index)
{
  return self->base + (gsize) index * LOOM_WIRE_RINGS_STRIDE;
}

G_END_DECLS
