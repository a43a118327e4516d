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
  LoomCaptureState state;
  gboolean stop_wanted; /* while it starts */
  char *id;
  GStrv links;
  char *filter;
  char *path;                /* or NULL */
  LoomFifo *pipe;            /* or NULL */
  GUnixFDList *owner;        /* the capture goes on for as long as there is this */
  GCancellable *cancellable; /* of listening why it ends by itself */
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
  g_clear_object (&self->owner);
  set_state (self, LOOM_CAPTURE_ENDED);
  g_object_unref (self); /* that of the run */
}

/* The wire ends it when its owner goes, and nobody tells what there is of it. */
static void
end_without_engine (LoomCapture *self)
{
  set_error (self, _ ("The engine is being started again: the capture ends, and nobody tells how "
                      "many frames it has."));
  end (self);
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GDBusConnection *connection = g_dbus_proxy_get_connection (G_DBUS_PROXY (source));
  g_autoptr (LoomCapture) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!loom_dbus_engine_call_stop_capture_finish (LOOM_DBUS_ENGINE (source), &self->n_frames,
                                                  &self->n_dropped, NULL, result, &error)) {
    if (g_dbus_connection_is_closed (connection)) {
      end_without_engine (self);
      return;
    }
    loom_engine_error_strip (error);
    set_error (self, error->message);
  }
  end (self);
}

static void
begin_stop (LoomCapture *self)
{
  LoomDBusEngine *proxy = loom_client_get_proxy (self->client);

  g_cancellable_cancel (self->cancellable);
  if (proxy == NULL) {
    end_without_engine (self);
    return;
  }
  set_state (self, LOOM_CAPTURE_STOPPING);
  loom_dbus_engine_call_stop_capture (proxy, self->id, NULL, on_stopped, g_object_ref (self));
}

/* It is still to be stopped: only then is all of it written, and counted. */
static void
on_end_heard (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomCapture) self = user_data;
  gboolean was_limit = FALSE;
  g_autofree char *why = loom_client_hear_capture_end_finish (LOOM_CLIENT (source), result,
                                                              &was_limit, NULL);

  if (why == NULL) /* somebody stopped it */
    return;
  if (!was_limit)
    set_error (self, why);
  begin_stop (self);
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomCapture) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!loom_dbus_engine_call_start_capture_finish (LOOM_DBUS_ENGINE (source), NULL, &self->owner,
                                                   result, &error)) {
    loom_engine_error_strip (error);
    set_error (self, error->message);
    end (self);
    return;
  }
  set_state (self, LOOM_CAPTURE_RUNNING);
  if (self->stop_wanted)
    loom_capture_stop (self);
  if (self->state == LOOM_CAPTURE_RUNNING)
    loom_client_hear_capture_end_async (self->client, self->owner, self->cancellable, on_end_heard,
                                        g_object_ref (self));
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
  LoomDBusEngine *proxy = loom_client_get_proxy (self->client);
  GVariant *all;

  if (self->filter[0] != '\0')
    g_variant_builder_add (options, "{sv}", "filter", g_variant_new_string (self->filter));
  all = g_variant_builder_end (options);
  g_object_ref (self); /* until end () */
  set_state (self, LOOM_CAPTURE_STARTING);
  if (proxy != NULL) {
    loom_dbus_engine_call_start_capture (proxy, self->id, (const char *const *) ends,
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
  g_clear_object (&self->cancellable);
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
  self->cancellable = g_cancellable_new ();
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
  LoomDBusEngine *proxy = loom_client_get_proxy (self->client);

  if (self->state == LOOM_CAPTURE_RUNNING && proxy != NULL) {
    loom_dbus_engine_call_save_capture (proxy, self->id, path, NULL, on_saved, task);
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
