/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whether a cable does what it was asked: delays, laws, shares and rates. The noise of the
 * scheduler is printed beside the delays, since no cable is truer than that. */

#include "tests/bench/bench-wire.h"

#include <math.h>
#include <sys/prctl.h>
#include <time.h>

#include "tests/bench/wire-flow.h"
#include "tests/unit/wire/statistics.h"

#define MS FLOW_MS
#define SECOND FLOW_SECOND
#define SMALL FLOW_SMALL
#define LARGE FLOW_LARGE

static Flow
between (WireCable *f)
{
  return (Flow){.from = f->peers[0], .to = f->peers[1]};
}

/* How much later than asked a thread wakes that sleeps for 1 ms: p50 and p99 in µs. */
static void
print_noise (void)
{
  double late_us[300];
  const guint n = G_N_ELEMENTS (late_us);

  prctl (PR_SET_TIMERSLACK, 1);
  for (guint i = 0; i < n; i++) {
    gint64 start_ns = wire_peer_now_ns ();

    nanosleep (&(struct timespec){0, MS}, NULL);
    late_us[i] = (double) (wire_peer_now_ns () - start_ns - MS) / 1000;
  }
  flow_median (late_us, n);
  g_print ("wire: a thread that sleeps 1 ms wakes late by, p50 / p99: %.0f / %.0f µs\n",
           late_us[n / 2], late_us[n * 99 / 100]);
}

static void
bench_delay (WireCable *f, double delay_ms)
{
  const gint64 length_ns = 2 * SECOND;
  g_autofree char *settings = g_strdup_printf ("{'delay_ms': %g}", delay_ms);
  g_autofree double *delays = g_new (double, FLOW_MAX_PACED);
  Flow flow = between (f);
  gsize n;

  flow.delays_ms = delays;
  wire_cable_set (f, settings);
  flow_pace (&flow, MS, length_ns, SMALL);
  flow_drain_paced (&flow, (gint64) (delay_ms * MS) + 100 * MS);
  n = MAX (flow.n_delays, 1);
  flow_median (delays, n);
  g_print ("wire: delay of %g ms, error p50 / p99: %.0f / %.0f µs, %" G_GSIZE_FORMAT " frames\n",
           delay_ms, 1000 * (delays[n / 2] - delay_ms), 1000 * (delays[n * 99 / 100] - delay_ms),
           n);
}

static void
bench_jitter (WireCable *f, const char *name, LawFunc law)
{
  g_autofree char *settings = g_strdup_printf (
      "{'delay_ms': 50, 'jitter_ms': 5, 'jitter_law': '%s', 'keep_order': false}", name);
  g_autofree double *delays = g_new (double, FLOW_MAX_PACED);
  Flow flow = between (f);
  gsize n;

  flow.delays_ms = delays;
  wire_cable_set (f, settings);
  flow_pace (&flow, MS / 2, 2 * SECOND, SMALL);
  flow_drain (&flow, 200 * MS);
  n = MAX (flow.n_delays, 1);
  for (gsize i = 0; i < n; i++)
    delays[i] = (delays[i] - 50) / 5;
  g_print (
      "wire: jitter 5 ms, %s, distance from the law: %.4f (1 in 1000 exceeds %.4f by chance)\n",
      name, ks_distance (delays, n, law), ks_limit (n));
}

static void
bench_loss (WireCable *f, double percent)
{
  const guint64 n = 1000000;
  g_autofree char *settings = g_strdup_printf ("{'loss_percent': %g}", percent);
  Flow flow = between (f);
  gint64 stray;

  wire_cable_set (f, settings);
  stray = wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "forward", "unconnected_drops");
  flow_pump (&flow, n, SMALL);
  stray = wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "forward", "unconnected_drops")
          - stray;
  g_print (
      "wire: loss of %g %%: %.4f %% of %" G_GUINT64_FORMAT
      " frames, %s the 99 %% interval (%d lost otherwise)\n",
      percent, 100.0 * (double) (n - flow.n_received) / (double) n, n,
      within_binomial ((double) (n - flow.n_received) - (double) stray, (double) n, percent / 100)
          ? "inside"
          : "OUTSIDE",
      (int) stray);
}

static void
bench_bursts (WireCable *f)
{
  const guint64 n = 1000000;
  g_autofree guint8 *seen = g_new0 (guint8, n);
  Flow flow = between (f);
  double n_lost = 0;
  double n_bursts = 0;

  flow.seen = seen;
  flow.max_seen = n;
  wire_cable_set (f, "{'burst_enter_percent': 1, 'burst_leave_percent': 20}");
  flow_pump (&flow, n, SMALL);
  for (guint64 i = 0; i < n; i++) {
    n_lost += seen[i] == 0;
    n_bursts += seen[i] == 0 && i > 0 && seen[i - 1] > 0;
  }
  g_print ("wire: bursts of 5 frames, 1 %% enter: mean length %.2f, lost %.2f %% (law: 4.76)\n",
           n_lost / n_bursts, 100 * n_lost / (double) n);
}

static void
bench_shares (WireCable *f)
{
  const guint64 n = 300000;
  Flow flow = between (f);
  gint64 before = wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "forward", "corrupted");

  wire_cable_set (f, "{'duplicate_percent': 2}");
  flow_pump (&flow, n, SMALL);
  g_print ("wire: duplicates of 2 %%: %.3f %%, %s the 99 %% interval\n",
           100.0 * ((double) flow.n_received - (double) n) / (double) n,
           within_binomial ((double) flow.n_received - (double) n, (double) n, 0.02) ? "inside"
                                                                                     : "OUTSIDE");
  flow = between (f);
  wire_cable_set (f, "{'bit_errors_per_billion': 100000}");
  flow_pump (&flow, n, SMALL);
  before = wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "forward", "corrupted") - before;
  g_print ("wire: bit errors of 1 in 10000, 480 bits a frame: %.3f %% of frames (law: %.3f)\n",
           100.0 * (double) before / (double) n, 100 * (1 - pow (1 - 1e-4, 480)));
}

/* Always has something waiting for the rate, and measures what comes. */
static void
bench_rate (WireCable *f, double mbps, guint size)
{
  double busy_ns = (size + FLOW_OVERHEAD) * 8e3 / mbps;
  /* What keeps the cable busy for 100 ms, should a thread lose its processor. */
  guint64 n_ahead = (guint64) CLAMP (100 * MS / busy_ns, 8, 95000);
  gint64 end_ns = wire_peer_now_ns () + MAX (2 * SECOND, (gint64) (12 * busy_ns));
  g_autofree char *settings = g_strdup_printf ("{'rate_mbps': %g, 'queue_frames': 100000}", mbps);
  Flow flow = between (f);
  guint n_dry = 0;
  double seconds;

  wire_cable_set (f, settings);
  while (wire_peer_now_ns () < end_ns) {
    n_dry += flow.n_received > 0 && flow.n_sent < flow.n_received + 2;
    if (flow.n_sent < flow.n_received + n_ahead)
      flow_send (&flow, (guint) MIN (FLOW_BURST, flow.n_received + n_ahead - flow.n_sent), size);
    if (!flow_receive (&flow) && flow.n_sent >= flow.n_received + n_ahead)
      flow_nap ();
  }
  seconds = (double) (flow.last_ns - flow.first_ns) / SECOND;
  /* The first frame opens the time and is not part of what came within it. */
  g_print ("wire: rate of %g Mbit/s, %u octets: %.4f of it%s\n", mbps, size + 4,
           ((double) flow.n_bytes - size - FLOW_OVERHEAD) * 8 / seconds / 1e6 / mbps,
           n_dry > 0 ? " (not always enough was sent)" : "");
  wire_cable_set (f, "{}");
  flow_drain (&flow, 100 * MS);
}

void
bench_wire_delay (WireCable *f)
{
  static const double DELAYS[] = {0.1, 1, 10, 100, 500};

  print_noise ();
  for (guint i = 0; i < G_N_ELEMENTS (DELAYS); i++)
    bench_delay (f, DELAYS[i]);
  bench_jitter (f, "uniform", law_uniform);
  bench_jitter (f, "normal", law_normal);
  bench_jitter (f, "pareto", law_pareto);
}

void
bench_wire_loss (WireCable *f)
{
  static const double LOSSES[] = {0.1, 1, 10, 50};

  for (guint i = 0; i < G_N_ELEMENTS (LOSSES); i++)
    bench_loss (f, LOSSES[i]);
  bench_bursts (f);
  bench_shares (f);
}

void
bench_wire_rate (WireCable *f)
{
  static const double RATES[] = {0.064, 1, 10, 100, 1000};

  for (guint i = 0; i < G_N_ELEMENTS (RATES); i++) {
    bench_rate (f, RATES[i], SMALL);
    bench_rate (f, RATES[i], LARGE);
  }
}
