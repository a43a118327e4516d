/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A slot belongs to whichever quarter of a second its number says; one that is too old counts as
 * empty, and is emptied by the first frame that needs it. */

#include "backend/wire/law/meter.h"

#include <math.h>

#define SLOT_NS G_GINT64_CONSTANT (250000000)

static LoomWireMeterSlot *
get_slot (LoomWireMeter *self, gint64 now_ns)
{
  gint64 number = now_ns / SLOT_NS;
  LoomWireMeterSlot *slot = &self->slots[number % LOOM_WIRE_METER_SLOTS];

  if (self->first == 0)
    self->first = number;
  if (slot->number != number)
    *slot = (LoomWireMeterSlot){.number = number, .min_ms = G_MAXDOUBLE};
  return slot;
}

static void
add (LoomWireMeterSlot *sum, const LoomWireMeterSlot *slot)
{
  sum->n_in += slot->n_in;
  sum->n_lost += slot->n_lost;
  sum->n_out += slot->n_out;
  sum->n_bytes_out += slot->n_bytes_out;
  sum->sum_ms += slot->sum_ms;
  sum->sum_squares += slot->sum_squares;
  sum->min_ms = MIN (sum->min_ms, slot->min_ms);
  sum->max_ms = MAX (sum->max_ms, slot->max_ms);
}

void
loom_wire_meter_in (LoomWireMeter *self, gint64 now_ns)
{
  get_slot (self, now_ns)->n_in++;
}

void
loom_wire_meter_lost (LoomWireMeter *self, gint64 now_ns)
{
  get_slot (self, now_ns)->n_lost++;
}

void
loom_wire_meter_out (LoomWireMeter *self, gint64 now_ns, gint64 delay_ns, guint n_bytes)
{
  LoomWireMeterSlot *slot = get_slot (self, now_ns);
  double delay_ms = (double) delay_ns / 1e6;

  slot->n_out++;
  slot->n_bytes_out += n_bytes;
  slot->sum_ms += delay_ms;
  slot->sum_squares += delay_ms * delay_ms;
  slot->min_ms = MIN (slot->min_ms, delay_ms);
  slot->max_ms = MAX (slot->max_ms, delay_ms);
}

LoomWireMeasured
loom_wire_meter_read (const LoomWireMeter *self, gint64 now_ns)
{
  gint64 last = now_ns / SLOT_NS;
  gint64 first = MAX (last - LOOM_WIRE_METER_SLOTS + 1, self->first);
  double seconds = (double) (now_ns - first * SLOT_NS) / 1e9;
  LoomWireMeterSlot sum = {.min_ms = G_MAXDOUBLE};
  LoomWireMeasured measured = {0};

  for (guint i = 0; i < LOOM_WIRE_METER_SLOTS; i++)
    if (self->slots[i].number >= first && self->slots[i].number <= last)
      add (&sum, &self->slots[i]);
  /* Frames that were held came in earlier than they are lost. */
  if (sum.n_in > 0)
    measured.loss_percent = 100.0 * MIN (sum.n_lost, sum.n_in) / sum.n_in;
  if (sum.n_out == 0)
    return measured;
  measured.delay_ms = sum.sum_ms / sum.n_out;
  measured.delay_min_ms = sum.min_ms;
  measured.delay_max_ms = sum.max_ms;
  measured.jitter_ms = sqrt (
      MAX (sum.sum_squares / sum.n_out - measured.delay_ms * measured.delay_ms, 0));
  measured.rate_bps = seconds > 0 ? 8.0 * (double) sum.n_bytes_out / seconds : 0;
  return measured;
}
