/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See counter-book.h. If any counter of a reading is below its last value, the device restarted and
 * all of the reading is new. A device that restarted and has overtaken every one of its old values
 * meanwhile goes unnoticed and costs what it held: read often. */

#include "backend/ovs/counter-book.h"

#define N_COUNTERS 8

typedef struct {
  guint64 last[N_COUNTERS];
  guint64 total[N_COUNTERS];
} Page;

struct _LoomCounterBook {
  GHashTable *pages; /* key -> Page */
};

/* In the order of LoomPortCounters. */
static void
flatten (const LoomOpenFlowPortStats *reading, guint64 *ret_values)
{
  const guint64 values[N_COUNTERS] = {reading->rx_frames, reading->rx_bytes,  reading->rx_drops,
                                      reading->rx_errors, reading->tx_frames, reading->tx_bytes,
                                      reading->tx_drops,  reading->tx_errors};

  for (guint i = 0; i < N_COUNTERS; i++)
    ret_values[i] = values[i];
}

LoomCounterBook *
loom_counter_book_new (void)
{
  LoomCounterBook *self = g_new0 (LoomCounterBook, 1);

  self->pages = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
loom_counter_book_free (LoomCounterBook *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->pages);
  g_free (self);
}

void
loom_counter_book_add (LoomCounterBook *self, const char *key, const LoomOpenFlowPortStats *reading)
{
  Page *page = g_hash_table_lookup (self->pages, key);
  guint64 values[N_COUNTERS];
  gboolean restarted = FALSE;

  if (page == NULL) {
    page = g_new0 (Page, 1);
    g_hash_table_insert (self->pages, g_strdup (key), page);
  }
  flatten (reading, values);
  for (guint i = 0; i < N_COUNTERS; i++)
    restarted = restarted || values[i] < page->last[i];
  for (guint i = 0; i < N_COUNTERS; i++) {
    page->total[i] += restarted ? values[i] : values[i] - page->last[i];
    page->last[i] = values[i];
  }
}

void
loom_counter_book_restarted (LoomCounterBook *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->pages);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    Page *page = value;

    for (guint i = 0; i < N_COUNTERS; i++)
      page->last[i] = 0;
  }
}

void
loom_counter_book_retain (LoomCounterBook *self, GHashTable *keep)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->pages);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (!g_hash_table_contains (keep, key))
      g_hash_table_iter_remove (&iter);
}

GHashTable *
loom_counter_book_get_totals (LoomCounterBook *self)
{
  GHashTable *totals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer key;
  gpointer value;

  g_hash_table_iter_init (&iter, self->pages);
  while (g_hash_table_iter_next (&iter, &key, &value)) {
    const guint64 *total = ((Page *) value)->total;
    LoomPortCounters counters = {.rx_frames = total[0],
                                 .rx_bytes = total[1],
                                 .rx_drops = total[2],
                                 .rx_errors = total[3],
                                 .tx_frames = total[4],
                                 .tx_bytes = total[5],
                                 .tx_drops = total[6],
                                 .tx_errors = total[7]};

    g_hash_table_insert (totals, g_strdup (key), g_memdup2 (&counters, sizeof counters));
  }
  return totals;
}
