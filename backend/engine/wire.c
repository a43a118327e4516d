/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The wire's process, and the connection to it. What it is told about cables is in engine-wire.c.
 */

#include "backend/engine/wire.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include <signal.h>

#include "backend/engine/log.h"
#include "backend/engine/paths.h"
#include "backend/ovs/daemon.h"
#include "backend/ovs/switch.h"
#include "backend/proto/json-rpc.h"
#include "backend/proto/pulse.h"

#define PROGRAM "lanloom-wire"
#define LOG_NAME "wire.log"
#define MAX_MESSAGE_BYTES (8 * 1024 * 1024)
#define MAX_QUEUE_BYTES (1024 * 1024)
#define MAX_DEPTH 8
#define CALL_TIMEOUT_MS 5000
/* Longer than LOOM_PULSE_PATIENCE_S: a question that is given up counts as not asked. */
#define PING_TIMEOUT_MS 30000
#define CONNECT_PERIOD_MS 20
#define START_TIMEOUT_US (20 * G_USEC_PER_SEC)
#define IDLE_TIMEOUT_S 5
/* Rings and frames, all of which it sets aside at once, and DPDK's list of the frames. */
#define HUGEPAGES_MIB 200
#define MAX_RESTARTS 6
#define RESTART_WINDOW_US (60 * G_USEC_PER_SEC)
/* The first restart comes at once, the others after a pause that doubles. */
#define RESTART_PAUSE_MS 50

typedef enum {
  STATE_OFF,      /* not needed, or given up: "failure" says why */
  STATE_STARTING, /* the process runs: waits until its control socket takes us */
  STATE_UP,       /* it answers; ends when it was not needed for a while */
  STATE_LATE,     /* it has not answered for too long, and may go on: waits for an answer */
  STATE_WAITING,  /* it ended: waits a little, then it is started again */
} State;

struct _LoomWire {
  GObject parent;
  char *folder;
  char *control;
  char *pid_file;
  State state;
  gboolean needed;
  gboolean spares_hugepages; /* it ended, perhaps for them */
  gboolean adopting;
  LoomDaemon *daemon;
  LoomJsonRpc *rpc;
  GCancellable *cancellable; /* of the attempt to connect */
  guint epoch;
  LoomPulse pulse; /* while there is a connection */
  char *failure;
  guint timer_id; /* to connect again, to start again, or to end, by the state */
  gint64 deadline_us;
  guint n_restarts;
  gint64 window_began_us;
};

G_DEFINE_FINAL_TYPE (LoomWire, loom_wire, G_TYPE_OBJECT)

enum {
  SIGNAL_CHANGED,
  SIGNAL_NOTIFICATION,
  SIGNAL_MESSAGE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void start (LoomWire *self);
static void try_connect (LoomWire *self);

static void
say (LoomWire *self, const char *severity, const char *text)
{
  g_message ("wire: %s", text);
  g_signal_emit (self, signals[SIGNAL_MESSAGE], 0, severity, text);
}

static void
set_state (LoomWire *self, State state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_clear_handle_id (&self->timer_id, g_source_remove);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
let_go (LoomWire *self)
{
  if (self->rpc != NULL) {
    g_signal_handlers_disconnect_by_data (self->rpc, self);
    loom_json_rpc_close (self->rpc);
    g_clear_object (&self->rpc);
  }
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->daemon != NULL) {
    g_signal_handlers_disconnect_by_data (self->daemon, self);
    loom_daemon_end (self->daemon, 0);
    g_clear_object (&self->daemon);
  }
  self->adopting = FALSE;
  self->pulse = (LoomPulse){0};
  self->epoch++;
}

static void
fail (LoomWire *self, const char *reason)
{
  g_free (self->failure);
  self->failure = g_strdup (reason);
  say (self, "error", reason);
  set_state (self, STATE_OFF);
}

static gboolean
on_restart_due (gpointer user_data)
{
  LoomWire *self = user_data;

  self->timer_id = 0;
  start (self);
  return G_SOURCE_REMOVE;
}

/* It died, hung up, or did not come up. */
static void
restart (LoomWire *self)
{
  g_autofree char *log = g_build_filename (self->folder, LOG_NAME, NULL);
  g_autofree char *words = loom_log_dup_last_line (log);
  gint64 now_us = g_get_monotonic_time ();
  gboolean was_up = self->state == STATE_UP || self->state == STATE_LATE;

  let_go (self);
  self->spares_hugepages = TRUE;
  if (now_us - self->window_began_us > RESTART_WINDOW_US) {
    self->window_began_us = now_us;
    self->n_restarts = 0;
  }
  if (++self->n_restarts > MAX_RESTARTS) {
    g_autofree char *reason = g_strdup_printf (
        _ ("The wire ended again and again (%s). Cables carry frames as they come until you repair "
           "the lab."),
        words);
    fail (self, reason);
    return;
  }
  if (was_up)
    say (self, "warning",
         _ ("The wire ended. Cables carry frames as they come until it runs again."));
  set_state (self, STATE_WAITING);
  g_clear_handle_id (&self->timer_id, g_source_remove);
  self->timer_id = g_timeout_add (
      self->n_restarts == 1 ? 0 : RESTART_PAUSE_MS << (self->n_restarts - 2), on_restart_due, self);
}

static void
on_exited (LoomDaemon *daemon, gpointer user_data)
{
  restart (user_data);
}

static void
on_closed (LoomJsonRpc *rpc, GError *error, gpointer user_data)
{
  /* A question under way may have been what it was kept for. */
  g_autoptr (LoomWire) self = g_object_ref (user_data);

  restart (self);
}

static void
on_notification (LoomJsonRpc *rpc, const char *method, JsonArray *params, gpointer user_data)
{
  LoomWire *self = user_data;
  JsonObject *object = json_array_get_length (params) == 1
                           ? loom_json_node_object (json_array_get_element (params, 0))
                           : NULL;

  if (object != NULL)
    g_signal_emit (self, signals[SIGNAL_NOTIFICATION], 0, method, object);
}

static gboolean
on_connect_due (gpointer user_data)
{
  LoomWire *self = user_data;

  self->timer_id = 0;
  if (g_get_monotonic_time () > self->deadline_us)
    restart (self);
  else
    try_connect (self);
  return G_SOURCE_REMOVE;
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomWire) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LoomChannel) channel = loom_channel_connect_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->cancellable);
  if (channel == NULL) {
    self->timer_id = g_timeout_add (CONNECT_PERIOD_MS, on_connect_due, self);
    return;
  }
  self->rpc = loom_json_rpc_new (channel, MAX_MESSAGE_BYTES, MAX_DEPTH);
  g_signal_connect (self->rpc, "notification", G_CALLBACK (on_notification), self);
  g_signal_connect (self->rpc, "closed", G_CALLBACK (on_closed), self);
  self->epoch++;
  if (self->n_restarts > 0)
    say (self, "info", _ ("The wire runs again."));
  set_state (self, STATE_UP);
}

static void
try_connect (LoomWire *self)
{
  self->cancellable = g_cancellable_new ();
  loom_channel_connect_async (self->control, MAX_QUEUE_BYTES, self->cancellable, on_connected,
                              g_object_ref (self));
}

static void
enter_starting (LoomWire *self)
{
  g_signal_connect (self->daemon, "exited", G_CALLBACK (on_exited), self);
  self->deadline_us = g_get_monotonic_time () + START_TIMEOUT_US;
  set_state (self, STATE_STARTING);
  try_connect (self);
}

static gboolean
takes_hugepages (LoomWire *self)
{
  return !self->spares_hugepages
         && loom_switch_read_free_hugepages_mib (LOOM_SWITCH_SYS) >= HUGEPAGES_MIB;
}

static void
start (LoomWire *self)
{
  g_autofree char *program = loom_paths_dup_program (PROGRAM);
  g_autofree char *log = g_build_filename (self->folder, LOG_NAME, NULL);
  const char *argv[] = {program,    "--control",  self->control,
                        "--folder", self->folder, takes_hugepages (self) ? "--hugepages" : NULL,
                        NULL};
  g_autoptr (GError) error = NULL;

  if (!self->needed) {
    set_state (self, STATE_OFF);
    return;
  }
  if (!g_file_test (program, G_FILE_TEST_IS_EXECUTABLE)) {
    fail (self, _ ("Cables carry frames as they come: lanloom-wire is missing. Install libdpdk-dev "
                   "and build Lanloom again."));
    return;
  }
  g_mkdir (self->folder, 0700);
  g_unlink (self->control);
  g_auto (GStrv) environment = g_get_environ ();
  self->daemon = loom_daemon_spawn (PROGRAM, argv, (const char *const *) environment, log,
                                    self->pid_file, &error);
  if (self->daemon == NULL)
    fail (self, error->message);
  else
    enter_starting (self);
}

static void
loom_wire_dispose (GObject *object)
{
  LoomWire *self = LOOM_WIRE (object);

  g_clear_handle_id (&self->timer_id, g_source_remove);
  let_go (self);
  G_OBJECT_CLASS (loom_wire_parent_class)->dispose (object);
}

static void
loom_wire_finalize (GObject *object)
{
  LoomWire *self = LOOM_WIRE (object);

  g_free (self->folder);
  g_free (self->control);
  g_free (self->pid_file);
  g_free (self->failure);
  G_OBJECT_CLASS (loom_wire_parent_class)->finalize (object);
}

static void
loom_wire_class_init (LoomWireClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = loom_wire_dispose;
  G_OBJECT_CLASS (klass)->finalize = loom_wire_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", LOOM_TYPE_WIRE, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_NOTIFICATION] = g_signal_new (
      "notification", LOOM_TYPE_WIRE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
      G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE, JSON_TYPE_OBJECT | G_SIGNAL_TYPE_STATIC_SCOPE);
  signals[SIGNAL_MESSAGE] = g_signal_new ("message", LOOM_TYPE_WIRE, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
loom_wire_init (LoomWire *self)
{
}

LoomWire *
loom_wire_new (const char *runtime_folder)
{
  LoomWire *self = g_object_new (LOOM_TYPE_WIRE, NULL);

  self->folder = g_build_filename (runtime_folder, LOOM_WIRE_FOLDER, NULL);
  self->control = g_build_filename (self->folder, "control", NULL);
  self->pid_file = g_build_filename (self->folder, "wire.pid", NULL);
  self->daemon = loom_daemon_find (PROGRAM, self->pid_file, self->control);
  if (self->daemon != NULL) {
    self->adopting = TRUE;
    self->needed = TRUE;
    enter_starting (self);
  }
  return self;
}

gboolean
loom_wire_is_adopting (LoomWire *self)
{
  return self->adopting && self->state == STATE_STARTING;
}

static gboolean
on_idle (gpointer user_data)
{
  LoomWire *self = user_data;

  self->timer_id = 0;
  g_message ("wire: not needed any more");
  let_go (self);
  set_state (self, STATE_OFF);
  return G_SOURCE_REMOVE;
}

void
loom_wire_set_needed (LoomWire *self, gboolean needed)
{
  gboolean runs = self->state == STATE_UP || self->state == STATE_LATE;

  self->needed = needed;
  if (needed && runs)
    g_clear_handle_id (&self->timer_id, g_source_remove);
  else if (!needed && runs && self->timer_id == 0)
    self->timer_id = g_timeout_add_seconds (IDLE_TIMEOUT_S, on_idle, self);
  else if (needed && self->state == STATE_OFF && self->failure == NULL)
    start (self);
}

gboolean
loom_wire_is_up (LoomWire *self)
{
  return self->state == STATE_UP;
}

guint
loom_wire_get_epoch (LoomWire *self)
{
  return self->epoch;
}

const char *
loom_wire_get_failure (LoomWire *self)
{
  return self->failure;
}

void
loom_wire_retry (LoomWire *self)
{
  if (self->failure == NULL)
    return;
  g_clear_pointer (&self->failure, g_free);
  self->n_restarts = 0;
  if (self->needed)
    start (self);
}

GPid
loom_wire_get_pid (LoomWire *self)
{
  return self->daemon != NULL && loom_daemon_is_running (self->daemon)
             ? loom_daemon_get_pid (self->daemon)
             : 0;
}

char *
loom_wire_dup_socket (const char *runtime_folder, guint64 cookie, int port)
{
  return g_strdup_printf ("%s/" LOOM_WIRE_FOLDER "/%" G_GUINT64_FORMAT ".%d", runtime_folder,
                          cookie, port);
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  JsonNode *answer = loom_json_rpc_call_finish (LOOM_JSON_RPC (source), result, &error);

  if (answer != NULL)
    g_task_return_pointer (task, answer, (GDestroyNotify) json_node_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
loom_wire_call_async (LoomWire *self, const char *method, JsonObject *params,
                      GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  JsonArray *array = json_array_new ();
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  g_task_set_source_tag (task, loom_wire_call_async);
  json_array_add_object_element (array, params);
  json_node_take_array (node, array);
  if (self->rpc == NULL) {
    json_node_unref (node);
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, "%s",
                             self->failure != NULL ? self->failure : _ ("The wire does not run."));
    return;
  }
  loom_json_rpc_call_async (self->rpc, method, node, CALL_TIMEOUT_MS, NULL, on_answered,
                            g_object_ref (task));
}

JsonNode *
loom_wire_call_finish (LoomWire *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- whether it answers ---------------------------------------------------------------------- */

static void
on_pinged (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomWire) self = user_data;
  g_autoptr (JsonNode) answer = loom_json_rpc_call_finish (LOOM_JSON_RPC (source), result, NULL);

  if (LOOM_JSON_RPC (source) != self->rpc)
    return;
  if (answer == NULL)
    loom_pulse_drop (&self->pulse);
  else if (loom_pulse_answer (&self->pulse))
    set_state (self, STATE_UP);
}

/* Its datapath has to answer as well: each of its threads is asked. */
static void
ping (LoomWire *self)
{
  JsonNode *params = json_node_new (JSON_NODE_ARRAY);

  json_node_take_array (params, json_array_new ());
  loom_json_rpc_call_async (self->rpc, "stats", params, PING_TIMEOUT_MS, NULL, on_pinged,
                            g_object_ref (self));
}

void
loom_wire_tick (LoomWire *self, gint64 now_us)
{
  if (self->state != STATE_UP && self->state != STATE_LATE)
    return;
  switch (loom_pulse_tick (&self->pulse, now_us)) {
  case LOOM_PULSE_ASK:
    ping (self);
    break;
  case LOOM_PULSE_LATE:
    /* What it answers to earlier calls when it goes on is of another time. */
    self->epoch++;
    set_state (self, STATE_LATE);
    break;
  case LOOM_PULSE_WAIT:
    break;
  }
}

gboolean
loom_wire_is_late (LoomWire *self)
{
  return self->state == STATE_LATE;
}

void
loom_wire_wake (LoomWire *self)
{
  if (self->state != STATE_LATE || !loom_daemon_is_running (self->daemon))
    return;
  if (loom_process_is_stopped (loom_daemon_get_pid (self->daemon)))
    loom_daemon_set_held (self->daemon, FALSE);
  else
    loom_daemon_end (self->daemon, 0);
}
