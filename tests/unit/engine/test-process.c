/* SPDX-License-Identifier: GPL-3.0-or-later */

/* /proc/pid/stat. */

#include "backend/engine/process.h"

#include <unistd.h>

static void
test_parse (void)
{
  guint64 kib, ms;

  /* A name that tries to be fields. */
  g_assert_true (loom_process_parse (
      "42 (a) b (c 1 2 3) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 1 0 77 1000000 300 "
      "18446744073709551615 1 1",
      4, 100, &kib, &ms));
  g_assert_cmpuint (kib, ==, 1200);
  g_assert_cmpuint (ms, ==, 3000);
  g_assert_false (loom_process_parse ("", 4, 100, &kib, &ms));
  g_assert_false (loom_process_parse ("42 (a) S 1 2", 4, 100, &kib, &ms));
}

static void
test_own (void)
{
  guint64 kib = 0, ms = 0;

  g_assert_true (loom_process_read ((guint) getpid (), &kib, &ms));
  g_assert_cmpuint (kib, >, 100);
  g_assert_false (loom_process_read (0, &kib, &ms));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/process/parse", test_parse);
  g_test_add_func ("/process/own", test_own);
  return g_test_run ();
}
