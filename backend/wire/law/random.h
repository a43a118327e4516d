/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Random numbers that repeat: a stream for each (seed, name), no two alike.
 *
 * The generator is xoshiro256** (D. Blackman, S. Vigna, "Scrambled Linear Pseudorandom Number
 * Generators", ACM Transactions on Mathematical Software 47, 2021), its state filled by SplitMix64
 * (G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014) as
 * its authors advise. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint64 words[4];
} LoomWireRandom;

/* @name tells streams of one seed apart: "pc1:0 pc2:0 forward". */
void loom_wire_random_init (LoomWireRandom *self, guint64 seed, const char *name);

guint64 loom_wire_random_next (LoomWireRandom *self);
/* From 0 up to and without 1, in steps of 2^-53. */
double loom_wire_random_unit (LoomWireRandom *self);
/* TRUE with @probability (0 to 1). Draws nothing for 0 and 1. */
gboolean loom_wire_random_chance (LoomWireRandom *self, double probability);
/* Normal with mean 0 and standard deviation 1 (Box and Muller, 1958). */
double loom_wire_random_normal (LoomWireRandom *self);
/* Pareto of shape 3, moved and scaled to mean 0 and standard deviation 1: never below -0.58, long
 * above. */
double loom_wire_random_pareto (LoomWireRandom *self);
/* How many trials fail before the first that succeeds, each with @probability (above 0, at most
 * 1); at most @max. */
guint64 loom_wire_random_failures (LoomWireRandom *self, double probability, guint64 max);

G_END_DECLS
