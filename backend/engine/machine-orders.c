/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Orders to a machine's guest, and what follows when they end. */

#include "backend/engine/machine-private.h"

#include <glib/gi18n-lib.h>

#include "backend/qemu/disk.h"

#define STOP_GRACE_MS 2000

void
loom_machine_set_failure (LoomMachine *self, const char *reason)
{
  g_free (self->failure);
  self->failure = g_strdup (reason);
}

void
loom_machine_set_trouble (LoomMachine *self, const char *reason)
{
  g_clear_pointer (&self->given_up, loom_guest_spec_unref);
  self->given_up = loom_guest_spec_ref (self->wanted);
  g_free (self->trouble);
  self->trouble = g_strdup (reason);
}

void
loom_machine_set_n_ports (LoomMachine *self, guint n_ports)
{
  if (self->n_ports == n_ports)
    return;
  self->n_ports = n_ports;
  self->n_connected = MIN (self->n_connected, n_ports);
  g_signal_emit_by_name (self, "ports-changed");
}

void
loom_machine_begin (LoomMachine *self)
{
  self->busy = TRUE;
  self->switch_lost = FALSE;
  g_object_ref (self);
}

static void
end_order (LoomMachine *self)
{
  self->busy = FALSE;
  loom_machine_report (self);
  g_signal_emit_by_name (self, "stepped");
  g_object_unref (self);
}

/* An order to the running guest has ended. */
void
loom_machine_end_live_order (LoomMachine *self, GError *error)
{
  if (error != NULL && loom_machine_is_running (self) && !self->switch_lost)
    loom_machine_set_trouble (self, error->message);
  end_order (self);
}

static void
connect_console (LoomMachine *self)
{
  g_autofree char *serial = loom_guest_dup_path (self->guest, "serial");
  g_autoptr (GError) error = NULL;

  if (self->console == NULL) {
    g_autofree char *path = loom_guest_spec_dup_path (self->wanted, "console");
    g_autofree char *scrollback = loom_guest_spec_dup_path (self->wanted, "said");
    self->console = loom_console_new (path, scrollback, &error);
  }
  if (self->console == NULL || !loom_console_connect (self->console, serial, &error))
    g_warning ("%s: no serial console: %s", self->key, error->message);
}

static void
on_guest_state_changed (LoomGuest *guest, gpointer user_data)
{
  LoomMachine *self = user_data;
  LoomGuestState state = loom_guest_get_state (guest);

  if (state == LOOM_GUEST_BOOTING && self->starting)
    connect_console (self);
  /* Somebody switched it off from inside. */
  if (state == LOOM_GUEST_OFF && !self->busy && !self->removed && !self->restart)
    self->powered = FALSE;
  /* Why a start failed is for on_started () to judge. */
  if (state == LOOM_GUEST_FAILED && self->failure == NULL && !self->removed && !self->starting) {
    const char *detail = loom_guest_get_detail (guest);
    loom_machine_set_failure (self,
                              detail != NULL ? detail : _ ("The machine ended unexpectedly."));
  }
  loom_machine_report (self);
  if (!self->busy)
    g_signal_emit_by_name (self, "stepped");
}

void
loom_machine_ensure_guest (LoomMachine *self, LoomGuestSpec *spec)
{
  if (self->guest == NULL) {
    self->guest = loom_guest_new (spec);
    g_signal_connect_object (self->guest, "state-changed", G_CALLBACK (on_guest_state_changed),
                             self, 0);
  } else {
    loom_guest_set_spec (self->guest, spec);
  }
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LoomMachine *self = user_data;

  loom_guest_stop_finish (LOOM_GUEST (source), result, NULL);
  self->restart = FALSE;
  self->prepared = FALSE;
  self->bound = FALSE;
  g_clear_pointer (&self->wanted, loom_guest_spec_unref);
  self->wanted = loom_guest_spec_ref (self->asked);
  g_clear_pointer (&self->trouble, g_free);
  g_clear_pointer (&self->given_up, loom_guest_spec_unref);
  end_order (self);
}

void
loom_machine_order_stop (LoomMachine *self)
{
  loom_machine_begin (self);
  loom_guest_stop_async (self->guest, self->removed ? 0 : STOP_GRACE_MS, NULL, on_stopped, self);
}

void
loom_machine_end_guest (LoomMachine *self)
{
  loom_guest_stop_async (self->guest, self->removed ? 0 : STOP_GRACE_MS, NULL, NULL, NULL);
}

static void
on_overlay_created (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LoomMachine *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!loom_disk_create_overlay_finish (result, &error)) {
    loom_machine_set_failure (self, error->message);
    g_clear_pointer (&self->running_image, g_free);
  }
  end_order (self);
}

/* FALSE: failed at once. */
gboolean
loom_machine_order_overlay (LoomMachine *self)
{
  g_autofree char *folder = g_path_get_dirname (self->wanted->image);
  g_autoptr (GError) error = NULL;

  if (!loom_disk_check (self->wanted->image, folder, NULL, &error)) {
    loom_machine_set_failure (self, error->message);
    loom_machine_report (self);
    return FALSE;
  }
  g_free (self->running_image);
  self->running_image = g_strdup (self->wanted->image);
  loom_machine_begin (self);
  loom_disk_create_overlay_async (self->wanted->image, self->wanted->disk, NULL, on_overlay_created,
                                  self);
  return TRUE;
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LoomMachine *self = user_data;
  g_autoptr (GError) error = NULL;

  self->starting = FALSE;
  self->prepared = FALSE;
  self->start_failed_us = 0;
  if (!loom_guest_start_finish (LOOM_GUEST (source), result, &error)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && !self->removed) {
    if (self->switch_lost) {
      g_message ("%s: tried again: %s", self->key, error->message);
    } else {
      self->start_failed_us = g_get_monotonic_time ();
      loom_machine_set_failure (self, error->message);
    }
  }
  end_order (self);
}

void
loom_machine_order_start (LoomMachine *self)
{
  self->starting = TRUE;
  self->started_us = g_get_monotonic_time ();
  loom_machine_begin (self);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  loom_guest_start_async (self->guest, self->cancellable, on_started, self);
}

void
loom_machine_prepare (LoomMachine *self)
{
  g_autoptr (GError) error = NULL;

  loom_machine_ensure_guest (self, self->wanted);
  self->bound = TRUE;
  if (!loom_guest_prepare (self->guest, &error)) {
    loom_machine_set_failure (self, error->message);
  } else {
    self->prepared = TRUE;
    loom_machine_set_n_ports (self, self->wanted->nics->len);
  }
  loom_machine_report (self);
}

static void
on_link_set (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  loom_guest_set_link_finish (LOOM_GUEST (source), result, &error);
  loom_machine_end_live_order (user_data, error);
}

static void
on_nic_added (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  loom_guest_add_nic_finish (LOOM_GUEST (source), result, &error);
  loom_machine_end_live_order (user_data, error);
}

static void
on_nic_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LoomMachine *self = user_data;
  g_autoptr (GError) error = NULL;

  if (loom_guest_remove_nic_finish (LOOM_GUEST (source), result, &error))
    loom_machine_set_n_ports (self, loom_guest_get_spec (self->guest)->nics->len);
  loom_machine_end_live_order (self, error);
}

static void
on_configured (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  loom_guest_configure_finish (LOOM_GUEST (source), result, &error);
  loom_machine_end_live_order (user_data, error);
}

/* --- whether QEMU answers; no order: others need not wait for it ----------------------------- */

static void
on_pinged (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomMachine) self = user_data;

  if (!loom_guest_ping_finish (LOOM_GUEST (source), result, NULL))
    loom_pulse_drop (&self->pulse);
  else if (loom_pulse_answer (&self->pulse))
    loom_machine_report (self);
}

void
loom_machine_tick (LoomMachine *self, gint64 now_us)
{
  if (!loom_machine_is_running (self) || loom_guest_is_dozing (self->guest)) {
    loom_pulse_answer (&self->pulse);
    return;
  }
  switch (loom_pulse_tick (&self->pulse, now_us)) {
  case LOOM_PULSE_ASK:
    loom_guest_ping_async (self->guest, NULL, on_pinged, g_object_ref (self));
    break;
  case LOOM_PULSE_LATE:
    loom_machine_report (self);
    break;
  case LOOM_PULSE_WAIT:
    break;
  }
}

void
loom_machine_wake (LoomMachine *self)
{
  if (loom_machine_is_late (self) && !loom_guest_wake (self->guest))
    loom_machine_restart (self);
}

void
loom_machine_attach (LoomMachine *self)
{
  g_autoptr (GError) error = NULL;

  if (loom_guest_attach (self->guest, &error))
    connect_console (self);
  else
    loom_machine_set_failure (self, error->message);
}

void
loom_machine_order_link (LoomMachine *self, guint nic, gboolean up)
{
  loom_machine_begin (self);
  loom_guest_set_link_async (self->guest, nic, up, NULL, on_link_set, self);
}

void
loom_machine_order_add_nic (LoomMachine *self, const LoomGuestNic *nic)
{
  loom_machine_begin (self);
  loom_guest_add_nic_async (self->guest, nic, NULL, on_nic_added, self);
}

void
loom_machine_order_remove_nic (LoomMachine *self)
{
  loom_machine_begin (self);
  loom_guest_remove_nic_async (self->guest, NULL, on_nic_removed, self);
}

void
loom_machine_order_configure (LoomMachine *self)
{
  loom_machine_begin (self);
  loom_guest_configure_async (self->guest, self->wanted, NULL, on_configured, self);
}
