/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See random.h for where the generator comes from. */

#include "backend/wire/law/random.h"

#include <math.h>

/* Fowler, Noll and Vo's hash FNV-1a of 64 bits: spreads names over seeds. */
#define FNV_OFFSET G_GUINT64_CONSTANT (14695981039346656037)
#define FNV_PRIME G_GUINT64_CONSTANT (1099511628211)

static guint64
hash_name (const char *name)
{
  guint64 hash = FNV_OFFSET;

  for (const char *c = name; *c != '\0'; c++)
    hash = (hash ^ (guint8) *c) * FNV_PRIME;
  return hash;
}

/* SplitMix64. */
static guint64
split (guint64 *state)
{
  guint64 z = *state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static inline guint64
rotate (guint64 x, int bits)
{
  return (x << bits) | (x >> (64 - bits));
}

void
loom_wire_random_init (LoomWireRandom *self, guint64 seed, const char *name)
{
  guint64 state = seed;

  /* Mixed once before the name joins, or neighbouring seeds and names could cancel out. */
  state = split (&state) ^ hash_name (name);
  for (guint i = 0; i < G_N_ELEMENTS (self->words); i++)
    self->words[i] = split (&state);
}

guint64
loom_wire_random_next (LoomWireRandom *self)
{
  guint64 *s = self->words;
  guint64 result = rotate (s[1] * 5, 7) * 9;
  guint64 t = s[1] << 17;

  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate (s[3], 45);
  return result;
}

double
loom_wire_random_unit (LoomWireRandom *self)
{
  return (double) (loom_wire_random_next (self) >> 11) * 0x1p-53;
}

gboolean
loom_wire_random_chance (LoomWireRandom *self, double probability)
{
  if (probability <= 0)
    return FALSE;
  return probability >= 1 || loom_wire_random_unit (self) < probability;
}

double
loom_wire_random_normal (LoomWireRandom *self)
{
  /* 1 - unit is never 0, whose logarithm there is none of. */
  double radius = sqrt (-2 * log (1 - loom_wire_random_unit (self)));

  return radius * cos (2 * G_PI * loom_wire_random_unit (self));
}

double
loom_wire_random_pareto (LoomWireRandom *self)
{
  /* Shape 3 and scale m: mean 1.5 m, variance 0.75 m². */
  const double scale = 2 / sqrt (3);

  return scale * (1 / cbrt (1 - loom_wire_random_unit (self)) - 1.5);
}

guint64
loom_wire_random_failures (LoomWireRandom *self, double probability, guint64 max)
{
  double failures;

  if (probability >= 1)
    return 0;
  failures = floor (log (1 - loom_wire_random_unit (self)) / log1p (-probability));
  return failures < (double) max ? (guint64) failures : max;
}
