/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a machine is, for people and for the engine. */

#include "backend/engine/machine-private.h"

#include <glib/gi18n-lib.h>

/* What takes longer to boot does not keep others from starting: it may never be ready. */
#define MAX_BOOT_US (20 * G_USEC_PER_SEC)

gboolean
loom_machine_is_running (LoomMachine *self)
{
  switch (self->guest != NULL ? loom_guest_get_state (self->guest) : LOOM_GUEST_OFF) {
  case LOOM_GUEST_BOOTING:
  case LOOM_GUEST_READY:
  case LOOM_GUEST_PAUSED:
    return TRUE;
  default:
    return FALSE;
  }
}

/* Others have to be ready first. */
static gboolean
is_waiting (LoomMachine *self)
{
  return self->waiting != NULL && self->powered && !self->starting && !self->adopt;
}

static LoomNodeState
compute_state (LoomMachine *self)
{
  LoomGuestState state = self->guest != NULL ? loom_guest_get_state (self->guest) : LOOM_GUEST_OFF;

  if (self->removed)
    return LOOM_NODE_STOPPING;
  if (self->failure != NULL)
    return LOOM_NODE_FAILED;
  switch (state) {
  case LOOM_GUEST_OFF:
  case LOOM_GUEST_FAILED: /* somebody asked to try again: see failure above */
    if (!self->powered)
      return LOOM_NODE_OFF;
    return is_waiting (self) ? self->waiting_state : LOOM_NODE_PREPARING;
  case LOOM_GUEST_PREPARING:
    return LOOM_NODE_PREPARING;
  case LOOM_GUEST_BOOTING:
    return LOOM_NODE_BOOTING;
  case LOOM_GUEST_READY:
    return LOOM_NODE_READY;
  case LOOM_GUEST_PAUSED:
    return LOOM_NODE_PAUSED;
  case LOOM_GUEST_STOPPING:
    return LOOM_NODE_STOPPING;
  }
  g_return_val_if_reached (LOOM_NODE_FAILED);
}

static char *
compute_detail (LoomMachine *self)
{
  gboolean has_words = self->guest != NULL
                       && loom_guest_get_state (self->guest) != LOOM_GUEST_FAILED;
  const char *detail = has_words ? loom_guest_get_detail (self->guest) : NULL;

  if (self->removed)
    return g_strdup ("");
  if (self->failure != NULL)
    return g_strdup (self->failure);
  if (loom_machine_is_late (self))
    return g_strdup_printf (_ ("%s has not answered for %d s: its QEMU hangs, or this computer is "
                               "very busy. It goes on by itself when it answers; Repair brings it "
                               "back."),
                            self->wanted->name, LOOM_PULSE_PATIENCE_S);
  if (self->trouble != NULL)
    return g_strdup (self->trouble);
  if (loom_machine_is_running (self)
      && (loom_guest_spec_needs_restart (loom_guest_get_spec (self->guest), self->wanted)
          || g_strcmp0 (self->wanted->image, self->running_image) != 0))
    return g_strdup_printf (_ ("Some changes take effect after a restart of %s."),
                            self->wanted->name);
  if (is_waiting (self) && !loom_machine_is_running (self))
    return g_strdup (self->waiting);
  if (detail == NULL && compute_state (self) == LOOM_NODE_PREPARING
      && self->n_connected < self->n_ports)
    return g_strdup (_ ("Waits for its ports at the switch."));
  return g_strdup (detail != NULL ? detail : "");
}

void
loom_machine_report (LoomMachine *self)
{
  LoomNodeState state = compute_state (self);
  g_autofree char *detail = compute_detail (self);
  double progress = self->guest != NULL ? loom_guest_get_progress (self->guest) : -1;

  if (state == self->last_state && progress == self->last_progress
      && g_strcmp0 (detail, self->last_detail) == 0)
    return;
  self->last_state = state;
  self->last_progress = progress;
  g_free (self->last_detail);
  self->last_detail = g_steal_pointer (&detail);
  g_signal_emit_by_name (self, "changed");
}

gboolean
loom_machine_is_late (LoomMachine *self)
{
  return self->pulse.is_late && loom_machine_is_running (self);
}

LoomNodeState
loom_machine_get_state (LoomMachine *self)
{
  return self->last_state;
}

const char *
loom_machine_get_detail (LoomMachine *self)
{
  return self->last_detail;
}

double
loom_machine_get_progress (LoomMachine *self)
{
  return self->last_progress;
}

gboolean
loom_machine_get_failed (LoomMachine *self)
{
  return self->failure != NULL;
}

gboolean
loom_machine_get_powered (LoomMachine *self)
{
  return self->powered;
}

gboolean
loom_machine_is_starting (LoomMachine *self)
{
  return self->starting;
}

gboolean
loom_machine_is_coming_up (LoomMachine *self, gint64 now_us)
{
  return self->starting
         || (self->last_state == LOOM_NODE_BOOTING && now_us - self->started_us < MAX_BOOT_US);
}

LoomGuestSpec *
loom_machine_get_running_spec (LoomMachine *self)
{
  return loom_machine_is_running (self) ? loom_guest_get_spec (self->guest) : NULL;
}

const char *
loom_machine_get_running_image (LoomMachine *self)
{
  return self->running_image;
}

LoomGuest *
loom_machine_get_guest (LoomMachine *self)
{
  return self->guest;
}
