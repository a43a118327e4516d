/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The generator against its authors' numbers, and what is drawn with it against its law. */

#include "backend/wire/law/random.h"
#include "tests/unit/wire/statistics.h"

#define N_VALUES 100000

/* The first numbers of xoshiro256** from the state 1, 2, 3, 4. */
static void
test_generator (void)
{
  static const guint64 EXPECTED[] = {11520, 0, 1509978240,
                                     G_GUINT64_CONSTANT (1215971899390074240)};
  LoomWireRandom random = {{1, 2, 3, 4}};

  for (guint i = 0; i < G_N_ELEMENTS (EXPECTED); i++)
    g_assert_cmpuint (loom_wire_random_next (&random), ==, EXPECTED[i]);
}

static void
test_streams (void)
{
  LoomWireRandom first;
  LoomWireRandom again;
  LoomWireRandom other_name;
  LoomWireRandom other_seed;
  int n_equal = 0;

  loom_wire_random_init (&first, 7, "pc1:0 pc2:0 forward");
  loom_wire_random_init (&again, 7, "pc1:0 pc2:0 forward");
  loom_wire_random_init (&other_name, 7, "pc1:0 pc2:0 backward");
  loom_wire_random_init (&other_seed, 8, "pc1:0 pc2:0 forward");
  for (int i = 0; i < 1000; i++) {
    guint64 number = loom_wire_random_next (&first);

    g_assert_cmpuint (number, ==, loom_wire_random_next (&again));
    n_equal += number == loom_wire_random_next (&other_name);
    n_equal += number == loom_wire_random_next (&other_seed);
  }
  g_assert_cmpint (n_equal, ==, 0);
}

static double
draw_uniform (LoomWireRandom *random)
{
  return 2 * loom_wire_random_unit (random) - 1;
}

static void
check_law (double (*draw) (LoomWireRandom *), LawFunc law, LawFunc other)
{
  g_autofree double *values = g_new (double, N_VALUES);
  LoomWireRandom random;

  loom_wire_random_init (&random, 1, "law");
  for (int i = 0; i < N_VALUES; i++)
    values[i] = draw (&random);
  g_test_message ("distance %.5f, limit %.5f", ks_distance (values, N_VALUES, law),
                  ks_limit (N_VALUES));
  g_assert_cmpfloat (ks_distance (values, N_VALUES, law), <, ks_limit (N_VALUES));
  /* The measure itself can fail. */
  g_assert_cmpfloat (ks_distance (values, N_VALUES, other), >, ks_limit (N_VALUES));
}

static void
test_laws (void)
{
  check_law (draw_uniform, law_uniform, law_normal);
  check_law (loom_wire_random_normal, law_normal, law_pareto);
  check_law (loom_wire_random_pareto, law_pareto, law_uniform);
}

static void
test_chance (void)
{
  static const double PROBABILITIES[] = {0.001, 0.01, 0.1, 0.5, 0.999};
  LoomWireRandom random;
  LoomWireRandom before;

  loom_wire_random_init (&random, 1, "chance");
  for (guint i = 0; i < G_N_ELEMENTS (PROBABILITIES); i++) {
    int hits = 0;

    for (int j = 0; j < N_VALUES; j++)
      hits += loom_wire_random_chance (&random, PROBABILITIES[i]);
    g_assert_true (within_binomial (hits, N_VALUES, PROBABILITIES[i]));
  }
  before = random;
  g_assert_false (loom_wire_random_chance (&random, 0));
  g_assert_true (loom_wire_random_chance (&random, 1));
  g_assert_cmpmem (&before, sizeof before, &random, sizeof random);
}

static void
test_failures (void)
{
  LoomWireRandom random;
  double sum = 0;

  loom_wire_random_init (&random, 1, "failures");
  for (int i = 0; i < N_VALUES; i++)
    sum += (double) loom_wire_random_failures (&random, 0.01, G_MAXUINT64);
  /* Mean (1 - p) / p = 99, standard deviation of the mean of so many 0.31. */
  g_assert_cmpfloat_with_epsilon (sum / N_VALUES, 99, 1);
  g_assert_cmpuint (loom_wire_random_failures (&random, 1, 10), ==, 0);
  g_assert_cmpuint (loom_wire_random_failures (&random, 1e-300, 10), ==, 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/random/generator", test_generator);
  g_test_add_func ("/random/streams", test_streams);
  g_test_add_func ("/random/laws", test_laws);
  g_test_add_func ("/random/chance", test_chance);
  g_test_add_func ("/random/failures", test_failures);
  return g_test_run ();
}
