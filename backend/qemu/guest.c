/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The life of one virtual machine.
 *
 * OFF        nothing of it exists. start → PREPARING; attach → BOOTING or READY: its process lives,
 *            whether it answers or not.
 * PREPARING  sockets and files are made, QEMU runs and waits for the switch to connect to every
 *            NIC, then greets on QMP and is told what is unplugged. Waits START_TIMEOUT_S.
 *            → BOOTING before the first instruction of the guest; FAILED; STOPPING.
 * BOOTING    the guest runs; its agent has not said ready. → READY, PAUSED, STOPPING, FAILED.
 * READY      the agent said so, or there is none. → BOOTING (the guest restarted itself), PAUSED,
 *            STOPPING, FAILED; OFF when the guest switched itself off.
 * PAUSED     QEMU said STOP. → BOOTING or READY, whichever it was; STOPPING, FAILED.
 * STOPPING   the guest was asked to power off, then QEMU to quit, then it is killed. → OFF.
 * FAILED     as OFF, with the reason in the detail. start → PREPARING, stop → OFF.
 *
 * Starting is in guest-start.c, the guest's inside in guest-agent.c, orders in guest-orders.c, what
 * a paused one does in guest-doze.c.
 * Whatever the state, the end of the process is what ends it (on_process_exited ()). */

#include "backend/qemu/guest-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define QUIT_MS 1000

enum {
  SIGNAL_STATE_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_TYPE (LoomGuest, loom_guest, G_TYPE_OBJECT)

/* Which states may follow which, a bit each. */
#define TO(state) (1u << (LOOM_GUEST_##state))
static const guint transitions[] = {
    /* BOOTING, READY: found again by attaching. */
    [LOOM_GUEST_OFF] = TO (PREPARING) | TO (BOOTING) | TO (READY),
    [LOOM_GUEST_PREPARING] = TO (BOOTING) | TO (STOPPING) | TO (FAILED) | TO (OFF),
    [LOOM_GUEST_BOOTING] = TO (BOOTING) | TO (READY) | TO (PAUSED) | TO (STOPPING) | TO (FAILED)
                           | TO (OFF),
    [LOOM_GUEST_READY] = TO (BOOTING) | TO (READY) | TO (PAUSED) | TO (STOPPING) | TO (FAILED)
                         | TO (OFF),
    [LOOM_GUEST_PAUSED] = TO (BOOTING) | TO (READY) | TO (STOPPING) | TO (FAILED) | TO (OFF),
    [LOOM_GUEST_STOPPING] = TO (OFF),
    [LOOM_GUEST_FAILED] = TO (PREPARING) | TO (OFF),
};

const char *
loom_guest_state_to_id (LoomGuestState state)
{
  static const char *const ids[] = {"off",    "preparing", "booting", "ready",
                                    "paused", "stopping",  "failed"};

  return (guint) state < G_N_ELEMENTS (ids) ? ids[state] : "off";
}

void
loom_guest_change_state (LoomGuest *self, LoomGuestState state, const char *detail, double progress)
{
  if (self->state == state && g_strcmp0 (self->detail, detail) == 0 && self->progress == progress)
    return;
  if (self->state != state && (transitions[self->state] & (1u << state)) == 0)
    g_critical ("machine %s cannot go from %s to %s", self->spec->key,
                loom_guest_state_to_id (self->state), loom_guest_state_to_id (state));
  self->state = state;
  g_free (self->detail);
  self->detail = g_strdup (detail);
  self->progress = progress;
  loom_guest_rouse (self); /* a new state: nobody dozes in any but PAUSED, nor at once in that */
  g_signal_emit (self, signals[SIGNAL_STATE_CHANGED], 0);
}

gboolean
loom_guest_is_down (LoomGuest *self)
{
  return self->state == LOOM_GUEST_OFF || self->state == LOOM_GUEST_FAILED;
}

void
loom_guest_remove_timeout (guint *source)
{
  if (*source != 0)
    g_source_remove (*source);
  *source = 0;
}

void
loom_guest_close_listeners (LoomGuest *self)
{
  loom_listener_close (&self->qmp_listener);
  for (guint i = 0; i < LOOM_GUEST_MAX_NICS; i++)
    loom_placeholder_close (&self->nics[i]);
}

static void
remove_files (LoomGuest *self)
{
  static const char *const suffixes[] = {"qmp", "serial", "spice", "agent", "conf", "log"};

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++) {
    g_autofree char *path = loom_guest_spec_dup_path (self->spec, suffixes[i]);

    g_unlink (path);
  }
  for (guint i = 0; i < self->spec->nics->len; i++)
    g_unlink (((LoomGuestNic *) self->spec->nics->pdata[i])->vhost_path);
}

/* Lets go of everything that belongs to one run of QEMU. */
void
loom_guest_drop_run (LoomGuest *self)
{
  g_cancellable_cancel (self->connecting);
  g_clear_object (&self->connecting);
  loom_guest_remove_timeout (&self->doze_timeout);
  self->is_dozing = FALSE;
  loom_guest_remove_timeout (&self->start_timeout);
  loom_guest_remove_timeout (&self->replace_timeout);
  loom_guest_remove_timeout (&self->stop_timeout);
  loom_guest_remove_timeout (&self->agent_timeout);
  if (self->agent != NULL) {
    g_signal_handlers_disconnect_by_data (self->agent, self);
    loom_agent_client_close (self->agent);
    g_clear_object (&self->agent);
  }
  if (self->qmp != NULL) {
    g_signal_handlers_disconnect_by_data (self->qmp, self);
    loom_qmp_client_close (self->qmp);
    g_clear_object (&self->qmp);
  }
  if (self->process != NULL)
    g_signal_handlers_disconnect_by_data (self->process, self);
  g_clear_object (&self->process);
  loom_guest_close_listeners (self);
  self->nic_busy = FALSE;
  self->config_dirty = FALSE;
}

static void
return_stop_tasks (LoomGuest *self)
{
  g_autoptr (GPtrArray) tasks = g_steal_pointer (&self->stop_tasks);

  self->stop_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < tasks->len; i++)
    g_task_return_boolean (tasks->pdata[i], TRUE);
}

/* (transfer full): why QEMU ended, as far as it said so. */
static char *
explain_exit (LoomGuest *self, int status)
{
  g_autofree char *path = loom_guest_spec_dup_path (self->spec, "log");
  g_autofree char *text = loom_process_read_log (path);
  const char *reason = strstr (text, ": "); /* after the program's name */

  if (strstr (text, "annot allocate memory") != NULL || strstr (text, "Failed to allocate") != NULL)
    return g_strdup_printf (_ ("This computer has not enough free memory for %d MiB. Give the "
                               "machine less memory, or stop another one."),
                            self->spec->memory_mib);
  if ((status < 0 || (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL))
      && self->process != NULL && loom_process_may_be_oom (self->process))
    return g_strdup (_ ("This computer ran out of memory, and its system ended QEMU. Give machines "
                        "less memory, or stop another one, before it is started again."));
  if (text[0] != '\0')
    return g_strdup_printf (_ ("QEMU said: %s"), reason != NULL ? reason + 2 : text);
  if (status >= 0 && WIFSIGNALED (status))
    return g_strdup_printf (_ ("QEMU was killed by signal %d (%s)."), WTERMSIG (status),
                            g_strsignal (WTERMSIG (status)));
  return g_strdup (_ ("QEMU ended without saying why."));
}

void
loom_guest_fail_run (LoomGuest *self, GError *error)
{
  GTask *task = g_steal_pointer (&self->start_task);

  loom_guest_drop_run (self);
  remove_files (self);
  loom_guest_change_state (self, LOOM_GUEST_FAILED, error->message, -1);
  if (task != NULL) {
    g_task_return_error (task, g_error_copy (error));
    g_object_unref (task);
  }
  return_stop_tasks (self);
}

/* The process is gone, and that was wanted. */
static void
end_run (LoomGuest *self, const char *detail)
{
  GTask *task = g_steal_pointer (&self->start_task);

  loom_guest_drop_run (self);
  remove_files (self);
  loom_guest_change_state (self, LOOM_GUEST_OFF, detail, -1);
  if (task != NULL) {
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                             _ ("The start of %s was cancelled."), self->spec->name);
    g_object_unref (task);
  }
  return_stop_tasks (self);
}

static void
on_process_exited (LoomProcess *process, int status, LoomGuest *self)
{
  g_autoptr (LoomGuest) kept = g_object_ref (self);
  g_autoptr (GError) error = NULL;
  g_autofree char *detail = NULL;
  g_autofree char *reason = NULL;

  if (self->state == LOOM_GUEST_STOPPING) {
    end_run (self, NULL);
  } else if (self->powered_off) {
    detail = g_strdup_printf (_ ("%s switched itself off."), self->spec->name);
    end_run (self, detail);
  } else {
    reason = explain_exit (self, status);
    error = self->state == LOOM_GUEST_PREPARING
                ? g_error_new (LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_START,
                               _ ("%s was not started. %s"), self->spec->name, reason)
                : g_error_new (LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_DIED,
                               _ ("%s stopped running. %s"), self->spec->name, reason);
    loom_guest_fail_run (self, error);
  }
}

void
loom_guest_adopt_process (LoomGuest *self, LoomProcess *process)
{
  self->process = g_object_ref (process);
  g_signal_connect (process, "exited", G_CALLBACK (on_process_exited), self);
}

/* Kills a QEMU that is of no use; on_process_exited () does not hear of it. */
void
loom_guest_abort_run (LoomGuest *self, GError *error)
{
  if (self->process != NULL)
    loom_process_kill (self->process, SIGKILL);
  loom_guest_fail_run (self, error);
}

/* FALSE when the guest's agent has let go of its port: it has ended. */
static gboolean
is_port_open (JsonObject *data)
{
  return data == NULL || json_object_get_boolean_member_with_default (data, "open", TRUE);
}

static void
on_qmp_event (LoomQmpClient *qmp, const char *name, JsonObject *data, LoomGuest *self)
{
  gboolean runs = self->state == LOOM_GUEST_BOOTING || self->state == LOOM_GUEST_READY;

  if (g_strcmp0 (name, "SHUTDOWN") == 0) {
    self->powered_off = TRUE;
  } else if (g_strcmp0 (name, "STOP") == 0 && runs) {
    loom_guest_change_state (self, LOOM_GUEST_PAUSED, NULL, -1);
  } else if (g_strcmp0 (name, "RESUME") == 0 && self->state == LOOM_GUEST_PAUSED) {
    loom_guest_change_state (self, self->running_state, NULL, -1);
  } else if (g_strcmp0 (name, "RESET") == 0 && runs && self->spec->has_agent) {
    self->running_state = LOOM_GUEST_BOOTING;
    loom_guest_change_state (self, LOOM_GUEST_BOOTING, NULL, 0.3);
    if (self->agent != NULL)
      loom_agent_client_close (self->agent);
  } else if (g_strcmp0 (name, "VSERPORT_CHANGE") == 0 && self->state == LOOM_GUEST_READY
             && self->agent != NULL && !is_port_open (data)) {
    loom_agent_client_close (self->agent); /* connected anew, it has to answer in time */
  } else if (g_str_has_prefix (name, "SPICE_")) {
    loom_guest_rouse (self); /* somebody's screen is being opened */
  }
}

static void
on_qmp_command (LoomQmpClient *qmp, LoomGuest *self)
{
  if (self->is_dozing)
    loom_guest_rouse (self);
}

static void
on_qmp_closed (LoomQmpClient *qmp, GError *error, LoomGuest *self)
{
  g_autoptr (GError) failure = NULL;

  /* When QEMU ends, its process says more about it; but one that talks nonsense has to go. */
  if (!g_error_matches (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_PROTOCOL)
      || self->state == LOOM_GUEST_STOPPING)
    return;
  failure = g_error_new (LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_PROTOCOL, _ ("%s was ended. %s"),
                         self->spec->name, error->message);
  loom_guest_abort_run (self, failure);
}

void
loom_guest_adopt_qmp (LoomGuest *self, GSocketConnection *connection)
{
  self->qmp = loom_qmp_client_new (connection);
  g_signal_connect (self->qmp, "command", G_CALLBACK (on_qmp_command), self);
  g_signal_connect (self->qmp, "event", G_CALLBACK (on_qmp_event), self);
  g_signal_connect (self->qmp, "closed", G_CALLBACK (on_qmp_closed), self);
}

void
loom_guest_ignore_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (JsonNode)
      node = loom_qmp_client_execute_finish (LOOM_QMP_CLIENT (source), result, NULL);
}

static void
loom_guest_dispose (GObject *object)
{
  LoomGuest *self = LOOM_GUEST (object);

  loom_guest_drop_run (self); /* QEMU lives on: another engine may find it */
  G_OBJECT_CLASS (loom_guest_parent_class)->dispose (object);
}

static void
loom_guest_finalize (GObject *object)
{
  LoomGuest *self = LOOM_GUEST (object);

  g_free (self->detail);
  g_ptr_array_unref (self->stop_tasks);
  loom_guest_spec_unref (self->spec);
  G_OBJECT_CLASS (loom_guest_parent_class)->finalize (object);
}

static void
loom_guest_class_init (LoomGuestClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = loom_guest_dispose;
  object_class->finalize = loom_guest_finalize;

  signals[SIGNAL_STATE_CHANGED] = g_signal_new ("state-changed", LOOM_TYPE_GUEST, G_SIGNAL_RUN_LAST,
                                                0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
loom_guest_init (LoomGuest *self)
{
  self->state = LOOM_GUEST_OFF;
  self->progress = -1;
  self->qmp_listener = -1;
  for (guint i = 0; i < LOOM_GUEST_MAX_NICS; i++)
    self->nics[i].fd = -1;
  self->stop_tasks = g_ptr_array_new_with_free_func (g_object_unref);
}

LoomGuest *
loom_guest_new (LoomGuestSpec *spec)
{
  LoomGuest *self = g_object_new (LOOM_TYPE_GUEST, NULL);

  self->spec = loom_guest_spec_ref (spec);
  return self;
}

LoomGuestSpec *
loom_guest_get_spec (LoomGuest *self)
{
  return self->spec;
}

void
loom_guest_replace_spec (LoomGuest *self, LoomGuestSpec *spec)
{
  loom_guest_spec_unref (self->spec);
  self->spec = spec;
}

void
loom_guest_set_spec (LoomGuest *self, LoomGuestSpec *spec)
{
  g_return_if_fail (loom_guest_is_down (self));

  loom_guest_close_listeners (self);
  loom_guest_replace_spec (self, loom_guest_spec_ref (spec));
}

LoomGuestState
loom_guest_get_state (LoomGuest *self)
{
  return self->state;
}

const char *
loom_guest_get_detail (LoomGuest *self)
{
  return self->detail;
}

double
loom_guest_get_progress (LoomGuest *self)
{
  return self->progress;
}

GPid
loom_guest_get_pid (LoomGuest *self)
{
  return self->process != NULL ? loom_process_get_pid (self->process) : 0;
}

char *
loom_guest_dup_path (LoomGuest *self, const char *suffix)
{
  return loom_guest_spec_dup_path (self->spec, suffix);
}

static gboolean
on_stop_timeout (gpointer user_data)
{
  LoomGuest *self = user_data;

  self->stop_timeout = 0;
  if (self->stop_step == 0 && self->qmp != NULL && loom_qmp_client_is_open (self->qmp)) {
    self->stop_step = 1;
    loom_qmp_client_execute_async (self->qmp, "quit", NULL, NULL, loom_guest_ignore_answer, NULL);
    self->stop_timeout = g_timeout_add (QUIT_MS, on_stop_timeout, self);
  } else {
    self->stop_step = 2;
    loom_process_kill (self->process, SIGKILL); /* on_process_exited () follows */
  }
  return G_SOURCE_REMOVE;
}

/* FALSE: there is nobody inside that could be asked. */
static gboolean
ask_guest (LoomGuest *self, LoomGuestState was)
{
  if (was != LOOM_GUEST_READY && was != LOOM_GUEST_BOOTING)
    return FALSE;
  if (self->spec->has_agent)
    return self->agent != NULL && loom_agent_client_power_off (self->agent);
  loom_qmp_client_execute_async (self->qmp, "system_powerdown", NULL, NULL,
                                 loom_guest_ignore_answer, NULL);
  return TRUE;
}

void
loom_guest_stop_async (LoomGuest *self, guint grace_ms, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  LoomGuestState was = self->state;

  g_task_set_source_tag (task, loom_guest_stop_async);
  if (loom_guest_is_down (self) || self->process == NULL) {
    loom_guest_close_listeners (self);
    remove_files (self);
    loom_guest_change_state (self, LOOM_GUEST_OFF, NULL, -1);
    g_task_return_boolean (task, TRUE);
    return;
  }
  g_ptr_array_add (self->stop_tasks, g_object_ref (task));
  if (was == LOOM_GUEST_STOPPING && (grace_ms > 0 || self->stop_step > 0))
    return;
  loom_guest_change_state (self, LOOM_GUEST_STOPPING, NULL, -1);
  loom_guest_remove_timeout (&self->start_timeout);
  loom_guest_remove_timeout (&self->stop_timeout);
  loom_guest_remove_timeout (&self->agent_timeout);
  /* A QEMU that waits for the switch hears nothing; it has touched nothing either. */
  self->stop_step = was == LOOM_GUEST_PREPARING ? 2 : 0;
  if (self->stop_step == 2)
    loom_process_kill (self->process, SIGKILL);
  else if (grace_ms > 0 && ask_guest (self, was))
    self->stop_timeout = g_timeout_add (grace_ms, on_stop_timeout, self);
  else
    on_stop_timeout (self);
}

gboolean
loom_guest_stop_finish (LoomGuest *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
loom_guest_check_running (LoomGuest *self, GTask *task)
{
  if (self->qmp != NULL
      && (self->state == LOOM_GUEST_BOOTING || self->state == LOOM_GUEST_READY
          || self->state == LOOM_GUEST_PAUSED))
    return TRUE;
  g_task_return_new_error (task, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_STATE,
                           _ ("%s is not running. Start it first."), self->spec->name);
  return FALSE;
}
