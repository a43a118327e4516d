/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A segment costs one copy into each of its frames, and one before if it came in several buffers,
 * which is how the switch hands segments over. */

#include "backend/wire/intake.h"

#include "backend/wire/direction.h"
#include "backend/wire/law/checksum.h"
#include "backend/wire/law/segment.h"

/* Shorter segments come from no network stack, and would make 64,000 frames of one. */
#define MIN_SEGMENT 48

static void
refuse (LoomWirePort *port, struct rte_mbuf *packet)
{
  port->out->counters.refused++;
  rte_pktmbuf_free (packet);
}

static void
take_cut (LoomWirePort *port, const LoomWireCut *cut, gint64 now_ns)
{
  port->out->counters.segmented++;
  for (guint i = 0; i < cut->n_frames; i++) {
    struct rte_mbuf *frame = rte_pktmbuf_alloc (port->out->memory->pool);

    if (frame == NULL) {
      port->out->counters.queue_drops += cut->n_frames - i;
      return;
    }
    frame->data_len = (guint16) loom_wire_cut_get_size (cut, i);
    frame->pkt_len = frame->data_len;
    loom_wire_cut_write (cut, i, rte_pktmbuf_mtod (frame, guint8 *));
    loom_wire_direction_take (port->out, frame, now_ns);
  }
}

static void
take_segment (LoomWirePort *port, struct rte_mbuf *packet, guint segment_size, guint8 *scratch,
              gint64 now_ns)
{
  LoomWireCut cut;
  const guint8 *octets;

  if (packet->pkt_len > LOOM_WIRE_MAX_SEGMENT || segment_size < MIN_SEGMENT) {
    refuse (port, packet);
    return;
  }
  octets = rte_pktmbuf_read (packet, 0, packet->pkt_len, scratch);
  if (!loom_wire_cut_init (&cut, octets, packet->pkt_len, segment_size)
      || loom_wire_cut_get_size (&cut, 0) > LOOM_WIRE_MAX_FRAME) {
    refuse (port, packet);
    return;
  }
  take_cut (port, &cut, now_ns);
  rte_pktmbuf_free (packet);
}

void
loom_wire_intake (LoomWirePort *port, struct rte_mbuf *packet, guint8 *scratch, gint64 now_ns)
{
  const LoomWireHeader *header = loom_wire_packet_header (packet);

  if (header->gso_type != LOOM_WIRE_GSO_NONE) {
    take_segment (port, packet, header->gso_size, scratch, now_ns);
    return;
  }
  if (packet->nb_segs > 1
      || ((header->flags & LOOM_WIRE_HEADER_NEEDS_CHECKSUM) != 0
          && !loom_wire_checksum_complete (rte_pktmbuf_mtod (packet, guint8 *), packet->data_len,
                                           header->checksum_start, header->checksum_offset))) {
    refuse (port, packet);
    return;
  }
  loom_wire_direction_take (port->out, packet, now_ns);
}
