/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Random early detection: drops some frames before the queue is full, more as it fills (S. Floyd,
 * V. Jacobson, "Random Early Detection Gateways for Congestion Avoidance", IEEE/ACM Transactions on
 * Networking 1, 1993). How full the queue is comes in as a share of its limit. */

#pragma once

#include "backend/wire/law/random.h"
#include "backend/wire/law/settings.h"

G_BEGIN_DECLS

typedef struct {
  double average;       /* of the share, over some hundred frames */
  int since_drop;       /* frames let in since the last that was not; -1: the average is low */
  gint64 idle_since_ns; /* since when the queue is empty; -1: it is not */
} LoomWireRed;

void loom_wire_red_init (LoomWireRed *self);

/* The queue has become empty. */
void loom_wire_red_idle (LoomWireRed *self, gint64 now_ns);

/* Whether a frame that finds the queue filled to @share is dropped. */
gboolean loom_wire_red_drops (LoomWireRed *self, const LoomWireSettings *settings, double share,
                              gint64 now_ns, LoomWireRandom *random);

G_END_DECLS
