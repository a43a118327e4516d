/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See statistics.h. */

#include "tests/unit/wire/statistics.h"

#include <math.h>
#include <stdlib.h>

double
law_uniform (double x)
{
  return CLAMP ((x + 1) / 2, 0, 1);
}

double
law_normal (double x)
{
  return 0.5 * erfc (-x / sqrt (2));
}

double
law_pareto (double x)
{
  /* Scale m = 2/√3 moved by the mean 1.5 m. */
  double m = 2 / sqrt (3);
  double y = x + 1.5 * m;

  return y <= m ? 0 : 1 - pow (m / y, 3);
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;

  return (x > y) - (x < y);
}

double
ks_distance (double *values, gsize n, LawFunc law)
{
  double distance = 0;

  qsort (values, n, sizeof *values, compare);
  for (gsize i = 0; i < n; i++) {
    double share = law (values[i]);

    distance = MAX (distance, fabs (share - (double) i / (double) n));
    distance = MAX (distance, fabs ((double) (i + 1) / (double) n - share));
  }
  return distance;
}

double
ks_limit (gsize n)
{
  return 1.95 / sqrt ((double) n);
}

gboolean
within_binomial (double hits, double n, double probability)
{
  return fabs (hits - n * probability) <= 2.576 * sqrt (n * probability * (1 - probability)) + 0.5;
}
