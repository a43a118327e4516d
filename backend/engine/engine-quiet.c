/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lets the switch sleep as deep as the lab is quiet. Looked at once a second; what wakes it (an
 * order to a machine, a new fabric) does so at once. */

#include "backend/engine/engine-private.h"

#include "backend/engine/quiet.h"

#define POWER_FOLDER "/sys/class/power_supply"
/* A machine that was told to go on has a moment to say so. */
#define WAKE_US (2 * G_USEC_PER_SEC)
#define BATTERY_PERIOD_US (10 * G_USEC_PER_SEC)

static void
count_machines (LoomEngine *self, guint *ret_n_running, guint *ret_n_paused)
{
  GHashTableIter iter;
  gpointer machine;

  *ret_n_running = 0;
  *ret_n_paused = 0;
  g_hash_table_iter_init (&iter, self->machines);
  while (g_hash_table_iter_next (&iter, NULL, &machine)) {
    LoomNodeState state = loom_machine_get_state (machine);

    *ret_n_paused += state == LOOM_NODE_PAUSED ? 1 : 0;
    *ret_n_running += state != LOOM_NODE_OFF && state != LOOM_NODE_FAILED ? 1 : 0;
  }
}

static void
set_depth (LoomEngine *self, LoomQuiet depth)
{
  if (self->quiet == depth || !loom_panel_is_up (self->panel))
    return;
  g_message ("switch: %s", depth == LOOM_QUIET_ASLEEP   ? "sleeps"
                           : depth == LOOM_QUIET_DROWSY ? "naps longer"
                                                        : "is awake");
  self->quiet = depth;
  loom_panel_set_asleep (self->panel, depth == LOOM_QUIET_ASLEEP);
  if (depth != LOOM_QUIET_ASLEEP)
    loom_switch_set_sleep (loom_panel_get_switch (self->panel), loom_quiet_get_sleep_us (depth));
}

void
loom_engine_wake_switch (LoomEngine *self)
{
  self->woken_us = g_get_monotonic_time ();
  set_depth (self, LOOM_QUIET_AWAKE);
}

gboolean
loom_engine_is_switch_asleep (LoomEngine *self)
{
  return self->quiet == LOOM_QUIET_ASLEEP;
}

void
loom_engine_forget_quiet (LoomEngine *self)
{
  self->quiet = LOOM_QUIET_UNKNOWN;
}

void
loom_engine_step_quiet (LoomEngine *self)
{
  gint64 now_us = g_get_monotonic_time ();
  guint n_running, n_paused;

  if (!loom_panel_is_idle (self->panel) || self->fabric_dirty || now_us - self->woken_us < WAKE_US)
    return;
  if (now_us - self->battery_read_us > BATTERY_PERIOD_US) {
    self->battery_read_us = now_us;
    self->on_battery = loom_quiet_read_battery (POWER_FOLDER);
  }
  count_machines (self, &n_running, &n_paused);
  set_depth (self,
             loom_quiet_choose (n_running, n_paused, self->on_battery, now_us - self->moved_us));
}

void
loom_engine_note_frames (LoomEngine *self, GHashTable *counters)
{
  guint64 n_frames = 0;
  GHashTableIter iter;
  gpointer port;

  g_hash_table_iter_init (&iter, counters);
  while (g_hash_table_iter_next (&iter, NULL, &port))
    n_frames += ((const LoomPortCounters *) port)->rx_frames;
  if (n_frames == self->n_frames)
    return;
  self->n_frames = n_frames;
  self->moved_us = g_get_monotonic_time ();
  if (self->quiet == LOOM_QUIET_DROWSY)
    set_depth (self, LOOM_QUIET_AWAKE);
}
