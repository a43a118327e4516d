/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rates over the last second from totals read at any pace. Pure: time comes in. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define LOOM_RATE_WINDOW_US G_USEC_PER_SEC
#define LOOM_RATE_MAX_SAMPLES 32

/* Totals of one direction at one moment. */
typedef struct {
  gint64 time_us;
  guint64 n_frames;
  guint64 n_bytes;
} LoomRateSample;

/* The readings of a little more than the last second. A value: starts as all zeroes. */
typedef struct {
  LoomRateSample samples[LOOM_RATE_MAX_SAMPLES]; /* oldest first */
  guint n_samples;
} LoomRateMeter;

/* Takes a reading. Readings closer than a 24th of the window replace the one before, so that a
 * window of any pace fits. Totals that went backwards start the meter anew. */
void loom_rate_meter_add (LoomRateMeter *meter, gint64 now_us, guint64 n_frames, guint64 n_bytes);
/* Bits and frames a second between the last reading and the one a window before it (or the oldest,
 * when all are younger). Zero with fewer than two readings. */
void loom_rate_meter_get (const LoomRateMeter *meter, double *ret_rate_bps, double *ret_rate_fps);

G_END_DECLS
