/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What virtio puts before a frame's octets. */

#pragma once

#include "backend/wire/law/frame.h"

#include <string.h>

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

static inline LoomWireHeader *
loom_wire_frame_header (const LoomWireFrame *frame)
{
  return (LoomWireHeader *) (frame->octets - sizeof (LoomWireHeader));
}

/* Nothing is left to do about the frame. Done when it comes, while its first octets are at hand,
 * and not when it leaves: after a delay they are out of the caches. */
static inline void
loom_wire_frame_clear_header (const LoomWireFrame *frame)
{
  memset (loom_wire_frame_header (frame), 0, sizeof (LoomWireHeader));
}

G_END_DECLS
