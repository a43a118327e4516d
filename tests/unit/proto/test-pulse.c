/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who does not answer is late, once; who was asleep ourselves accuses nobody. */

#include "backend/proto/pulse.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define S G_USEC_PER_SEC
#define T0 (1000 * S)

static void
test_answers (void)
{
  LoomPulse pulse = {0};

  for (int i = 0; i < 20; i += 2) {
    g_assert_cmpint (loom_pulse_tick (&pulse, T0 + i * S), ==, LOOM_PULSE_ASK);
    g_assert_false (loom_pulse_answer (&pulse));
  }
}

static void
test_late (void)
{
  LoomPulse pulse = {0};

  g_assert_cmpint (loom_pulse_tick (&pulse, T0), ==, LOOM_PULSE_ASK);
  g_assert_cmpint (loom_pulse_tick (&pulse, T0 + 2 * S), ==, LOOM_PULSE_WAIT);
  g_assert_cmpint (loom_pulse_tick (&pulse, T0 + 4 * S), ==, LOOM_PULSE_WAIT);
  g_assert_cmpint (loom_pulse_tick (&pulse, T0 + 6 * S), ==, LOOM_PULSE_LATE);
  g_assert_cmpint (loom_pulse_tick (&pulse, T0 + 8 * S), ==, LOOM_PULSE_WAIT);
  /* The connection gave the question up: it is asked again, and nobody has answered yet. */
  loom_pulse_drop (&pulse);
  g_assert_cmpint (loom_pulse_tick (&pulse, T0 + 10 * S), ==, LOOM_PULSE_ASK);
  g_assert_cmpint (loom_pulse_tick (&pulse, T0 + 12 * S), ==, LOOM_PULSE_WAIT);
  g_assert_true (pulse.is_late);
  g_assert_true (loom_pulse_answer (&pulse));
  g_assert_false (pulse.is_late);
  g_assert_cmpint (loom_pulse_tick (&pulse, T0 + 14 * S), ==, LOOM_PULSE_ASK);
}

static void
test_own_sleep (void)
{
  LoomPulse pulse = {0};

  g_assert_cmpint (loom_pulse_tick (&pulse, T0), ==, LOOM_PULSE_ASK);
  g_assert_cmpint (loom_pulse_tick (&pulse, T0 + 30 * S), ==, LOOM_PULSE_WAIT);
  g_assert_cmpint (loom_pulse_tick (&pulse, T0 + 32 * S), ==, LOOM_PULSE_WAIT);
  g_assert_cmpint (loom_pulse_tick (&pulse, T0 + 34 * S), ==, LOOM_PULSE_WAIT);
  g_assert_cmpint (loom_pulse_tick (&pulse, T0 + 36 * S), ==, LOOM_PULSE_LATE);
}

static void
test_stopped (void)
{
  pid_t pid = fork ();
  int status;

  if (pid == 0) {
    for (;;)
      pause ();
  }
  g_assert_cmpint (pid, >, 0);
  g_assert_false (loom_process_is_stopped (pid));
  g_assert_cmpint (kill (pid, SIGSTOP), ==, 0);
  g_assert_cmpint (waitpid (pid, &status, WUNTRACED), ==, pid);
  g_assert_true (loom_process_is_stopped (pid));
  kill (pid, SIGKILL);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_false (loom_process_is_stopped (pid));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pulse/answers", test_answers);
  g_test_add_func ("/pulse/late", test_late);
  g_test_add_func ("/pulse/own-sleep", test_own_sleep);
  g_test_add_func ("/pulse/stopped", test_stopped);
  return g_test_run ();
}
