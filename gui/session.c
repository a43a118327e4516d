/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The running side of a window.
 *
 * Edits go out in order: one apply at a time, a moment after the last edit, so that dragging a spin
 * button is one apply and not thirty. When the engine has moved on (another client was faster), its
 * document comes in as one change of ours; what is drawn afterwards is what runs, and undo takes it
 * back through the same path. Positions are the window's own and never travel. */

#include "gui/session.h"

#include <glib/gi18n-lib.h>

#include "backend/engine/fit-host.h"
#include "canvas/model/writer.h"
#include "gui/renames.h"
#include "gui/settle.h"

#define APPLY_DELAY_MS 150
#define COUNTERS_MS 100
#define COUNTERS_QUIET_MS 250
/* After so long without a frame anywhere the counters are read less often. */
#define QUIET_AFTER_US (5 * G_USEC_PER_SEC)
#define COST_MS 2000

enum {
  CHANGED,
  MESSAGE,
  HOST_MISSING,
  DOES_NOT_FIT,
  CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _LoomSession {
  GObject parent_instance;

  LoomDocument *document;
  LoomLab *lab; /* whose "changed" is heard */
  LoomStatus *status;
  LoomClient *client;
  GCancellable *start_cancellable;
  gboolean is_starting; /* from Start until the document is accepted */
  gboolean is_stopping;
  gboolean is_attaching; /* silent look whether the lab runs */

  LoomRenames *renames;
  GHashTable *renames_in_flight;
  guint apply_source;
  gboolean is_applying;
  gboolean apply_again;
  gboolean is_merging; /* the change being heard came from the engine */

  gboolean visible;
  guint counters_source;
  gboolean counters_busy;
  int counters_interval_ms;
  gint64 last_traffic_us;

  guint cost_source;
  gboolean cost_busy;
  gint64 started_us; /* monotonic; 0 unknown */
  guint64 cpu_ms;
  gint64 cpu_time_us;
  double cpu_percent;
  gint64 memory_kib;
  gboolean kvm;
};

G_DEFINE_TYPE (LoomSession, loom_session, G_TYPE_OBJECT)

static void update_timers (LoomSession *self);
static void schedule_apply (LoomSession *self);

static void
say (LoomSession *self, const char *severity, const char *text)
{
  g_signal_emit (self, signals[MESSAGE], 0, severity, text);
}

static gboolean
is_attached (LoomSession *self)
{
  return self->client != NULL && loom_client_get_state (self->client) == LOOM_CLIENT_ATTACHED;
}

/* Folds what we do and what the client says into the one state people see. */
static void
update_state (LoomSession *self)
{
  LoomLabState state = LOOM_LAB_OFF;

  if (self->is_stopping) {
    state = LOOM_LAB_STOPPING;
  } else if (self->is_starting) {
    state = LOOM_LAB_STARTING;
  } else if (self->client != NULL && !self->is_attaching) {
    switch (loom_client_get_state (self->client)) {
    case LOOM_CLIENT_ATTACHED:
    case LOOM_CLIENT_RECONNECTING:
      state = loom_client_get_lab_state (self->client);
      break;
    case LOOM_CLIENT_STARTING:
    case LOOM_CLIENT_ATTACHING:
      state = LOOM_LAB_STARTING;
      break;
    case LOOM_CLIENT_STOPPING:
      state = LOOM_LAB_STOPPING;
      break;
    case LOOM_CLIENT_DETACHED:
    default:
      break;
    }
  }
  if (loom_status_get_lab (self->status) != state)
    loom_status_set_lab (self->status, state);
  update_timers (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
forget_run (LoomSession *self)
{
  g_clear_handle_id (&self->apply_source, g_source_remove);
  g_clear_pointer (&self->renames_in_flight, g_hash_table_unref);
  g_hash_table_unref (loom_renames_steal (self->renames));
  self->is_applying = FALSE;
  self->apply_again = FALSE;
  self->is_starting = FALSE;
  self->is_stopping = FALSE;
  self->started_us = 0;
  self->cpu_time_us = 0;
  self->cpu_percent = -1;
  self->memory_kib = -1;
}

/* Counters */

static gboolean
keep_counters (LoomSession *self, GPtrArray *links)
{
  gboolean moved = FALSE;

  for (guint i = 0; i < links->len; i++) {
    const LoomClientCounters *link = g_ptr_array_index (links, i);
    const LoomLinkStatus *before = loom_status_get_link (self->status, link->id);

    moved |= before == NULL || before->from_a.n_frames != link->status.from_a.n_frames
             || before->from_b.n_frames != link->status.from_b.n_frames
             || before->carrier != link->status.carrier;
    loom_status_set_link (self->status, link->id, &link->status);
  }
  return moved;
}

static void
on_counters_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomSession) self = user_data;
  g_autoptr (GError) error = NULL;
  gint64 now_us = g_get_monotonic_time ();
  g_autoptr (GPtrArray)
      links = loom_client_counters_finish (LOOM_CLIENT (source), result, NULL, &error);
  int interval_ms;

  self->counters_busy = FALSE;
  if (links == NULL || (gpointer) self->client != (gpointer) source)
    return;
  if (keep_counters (self, links))
    self->last_traffic_us = now_us;
  loom_status_end_links (self->status, now_us);
  interval_ms = now_us - self->last_traffic_us > QUIET_AFTER_US ? COUNTERS_QUIET_MS : COUNTERS_MS;
  if (interval_ms != self->counters_interval_ms) {
    self->counters_interval_ms = interval_ms;
    g_clear_handle_id (&self->counters_source, g_source_remove);
    update_timers (self);
  }
}

static gboolean
on_counters_due (gpointer user_data)
{
  LoomSession *self = user_data;

  if (!self->counters_busy && is_attached (self)) {
    self->counters_busy = TRUE;
    loom_client_counters_async (self->client, NULL, on_counters_ready, g_object_ref (self));
  }
  return G_SOURCE_CONTINUE;
}

/* Cost */

static void
keep_cost (LoomSession *self, GPtrArray *processes, gint64 now_us)
{
  guint64 cpu_ms = 0;
  guint64 resident_kib = 0;

  for (guint i = 0; i < processes->len; i++) {
    const LoomClientProcess *process = g_ptr_array_index (processes, i);

    cpu_ms += process->cpu_ms;
    resident_kib += process->resident_kib;
  }
  /* A process that ended takes its time with it: that interval says nothing. */
  self->cpu_percent = self->cpu_time_us > 0 && cpu_ms >= self->cpu_ms && now_us > self->cpu_time_us
                          ? (cpu_ms - self->cpu_ms) * 100000.0 / (now_us - self->cpu_time_us)
                          : self->cpu_percent;
  self->cpu_ms = cpu_ms;
  self->cpu_time_us = now_us;
  self->memory_kib = resident_kib;
}

static void
on_processes_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray)
      processes = loom_client_processes_finish (LOOM_CLIENT (source), result, &error);

  self->cost_busy = FALSE;
  if (processes == NULL || (gpointer) self->client != (gpointer) source)
    return;
  keep_cost (self, processes, g_get_monotonic_time ());
  g_signal_emit (self, signals[CHANGED], 0);
}

static gboolean
on_cost_due (gpointer user_data)
{
  LoomSession *self = user_data;

  if (!self->cost_busy && is_attached (self)) {
    self->cost_busy = TRUE;
    loom_client_processes_async (self->client, NULL, on_processes_ready, g_object_ref (self));
  }
  return G_SOURCE_CONTINUE;
}

/* Nothing wakes the window for a lab that is off or that nobody looks at. */
static void
update_timers (LoomSession *self)
{
  gboolean wanted = self->visible && is_attached (self) && !self->is_attaching;

  if (wanted && self->counters_source == 0) {
    self->counters_source = g_timeout_add (self->counters_interval_ms, on_counters_due, self);
  } else if (!wanted) {
    g_clear_handle_id (&self->counters_source, g_source_remove);
  }
  if (wanted && self->cost_source == 0) {
    self->cost_source = g_timeout_add (COST_MS, on_cost_due, self);
    on_cost_due (self);
  } else if (!wanted) {
    g_clear_handle_id (&self->cost_source, g_source_remove);
  }
}

/* Edits from elsewhere */

static void
merge_document (LoomSession *self, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LoomLab) theirs = NULL;
  g_autoptr (LoomChange) change = NULL;

  if (text == NULL)
    return;
  theirs = loom_reader_read (loom_document_get_catalogue (self->document), text, strlen (text),
                             NULL, &error);
  if (theirs == NULL) {
    g_autofree char *sentence = g_strdup_printf (
        _ ("The running lab's document could not be read: %s"), error->message);

    say (self, "error", sentence);
    return;
  }
  change = loom_settle_difference (self->lab, theirs, _ ("Change from the Running Lab"));
  if (loom_change_is_empty (change))
    return;
  self->is_merging = TRUE;
  loom_history_break (loom_document_get_history (self->document));
  loom_history_do (loom_document_get_history (self->document), change, NULL);
  self->is_merging = FALSE;
  say (self, "info", _ ("Took over what was changed in the running lab. Undo brings yours back."));
}

/* Edits from here */

static void
on_applied (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomSession) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean done = loom_client_apply_finish (LOOM_CLIENT (source), result, NULL, &error);

  if ((gpointer) self->client != (gpointer) source)
    return;
  self->is_applying = FALSE;
  if (done) {
    g_clear_pointer (&self->renames_in_flight, g_hash_table_unref);
  } else if (g_error_matches (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_CONFLICT)) {
    g_clear_pointer (&self->renames_in_flight, g_hash_table_unref);
    g_hash_table_unref (loom_renames_steal (self->renames));
    self->apply_again = FALSE;
    merge_document (self, loom_client_get_document (self->client));
  } else {
    g_autofree char *sentence = g_strdup_printf (
        _ ("The running lab did not take the last edit: %s"), error->message);

    if (self->renames_in_flight != NULL)
      loom_renames_restore (self->renames, self->renames_in_flight);
    g_clear_pointer (&self->renames_in_flight, g_hash_table_unref);
    say (self, "error", sentence);
  }
  if (self->apply_again) {
    self->apply_again = FALSE;
    schedule_apply (self);
  }
}

static gboolean
on_apply_due (gpointer user_data)
{
  LoomSession *self = user_data;
  g_autofree char *text = NULL;

  self->apply_source = 0;
  if (!is_attached (self) || self->is_stopping)
    return G_SOURCE_REMOVE;
  if (self->is_applying) {
    self->apply_again = TRUE;
    return G_SOURCE_REMOVE;
  }
  text = loom_writer_write (self->lab, NULL);
  self->renames_in_flight = loom_renames_steal (self->renames);
  self->is_applying = TRUE;
  loom_client_apply_async (self->client, text, loom_client_get_generation (self->client),
                           self->renames_in_flight, NULL, on_applied, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

static void
schedule_apply (LoomSession *self)
{
  g_clear_handle_id (&self->apply_source, g_source_remove);
  self->apply_source = g_timeout_add (APPLY_DELAY_MS, on_apply_due, self);
}

/* A machine that was renamed is as ready as before, until the engine says it under the new name. */
static void
carry_states (LoomSession *self, const LoomChange *change)
{
  for (guint i = 0; i < change->nodes->len; i++) {
    const LoomNodeChange *node = &g_array_index (change->nodes, LoomNodeChange, i);
    g_autofree char *detail = NULL;

    if (node->before == NULL || node->after == NULL
        || g_str_equal (node->before->name, node->after->name))
      continue;
    detail = g_strdup (loom_status_get_node_detail (self->status, node->before->name));
    loom_status_set_node (self->status, node->after->name,
                          loom_status_get_node (self->status, node->before->name), detail,
                          loom_status_get_node_progress (self->status, node->before->name));
    loom_status_set_node (self->status, node->before->name, LOOM_NODE_OFF, NULL, -1);
  }
}

static void
on_lab_changed (LoomLab *lab, LoomChange *change, LoomSession *self)
{
  if (loom_session_is_live (self))
    carry_states (self, change);
  if (self->is_merging || !loom_session_is_live (self) || loom_change_is_layout_only (change))
    return;
  loom_renames_add (self->renames, change);
  if (is_attached (self))
    schedule_apply (self);
  else
    self->apply_again = TRUE;
}

static void
on_document_replaced (LoomDocument *document, LoomSession *self)
{
  loom_session_detach (self);
  if (self->lab != NULL)
    g_signal_handlers_disconnect_by_data (self->lab, self);
  g_set_object (&self->lab, loom_document_get_lab (document));
  g_signal_connect (self->lab, "changed", G_CALLBACK (on_lab_changed), self);
}

/* The client */

static void
on_client_state_changed (LoomClient *client, LoomSession *self)
{
  update_state (self);
}

static void
on_client_lab_state_changed (LoomClient *client, int state, LoomSession *self)
{
  update_state (self);
}

static void
on_client_progress (LoomClient *client, const char *sentence, LoomSession *self)
{
  say (self, "info", sentence);
}

static void
on_client_node_changed (LoomClient *client, const char *name, int state, const char *detail,
                        double progress, LoomSession *self)
{
  loom_status_set_node (self->status, name, state,
                        detail != NULL && detail[0] != '\0' ? detail : NULL, progress);
  if (state == LOOM_NODE_FAILED) {
    g_autofree char *sentence =
        detail != NULL && strstr (detail, name) != NULL
            ? g_strdup (detail)
            /* Translators: a machine's name, then what went wrong with it. */
            : g_strdup_printf (_ ("%s: %s"), name, detail != NULL ? detail : _ ("failed"));

    say (self, "error", sentence);
  } else if (state == LOOM_NODE_READY && self->started_us > 0) {
    g_autofree char *sentence = g_strdup_printf (_ ("%s is ready."), name);

    say (self, "info", sentence);
  }
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
on_client_node_gone (LoomClient *client, const char *name, LoomSession *self)
{
  loom_status_set_node (self->status, name, LOOM_NODE_OFF, NULL, -1);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
on_client_document_changed (LoomClient *client, const char *document, guint64 generation,
                            GHashTable *renames, LoomSession *self)
{
  /* An apply of ours that is on its way will fail with a conflict and merge then. */
  if (!self->is_applying && self->apply_source == 0)
    merge_document (self, document);
}

static void
on_client_message (LoomClient *client, const char *severity, const char *text, LoomSession *self)
{
  say (self, severity, text);
}

static void
on_client_reconnected (LoomClient *client, LoomSession *self)
{
  say (self, "warning", _ ("The lab's engine ended and was started again; the machines go on."));
  update_state (self);
}

static void
drop_client (LoomSession *self)
{
  if (self->client == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_object (&self->client);
  forget_run (self);
  loom_status_clear (self->status);
  update_timers (self);
}

static void
on_client_closed (LoomClient *client, const GError *reason, LoomSession *self)
{
  gboolean was_asked = self->is_stopping;

  if (self->is_starting)
    return; /* the start's own answer says it better */
  drop_client (self);
  update_state (self);
  g_signal_emit (self, signals[CLOSED], 0);
  if (reason != NULL)
    say (self, "error", reason->message);
  else if (!was_asked)
    say (self, "info", _ ("The lab was stopped from elsewhere."));
  else
    say (self, "info", _ ("The lab is off. Nothing of it is left."));
}

static gboolean
make_client (LoomSession *self, GError **error)
{
  const char *path = loom_document_get_path (self->document);

  drop_client (self);
  self->client = loom_client_new (path, error);
  if (self->client == NULL)
    return FALSE;
  g_signal_connect (self->client, "state-changed", G_CALLBACK (on_client_state_changed), self);
  g_signal_connect (self->client, "lab-state-changed", G_CALLBACK (on_client_lab_state_changed),
                    self);
  g_signal_connect (self->client, "progress", G_CALLBACK (on_client_progress), self);
  g_signal_connect (self->client, "node-changed", G_CALLBACK (on_client_node_changed), self);
  g_signal_connect (self->client, "node-gone", G_CALLBACK (on_client_node_gone), self);
  g_signal_connect (self->client, "document-changed", G_CALLBACK (on_client_document_changed),
                    self);
  g_signal_connect (self->client, "message", G_CALLBACK (on_client_message), self);
  g_signal_connect (self->client, "reconnected", G_CALLBACK (on_client_reconnected), self);
  g_signal_connect (self->client, "closed", G_CALLBACK (on_client_closed), self);
  return TRUE;
}

static void
on_host_measured (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LoomSession *self = LOOM_SESSION (source);
  gboolean kvm = g_task_propagate_boolean (G_TASK (result), NULL);

  if (kvm == self->kvm)
    return;
  self->kvm = kvm;
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
measure_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  LoomFitHost host;

  loom_fit_host_measure (&host);
  g_task_return_boolean (task, host.kvm);
}

static void
measure_host (LoomSession *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, on_host_measured, NULL);

  g_task_run_in_thread (task, measure_in_thread);
}

/* How long it runs already when it was started by someone else comes with the next reading. */
static void
begin_run (LoomSession *self)
{
  self->started_us = g_get_monotonic_time ();
  self->last_traffic_us = self->started_us;
  self->counters_interval_ms = COUNTERS_MS;
  measure_host (self);
  update_state (self);
  if (self->apply_again) {
    self->apply_again = FALSE;
    schedule_apply (self);
  }
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomSession) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean was_running = FALSE;
  gboolean done = loom_client_start_finish (LOOM_CLIENT (source), result, &was_running, &error);

  if ((gpointer) self->client != (gpointer) source)
    return;
  self->is_starting = FALSE;
  g_clear_object (&self->start_cancellable);
  if (done) {
    begin_run (self);
    if (was_running)
      merge_document (self, loom_client_get_document (self->client));
    return;
  }
  drop_client (self);
  update_state (self);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    say (self, "info", _ ("The start was cancelled. Nothing of the lab is left."));
  else if (g_error_matches (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_HOST))
    g_signal_emit (self, signals[HOST_MISSING], 0, error->message);
  else if (g_error_matches (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_TOO_LARGE))
    g_signal_emit (self, signals[DOES_NOT_FIT], 0, error->message);
  else
    say (self, "error", error->message);
}

static void
on_attached (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomSession) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean done = loom_client_attach_finish (LOOM_CLIENT (source), result, &error);

  if ((gpointer) self->client != (gpointer) source)
    return;
  self->is_attaching = FALSE;
  if (!done) {
    if (!g_error_matches (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NOT_RUNNING))
      say (self, "warning", error->message);
    drop_client (self);
    update_state (self);
    return;
  }
  begin_run (self);
  merge_document (self, loom_client_get_document (self->client));
  say (self, "info", _ ("This lab runs already: the window is attached to it."));
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomSession) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean done = loom_client_stop_finish (LOOM_CLIENT (source), result, &error);

  if ((gpointer) self->client != (gpointer) source)
    return;
  if (!done) {
    self->is_stopping = FALSE;
    say (self, "error", error->message);
    update_state (self);
    return;
  }
  drop_client (self);
  update_state (self);
  g_signal_emit (self, signals[CLOSED], 0);
  say (self, "info", _ ("The lab is off. Nothing of it is left."));
}

static void
on_order_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomSession) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!loom_client_power_finish (LOOM_CLIENT (source), result, &error))
    say (self, "error", error->message);
}

static void
on_repaired (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomSession) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!loom_client_repair_finish (LOOM_CLIENT (source), result, &error))
    say (self, "error", error->message);
}

static void
loom_session_dispose (GObject *object)
{
  LoomSession *self = LOOM_SESSION (object);

  loom_session_detach (self);
  if (self->lab != NULL)
    g_signal_handlers_disconnect_by_data (self->lab, self);
  if (self->document != NULL)
    g_signal_handlers_disconnect_by_data (self->document, self);
  g_clear_object (&self->lab);
  g_clear_object (&self->document);
  g_clear_object (&self->status);
  G_OBJECT_CLASS (loom_session_parent_class)->dispose (object);
}

static void
loom_session_finalize (GObject *object)
{
  LoomSession *self = LOOM_SESSION (object);

  loom_renames_free (self->renames);
  G_OBJECT_CLASS (loom_session_parent_class)->finalize (object);
}

static void
loom_session_class_init (LoomSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = loom_session_dispose;
  object_class->finalize = loom_session_finalize;
  signals[CHANGED] = g_signal_new ("changed", LOOM_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[MESSAGE] = g_signal_new ("message", LOOM_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  signals[DOES_NOT_FIT] = g_signal_new ("does-not-fit", LOOM_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[HOST_MISSING] = g_signal_new ("host-missing", LOOM_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[CLOSED] = g_signal_new ("closed", LOOM_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
}

static void
loom_session_init (LoomSession *self)
{
  self->status = loom_status_new ();
  self->renames = loom_renames_new ();
  self->counters_interval_ms = COUNTERS_MS;
  self->cpu_percent = -1;
  self->memory_kib = -1;
}

LoomSession *
loom_session_new (LoomDocument *document)
{
  LoomSession *self = g_object_new (LOOM_TYPE_SESSION, NULL);

  self->document = g_object_ref (document);
  g_signal_connect (document, "replaced", G_CALLBACK (on_document_replaced), self);
  on_document_replaced (document, self);
  measure_host (self);
  return self;
}

LoomStatus *
loom_session_get_status (LoomSession *self)
{
  return self->status;
}

LoomClient *
loom_session_get_client (LoomSession *self)
{
  return is_attached (self) ? self->client : NULL;
}

LoomLabState
loom_session_get_state (LoomSession *self)
{
  return loom_status_get_lab (self->status);
}

gboolean
loom_session_is_live (LoomSession *self)
{
  return self->client != NULL && !self->is_attaching;
}

static void
start (LoomSession *self, gboolean force)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (self->is_starting || self->is_stopping || is_attached (self))
    return;
  if (!make_client (self, &error)) {
    say (self, "error", error->message);
    return;
  }
  text = loom_writer_write (self->lab, NULL);
  self->is_attaching = FALSE;
  self->is_starting = TRUE;
  self->start_cancellable = g_cancellable_new ();
  update_state (self);
  loom_client_set_force (self->client, force);
  loom_client_start_async (self->client, text, self->start_cancellable, on_started,
                           g_object_ref (self));
}

void
loom_session_start (LoomSession *self)
{
  start (self, FALSE);
}

void
loom_session_start_anyway (LoomSession *self)
{
  start (self, TRUE);
}

void
loom_session_cancel (LoomSession *self)
{
  if (self->start_cancellable != NULL)
    g_cancellable_cancel (self->start_cancellable);
  else
    loom_session_stop (self);
}

void
loom_session_stop (LoomSession *self)
{
  if (self->client == NULL || self->is_stopping)
    return;
  if (self->is_starting) {
    loom_session_cancel (self);
    return;
  }
  self->is_stopping = TRUE;
  g_clear_handle_id (&self->apply_source, g_source_remove);
  update_state (self);
  loom_client_stop_async (self->client, NULL, on_stopped, g_object_ref (self));
}

void
loom_session_attach (LoomSession *self)
{
  g_autoptr (GError) error = NULL;

  if (self->client != NULL || loom_document_get_path (self->document) == NULL)
    return;
  if (!make_client (self, &error))
    return; /* no such file: nothing can run */
  self->is_attaching = TRUE;
  loom_client_attach_async (self->client, NULL, on_attached, g_object_ref (self));
}

void
loom_session_detach (LoomSession *self)
{
  if (self->client == NULL)
    return;
  if (self->start_cancellable != NULL)
    g_cancellable_cancel (self->start_cancellable);
  else
    loom_client_detach (self->client);
  g_clear_object (&self->start_cancellable);
  drop_client (self);
  self->is_attaching = FALSE;
  update_state (self);
}

void
loom_session_repair (LoomSession *self, const char *node)
{
  const char *const nodes[] = {node, NULL};

  if (is_attached (self))
    loom_client_repair_async (self->client, node != NULL ? nodes : NULL, NULL, on_repaired,
                              g_object_ref (self));
}

void
loom_session_power (LoomSession *self, const char *node, const char *action)
{
  if (is_attached (self))
    loom_client_power_async (self->client, node, action, NULL, on_order_done, g_object_ref (self));
}

void
loom_session_set_visible (LoomSession *self, gboolean visible)
{
  self->visible = visible;
  update_timers (self);
}

gint64
loom_session_get_running_us (LoomSession *self)
{
  return self->started_us > 0 ? g_get_monotonic_time () - self->started_us : -1;
}

double
loom_session_get_cpu_percent (LoomSession *self)
{
  return self->cpu_percent;
}

gint64
loom_session_get_memory_kib (LoomSession *self)
{
  return self->memory_kib;
}

gboolean
loom_session_get_kvm (LoomSession *self)
{
  return self->kvm;
}
