/* SPDX-License-Identifier: GPL-3.0-or-later */

/* /proc/pid/stat. */

#include "backend/engine/process.h"

#include <gio/gio.h>
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
  g_assert_false (loom_process_parse (
      "42 (dead) Z 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 1 0 77 0 0 0 0 0", 4, 100, &kib,
      &ms));
  /* Killed: its memory is gone, and it is not a zombie yet. */
  g_assert_false (loom_process_parse (
      "42 (dying) R 1 42 42 0 -1 4194564 100 0 0 0 250 50 0 0 20 0 1 0 77 0 0 0 0 0", 4, 100, &kib,
      &ms));
  /* All of it swapped out. */
  g_assert_true (loom_process_parse (
      "42 (away) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 1 0 77 1000000 0 0 0 0", 4, 100,
      &kib, &ms));
  g_assert_cmpuint (kib, ==, 0);
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

static void
test_find (void)
{
  g_autofree char *text = g_strdup_printf ("needle-%d-%u", getpid (), g_random_int ());
  const char *argv[] = {"sh", "-c", "read line", text, NULL};
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) child = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDIN_PIPE, &error);

  g_assert_no_error (error);
  g_autoptr (GArray) pids = loom_process_find (text);
  for (int tries = 0; pids->len == 0 && tries < 500; tries++) {
    g_array_unref (pids);
    g_usleep (2000); /* until it has become sh */
    pids = loom_process_find (text);
  }
  g_assert_cmpuint (pids->len, ==, 1);
  g_autofree char *pid = g_strdup_printf ("%u", g_array_index (pids, guint, 0));
  g_assert_cmpstr (pid, ==, g_subprocess_get_identifier (child));
  g_subprocess_force_exit (child);
  g_assert_true (g_subprocess_wait (child, NULL, &error));
  g_autoptr (GArray) none = loom_process_find (text);
  g_assert_cmpuint (none->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/process/parse", test_parse);
  g_test_add_func ("/process/own", test_own);
  g_test_add_func ("/process/find", test_find);
  return g_test_run ();
}
