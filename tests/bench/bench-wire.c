/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a cable in the wire does, against what it was asked: a generator and a sink on DPDK's vhost
 * ports at its two ends, one clock, no guest and no switch in the way. One thread sends and
 * receives in turn. Prints "name: value unit" lines for bench.py; the noise of the scheduler is
 * printed beside the delays, since no cable is truer than that.
 *
 *   bench-wire truth|speed */

#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "tests/system/wire-cable.h"
#include "tests/unit/wire/statistics.h"

#define BURST 32
#define MS WIRE_CABLE_MS
#define SECOND (1000 * MS)
#define SMALL 60
#define LARGE 1514
#define FRAME_OVERHEAD 24
#define SPOILT_NS 20000
#define MAX_PACED 8192

typedef struct {
  guint64 n_sent;
  guint64 n_received;
  guint64 n_bytes; /* received, as on the cable */
  gint64 first_ns; /* when the first and the last frame came */
  gint64 last_ns;
  double *delays_ms; /* room for MAX_PACED, or NULL */
  gsize n_delays;
  gboolean spoilt[MAX_PACED]; /* numbers that were sent in a long turn */
  gint64 turn_ns;             /* when this turn began; 0: not measured */
  guint8 *seen;               /* how often each number came, or NULL */
  gsize max_seen;
} Flow;

static void
take (Flow *flow, struct rte_mbuf **packets, guint n)
{
  gint64 now_ns = wire_peer_now_ns ();

  for (guint i = 0; i < n; i++) {
    guint64 number;
    gint64 sent_ns;

    flow->n_bytes += packets[i]->pkt_len + FRAME_OVERHEAD;
    if (wire_peer_read_mark (packets[i], &number, &sent_ns)) {
      if (flow->delays_ms != NULL && number < MAX_PACED && !flow->spoilt[number]
          && now_ns - flow->turn_ns < SPOILT_NS)
        flow->delays_ms[flow->n_delays++] = (double) (now_ns - sent_ns) / MS;
      if (number < flow->max_seen)
        flow->seen[number]++;
    }
    flow->n_received++;
  }
  if (flow->first_ns == 0)
    flow->first_ns = now_ns;
  flow->last_ns = now_ns;
  rte_pktmbuf_free_bulk (packets, n);
}

/* FALSE: nothing came. */
static gboolean
receive_some (WireCable *f, Flow *flow)
{
  struct rte_mbuf *packets[BURST];
  guint n = wire_peer_receive (f->peers[1], packets, BURST);

  if (n > 0)
    take (flow, packets, n);
  return n > 0;
}

/* As many as there is room for. */
static guint
send_some (WireCable *f, Flow *flow, guint n, guint size)
{
  struct rte_mbuf *packets[BURST];
  gint64 now_ns = wire_peer_now_ns ();
  guint n_sent;

  for (guint i = 0; i < n; i++) {
    packets[i] = wire_peer_alloc (f->peers[0]);
    wire_peer_mark (packets[i], size, flow->n_sent + i, now_ns);
  }
  n_sent = wire_peer_send (f->peers[0], packets, n);
  flow->n_sent += n_sent;
  return n_sent;
}

/* Takes what still comes, until nothing came for @quiet_ns. */
static void
drain (WireCable *f, Flow *flow, gint64 quiet_ns)
{
  gint64 last_ns = wire_peer_now_ns ();

  while (flow->turn_ns = wire_peer_now_ns (), flow->turn_ns - last_ns < quiet_ns)
    if (receive_some (f, flow))
      last_ns = wire_peer_now_ns ();
}

/* One frame every @gap_ns for @length_ns. */
static void
pace (WireCable *f, Flow *flow, gint64 gap_ns, gint64 length_ns, guint size)
{
  gint64 next_ns = wire_peer_now_ns ();
  gint64 end_ns = next_ns + length_ns;

  while (next_ns < end_ns) {
    flow->turn_ns = wire_peer_now_ns ();
    receive_some (f, flow);
    if (flow->turn_ns < next_ns)
      continue;
    send_some (f, flow, 1, size);
    flow->spoilt[(flow->n_sent - 1) % MAX_PACED] = wire_peer_now_ns () - flow->turn_ns > SPOILT_NS;
    next_ns += gap_ns;
  }
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;

  return (x > y) - (x < y);
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
  qsort (late_us, n, sizeof *late_us, compare);
  g_print ("wire: a thread that sleeps 1 ms wakes late by, p50 / p99: %.0f / %.0f µs\n",
           late_us[n / 2], late_us[n * 99 / 100]);
}

static void
bench_delay (WireCable *f, double delay_ms)
{
  const gint64 length_ns = 2 * SECOND;
  g_autofree char *settings = g_strdup_printf ("{'delay_ms': %g}", delay_ms);
  g_autofree double *delays = g_new (double, MAX_PACED);
  Flow flow = {.delays_ms = delays};
  gsize n;

  wire_cable_set (f, settings);
  pace (f, &flow, MS, length_ns, SMALL);
  drain (f, &flow, (gint64) (delay_ms * MS) + 100 * MS);
  n = MAX (flow.n_delays, 1);
  qsort (delays, n, sizeof *delays, compare);
  g_print ("wire: delay of %g ms, error p50 / p99: %.0f / %.0f µs, %" G_GSIZE_FORMAT " frames\n",
           delay_ms, 1000 * (delays[n / 2] - delay_ms), 1000 * (delays[n * 99 / 100] - delay_ms),
           n);
}

static void
bench_jitter (WireCable *f, const char *name, LawFunc law)
{
  g_autofree char *settings = g_strdup_printf (
      "{'delay_ms': 50, 'jitter_ms': 5, 'jitter_law': '%s', 'keep_order': false}", name);
  g_autofree double *delays = g_new (double, MAX_PACED);
  Flow flow = {.delays_ms = delays};
  gsize n;

  wire_cable_set (f, settings);
  pace (f, &flow, MS / 2, 2 * SECOND, SMALL);
  drain (f, &flow, 200 * MS);
  n = MAX (flow.n_delays, 1);
  for (gsize i = 0; i < n; i++)
    delays[i] = (delays[i] - 50) / 5;
  g_print (
      "wire: jitter 5 ms, %s, distance from the law: %.4f (1 in 1000 exceeds %.4f by chance)\n",
      name, ks_distance (delays, n, law), ks_limit (n));
}

/* Sends @n frames as fast as they are taken, never more under way than the rings hold, so that what
 * is lost was lost by the law. */
static void
pump (WireCable *f, Flow *flow, guint64 n, guint size)
{
  while (flow->n_sent < n) {
    send_some (f, flow, (guint) MIN (BURST, n - flow->n_sent), size);
    receive_some (f, flow);
  }
  drain (f, flow, 200 * MS);
}

static void
bench_loss (WireCable *f, double percent)
{
  const guint64 n = 1000000;
  g_autofree char *settings = g_strdup_printf ("{'loss_percent': %g}", percent);
  Flow flow = {0};
  gint64 stray;

  wire_cable_set (f, settings);
  stray = wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "forward", "unconnected_drops");
  pump (f, &flow, n, SMALL);
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
  Flow flow = {.seen = seen, .max_seen = n};
  double n_lost = 0;
  double n_bursts = 0;

  wire_cable_set (f, "{'burst_enter_percent': 1, 'burst_leave_percent': 20}");
  pump (f, &flow, n, SMALL);
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
  Flow flow = {0};
  gint64 before = wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "forward", "corrupted");

  wire_cable_set (f, "{'duplicate_percent': 2}");
  pump (f, &flow, n, SMALL);
  g_print ("wire: duplicates of 2 %%: %.3f %%, %s the 99 %% interval\n",
           100.0 * ((double) flow.n_received - (double) n) / (double) n,
           within_binomial ((double) flow.n_received - (double) n, (double) n, 0.02) ? "inside"
                                                                                     : "OUTSIDE");
  flow = (Flow){0};
  wire_cable_set (f, "{'bit_errors_per_billion': 100000}");
  pump (f, &flow, n, SMALL);
  before = wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "forward", "corrupted") - before;
  g_print ("wire: bit errors of 1 in 10000, 480 bits a frame: %.3f %% of frames (law: %.3f)\n",
           100.0 * (double) before / (double) n, 100 * (1 - pow (1 - 1e-4, 480)));
}

/* Always has something waiting for the rate, and measures what comes. */
static void
bench_rate (WireCable *f, double mbps, guint size)
{
  double busy_ns = (size + FRAME_OVERHEAD) * 8e3 / mbps;
  /* What keeps the cable busy for 50 ms, should this thread lose its processor. */
  guint64 n_ahead = (guint64) CLAMP (50 * MS / busy_ns, 4, 20000);
  gint64 end_ns = wire_peer_now_ns () + MAX (2 * SECOND, (gint64) (12 * busy_ns));
  g_autofree char *settings = g_strdup_printf ("{'rate_mbps': %g, 'queue_frames': 30000}", mbps);
  Flow flow = {0};
  double seconds;

  wire_cable_set (f, settings);
  while (wire_peer_now_ns () < end_ns) {
    if (flow.n_sent < flow.n_received + n_ahead)
      send_some (f, &flow, (guint) MIN (BURST, flow.n_received + n_ahead - flow.n_sent), size);
    receive_some (f, &flow);
  }
  seconds = (double) (flow.last_ns - flow.first_ns) / SECOND;
  /* The first frame opens the time and is not part of what came within it. */
  g_print ("wire: rate of %g Mbit/s, %u octets: %.4f of it\n", mbps, size + 4,
           ((double) flow.n_bytes - size - FRAME_OVERHEAD) * 8 / seconds / 1e6 / mbps);
  wire_cable_set (f, "{}");
  drain (f, &flow, 100 * MS);
}

static void
bench_truth (WireCable *f)
{
  static const double DELAYS[] = {0.1, 1, 10, 100, 500};
  static const double LOSSES[] = {0.1, 1, 10, 50};
  static const double RATES[] = {0.064, 1, 10, 100, 1000};

  print_noise ();
  for (guint i = 0; i < G_N_ELEMENTS (DELAYS); i++)
    bench_delay (f, DELAYS[i]);
  bench_jitter (f, "uniform", law_uniform);
  bench_jitter (f, "normal", law_normal);
  bench_jitter (f, "pareto", law_pareto);
  for (guint i = 0; i < G_N_ELEMENTS (LOSSES); i++)
    bench_loss (f, LOSSES[i]);
  bench_bursts (f);
  bench_shares (f);
  for (guint i = 0; i < G_N_ELEMENTS (RATES); i++) {
    bench_rate (f, RATES[i], SMALL);
    bench_rate (f, RATES[i], LARGE);
  }
}

/* Frames a second that arrive when as many are sent as are taken. */
static double
measure_speed (WireCable *f, const char *settings, guint size)
{
  Flow flow = {0};
  gint64 start_ns;
  gint64 end_ns;

  wire_cable_set (f, settings);
  start_ns = wire_peer_now_ns ();
  end_ns = start_ns + 2 * SECOND;
  while (wire_peer_now_ns () < end_ns) {
    send_some (f, &flow, BURST, size);
    receive_some (f, &flow);
  }
  end_ns = wire_peer_now_ns ();
  return (double) flow.n_received / ((double) (end_ns - start_ns) / SECOND);
}

static double
median_of_3 (const double values[3])
{
  return MAX (MIN (values[0], values[1]), MIN (MAX (values[0], values[1]), values[2]));
}

static void
bench_speed (WireCable *f)
{
  static const guint SIZES[] = {SMALL, LARGE};

  for (guint i = 0; i < G_N_ELEMENTS (SIZES); i++) {
    double clean[3];
    double delayed[3];

    /* In turns, so that what else goes on meets both. */
    for (guint j = 0; j < 3; j++) {
      clean[j] = measure_speed (f, "{}", SIZES[i]);
      delayed[j] = measure_speed (f, "{'delay_ms': 1}", SIZES[i]);
    }
    g_print ("wire: %u octets, no effect: %.2f Mpps, %.2f Gbit/s\n", SIZES[i] + 4,
             median_of_3 (clean) / 1e6, median_of_3 (clean) * (SIZES[i] + 4) * 8 / 1e9);
    g_print ("wire: %u octets, 1 ms of delay: %.2f Mpps, %.2f of that\n", SIZES[i] + 4,
             median_of_3 (delayed) / 1e6, median_of_3 (delayed) / median_of_3 (clean));
  }
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("bench-wire-XXXXXX", NULL);
  const char *remove[] = {"rm", "-rf", "--", folder, NULL};
  WireCable f = {0};

  if (argc != 2 || (!g_str_equal (argv[1], "truth") && !g_str_equal (argv[1], "speed"))) {
    g_printerr ("usage: bench-wire truth|speed\n");
    return 2;
  }
  if (!wire_peer_init_dpdk (folder))
    return 1;
  wire_cable_set_up (&f, NULL);
  wire_cable_attach (&f, "{}", "{}");
  if (g_str_equal (argv[1], "truth"))
    bench_truth (&f);
  else
    bench_speed (&f);
  wire_cable_tear_down (&f, NULL);
  g_spawn_sync (NULL, (char **) remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                NULL);
  return 0;
}
