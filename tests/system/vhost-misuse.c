/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a guest can do wrong to its rings, and a QEMU to its socket: vhost_peer_misuse (). */

#include "tests/system/vhost-peer-private.h"

#include <sys/socket.h>

/* Offers @descriptor to the switch as the next frame to send. */
static void
offer (VhostPeer *peer, Descriptor descriptor)
{
  Avail *avail = vhost_peer_get_avail (peer, QUEUE_TX);
  guint slot = avail->index % QUEUE_SIZE;

  if (descriptor.flags & DESC_NEXT && descriptor.next < QUEUE_SIZE)
    descriptor.next = (guint16) slot; /* a loop of one */
  vhost_peer_get_descriptors (peer, QUEUE_TX)[slot] = descriptor;
  avail->ring[slot] = (guint16) slot;
  __atomic_store_n (&avail->index, (guint16) (avail->index + 1), __ATOMIC_RELEASE);
}

static void
fill_with_noise (VhostPeer *peer)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (gsize i = 0; i < BUFFERS_OFFSET; i += sizeof (guint32)) {
    guint32 word = g_rand_int (random);
    memcpy (peer->memory + i, &word, sizeof word);
  }
}

/* The room that a guest has for frames to come: @length bytes each. */
static void
shrink_room (VhostPeer *peer, guint32 length)
{
  for (guint i = 0; i < QUEUE_SIZE; i++)
    vhost_peer_get_descriptors (peer, QUEUE_RX)[i].length = length;
}

static void
misuse_rings (VhostPeer *peer, VhostMisuse misuse)
{
  guint64 good = vhost_peer_buffer_offset (QUEUE_TX, 0);
  Avail *avail = vhost_peer_get_avail (peer, QUEUE_TX);

  switch (misuse) {
  case VHOST_MISUSE_OUTSIDE:
    offer (peer, (Descriptor){MEMORY_SIZE - 16, 1500, 0, 0});
    offer (peer, (Descriptor){G_MAXUINT64 - 100, 1500, 0, 0});
    break;
  case VHOST_MISUSE_HUGE:
    offer (peer, (Descriptor){good, G_MAXUINT32, 0, 0});
    break;
  case VHOST_MISUSE_LOOP:
    offer (peer, (Descriptor){good, 1500, DESC_NEXT, 0});
    break;
  case VHOST_MISUSE_NEXT:
    offer (peer, (Descriptor){good, 1500, DESC_NEXT, 60000});
    break;
  case VHOST_MISUSE_INDIRECT:
    offer (peer, (Descriptor){MEMORY_SIZE * 4ull, 16 * 100, DESC_INDIRECT, 0});
    break;
  case VHOST_MISUSE_JUMP:
    __atomic_store_n (&avail->index, (guint16) (avail->index + 40000), __ATOMIC_RELEASE);
    break;
  case VHOST_MISUSE_SLOT:
    avail->ring[avail->index % QUEUE_SIZE] = 65000;
    __atomic_store_n (&avail->index, (guint16) (avail->index + 1), __ATOMIC_RELEASE);
    break;
  case VHOST_MISUSE_TINY:
    shrink_room (peer, 3);
    break;
  default:
    fill_with_noise (peer);
  }
}

static void
misuse_requests (VhostPeer *peer, VhostMisuse misuse)
{
  g_autofree guint8 *large = g_malloc0 (64 * 1024);
  guint32 queue[2] = {4000, QUEUE_SIZE};
  guint32 none[2] = {QUEUE_TX, 0};
  guint32 many[2] = {QUEUE_TX, 0x7fffffff};
  guint32 regions[2] = {1000 * 1000 * 1000, 0};
  guint64 table[5] = {1, 0, MEMORY_SIZE, (guint64) (gsize) peer->memory, 0};
  guint64 address[5] = {QUEUE_TX, 0x1000, 0x2000, 0x3000, 0};
  guint32 half[3] = {SET_MEM_TABLE, 1, sizeof table};

  switch (misuse) {
  case VHOST_MISUSE_REQUEST:
    vhost_peer_send_request (peer, 9999, queue, sizeof queue, -1);
    break;
  case VHOST_MISUSE_SIZE:
    vhost_peer_send_request (peer, SET_MEM_TABLE, large, 64 * 1024, -1);
    break;
  case VHOST_MISUSE_QUEUE:
    vhost_peer_send_request (peer, SET_VRING_NUM, queue, sizeof queue, -1);
    break;
  case VHOST_MISUSE_NUMBER:
    vhost_peer_send_request (peer, SET_VRING_NUM, none, sizeof none, -1);
    vhost_peer_send_request (peer, SET_VRING_NUM, many, sizeof many, -1);
    break;
  case VHOST_MISUSE_REGIONS:
    vhost_peer_send_request (peer, SET_MEM_TABLE, regions, sizeof regions, peer->memory_fd);
    break;
  case VHOST_MISUSE_NO_FD:
    vhost_peer_send_request (peer, SET_MEM_TABLE, table, sizeof table, -1);
    break;
  case VHOST_MISUSE_ADDRESS:
    vhost_peer_send_request (peer, SET_VRING_ADDR, address, sizeof address, -1);
    break;
  default:
    send (peer->connection, half, sizeof half, MSG_NOSIGNAL);
  }
}

void
vhost_peer_misuse (VhostPeer *peer, VhostMisuse misuse)
{
  if (misuse < VHOST_MISUSE_N_OF_GUEST)
    misuse_rings (peer, misuse);
  else
    misuse_requests (peer, misuse);
}
