/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A process that is stopped does not lose its patience meanwhile. */

#include "backend/proto/awake.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define STOPPED_MS 3000

static gboolean
on_timeout (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

/* Exits with the tenths of a second that a timeout of 2 s took. */
static void __attribute__ ((noreturn)) wait_in_child (void)
{
  GMainLoop *loop = g_main_loop_new (NULL, FALSE);
  gint64 begin_us = g_get_monotonic_time ();

  loom_awake_timeout_add (2, on_timeout, loop);
  g_main_loop_run (loop);
  _exit ((int) ((g_get_monotonic_time () - begin_us) / 100000));
}

static int
measure_child (gboolean stop)
{
  pid_t pid = fork ();
  int status;

  if (pid == 0)
    wait_in_child ();
  g_assert_cmpint (pid, >, 0);
  if (stop) {
    g_usleep (200 * 1000);
    g_assert_cmpint (kill (pid, SIGSTOP), ==, 0);
    g_usleep (STOPPED_MS * 1000);
    g_assert_cmpint (kill (pid, SIGCONT), ==, 0);
  }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

static void
test_awake (void)
{
  g_assert_cmpint (measure_child (FALSE), >=, 20);
}

static void
test_stopped (void)
{
  /* One tick for the whole pause, and a second for the other. */
  g_assert_cmpint (measure_child (TRUE), >=, 2 + STOPPED_MS / 100 + 9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/awake/awake", test_awake);
  g_test_add_func ("/awake/stopped", test_stopped);
  return g_test_run ();
}
