/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rates over the last second. */

#include "backend/engine/rates.h"

#include <string.h>

#define MIN_STEP_US (LOOM_RATE_WINDOW_US / 24)

static void
drop_first (LoomRateMeter *meter)
{
  memmove (meter->samples, meter->samples + 1, (meter->n_samples - 1) * sizeof meter->samples[0]);
  meter->n_samples--;
}

void
loom_rate_meter_add (LoomRateMeter *meter, gint64 now_us, guint64 n_frames, guint64 n_bytes)
{
  const LoomRateSample sample = {now_us, n_frames, n_bytes};

  if (meter->n_samples > 0) {
    const LoomRateSample *last = &meter->samples[meter->n_samples - 1];
    if (n_frames < last->n_frames || n_bytes < last->n_bytes || now_us < last->time_us)
      meter->n_samples = 0;
  }
  /* The one before the last must be a step away, or a fast reader would keep replacing for ever. */
  if (meter->n_samples > 1 && now_us - meter->samples[meter->n_samples - 2].time_us < MIN_STEP_US)
    meter->n_samples--;

  /* One reading older than the window stays: it is where the window begins. */
  while (meter->n_samples > 1 && now_us - meter->samples[1].time_us >= LOOM_RATE_WINDOW_US)
    drop_first (meter);
  if (meter->n_samples == LOOM_RATE_MAX_SAMPLES)
    drop_first (meter);
  meter->samples[meter->n_samples++] = sample;
}

void
loom_rate_meter_get (const LoomRateMeter *meter, double *ret_rate_bps, double *ret_rate_fps)
{
  *ret_rate_bps = 0;
  *ret_rate_fps = 0;
  if (meter->n_samples < 2)
    return;

  const LoomRateSample *first = &meter->samples[0];
  const LoomRateSample *last = &meter->samples[meter->n_samples - 1];
  double seconds = (double) (last->time_us - first->time_us) / G_USEC_PER_SEC;
  if (seconds <= 0)
    return;
  *ret_rate_bps = (double) (last->n_bytes - first->n_bytes) * 8 / seconds;
  *ret_rate_fps = (double) (last->n_frames - first->n_frames) / seconds;
}
