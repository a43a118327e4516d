/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See sampler.h. A sample is 136 octets of the ring, and a copy of 84. */

#include "backend/wire/law/sampler.h"

#include <string.h>

#define NS_PER_S G_GINT64_CONSTANT (1000000000)

void
loom_wire_sampler_set (LoomWireSampler *self, LoomWireRing *ring, guint64 cable, guint8 direction,
                       guint per_second)
{
  *self = (LoomWireSampler){0};
  if (per_second == 0)
    return;
  self->ring = ring;
  self->cable = cable;
  self->direction = direction;
  self->interval_ns = NS_PER_S / MIN (per_second, LOOM_WIRE_MAX_SAMPLE_RATE);
}

static gboolean
may_tell (LoomWireSampler *self, gint64 now_ns)
{
  if (self->free_ns - now_ns > (LOOM_WIRE_SAMPLE_BURST - 1) * self->interval_ns)
    return FALSE;
  self->free_ns = MAX (self->free_ns, now_ns) + self->interval_ns;
  return TRUE;
}

void
loom_wire_sampler_tell (LoomWireSampler *self, LoomSampleFate fate, guint marks,
                        const guint8 *octets, guint length, gint64 due_ns, gint64 now_ns)
{
  LoomFrameSample *sample;

  self->n_frames++;
  if (!may_tell (self, now_ns))
    return;
  sample = loom_wire_ring_reserve (self->ring, sizeof *sample);
  if (sample == NULL) {
    self->n_missed++;
    return;
  }
  *sample = (LoomFrameSample){
      .cable = self->cable,
      .arrived_ns = now_ns,
      .due_ns = due_ns,
      .n_frames = self->n_frames,
      .n_missed = self->n_missed,
      .length = length,
      .direction = self->direction,
      .fate = (guint8) fate,
      .marks = (guint8) marks,
      .head_size = (guint8) MIN (length, LOOM_SAMPLE_HEAD),
  };
  memcpy (sample->head, octets, sample->head_size);
  loom_wire_ring_commit (self->ring);
  self->n_frames = 0;
  self->n_missed = 0;
}
