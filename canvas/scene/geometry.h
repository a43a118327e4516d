/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Points, rectangles and the curve of a cable, in canvas units. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  double x;
  double y;
} LoomPoint;

typedef struct {
  double x;
  double y;
  double width;
  double height;
} LoomRect;

/* A quadratic Bézier curve; straight when @bowed is FALSE (@control is then the middle). */
typedef struct {
  LoomPoint start;
  LoomPoint control;
  LoomPoint end;
  gboolean bowed;
} LoomCurve;

gboolean loom_rect_intersects (const LoomRect *a, const LoomRect *b);
gboolean loom_rect_contains (const LoomRect *rect, double x, double y);
LoomRect loom_rect_union (const LoomRect *a, const LoomRect *b);
LoomRect loom_rect_grown (const LoomRect *rect, double by);

LoomPoint loom_curve_at (const LoomCurve *curve, double t);
LoomRect loom_curve_bounds (const LoomCurve *curve);
double loom_curve_length (const LoomCurve *curve);
/* Distance from a point to the curve, and where along it (0 … 1; optional). */
double loom_curve_distance (const LoomCurve *curve, double x, double y, double *ret_t);
gboolean loom_curve_crosses_rect (const LoomCurve *curve, const LoomRect *rect);

/* Where the ray from the centre of a rounded square towards (@dx, @dy) leaves it, as an offset
 * from the centre. @half is half its side, @radius that of its corners. */
LoomPoint loom_square_edge (double half, double radius, double dx, double dy);

G_END_DECLS
