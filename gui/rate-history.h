/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The last minute of every cable's rates, a sample a second while the lab runs.
 *
 * Signals: "sampled" (): once a second, while the lab runs and a minute after */

#pragma once

#include "canvas/model/status.h"

G_BEGIN_DECLS

#define LOOM_RATE_HISTORY_SAMPLES 60

#define LOOM_TYPE_RATE_HISTORY (loom_rate_history_get_type ())
G_DECLARE_FINAL_TYPE (LoomRateHistory, loom_rate_history, LOOM, RATE_HISTORY, GObject)

LoomRateHistory *loom_rate_history_new (LoomStatus *status);
/* Copies the samples of the cable with the id @link, oldest first: from end a, from end b. Returns
 * the largest of them; 0: nothing went by. */
double loom_rate_history_get (LoomRateHistory *self, const char *link,
                              double ret_rates_bps[2][LOOM_RATE_HISTORY_SAMPLES]);
/* Takes a sample now, as the timer does. */
void loom_rate_history_sample (LoomRateHistory *self);

G_END_DECLS
