/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whether the processes of a switch answer, and what to do with one that does not. */

#include "backend/ovs/switch-parts.h"

#include "backend/proto/pulse.h"

#include <signal.h>

static void
on_echo_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (loom_ovsdb_client_echo_finish (LOOM_OVSDB_CLIENT (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_stats_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GArray) stats = NULL;
  GError *error = NULL;

  stats = loom_openflow_client_port_stats_finish (LOOM_OPENFLOW_CLIENT (source), result, &error);
  if (stats != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
loom_switch_parts_ping (LoomSwitchParts *parts, LoomSwitchPart part, GTask *task)
{
  if (part == LOOM_SWITCH_PART_DATABASE)
    loom_ovsdb_client_echo_async (parts->ovsdb, NULL, on_echo_ready, task);
  else
    loom_openflow_client_port_stats_async (parts->panel, NULL, on_stats_ready, task);
}

void
loom_switch_parts_wake (LoomSwitchParts *parts, LoomSwitchPart part)
{
  LoomDaemon *daemon = part == LOOM_SWITCH_PART_DATABASE ? parts->database : parts->vswitchd;

  if (!loom_daemon_is_running (daemon))
    return;
  /* Our child, or found by its pid file and held by a pidfd: the number is still its own. */
  if (loom_process_is_stopped (loom_daemon_get_pid (daemon)))
    kill (loom_daemon_get_pid (daemon), SIGCONT);
  else
    loom_daemon_end (daemon, 0);
}
