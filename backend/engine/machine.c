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

#include "backend/engine/machine.h"

#include <glib/gi18n-lib.h>

#include "backend/engine/console.h"
#include "backend/qemu/disk.h"

#define STOP_GRACE_MS 2000

struct _LoomMachine {
  GObject parent;
  char *key;
  LoomGuest *guest;
  LoomConsole *console;
  LoomGuestSpec *asked;      /* as the engine said */
  LoomGuestSpec *wanted;     /* the same, but while it runs with the MACs it runs with */
  GCancellable *cancellable; /* of a start under way */
  char *image;               /* wanted base of the disk; or NULL */
  char *running_image;       /* what the overlay that exists is over; or NULL */
  gboolean powered;
  gboolean restart; /* stop first, then forget this */
  gboolean removed;
  gboolean adopt;    /* attach first */
  gboolean prepared; /* sockets are bound for what is wanted */
  gboolean bound;    /* sockets may be bound: stop before it goes */
  gboolean busy;
  gboolean starting;
  guint n_ports;
  guint n_connected;
  guint32 reassert;        /* bits of NICs whose carrier has to be told again */
  char *failure;           /* why it failed; NULL: it did not */
  LoomGuestSpec *given_up; /* the wanted spec for which an order failed while running */
  char *trouble;           /* why */
  LoomNodeState last_state;
  char *last_detail;
  double last_progress;
};

G_DEFINE_FINAL_TYPE (LoomMachine, loom_machine, G_TYPE_OBJECT)

enum {
  SIGNAL_CHANGED,
  SIGNAL_PORTS_CHANGED,
  SIGNAL_STEPPED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gboolean
is_running (LoomMachine *self)
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
    return self->powered ? LOOM_NODE_PREPARING : LOOM_NODE_OFF;
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
  case LOOM_GUEST_FAILED:
    return LOOM_NODE_FAILED;
  }
  g_return_val_if_reached (LOOM_NODE_FAILED);
}

static char *
compute_detail (LoomMachine *self)
{
  const char *detail = self->guest != NULL ? loom_guest_get_detail (self->guest) : NULL;

  if (self->removed)
    return g_strdup ("");
  if (self->failure != NULL)
    return g_strdup (self->failure);
  if (self->trouble != NULL)
    return g_strdup (self->trouble);
  if (is_running (self)
      && (loom_guest_spec_needs_restart (loom_guest_get_spec (self->guest), self->wanted)
          || g_strcmp0 (self->image, self->running_image) != 0))
    return g_strdup_printf (_ ("Some changes take effect after a restart of %s."),
                            self->wanted->name);
  if (detail == NULL && compute_state (self) == LOOM_NODE_PREPARING
      && self->n_connected < self->n_ports)
    return g_strdup (_ ("Waits for its ports at the switch."));
  return g_strdup (detail != NULL ? detail : "");
}

static void
report (LoomMachine *self)
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
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
set_failure (LoomMachine *self, const char *reason)
{
  g_free (self->failure);
  self->failure = g_strdup (reason);
}

static void
set_n_ports (LoomMachine *self, guint n_ports)
{
  if (self->n_ports == n_ports)
    return;
  self->n_ports = n_ports;
  self->n_connected = MIN (self->n_connected, n_ports);
  g_signal_emit (self, signals[SIGNAL_PORTS_CHANGED], 0);
}

static void
begin (LoomMachine *self)
{
  self->busy = TRUE;
  g_object_ref (self);
}

static void
end (LoomMachine *self)
{
  self->busy = FALSE;
  report (self);
  g_signal_emit (self, signals[SIGNAL_STEPPED], 0);
  g_object_unref (self);
}

/* An order to the running guest has ended. */
static void
end_live_order (LoomMachine *self, GError *error)
{
  if (error != NULL && is_running (self)) {
    g_clear_pointer (&self->given_up, loom_guest_spec_unref);
    self->given_up = loom_guest_spec_ref (self->wanted);
    g_free (self->trouble);
    self->trouble = g_strdup (error->message);
  }
  end (self);
}

/* --- the guest ------------------------------------------------------------------------------- */

static void
connect_console (LoomMachine *self)
{
  g_autofree char *serial = loom_guest_dup_path (self->guest, "serial");
  g_autoptr (GError) error = NULL;

  if (self->console == NULL) {
    g_autofree char *path = loom_guest_spec_dup_path (self->wanted, "console");
    self->console = loom_console_new (path, &error);
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
  if (state == LOOM_GUEST_OFF && !self->busy && !self->removed)
    self->powered = FALSE;
  if (state == LOOM_GUEST_FAILED && self->failure == NULL && !self->removed) {
    const char *detail = loom_guest_get_detail (guest);
    set_failure (self, detail != NULL ? detail : _ ("The machine ended unexpectedly."));
  }
  report (self);
  if (!self->busy)
    g_signal_emit (self, signals[SIGNAL_STEPPED], 0);
}

static void
ensure_guest (LoomMachine *self, LoomGuestSpec *spec)
{
  if (self->guest == NULL) {
    self->guest = loom_guest_new (spec);
    g_signal_connect_object (self->guest, "state-changed", G_CALLBACK (on_guest_state_changed),
                             self, 0);
  } else {
    loom_guest_set_spec (self->guest, spec);
  }
}

/* --- orders ---------------------------------------------------------------------------------- */

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
  end (self);
}

static void
order_stop (LoomMachine *self)
{
  begin (self);
  loom_guest_stop_async (self->guest, self->removed ? 0 : STOP_GRACE_MS, NULL, on_stopped, self);
}

static void
on_overlay_created (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LoomMachine *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!loom_disk_create_overlay_finish (result, &error)) {
    set_failure (self, error->message);
    g_clear_pointer (&self->running_image, g_free);
  }
  end (self);
}

/* FALSE: failed at once. */
static gboolean
order_overlay (LoomMachine *self)
{
  g_autofree char *folder = g_path_get_dirname (self->image);
  g_autoptr (GError) error = NULL;

  if (!loom_disk_check (self->image, folder, NULL, &error)) {
    set_failure (self, error->message);
    report (self);
    return FALSE;
  }
  g_free (self->running_image);
  self->running_image = g_strdup (self->image);
  begin (self);
  loom_disk_create_overlay_async (self->image, self->wanted->disk, NULL, on_overlay_created, self);
  return TRUE;
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LoomMachine *self = user_data;
  g_autoptr (GError) error = NULL;

  self->starting = FALSE;
  self->prepared = FALSE;
  if (!loom_guest_start_finish (LOOM_GUEST (source), result, &error)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && !self->removed)
    set_failure (self, error->message);
  end (self);
}

static void
order_start (LoomMachine *self)
{
  self->starting = TRUE;
  begin (self);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  loom_guest_start_async (self->guest, self->cancellable, on_started, self);
}

static void
prepare (LoomMachine *self)
{
  g_autoptr (GError) error = NULL;

  ensure_guest (self, self->wanted);
  self->bound = TRUE;
  if (!loom_guest_prepare (self->guest, &error)) {
    set_failure (self, error->message);
  } else {
    self->prepared = TRUE;
    set_n_ports (self, self->wanted->nics->len);
  }
  report (self);
}

static void
on_attached (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LoomMachine *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!loom_guest_attach_finish (LOOM_GUEST (source), result, &error))
    set_failure (self, error->message);
  else
    connect_console (self);
  end (self);
}

static void
on_link_set (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  loom_guest_set_link_finish (LOOM_GUEST (source), result, &error);
  end_live_order (user_data, error);
}

static void
on_nic_added (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  loom_guest_add_nic_finish (LOOM_GUEST (source), result, &error);
  end_live_order (user_data, error);
}

static void
on_nic_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LoomMachine *self = user_data;
  g_autoptr (GError) error = NULL;

  if (loom_guest_remove_nic_finish (LOOM_GUEST (source), result, &error))
    set_n_ports (self, loom_guest_get_spec (self->guest)->nics->len);
  end_live_order (self, error);
}

static void
on_configured (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  loom_guest_configure_finish (LOOM_GUEST (source), result, &error);
  end_live_order (user_data, error);
}

static gboolean
differ_in_configuration (const LoomGuestSpec *a, const LoomGuestSpec *b)
{
  g_autofree char *config_a = loom_guest_spec_dup_config (a, FALSE);
  g_autofree char *config_b = loom_guest_spec_dup_config (b, FALSE);

  return g_strcmp0 (config_a, config_b) != 0;
}

/* --- what comes next ------------------------------------------------------------------------- */

static gboolean
step_nics (LoomMachine *self, const LoomGuestSpec *now)
{
  guint n_now = now->nics->len;
  guint n_wanted = self->wanted->nics->len;

  if (n_now > n_wanted) {
    begin (self);
    loom_guest_remove_nic_async (self->guest, NULL, on_nic_removed, self);
    return TRUE;
  }
  if (n_now == n_wanted)
    return FALSE;

  const LoomGuestNic *nic = g_ptr_array_index (self->wanted->nics, n_now);
  if (self->n_ports <= n_now) {
    g_autoptr (GError) error = NULL;
    if (loom_guest_prepare_nic (self->guest, nic, &error)) {
      set_n_ports (self, n_now + 1);
    } else {
      begin (self);
      end_live_order (self, error);
    }
    return TRUE;
  }
  if (self->n_connected <= n_now)
    return FALSE;
  begin (self);
  loom_guest_add_nic_async (self->guest, nic, NULL, on_nic_added, self);
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
      begin (self);
      loom_guest_set_link_async (self->guest, i, wanted->link_up, NULL, on_link_set, self);
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
    begin (self);
    loom_guest_configure_async (self->guest, self->wanted, NULL, on_configured, self);
    return TRUE;
  }
  return FALSE;
}

static gboolean
step_off (LoomMachine *self, gboolean may_start)
{
  if (self->wanted->disk != NULL && self->image == NULL) {
    g_autofree char *reason = g_strdup_printf (
        _ ("%s has no disk image to boot from. Choose one in its settings."), self->wanted->name);
    set_failure (self, reason);
    return FALSE;
  }
  if (self->image != NULL && g_strcmp0 (self->image, self->running_image) != 0)
    return order_overlay (self);
  if (!self->prepared)
    prepare (self);
  if (self->failure != NULL || !may_start)
    return FALSE;
  order_start (self);
  return TRUE;
}

static LoomMachineStep
choose_step (LoomMachine *self, gboolean may_start)
{
  LoomGuestState state = self->guest != NULL ? loom_guest_get_state (self->guest) : LOOM_GUEST_OFF;
  gboolean is_off = state == LOOM_GUEST_OFF;
  gboolean has_stopped = is_off && !self->bound;

  if (self->adopt) {
    self->adopt = FALSE;
    begin (self);
    loom_guest_attach_async (self->guest, NULL, on_attached, self);
    return LOOM_MACHINE_BUSY;
  }
  if (self->removed && (has_stopped || self->guest == NULL))
    return LOOM_MACHINE_GONE;
  if (self->removed || ((self->restart || !self->powered) && !has_stopped)) {
    order_stop (self);
    return LOOM_MACHINE_BUSY;
  }
  self->restart = FALSE;
  if (is_running (self))
    return step_running (self) ? LOOM_MACHINE_BUSY : LOOM_MACHINE_IDLE;
  if (!self->powered || self->failure != NULL)
    return LOOM_MACHINE_IDLE;
  return step_off (self, may_start) ? LOOM_MACHINE_BUSY : LOOM_MACHINE_IDLE;
}

LoomMachineStep
loom_machine_step (LoomMachine *self, gboolean may_start)
{
  if (self->busy)
    return LOOM_MACHINE_IDLE;

  LoomMachineStep step = choose_step (self, may_start);
  report (self);
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
  g_free (self->image);
  g_free (self->running_image);
  g_free (self->failure);
  g_free (self->trouble);
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

  if (is_running (self) || self->adopt) {
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
loom_machine_set_wanted (LoomMachine *self, LoomGuestSpec *spec, const char *image)
{
  g_autoptr (LoomGuestSpec) kept = keep_macs (self, spec);

  g_clear_pointer (&self->asked, loom_guest_spec_unref);
  self->asked = loom_guest_spec_ref (spec);
  g_clear_pointer (&self->wanted, loom_guest_spec_unref);
  self->wanted = g_steal_pointer (&kept);
  g_clear_pointer (&self->given_up, loom_guest_spec_unref);
  g_clear_pointer (&self->trouble, g_free);
  g_free (self->image);
  self->image = g_strdup (image);
  /* Sockets were bound for another number of NICs: bind them anew. */
  if (self->prepared && !self->busy && !is_running (self))
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
  g_clear_pointer (&self->failure, g_free);
  g_clear_pointer (&self->given_up, loom_guest_spec_unref);
  g_clear_pointer (&self->trouble, g_free);
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
  set_failure (self, reason);
  cancel_start (self);
  report (self);
}

void
loom_machine_adopt (LoomMachine *self, LoomGuestSpec *spec, const char *image)
{
  ensure_guest (self, spec);
  self->adopt = TRUE;
  self->n_ports = spec->nics->len;
  self->running_image = g_strdup (image);
}

guint
loom_machine_get_n_ports (LoomMachine *self)
{
  return self->n_ports;
}

void
loom_machine_set_n_connected (LoomMachine *self, guint n_connected)
{
  self->n_connected = n_connected;
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

LoomGuestSpec *
loom_machine_get_running_spec (LoomMachine *self)
{
  return is_running (self) ? loom_guest_get_spec (self->guest) : NULL;
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
