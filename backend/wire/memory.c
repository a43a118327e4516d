/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A pool of DPDK's holds the frames, each with a place for its octets in the memory that is shown.
 * The pool is a stack, so that frames used last, still warm, are used next, and those never needed
 * are never touched. */

#include "backend/wire/memory.h"

#include <errno.h>
#include <linux/memfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_errno.h>

/* Room before the octets, for the header. */
#define HEADROOM 16
/* From one frame's octets to the next ones': an odd number of cache lines, or the first lines of
 * all frames would share a few places of the caches, and a thousand frames under way would be too
 * many for them. */
#define STRIDE (33 * RTE_CACHE_LINE_SIZE)
#define CACHE_SIZE 256
#define RINGS_SIZE ((gsize) LOOM_WIRE_MAX_PORTS * LOOM_WIRE_RINGS_STRIDE)
#define HUGE_PAGE ((gsize) 2 << 20)

G_STATIC_ASSERT (HEADROOM >= sizeof (LoomWireHeader));
G_STATIC_ASSERT (STRIDE >= HEADROOM + LOOM_WIRE_MAX_FRAME);

static int
map (LoomWireMemory *self, gboolean huge)
{
  int flags = MFD_CLOEXEC | (huge ? MFD_HUGETLB | MFD_HUGE_2MB : 0);

  self->fd = memfd_create ("lanloom-wire", flags);
  if (self->fd < 0 || ftruncate (self->fd, (off_t) self->size) < 0)
    return -errno;
  self->base = mmap (NULL, self->size, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, 0);
  if (self->base == MAP_FAILED) {
    self->base = NULL;
    return -errno;
  }
  return 0;
}

static void
place (struct rte_mempool *pool, void *user_data, void *object, unsigned int index)
{
  LoomWireMemory *self = user_data;
  LoomWireFrame *frame = object;

  frame->octets = self->base + RINGS_SIZE + (gsize) index * STRIDE + HEADROOM;
}

static int
make_pool (LoomWireMemory *self)
{
  int code;

  self->pool = rte_mempool_create_empty ("wire", self->n_frames, sizeof (LoomWireFrame), CACHE_SIZE,
                                         0, SOCKET_ID_ANY, 0);
  if (self->pool == NULL)
    return -rte_errno;
  code = rte_mempool_set_ops_byname (self->pool, "stack", NULL);
  if (code < 0)
    return code;
  code = rte_mempool_populate_default (self->pool);
  if (code < 0)
    return code;
  rte_mempool_obj_iter (self->pool, place, self);
  return 0;
}

LoomWireMemory *
loom_wire_memory_new (guint n_frames, gboolean huge, int *ret_errno)
{
  LoomWireMemory *self = g_new0 (LoomWireMemory, 1);

  self->n_frames = n_frames;
  self->size = RTE_ALIGN (RINGS_SIZE + (gsize) n_frames * STRIDE, HUGE_PAGE);
  *ret_errno = map (self, huge);
  if (*ret_errno == 0)
    *ret_errno = make_pool (self);
  if (*ret_errno == 0)
    return self;
  loom_wire_memory_free (self);
  return NULL;
}

void
loom_wire_memory_free (LoomWireMemory *self)
{
  if (self == NULL)
    return;
  rte_mempool_free (self->pool);
  if (self->base != NULL)
    munmap (self->base, self->size);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

void
loom_wire_memory_give_list (LoomWireMemory *self, LoomWireFrame *frame)
{
  while (frame != NULL) {
    LoomWireFrame *next = frame->next;

    loom_wire_memory_give (self, &frame, 1);
    frame = next;
  }
}
