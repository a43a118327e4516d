/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Three seconds of what frames met, with the test as the clock. */

#include "backend/wire/law/meter.h"

#define MS G_GINT64_CONSTANT (1000000)
#define START (100000 * MS)

static void
test_nothing (void)
{
  LoomWireMeter meter = {0};
  LoomWireMeasured measured = loom_wire_meter_read (&meter, START);

  g_assert_cmpfloat (measured.delay_ms, ==, 0);
  g_assert_cmpfloat (measured.rate_bps, ==, 0);
  g_assert_cmpfloat (measured.loss_percent, ==, 0);
}

/* 1000 frames a second of 125 octets: 1 Mbit/s; delays 10 and 20 ms in turn; every tenth lost. */
static void
feed (LoomWireMeter *meter, gint64 from_ns, int n)
{
  for (int i = 0; i < n; i++) {
    gint64 now_ns = from_ns + i * MS;

    loom_wire_meter_in (meter, now_ns);
    if (i % 10 == 0)
      loom_wire_meter_lost (meter, now_ns);
    loom_wire_meter_out (meter, now_ns, i % 2 == 0 ? 10 * MS : 20 * MS, 125);
  }
}

static void
test_figures (void)
{
  LoomWireMeter meter = {0};
  LoomWireMeasured measured;

  feed (&meter, START, 5000);
  measured = loom_wire_meter_read (&meter, START + 5000 * MS);
  g_assert_cmpfloat_with_epsilon (measured.delay_ms, 15, 1e-9);
  g_assert_cmpfloat_with_epsilon (measured.jitter_ms, 5, 1e-6);
  g_assert_cmpfloat (measured.delay_min_ms, ==, 10);
  g_assert_cmpfloat (measured.delay_max_ms, ==, 20);
  g_assert_cmpfloat_with_epsilon (measured.loss_percent, 10, 0.01);
  g_assert_cmpfloat_with_epsilon (measured.rate_bps, 1e6, 1e3);
}

/* Frames that were held for long and are lost when they are let go came in another time. */
static void
test_lost_later (void)
{
  LoomWireMeter meter = {0};

  for (int i = 0; i < 100; i++)
    loom_wire_meter_in (&meter, START);
  loom_wire_meter_in (&meter, START + 10000 * MS);
  for (int i = 0; i < 100; i++)
    loom_wire_meter_lost (&meter, START + 10000 * MS);
  g_assert_cmpfloat (loom_wire_meter_read (&meter, START + 10500 * MS).loss_percent, ==, 100);
}

/* Right after the beginning the rate is not that of three seconds. */
static void
test_begins (void)
{
  LoomWireMeter meter = {0};

  feed (&meter, START, 500);
  g_assert_cmpfloat_with_epsilon (loom_wire_meter_read (&meter, START + 500 * MS).rate_bps, 1e6,
                                  1e4);
}

static void
test_forgets (void)
{
  LoomWireMeter meter = {0};
  LoomWireMeasured measured;

  feed (&meter, START, 1000);
  measured = loom_wire_meter_read (&meter, START + 2500 * MS);
  g_assert_cmpfloat (measured.rate_bps, >, 3e5);
  g_assert_cmpfloat (measured.rate_bps, <, 5e5);
  measured = loom_wire_meter_read (&meter, START + 4000 * MS);
  g_assert_cmpfloat (measured.rate_bps, ==, 0);
  g_assert_cmpfloat (measured.delay_ms, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/meter/nothing", test_nothing);
  g_test_add_func ("/meter/figures", test_figures);
  g_test_add_func ("/meter/lost-later", test_lost_later);
  g_test_add_func ("/meter/begins", test_begins);
  g_test_add_func ("/meter/forgets", test_forgets);
  return g_test_run ();
}
