/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What frames really met over the last three seconds: delay, its spread, loss, rate. Sums for each
 * quarter of a second, the oldest forgotten. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define LOOM_WIRE_METER_SLOTS 12

typedef struct {
  gint64 number; /* which quarter of a second since the beginning of time */
  guint n_in;
  guint n_lost;
  guint n_out;
  guint64 n_bytes_out;
  double sum_ms; /* of delays, and of their squares */
  double sum_squares;
  double min_ms;
  double max_ms;
} LoomWireMeterSlot;

typedef struct {
  LoomWireMeterSlot slots[LOOM_WIRE_METER_SLOTS];
  gint64 first; /* the quarter in which it began to measure; 0: not yet */
} LoomWireMeter;

typedef struct {
  double delay_ms;
  double delay_min_ms;
  double delay_max_ms;
  double jitter_ms; /* standard deviation of the delays */
  double rate_bps;  /* of the bits of frames that left, as on the cable: see settings.h */
  double loss_percent;
} LoomWireMeasured;

/* All zero is a meter that has seen nothing. */

void loom_wire_meter_in (LoomWireMeter *self, gint64 now_ns);
void loom_wire_meter_lost (LoomWireMeter *self, gint64 now_ns);
/* @n_bytes: what the frame takes of the cable's rate. */
void loom_wire_meter_out (LoomWireMeter *self, gint64 now_ns, gint64 delay_ns, guint n_bytes);

/* Zeros where nothing came. */
LoomWireMeasured loom_wire_meter_read (const LoomWireMeter *self, gint64 now_ns);

G_END_DECLS
