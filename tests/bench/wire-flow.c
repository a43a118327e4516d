/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See wire-flow.h. A turn in which this thread lost its processor says nothing about the cable: its
 * frames are left out of the delays. */

#include "tests/bench/wire-flow.h"

#include <stdlib.h>
#include <time.h>

#define SPOILT_NS 20000
/* The kernel takes a thread of real-time priority off its processor for 50 ms in each second if it
 * never rests: it rests for so long after a frame came, if the next is that far away, and as long
 * as none has come. */
#define NAP_NS (FLOW_MS / 10)
#define FAR_NS (4 * NAP_NS)
/* What a cable of 1 ms needs to be filled, and rings to be drained. */
#define WARM_NS (20 * FLOW_MS)
#define DRAIN_NS (5 * FLOW_MS)

static void
take (Flow *self, struct rte_mbuf **packets, guint n)
{
  gint64 now_ns = wire_peer_now_ns ();

  for (guint i = 0; i < n; i++) {
    guint64 number;
    gint64 sent_ns;

    self->n_bytes += packets[i]->pkt_len + FLOW_OVERHEAD;
    if (wire_peer_read_mark (packets[i], &number, &sent_ns)) {
      if (self->delays_ms != NULL && number < FLOW_MAX_PACED && !self->spoilt[number]
          && now_ns - self->turn_ns < SPOILT_NS)
        self->delays_ms[self->n_delays++] = (double) (now_ns - sent_ns) / FLOW_MS;
      if (number < self->max_seen)
        self->seen[number]++;
    }
    self->n_received++;
  }
  if (self->first_ns == 0)
    self->first_ns = now_ns;
  self->last_ns = now_ns;
  rte_pktmbuf_free_bulk (packets, n);
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;

  return (x > y) - (x < y);
}

gboolean
flow_receive (Flow *self)
{
  struct rte_mbuf *packets[FLOW_BURST];
  guint n = wire_peer_receive (self->to, packets, FLOW_BURST);

  if (n > 0)
    take (self, packets, n);
  return n > 0;
}

guint
flow_send (Flow *self, guint n, guint size)
{
  struct rte_mbuf *packets[FLOW_BURST];
  gint64 now_ns = wire_peer_now_ns ();
  guint n_sent;

  for (guint i = 0; i < n; i++) {
    packets[i] = wire_peer_alloc (self->from);
    wire_peer_mark (packets[i], size, self->n_sent + i, now_ns);
  }
  n_sent = wire_peer_send (self->from, packets, n);
  self->n_sent += n_sent;
  return n_sent;
}

void
flow_nap (void)
{
  nanosleep (&(struct timespec){0, NAP_NS}, NULL);
}

void
flow_drain (Flow *self, gint64 quiet_ns)
{
  gint64 last_ns = wire_peer_now_ns ();

  while (self->turn_ns = wire_peer_now_ns (), self->turn_ns - last_ns < quiet_ns)
    if (flow_receive (self))
      last_ns = wire_peer_now_ns ();
}

void
flow_drain_paced (Flow *self, gint64 quiet_ns)
{
  gint64 last_ns = wire_peer_now_ns ();

  while (self->turn_ns = wire_peer_now_ns (), self->turn_ns - last_ns < quiet_ns)
    if (flow_receive (self)) {
      last_ns = self->turn_ns;
      flow_nap ();
    }
}

void
flow_pace (Flow *self, gint64 gap_ns, gint64 length_ns, guint size)
{
  gint64 next_ns = wire_peer_now_ns ();
  gint64 end_ns = next_ns + length_ns;

  while (next_ns < end_ns) {
    self->turn_ns = wire_peer_now_ns ();
    flow_receive (self);
    if (self->turn_ns < next_ns) {
      if ((self->n_received == 0 || self->turn_ns - self->last_ns < NAP_NS)
          && next_ns - self->turn_ns > FAR_NS)
        flow_nap ();
      continue;
    }
    flow_send (self, 1, size);
    self->spoilt[(self->n_sent - 1) % FLOW_MAX_PACED] = wire_peer_now_ns () - self->turn_ns
                                                        > SPOILT_NS;
    next_ns += gap_ns;
  }
}

void
flow_pump (Flow *self, guint64 n, guint size)
{
  while (self->n_sent < n) {
    flow_send (self, (guint) MIN (FLOW_BURST, n - self->n_sent), size);
    flow_receive (self);
  }
  flow_drain (self, 200 * FLOW_MS);
}

static void
flood (Flow *self, gint64 length_ns, guint size)
{
  gint64 end_ns = wire_peer_now_ns () + length_ns;

  while (wire_peer_now_ns () < end_ns) {
    flow_send (self, FLOW_BURST, size);
    flow_receive (self);
  }
}

double
flow_measure_speed (WirePeer *from, WirePeer *to, gint64 length_ns, guint size)
{
  Flow flow = {.from = from, .to = to};
  guint64 n_before;
  gint64 start_ns;

  flood (&flow, WARM_NS, size);
  n_before = flow.n_received;
  start_ns = wire_peer_now_ns ();
  flood (&flow, length_ns, size);
  length_ns = wire_peer_now_ns () - start_ns;
  n_before = flow.n_received - n_before;
  flow_drain (&flow, DRAIN_NS);
  return (double) n_before / ((double) length_ns / FLOW_SECOND);
}

double
flow_median (double *values, gsize n)
{
  qsort (values, n, sizeof *values, compare);
  return n == 0 ? 0 : values[n / 2];
}
