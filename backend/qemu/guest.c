/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The life of one virtual machine.
 *
 * OFF        nothing of it exists. start → PREPARING.
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
 * Whatever the state, the end of the process is what ends it (on_process_exited ()). */

#include "backend/qemu/guest.h"

#include "backend/guest/protocol.h"
#include "backend/qemu/agent-client.h"
#include "backend/qemu/argv.h"
#include "backend/qemu/listener.h"
#include "backend/qemu/nic-plug.h"
#include "backend/qemu/process.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_TIMEOUT_S 30
#define REPLACE_TICK_MS 4
#define QUIT_MS 1000
#define AGENT_RETRY_MS 1000
#define AGENT_ANSWER_MS 5000
#define AGENT_QUEUE_BYTES (2 * LOOM_AGENT_MAX_COMMANDS * LOOM_AGENT_WINDOW)

enum {
  SIGNAL_STATE_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

struct _LoomGuest {
  GObject parent_instance;

  LoomGuestSpec *spec;
  LoomGuestState state;
  char *detail;
  double progress;

  LoomProcess *process;
  LoomQmpClient *qmp;
  LoomAgentClient *agent;
  GCancellable *connecting; /* to QMP or the agent; of this run of QEMU */
  int qmp_listener;
  LoomPlaceholder nics[LOOM_GUEST_MAX_NICS];

  LoomGuestState running_state; /* BOOTING or READY: what PAUSED goes back to */
  gboolean powered_off;         /* QEMU said SHUTDOWN */
  gboolean start_cancelled;
  GTask *start_task;     /* start or attach */
  GPtrArray *stop_tasks; /* of GTask */
  gboolean config_dirty; /* the guest has yet to hear of a change of its configuration */
  gboolean nic_busy;     /* one is being plugged in or out */

  guint start_timeout;
  guint replace_timeout;
  guint stop_timeout;
  guint agent_timeout;
  int stop_step; /* 0: asked the guest, 1: asked QEMU, 2: killed */
};

G_DEFINE_TYPE (LoomGuest, loom_guest, G_TYPE_OBJECT)

/* Which states may follow which, a bit each. */
#define TO(state) (1u << (LOOM_GUEST_##state))
static const guint transitions[] = {
    [LOOM_GUEST_OFF] = TO (PREPARING) | TO (BOOTING) | TO (READY) | TO (PAUSED), /* by attaching */
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

static void
set_state (LoomGuest *self, LoomGuestState state, const char *detail, double progress)
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
  g_signal_emit (self, signals[SIGNAL_STATE_CHANGED], 0);
}

static gboolean
is_down (LoomGuest *self)
{
  return self->state == LOOM_GUEST_OFF || self->state == LOOM_GUEST_FAILED;
}

static void
remove_timeout (guint *source)
{
  if (*source != 0)
    g_source_remove (*source);
  *source = 0;
}

static void
close_listeners (LoomGuest *self)
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
static void
drop_run (LoomGuest *self)
{
  g_cancellable_cancel (self->connecting);
  g_clear_object (&self->connecting);
  remove_timeout (&self->start_timeout);
  remove_timeout (&self->replace_timeout);
  remove_timeout (&self->stop_timeout);
  remove_timeout (&self->agent_timeout);
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
  close_listeners (self);
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
  if (text[0] != '\0')
    return g_strdup_printf (_ ("QEMU said: %s"), reason != NULL ? reason + 2 : text);
  if (status >= 0 && WIFSIGNALED (status))
    return g_strdup_printf (_ ("QEMU was killed by signal %d (%s)."), WTERMSIG (status),
                            g_strsignal (WTERMSIG (status)));
  return g_strdup (_ ("QEMU ended without saying why."));
}

static void
fail_run (LoomGuest *self, GError *error)
{
  GTask *task = g_steal_pointer (&self->start_task);

  drop_run (self);
  remove_files (self);
  set_state (self, LOOM_GUEST_FAILED, error->message, -1);
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

  drop_run (self);
  remove_files (self);
  set_state (self, LOOM_GUEST_OFF, detail, -1);
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
    fail_run (self, error);
  }
}

/* Kills a QEMU that is of no use; on_process_exited () does not hear of it. */
static void
abort_run (LoomGuest *self, GError *error)
{
  if (self->process != NULL)
    loom_process_kill (self->process, SIGKILL);
  fail_run (self, error);
}

/* --- the agent ------------------------------------------------------------------------------ */

static void connect_agent (LoomGuest *self);

static char *
explain_note (LoomGuest *self, guint note, guint value, const char *text)
{
  switch (note) {
  case LOOM_AGENT_NOTE_SCRIPT_RUNS:
    return g_strdup (_ ("The boot script is running."));
  case LOOM_AGENT_NOTE_SCRIPT_FAILED:
    return g_strdup_printf (_ ("The boot script ended with exit status %u: %s"), value, text);
  case LOOM_AGENT_NOTE_CONFIG_FAILED:
    return g_strdup_printf (_ ("An address could not be set: %s"), text);
  default:
    return NULL;
  }
}

static void
on_pushed_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  loom_agent_client_configure_finish (LOOM_AGENT_CLIENT (source), result, NULL);
}

/* Without waiting for it; a guest that cannot be told yet is told when it answers. */
static void
push_config (LoomGuest *self)
{
  g_autofree char *text = NULL;

  self->config_dirty = self->agent == NULL || !loom_agent_client_is_ready (self->agent);
  if (self->config_dirty)
    return;
  text = loom_guest_spec_dup_config (self->spec, FALSE);
  loom_agent_client_configure_async (self->agent, text, NULL, on_pushed_ready, NULL);
}

static void
on_agent_state (LoomAgentClient *agent, guint state, guint note, guint value, const char *text,
                LoomGuest *self)
{
  g_autofree char *detail = explain_note (self, note, value, text);

  remove_timeout (&self->agent_timeout);
  if (self->config_dirty)
    push_config (self);
  self->running_state = state == LOOM_AGENT_READY ? LOOM_GUEST_READY : LOOM_GUEST_BOOTING;
  if (self->state == LOOM_GUEST_BOOTING || self->state == LOOM_GUEST_READY)
    set_state (self, self->running_state, detail,
               self->running_state == LOOM_GUEST_BOOTING ? 0.9 : -1);
}

static gboolean
on_agent_timeout (gpointer user_data)
{
  LoomGuest *self = user_data;

  self->agent_timeout = 0;
  if (self->agent != NULL)
    loom_agent_client_close (self->agent); /* on_agent_closed () tries again */
  else
    connect_agent (self);
  return G_SOURCE_REMOVE;
}

static void
retry_agent (LoomGuest *self, guint ms)
{
  remove_timeout (&self->agent_timeout);
  self->agent_timeout = g_timeout_add (ms, on_agent_timeout, self);
}

static void
on_agent_closed (LoomAgentClient *agent, GError *error, LoomGuest *self)
{
  g_signal_handlers_disconnect_by_data (agent, self);
  g_clear_object (&self->agent);
  retry_agent (self, AGENT_RETRY_MS);
}

static void
on_agent_connect_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomGuest) self = user_data;
  g_autoptr (GError) error = NULL;
  LoomChannel *channel = loom_channel_connect_finish (result, &error);

  if (channel == NULL) {
    if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && self->qmp != NULL)
      retry_agent (self, AGENT_RETRY_MS);
    return;
  }
  if (self->qmp == NULL || self->agent != NULL) {
    loom_channel_close (channel, NULL);
    g_object_unref (channel);
    return;
  }
  self->agent = loom_agent_client_new (channel);
  g_signal_connect (self->agent, "state", G_CALLBACK (on_agent_state), self);
  g_signal_connect (self->agent, "closed", G_CALLBACK (on_agent_closed), self);
  /* A stream that an earlier engine left in the middle of a frame heals by hanging up. */
  retry_agent (self, AGENT_ANSWER_MS);
}

static void
connect_agent (LoomGuest *self)
{
  g_autofree char *path = NULL;

  if (!self->spec->has_agent || self->agent != NULL)
    return;
  path = loom_guest_spec_dup_path (self->spec, "agent");
  loom_channel_connect_async (path, AGENT_QUEUE_BYTES, self->connecting, on_agent_connect_ready,
                              g_object_ref (self));
}

/* --- QMP ------------------------------------------------------------------------------------ */

static void
on_qmp_event (LoomQmpClient *qmp, const char *name, JsonObject *data, LoomGuest *self)
{
  gboolean runs = self->state == LOOM_GUEST_BOOTING || self->state == LOOM_GUEST_READY;

  if (g_strcmp0 (name, "SHUTDOWN") == 0) {
    self->powered_off = TRUE;
  } else if (g_strcmp0 (name, "STOP") == 0 && runs) {
    set_state (self, LOOM_GUEST_PAUSED, NULL, -1);
  } else if (g_strcmp0 (name, "RESUME") == 0 && self->state == LOOM_GUEST_PAUSED) {
    set_state (self, self->running_state, NULL, -1);
  } else if (g_strcmp0 (name, "RESET") == 0 && runs && self->spec->has_agent) {
    self->running_state = LOOM_GUEST_BOOTING;
    set_state (self, LOOM_GUEST_BOOTING, NULL, 0.3);
    if (self->agent != NULL)
      loom_agent_client_close (self->agent);
  }
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
  abort_run (self, failure);
}

static void
adopt_qmp (LoomGuest *self, GSocketConnection *connection)
{
  self->qmp = loom_qmp_client_new (connection);
  g_signal_connect (self->qmp, "event", G_CALLBACK (on_qmp_event), self);
  g_signal_connect (self->qmp, "closed", G_CALLBACK (on_qmp_closed), self);
}

/* (transfer full) (nullable): a connection to @path; at once, as UNIX sockets are. */
static GSocketConnection *
connect_socket (const char *path, GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM,
                                             G_SOCKET_PROTOCOL_DEFAULT, error);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);

  if (socket == NULL)
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  if (!g_socket_connect (socket, address, NULL, error))
    return NULL;
  return g_socket_connection_factory_create_connection (socket);
}

/* --- starting ------------------------------------------------------------------------------- */

static void
run_guest (LoomGuest *self)
{
  GTask *task = g_steal_pointer (&self->start_task);

  self->running_state = self->spec->has_agent ? LOOM_GUEST_BOOTING : LOOM_GUEST_READY;
  if (!self->spec->has_agent)
    set_state (self, LOOM_GUEST_READY, NULL, -1);
  if (task != NULL) {
    g_task_return_boolean (task, TRUE);
    g_object_unref (task);
  }
}

static void
on_cont_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomGuest) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode)
      node = loom_qmp_client_execute_finish (LOOM_QMP_CLIENT (source), result, &error);

  if (LOOM_QMP_CLIENT (source) != self->qmp || self->state != LOOM_GUEST_BOOTING)
    return;
  if (node == NULL) {
    if (loom_qmp_client_is_open (self->qmp)) { /* else the process tells */
      g_autoptr (GError)
          failure = g_error_new (LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_START,
                                 _ ("%s was not started. %s"), self->spec->name, error->message);

      abort_run (self, failure);
    }
    return;
  }
  run_guest (self);
}

static void
on_status_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomGuest) self = user_data;
  g_autoptr (JsonNode)
      node = loom_qmp_client_execute_finish (LOOM_QMP_CLIENT (source), result, NULL);

  if (LOOM_QMP_CLIENT (source) != self->qmp || self->state != LOOM_GUEST_PREPARING || node == NULL)
    return;
  remove_timeout (&self->start_timeout);
  remove_timeout (&self->replace_timeout);
  close_listeners (self); /* QEMU has its own */
  set_state (self, LOOM_GUEST_BOOTING, NULL, 0.3);
  if (self->state != LOOM_GUEST_BOOTING) /* somebody stopped it at once */
    return;
  loom_qmp_client_execute_async (self->qmp, "cont", NULL, NULL, on_cont_ready, g_object_ref (self));
  connect_agent (self);
}

static void
on_ignored_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (JsonNode)
      node = loom_qmp_client_execute_finish (LOOM_QMP_CLIENT (source), result, NULL);
}

/* Everything that has to be so when the guest looks for the first time. */
static void
prepare_qemu (LoomGuest *self)
{
  for (guint i = 0; i < self->spec->nics->len; i++) {
    const LoomGuestNic *nic = self->spec->nics->pdata[i];

    if (!nic->link_up)
      loom_qmp_client_execute_async (self->qmp, "set_link", loom_nic_set_link_arguments (i, FALSE),
                                     NULL, on_ignored_ready, NULL);
  }
  loom_qmp_client_execute_async (self->qmp, "query-status", NULL, NULL, on_status_ready,
                                 g_object_ref (self));
}

static gboolean
on_start_timeout (gpointer user_data)
{
  LoomGuest *self = user_data;
  g_autoptr (GError) error = g_error_new (
      LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_START,
      _ ("%s was not started: the switch did not connect to its network cards. Start it again."),
      self->spec->name);

  self->start_timeout = 0;
  abort_run (self, error);
  return G_SOURCE_REMOVE;
}

/* Lets the switch go from the place holders to QEMU's sockets as these appear. A tick later than
 * they are seen: between bind () and listen () QEMU would refuse. */
static gboolean
on_replace_tick (gpointer user_data)
{
  LoomGuest *self = user_data;
  gboolean waiting = FALSE;

  for (guint i = 0; i < self->spec->nics->len; i++) {
    const LoomGuestNic *nic = self->spec->nics->pdata[i];

    if (self->nics[i].fd < 0)
      continue;
    waiting = TRUE;
    if (self->nics[i].inode == 0)
      loom_placeholder_close (&self->nics[i]);
    else if (loom_placeholder_is_replaced (&self->nics[i], nic->vhost_path))
      self->nics[i].inode = 0;
  }
  if (waiting)
    return G_SOURCE_CONTINUE;
  self->replace_timeout = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
write_config (LoomGuest *self, GError **error)
{
  g_autofree char *path = loom_guest_spec_dup_path (self->spec, "conf");
  g_autofree char *text = NULL;

  if (!self->spec->has_agent)
    return TRUE;
  text = loom_guest_spec_dup_config (self->spec, TRUE);
  return g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, error);
}

/* Memory is given out as it is used, so a guest larger than the computer would start, and be killed
 * in the middle of something. */
static gboolean
check_memory (LoomGuest *self, GError **error)
{
  gint64 host_mib = (gint64) sysconf (_SC_PHYS_PAGES) * sysconf (_SC_PAGESIZE) / (1024 * 1024);

  if (host_mib <= 0 || self->spec->memory_mib <= host_mib)
    return TRUE;
  g_set_error (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_START,
               _ ("%s was not started. It wants %d MiB of memory, and this computer has %d MiB. "
                  "Give it less."),
               self->spec->name, self->spec->memory_mib, (int) host_mib);
  return FALSE;
}

static gboolean
spawn_qemu (LoomGuest *self, GError **error)
{
  g_auto (GStrv) argv = loom_qemu_argv (self->spec);
  g_autofree char *log = loom_guest_spec_dup_path (self->spec, "log");
  g_autofree char *qmp = loom_guest_spec_dup_path (self->spec, "qmp");
  g_autoptr (GSocketConnection) connection = NULL;

  self->qmp_listener = loom_listener_open (qmp, error);
  if (self->qmp_listener < 0 || !write_config (self, error))
    return FALSE;
  connection = connect_socket (qmp, error); /* waits in the backlog until QEMU takes it */
  if (connection == NULL)
    return FALSE;
  self->process = loom_process_spawn ((const char *const *) argv, log, &self->qmp_listener, 1,
                                      error);
  if (self->process == NULL)
    return FALSE;
  loom_listener_close (&self->qmp_listener);
  g_signal_connect (self->process, "exited", G_CALLBACK (on_process_exited), self);
  adopt_qmp (self, connection);
  return TRUE;
}

static gboolean
on_start_cancelled (GCancellable *cancellable, gpointer user_data)
{
  GTask *task = user_data;
  LoomGuest *self = g_task_get_source_object (task);

  if (self->start_task == task && !is_down (self))
    loom_guest_stop_async (self, 0, NULL, NULL, NULL);
  return G_SOURCE_REMOVE;
}

static void
on_start_completed (GTask *task, GParamSpec *pspec, gpointer user_data)
{
  g_source_destroy (user_data);
}

static void
unref_source (gpointer source, GClosure *closure)
{
  g_source_unref (source);
}

static void
watch_start_cancellable (GTask *task)
{
  g_autoptr (GSource) source = NULL;

  if (g_task_get_cancellable (task) == NULL)
    return;
  source = g_cancellable_source_new (g_task_get_cancellable (task));
  g_source_set_callback (source, G_SOURCE_FUNC (on_start_cancelled), g_object_ref (task),
                         g_object_unref);
  g_source_attach (source, g_task_get_context (task));
  g_signal_connect_data (task, "notify::completed", G_CALLBACK (on_start_completed),
                         g_source_ref (source), unref_source, 0);
}

/* --- life of the object ---------------------------------------------------------------------- */

static void
loom_guest_dispose (GObject *object)
{
  LoomGuest *self = LOOM_GUEST (object);

  drop_run (self); /* QEMU lives on: another engine may find it */
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

static void
replace_spec (LoomGuest *self, LoomGuestSpec *spec)
{
  loom_guest_spec_unref (self->spec);
  self->spec = spec;
}

void
loom_guest_set_spec (LoomGuest *self, LoomGuestSpec *spec)
{
  g_return_if_fail (is_down (self));

  close_listeners (self);
  replace_spec (self, loom_guest_spec_ref (spec));
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

gboolean
loom_guest_prepare (LoomGuest *self, GError **error)
{
  g_return_val_if_fail (is_down (self) || self->state == LOOM_GUEST_PREPARING, FALSE);

  if (!loom_guest_spec_check (self->spec, error))
    return FALSE;
  for (guint i = 0; i < self->spec->nics->len; i++) {
    const LoomGuestNic *nic = self->spec->nics->pdata[i];

    if (self->nics[i].fd < 0 && !loom_placeholder_open (&self->nics[i], nic->vhost_path, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
loom_guest_prepare_nic (LoomGuest *self, const LoomGuestNic *nic, GError **error)
{
  guint index = self->spec->nics->len;

  if (index >= LOOM_GUEST_MAX_NICS) {
    g_set_error (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_INVALID,
                 _ ("%s cannot have more than %d network cards."), self->spec->name,
                 LOOM_GUEST_MAX_NICS);
    return FALSE;
  }
  loom_placeholder_close (&self->nics[index]);
  return loom_placeholder_open (&self->nics[index], nic->vhost_path, error);
}

static gboolean
claim_start (LoomGuest *self, GTask *task)
{
  if (is_down (self) && self->start_task == NULL)
    return TRUE;
  g_task_return_new_error (task, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_STATE,
                           _ ("%s is not switched off. Stop it first."), self->spec->name);
  return FALSE;
}

void
loom_guest_start_async (LoomGuest *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, loom_guest_start_async);
  if (!claim_start (self, task))
    return;
  self->start_task = g_object_ref (task);
  self->powered_off = FALSE;
  self->connecting = g_cancellable_new ();
  set_state (self, LOOM_GUEST_PREPARING, NULL, 0.1);
  if (!loom_guest_prepare (self, &error) || !check_memory (self, &error)
      || !spawn_qemu (self, &error)) {
    g_autoptr (GError) failure = NULL;

    if (error->domain == LOOM_GUEST_ERROR)
      failure = g_error_copy (error);
    else if (g_error_matches (error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT))
      failure = g_error_new (LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_START,
                             _ ("%s was not started: QEMU is missing. Install the package "
                                "qemu-system-x86."),
                             self->spec->name);
    else
      failure = g_error_new (LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_START, _ ("%s was not started. %s"),
                             self->spec->name, error->message);
    fail_run (self, failure);
    return;
  }
  self->start_timeout = g_timeout_add_seconds (START_TIMEOUT_S, on_start_timeout, self);
  self->replace_timeout = g_timeout_add (REPLACE_TICK_MS, on_replace_tick, self);
  prepare_qemu (self);
  watch_start_cancellable (task);
}

gboolean
loom_guest_start_finish (LoomGuest *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- attaching ------------------------------------------------------------------------------ */

static void
on_attach_status_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomGuest) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode)
      node = loom_qmp_client_execute_finish (LOOM_QMP_CLIENT (source), result, &error);
  JsonObject *status = loom_json_node_object (node);
  const char *word;
  GTask *task;

  if (LOOM_QMP_CLIENT (source) != self->qmp || self->start_task == NULL || status == NULL)
    return; /* the process or the connection ended, and who saw it returned the task */
  task = g_steal_pointer (&self->start_task);
  word = loom_json_get_string (status, "status");
  self->running_state = self->spec->has_agent ? LOOM_GUEST_BOOTING : LOOM_GUEST_READY;
  remove_timeout (&self->start_timeout);
  if (g_strcmp0 (word, "prelaunch") == 0) { /* the engine died before it said "cont" */
    prepare_qemu (self);
    loom_qmp_client_execute_async (self->qmp, "cont", NULL, NULL, on_ignored_ready, NULL);
  }
  set_state (self, g_strcmp0 (word, "paused") == 0 ? LOOM_GUEST_PAUSED : self->running_state, NULL,
             -1);
  connect_agent (self);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static gboolean
attach (LoomGuest *self, GError **error)
{
  g_autofree char *path = loom_guest_spec_dup_path (self->spec, "qmp");
  g_autoptr (GSocketConnection) connection = connect_socket (path, error);
  g_autoptr (GCredentials) credentials = NULL;
  pid_t pid;

  if (connection == NULL)
    return FALSE;
  /* Whoever listens: QEMU, since it has called listen () on the socket that it was given. */
  credentials = g_socket_get_credentials (g_socket_connection_get_socket (connection), error);
  pid = credentials != NULL ? g_credentials_get_unix_pid (credentials, error) : -1;
  if (pid <= 0)
    return FALSE;
  self->process = loom_process_adopt (pid, error);
  if (self->process == NULL)
    return FALSE;
  self->connecting = g_cancellable_new ();
  g_signal_connect (self->process, "exited", G_CALLBACK (on_process_exited), self);
  adopt_qmp (self, connection);
  return TRUE;
}

void
loom_guest_attach_async (LoomGuest *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, loom_guest_attach_async);
  if (!claim_start (self, task))
    return;
  self->powered_off = FALSE;
  if (!attach (self, &error)) {
    drop_run (self);
    g_task_return_new_error (task, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_DIED,
                             _ ("%s does not run any more. Start it again."), self->spec->name);
    return;
  }
  self->start_task = g_object_ref (task);
  set_state (self, LOOM_GUEST_PREPARING, NULL, -1);
  self->start_timeout = g_timeout_add_seconds (START_TIMEOUT_S, on_start_timeout, self);
  loom_qmp_client_execute_async (self->qmp, "query-status", NULL, NULL, on_attach_status_ready,
                                 g_object_ref (self));
}

gboolean
loom_guest_attach_finish (LoomGuest *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- stopping ------------------------------------------------------------------------------- */

static gboolean
on_stop_timeout (gpointer user_data)
{
  LoomGuest *self = user_data;

  self->stop_timeout = 0;
  if (self->stop_step == 0 && self->qmp != NULL && loom_qmp_client_is_open (self->qmp)) {
    self->stop_step = 1;
    loom_qmp_client_execute_async (self->qmp, "quit", NULL, NULL, on_ignored_ready, NULL);
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
  loom_qmp_client_execute_async (self->qmp, "system_powerdown", NULL, NULL, on_ignored_ready, NULL);
  return TRUE;
}

void
loom_guest_stop_async (LoomGuest *self, guint grace_ms, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  LoomGuestState was = self->state;

  g_task_set_source_tag (task, loom_guest_stop_async);
  if (is_down (self) || self->process == NULL) {
    close_listeners (self);
    remove_files (self);
    set_state (self, LOOM_GUEST_OFF, NULL, -1);
    g_task_return_boolean (task, TRUE);
    return;
  }
  g_ptr_array_add (self->stop_tasks, g_object_ref (task));
  if (was == LOOM_GUEST_STOPPING && (grace_ms > 0 || self->stop_step > 0))
    return;
  set_state (self, LOOM_GUEST_STOPPING, NULL, -1);
  remove_timeout (&self->start_timeout);
  remove_timeout (&self->stop_timeout);
  remove_timeout (&self->agent_timeout);
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

/* --- orders to a running machine ------------------------------------------------------------ */

static gboolean
check_running (LoomGuest *self, GTask *task)
{
  if (self->qmp != NULL
      && (self->state == LOOM_GUEST_BOOTING || self->state == LOOM_GUEST_READY
          || self->state == LOOM_GUEST_PAUSED))
    return TRUE;
  g_task_return_new_error (task, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_STATE,
                           _ ("%s is not running. Start it first."), self->spec->name);
  return FALSE;
}

static void
on_order_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LoomGuest *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode)
      node = loom_qmp_client_execute_finish (LOOM_QMP_CLIENT (source), result, &error);

  if (node != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, error->domain, error->code, "%s: %s", self->spec->name,
                             error->message);
}

static void
order (LoomGuest *self, gpointer tag, const char *command, JsonNode *arguments,
       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  if (!check_running (self, task)) {
    g_clear_pointer (&arguments, json_node_unref);
    return;
  }
  loom_qmp_client_execute_async (self->qmp, command, arguments, NULL, on_order_ready,
                                 g_steal_pointer (&task));
}

void
loom_guest_pause_async (LoomGuest *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer user_data)
{
  order (self, loom_guest_pause_async, "stop", NULL, cancellable, callback, user_data);
}

gboolean
loom_guest_pause_finish (LoomGuest *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
loom_guest_resume_async (LoomGuest *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  order (self, loom_guest_resume_async, "cont", NULL, cancellable, callback, user_data);
}

gboolean
loom_guest_resume_finish (LoomGuest *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
loom_guest_set_link_async (LoomGuest *self, guint nic, gboolean up, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  LoomGuestSpec *spec;

  g_return_if_fail (nic < self->spec->nics->len);

  spec = loom_guest_spec_copy (self->spec);
  ((LoomGuestNic *) spec->nics->pdata[nic])->link_up = up;
  replace_spec (self, spec);
  /* While QEMU is being prepared the order waits behind what prepare_qemu () said. */
  if (self->qmp == NULL || self->state == LOOM_GUEST_STOPPING) {
    g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

    g_task_return_boolean (task, TRUE);
  } else {
    GTask *task = g_task_new (self, cancellable, callback, user_data);

    g_task_set_source_tag (task, loom_guest_set_link_async);
    loom_qmp_client_execute_async (self->qmp, "set_link", loom_nic_set_link_arguments (nic, up),
                                   NULL, on_order_ready, task);
  }
}

gboolean
loom_guest_set_link_finish (LoomGuest *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_plugged_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LoomGuest *self = g_task_get_source_object (task);
  const LoomGuestNic *nic = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  LoomGuestSpec *spec;

  self->nic_busy = FALSE;
  if (!loom_nic_plug_finish (LOOM_QMP_CLIENT (source), result, &error)) {
    g_task_return_new_error (task, error->domain, error->code,
                             _ ("%s did not get its new network card: %s"), self->spec->name,
                             error->message);
    return;
  }
  spec = loom_guest_spec_copy (self->spec);
  g_ptr_array_add (spec->nics, loom_guest_nic_copy (nic));
  replace_spec (self, spec);
  push_config (self);
  g_task_return_boolean (task, TRUE);
}

static gboolean
claim_nics (LoomGuest *self, GTask *task)
{
  if (!self->nic_busy)
    return TRUE;
  g_task_return_new_error (task, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_STATE,
                           _ ("A network card of %s is being changed. Try again in a moment."),
                           self->spec->name);
  return FALSE;
}

void
loom_guest_add_nic_async (LoomGuest *self, const LoomGuestNic *nic, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (LoomGuestSpec) spec = loom_guest_spec_copy (self->spec);
  guint index = self->spec->nics->len;
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, loom_guest_add_nic_async);
  g_task_set_task_data (task, loom_guest_nic_copy (nic), (GDestroyNotify) loom_guest_nic_free);
  g_ptr_array_add (spec->nics, loom_guest_nic_copy (nic));
  if (!loom_guest_spec_check (spec, &error)) {
    g_task_return_error (task, g_steal_pointer (&error));
    return;
  }
  if (is_down (self)) {
    replace_spec (self, g_steal_pointer (&spec));
    g_task_return_boolean (task, TRUE);
    return;
  }
  if (!check_running (self, task) || !claim_nics (self, task))
    return;
  if (self->nics[index].fd < 0 && !loom_guest_prepare_nic (self, nic, &error)) {
    g_task_return_error (task, g_steal_pointer (&error));
    return;
  }
  self->nic_busy = TRUE;
  loom_nic_plug_async (self->qmp, self->spec, index, nic, &self->nics[index], NULL,
                       on_plugged_ready, g_steal_pointer (&task));
}

gboolean
loom_guest_add_nic_finish (LoomGuest *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
forget_last_nic (LoomGuest *self)
{
  LoomGuestSpec *spec = loom_guest_spec_copy (self->spec);
  guint last = spec->nics->len - 1;

  g_unlink (((LoomGuestNic *) spec->nics->pdata[last])->vhost_path);
  loom_placeholder_close (&self->nics[last]);
  g_ptr_array_set_size (spec->nics, (int) last);
  replace_spec (self, spec);
}

static void
on_unplugged_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LoomGuest *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;

  self->nic_busy = FALSE;
  if (!loom_nic_unplug_finish (LOOM_QMP_CLIENT (source), result, &error)) {
    g_task_return_new_error (task, error->domain, error->code,
                             _ ("A network card of %s was not taken out: %s"), self->spec->name,
                             error->message);
    return;
  }
  forget_last_nic (self);
  push_config (self);
  g_task_return_boolean (task, TRUE);
}

void
loom_guest_remove_nic_async (LoomGuest *self, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_return_if_fail (self->spec->nics->len > 0);

  g_task_set_source_tag (task, loom_guest_remove_nic_async);
  if (is_down (self)) {
    forget_last_nic (self);
    g_task_return_boolean (task, TRUE);
    return;
  }
  if (!check_running (self, task) || !claim_nics (self, task))
    return;
  self->nic_busy = TRUE;
  loom_nic_unplug_async (self->qmp, self->spec->nics->len - 1, NULL, on_unplugged_ready,
                         g_steal_pointer (&task));
}

gboolean
loom_guest_remove_nic_finish (LoomGuest *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_configured_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LoomGuest *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;

  if (loom_agent_client_configure_finish (LOOM_AGENT_CLIENT (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, error->domain, error->code,
                             _ ("The addresses of %s were not all set: %s"), self->spec->name,
                             error->message);
}

void
loom_guest_configure_async (LoomGuest *self, const LoomGuestSpec *wanted, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (LoomGuestSpec) spec = loom_guest_spec_copy (self->spec);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, loom_guest_configure_async);
  g_free (spec->name);
  spec->name = g_strdup (wanted->name);
  g_ptr_array_set_size (spec->hosts, 0);
  for (guint i = 0; i < wanted->hosts->len; i++) {
    const LoomGuestHost *host = wanted->hosts->pdata[i];

    loom_guest_spec_add_host (spec, host->address, host->name);
  }
  for (guint i = 0; i < MIN (spec->nics->len, wanted->nics->len); i++) {
    LoomGuestNic *nic = spec->nics->pdata[i];

    g_free (nic->addresses);
    nic->addresses = g_strdup (((LoomGuestNic *) wanted->nics->pdata[i])->addresses);
  }
  if (!loom_guest_spec_check (spec, &error)) {
    g_task_return_error (task, g_steal_pointer (&error));
    return;
  }
  replace_spec (self, g_steal_pointer (&spec));
  if (self->agent == NULL || !loom_agent_client_is_ready (self->agent)) {
    push_config (self);
    g_task_return_boolean (task, TRUE);
    return;
  }
  text = loom_guest_spec_dup_config (self->spec, FALSE);
  loom_agent_client_configure_async (self->agent, text, cancellable, on_configured_ready,
                                     g_steal_pointer (&task));
}

gboolean
loom_guest_configure_finish (LoomGuest *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_exec_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  int status;

  if (loom_agent_client_exec_finish (LOOM_AGENT_CLIENT (source), result, &status, &error))
    g_task_return_int (task, status);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
loom_guest_exec_async (LoomGuest *self, const char *const *argv, int in_fd, int out_fd, int err_fd,
                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, loom_guest_exec_async);
  if (!check_running (self, task))
    return;
  if (!self->spec->has_agent) {
    g_task_return_new_error (task, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_STATE,
                             _ ("Commands cannot be run in %s from outside: it boots from a disk "
                                "image. Use its console."),
                             self->spec->name);
    return;
  }
  if (self->agent == NULL || !loom_agent_client_is_ready (self->agent)) {
    g_task_return_new_error (task, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_STATE,
                             _ ("%s is not ready yet. Try again in a moment."), self->spec->name);
    return;
  }
  loom_agent_client_exec_async (self->agent, argv, in_fd, out_fd, err_fd, cancellable,
                                on_exec_ready, g_steal_pointer (&task));
}

gboolean
loom_guest_exec_finish (LoomGuest *self, GAsyncResult *result, int *ret_status, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  gssize status = g_task_propagate_int (G_TASK (result), &local_error);

  if (local_error != NULL) {
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
  }
  *ret_status = (int) status;
  return TRUE;
}
