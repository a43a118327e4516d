/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A frame and its octets: the private area of a DPDK packet buffer (mbuf) holds what the laws know
 * of it, and the twelve octets before its data the header that virtio puts there. */

#pragma once

#include "backend/wire/law/frame.h"

#include <rte_mbuf.h>

G_BEGIN_DECLS

/* virtio 1.1, section 5.1.6; all little endian, which this host is. */
typedef struct {
  guint8 flags;
  guint8 gso_type;
  guint16 header_size;
  guint16 gso_size;
  guint16 checksum_start;
  guint16 checksum_offset;
  guint16 n_buffers;
} LoomWireHeader;

#define LOOM_WIRE_HEADER_NEEDS_CHECKSUM 1 /* in flags */
#define LOOM_WIRE_GSO_NONE 0
#define LOOM_WIRE_GSO_TCPV4 1
#define LOOM_WIRE_GSO_TCPV6 4
#define LOOM_WIRE_GSO_ECN 0x80 /* a flag beside the type */

static inline LoomWireFrame *
loom_wire_packet_frame (struct rte_mbuf *packet)
{
  return rte_mbuf_to_priv (packet);
}

static inline struct rte_mbuf *
loom_wire_frame_packet (LoomWireFrame *frame)
{
  return (struct rte_mbuf *) frame - 1;
}

/* Before the data of a packet that has its whole headroom. */
static inline LoomWireHeader *
loom_wire_packet_header (struct rte_mbuf *packet)
{
  return (LoomWireHeader *) (rte_pktmbuf_mtod (packet, guint8 *) - sizeof (LoomWireHeader));
}

G_END_DECLS
