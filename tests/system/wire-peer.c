/* SPDX-License-Identifier: GPL-3.0-or-later */

/* DPDK's vhost threads tell of connections; everything else happens in the caller's. */

#include "tests/system/wire-peer.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_vhost.h>

#define N_PACKETS 8192
#define RING_TO_WIRE 0
#define RING_FROM_WIRE 1
#define ETHERTYPE_EXPERIMENTAL 0x88b5
#define MAX_PEERS 512

struct _WirePeer {
  char *path;
  int vid; /* atomic; -1: not connected */
};

typedef struct {
  guint8 header[14];
  guint8 padding[2];
  guint64 number;
  gint64 sent_ns;
} __attribute__ ((packed)) Mark;

static struct rte_mempool *pool;
/* For the vhost library's callbacks, which know nothing but the path. */
static WirePeer *peers[MAX_PEERS];

static WirePeer *
find_peer (int vid)
{
  char path[108];

  rte_vhost_get_ifname (vid, path, sizeof path);
  for (guint i = 0; i < MAX_PEERS; i++)
    if (peers[i] != NULL && g_str_equal (peers[i]->path, path))
      return peers[i];
  return NULL;
}

static int
on_new_device (int vid)
{
  WirePeer *self = find_peer (vid);

  /* The peer polls. */
  rte_vhost_enable_guest_notification (vid, RING_TO_WIRE, 0);
  rte_vhost_enable_guest_notification (vid, RING_FROM_WIRE, 0);
  if (self != NULL)
    __atomic_store_n (&self->vid, vid, __ATOMIC_RELEASE);
  return 0;
}

static void
on_destroy_device (int vid)
{
  WirePeer *self = find_peer (vid);

  if (self != NULL)
    __atomic_store_n (&self->vid, -1, __ATOMIC_RELEASE);
}

static const struct rte_vhost_device_ops OPS = {
    .new_device = on_new_device,
    .destroy_device = on_destroy_device,
};

gboolean
wire_peer_init_dpdk (const char *folder)
{
  static char *argv[] = {
      "test",     "--lcores=0@(0-1)", "--no-shconf",    "--no-huge",         "-m128",
      "--no-pci", "--no-telemetry",   "--iova-mode=va", "--log-level=error", NULL};

  g_setenv ("RUNTIME_DIRECTORY", folder, TRUE);
  if (rte_eal_init (G_N_ELEMENTS (argv) - 1, argv) < 0)
    return FALSE;
  pool = rte_pktmbuf_pool_create ("peers", N_PACKETS, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
                                  SOCKET_ID_ANY);
  return pool != NULL;
}

WirePeer *
wire_peer_new (const char *path)
{
  WirePeer *self = g_new0 (WirePeer, 1);
  guint i = 0;

  self->path = g_strdup (path);
  self->vid = -1;
  while (peers[i] != NULL)
    i++;
  peers[i] = self;
  g_assert_cmpint (rte_vhost_driver_register (path, RTE_VHOST_USER_CLIENT
                                                        | RTE_VHOST_USER_NET_COMPLIANT_OL_FLAGS),
                   ==, 0);
  g_assert_cmpint (rte_vhost_driver_callback_register (path, &OPS), ==, 0);
  g_assert_cmpint (rte_vhost_driver_start (path), ==, 0);
  return self;
}

void
wire_peer_free (WirePeer *self)
{
  rte_vhost_driver_unregister (self->path);
  for (guint i = 0; i < MAX_PEERS; i++)
    if (peers[i] == self)
      peers[i] = NULL;
  g_free (self->path);
  g_free (self);
}

gboolean
wire_peer_is_connected (WirePeer *self)
{
  return __atomic_load_n (&self->vid, __ATOMIC_ACQUIRE) >= 0;
}

struct rte_mbuf *
wire_peer_alloc (WirePeer *self)
{
  struct rte_mbuf *packet = rte_pktmbuf_alloc (pool);

  g_assert_nonnull (packet);
  return packet;
}

guint
wire_peer_send (WirePeer *self, struct rte_mbuf **packets, guint n)
{
  int vid = __atomic_load_n (&self->vid, __ATOMIC_ACQUIRE);
  guint n_sent = 0;

  if (vid >= 0)
    n_sent = rte_vhost_enqueue_burst (vid, RING_TO_WIRE, packets, (uint16_t) n);
  rte_pktmbuf_free_bulk (packets, n);
  return n_sent;
}

guint
wire_peer_receive (WirePeer *self, struct rte_mbuf **ret_packets, guint max)
{
  int vid = __atomic_load_n (&self->vid, __ATOMIC_ACQUIRE);

  if (vid < 0)
    return 0;
  return rte_vhost_dequeue_burst (vid, RING_FROM_WIRE, pool, ret_packets, (uint16_t) max);
}

void
wire_peer_mark (struct rte_mbuf *packet, guint size, guint64 number, gint64 now_ns)
{
  Mark mark = {.header = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1,
                          ETHERTYPE_EXPERIMENTAL >> 8, ETHERTYPE_EXPERIMENTAL & 0xff},
               .number = number,
               .sent_ns = now_ns};

  g_assert_cmpuint (size, >=, sizeof mark);
  packet->data_len = (uint16_t) size;
  packet->pkt_len = size;
  memcpy (rte_pktmbuf_mtod (packet, void *), &mark, sizeof mark);
}

gboolean
wire_peer_read_mark (struct rte_mbuf *packet, guint64 *ret_number, gint64 *ret_sent_ns)
{
  Mark mark;

  if (packet->data_len < sizeof mark)
    return FALSE;
  memcpy (&mark, rte_pktmbuf_mtod (packet, void *), sizeof mark);
  *ret_number = mark.number;
  *ret_sent_ns = mark.sent_ns;
  return mark.header[12] == ETHERTYPE_EXPERIMENTAL >> 8
         && mark.header[13] == (ETHERTYPE_EXPERIMENTAL & 0xff);
}

gboolean
wire_peer_send_marked (WirePeer *self, guint size, guint64 number)
{
  struct rte_mbuf *packet = wire_peer_alloc (self);

  wire_peer_mark (packet, size, number, wire_peer_now_ns ());
  return wire_peer_send (self, &packet, 1) == 1;
}

gboolean
wire_peer_receive_marked (WirePeer *self, guint64 *ret_number, gint64 *ret_delay_ns)
{
  struct rte_mbuf *packet;
  gboolean marked = FALSE;
  gint64 sent_ns = 0;

  while (!marked && wire_peer_receive (self, &packet, 1) == 1) {
    marked = wire_peer_read_mark (packet, ret_number, &sent_ns);
    *ret_delay_ns = wire_peer_now_ns () - sent_ns;
    rte_pktmbuf_free (packet);
  }
  return marked;
}

gint64
wire_peer_now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}
