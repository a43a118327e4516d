/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The last minute of rates: in order, with the silence between, and forgotten after it. */

#include "gui/rate-history.h"

#define ID "a:0 b:0"
#define N LOOM_RATE_HISTORY_SAMPLES

static void
on_sampled (LoomRateHistory *history, int *n_samples)
{
  (*n_samples)++;
}

static void
set_rates (LoomStatus *status, const char *id, double a_bps, double b_bps)
{
  LoomLinkStatus link = {.carrier = TRUE};

  link.from_a.rate_bps = a_bps;
  link.from_b.rate_bps = b_bps;
  loom_status_set_link (status, id, &link);
  loom_status_end_links (status, 1);
}

static void
test_order (void)
{
  g_autoptr (LoomStatus) status = loom_status_new ();
  g_autoptr (LoomRateHistory) history = loom_rate_history_new (status);
  double rates[2][N];
  int n_samples = 0;

  g_signal_connect (history, "sampled", G_CALLBACK (on_sampled), &n_samples);
  g_assert_cmpfloat (loom_rate_history_get (history, ID, rates), ==, 0);
  for (int i = 1; i <= N + 10; i++) {
    set_rates (status, ID, i, 1000 + i);
    loom_rate_history_sample (history);
  }
  g_assert_cmpint (n_samples, ==, N + 10);
  g_assert_cmpfloat (loom_rate_history_get (history, ID, rates), ==, 1000 + N + 10);
  for (int i = 0; i < N; i++) {
    g_assert_cmpfloat (rates[0][i], ==, 11 + i);
    g_assert_cmpfloat (rates[1][i], ==, 1011 + i);
  }
  g_assert_cmpfloat (loom_rate_history_get (history, "a:1 b:1", rates), ==, 0);
}

/* Silent seconds count, whether anyone asks in between or not. */
static void
test_silence (gconstpointer asks)
{
  g_autoptr (LoomStatus) status = loom_status_new ();
  g_autoptr (LoomRateHistory) history = loom_rate_history_new (status);
  double rates[2][N];

  set_rates (status, ID, 5, 0);
  loom_rate_history_sample (history);
  set_rates (status, ID, 0, 0);
  for (int i = 0; i < 10; i++) {
    loom_rate_history_sample (history);
    if (asks != NULL)
      loom_rate_history_get (history, ID, rates);
  }
  set_rates (status, ID, 7, 0);
  loom_rate_history_sample (history);
  g_assert_cmpfloat (loom_rate_history_get (history, ID, rates), ==, 7);
  g_assert_cmpfloat (rates[0][N - 1], ==, 7);
  g_assert_cmpfloat (rates[0][N - 12], ==, 5);
  for (int i = N - 11; i < N - 1; i++)
    g_assert_cmpfloat (rates[0][i], ==, 0);

  set_rates (status, ID, 0, 0);
  for (int i = 0; i < N - 1; i++)
    loom_rate_history_sample (history);
  g_assert_cmpfloat (loom_rate_history_get (history, ID, rates), ==, 7);
  g_assert_cmpfloat (rates[0][0], ==, 7);
  loom_rate_history_sample (history);
  g_assert_cmpfloat (loom_rate_history_get (history, ID, rates), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rate-history/order", test_order);
  g_test_add_data_func ("/rate-history/silence", NULL, test_silence);
  g_test_add_data_func ("/rate-history/silence-asked", "asks", test_silence);
  return g_test_run ();
}
