/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A ring for each cable that carried anything in the last minute; a silent lab keeps none. Seconds
 * in which a cable was silent are filled with zeros when it is heard again, or asked for. */

#include "gui/rate-history.h"

#include <string.h>

#define N_SAMPLES LOOM_RATE_HISTORY_SAMPLES

typedef struct {
  double rates_bps[2][N_SAMPLES]; /* second n is at n % N_SAMPLES */
  guint64 last;                   /* the second that was written last */
  guint64 heard;                  /* the last one in which anything went by */
} Ring;

struct _LoomRateHistory {
  GObject parent;

  LoomStatus *status;
  GHashTable *rings; /* id -> Ring */
  guint64 second;    /* counted from 1 */
  guint timeout;
};

enum {
  SAMPLED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LoomRateHistory, loom_rate_history, G_TYPE_OBJECT)

/* Brings @ring to @second: what lies between was silent. */
static void
advance (Ring *ring, guint64 second)
{
  guint64 first = MAX (ring->last + 1, second >= N_SAMPLES ? second - N_SAMPLES + 1 : 0);

  for (guint64 n = first; n <= second; n++)
    ring->rates_bps[0][n % N_SAMPLES] = ring->rates_bps[1][n % N_SAMPLES] = 0;
  ring->last = second;
}

static void
take (const char *id, const LoomLinkStatus *link, gpointer user_data)
{
  LoomRateHistory *self = user_data;
  Ring *ring;

  if (link->from_a.rate_bps <= 0 && link->from_b.rate_bps <= 0)
    return;
  ring = g_hash_table_lookup (self->rings, id);
  if (ring == NULL) {
    ring = g_new0 (Ring, 1);
    g_hash_table_insert (self->rings, g_strdup (id), ring);
  }
  advance (ring, self->second);
  ring->heard = self->second;
  ring->rates_bps[0][self->second % N_SAMPLES] = link->from_a.rate_bps;
  ring->rates_bps[1][self->second % N_SAMPLES] = link->from_b.rate_bps;
}

static gboolean
is_past (gpointer key, gpointer value, gpointer user_data)
{
  const Ring *ring = value;
  const guint64 *second = user_data;

  return ring->heard + N_SAMPLES <= *second;
}

void
loom_rate_history_sample (LoomRateHistory *self)
{
  g_return_if_fail (LOOM_IS_RATE_HISTORY (self));

  self->second++;
  loom_status_foreach_link (self->status, take, self);
  g_hash_table_foreach_remove (self->rings, is_past, &self->second);
  g_signal_emit (self, signals[SAMPLED], 0);
}

static gboolean
on_second (gpointer user_data)
{
  LoomRateHistory *self = user_data;

  loom_rate_history_sample (self);
  if (loom_status_get_lab (self->status) != LOOM_LAB_OFF || g_hash_table_size (self->rings) > 0)
    return G_SOURCE_CONTINUE;
  self->timeout = 0;
  return G_SOURCE_REMOVE;
}

static void
on_lab_changed (LoomStatus *status, LoomRateHistory *self)
{
  if (self->timeout == 0 && loom_status_get_lab (status) != LOOM_LAB_OFF)
    self->timeout = g_timeout_add_seconds (1, on_second, self);
}

static void
loom_rate_history_dispose (GObject *object)
{
  LoomRateHistory *self = LOOM_RATE_HISTORY (object);

  g_clear_handle_id (&self->timeout, g_source_remove);
  if (self->status != NULL)
    g_signal_handlers_disconnect_by_data (self->status, self);
  g_clear_object (&self->status);
  G_OBJECT_CLASS (loom_rate_history_parent_class)->dispose (object);
}

static void
loom_rate_history_finalize (GObject *object)
{
  g_hash_table_unref (LOOM_RATE_HISTORY (object)->rings);
  G_OBJECT_CLASS (loom_rate_history_parent_class)->finalize (object);
}

static void
loom_rate_history_class_init (LoomRateHistoryClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = loom_rate_history_dispose;
  G_OBJECT_CLASS (klass)->finalize = loom_rate_history_finalize;
  signals[SAMPLED] = g_signal_new ("sampled", LOOM_TYPE_RATE_HISTORY, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
loom_rate_history_init (LoomRateHistory *self)
{
  self->rings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

LoomRateHistory *
loom_rate_history_new (LoomStatus *status)
{
  LoomRateHistory *self;

  g_return_val_if_fail (LOOM_IS_STATUS (status), NULL);

  self = g_object_new (LOOM_TYPE_RATE_HISTORY, NULL);
  self->status = g_object_ref (status);
  g_signal_connect (status, "lab-changed", G_CALLBACK (on_lab_changed), self);
  on_lab_changed (status, self);
  return self;
}

double
loom_rate_history_get (LoomRateHistory *self, const char *link, double ret_rates_bps[2][N_SAMPLES])
{
  Ring *ring;
  double most = 0;

  g_return_val_if_fail (LOOM_IS_RATE_HISTORY (self), 0);

  memset (ret_rates_bps, 0, 2 * N_SAMPLES * sizeof (double));
  ring = g_hash_table_lookup (self->rings, link);
  if (ring == NULL)
    return 0;
  advance (ring, self->second);
  for (int from = 0; from < 2; from++) {
    for (int i = 0; i < N_SAMPLES; i++) {
      double rate_bps = ring->rates_bps[from][(self->second + 1 + i) % N_SAMPLES];

      ret_rates_bps[from][i] = rate_bps;
      most = MAX (most, rate_bps);
    }
  }
  return most;
}
