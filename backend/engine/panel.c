/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Keeps the lab's switch up. A switch that dies is restarted at once; one that dies MAX_RESTARTS
 * times within a minute stays down until somebody asks. Guests never notice but by lost frames:
 * QEMU serves the sockets and the new switch connects to them. */

#include "backend/engine/panel.h"

#include "backend/proto/pulse.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_RESTARTS 6
#define RESTART_WINDOW_US (60 * G_USEC_PER_SEC)
/* The first restart comes at once, the others after a pause that doubles. */
#define RESTART_PAUSE_MS 50

struct _LoomPanel {
  GObject parent;
  LoomSwitch *ovs;
  gboolean busy;     /* coming up */
  gboolean updating; /* a fabric is under way */
  char *failure;
  guint restart_id;
  guint n_restarts;
  gint64 window_began_us;
  LoomPulse pulses[LOOM_SWITCH_N_PARTS];
  gboolean asleep;      /* ovs-vswitchd is held, by us */
  gint64 late_since_us; /* 0: all parts answer */
};

G_DEFINE_FINAL_TYPE (LoomPanel, loom_panel, G_TYPE_OBJECT)

enum {
  SIGNAL_CHANGED,
  SIGNAL_MESSAGE,
  SIGNAL_PULSE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
say (LoomPanel *self, const char *severity, const char *text)
{
  g_message ("switch: %s", text);
  g_signal_emit (self, signals[SIGNAL_MESSAGE], 0, severity, text);
}

static void try_again (LoomPanel *self, const GError *error);

/* The switch came up, or not: what ended while it started is started again, like what ends later.
 */
static void
settle (LoomPanel *self, const GError *error)
{
  self->busy = FALSE;
  g_clear_pointer (&self->failure, g_free);
  if (g_error_matches (error, LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_GONE)) {
    try_again (self, error);
    g_object_unref (self);
    return;
  }
  if (error != NULL) {
    self->failure = g_strdup (error->message);
    say (self, "error", error->message);
  }
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  g_object_unref (self);
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  loom_switch_start_finish (LOOM_SWITCH (source), result, &error);
  settle (user_data, error);
}

static void
on_attached (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LoomPanel *self = user_data;
  g_autoptr (GError) error = NULL;

  if (loom_switch_attach_finish (LOOM_SWITCH (source), result, &error)) {
    settle (self, NULL);
    return;
  }
  g_message ("switch: nothing to attach to (%s): starting", error->message);
  loom_switch_start_async (self->ovs, NULL, on_started, self);
}

static void
on_restarted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomPanel) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean done = loom_switch_restart_finish (LOOM_SWITCH (source), result, &error);

  self->busy = FALSE;
  if (done) {
    g_clear_pointer (&self->failure, g_free);
    say (self, "info", _ ("Open vSwitch runs again."));
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  } else {
    try_again (self, error);
  }
}

static void
bring_up (LoomPanel *self)
{
  if (self->busy)
    return;
  self->busy = TRUE;
  g_object_ref (self);
  if (loom_switch_get_state (self->ovs) == LOOM_SWITCH_FAILED)
    loom_switch_restart_async (self->ovs, NULL, on_restarted, self);
  else
    loom_switch_start_async (self->ovs, NULL, on_started, self);
}

static gboolean
on_restart_due (gpointer user_data)
{
  LoomPanel *self = user_data;

  self->restart_id = 0;
  bring_up (self);
  return G_SOURCE_REMOVE;
}

/* It died, or did not come up again: the next attempt, unless there were too many. */
static void
try_again (LoomPanel *self, const GError *error)
{
  gint64 now_us = g_get_monotonic_time ();

  if (now_us - self->window_began_us > RESTART_WINDOW_US) {
    self->window_began_us = now_us;
    self->n_restarts = 0;
  }
  g_free (self->failure);
  self->failure = NULL;
  if (++self->n_restarts > MAX_RESTARTS) {
    self->failure = g_strdup_printf (_ ("Open vSwitch ended again and again: %s Repair the lab to "
                                        "try once more."),
                                     error->message);
    say (self, "error", self->failure);
  } else {
    say (self, "warning", error->message);
    if (self->restart_id == 0)
      self->restart_id = g_timeout_add (
          self->n_restarts == 1 ? 0 : RESTART_PAUSE_MS << (self->n_restarts - 2), on_restart_due,
          self);
  }
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
on_failed (LoomSwitch *ovs, GError *error, gpointer user_data)
{
  try_again (user_data, error);
}

static void
loom_panel_dispose (GObject *object)
{
  LoomPanel *self = LOOM_PANEL (object);

  g_clear_handle_id (&self->restart_id, g_source_remove);
  g_clear_object (&self->ovs);
  G_OBJECT_CLASS (loom_panel_parent_class)->dispose (object);
}

static void
loom_panel_finalize (GObject *object)
{
  g_free (LOOM_PANEL (object)->failure);
  G_OBJECT_CLASS (loom_panel_parent_class)->finalize (object);
}

static void
loom_panel_class_init (LoomPanelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = loom_panel_dispose;
  G_OBJECT_CLASS (klass)->finalize = loom_panel_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", LOOM_TYPE_PANEL, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_MESSAGE] = g_signal_new ("message", LOOM_TYPE_PANEL, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  signals[SIGNAL_PULSE] = g_signal_new ("pulse-changed", LOOM_TYPE_PANEL, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
loom_panel_init (LoomPanel *self)
{
}

LoomPanel *
loom_panel_new (const char *runtime_folder, gboolean adopt, guint n_nics)
{
  LoomPanel *self = g_object_new (LOOM_TYPE_PANEL, NULL);
  LoomSwitchOptions options;

  loom_switch_options_init (&options, n_nics,
                            loom_switch_read_free_hugepages_mib (LOOM_SWITCH_SYS));
  self->ovs = loom_switch_new (runtime_folder, &options);
  g_signal_connect_object (self->ovs, "failed", G_CALLBACK (on_failed), self, 0);
  if (adopt) {
    self->busy = TRUE;
    loom_switch_attach_async (self->ovs, NULL, on_attached, g_object_ref (self));
  } else {
    bring_up (self);
  }
  return self;
}

gboolean
loom_panel_is_up (LoomPanel *self)
{
  return !self->busy && loom_switch_get_state (self->ovs) == LOOM_SWITCH_RUNNING;
}

gboolean
loom_panel_is_idle (LoomPanel *self)
{
  return loom_panel_is_up (self) && !self->updating;
}

const char *
loom_panel_get_failure (LoomPanel *self)
{
  return self->failure;
}

void
loom_panel_retry (LoomPanel *self)
{
  if (self->failure == NULL)
    return;
  g_clear_pointer (&self->failure, g_free);
  self->n_restarts = 0;
  bring_up (self);
}

/* --- whether it answers ---------------------------------------------------------------------- */

typedef struct {
  LoomPanel *panel;
  LoomSwitchPart part;
} Ping;

/* A part went silent, or speaks again. */
static void
note_pulse (LoomPanel *self, gint64 since_us)
{
  gboolean is_late = FALSE;

  for (int i = 0; i < LOOM_SWITCH_N_PARTS; i++)
    is_late |= self->pulses[i].is_late;
  if (!is_late)
    self->late_since_us = 0;
  else if (self->late_since_us == 0)
    self->late_since_us = since_us;
  g_signal_emit (self, signals[SIGNAL_PULSE], 0);
}

static void
on_pinged (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Ping *ping = user_data;
  g_autoptr (LoomPanel) self = ping->panel;

  if (!loom_switch_ping_finish (LOOM_SWITCH (source), result, NULL))
    loom_pulse_drop (&self->pulses[ping->part]);
  else if (loom_pulse_answer (&self->pulses[ping->part]))
    note_pulse (self, 0);
}

static void
ask (LoomPanel *self, LoomSwitchPart part)
{
  Ping *ping = g_new0 (Ping, 1);

  ping->panel = g_object_ref (self);
  ping->part = part;
  loom_switch_ping_async (self->ovs, part, NULL, on_pinged, ping);
}

void
loom_panel_tick (LoomPanel *self, gint64 now_us)
{
  if (!loom_panel_is_up (self)) {
    /* Dead or coming up, which is told otherwise. */
    gboolean was_late = self->late_since_us != 0;

    self->asleep = FALSE;
    memset (self->pulses, 0, sizeof self->pulses);
    if (was_late)
      note_pulse (self, 0);
    return;
  }
  for (int i = 0; i < LOOM_SWITCH_N_PARTS; i++) {
    if (self->asleep && i == LOOM_SWITCH_PART_VSWITCHD)
      continue;
    switch (loom_pulse_tick (&self->pulses[i], now_us)) {
    case LOOM_PULSE_ASK:
      ask (self, i);
      break;
    case LOOM_PULSE_LATE:
      note_pulse (self, self->pulses[i].asked_us);
      break;
    case LOOM_PULSE_WAIT:
      break;
    }
  }
}

void
loom_panel_set_asleep (LoomPanel *self, gboolean asleep)
{
  LoomPulse *pulse = &self->pulses[LOOM_SWITCH_PART_VSWITCHD];
  gboolean was_late = pulse->is_late;

  self->asleep = asleep;
  loom_switch_set_asleep (self->ovs, asleep);
  memset (pulse, 0, sizeof *pulse);
  if (was_late)
    note_pulse (self, 0);
}

gint64
loom_panel_get_late_since_us (LoomPanel *self)
{
  return self->late_since_us;
}

char *
loom_panel_dup_hang (LoomPanel *self)
{
  if (self->pulses[LOOM_SWITCH_PART_VSWITCHD].is_late)
    return g_strdup_printf (_ ("Open vSwitch has not answered for %d s: cables may carry nothing. "
                               "It goes on by itself when it answers; Repair brings it back."),
                            LOOM_PULSE_PATIENCE_S);
  if (self->pulses[LOOM_SWITCH_PART_DATABASE].is_late)
    return g_strdup_printf (
        _ ("The database of Open vSwitch has not answered for %d s: cables carry "
           "on, and changes wait. It goes on by itself when it answers; Repair "
           "brings it back."),
        LOOM_PULSE_PATIENCE_S);
  return NULL;
}

void
loom_panel_wake (LoomPanel *self)
{
  for (int i = 0; i < LOOM_SWITCH_N_PARTS; i++)
    if (self->pulses[i].is_late)
      loom_switch_wake (self->ovs, i);
}

LoomSwitch *
loom_panel_get_switch (LoomPanel *self)
{
  return self->ovs;
}

static void
on_updated (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LoomPanel *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;

  self->updating = FALSE;
  if (loom_switch_update_finish (LOOM_SWITCH (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
loom_panel_update_async (LoomPanel *self, LoomFabric *fabric, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, loom_panel_update_async);
  self->updating = TRUE;
  loom_switch_update_async (self->ovs, fabric, NULL, on_updated, task);
}

gboolean
loom_panel_update_finish (LoomPanel *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
