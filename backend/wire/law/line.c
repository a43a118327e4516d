/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The time at which the head has been sent is kept as a fraction of ns, or frames of 0.7 ns each at
 * high rates would all be rounded the same way; and relative to the line's beginning, so that a
 * double has room for it: 2^53 ns are 104 days to the nanosecond. */

#include "backend/wire/law/line.h"

#include <math.h>

static gint64
head_ends_ns (const LoomWireLine *self)
{
  return self->epoch_ns + (gint64) ceil (self->head_ends_ns);
}

/* @frame has been sent at @sent_ns and begins to travel. */
static void
set_out (LoomWireLine *self, LoomWireFrame *frame, gboolean overtakes, gint64 sent_ns)
{
  gint64 due_ns = sent_ns + frame->delay_ns;

  if (!overtakes && self->settings.keep_order) {
    due_ns = MAX (due_ns, self->last_due_ns);
    self->last_due_ns = due_ns;
  }
  loom_wire_due_queue_push (&self->under_way, frame, due_ns);
}

static void
start_head (LoomWireLine *self, double start_ns)
{
  if (self->waiting.head != NULL)
    self->head_ends_ns = start_ns
                         + loom_wire_settings_busy_ns (&self->settings, self->waiting.head->length);
}

/* What has been sent by now sets out. */
static void
advance (LoomWireLine *self, gint64 now_ns)
{
  while (self->waiting.head != NULL && head_ends_ns (self) <= now_ns) {
    gint64 sent_ns = head_ends_ns (self);
    LoomWireFrame *frame = loom_wire_fifo_pop (&self->waiting);

    self->backlog.n_frames--;
    self->backlog.n_bytes -= frame->length;
    set_out (self, frame, FALSE, sent_ns);
    start_head (self, self->head_ends_ns);
    if (self->waiting.head == NULL)
      loom_wire_red_idle (&self->state.red, sent_ns);
  }
}

/* What of the head is not sent yet goes at the new rate. */
static void
change_rate (LoomWireLine *self, double old_mbps, gint64 now_ns)
{
  double rest_ns = self->head_ends_ns - (double) (now_ns - self->epoch_ns);

  if (self->waiting.head == NULL || old_mbps == self->settings.rate_mbps)
    return;
  rest_ns = self->settings.rate_mbps > 0 ? rest_ns * old_mbps / self->settings.rate_mbps : 0;
  self->head_ends_ns = (double) (now_ns - self->epoch_ns) + rest_ns;
  advance (self, now_ns);
}

void
loom_wire_line_init (LoomWireLine *self, const LoomWireSettings *settings, guint64 seed,
                     const char *key, const char *direction, gint64 now_ns)
{
  *self = (LoomWireLine){.settings = *settings, .epoch_ns = now_ns, .last_due_ns = now_ns};
  loom_wire_state_init (&self->state, seed, key, direction);
}

void
loom_wire_line_set (LoomWireLine *self, const LoomWireSettings *settings, gint64 now_ns)
{
  double old_mbps = self->settings.rate_mbps;
  gint64 by_ns = (gint64) settings->delay_ns - (gint64) self->settings.delay_ns;

  advance (self, now_ns);
  loom_wire_due_queue_shift (&self->under_way, by_ns);
  self->last_due_ns += by_ns;
  for (LoomWireFrame *frame = self->waiting.head; frame != NULL; frame = frame->next)
    frame->delay_ns = MAX (frame->delay_ns + by_ns, 0);
  self->settings = *settings;
  change_rate (self, old_mbps, now_ns);
}

LoomWireVerdict
loom_wire_line_decide (LoomWireLine *self, gint64 now_ns, guint length)
{
  advance (self, now_ns);
  return loom_wire_decide (&self->settings, &self->state, &self->backlog, now_ns, length);
}

void
loom_wire_line_push (LoomWireLine *self, LoomWireFrame *frame, const LoomWireVerdict *verdict,
                     gint64 now_ns)
{
  frame->delay_ns = verdict->delay_ns;
  if (self->settings.rate_mbps <= 0 || verdict->reorder) {
    set_out (self, frame, verdict->reorder, now_ns);
    return;
  }
  loom_wire_fifo_push (&self->waiting, frame);
  self->backlog.n_frames++;
  self->backlog.n_bytes += frame->length;
  if (self->waiting.head == frame)
    start_head (self, (double) (now_ns - self->epoch_ns));
}

gint64
loom_wire_line_foresee_ns (const LoomWireLine *self, const LoomWireFrame *frame)
{
  const LoomWireFrame *head = self->waiting.head;
  gint64 due_ns;

  if (head == NULL || self->waiting.tail != frame)
    return frame->due_ns + self->under_way.shift_ns;
  /* The head is being sent, the others behind it wait. */
  due_ns = head_ends_ns (self) + frame->delay_ns;
  if (head != frame)
    due_ns += (gint64) (loom_wire_settings_busy_ns (&self->settings,
                                                    (guint) (self->backlog.n_bytes - head->length))
                        + (self->backlog.n_frames - 2)
                              * loom_wire_settings_busy_ns (&self->settings, 0));
  return self->settings.keep_order ? MAX (due_ns, self->last_due_ns) : due_ns;
}

gint64
loom_wire_line_next_ns (const LoomWireLine *self)
{
  gint64 due_ns = loom_wire_due_queue_peek (&self->under_way);

  return self->waiting.head != NULL ? MIN (due_ns, head_ends_ns (self)) : due_ns;
}

LoomWireFrame *
loom_wire_line_pop (LoomWireLine *self, gint64 now_ns)
{
  advance (self, now_ns);
  return loom_wire_due_queue_pop (&self->under_way, now_ns);
}

LoomWireFrame *
loom_wire_line_take_any (LoomWireLine *self)
{
  LoomWireFrame *frame = loom_wire_fifo_pop (&self->waiting);

  if (frame == NULL)
    return loom_wire_due_queue_pop (&self->under_way, G_MAXINT64);
  self->backlog.n_frames--;
  self->backlog.n_bytes -= frame->length;
  return frame;
}

guint
loom_wire_line_get_n_frames (const LoomWireLine *self)
{
  return self->backlog.n_frames + self->under_way.n_frames;
}
