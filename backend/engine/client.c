/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The client object: its state, its signals, attaching and detaching. The connection is in
 * client-connect.c, what the engine tells in client-view.c, starting and stopping in
 * client-start.c and client-stop.c, calls in client-calls.c. */

#include "backend/engine/client-private.h"
#include "backend/engine/runtime.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <stdlib.h>

#define ATTACH_TIMEOUT_MS 10000

enum {
  STATE_CHANGED,
  PROGRESS,
  NODE_CHANGED,
  NODE_GONE,
  LAB_STATE_CHANGED,
  DOCUMENT_CHANGED,
  MESSAGE,
  HANGS_CHANGED,
  RECONNECTED,
  CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_TYPE (LoomClient, loom_client, G_TYPE_OBJECT)

void
loom_client_set_state (LoomClient *self, LoomClientState state)
{
  if (self->state == state)
    return;
  self->state = state;
  if (state == LOOM_CLIENT_ATTACHED)
    loom_client_pulse_begin (self);
  else if (state != LOOM_CLIENT_RECONNECTING)
    loom_client_pulse_end (self);
  g_signal_emit (self, signals[STATE_CHANGED], 0);
}

gboolean
loom_client_was_lost (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_DISCONNECTED)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY);
}

GError *
loom_client_translate_error (LoomClient *self, GError *error)
{
  loom_engine_error_strip (error);
  if (loom_client_was_lost (error)) {
    g_error_free (error);
    return g_error_new (LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_CLOSED,
                        _ ("The lab of “%s” ended before it could answer. Start it again."),
                        self->file);
  }
  return error;
}

static void
forget_lab (LoomClient *self)
{
  loom_client_disconnect (self);
  loom_client_fail_applies (self);
  loom_client_view_clear (self);
  loom_client_set_lab_state (self, LOOM_LAB_OFF);
  loom_client_set_state (self, LOOM_CLIENT_DETACHED);
}

void
loom_client_close (LoomClient *self, const GError *reason)
{
  forget_lab (self);
  g_signal_emit (self, signals[CLOSED], 0, reason);
}

static void
loom_client_dispose (GObject *object)
{
  LoomClient *self = LOOM_CLIENT (object);

  g_clear_handle_id (&self->pulse_id, g_source_remove);
  loom_client_disconnect (self);
  loom_client_view_clear (self);
  G_OBJECT_CLASS (loom_client_parent_class)->dispose (object);
}

static void
loom_client_finalize (GObject *object)
{
  LoomClient *self = LOOM_CLIENT (object);

  g_clear_object (&self->cancellable);
  g_hash_table_unref (self->nodes);
  g_hash_table_unref (self->hangs);
  g_free (self->document);
  g_free (self->file);
  g_free (self->runtime_dir);
  g_strfreev (self->only);
  G_OBJECT_CLASS (loom_client_parent_class)->finalize (object);
}

static guint
add_signal (LoomClientClass *klass, const char *name, guint n_params, ...)
{
  va_list args;
  guint id;

  va_start (args, n_params);
  id = g_signal_new_valist (name, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, NULL, NULL, NULL,
                            NULL, G_TYPE_NONE, n_params, args);
  va_end (args);
  return id;
}

static void
loom_client_class_init (LoomClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = loom_client_dispose;
  object_class->finalize = loom_client_finalize;

  signals[STATE_CHANGED] = add_signal (klass, "state-changed", 0);
  signals[PROGRESS] = add_signal (klass, "progress", 1, G_TYPE_STRING);
  signals[NODE_CHANGED] = add_signal (klass, "node-changed", 4, G_TYPE_STRING, G_TYPE_INT,
                                      G_TYPE_STRING, G_TYPE_DOUBLE);
  signals[NODE_GONE] = add_signal (klass, "node-gone", 1, G_TYPE_STRING);
  signals[LAB_STATE_CHANGED] = add_signal (klass, "lab-state-changed", 1, G_TYPE_INT);
  signals[DOCUMENT_CHANGED] = add_signal (klass, "document-changed", 3, G_TYPE_STRING,
                                          G_TYPE_UINT64, G_TYPE_HASH_TABLE);
  signals[MESSAGE] = add_signal (klass, "message", 2, G_TYPE_STRING, G_TYPE_STRING);
  signals[HANGS_CHANGED] = add_signal (klass, "hangs-changed", 0);
  signals[RECONNECTED] = add_signal (klass, "reconnected", 0);
  signals[CLOSED] = add_signal (klass, "closed", 1, G_TYPE_ERROR);

  /* Registers the D-Bus names before the first error can come in. */
  (void) LOOM_ENGINE_ERROR;
}

static void
loom_client_init (LoomClient *self)
{
  loom_client_view_init (self);
  self->hangs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

LoomClient *
loom_client_new (const char *file, GError **error)
{
  g_autoptr (LoomClient) self = g_object_new (LOOM_TYPE_CLIENT, NULL);
  char *resolved;

  g_return_val_if_fail (file != NULL, NULL);
  resolved = realpath (file, NULL);
  if (resolved == NULL) {
    int code = errno;

    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code),
                 _ ("“%s” could not be opened: %s."), file, g_strerror (code));
    return NULL;
  }
  self->file = g_strdup (resolved);
  free (resolved);
  self->runtime_dir = loom_runtime_dup_folder (self->file, error);
  if (self->runtime_dir == NULL)
    return NULL;
  return g_steal_pointer (&self);
}

const char *
loom_client_get_file (LoomClient *self)
{
  g_return_val_if_fail (LOOM_IS_CLIENT (self), NULL);
  return self->file;
}

const char *
loom_client_get_runtime_dir (LoomClient *self)
{
  g_return_val_if_fail (LOOM_IS_CLIENT (self), NULL);
  return self->runtime_dir;
}

void
loom_client_set_force (LoomClient *self, gboolean force)
{
  g_return_if_fail (LOOM_IS_CLIENT (self));
  self->force = force;
}

void
loom_client_set_only (LoomClient *self, const char *const *only)
{
  g_return_if_fail (LOOM_IS_CLIENT (self));
  g_strfreev (self->only);
  self->only = g_strdupv ((char **) only);
}

LoomClientState
loom_client_get_state (LoomClient *self)
{
  g_return_val_if_fail (LOOM_IS_CLIENT (self), LOOM_CLIENT_DETACHED);
  return self->state;
}

guint64
loom_client_get_generation (LoomClient *self)
{
  g_return_val_if_fail (LOOM_IS_CLIENT (self), 0);
  return self->generation;
}

const char *
loom_client_get_document (LoomClient *self)
{
  g_return_val_if_fail (LOOM_IS_CLIENT (self), NULL);
  return self->document;
}

LoomLabState
loom_client_get_lab_state (LoomClient *self)
{
  g_return_val_if_fail (LOOM_IS_CLIENT (self), LOOM_LAB_OFF);
  return self->lab_state;
}

LoomDBusEngine *
loom_client_get_proxy (LoomClient *self)
{
  g_return_val_if_fail (LOOM_IS_CLIENT (self), NULL);
  return self->state == LOOM_CLIENT_ATTACHED ? self->proxy : NULL;
}

static void
on_attached (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LoomClient *self = LOOM_CLIENT (source);
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (!loom_client_connect_finish (self, result, &error)) {
    forget_lab (self);
    g_task_return_error (task, error);
    return;
  }
  loom_client_set_state (self, LOOM_CLIENT_ATTACHED);
  g_task_return_boolean (task, TRUE);
}

void
loom_client_attach_async (LoomClient *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task;

  g_return_if_fail (LOOM_IS_CLIENT (self));
  task = g_task_new (self, cancellable, callback, user_data);
  if (self->state != LOOM_CLIENT_DETACHED) {
    g_task_return_new_error (task, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED,
                             _ ("The lab of “%s” is being attached to already."), self->file);
    g_object_unref (task);
    return;
  }
  loom_client_set_state (self, LOOM_CLIENT_ATTACHING);
  loom_client_connect_async (self, ATTACH_TIMEOUT_MS, NULL, cancellable, on_attached, task);
}

gboolean
loom_client_attach_finish (LoomClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
loom_client_detach (LoomClient *self)
{
  g_return_if_fail (LOOM_IS_CLIENT (self));
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  forget_lab (self);
}
