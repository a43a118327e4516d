/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The fate of frames, by fixed seeds, against the laws that were asked for. */

#include "backend/wire/law/decide.h"
#include "tests/unit/wire/statistics.h"

#include <string.h>

#define N_FRAMES 1000000
#define LENGTH 1000

typedef struct {
  LoomWireSettings settings;
  LoomWireState state;
} Cable;

static void
init_cable (Cable *cable)
{
  loom_wire_settings_init (&cable->settings);
  loom_wire_state_init (&cable->state, 1, "pc1:0 pc2:0", "forward");
}

static LoomWireVerdict
decide (Cable *cable)
{
  static const LoomWireBacklog NOTHING = {0};

  return loom_wire_decide (&cable->settings, &cable->state, &NOTHING, 0, LENGTH);
}

/* Of a frame that finds @backlog waiting. */
static LoomWireFate
fate_behind (Cable *cable, const LoomWireBacklog *backlog)
{
  return loom_wire_decide (&cable->settings, &cable->state, backlog, 0, LENGTH).fate;
}

static void
test_clean (void)
{
  Cable cable;

  init_cable (&cable);
  for (int i = 0; i < 1000; i++) {
    LoomWireVerdict verdict = decide (&cable);

    g_assert_cmpint (verdict.fate, ==, LOOM_WIRE_PASS);
    g_assert_cmpint (verdict.delay_ns, ==, 0);
    g_assert_false (verdict.duplicate || verdict.reorder);
    g_assert_cmpuint (verdict.first_bit_error, ==, G_MAXUINT64);
  }
}

static void
test_loss (void)
{
  static const double LOSSES[] = {0.001, 0.01, 0.1, 0.5};

  for (guint i = 0; i < G_N_ELEMENTS (LOSSES); i++) {
    Cable cable;
    int n_lost = 0;

    init_cable (&cable);
    loom_wire_state_init (&cable.state, i + 2, "pc1:0 pc2:0", "forward");
    cable.settings.loss = LOSSES[i];
    for (int j = 0; j < N_FRAMES; j++)
      n_lost += decide (&cable).fate == LOOM_WIRE_LOST;
    g_test_message ("asked %g, lost %d of %d", LOSSES[i], n_lost, N_FRAMES);
    g_assert_true (within_binomial (n_lost, N_FRAMES, LOSSES[i]));
    g_assert_false (within_binomial (n_lost, N_FRAMES, LOSSES[i] * 1.2));
  }
}

/* The share of the bad state is enter / (enter + leave), its mean length 1 / leave. */
static void
test_bursts (void)
{
  Cable cable;
  double n_lost = 0;
  double n_bursts = 0;
  gboolean was_lost = FALSE;

  init_cable (&cable);
  cable.settings.burst_enter = 0.01;
  cable.settings.burst_leave = 0.2;
  for (int i = 0; i < N_FRAMES; i++) {
    gboolean lost = decide (&cable).fate == LOOM_WIRE_LOST;

    n_lost += lost;
    n_bursts += lost && !was_lost;
    was_lost = lost;
  }
  g_test_message ("lost %g, mean burst %g", n_lost / N_FRAMES, n_lost / n_bursts);
  g_assert_cmpfloat_with_epsilon (n_lost / N_FRAMES, 0.01 / 0.21, 0.002);
  g_assert_cmpfloat_with_epsilon (n_lost / n_bursts, 5, 0.1);
}

static void
test_delay (void)
{
  static const LawFunc LAWS[] = {
      [LOOM_WIRE_JITTER_UNIFORM] = law_uniform,
      [LOOM_WIRE_JITTER_NORMAL] = law_normal,
      [LOOM_WIRE_JITTER_PARETO] = law_pareto,
  };
  const int n = 100000;
  g_autofree double *values = g_new (double, n);

  for (guint law = 0; law < G_N_ELEMENTS (LAWS); law++) {
    Cable cable;

    init_cable (&cable);
    cable.settings.delay_ns = 100e6;
    cable.settings.jitter_ns = 10e6;
    cable.settings.jitter_law = (LoomWireJitterLaw) law;
    for (int i = 0; i < n; i++)
      values[i] = ((double) decide (&cable).delay_ns - 100e6) / 10e6;
    g_assert_cmpfloat (ks_distance (values, n, LAWS[law]), <, ks_limit (n));

    cable.settings.delay_ns = 1e6;
    for (int i = 0; i < 1000; i++)
      g_assert_cmpint (decide (&cable).delay_ns, >=, 0);
  }
}

static void
test_shares (void)
{
  Cable cable;
  int n_duplicate = 0;
  int n_reorder = 0;

  init_cable (&cable);
  cable.settings.duplicate = 0.05;
  cable.settings.reorder = 0.25;
  cable.settings.delay_ns = 1e6;
  for (int i = 0; i < N_FRAMES; i++) {
    LoomWireVerdict verdict = decide (&cable);

    n_duplicate += verdict.duplicate;
    n_reorder += verdict.reorder;
    g_assert_cmpint (verdict.delay_ns, ==, verdict.reorder ? 0 : 1000000);
  }
  g_assert_true (within_binomial (n_duplicate, N_FRAMES, 0.05));
  g_assert_true (within_binomial (n_reorder, N_FRAMES, 0.25));
}

static void
test_bit_errors (void)
{
  const double bit_error = 1e-4;
  const int n = 20000;
  Cable cable;
  double n_errors = 0;
  int n_hit = 0;
  double last_octet = 0;

  init_cable (&cable);
  cable.settings.bit_error = bit_error;
  for (int i = 0; i < n; i++) {
    LoomWireVerdict verdict = decide (&cable);
    guint8 frame[LENGTH] = {0};

    if (verdict.first_bit_error == G_MAXUINT64)
      continue;
    n_hit++;
    loom_wire_corrupt (&cable.settings, &cable.state, verdict.first_bit_error, frame, LENGTH);
    for (int j = 0; j < LENGTH; j++)
      n_errors += __builtin_popcount (frame[j]);
    last_octet += frame[LENGTH - 1] != 0;
  }
  g_test_message ("%d frames of %d with errors, %g bits", n_hit, n, n_errors);
  g_assert_true (within_binomial (n_errors, n * 8.0 * LENGTH, bit_error));
  /* 1 - (1 - p)^8000 */
  g_assert_true (within_binomial (n_hit, n, 0.5507));
  g_assert_cmpfloat (last_octet, >, 0);
}

static void
test_all_bits (void)
{
  Cable cable;
  guint8 frame[64] = {0};

  init_cable (&cable);
  cable.settings.bit_error = 1;
  g_assert_cmpuint (decide (&cable).first_bit_error, ==, 0);
  loom_wire_corrupt (&cable.settings, &cable.state, 0, frame, sizeof frame);
  for (gsize i = 0; i < sizeof frame; i++)
    g_assert_cmpuint (frame[i], ==, 0xff);
}

static void
test_queue_limits (void)
{
  const LoomWireBacklog full = {10, 10000};
  const LoomWireBacklog almost = {9, 9000};
  const LoomWireBacklog empty = {0};
  Cable cable;

  init_cable (&cable);
  cable.settings.queue_frames = 10;
  g_assert_cmpint (fate_behind (&cable, &full), ==, LOOM_WIRE_PASS); /* no rate, nothing waits */
  cable.settings.rate_mbps = 1;
  g_assert_cmpint (fate_behind (&cable, &full), ==, LOOM_WIRE_QUEUE_FULL);
  g_assert_cmpint (fate_behind (&cable, &almost), ==, LOOM_WIRE_PASS);
  cable.settings.queue_bytes = 9999;
  g_assert_cmpint (fate_behind (&cable, &almost), ==, LOOM_WIRE_QUEUE_FULL);
  cable.settings.queue_bytes = 10;
  g_assert_cmpint (fate_behind (&cable, &empty), ==, LOOM_WIRE_PASS);
}

static void
init_red_cable (Cable *cable)
{
  init_cable (cable);
  cable->settings.rate_mbps = 100;
  cable->settings.red_min = 0.25;
  cable->settings.red_max = 0.75;
  cable->settings.red_drop = 0.1;
}

/* An average at a steady share between the thresholds drops what the paper says: with the counter
 * that spreads them, drops are uniform on 1 to 1/p apart, so (1/p + 1) / 2 on average. */
static void
test_red (void)
{
  const LoomWireBacklog half = {500, 500000};
  const LoomWireBacklog low = {100, 100000};
  const LoomWireBacklog high = {900, 900000};
  Cable cable;
  double n_dropped = 0;

  init_red_cable (&cable);
  for (int i = 0; i < 10000; i++)
    g_assert_cmpint (fate_behind (&cable, &low), ==, LOOM_WIRE_PASS);
  for (int i = 0; i < 10000; i++)
    fate_behind (&cable, &half);
  for (int i = 0; i < 100000; i++)
    n_dropped += fate_behind (&cable, &half) == LOOM_WIRE_RED_DROP;
  g_test_message ("dropped %g of 100000", n_dropped);
  g_assert_cmpfloat_with_epsilon (n_dropped / 100000, 2 / (1 / 0.05 + 1), 0.005);
  for (int i = 0; i < 10000; i++)
    fate_behind (&cable, &high);
  g_assert_cmpint (fate_behind (&cable, &high), ==, LOOM_WIRE_RED_DROP);
}

/* While nothing comes the average falls, as if frames of 500 octets found the queue empty: 42 µs
 * each at 100 Mbit/s, so that 0.9 is still above 0.75 after 2 ms, and below 0.25 after 40 ms more.
 */
static void
test_red_idle (void)
{
  const LoomWireBacklog high = {900, 900000};
  const LoomWireBacklog empty = {0};
  Cable cable;

  init_red_cable (&cable);
  for (int i = 0; i < 10000; i++)
    fate_behind (&cable, &high);
  loom_wire_red_idle (&cable.state.red, 0);
  g_assert_cmpint (loom_wire_decide (&cable.settings, &cable.state, &empty, 2000000, LENGTH).fate,
                   ==, LOOM_WIRE_RED_DROP);
  loom_wire_red_idle (&cable.state.red, 2000000);
  g_assert_cmpint (loom_wire_decide (&cable.settings, &cable.state, &empty, 42000000, LENGTH).fate,
                   ==, LOOM_WIRE_PASS);
}

/* Frames that find the queue empty and are dropped all the same do not stop the average from
 * falling by the time between them: traffic that comes after a pause is not shut out. */
static void
test_red_idle_drops (void)
{
  static const LoomWireBacklog NOTHING = {0};
  const LoomWireBacklog high = {900, 900000};
  const gint64 second_ns = G_GINT64_CONSTANT (1000000000);
  Cable cable;

  init_cable (&cable);
  cable.settings.rate_mbps = 1;
  cable.settings.red_min = 0.25;
  cable.settings.red_max = 0.75;
  for (int i = 0; i < 10000; i++)
    fate_behind (&cable, &high);
  loom_wire_red_idle (&cable.state.red, 0);
  g_assert_cmpint (decide (&cable).fate, ==, LOOM_WIRE_RED_DROP);
  g_assert_cmpint (
      loom_wire_decide (&cable.settings, &cable.state, &NOTHING, 10 * second_ns, LENGTH).fate, ==,
      LOOM_WIRE_PASS);
}

/* The same seed has the same fates, whatever the queue does meanwhile. */
static void
test_repeats (void)
{
  const LoomWireBacklog backlog = {3, 3000};
  Cable one;
  Cable two;

  init_cable (&one);
  one.settings.loss = 0.1;
  one.settings.jitter_ns = 1e6;
  one.settings.duplicate = 0.1;
  one.settings.rate_mbps = 1;
  two = one;
  two.settings.red_max = 0.5;
  for (int i = 0; i < 10000; i++) {
    LoomWireVerdict a = decide (&one);
    LoomWireVerdict b = loom_wire_decide (&two.settings, &two.state, &backlog, i, LENGTH);

    g_assert_cmpint (a.fate == LOOM_WIRE_LOST, ==, b.fate == LOOM_WIRE_LOST);
    g_assert_cmpint (a.delay_ns, ==, b.delay_ns);
    g_assert_cmpint (a.duplicate, ==, b.duplicate);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/decide/clean", test_clean);
  g_test_add_func ("/decide/loss", test_loss);
  g_test_add_func ("/decide/bursts", test_bursts);
  g_test_add_func ("/decide/delay", test_delay);
  g_test_add_func ("/decide/shares", test_shares);
  g_test_add_func ("/decide/bit-errors", test_bit_errors);
  g_test_add_func ("/decide/all-bits", test_all_bits);
  g_test_add_func ("/decide/queue-limits", test_queue_limits);
  g_test_add_func ("/decide/red", test_red);
  g_test_add_func ("/decide/red-idle", test_red_idle);
  g_test_add_func ("/decide/red-idle-drops", test_red_idle_drops);
  g_test_add_func ("/decide/repeats", test_repeats);
  return g_test_run ();
}
