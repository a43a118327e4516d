/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See backoff.h for the states. */

#include "backend/proto/backoff.h"

static void
set_state (LoomBackoff *self, LoomBackoffState state, gint64 now_us, gint64 lasts_us)
{
  self->state = state;
  self->since_us = now_us;
  self->deadline_us = lasts_us > 0 ? now_us + lasts_us : G_MAXINT64;
}

void
loom_backoff_init (LoomBackoff *self, gint64 min_us, gint64 max_us, gint64 connect_us,
                   gint64 probe_us, gint64 now_us)
{
  *self = (LoomBackoff){
      .min_us = min_us, .max_us = max_us, .connect_us = connect_us, .probe_us = probe_us};
  self->wait_us = min_us;
  self->state = LOOM_BACKOFF_WAITING;
  self->since_us = now_us;
  self->deadline_us = now_us;
}

LoomBackoffAction
loom_backoff_run (LoomBackoff *self, gint64 now_us)
{
  if (now_us < self->deadline_us)
    return LOOM_BACKOFF_NOTHING;
  switch (self->state) {
  case LOOM_BACKOFF_WAITING:
    set_state (self, LOOM_BACKOFF_CONNECTING, now_us, self->connect_us);
    return LOOM_BACKOFF_CONNECT;
  case LOOM_BACKOFF_ACTIVE:
    /* since_us goes on counting the connection's age. */
    self->state = LOOM_BACKOFF_PROBING;
    self->deadline_us = now_us + self->probe_us;
    return LOOM_BACKOFF_PROBE;
  case LOOM_BACKOFF_CONNECTING:
  case LOOM_BACKOFF_PROBING:
    loom_backoff_failed (self, now_us);
    return LOOM_BACKOFF_DISCONNECT;
  }
  g_assert_not_reached ();
}

gint64
loom_backoff_get_deadline (const LoomBackoff *self)
{
  return self->deadline_us;
}

LoomBackoffState
loom_backoff_get_state (const LoomBackoff *self)
{
  return self->state;
}

void
loom_backoff_connected (LoomBackoff *self, gint64 now_us)
{
  if (self->state == LOOM_BACKOFF_CONNECTING)
    set_state (self, LOOM_BACKOFF_ACTIVE, now_us, self->probe_us);
}

void
loom_backoff_received (LoomBackoff *self, gint64 now_us)
{
  if (self->state != LOOM_BACKOFF_ACTIVE && self->state != LOOM_BACKOFF_PROBING)
    return;
  self->state = LOOM_BACKOFF_ACTIVE;
  if (self->probe_us > 0)
    self->deadline_us = now_us + self->probe_us;
}

void
loom_backoff_failed (LoomBackoff *self, gint64 now_us)
{
  gboolean held = (self->state == LOOM_BACKOFF_ACTIVE || self->state == LOOM_BACKOFF_PROBING)
                  && now_us - self->since_us > self->max_us;
  gint64 wait_us;

  if (self->state == LOOM_BACKOFF_WAITING)
    return;
  wait_us = held ? self->min_us : self->wait_us;
  self->wait_us = MIN (wait_us * 2, self->max_us);
  set_state (self, LOOM_BACKOFF_WAITING, now_us, wait_us);
}
