/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See red.h. Names of the paper: average is avg, WEIGHT w_q, since_drop count. */

#include "backend/wire/law/red.h"

#include <math.h>

#define WEIGHT 0.002
/* While nothing comes the average falls as if frames of this length found the queue empty. */
#define TYPICAL_LENGTH 500

static void
update_average (LoomWireRed *self, const LoomWireSettings *settings, double share, gint64 now_ns)
{
  double frame_ns = loom_wire_settings_busy_ns (settings, TYPICAL_LENGTH);
  gboolean is_empty = share <= 0;

  if (is_empty && self->idle_since_ns >= 0 && frame_ns > 0)
    self->average *= pow (1 - WEIGHT, (double) (now_ns - self->idle_since_ns) / frame_ns);
  /* A frame that is dropped now leaves the queue as empty as it was; one that is let in does not,
   * and when it is empty again is told. */
  self->idle_since_ns = is_empty ? now_ns : -1;
  self->average += WEIGHT * (share - self->average);
}

void
loom_wire_red_init (LoomWireRed *self)
{
  *self = (LoomWireRed){.since_drop = -1, .idle_since_ns = -1};
}

void
loom_wire_red_idle (LoomWireRed *self, gint64 now_ns)
{
  self->idle_since_ns = now_ns;
}

gboolean
loom_wire_red_drops (LoomWireRed *self, const LoomWireSettings *settings, double share,
                     gint64 now_ns, LoomWireRandom *random)
{
  double probability;

  if (settings->red_max <= 0)
    return FALSE;
  update_average (self, settings, share, now_ns);
  if (self->average < settings->red_min) {
    self->since_drop = -1;
    return FALSE;
  }
  if (self->average >= settings->red_max) {
    self->since_drop = 0;
    return TRUE;
  }
  self->since_drop++;
  probability = settings->red_drop * (self->average - settings->red_min)
                / (settings->red_max - settings->red_min);
  /* Spreads drops evenly instead of in clusters. */
  probability /= MAX (1 - self->since_drop * probability, probability);
  if (!loom_wire_random_chance (random, probability))
    return FALSE;
  self->since_drop = 0;
  return TRUE;
}
