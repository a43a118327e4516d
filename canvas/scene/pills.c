/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Label placement for cables. A fixed list of candidates, from the one that reads best (a pair in
 * the middle of the cable) to those that merely fit, is priced by what each would cover; the
 * cheapest wins. Every pill has the same width whatever it says. */

#include "canvas/scene/pills.h"

#include <math.h>

#define GAP 3.0     /* between the two of a pair, half of it */
#define CLEARANCE 2 /* to everything else */

typedef enum {
  PAIR_ACROSS, /* one above the other, the cable passing between or behind */
  PAIR_BEFORE, /* both above the cable, or left of it */
  PAIR_AFTER,  /* both below, or right */
  APART,       /* each on the cable, nearer the end it comes from */
} Arrangement;

typedef struct {
  Arrangement arrangement;
  double t;
  double price; /* how much worse than the best, in cables covered */
} Candidate;

static const Candidate candidates[] = {
    {PAIR_ACROSS, 0.50, 0.0}, {PAIR_ACROSS, 0.42, 0.1}, {PAIR_ACROSS, 0.58, 0.1},
    {PAIR_ACROSS, 0.34, 0.2}, {PAIR_ACROSS, 0.66, 0.2}, {APART, 0.32, 0.5},
    {APART, 0.25, 0.6},       {PAIR_BEFORE, 0.50, 0.7}, {PAIR_AFTER, 0.50, 0.7},
    {PAIR_ACROSS, 0.26, 0.8}, {PAIR_ACROSS, 0.74, 0.8}, {PAIR_BEFORE, 0.38, 0.9},
    {PAIR_AFTER, 0.38, 0.9},  {PAIR_BEFORE, 0.62, 0.9}, {PAIR_AFTER, 0.62, 0.9},
    {PAIR_ACROSS, 0.18, 1.5}, {PAIR_ACROSS, 0.82, 1.5}, {PAIR_BEFORE, 0.25, 1.6},
    {PAIR_AFTER, 0.25, 1.6},  {PAIR_BEFORE, 0.75, 1.6}, {PAIR_AFTER, 0.75, 1.6},
};

static LoomRect
pill_at (double x, double y)
{
  return (LoomRect){x - LOOM_PILL_WIDTH / 2, y - LOOM_PILL_HEIGHT / 2, LOOM_PILL_WIDTH,
                    LOOM_PILL_HEIGHT};
}

/* Both pills around @x, @y, one above the other. */
static void
stack (double x, double y, gboolean first_above, double room, LoomRect pills[2])
{
  double step = LOOM_PILL_HEIGHT / 2 + GAP + room / 2;

  pills[0] = pill_at (x, y + (first_above ? -step : step));
  pills[1] = pill_at (x, y + (first_above ? step : -step));
}

static void
arrange (const LoomCurve *curve, const Candidate *candidate, double room, LoomRect pills[2])
{
  LoomPoint at = loom_curve_at (curve, candidate->t);
  double dx = curve->end.x - curve->start.x;
  double dy = curve->end.y - curve->start.y;
  gboolean flat = fabs (dx) > fabs (dy);
  /* What goes right, or up, is read first. */
  gboolean first_above = flat ? dx >= 0 : dy <= 0;
  double side = candidate->arrangement == PAIR_BEFORE ? -1 : 1;

  switch (candidate->arrangement) {
  case PAIR_ACROSS:
    stack (at.x, at.y, first_above, room, pills);
    return;
  case PAIR_BEFORE:
  case PAIR_AFTER:
    if (flat) {
      double slope = fabs (dx) > 0 ? fabs (dy / dx) * LOOM_PILL_WIDTH / 2 : 0;
      stack (at.x, at.y + side * (LOOM_PILL_HEIGHT + GAP + 5 + slope), first_above, 0, pills);
    } else {
      double slope = fabs (dx / dy) * (LOOM_PILL_HEIGHT + GAP);
      stack (at.x + side * (LOOM_PILL_WIDTH / 2 + 6 + slope), at.y, first_above, 0, pills);
    }
    return;
  case APART:
  default: {
    LoomPoint other = loom_curve_at (curve, 1 - candidate->t);
    pills[0] = pill_at (at.x, at.y);
    pills[1] = pill_at (other.x, other.y);
    return;
  }
  }
}

/* A box beside the curve at @t, with as much between as frames need. @side: 1: where those pass
 * that travel from its start, -1: the others. */
static LoomRect
beside (const LoomCurve *curve, double t, double side, double width, double height)
{
  LoomPoint at = loom_curve_at (curve, t);
  LoomPoint before = loom_curve_at (curve, MAX (t - 0.01, 0));
  LoomPoint after = loom_curve_at (curve, MIN (t + 0.01, 1));
  double norm = MAX (hypot (after.x - before.x, after.y - before.y), 1e-6) * side;
  double x = -(after.y - before.y) / norm;
  double y = (after.x - before.x) / norm;
  double away = LOOM_PILL_LANES + fabs (x) * width / 2 + fabs (y) * height / 2;

  return (LoomRect){at.x + x * away - width / 2, at.y + y * away - height / 2, width, height};
}

static void
arrange_beside (const LoomCurve *curve, const Candidate *candidate, LoomRect pills[2])
{
  double side = candidate->arrangement == PAIR_BEFORE ? -1 : 1;
  LoomRect both = beside (curve, candidate->t, side, LOOM_PILL_WIDTH, 2 * (LOOM_PILL_HEIGHT + GAP));

  if (candidate->arrangement == PAIR_ACROSS || candidate->arrangement == APART) {
    double other = candidate->arrangement == APART ? 1 - candidate->t : candidate->t;

    pills[0] = beside (curve, candidate->t, 1, LOOM_PILL_WIDTH, LOOM_PILL_HEIGHT);
    pills[1] = beside (curve, other, -1, LOOM_PILL_WIDTH, LOOM_PILL_HEIGHT);
    return;
  }
  stack (both.x + both.width / 2, both.y + both.height / 2, curve->end.x >= curve->start.x, 0,
         pills);
}

gboolean
loom_pills_place (const LoomCurve *curve, gboolean has_note, gboolean has_lanes, LoomPillCost cost,
                  gpointer user_data, LoomRect ret_pills[2])
{
  double room = has_note ? LOOM_PILL_HEIGHT : 0;
  double best = INFINITY;

  for (guint i = 0; i < G_N_ELEMENTS (candidates) && candidates[i].price < best; i++) {
    LoomRect pills[2];
    if (has_lanes)
      arrange_beside (curve, &candidates[i], pills);
    else
      arrange (curve, &candidates[i], room, pills);
    if (loom_rect_intersects (&pills[0], &pills[1]))
      continue;

    double price = candidates[i].price;
    for (int p = 0; p < 2 && price < best; p++) {
      LoomRect area = loom_rect_grown (&pills[p], CLEARANCE);
      price += cost (&area, user_data);
    }
    if (price < best) {
      best = price;
      ret_pills[0] = pills[0];
      ret_pills[1] = pills[1];
    }
  }
  return isfinite (best);
}

gboolean
loom_pills_place_note (const LoomCurve *curve, double width, gboolean has_lanes, LoomPillCost cost,
                       gpointer user_data, LoomRect *ret_note)
{
  static const double places[] = {0.50, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74};
  /* On the cable, above and below it: a price for each step away. */
  static const double sides[] = {0, -1, 1};
  double dx = curve->end.x - curve->start.x;
  double dy = curve->end.y - curve->start.y;
  gboolean flat = fabs (dx) > fabs (dy);
  /* Above, or left, comes first whichever way the cable leads. */
  double above = flat ? (dx >= 0 ? 1 : -1) : (dy >= 0 ? -1 : 1);
  double best = INFINITY;

  for (guint s = has_lanes ? 1 : 0; s < G_N_ELEMENTS (sides); s++) {
    for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
      LoomPoint at = loom_curve_at (curve, places[i]);
      double x = at.x + (flat ? 0 : sides[s] * (width / 2 + 8));
      double y = at.y + (flat ? sides[s] * (LOOM_PILL_HEIGHT / 2 + 8) : 0);
      LoomRect note = {x - width / 2, y - LOOM_PILL_HEIGHT / 2, width, LOOM_PILL_HEIGHT};
      if (has_lanes)
        note = beside (curve, places[i], above * sides[s], width, LOOM_PILL_HEIGHT);
      LoomRect area = loom_rect_grown (&note, CLEARANCE);
      double price = s * 0.4 + i * 0.1 + cost (&area, user_data);

      if (price < best) {
        best = price;
        *ret_note = note;
      }
    }
  }
  return isfinite (best);
}
