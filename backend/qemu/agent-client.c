/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See agent-client.h; commands live in agent-command.c, frames in agent-codec.c. */

#include "backend/qemu/agent-client.h"

#include "backend/proto/plain-text.h"
#include "backend/qemu/agent-codec.h"
#include "backend/qemu/agent-command.h"
#include "backend/qemu/error.h"

#include <glib/gi18n-lib.h>

#include <string.h>

/* Every command within its window, and their control frames. */
#define MAX_QUEUE_BYTES (2 * LOOM_AGENT_MAX_COMMANDS * LOOM_AGENT_WINDOW)
#define STATE_HEADER 12
#define MAX_TEXT 256

enum {
  SIGNAL_STATE,
  SIGNAL_CLOSED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

struct _LoomAgentClient {
  GObject parent_instance;

  LoomChannel *channel;
  LoomAgentCodec *codec;
  gboolean ready; /* the guest has answered */
  gboolean closed;
  guint32 last_id;
  GHashTable *commands; /* id → LoomAgentCommand, owned */
  GHashTable *configs;  /* id → GTask, owned */
};

G_DEFINE_TYPE (LoomAgentClient, loom_agent_client, G_TYPE_OBJECT)

static gboolean
on_close_idle (gpointer user_data)
{
  loom_agent_client_close (user_data);
  return G_SOURCE_REMOVE;
}

static void
send_frame (gpointer user_data, GBytes *frame)
{
  LoomAgentClient *self = user_data;
  g_autoptr (GBytes) owned = frame;

  /* Later, since the caller may be a command that closing would free. */
  if (!self->closed && !loom_channel_send (self->channel, frame, NULL))
    g_idle_add_full (G_PRIORITY_HIGH, on_close_idle, g_object_ref (self), g_object_unref);
}

static void
on_command_ended (gpointer user_data, LoomAgentCommand *command, int status, const GError *error)
{
  LoomAgentClient *self = user_data;
  GTask *task = loom_agent_command_steal_task (command);

  g_hash_table_remove (self->commands, GUINT_TO_POINTER (loom_agent_command_get_id (command)));
  if (task == NULL)
    return;
  g_task_return_int (task, status);
  g_object_unref (task);
}

static const LoomAgentCommandCalls command_calls = {send_frame, on_command_ended};

static void
fail_all (LoomAgentClient *self, const GError *error)
{
  g_autoptr (GPtrArray) tasks = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->commands);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    GTask *task = loom_agent_command_steal_task (value);

    if (task != NULL)
      g_ptr_array_add (tasks, task);
  }
  g_hash_table_iter_init (&iter, self->configs);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (tasks, g_object_ref (value));
  g_hash_table_remove_all (self->commands);
  g_hash_table_remove_all (self->configs);
  for (guint i = 0; i < tasks->len; i++) {
    g_task_return_error (tasks->pdata[i], g_error_copy (error));
    g_object_unref (tasks->pdata[i]);
  }
}

static void
on_channel_closed (LoomChannel *channel, GError *reason, LoomAgentClient *self)
{
  g_autoptr (GError) error = NULL;

  if (self->closed)
    return;
  self->closed = TRUE;
  self->ready = FALSE;
  if (reason->domain == LOOM_GUEST_ERROR)
    error = g_error_copy (reason);
  else
    error = g_error_new_literal (LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_DIED,
                                 _ ("The connection into the guest was closed."));
  g_object_ref (self);
  fail_all (self, error);
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, error);
  g_object_unref (self);
  g_object_unref (self); /* that of an open client */
}

static gboolean
take_state (LoomAgentClient *self, const guint8 *data, gsize size)
{
  g_autofree char *text = NULL;

  if (size < STATE_HEADER)
    return FALSE;
  text = loom_plain_text (data + STATE_HEADER, size - STATE_HEADER, MAX_TEXT);
  self->ready = TRUE;
  g_signal_emit (self, signals[SIGNAL_STATE], 0, loom_agent_get_u32 (data),
                 loom_agent_get_u32 (data + 4), loom_agent_get_u32 (data + 8), text);
  return TRUE;
}

static void
take_done (LoomAgentClient *self, const LoomAgentFrame *frame)
{
  gpointer key, value;
  g_autofree char *text = NULL;

  if (!g_hash_table_steal_extended (self->configs, GUINT_TO_POINTER (frame->id), &key, &value))
    return;
  text = loom_plain_text (frame->data, frame->size, MAX_TEXT);
  if (text[0] == '\0')
    g_task_return_boolean (value, TRUE);
  else
    g_task_return_new_error (value, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_COMMAND, "%s", text);
  g_object_unref (value);
}

static gboolean
take_command_frame (LoomAgentClient *self, const LoomAgentFrame *frame)
{
  LoomAgentCommand *command = g_hash_table_lookup (self->commands, GUINT_TO_POINTER (frame->id));

  if (command == NULL)
    return TRUE; /* of a predecessor's, or one that could not be ended in time */
  switch (frame->type) {
  case LOOM_AGENT_STDOUT:
  case LOOM_AGENT_STDERR:
    return loom_agent_command_take_output (command, frame->type == LOOM_AGENT_STDERR, frame->data,
                                           frame->size);
  case LOOM_AGENT_CREDIT:
    if (frame->size != 4)
      return FALSE;
    loom_agent_command_take_credit (command, loom_agent_get_u32 (frame->data));
    return TRUE;
  default:
    if (frame->size != 4)
      return FALSE;
    loom_agent_command_take_exit (command, loom_agent_get_u32 (frame->data));
    return TRUE;
  }
}

static gboolean
take_frame (LoomAgentClient *self, const LoomAgentFrame *frame)
{
  const gsize hello = LOOM_AGENT_COOKIE + 4;

  switch (frame->type) {
  case LOOM_AGENT_HELLO:
    return frame->size >= hello && take_state (self, frame->data + hello, frame->size - hello);
  case LOOM_AGENT_STATE:
    return take_state (self, frame->data, frame->size);
  case LOOM_AGENT_DONE:
    take_done (self, frame);
    return TRUE;
  case LOOM_AGENT_STDOUT:
  case LOOM_AGENT_STDERR:
  case LOOM_AGENT_CREDIT:
  case LOOM_AGENT_EXIT:
    return take_command_frame (self, frame);
  default:
    return FALSE;
  }
}

static void
on_received (LoomChannel *channel, GBytes *bytes, LoomAgentClient *self)
{
  g_autoptr (LoomAgentClient) kept = g_object_ref (self);
  g_autoptr (GError) error = NULL;
  LoomAgentFrame frame;

  loom_agent_codec_push (self->codec, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  while (!self->closed && loom_agent_codec_pop (self->codec, &frame, &error))
    if (!take_frame (self, &frame))
      error = g_error_new_literal (
          LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_PROTOCOL,
          _ ("The program inside the guest that talks to Lanloom sent nonsense."));
    else
      continue;
  if (error != NULL && !self->closed)
    loom_channel_close (channel, error);
}

static void
loom_agent_client_finalize (GObject *object)
{
  LoomAgentClient *self = LOOM_AGENT_CLIENT (object);

  g_signal_handlers_disconnect_by_data (self->channel, self);
  g_clear_object (&self->channel);
  loom_agent_codec_free (self->codec);
  g_hash_table_unref (self->commands);
  g_hash_table_unref (self->configs);
  G_OBJECT_CLASS (loom_agent_client_parent_class)->finalize (object);
}

static void
loom_agent_client_class_init (LoomAgentClientClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = loom_agent_client_finalize;

  signals[SIGNAL_STATE] = g_signal_new ("state", LOOM_TYPE_AGENT_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 4, G_TYPE_UINT, G_TYPE_UINT,
                                        G_TYPE_UINT, G_TYPE_STRING);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", LOOM_TYPE_AGENT_CLIENT, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
loom_agent_client_init (LoomAgentClient *self)
{
  self->commands = g_hash_table_new_full (NULL, NULL, NULL,
                                          (GDestroyNotify) loom_agent_command_free);
  self->configs = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  self->last_id = g_random_int ();
}

LoomAgentClient *
loom_agent_client_new (LoomChannel *channel)
{
  LoomAgentClient *self = g_object_new (LOOM_TYPE_AGENT_CLIENT, NULL);
  guint32 cookie[LOOM_AGENT_COOKIE / sizeof (guint32)];

  for (guint i = 0; i < G_N_ELEMENTS (cookie); i++)
    cookie[i] = g_random_int ();
  self->codec = loom_agent_codec_new ((const guint8 *) cookie);
  self->channel = channel;
  g_object_ref (self); /* until closed */
  g_signal_connect (channel, "received", G_CALLBACK (on_received), self);
  g_signal_connect (channel, "closed", G_CALLBACK (on_channel_closed), self);
  send_frame (self, loom_agent_encode (LOOM_AGENT_HELLO, 0, cookie, sizeof cookie));
  return self;
}

gboolean
loom_agent_client_is_ready (LoomAgentClient *self)
{
  return self->ready;
}

void
loom_agent_client_close (LoomAgentClient *self)
{
  loom_channel_close (self->channel, NULL);
}

static guint32
make_id (LoomAgentClient *self)
{
  do
    self->last_id++;
  while (self->last_id == 0
         || g_hash_table_contains (self->commands, GUINT_TO_POINTER (self->last_id)));
  return self->last_id;
}

static gboolean
check_ready (LoomAgentClient *self, GTask *task)
{
  if (self->ready)
    return TRUE;
  g_task_return_new_error (task, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_STATE,
                           _ ("The guest is not ready yet. Try again in a moment."));
  return FALSE;
}

static gboolean
on_exec_cancelled (GCancellable *cancellable, gpointer user_data)
{
  GTask *task = user_data;
  LoomAgentClient *self = g_task_get_source_object (task);
  guint32 id = GPOINTER_TO_UINT (g_task_get_task_data (task));
  LoomAgentCommand *command = g_hash_table_lookup (self->commands, GUINT_TO_POINTER (id));

  if (command == NULL || loom_agent_command_get_task (command) != task)
    return G_SOURCE_REMOVE;
  g_object_unref (loom_agent_command_steal_task (command)); /* the source holds one too */
  loom_agent_command_abandon (command);
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

/* Ends the watching of the cancellable with the task. */
static void
on_exec_completed (GTask *task, GParamSpec *pspec, gpointer user_data)
{
  g_source_destroy (user_data);
}

static void
unref_source (gpointer source, GClosure *closure)
{
  g_source_unref (source);
}

static void
watch_cancellable (GTask *task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (GSource) source = NULL;

  if (cancellable == NULL)
    return;
  source = g_cancellable_source_new (cancellable);
  g_source_set_callback (source, G_SOURCE_FUNC (on_exec_cancelled), g_object_ref (task),
                         g_object_unref);
  g_source_attach (source, g_task_get_context (task));
  g_signal_connect_data (task, "notify::completed", G_CALLBACK (on_exec_completed),
                         g_source_ref (source), unref_source, 0);
}

void
loom_agent_client_exec_async (LoomAgentClient *self, const char *const *argv, int in_fd, int out_fd,
                              int err_fd, GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GBytes) frame = NULL;
  g_autoptr (GError) error = NULL;
  LoomAgentCommand *command;
  guint32 id = make_id (self);

  g_task_set_source_tag (task, loom_agent_client_exec_async);
  g_task_set_task_data (task, GUINT_TO_POINTER (id), NULL);
  if (!check_ready (self, task))
    return;
  frame = argv[0] != NULL ? loom_agent_encode_argv (id, argv) : NULL;
  if (frame == NULL) {
    g_task_return_new_error (task, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_INVALID,
                             _ ("The command is empty or too long. Put it into a script."));
    return;
  }
  send_frame (self, g_steal_pointer (&frame));
  command = loom_agent_command_new (id, in_fd, out_fd, err_fd, &command_calls, self,
                                    g_object_ref (task), &error);
  if (command == NULL) {
    g_object_unref (task);
    send_frame (self, loom_agent_encode (LOOM_AGENT_END, id, NULL, 0));
    g_task_return_error (task, g_steal_pointer (&error));
    return;
  }
  g_hash_table_insert (self->commands, GUINT_TO_POINTER (id), command);
  watch_cancellable (task);
}

gboolean
loom_agent_client_exec_finish (LoomAgentClient *self, GAsyncResult *result, int *ret_status,
                               GError **error)
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

void
loom_agent_client_configure_async (LoomAgentClient *self, const char *config,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  guint32 id = make_id (self);
  gsize size = strlen (config);

  g_task_set_source_tag (task, loom_agent_client_configure_async);
  if (!check_ready (self, task))
    return;
  g_hash_table_insert (self->configs, GUINT_TO_POINTER (id), g_object_ref (task));
  for (gsize at = 0; at < size; at += LOOM_AGENT_MAX_PAYLOAD)
    send_frame (self, loom_agent_encode (LOOM_AGENT_CONFIG, id, config + at,
                                         MIN (size - at, LOOM_AGENT_MAX_PAYLOAD)));
  send_frame (self, loom_agent_encode (LOOM_AGENT_CONFIG, id, NULL, 0));
}

gboolean
loom_agent_client_configure_finish (LoomAgentClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
loom_agent_client_power_off (LoomAgentClient *self)
{
  if (!self->ready)
    return FALSE;
  send_frame (self, loom_agent_encode (LOOM_AGENT_POWER, 0, NULL, 0));
  return TRUE;
}
