/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Points, rectangles and the curve of a cable. A curve is handled as N_STEPS segments wherever an
 * exact answer would not be seen. */

#include "canvas/scene/geometry.h"

#include <math.h>

#define N_STEPS 16

static double
segment_distance (LoomPoint p, LoomPoint q, double x, double y, double *ret_t)
{
  double dx = q.x - p.x;
  double dy = q.y - p.y;
  double square = dx * dx + dy * dy;
  double t = square > 0 ? ((x - p.x) * dx + (y - p.y) * dy) / square : 0;

  t = CLAMP (t, 0, 1);
  *ret_t = t;
  return hypot (x - (p.x + t * dx), y - (p.y + t * dy));
}

/* Liang-Barsky: whether the segment has a part inside the rectangle. */
static gboolean
segment_crosses_rect (LoomPoint p, LoomPoint q, const LoomRect *rect)
{
  double delta[4] = {p.x - q.x, q.x - p.x, p.y - q.y, q.y - p.y};
  double room[4] = {p.x - rect->x, rect->x + rect->width - p.x, p.y - rect->y,
                    rect->y + rect->height - p.y};
  double enter = 0;
  double leave = 1;

  for (int i = 0; i < 4; i++) {
    if (delta[i] == 0) {
      if (room[i] < 0)
        return FALSE;
      continue;
    }
    double t = room[i] / delta[i];
    if (delta[i] < 0)
      enter = MAX (enter, t);
    else
      leave = MIN (leave, t);
  }
  return enter <= leave;
}

gboolean
loom_rect_intersects (const LoomRect *a, const LoomRect *b)
{
  return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height
         && b->y < a->y + a->height;
}

gboolean
loom_rect_contains (const LoomRect *rect, double x, double y)
{
  return x >= rect->x && y >= rect->y && x < rect->x + rect->width && y < rect->y + rect->height;
}

LoomRect
loom_rect_union (const LoomRect *a, const LoomRect *b)
{
  double x = MIN (a->x, b->x);
  double y = MIN (a->y, b->y);

  return (LoomRect){x, y, MAX (a->x + a->width, b->x + b->width) - x,
                    MAX (a->y + a->height, b->y + b->height) - y};
}

LoomRect
loom_rect_grown (const LoomRect *rect, double by)
{
  return (LoomRect){rect->x - by, rect->y - by, rect->width + 2 * by, rect->height + 2 * by};
}

LoomPoint
loom_curve_at (const LoomCurve *curve, double t)
{
  double u = 1 - t;

  if (!curve->bowed)
    return (LoomPoint){curve->start.x * u + curve->end.x * t,
                       curve->start.y * u + curve->end.y * t};
  return (LoomPoint){
      u * u * curve->start.x + 2 * u * t * curve->control.x + t * t * curve->end.x,
      u * u * curve->start.y + 2 * u * t * curve->control.y + t * t * curve->end.y,
  };
}

LoomRect
loom_curve_bounds (const LoomCurve *curve)
{
  /* The middle of a bow lies half way to its control point, and nothing reaches further. */
  LoomPoint middle = loom_curve_at (curve, 0.5);
  double x = MIN (MIN (curve->start.x, curve->end.x), middle.x);
  double y = MIN (MIN (curve->start.y, curve->end.y), middle.y);
  double right = MAX (MAX (curve->start.x, curve->end.x), middle.x);
  double bottom = MAX (MAX (curve->start.y, curve->end.y), middle.y);

  if (curve->bowed) {
    x = MIN (x, curve->control.x);
    y = MIN (y, curve->control.y);
    right = MAX (right, curve->control.x);
    bottom = MAX (bottom, curve->control.y);
  }
  return (LoomRect){x, y, right - x, bottom - y};
}

double
loom_curve_length (const LoomCurve *curve)
{
  if (!curve->bowed)
    return hypot (curve->end.x - curve->start.x, curve->end.y - curve->start.y);

  double length = 0;
  LoomPoint last = curve->start;
  for (int i = 1; i <= N_STEPS; i++) {
    LoomPoint next = loom_curve_at (curve, (double) i / N_STEPS);
    length += hypot (next.x - last.x, next.y - last.y);
    last = next;
  }
  return length;
}

double
loom_curve_distance (const LoomCurve *curve, double x, double y, double *ret_t)
{
  int n_steps = curve->bowed ? N_STEPS : 1;
  double best = INFINITY;
  double best_t = 0;
  LoomPoint last = curve->start;

  for (int i = 1; i <= n_steps; i++) {
    LoomPoint next = loom_curve_at (curve, (double) i / n_steps);
    double t;
    double distance = segment_distance (last, next, x, y, &t);
    if (distance < best) {
      best = distance;
      best_t = (i - 1 + t) / n_steps;
    }
    last = next;
  }
  if (ret_t != NULL)
    *ret_t = best_t;
  return best;
}

gboolean
loom_curve_crosses_rect (const LoomCurve *curve, const LoomRect *rect)
{
  int n_steps = curve->bowed ? N_STEPS : 1;
  LoomPoint last = curve->start;

  for (int i = 1; i <= n_steps; i++) {
    LoomPoint next = loom_curve_at (curve, (double) i / n_steps);
    if (segment_crosses_rect (last, next, rect))
      return TRUE;
    last = next;
  }
  return FALSE;
}

LoomPoint
loom_square_edge (double half, double radius, double dx, double dy)
{
  double length = hypot (dx, dy);

  if (length == 0)
    return (LoomPoint){half, 0};
  dx /= length;
  dy /= length;

  /* Straight sides first; then the circle of the corner when the ray leaves through one. */
  double reach = half / MAX (fabs (dx), fabs (dy));
  double inner = half - radius;
  if (fabs (dx * reach) > inner && fabs (dy * reach) > inner) {
    double b = fabs (dx) * inner + fabs (dy) * inner;
    reach = b + sqrt (MAX (0, b * b - 2 * inner * inner + radius * radius));
  }
  return (LoomPoint){dx * reach, dy * reach};
}
