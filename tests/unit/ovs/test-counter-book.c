/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Totals never go backwards. */

#include "backend/ovs/counter-book.h"

static guint64
read_total (LoomCounterBook *book)
{
  g_autoptr (GHashTable) totals = loom_counter_book_get_totals (book);
  const LoomPortCounters *counters = g_hash_table_lookup (totals, "m1.0");

  return counters != NULL ? counters->rx_frames * 1000 + counters->tx_bytes : 0;
}

static void
add (LoomCounterBook *book, guint64 rx_frames, guint64 tx_bytes)
{
  LoomOpenFlowPortStats reading = {.rx_frames = rx_frames, .tx_bytes = tx_bytes};

  loom_counter_book_add (book, "m1.0", &reading);
}

static void
test_totals (void)
{
  g_autoptr (LoomCounterBook) book = loom_counter_book_new ();
  g_autoptr (GHashTable) none = g_hash_table_new (g_str_hash, g_str_equal);

  add (book, 5, 50);
  add (book, 7, 60);
  g_assert_cmpuint (read_total (book), ==, 7060);
  add (book, 1, 70); /* one went backwards: all of it is new */
  g_assert_cmpuint (read_total (book), ==, 8130);
  loom_counter_book_restarted (book);
  add (book, 2, 80);
  g_assert_cmpuint (read_total (book), ==, 10210);
  loom_counter_book_retain (book, none);
  g_assert_cmpuint (read_total (book), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/counter-book/totals", test_totals);
  return g_test_run ();
}
