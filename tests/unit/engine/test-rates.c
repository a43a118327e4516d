/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rates over the last second, with the test as the clock. */

#include "backend/engine/rates.h"

static void
test_empty (void)
{
  LoomRateMeter meter = {0};
  double bps = 1, fps = 1;

  loom_rate_meter_get (&meter, &bps, &fps);
  g_assert_cmpfloat (bps, ==, 0);
  loom_rate_meter_add (&meter, 5000, 10, 1000);
  loom_rate_meter_get (&meter, &bps, &fps);
  g_assert_cmpfloat (bps, ==, 0);
  g_assert_cmpfloat (fps, ==, 0);
}

/* 100 frames of 125 bytes a second, read ten times a second. */
static void
test_steady (void)
{
  LoomRateMeter meter = {0};
  double bps, fps;

  for (int i = 0; i <= 50; i++)
    loom_rate_meter_add (&meter, i * 100000, (guint64) i * 10, (guint64) i * 1250);
  loom_rate_meter_get (&meter, &bps, &fps);
  g_assert_cmpfloat_with_epsilon (bps, 100000, 1e-6);
  g_assert_cmpfloat_with_epsilon (fps, 100, 1e-6);
}

/* What stopped is zero one window later, not slowly less. */
static void
test_stops (void)
{
  LoomRateMeter meter = {0};
  double bps, fps;

  for (int i = 0; i <= 20; i++)
    loom_rate_meter_add (&meter, i * 100000, (guint64) i, (guint64) i * 100);
  for (int i = 21; i <= 30; i++)
    loom_rate_meter_add (&meter, i * 100000, 20, 2000);
  loom_rate_meter_get (&meter, &bps, &fps);
  g_assert_cmpfloat (bps, ==, 0);
}

/* Read a thousand times a second, and once a minute. */
static void
test_paces (void)
{
  LoomRateMeter fast = {0};
  LoomRateMeter slow = {0};
  double bps, fps;

  for (int i = 0; i <= 5000; i++)
    loom_rate_meter_add (&fast, i * 1000, (guint64) i, (guint64) i * 125);
  loom_rate_meter_get (&fast, &bps, &fps);
  g_assert_cmpfloat_with_epsilon (bps, 1e6, 1);

  loom_rate_meter_add (&slow, 0, 0, 0);
  loom_rate_meter_add (&slow, 60 * G_USEC_PER_SEC, 60, 7500);
  loom_rate_meter_get (&slow, &bps, &fps);
  g_assert_cmpfloat_with_epsilon (bps, 1000, 1e-6);
}

static void
test_backwards (void)
{
  LoomRateMeter meter = {0};
  double bps, fps;

  loom_rate_meter_add (&meter, 0, 1000, 1000);
  loom_rate_meter_add (&meter, 500000, 2000, 2000);
  loom_rate_meter_add (&meter, 1000000, 5, 5);
  loom_rate_meter_get (&meter, &bps, &fps);
  g_assert_cmpfloat (bps, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rates/empty", test_empty);
  g_test_add_func ("/rates/steady", test_steady);
  g_test_add_func ("/rates/stops", test_stops);
  g_test_add_func ("/rates/paces", test_paces);
  g_test_add_func ("/rates/backwards", test_backwards);
  return g_test_run ();
}
