/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whether numbers follow a law. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A distribution's share of values up to @x. */
typedef double (*LawFunc) (double x);

double law_uniform (double x); /* on -1 to 1 */
double law_normal (double x);  /* mean 0, standard deviation 1 */
double law_pareto (double x);  /* shape 3, mean 0, standard deviation 1 */

/* The largest distance between the shares of @values (they are sorted) and of @law: Kolmogorov and
 * Smirnov's statistic. */
double ks_distance (double *values, gsize n, LawFunc law);
/* The distance that values of the law exceed once in a thousand times (for large @n). */
double ks_limit (gsize n);

/* Whether @hits of @n trials with @probability are within the interval that holds 99 % of all such
 * counts, by the normal approximation. */
gboolean within_binomial (double hits, double n, double probability);

G_END_DECLS
