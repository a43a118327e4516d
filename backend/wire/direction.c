/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A ring without room is no loss on a cable: what is due waits for it here, for a moment, and later
 * frames behind it. */

#include "backend/wire/direction.h"

#define NS_PER_MS G_GINT64_CONSTANT (1000000)
#define LATE_NS NS_PER_MS
#define RETRY_NS (NS_PER_MS / 20)
#define STUCK_MAX_NS (100 * NS_PER_MS)
/* A quarter of the buffers is kept for what comes in: a line never fills all memory. */
#define MAX_TRAVELLING(memory) ((memory)->n_frames / 4 * 3)
/* One direction may have so many times as much as is left of that: one that is flooded takes four
 * fifths, two take four ninths each, and others have room still. (Choudhury, Hahne: Dynamic queue
 * length thresholds for shared-memory packet switches, 1998.) */
#define SHARE 4
/* What a frame takes of a rate: see settings.h. */
#define FRAME_OVERHEAD 24

static const LoomWireVerdict NOTHING_MORE = {.first_bit_error = G_MAXUINT64};

static void
count_drop (LoomWireDirection *self, LoomWireFate fate, gint64 now_ns)
{
  if (fate == LOOM_WIRE_LOST)
    self->counters.lost++;
  else if (fate == LOOM_WIRE_RED_DROP)
    self->counters.red_drops++;
  else
    self->counters.queue_drops++;
  loom_wire_meter_lost (&self->meter, now_ns);
}

static void
tell (LoomWireDirection *self, LoomWireFrame *frame, LoomSampleFate fate, guint marks,
      gint64 due_ns, gint64 now_ns)
{
  if (loom_wire_sampler_is_on (&self->sampler))
    loom_wire_sampler_tell (&self->sampler, fate, marks, frame->octets, frame->length, due_ns,
                            now_ns);
}

static void
tell_drop (LoomWireDirection *self, LoomWireFrame *frame, LoomWireFate fate, guint marks,
           gint64 now_ns)
{
  tell (self, frame,
        fate == LOOM_WIRE_LOST       ? LOOM_SAMPLE_LOST
        : fate == LOOM_WIRE_RED_DROP ? LOOM_SAMPLE_RED_DROP
                                     : LOOM_SAMPLE_QUEUE_DROP,
        marks, 0, now_ns);
}

/* It is on the line, and its octets are whole. */
static void
tell_pass (LoomWireDirection *self, LoomWireFrame *frame, const LoomWireVerdict *verdict,
           guint marks, gint64 now_ns)
{
  if (!loom_wire_sampler_is_on (&self->sampler))
    return;
  marks |= verdict->duplicate ? LOOM_SAMPLE_DUPLICATED : 0;
  marks |= verdict->reorder ? LOOM_SAMPLE_REORDERED : 0;
  marks |= verdict->first_bit_error != G_MAXUINT64 ? LOOM_SAMPLE_CORRUPTED : 0;
  tell (self, frame, LOOM_SAMPLE_PASSES, marks, loom_wire_line_foresee_ns (&self->line, frame),
        now_ns);
}

static void
set_out (LoomWireDirection *self, LoomWireFrame *frame, const LoomWireVerdict *verdict,
         gint64 now_ns)
{
  self->memory->n_travelling++;
  loom_wire_line_push (&self->line, frame, verdict, now_ns);
}

/* The copy travels behind its original. */
static void
duplicate (LoomWireDirection *self, const LoomWireFrame *frame, const LoomWireVerdict *verdict,
           gint64 now_ns)
{
  LoomWireFrame *copy;

  if (!loom_wire_memory_take (self->memory, &copy, 1))
    return;
  copy->arrived_ns = now_ns;
  copy->length = frame->length;
  memcpy (copy->octets, frame->octets, frame->length);
  loom_wire_frame_clear_header (copy);
  self->counters.duplicated++;
  set_out (self, copy, verdict, now_ns);
}

static void
corrupt (LoomWireDirection *self, LoomWireFrame *frame, const LoomWireVerdict *verdict)
{
  self->counters.corrupted++;
  loom_wire_corrupt (&self->line.settings, &self->line.state, verdict->first_bit_error,
                     frame->octets, frame->length);
}

static gboolean
has_room (const LoomWireDirection *self)
{
  guint max = MAX_TRAVELLING (self->memory);
  guint left = max - MIN (self->memory->n_travelling, max);

  return loom_wire_line_get_n_frames (&self->line) + self->hold.n_frames < SHARE * left;
}

/* Lets a frame onto the line; the laws decide what becomes of it. @extra: what a person wants on
 * top of that; its probabilities are not drawn. @marks: of LoomSampleMarks, what it brings. */
static void
admit (LoomWireDirection *self, LoomWireFrame *frame, const LoomWireVerdict *extra, guint marks,
       gint64 now_ns)
{
  LoomWireVerdict verdict = loom_wire_line_decide (&self->line, now_ns, frame->length);

  if (verdict.fate == LOOM_WIRE_PASS && !has_room (self))
    verdict.fate = LOOM_WIRE_QUEUE_FULL;
  if (verdict.fate != LOOM_WIRE_PASS) {
    count_drop (self, verdict.fate, now_ns);
    tell_drop (self, frame, verdict.fate, marks, now_ns);
    loom_wire_memory_give (self->memory, &frame, 1);
    return;
  }
  self->counters.reordered += verdict.reorder;
  verdict.duplicate |= extra->duplicate;
  verdict.reorder |= extra->reorder;
  verdict.delay_ns += extra->delay_ns;
  verdict.first_bit_error = MIN (verdict.first_bit_error, extra->first_bit_error);
  set_out (self, frame, &verdict, now_ns);
  tell_pass (self, frame, &verdict, marks, now_ns);
  if (verdict.duplicate)
    duplicate (self, frame, &verdict, now_ns);
  if (verdict.first_bit_error != G_MAXUINT64)
    corrupt (self, frame, &verdict);
}

static void
hold (LoomWireDirection *self, LoomWireFrame *frame, gint64 now_ns)
{
  guint32 id = ++self->cable->last_held;

  if (has_room (self) && loom_wire_hold_put (&self->hold, frame, id)) {
    self->memory->n_travelling++;
    self->counters.held++;
    tell (self, frame, LOOM_SAMPLE_HELD, 0, 0, now_ns);
    return;
  }
  count_drop (self, LOOM_WIRE_QUEUE_FULL, now_ns);
  tell_drop (self, frame, LOOM_WIRE_QUEUE_FULL, 0, now_ns);
  loom_wire_memory_give (self->memory, &frame, 1);
}

void
loom_wire_direction_take (LoomWireDirection *self, LoomWireFrame *frame, gint64 now_ns)
{
  frame->arrived_ns = now_ns;
  self->counters.frames_in++;
  self->counters.bytes_in += frame->length;
  loom_wire_meter_in (&self->meter, now_ns);
  loom_wire_taps_show (&self->taps[LOOM_WIRE_TAP_IN], frame->octets, frame->length,
                       LOOM_WIRE_OUTBOUND, now_ns);
  if (loom_wire_hold_wants (&self->hold, frame->octets, frame->length))
    hold (self, frame, now_ns);
  else
    admit (self, frame, &NOTHING_MORE, 0, now_ns);
}

gboolean
loom_wire_direction_act (LoomWireDirection *self, guint32 id, LoomWireAct act, gint64 delay_ns,
                         gint64 now_ns)
{
  LoomWireFrame *frame = loom_wire_hold_take (&self->hold, id);
  LoomWireVerdict extra = NOTHING_MORE;

  if (frame == NULL)
    return FALSE;
  self->memory->n_travelling--;
  if (act == LOOM_WIRE_DROP) {
    tell (self, frame, LOOM_SAMPLE_DROPPED, LOOM_SAMPLE_RELEASED, 0, now_ns);
    loom_wire_memory_give (self->memory, &frame, 1);
    return TRUE;
  }
  /* The time it was held is a person's and not the cable's. */
  frame->arrived_ns = now_ns;
  extra.duplicate = act == LOOM_WIRE_DUPLICATE;
  extra.reorder = act == LOOM_WIRE_DELAY;
  extra.delay_ns = act == LOOM_WIRE_DELAY ? delay_ns : 0;
  if (act == LOOM_WIRE_CORRUPT)
    extra.first_bit_error = loom_wire_random_next (&self->line.state.bit_random)
                            % ((guint64) frame->length * 8);
  admit (self, frame, &extra, LOOM_SAMPLE_RELEASED, now_ns);
  return TRUE;
}

static guint
collect (LoomWireDirection *self, gint64 now_ns, LoomWireFrame **ret_frames)
{
  guint n = 0;

  while (n < LOOM_WIRE_BURST && (ret_frames[n] = loom_wire_line_pop (&self->line, now_ns)) != NULL)
    n++;
  self->memory->n_travelling -= n;
  return n;
}

static void
account (LoomWireDirection *self, const LoomWireFrame *frame, gint64 now_ns)
{
  self->counters.frames_out++;
  self->counters.bytes_out += frame->length;
  /* A change of settings can make a frame due before it was said. */
  self->counters.late += now_ns - MAX (frame->due_ns, self->changed_ns) > LATE_NS;
  loom_wire_meter_out (&self->meter, now_ns, now_ns - frame->arrived_ns,
                       frame->length + FRAME_OVERHEAD);
  loom_wire_taps_show (&self->taps[LOOM_WIRE_TAP_OUT], frame->octets, frame->length,
                       LOOM_WIRE_INBOUND, now_ns);
}

static void
keep_stuck (LoomWireDirection *self, LoomWireFrame *const *frames, guint n, gint64 now_ns)
{
  if (self->stuck_since_ns == 0)
    self->stuck_since_ns = now_ns;
  for (guint i = 0; i < n; i++)
    self->stuck[i] = frames[i];
  self->n_stuck = n;
  self->retry_ns = now_ns + RETRY_NS;
}

static void
drop_unconnected (LoomWireDirection *self, LoomWireFrame *const *frames, guint n)
{
  self->counters.unconnected_drops += n;
  loom_wire_memory_give (self->memory, frames, n);
}

/* Nobody has taken anything for so long that what is due is dropped without waiting. */
static gboolean
is_given_up (const LoomWireDirection *self, gint64 now_ns)
{
  return self->stuck_since_ns != 0 && now_ns - self->stuck_since_ns > STUCK_MAX_NS;
}

/* @frames may be the stuck ones themselves. */
static void
send (LoomWireDirection *self, LoomWireFrame *const *frames, guint n, gint64 now_ns)
{
  guint n_sent = self->to->connected ? loom_wire_vring_send (&self->to->send, frames, n) : 0;

  for (guint i = 0; i < n_sent; i++)
    account (self, frames[i], now_ns);
  if (n_sent > 0)
    self->stuck_since_ns = 0;
  self->n_stuck = 0;
  if (n_sent == n)
    return;
  if (!self->to->connected || is_given_up (self, now_ns))
    drop_unconnected (self, frames + n_sent, n - n_sent);
  else
    keep_stuck (self, frames + n_sent, n - n_sent, now_ns);
}

void
loom_wire_direction_run (LoomWireDirection *self, gint64 now_ns)
{
  LoomWireFrame *frames[LOOM_WIRE_BURST];
  guint n;

  if (self->n_stuck > 0)
    send (self, self->stuck, self->n_stuck, now_ns);
  while (self->n_stuck == 0 && (n = collect (self, now_ns, frames)) > 0)
    send (self, frames, n, now_ns);
}

gint64
loom_wire_direction_next_ns (const LoomWireDirection *self)
{
  return self->n_stuck > 0 ? self->retry_ns : loom_wire_line_next_ns (&self->line);
}

void
loom_wire_direction_set (LoomWireDirection *self, const LoomWireSettings *settings, gint64 now_ns)
{
  self->changed_ns = now_ns;
  loom_wire_line_set (&self->line, settings, now_ns);
}

guint
loom_wire_direction_clear (LoomWireDirection *self)
{
  guint n = self->n_stuck;
  LoomWireFrame *frame;

  loom_wire_memory_give (self->memory, self->stuck, self->n_stuck);
  self->n_stuck = 0;
  while ((frame = loom_wire_line_take_any (&self->line)) != NULL) {
    loom_wire_memory_give (self->memory, &frame, 1);
    self->memory->n_travelling--;
    n++;
  }
  while ((frame = loom_wire_hold_take (&self->hold, 0)) != NULL) {
    loom_wire_memory_give (self->memory, &frame, 1);
    self->memory->n_travelling--;
    n++;
  }
  return n;
}
