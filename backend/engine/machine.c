/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One machine of a running lab.
 *
 * There is never more than one order under way. What the next one is follows from what the machine
 * is to be and what its guest is:
 *
 *   to be removed, off, or restarted, and not off  → stop
 *   to be on and off:  disk → sockets → start (QEMU waits for the switch to make the ports, so that
 *                      both come up side by side)
 *   running:           carrier of a NIC → one NIC more → one NIC less → name, addresses, hosts
 *
 * An order that failed while the machine runs is not given again until what is wanted changes. */

#include "backend/engine/machine-private.h"

#include <glib/gi18n-lib.h>

G_DEFINE_FINAL_TYPE (LoomMachine, loom_machine, G_TYPE_OBJECT)

enum {
  SIGNAL_CHANGED,
  SIGNAL_PORTS_CHANGED,
  SIGNAL_STEPPED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gboolean
differ_in_configuration (const LoomGuestSpec *a, const LoomGuestSpec *b)
{
  g_autofree char *config_a = loom_guest_spec_dup_config (a, FALSE);
  g_autofree char *config_b = loom_guest_spec_dup_config (b, FALSE);

  return g_strcmp0 (config_a, config_b) != 0;
}

static gboolean
step_nics (LoomMachine *self, const LoomGuestSpec *now)
{
  guint n_now = now->nics->len;
  guint n_wanted = self->wanted->nics->len;

  if (n_now > n_wanted) {
    loom_machine_order_remove_nic (self);
    return TRUE;
  }
  if (n_now == n_wanted)
    return FALSE;

  const LoomGuestNic *nic = g_ptr_array_index (self->wanted->nics, n_now);
  if (self->n_ports <= n_now) {
    g_autoptr (GError) error = NULL;
    if (loom_guest_prepare_nic (self->guest, nic, &error)) {
      loom_machine_set_n_ports (self, n_now + 1);
    } else {
      loom_machine_begin (self);
      loom_machine_end_live_order (self, error);
    }
    return TRUE;
  }
  if (self->n_connected <= n_now)
    return FALSE;
  loom_machine_order_add_nic (self, nic);
  return TRUE;
}

static gboolean
step_links (LoomMachine *self, const LoomGuestSpec *now)
{
  guint n_common = MIN (now->nics->len, self->wanted->nics->len);

  for (guint i = 0; i < n_common; i++) {
    const LoomGuestNic *is = g_ptr_array_index (now->nics, i);
    const LoomGuestNic *wanted = g_ptr_array_index (self->wanted->nics, i);
    gboolean again = (self->reassert & (1u << i)) != 0 && !wanted->link_up;
    self->reassert &= ~(1u << i);
    if (again || !is->link_up != !wanted->link_up) {
      loom_machine_order_link (self, i, wanted->link_up);
      return TRUE;
    }
  }
  return FALSE;
}

/* Brings a running machine one order closer to what is wanted. */
static gboolean
step_running (LoomMachine *self)
{
  const LoomGuestSpec *now = loom_guest_get_spec (self->guest);

  if (self->given_up == self->wanted)
    return FALSE;
  if (step_links (self, now) || step_nics (self, now))
    return TRUE;
  if (now->nics->len == self->wanted->nics->len && now->has_agent
      && loom_guest_get_state (self->guest) == LOOM_GUEST_READY
      && differ_in_configuration (now, self->wanted)) {
    loom_machine_order_configure (self);
    return TRUE;
  }
  return FALSE;
}

static gboolean
step_off (LoomMachine *self, gboolean may_start)
{
  if (self->wanted->disk != NULL && self->wanted->image == NULL) {
    g_autofree char *reason = g_strdup_printf (
        _ ("%s has no disk image to boot from. Choose one in its settings."), self->wanted->name);
    loom_machine_set_failure (self, reason);
    return FALSE;
  }
  if (self->wanted->image != NULL && g_strcmp0 (self->wanted->image, self->running_image) != 0)
    return loom_machine_order_overlay (self);
  if (!self->prepared)
    loom_machine_prepare (self);
  if (self->failure != NULL || !may_start)
    return FALSE;
  loom_machine_order_start (self);
  return TRUE;
}

static LoomMachineStep
choose_step (LoomMachine *self, gboolean may_start)
{
  LoomGuestState state = self->guest != NULL ? loom_guest_get_state (self->guest) : LOOM_GUEST_OFF;
  gboolean is_off = state == LOOM_GUEST_OFF;
  gboolean has_stopped = is_off && !self->bound;

  if (self->removed && (has_stopped || self->guest == NULL))
    return LOOM_MACHINE_GONE;
  if (self->removed || ((self->restart || !self->powered) && !has_stopped)) {
    loom_machine_order_stop (self);
    return LOOM_MACHINE_BUSY;
  }
  self->restart = FALSE;
  if (loom_machine_is_running (self))
    return step_running (self) ? LOOM_MACHINE_BUSY : LOOM_MACHINE_IDLE;
  if (!self->powered || self->failure != NULL)
    return LOOM_MACHINE_IDLE;
  return step_off (self, may_start) ? LOOM_MACHINE_BUSY : LOOM_MACHINE_IDLE;
}

/* An order to a QEMU that never answers must not keep it from being ended. */
static void
end_hanging (LoomMachine *self)
{
  LoomGuestState state = self->guest != NULL ? loom_guest_get_state (self->guest) : LOOM_GUEST_OFF;
  gboolean is_up = state == LOOM_GUEST_PREPARING || state == LOOM_GUEST_BOOTING
                   || state == LOOM_GUEST_READY || state == LOOM_GUEST_PAUSED;

  if (is_up && !self->starting && (self->removed || self->restart || !self->powered))
    loom_machine_end_guest (self);
}

LoomMachineStep
loom_machine_step (LoomMachine *self, gboolean may_start)
{
  if (self->busy) {
    end_hanging (self);
    return LOOM_MACHINE_IDLE;
  }
  if (self->adopt) {
    self->adopt = FALSE;
    loom_machine_attach (self);
  }

  LoomMachineStep step = choose_step (self, may_start);
  loom_machine_report (self);
  return step;
}

/* --- the object ------------------------------------------------------------------------------ */

static void
loom_machine_dispose (GObject *object)
{
  LoomMachine *self = LOOM_MACHINE (object);

  if (self->console != NULL)
    loom_console_close (self->console);
  g_clear_object (&self->console);
  g_clear_object (&self->guest);
  G_OBJECT_CLASS (loom_machine_parent_class)->dispose (object);
}

static void
loom_machine_finalize (GObject *object)
{
  LoomMachine *self = LOOM_MACHINE (object);

  g_clear_pointer (&self->asked, loom_guest_spec_unref);
  g_clear_pointer (&self->wanted, loom_guest_spec_unref);
  g_clear_pointer (&self->given_up, loom_guest_spec_unref);
  g_clear_object (&self->cancellable);
  g_free (self->key);
  g_free (self->running_image);
  g_free (self->failure);
  g_free (self->trouble);
  g_free (self->waiting);
  g_free (self->last_detail);
  G_OBJECT_CLASS (loom_machine_parent_class)->finalize (object);
}

static void
loom_machine_class_init (LoomMachineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = loom_machine_dispose;
  object_class->finalize = loom_machine_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", LOOM_TYPE_MACHINE, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_PORTS_CHANGED] = g_signal_new (
      "ports-changed", LOOM_TYPE_MACHINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_STEPPED] = g_signal_new ("stepped", LOOM_TYPE_MACHINE, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
}

static void
loom_machine_init (LoomMachine *self)
{
  self->powered = TRUE;
  self->last_state = LOOM_NODE_PREPARING;
  self->last_detail = g_strdup ("");
  self->last_progress = -1;
}

LoomMachine *
loom_machine_new (const char *key)
{
  LoomMachine *self = g_object_new (LOOM_TYPE_MACHINE, NULL);

  self->key = g_strdup (key);
  return self;
}

const char *
loom_machine_get_key (LoomMachine *self)
{
  return self->key;
}

/* A machine keeps its MACs while it runs: those that follow from its name must not change under it
 * when it is renamed. */
static LoomGuestSpec *
keep_macs (LoomMachine *self, LoomGuestSpec *spec)
{
  LoomGuestSpec *kept = loom_guest_spec_copy (spec);

  if (loom_machine_is_running (self) || self->adopt) {
    const LoomGuestSpec *now = loom_guest_get_spec (self->guest);
    for (guint i = 0; i < MIN (now->nics->len, kept->nics->len); i++) {
      const LoomGuestNic *is = g_ptr_array_index (now->nics, i);
      LoomGuestNic *nic = g_ptr_array_index (kept->nics, i);
      g_free (nic->mac);
      nic->mac = g_strdup (is->mac);
    }
  }
  return kept;
}

void
loom_machine_set_wanted (LoomMachine *self, LoomGuestSpec *spec)
{
  g_autoptr (LoomGuestSpec) kept = keep_macs (self, spec);

  g_clear_pointer (&self->asked, loom_guest_spec_unref);
  self->asked = loom_guest_spec_ref (spec);
  g_clear_pointer (&self->wanted, loom_guest_spec_unref);
  self->wanted = g_steal_pointer (&kept);
  g_clear_pointer (&self->given_up, loom_guest_spec_unref);
  g_clear_pointer (&self->trouble, g_free);
  /* Sockets were bound for another number of NICs: bind them anew. */
  if (self->prepared && !self->busy && !loom_machine_is_running (self))
    self->prepared = FALSE;
}

/* A start under way is no longer wanted. */
static void
cancel_start (LoomMachine *self)
{
  if (self->starting)
    g_cancellable_cancel (self->cancellable);
}

void
loom_machine_set_powered (LoomMachine *self, gboolean powered)
{
  self->powered = powered;
  if (!powered)
    cancel_start (self);
  g_clear_pointer (&self->failure, g_free);
  loom_machine_report (self);
}

void
loom_machine_restart (LoomMachine *self)
{
  loom_machine_set_powered (self, TRUE);
  self->restart = TRUE;
  cancel_start (self);
}

void
loom_machine_retry (LoomMachine *self)
{
  if (self->restart_to_repair)
    self->restart = TRUE;
  self->restart_to_repair = FALSE;
  g_clear_pointer (&self->failure, g_free);
  g_clear_pointer (&self->given_up, loom_guest_spec_unref);
  g_clear_pointer (&self->trouble, g_free);
  loom_machine_report (self);
}

void
loom_machine_forgive (LoomMachine *self, gint64 since_us)
{
  self->switch_lost = self->busy;
  if (self->busy || self->failure == NULL || self->start_failed_us < since_us)
    return;
  self->start_failed_us = 0;
  loom_machine_retry (self);
}

void
loom_machine_reassert_links (LoomMachine *self)
{
  self->reassert = G_MAXUINT32;
}

void
loom_machine_remove (LoomMachine *self)
{
  self->removed = TRUE;
  cancel_start (self);
}

void
loom_machine_fail (LoomMachine *self, const char *reason)
{
  loom_machine_set_failure (self, reason);
  cancel_start (self);
  loom_machine_report (self);
}

/* The port goes out of the fabric with those after it: trying again then makes it anew. */
void
loom_machine_refuse_port (LoomMachine *self, guint nic, const char *reason)
{
  gboolean is_running = loom_machine_is_running (self);
  guint n_in_use = is_running ? loom_guest_get_spec (self->guest)->nics->len : 0;

  if (nic >= self->n_ports && self->failure != NULL)
    return;
  if (!is_running) {
    loom_machine_fail (self, reason);
    self->prepared = FALSE;
    loom_machine_set_n_ports (self, 0);
  } else if (nic >= n_in_use) {
    loom_machine_set_trouble (self, reason);
    loom_machine_set_n_ports (self, n_in_use);
  } else if (g_strcmp0 (self->failure, reason) != 0) {
    /* It uses the NIC already: only a new start of the machine brings another port. */
    loom_machine_set_failure (self, reason);
    self->restart_to_repair = TRUE;
  }
  loom_machine_report (self);
}

void
loom_machine_adopt (LoomMachine *self, LoomGuestSpec *spec, const char *image)
{
  loom_machine_ensure_guest (self, spec);
  self->adopt = TRUE;
  self->n_ports = spec->nics->len;
  self->running_image = g_strdup (image);
}

gboolean
loom_machine_set_waiting (LoomMachine *self, LoomNodeState state, const char *sentence)
{
  if (self->waiting_state == state && g_strcmp0 (self->waiting, sentence) == 0)
    return FALSE;
  self->waiting_state = state;
  g_free (self->waiting);
  self->waiting = g_strdup (sentence);
  loom_machine_report (self);
  return TRUE;
}

guint
loom_machine_get_n_ports (LoomMachine *self)
{
  return self->n_ports;
}

gboolean
loom_machine_lacks_ports (LoomMachine *self)
{
  return self->n_connected < self->n_ports;
}

void
loom_machine_set_n_connected (LoomMachine *self, guint n_connected)
{
  self->n_connected = MIN (n_connected, self->n_ports);
}
