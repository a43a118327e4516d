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

/* Says that it has begun, and exits with the tenths of a second that a timeout of 2 s took. */
static void __attribute__ ((noreturn)) wait_in_child (int begun_fd)
{
  GMainLoop *loop = g_main_loop_new (NULL, FALSE);
  gint64 begin_us = g_get_monotonic_time ();

  loom_awake_timeout_add (2, on_timeout, loop);
  if (write (begun_fd, "", 1) != 1)
    _exit (0);
  g_main_loop_run (loop);
  _exit ((int) ((g_get_monotonic_time () - begin_us) / 100000));
}

static pid_t
begin_child (void)
{
  int fds[2];
  char begun;
  pid_t pid;

  g_assert_cmpint (pipe (fds), ==, 0);
  pid = fork ();
  if (pid == 0)
    wait_in_child (fds[1]);
  g_assert_cmpint (pid, >, 0);
  g_assert_cmpint (read (fds[0], &begun, 1), ==, 1);
  close (fds[0]);
  close (fds[1]);
  return pid;
}

static int
end_child (pid_t pid)
{
  int status;

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

static void
test_awake (void)
{
  g_assert_cmpint (end_child (begin_child ()), >=, 20);
}

/* On a busy computer the child may be through before it can be stopped: then another is. */
static pid_t
begin_stopped_child (void)
{
  pid_t pid = begin_child ();
  int status;

  g_assert_cmpint (kill (pid, SIGSTOP), ==, 0);
  g_assert_cmpint (waitpid (pid, &status, WUNTRACED), ==, pid);
  return WIFSTOPPED (status) ? pid : begin_stopped_child ();
}

static void
test_stopped (void)
{
  pid_t pid = begin_stopped_child ();

  g_usleep (STOPPED_MS * 1000);
  g_assert_cmpint (kill (pid, SIGCONT), ==, 0);
  /* One second for the whole pause, and another; however long it ran before. */
  g_assert_cmpint (end_child (pid), >=, STOPPED_MS / 100 + 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/awake/awake", test_awake);
  g_test_add_func ("/awake/stopped", test_stopped);
  return g_test_run ();
}
