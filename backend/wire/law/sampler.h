/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tells of some of a direction's frames, so many a second and no more: a token bucket in front of a
 * ring. The datapath thread writes, the main thread reads and hands on. What finds no room is
 * counted and not waited for. */

#pragma once

#include "backend/proto/frame-sample.h"
#include "backend/wire/law/ring.h"

G_BEGIN_DECLS

#define LOOM_WIRE_MAX_SAMPLE_RATE 1000
/* How many frames in a row are told of after a silence. */
#define LOOM_WIRE_SAMPLE_BURST 32

/* All zero: nobody watches. */
typedef struct {
  LoomWireRing *ring; /* NULL: nobody watches */
  guint64 cable;
  guint8 direction;
  gint64 interval_ns; /* between two samples, on average */
  gint64 free_ns;     /* the virtual scheduling time of ITU-T I.371's GCRA */
  guint32 n_frames;   /* since the last sample */
  guint32 n_missed;   /* samples for which the ring had no room, since the last */
} LoomWireSampler;

/* @per_second 0: stops. */
void loom_wire_sampler_set (LoomWireSampler *self, LoomWireRing *ring, guint64 cable,
                            guint8 direction, guint per_second);

/* A frame whose @octets and @length are these; @due_ns 0: it does not leave. */
void loom_wire_sampler_tell (LoomWireSampler *self, LoomSampleFate fate, guint marks,
                             const guint8 *octets, guint length, gint64 due_ns, gint64 now_ns);

static inline gboolean
loom_wire_sampler_is_on (const LoomWireSampler *self)
{
  return G_UNLIKELY (self->ring != NULL);
}

G_END_DECLS
