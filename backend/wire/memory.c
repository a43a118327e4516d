/* SPDX-License-Identifier: GPL-3.0-or-later */

/* DPDK calls this a pool with pinned external buffers: the packets' headers lie in DPDK's own
 * memory, their octets in ours. The pool is a stack, so that the buffers used last, still warm, are
 * used next, and those never needed are never touched. */

#include "backend/wire/memory.h"

#include "backend/wire/packet.h"

#include <errno.h>
#include <linux/memfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_mbuf_pool_ops.h>

#define BUFFER_SIZE 2048
#define CACHE_SIZE 256
#define RINGS_SIZE ((gsize) LOOM_WIRE_MAX_PORTS * LOOM_WIRE_RINGS_STRIDE)
#define HUGE_PAGE ((gsize) 2 << 20)

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

static int
make_pool (LoomWireMemory *self)
{
  struct rte_pktmbuf_extmem octets = {
      .buf_ptr = self->base + RINGS_SIZE,
      .buf_iova = RTE_BAD_IOVA, /* no device reads it */
      .buf_len = (gsize) self->n_packets * BUFFER_SIZE,
      .elt_size = BUFFER_SIZE,
  };

  rte_mbuf_set_user_mempool_ops ("stack");
  self->pool = rte_pktmbuf_pool_create_extbuf (
      "wire", self->n_packets, CACHE_SIZE, RTE_ALIGN (sizeof (LoomWireFrame), RTE_MBUF_PRIV_ALIGN),
      BUFFER_SIZE, SOCKET_ID_ANY, &octets, 1);
  return self->pool != NULL ? 0 : -rte_errno;
}

LoomWireMemory *
loom_wire_memory_new (guint n_packets, gboolean huge, int *ret_errno)
{
  LoomWireMemory *self = g_new0 (LoomWireMemory, 1);

  self->n_packets = n_packets;
  self->size = RTE_ALIGN (RINGS_SIZE + (gsize) n_packets * BUFFER_SIZE, HUGE_PAGE);
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
