/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A cable as the datapath thread knows it: two ports, and a line of laws each way. The main thread
 * makes it, hands it over, and frees it when it has it back; in between all of it is the datapath
 * thread's, counters included, and the main thread asks by orders (datapath.h). */

#pragma once

#include "backend/wire/hold.h"
#include "backend/wire/law/line.h"
#include "backend/wire/law/meter.h"
#include "backend/wire/law/sampler.h"
#include "backend/wire/sink.h"
#include "backend/wire/vring.h"

G_BEGIN_DECLS

typedef struct _LoomWireCable LoomWireCable;
typedef struct _LoomWireDirection LoomWireDirection;

typedef struct {
  guint64 frames_in; /* segments count as the frames they were cut into */
  guint64 bytes_in;
  guint64 frames_out;
  guint64 bytes_out;
  guint64 lost; /* by chance */
  guint64 queue_drops;
  guint64 red_drops;
  guint64 duplicated;
  guint64 reordered;
  guint64 corrupted;
  guint64 segmented;         /* segments that were cut */
  guint64 refused;           /* too long, or with headers that contradict themselves */
  guint64 unconnected_drops; /* nobody at the other end, or nobody who takes frames */
  guint64 held;              /* ever; those that wait now: see hold */
  guint64 late;              /* left more than 1 ms after they were due */
} LoomWireCounters;

/* Where a NIC's cable begins: the switch's side of an end. */
typedef struct {
  LoomWireDirection *out; /* what comes in here goes there */
  LoomWireVring receive;
  LoomWireVring send;
  int call_fd;
  gboolean connected;
  gboolean active; /* asked at each turn; else its call descriptor tells */
  guint slot;      /* of its direction, in the datapath */
  guint fill;      /* how many empty buffers the switch is given */
  gint64 heard_ns; /* when the last frame came */
} LoomWirePort;

#define LOOM_WIRE_BURST 32

/* Indices of taps. */
#define LOOM_WIRE_TAP_IN 0
#define LOOM_WIRE_TAP_OUT 1

struct _LoomWireDirection {
  LoomWireCable *cable;
  LoomWireMemory *memory;
  LoomWirePort *from;
  LoomWirePort *to;
  LoomWireTaps taps[2];    /* where frames come in, and where they leave */
  LoomWireSampler sampler; /* for those who watch */
  LoomWireHold hold;
  LoomWireLine line;
  LoomWireCounters counters;
  LoomWireMeter meter;
  gint64 changed_ns; /* when settings came last */
  /* Due, and the other end has no room. */
  LoomWireFrame *stuck[LOOM_WIRE_BURST];
  guint n_stuck;
  gint64 stuck_since_ns; /* since when the ring takes nothing; 0: it does */
  gint64 retry_ns;
};

/* "forward" and "backward". */
extern const char *const LOOM_WIRE_DIRECTION_NAMES[2];

enum {
  LOOM_WIRE_FORWARD, /* from end 0 to end 1 */
  LOOM_WIRE_BACKWARD,
};

struct _LoomWireCable {
  LoomWirePort ports[2];
  guint32 last_held; /* names of held frames */
  LoomWireDirection directions[2];
};

/* (transfer full). @key ("pc1:0 pc2:0") and @seed choose the random numbers. @settings: of both
 * directions. */
LoomWireCable *loom_wire_cable_new (const char *key, guint64 seed,
                                    const LoomWireSettings settings[2], LoomWireMemory *memory,
                                    gint64 now_ns);
/* No frame is in it any more. */
void loom_wire_cable_free (LoomWireCable *self);

G_END_DECLS
