/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The one piece of memory that the switch sees: rings, and the octets of frames. It is a file
 * without a name that both map; nothing else of this process is in it. A page that no frame has
 * touched yet costs nothing. */

#pragma once

#include "backend/wire/packet.h"

#include <rte_mempool.h>

G_BEGIN_DECLS

#define LOOM_WIRE_MAX_PORTS 512
/* What one port's two rings take: see vring.h. */
#define LOOM_WIRE_RINGS_STRIDE 65536
/* The longest frame, in a buffer behind its header. */
#define LOOM_WIRE_MAX_FRAME 2032

typedef struct {
  int fd;
  guint8 *base;
  gsize size;
  struct rte_mempool *pool; /* of LoomWireFrame; each thread may take and give */
  guint n_frames;
  guint n_travelling; /* frames in lines, and held; the datapath thread's */
} LoomWireMemory;

/* (transfer full): room for @n_frames, in huge pages or not. Negative errno in @ret_errno and NULL
 * when there is not so much. EAL is initialised. */
LoomWireMemory *loom_wire_memory_new (guint n_frames, gboolean huge, int *ret_errno);
/* No frame is out. */
void loom_wire_memory_free (LoomWireMemory *self);

/* Where the rings of port @index are. */
static inline guint8 *
loom_wire_memory_rings (LoomWireMemory *self, guint index)
{
  return self->base + (gsize) index * LOOM_WIRE_RINGS_STRIDE;
}

/* Takes @n frames, of which only the octets' place is known; FALSE: there are not so many. */
static inline gboolean
loom_wire_memory_take (LoomWireMemory *self, LoomWireFrame **ret_frames, guint n)
{
  return rte_mempool_get_bulk (self->pool, (void **) ret_frames, n) == 0;
}

/* Gives frames back, which are not looked at. */
static inline void
loom_wire_memory_give (LoomWireMemory *self, LoomWireFrame *const *frames, guint n)
{
  rte_mempool_put_bulk (self->pool, (void *const *) frames, n);
}

/* Gives @frame back, and those linked by `next` behind it. */
void loom_wire_memory_give_list (LoomWireMemory *self, LoomWireFrame *frame);

G_END_DECLS
