/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How a peer's memory is laid out, and what it says to the switch. Messages are those of QEMU's
 * docs/interop/vhost-user.rst, rings those of virtio 1.1 section 2.6 (split virtqueues) with the 12
 * byte header of section 5.1.6. Memory is one memfd; guest physical addresses are offsets into it.
 * No protocol features are agreed, so rings run once kicked. */

#pragma once

#include "tests/system/vhost-peer.h"

#define QUEUE_SIZE 1024
#define BUFFER_SIZE 2048
#define HEADER_SIZE 12
#define QUEUE_STRIDE 0x10000
#define AVAIL_OFFSET 0x4000
#define USED_OFFSET 0x5000
#define BUFFERS_OFFSET 0x20000
#define MEMORY_SIZE (BUFFERS_OFFSET + 2 * QUEUE_SIZE * BUFFER_SIZE)

#define QUEUE_RX 0
#define QUEUE_TX 1
#define DESC_NEXT 1
#define DESC_WRITE 2
#define DESC_INDIRECT 4

enum {
  GET_FEATURES = 1,
  SET_FEATURES = 2,
  SET_OWNER = 3,
  SET_MEM_TABLE = 5,
  SET_VRING_NUM = 8,
  SET_VRING_ADDR = 9,
  SET_VRING_BASE = 10,
  SET_VRING_KICK = 12,
  SET_VRING_CALL = 13,
};

typedef struct {
  guint64 address;
  guint32 length;
  guint16 flags;
  guint16 next;
} Descriptor;

typedef struct {
  guint16 flags;
  guint16 index;
  guint16 ring[QUEUE_SIZE];
} Avail;

typedef struct {
  guint16 flags;
  guint16 index;
  struct {
    guint32 id;
    guint32 length;
  } ring[QUEUE_SIZE];
} Used;

struct _VhostPeer {
  char *path;
  int listener;
  int connection;
  int memory_fd;
  guint8 *memory;
  guint listen_id;
  guint hangup_id;
  int kick[2];
  int call[2];
  guint16 last_used[2];
  gboolean offloads;
};

static inline Descriptor *
vhost_peer_get_descriptors (VhostPeer *peer, int queue)
{
  return (Descriptor *) (peer->memory + queue * QUEUE_STRIDE);
}

static inline Avail *
vhost_peer_get_avail (VhostPeer *peer, int queue)
{
  return (Avail *) (peer->memory + queue * QUEUE_STRIDE + AVAIL_OFFSET);
}

static inline Used *
vhost_peer_get_used (VhostPeer *peer, int queue)
{
  return (Used *) (peer->memory + queue * QUEUE_STRIDE + USED_OFFSET);
}

static inline guint64
vhost_peer_buffer_offset (int queue, guint index)
{
  return BUFFERS_OFFSET + ((guint64) queue * QUEUE_SIZE + index) * BUFFER_SIZE;
}

/* With the descriptor @fd; -1: with none. */
void vhost_peer_send_request (VhostPeer *peer, guint32 request, const void *payload, guint32 size,
                              int fd);
