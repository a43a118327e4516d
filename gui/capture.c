/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/capture.h"

#include <gio/gunixfdlist.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "backend/engine/engine-dbus.h"
#include "gui/fifo.h"

struct _LoomCapture {
  GObject parent_instance;

  LoomClient *client;
  LoomDBusEngine *proxy; /* whose signals are heard */
  LoomCaptureState state;
  gboolean stop_wanted; /* while it starts */
  char *id;
  GStrv links;
  char *filter;
  char *path;         /* or NULL */
  LoomFifo *pipe;     /* or NULL */
  GUnixFDList *owner; /* the capture goes on for as long as there is this */
  char *error;
  guint64 n_frames;
  guint64 n_dropped;
};

G_DEFINE_FINAL_TYPE (LoomCapture, loom_capture, G_TYPE_OBJECT)

enum {
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
set_state (LoomCapture *self, LoomCaptureState state)
{
  self->state = state;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
set_error (LoomCapture *self, const char *why)
{
  if (self->error == NULL && why != NULL && why[0] != '\0')
    self->error = g_strdup (why);
}

static void
end (LoomCapture *self)
{
  if (self->state == LOOM_CAPTURE_ENDED)
    return;
  if (self->proxy != NULL)
    g_signal_handlers_disconnect_by_data (self->proxy, self);
  g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_object (&self->owner);
  set_state (self, LOOM_CAPTURE_ENDED);
  g_object_unref (self); /* that of the run */
}

/* Without an engine the wire ends it when its owner goes, and nobody tells what there is of it. */
static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusConnection *connection = g_dbus_proxy_get_connection (G_DBUS_PROXY (source));
  g_autoptr (LoomCapture) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!loom_dbus_engine_call_stop_capture_finish (LOOM_DBUS_ENGINE (source), &self->n_frames,
                                                  &self->n_dropped, NULL, result, &error)) {
    loom_engine_error_strip (error);
    set_error (self, g_dbus_connection_is_closed (connection)
                         ? _ ("The engine is being started again: the capture ends, and nobody "
                              "tells how many frames it has.")
                         : error->message);
  }
  end (self);
}

static void
begin_stop (LoomCapture *self)
{
  if (self->proxy == NULL) {
    end (self);
    return;
  }
  set_state (self, LOOM_CAPTURE_STOPPING);
  loom_dbus_engine_call_stop_capture (self->proxy, self->id, NULL, on_stopped, g_object_ref (self));
}

/* It is still to be stopped: only then is all of it written, and counted. It may have ended before
 * the answer came that it has begun. */
static void
on_capture_ended (LoomDBusEngine *proxy, const char *id, const char *reason, const char *text,
                  LoomCapture *self)
{
  gboolean was_asked = g_str_equal (reason, LOOM_CLIENT_CAPTURE_LIMIT);

  if (!g_str_equal (id, self->id))
    return;
  if (!was_asked && (self->state == LOOM_CAPTURE_STARTING || self->state == LOOM_CAPTURE_RUNNING))
    set_error (self, text);
  loom_capture_stop (self);
}

/* The engine is another one, or gone for the moment: the capture is the wire's, and goes on. */
static void
follow_proxy (LoomCapture *self)
{
  LoomDBusEngine *proxy = loom_client_get_proxy (self->client);

  if (proxy == NULL || proxy == self->proxy)
    return;
  if (self->proxy != NULL)
    g_signal_handlers_disconnect_by_data (self->proxy, self);
  g_set_object (&self->proxy, proxy);
  g_signal_connect (proxy, "capture-ended", G_CALLBACK (on_capture_ended), self);
}

static void
on_client_state_changed (LoomClient *client, LoomCapture *self)
{
  follow_proxy (self);
}

static void
on_client_closed (LoomClient *client, const GError *reason, LoomCapture *self)
{
  set_error (self, _ ("The lab has ended, and the capture with it."));
  end (self);
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomCapture) self = user_data;
  g_autoptr (GError) error = NULL;

  if (self->state != LOOM_CAPTURE_STARTING) {
    loom_dbus_engine_call_start_capture_finish (LOOM_DBUS_ENGINE (source), NULL, NULL, result,
                                                NULL);
    return;
  }
  if (!loom_dbus_engine_call_start_capture_finish (LOOM_DBUS_ENGINE (source), NULL, &self->owner,
                                                   result, &error)) {
    loom_engine_error_strip (error);
    set_error (self, error->message);
    end (self);
    return;
  }
  set_state (self, LOOM_CAPTURE_RUNNING);
  if (self->stop_wanted)
    begin_stop (self);
}

/* (transfer full): one end sees both directions. */
static GStrv
dup_ends (LoomCapture *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; self->links[i] != NULL; i++) {
    g_auto (GStrv) ends = g_strsplit (self->links[i], " ", 2);

    g_strv_builder_add (builder, ends[0]);
  }
  return g_strv_builder_end (builder);
}

/* @options: (transfer full): begun. */
static void
start (LoomCapture *self, GVariantBuilder *options)
{
  g_auto (GStrv) ends = dup_ends (self);
  GVariant *all;

  if (self->filter[0] != '\0')
    g_variant_builder_add (options, "{sv}", "filter", g_variant_new_string (self->filter));
  all = g_variant_builder_end (options);
  g_object_ref (self); /* until end () */
  g_signal_connect (self->client, "state-changed", G_CALLBACK (on_client_state_changed), self);
  g_signal_connect (self->client, "closed", G_CALLBACK (on_client_closed), self);
  follow_proxy (self);
  set_state (self, LOOM_CAPTURE_STARTING);
  if (self->proxy != NULL) {
    loom_dbus_engine_call_start_capture (self->proxy, self->id, (const char *const *) ends,
                                         self->path != NULL ? self->path : "", all, NULL, NULL,
                                         on_started, g_object_ref (self));
    return;
  }
  g_variant_unref (g_variant_ref_sink (all));
  set_error (self, _ ("The lab does not run: there are no frames."));
  end (self);
}

static void
loom_capture_finalize (GObject *object)
{
  LoomCapture *self = LOOM_CAPTURE (object);

  loom_fifo_free (self->pipe);
  g_clear_object (&self->owner);
  g_clear_object (&self->proxy);
  g_clear_object (&self->client);
  g_strfreev (self->links);
  g_free (self->id);
  g_free (self->filter);
  g_free (self->path);
  g_free (self->error);
  G_OBJECT_CLASS (loom_capture_parent_class)->finalize (object);
}

static void
loom_capture_class_init (LoomCaptureClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = loom_capture_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", LOOM_TYPE_CAPTURE, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
}

static void
loom_capture_init (LoomCapture *self)
{
}

LoomCapture *
loom_capture_new (LoomClient *client, const char *const *links, const char *filter)
{
  LoomCapture *self = g_object_new (LOOM_TYPE_CAPTURE, NULL);

  self->client = g_object_ref (client);
  self->id = g_strdup_printf ("window-%d-%" G_GINT64_FORMAT, (int) getpid (),
                              g_get_monotonic_time ());
  self->links = g_strdupv ((char **) links);
  self->filter = g_strdup (filter);
  return self;
}

void
loom_capture_start_file (LoomCapture *self, const char *path)
{
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  self->path = g_strdup (path);
  start (self, &options);
}

gboolean
loom_capture_start_pipe (LoomCapture *self, GError **error)
{
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *name = g_strconcat (self->id, ".pipe", NULL);

  self->pipe = loom_fifo_new (loom_client_get_runtime_dir (self->client), name, error);
  if (self->pipe == NULL)
    return FALSE;
  self->path = g_strdup (self->pipe->path);
  start (self, &options);
  return TRUE;
}

void
loom_capture_start_recent (LoomCapture *self, double seconds, guint64 max_bytes)
{
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&options, "{sv}", "recent", g_variant_new_boolean (TRUE));
  g_variant_builder_add (&options, "{sv}", "seconds", g_variant_new_double (seconds));
  g_variant_builder_add (&options, "{sv}", "max-bytes", g_variant_new_uint64 (max_bytes));
  start (self, &options);
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (loom_dbus_engine_call_save_capture_finish (LOOM_DBUS_ENGINE (source), result, &error)) {
    g_task_return_boolean (task, TRUE);
  } else {
    loom_engine_error_strip (error);
    g_task_return_error (task, error);
  }
}

void
loom_capture_save_async (LoomCapture *self, const char *path, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  if (self->state == LOOM_CAPTURE_RUNNING && self->proxy != NULL) {
    loom_dbus_engine_call_save_capture (self->proxy, self->id, path, NULL, on_saved, task);
    return;
  }
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED,
                           _ ("Nothing is kept: the capture does not run."));
  g_object_unref (task);
}

gboolean
loom_capture_save_finish (LoomCapture *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
loom_capture_stop (LoomCapture *self)
{
  if (self->state == LOOM_CAPTURE_STARTING)
    self->stop_wanted = TRUE;
  else if (self->state == LOOM_CAPTURE_RUNNING)
    begin_stop (self);
}

LoomCaptureState
loom_capture_get_state (LoomCapture *self)
{
  return self->state;
}

const char *const *
loom_capture_get_links (LoomCapture *self)
{
  return (const char *const *) self->links;
}

const char *
loom_capture_get_path (LoomCapture *self)
{
  return self->path;
}

int
loom_capture_get_fd (LoomCapture *self)
{
  return self->pipe != NULL ? self->pipe->fd : -1;
}

const char *
loom_capture_get_error (LoomCapture *self)
{
  return self->error;
}

void
loom_capture_get_counts (LoomCapture *self, guint64 *ret_frames, guint64 *ret_dropped)
{
  *ret_frames = self->n_frames;
  *ret_dropped = self->n_dropped;
}
