/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The backoff as a transcript: what is reported at which time, and what it says and waits for. */

#include "backend/proto/backoff.h"

static const char *const ACTIONS[] = {"nothing", "connect", "probe", "disconnect"};
static const char *const STATES[] = {"waiting", "connecting", "active", "probing"};

/* "run 0", "connected 5", "received 7", "failed 9": each line of the transcript. */
static void
step (LoomBackoff *backoff, const char *event, gint64 now_us, GString *transcript)
{
  const char *action = "";
  gint64 deadline_us;

  if (g_str_equal (event, "run"))
    action = ACTIONS[loom_backoff_run (backoff, now_us)];
  else if (g_str_equal (event, "connected"))
    loom_backoff_connected (backoff, now_us);
  else if (g_str_equal (event, "received"))
    loom_backoff_received (backoff, now_us);
  else
    loom_backoff_failed (backoff, now_us);
  deadline_us = loom_backoff_get_deadline (backoff);
  g_string_append_printf (transcript, "%d %s%s%s: %s until %d\n", (int) now_us, event,
                          *action != '\0' ? " " : "", action,
                          STATES[loom_backoff_get_state (backoff)],
                          deadline_us == G_MAXINT64 ? -1 : (int) deadline_us);
}

static void
test_transcript (void)
{
  static const struct {
    const char *event;
    gint64 now_us;
  } EVENTS[] = {
      {"run", 0},   {"failed", 1},     {"run", 5},        {"run", 11},     {"run", 61},
      {"run", 81},  {"connected", 82}, {"received", 100}, {"run", 200},    {"received", 210},
      {"run", 310}, {"run", 410},      {"run", 420},      {"failed", 421}, {"failed", 422},
  };
  g_autoptr (GString) transcript = g_string_new (NULL);
  LoomBackoff backoff;

  loom_backoff_init (&backoff, 10, 40, 50, 100, 0);
  for (guint i = 0; i < G_N_ELEMENTS (EVENTS); i++)
    step (&backoff, EVENTS[i].event, EVENTS[i].now_us, transcript);
  g_assert_cmpstr (transcript->str, ==,
                   "0 run connect: connecting until 50\n"
                   "1 failed: waiting until 11\n"
                   "5 run nothing: waiting until 11\n"
                   "11 run connect: connecting until 61\n"
                   "61 run disconnect: waiting until 81\n"
                   "81 run connect: connecting until 131\n"
                   "82 connected: active until 182\n"
                   "100 received: active until 200\n"
                   "200 run probe: probing until 300\n"
                   "210 received: active until 310\n"
                   "310 run probe: probing until 410\n"
                   "410 run disconnect: waiting until 420\n"
                   "420 run connect: connecting until 470\n"
                   "421 failed: waiting until 441\n"
                   "422 failed: waiting until 441\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/backoff/transcript", test_transcript);
  return g_test_run ();
}
