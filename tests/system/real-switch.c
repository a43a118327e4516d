/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See real-switch.h. */

#include "tests/system/real-switch.h"

#include <signal.h>

#include "tests/system/inside.h"

/* A switch that starts on a busy machine takes the longest of all. */
#define CALL_MS 60000

gboolean
real_switch_enter (char **argv, int *ret_status)
{
  g_auto (GStrv) missing = loom_switch_check_host ();

  if (missing[0] != NULL) {
    g_print ("1..0 # SKIP %s\n", missing[0]);
    *ret_status = 0;
    return FALSE;
  }
  return inside_enter (argv, ret_status);
}

static gboolean
on_tick (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

gboolean
real_switch_wait (RealSwitchCondition condition, gpointer data, int timeout_ms)
{
  gint64 deadline_us = g_get_monotonic_time () + timeout_ms * 1000;
  guint tick_id = g_timeout_add (2, on_tick, NULL);
  gboolean holds;

  while (!(holds = condition (data)) && g_get_monotonic_time () < deadline_us)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (tick_id);
  return holds;
}

void
real_switch_on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

gboolean
real_switch_has_result (gpointer slot)
{
  return *(GAsyncResult **) slot != NULL;
}

void
real_switch_run (LoomSwitch *self, RealSwitchStart start, RealSwitchFinish finish)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  start (self, NULL, real_switch_on_ready, &result);
  g_assert_true (real_switch_wait (real_switch_has_result, &result, CALL_MS));
  finish (self, result, &error);
  g_assert_no_error (error);
}

void
real_switch_update (LoomSwitch *self, LoomFabric *fabric)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  loom_switch_update_async (self, fabric, NULL, real_switch_on_ready, &result);
  g_assert_true (real_switch_wait (real_switch_has_result, &result, CALL_MS));
  loom_switch_update_finish (self, result, &error);
  g_assert_no_error (error);
}

pid_t
real_switch_find_process (LoomSwitch *self, const char *role)
{
  g_autoptr (GArray) processes = loom_switch_list_processes (self);

  for (guint i = 0; i < processes->len; i++) {
    const LoomSwitchProcess *process = &g_array_index (processes, LoomSwitchProcess, i);

    if (g_str_equal (process->role, role))
      return process->pid;
  }
  return 0;
}

void
real_switch_kill (LoomSwitch *self, const char *role)
{
  pid_t pid = real_switch_find_process (self, role);

  /* 0 would be all of us. */
  g_assert_cmpint (pid, >, 0);
  g_assert_no_errno (kill (pid, SIGKILL));
}
