/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where the datapath thread puts copies of frames for a capture: a bounded ring that the capture's
 * own thread empties. A full ring costs the capture a frame, which is counted, and the cable
 * nothing. */

#pragma once

#include "backend/wire/filter.h"
#include "backend/wire/law/ring.h"

G_BEGIN_DECLS

/* As in pcapng's epb_flags. */
#define LOOM_WIRE_INBOUND 1
#define LOOM_WIRE_OUTBOUND 2

/* A record of the ring; the octets follow. */
typedef struct {
  gint64 time_ns;    /* of CLOCK_MONOTONIC */
  guint32 interface; /* which of the capture's */
  guint32 flags;
  guint32 length;   /* of the frame */
  guint32 captured; /* how many octets of it follow */
} LoomWireRecord;

typedef struct {
  LoomWireRing *ring;
  LoomWireFilter *filter; /* or NULL; not changed while frames come */
  guint snaplen;
  guint64 n_dropped; /* the datapath thread's; others read it once no tap leads here any more */
} LoomWireSink;

/* A place on a cable that leads to a sink. */
typedef struct {
  LoomWireSink *sink;
  guint32 interface;
} LoomWireTap;

#define LOOM_WIRE_MAX_TAPS 4

typedef struct {
  LoomWireTap taps[LOOM_WIRE_MAX_TAPS];
  guint n_taps;
} LoomWireTaps;

/* FALSE: there are LOOM_WIRE_MAX_TAPS. */
gboolean loom_wire_taps_add (LoomWireTaps *self, LoomWireSink *sink, guint32 interface);
void loom_wire_taps_remove (LoomWireTaps *self, LoomWireSink *sink);

/* Shows a frame to all sinks. */
void loom_wire_taps_show (LoomWireTaps *self, const guint8 *octets, guint length, guint32 flags,
                          gint64 now_ns);

G_END_DECLS
