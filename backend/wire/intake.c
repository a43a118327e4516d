/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A segment costs one copy into each of its frames, and one before if it came in several buffers,
 * which is how the switch hands segments over. */

#include "backend/wire/intake.h"

#include "backend/wire/direction.h"
#include "backend/wire/law/checksum.h"
#include "backend/wire/law/segment.h"

/* Two addresses and a type. What is shorter is no frame. */
#define MIN_FRAME 14
/* Shorter segments come from no network stack, and would make 64,000 frames of one. */
#define MIN_SEGMENT 48

static void
refuse (LoomWirePort *port, LoomWireFrame *frame)
{
  port->out->counters.refused++;
  loom_wire_memory_give_list (port->out->memory, frame);
}

static void
take_cut (LoomWirePort *port, const LoomWireCut *cut, gint64 now_ns)
{
  port->out->counters.segmented++;
  for (guint i = 0; i < cut->n_frames; i++) {
    LoomWireFrame *frame;

    if (!loom_wire_memory_take (port->out->memory, &frame, 1)) {
      port->out->counters.queue_drops += cut->n_frames - i;
      return;
    }
    frame->length = (guint32) loom_wire_cut_get_size (cut, i);
    loom_wire_cut_write (cut, i, frame->octets);
    loom_wire_frame_clear_header (frame);
    loom_wire_direction_take (port->out, frame, now_ns);
  }
}

/* All octets of @frame in one piece: its own, or @scratch. 0: there are too many. */
static gsize
gather (const LoomWireFrame *frame, guint8 *scratch, const guint8 **ret_octets)
{
  gsize size = frame->length;

  *ret_octets = frame->octets;
  if (frame->next == NULL)
    return size;
  memcpy (scratch, frame->octets, size);
  while ((frame = frame->next) != NULL) {
    if (size + frame->length > LOOM_WIRE_MAX_SEGMENT)
      return 0;
    memcpy (scratch + size, loom_wire_frame_header (frame), frame->length);
    size += frame->length;
  }
  *ret_octets = scratch;
  return size;
}

static void
take_segment (LoomWirePort *port, LoomWireFrame *frame, guint segment_size, guint8 *scratch,
              gint64 now_ns)
{
  const guint8 *octets;
  gsize size = gather (frame, scratch, &octets);
  LoomWireCut cut;

  if (size == 0 || segment_size < MIN_SEGMENT
      || !loom_wire_cut_init (&cut, octets, size, segment_size)
      || loom_wire_cut_get_size (&cut, 0) > LOOM_WIRE_MAX_FRAME) {
    refuse (port, frame);
    return;
  }
  take_cut (port, &cut, now_ns);
  loom_wire_memory_give_list (port->out->memory, frame);
}

void
loom_wire_intake (LoomWirePort *port, LoomWireFrame *frame, guint8 *scratch, gint64 now_ns)
{
  const LoomWireHeader header = *loom_wire_frame_header (frame);

  if (header.gso_type != LOOM_WIRE_GSO_NONE) {
    take_segment (port, frame, header.gso_size, scratch, now_ns);
    return;
  }
  if (frame->next != NULL || frame->length < MIN_FRAME
      || ((header.flags & LOOM_WIRE_HEADER_NEEDS_CHECKSUM) != 0
          && !loom_wire_checksum_complete (frame->octets, frame->length, header.checksum_start,
                                           header.checksum_offset))) {
    refuse (port, frame);
    return;
  }
  loom_wire_frame_clear_header (frame);
  loom_wire_direction_take (port->out, frame, now_ns);
}
