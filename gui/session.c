/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The running side of a window: the client's life, and what the window is told of it. Edits are
 * kept in step by sync.c, counters and cost are read by meters.c. */

#include "gui/session-private.h"

#include <glib/gi18n-lib.h>

#include <string.h>

#include "backend/engine/engine-dbus.h"
#include "backend/engine/fit-host.h"
#include "canvas/model/writer.h"

enum {
  CHANGED,
  COST_CHANGED,
  MESSAGE,
  HANGS_CHANGED,
  HOST_MISSING,
  DOES_NOT_FIT,
  CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_TYPE (LoomSession, loom_session, G_TYPE_OBJECT)

void
loom_session_say (LoomSession *self, const char *severity, const char *text)
{
  g_signal_emit (self, signals[MESSAGE], 0, severity, text);
}

static gboolean
is_attached (LoomSession *self)
{
  return self->client != NULL && loom_client_get_state (self->client) == LOOM_CLIENT_ATTACHED;
}

/* Nothing wakes the window for a lab that is off or that nobody looks at. */
static void
update_meters (LoomSession *self)
{
  loom_meters_read (self->meters, self->visible && is_attached (self) && !self->is_attaching
                                      ? self->client
                                      : NULL);
}

/* Folds what we do and what the client says into the one state people see. */
void
loom_session_update_state (LoomSession *self)
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
  update_meters (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
on_lab_changed (LoomLab *lab, LoomChange *change, LoomSession *self)
{
  if (!loom_session_is_live (self))
    return;
  loom_status_carry (self->status, change);
  loom_sync_add_change (self->sync, change);
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

static void
begin_run (LoomSession *self)
{
  LoomDBusEngine *proxy = loom_client_get_proxy (self->client);
  gint64 started_unix_us = proxy != NULL ? loom_dbus_engine_get_started_unix_us (proxy) : 0;
  gint64 age_us = started_unix_us > 0 ? g_get_real_time () - started_unix_us : 0;

  /* The lab may have been started by someone else, long ago. */
  self->started_us = g_get_monotonic_time () - MAX (age_us, 0);
  loom_meters_begin (self->meters, self->started_us);
  measure_host (self);
  loom_session_update_state (self);
  loom_sync_begin (self->sync);
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
  g_strfreev (self->start_first);
  self->start_first = loom_client_dup_start_first (self->client, result);
  if (done) {
    begin_run (self);
    if (was_running)
      loom_sync_take_over (self->sync, loom_client_get_document (self->client), NULL);
    return;
  }
  loom_session_drop_client (self);
  loom_session_update_state (self);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    loom_session_say (self, "info", _ ("The start was cancelled. Nothing of the lab is left."));
  else if (g_error_matches (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_HOST))
    g_signal_emit (self, signals[HOST_MISSING], 0, error->message);
  else if (g_error_matches (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_TOO_LARGE))
    g_signal_emit (self, signals[DOES_NOT_FIT], 0, error->message);
  else
    loom_session_say (self, "error", error->message);
  g_signal_emit (self, signals[CLOSED], 0);
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
      loom_session_say (self, "warning", error->message);
    loom_session_drop_client (self);
    loom_session_update_state (self);
    return;
  }
  begin_run (self);
  loom_sync_take_over (self->sync, loom_client_get_document (self->client), NULL);
  loom_session_say (self, "info", _ ("This lab runs already: the window is attached to it."));
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
    loom_session_say (self, "error", error->message);
    loom_session_update_state (self);
    return;
  }
  loom_session_drop_client (self);
  loom_session_update_state (self);
  g_signal_emit (self, signals[CLOSED], 0);
  loom_session_say (self, "info", _ ("The lab is off. Nothing of it is left."));
}

static void
on_order_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomSession) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!loom_client_power_finish (LOOM_CLIENT (source), result, &error))
    loom_session_say (self, "error", error->message);
}

static void
on_repaired (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomSession) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!loom_client_repair_finish (LOOM_CLIENT (source), result, &error))
    loom_session_say (self, "error", error->message);
  if ((gpointer) self->client != (gpointer) source)
    return;
  self->is_broken = error != NULL;
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
on_cost_changed (LoomSession *self)
{
  g_signal_emit (self, signals[COST_CHANGED], 0);
}

static void
on_sync_message (LoomSync *sync, const char *severity, const char *text, LoomSession *self)
{
  loom_session_say (self, severity, text);
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
  g_clear_object (&self->meters);
  g_clear_object (&self->sync);
  g_clear_object (&self->status);
  g_clear_pointer (&self->start_first, g_strfreev);
  G_OBJECT_CLASS (loom_session_parent_class)->dispose (object);
}

static void
loom_session_class_init (LoomSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = loom_session_dispose;
  signals[CHANGED] = g_signal_new ("changed", LOOM_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[COST_CHANGED] = g_signal_new ("cost-changed", LOOM_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[MESSAGE] = g_signal_new ("message", LOOM_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  signals[HANGS_CHANGED] = g_signal_new ("hangs-changed", LOOM_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
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
  self->meters = loom_meters_new (self->status);
  g_signal_connect_swapped (self->meters, "cost-changed", G_CALLBACK (on_cost_changed), self);
}

LoomSession *
loom_session_new (LoomDocument *document)
{
  LoomSession *self = g_object_new (LOOM_TYPE_SESSION, NULL);

  self->document = g_object_ref (document);
  self->sync = loom_sync_new (document);
  g_signal_connect (self->sync, "message", G_CALLBACK (on_sync_message), self);
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

GHashTable *
loom_session_get_hangs (LoomSession *self)
{
  return loom_session_is_live (self) ? loom_client_get_hangs (self->client) : NULL;
}

LoomLabState
loom_session_get_state (LoomSession *self)
{
  return loom_status_get_lab (self->status);
}

const LoomKind *
loom_session_get_kind (LoomSession *self, const char *node)
{
  LoomLab *lab = loom_document_get_lab (self->document);
  const LoomNode *drawn = loom_lab_get_node (lab, node);

  return drawn != NULL ? loom_lab_get_kind (lab, drawn) : NULL;
}

gboolean
loom_session_is_live (LoomSession *self)
{
  return self->client != NULL && !self->is_attaching;
}

static void
start (LoomSession *self, gboolean force, const char *const *only)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (self->is_starting || self->is_stopping || is_attached (self))
    return;
  if (!loom_session_make_client (self, &error)) {
    loom_session_say (self, "error", error->message);
    return;
  }
  text = loom_writer_write (self->lab, NULL);
  self->is_attaching = FALSE;
  self->is_starting = TRUE;
  self->start_cancellable = g_cancellable_new ();
  loom_session_update_state (self);
  loom_client_set_force (self->client, force);
  loom_client_set_only (self->client, only);
  loom_client_start_async (self->client, text, self->start_cancellable, on_started,
                           g_object_ref (self));
}

void
loom_session_start (LoomSession *self)
{
  start (self, FALSE, NULL);
}

void
loom_session_start_anyway (LoomSession *self)
{
  start (self, TRUE, NULL);
}

void
loom_session_start_first (LoomSession *self)
{
  if (loom_session_can_start_first (self))
    start (self, FALSE, (const char *const *) self->start_first);
}

gboolean
loom_session_can_start_first (LoomSession *self)
{
  return self->start_first != NULL && self->start_first[0] != NULL;
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
  loom_sync_end (self->sync);
  loom_session_update_state (self);
  loom_client_stop_async (self->client, NULL, on_stopped, g_object_ref (self));
}

void
loom_session_attach (LoomSession *self)
{
  g_autoptr (GError) error = NULL;

  if (self->client != NULL || loom_document_get_path (self->document) == NULL)
    return;
  if (!loom_session_make_client (self, &error))
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
  loom_session_drop_client (self);
  self->is_attaching = FALSE;
  loom_session_update_state (self);
}

void
loom_session_repair (LoomSession *self, const char *node)
{
  const char *const nodes[] = {node, NULL};

  if (loom_session_is_live (self))
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
  update_meters (self);
}

gint64
loom_session_get_running_us (LoomSession *self)
{
  return self->started_us > 0 ? g_get_monotonic_time () - self->started_us : -1;
}

double
loom_session_get_cpu_percent (LoomSession *self)
{
  return loom_meters_get_cpu_percent (self->meters);
}

gint64
loom_session_get_memory_kib (LoomSession *self)
{
  return loom_meters_get_memory_kib (self->meters);
}

gboolean
loom_session_get_kvm (LoomSession *self)
{
  return self->kvm;
}
