/* SPDX-License-Identifier: GPL-3.0-or-later */

/* QMP, one command in flight at a time: QEMU executes in order anyway, and an answer then belongs
 * to one question only.
 *
 * greeting  until QEMU's greeting; then sends qmp_capabilities.
 * open      commands go out as their predecessors are answered.
 * closed    the connection ended or made no sense; every command fails. */

#include "backend/qemu/qmp-client.h"

#include "backend/proto/framer.h"
#include "backend/qemu/error.h"

#include <glib/gi18n-lib.h>

#include <string.h>

#define MAX_QUEUE_BYTES (4 * LOOM_QMP_MAX_MESSAGE)

enum {
  SIGNAL_COMMAND,
  SIGNAL_EVENT,
  SIGNAL_CLOSED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

typedef enum {
  STATE_GREETING,
  STATE_OPEN,
  STATE_CLOSED
} State;

struct _LoomQmpClient {
  GObject parent_instance;

  State state;
  LoomChannel *channel;
  LoomFramer *framer;
  GQueue waiting;   /* of GTask, with a Command */
  GTask *in_flight; /* NULL: none */
  gint64 next_id;
  gint64 id_in_flight;
};

G_DEFINE_TYPE (LoomQmpClient, loom_qmp_client, G_TYPE_OBJECT)

static void
fail_task (GTask *task, const GError *error)
{
  g_task_return_error (task, g_error_copy (error));
  g_object_unref (task);
}

static void
close_with (LoomQmpClient *self, const GError *error)
{
  GTask *task;

  if (self->state == STATE_CLOSED)
    return;
  self->state = STATE_CLOSED;
  g_object_ref (self);
  if (self->in_flight != NULL)
    fail_task (g_steal_pointer (&self->in_flight), error);
  while ((task = g_queue_pop_head (&self->waiting)) != NULL)
    fail_task (task, error);
  if (loom_channel_is_open (self->channel))
    loom_channel_close (self->channel, NULL);
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, error);
  g_object_unref (self);
  g_object_unref (self); /* that of an open client */
}

static void
close_nonsense (LoomQmpClient *self, const char *detail)
{
  g_autoptr (GError)
      error = g_error_new (LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_PROTOCOL,
                           _ ("QEMU sent a message that makes no sense: %s."), detail);

  close_with (self, error);
}

static void
send_next (LoomQmpClient *self)
{
  g_autoptr (GError) error = NULL;

  if (self->state != STATE_OPEN || self->in_flight != NULL || g_queue_is_empty (&self->waiting))
    return;
  self->in_flight = g_queue_pop_head (&self->waiting);
  self->id_in_flight = GPOINTER_TO_SIZE (g_object_get_data (G_OBJECT (self->in_flight), "qmp-id"));
  if (!loom_channel_send (self->channel, g_task_get_task_data (self->in_flight), &error))
    close_nonsense (self, error->message);
}

static GTask *
make_task (LoomQmpClient *self, const char *name, JsonNode *arguments, GCancellable *cancellable,
           GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  g_autoptr (GBytes) text = NULL;
  g_autoptr (GByteArray) line = g_byte_array_new ();
  gint64 id = ++self->next_id;

  json_object_set_string_member (object, "execute", name);
  if (arguments != NULL)
    json_object_set_member (object, "arguments", arguments);
  json_object_set_int_member (object, "id", id);
  json_node_take_object (root, object);
  text = loom_json_to_bytes (root);
  g_byte_array_append (line, g_bytes_get_data (text, NULL), g_bytes_get_size (text));
  g_byte_array_append (line, (const guint8 *) "\n", 1);
  g_task_set_source_tag (task, loom_qmp_client_execute_async);
  g_task_set_task_data (task, g_byte_array_free_to_bytes (g_steal_pointer (&line)),
                        (GDestroyNotify) g_bytes_unref);
  g_object_set_data (G_OBJECT (task), "qmp-id", GSIZE_TO_POINTER ((gsize) id));
  return task;
}

static void
take_greeting (LoomQmpClient *self, JsonObject *message)
{
  if (loom_json_get_object (message, "QMP") == NULL) {
    close_nonsense (self, "no greeting");
    return;
  }
  self->state = STATE_OPEN;
  g_queue_push_head (&self->waiting, make_task (self, "qmp_capabilities", NULL, NULL, NULL, NULL));
  send_next (self);
}

static void
take_answer (LoomQmpClient *self, JsonObject *message)
{
  GTask *task = self->in_flight;
  JsonObject *failure = loom_json_get_object (message, "error");
  gint64 id;

  /* An error without an id answers a command that QEMU could not even read. */
  if (task == NULL
      || (loom_json_get_int (message, "id", &id) ? id != self->id_in_flight : failure == NULL)) {
    close_nonsense (self, "an answer to no question");
    return;
  }
  self->in_flight = NULL;
  if (failure != NULL) {
    const char *text = loom_json_get_string (failure, "desc");
    gboolean not_found = g_strcmp0 (loom_json_get_string (failure, "class"), "DeviceNotFound") == 0;

    g_task_return_new_error (task, LOOM_GUEST_ERROR,
                             not_found ? LOOM_GUEST_ERROR_NOT_FOUND : LOOM_GUEST_ERROR_COMMAND,
                             "%.300s", text != NULL ? text : "?");
  } else {
    g_task_return_pointer (task, json_object_dup_member (message, "return"),
                           (GDestroyNotify) json_node_unref);
  }
  g_object_unref (task);
  send_next (self);
}

static void
take_message (LoomQmpClient *self, JsonObject *message)
{
  const char *event = loom_json_get_string (message, "event");

  if (self->state == STATE_GREETING)
    take_greeting (self, message);
  else if (event != NULL)
    g_signal_emit (self, signals[SIGNAL_EVENT], 0, event, loom_json_get_object (message, "data"));
  else if (json_object_has_member (message, "return") || json_object_has_member (message, "error"))
    take_answer (self, message);
  else
    close_nonsense (self, "neither event nor answer");
}

static void
on_received (LoomChannel *channel, GBytes *bytes, LoomQmpClient *self)
{
  g_autoptr (LoomQmpClient) kept = g_object_ref (self);
  g_autoptr (GError) error = NULL;
  GBytes *message;
  gboolean good;

  good = loom_framer_push (self->framer, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                           &error);
  while (self->state != STATE_CLOSED && (message = loom_framer_pop (self->framer)) != NULL) {
    g_autoptr (JsonNode) node = loom_json_parse (message, NULL);
    JsonObject *object = loom_json_node_object (node);

    g_bytes_unref (message);
    if (object == NULL)
      close_nonsense (self, "not a JSON object");
    else
      take_message (self, object);
  }
  if (!good)
    close_nonsense (self, error->message);
}

static void
on_channel_closed (LoomChannel *channel, GError *reason, LoomQmpClient *self)
{
  g_autoptr (GError) error = g_error_new_literal (LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_DIED,
                                                  _ ("QEMU closed its control connection."));

  close_with (self, error);
}

static void
loom_qmp_client_finalize (GObject *object)
{
  LoomQmpClient *self = LOOM_QMP_CLIENT (object);

  g_signal_handlers_disconnect_by_data (self->channel, self);
  g_clear_object (&self->channel);
  loom_framer_free (self->framer);
  G_OBJECT_CLASS (loom_qmp_client_parent_class)->finalize (object);
}

static void
loom_qmp_client_class_init (LoomQmpClientClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = loom_qmp_client_finalize;

  signals[SIGNAL_COMMAND] = g_signal_new ("command", LOOM_TYPE_QMP_CLIENT, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_EVENT] = g_signal_new ("event", LOOM_TYPE_QMP_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                                        JSON_TYPE_OBJECT);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", LOOM_TYPE_QMP_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
loom_qmp_client_init (LoomQmpClient *self)
{
  self->framer = loom_framer_new (LOOM_QMP_MAX_MESSAGE, LOOM_QMP_MAX_DEPTH);
  g_queue_init (&self->waiting);
}

LoomQmpClient *
loom_qmp_client_new (GSocketConnection *connection)
{
  LoomQmpClient *self = g_object_new (LOOM_TYPE_QMP_CLIENT, NULL);

  g_object_ref (self); /* until closed */
  self->channel = loom_channel_new (G_IO_STREAM (connection), MAX_QUEUE_BYTES);
  g_signal_connect (self->channel, "received", G_CALLBACK (on_received), self);
  g_signal_connect (self->channel, "closed", G_CALLBACK (on_channel_closed), self);
  return self;
}

void
loom_qmp_client_execute_async (LoomQmpClient *self, const char *command, JsonNode *arguments,
                               GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task = make_task (self, command, arguments, cancellable, callback, user_data);

  if (self->state == STATE_CLOSED) {
    g_task_return_new_error (task, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_DIED,
                             _ ("QEMU closed its control connection."));
    g_object_unref (task);
    return;
  }
  g_queue_push_tail (&self->waiting, task);
  g_signal_emit (self, signals[SIGNAL_COMMAND], 0);
  send_next (self);
}

JsonNode *
loom_qmp_client_execute_finish (LoomQmpClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
loom_qmp_client_is_open (LoomQmpClient *self)
{
  return self->state != STATE_CLOSED;
}

gboolean
loom_qmp_client_is_idle (LoomQmpClient *self)
{
  return self->in_flight == NULL && g_queue_is_empty (&self->waiting);
}

void
loom_qmp_client_close (LoomQmpClient *self)
{
  g_autoptr (GError) error = g_error_new_literal (LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_DIED,
                                                  _ ("The control connection was closed."));

  close_with (self, error);
}
