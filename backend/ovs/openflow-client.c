/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A request is a GTask in a table under its xid. All messages of one bundle carry one xid, so that
 * an error about any of them finds the task; they are sent in one go, and the reply to the commit
 * is what ends it. Messages nobody asked for (port status, packet in) are passed over. */

#include "backend/ovs/openflow-client.h"

#include <string.h>

#include "backend/ovs/switch.h"
#include "backend/proto/awake.h"
#include "backend/proto/channel.h"

#define MAX_QUEUE_BYTES (16 * 1024 * 1024)
#define MISS_SEND_BYTES 64
#define REQUEST_TIMEOUT_S 30

struct _LoomOpenFlowClient {
  GObject parent_instance;

  LoomChannel *channel;
  GByteArray *input;
  GHashTable *requests; /* xid -> Request */
  guint32 last_xid;
  guint32 hello_xid; /* of the request that waits for the peer's hello; 0: it came */
};

typedef struct {
  LoomOpenFlowClient *client; /* weak: requests end before it does */
  guint32 xid;
  GTask *task;
  GArray *stats; /* of a port statistics request; else NULL */
  guint timeout_id;
} Request;

struct _LoomOpenFlowBundle {
  guint32 id; /* also the xid of all its messages */
  GByteArray *messages;
};

G_DEFINE_FINAL_TYPE (LoomOpenFlowClient, loom_openflow_client, G_TYPE_OBJECT)

enum {
  SIGNAL_CLOSED,
  SIGNAL_PORT_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
request_free (Request *request)
{
  g_clear_handle_id (&request->timeout_id, g_source_remove);
  g_clear_pointer (&request->stats, g_array_unref);
  g_clear_object (&request->task);
  g_free (request);
}

static gboolean
on_request_timeout (gpointer user_data)
{
  Request *request = user_data;
  g_autoptr (GTask) task = g_steal_pointer (&request->task);

  request->timeout_id = 0;
  g_hash_table_remove (request->client->requests, GUINT_TO_POINTER (request->xid));
  g_task_return_new_error (task, LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_PROTOCOL,
                           "the switch did not answer in %d s", REQUEST_TIMEOUT_S);
  return G_SOURCE_REMOVE;
}

static Request *
add_request (LoomOpenFlowClient *self, GTask *task, guint32 xid)
{
  Request *request = g_new0 (Request, 1);

  request->client = self;
  request->xid = xid;
  request->task = g_object_ref (task);
  request->timeout_id = loom_awake_timeout_add (REQUEST_TIMEOUT_S, on_request_timeout, request);
  g_hash_table_insert (self->requests, GUINT_TO_POINTER (xid), request);
  return request;
}

static gboolean
send_bytes (LoomOpenFlowClient *self, GByteArray *out, GError **error)
{
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (g_byte_array_ref (out));

  return loom_channel_send (self->channel, bytes, error);
}

/* (transfer full) (nullable): the task of @xid, the request being forgotten. */
static GTask *
take_request (LoomOpenFlowClient *self, guint32 xid)
{
  Request *request = g_hash_table_lookup (self->requests, GUINT_TO_POINTER (xid));
  GTask *task;

  if (request == NULL)
    return NULL;
  task = g_steal_pointer (&request->task);
  g_hash_table_remove (self->requests, GUINT_TO_POINTER (xid));
  return task;
}

static void
give_up (LoomOpenFlowClient *self, const char *why)
{
  g_autoptr (GError) error = g_error_new (LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_PROTOCOL,
                                          "OpenFlow connection was given up: %s", why);

  loom_channel_close (self->channel, error);
}

static void
handle_hello (LoomOpenFlowClient *self, const LoomOpenFlowHeader *header)
{
  g_autoptr (GTask) task = take_request (self, self->hello_xid);

  if (task == NULL)
    return;
  if (header->version < LOOM_OPENFLOW_VERSION)
    g_task_return_new_error (task, LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_PROTOCOL,
                             "the switch does not speak OpenFlow 1.3");
  else
    g_task_return_pointer (task, g_object_ref (self), g_object_unref);
}

static void
handle_error (LoomOpenFlowClient *self, const LoomOpenFlowHeader *header, const guint8 *data)
{
  g_autoptr (GTask) task = take_request (self, header->xid);
  guint16 type = 0;
  guint16 code = 0;

  if (task == NULL)
    return;
  loom_openflow_read_error (data, header->size_bytes, &type, &code);
  g_task_return_new_error (task, LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_REFUSED,
                           "the switch refused a change of rules (OpenFlow error %u, %u)", type,
                           code);
}

static void
handle_port_stats (LoomOpenFlowClient *self, const LoomOpenFlowHeader *header, const guint8 *data)
{
  Request *request = g_hash_table_lookup (self->requests, GUINT_TO_POINTER (header->xid));
  g_autoptr (GTask) task = NULL;
  g_autoptr (GArray) stats = NULL;
  gboolean more = FALSE;

  if (request == NULL || request->stats == NULL)
    return;
  if (!loom_openflow_read_port_stats (data, header->size_bytes, request->stats, &more)) {
    give_up (self, "malformed port statistics");
    return;
  }
  if (more)
    return;
  stats = g_steal_pointer (&request->stats);
  task = take_request (self, header->xid);
  g_task_return_pointer (task, g_steal_pointer (&stats), (GDestroyNotify) g_array_unref);
}

static void
handle_bundle_reply (LoomOpenFlowClient *self, const LoomOpenFlowHeader *header, const guint8 *data)
{
  g_autoptr (GTask) task = NULL;
  guint32 bundle_id;
  guint16 control;

  if (!loom_openflow_read_bundle_control (data, header->size_bytes, &bundle_id, &control)
      || control != LOOM_BUNDLE_COMMIT_REPLY)
    return;
  task = take_request (self, header->xid);
  if (task != NULL)
    g_task_return_boolean (task, TRUE);
}

static void
handle_port_status (LoomOpenFlowClient *self, const LoomOpenFlowHeader *header, const guint8 *data)
{
  char name[LOOM_OPENFLOW_NAME_SIZE];
  gboolean removed;

  if (loom_openflow_read_port_status (data, header->size_bytes, name, &removed))
    g_signal_emit (self, signals[SIGNAL_PORT_CHANGED], 0, name, !removed);
}

static void
handle_message (LoomOpenFlowClient *self, const LoomOpenFlowHeader *header, const guint8 *data)
{
  switch (header->type) {
  case LOOM_OPENFLOW_HELLO:
    handle_hello (self, header);
    break;
  case LOOM_OPENFLOW_ERROR:
    handle_error (self, header, data);
    break;
  case LOOM_OPENFLOW_ECHO_REQUEST: {
    g_autoptr (GByteArray) out = g_byte_array_new ();

    loom_openflow_put_echo_reply (out, header->xid, data + LOOM_OPENFLOW_HEADER_SIZE,
                                  header->size_bytes - LOOM_OPENFLOW_HEADER_SIZE);
    if (!send_bytes (self, out, NULL))
      give_up (self, "the switch does not read");
    break;
  }
  case LOOM_OPENFLOW_PORT_STATUS:
    handle_port_status (self, header, data);
    break;
  case LOOM_OPENFLOW_MULTIPART_REPLY:
    handle_port_stats (self, header, data);
    break;
  case LOOM_OPENFLOW_EXPERIMENTER:
    handle_bundle_reply (self, header, data);
    break;
  default:
    break;
  }
}

static void
on_received (LoomChannel *channel, GBytes *bytes, LoomOpenFlowClient *self)
{
  g_autoptr (LoomOpenFlowClient) alive = g_object_ref (self);
  LoomOpenFlowHeader header;
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  gsize at = 0;

  g_byte_array_append (self->input, data, size);
  while (loom_channel_is_open (channel) && self->input->len - at >= LOOM_OPENFLOW_HEADER_SIZE) {
    if (!loom_openflow_read_header (self->input->data + at, self->input->len - at, &header)) {
      give_up (self, "malformed header");
      return;
    }
    if (self->input->len - at < header.size_bytes)
      break;
    handle_message (self, &header, self->input->data + at);
    at += header.size_bytes;
  }
  g_byte_array_remove_range (self->input, 0, at);
}

static void
on_closed (LoomChannel *channel, const GError *error, LoomOpenFlowClient *self)
{
  g_autoptr (LoomOpenFlowClient) alive = g_object_ref (self);
  g_autoptr (GList) xids = g_hash_table_get_keys (self->requests);

  for (GList *l = xids; l != NULL; l = l->next) {
    g_autoptr (GTask) task = take_request (self, GPOINTER_TO_UINT (l->data));

    if (task != NULL)
      g_task_return_error (task, g_error_copy (error));
  }
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, error);
}

static void
loom_openflow_client_dispose (GObject *object)
{
  LoomOpenFlowClient *self = LOOM_OPENFLOW_CLIENT (object);

  if (self->channel != NULL) {
    g_signal_handlers_disconnect_by_data (self->channel, self);
    loom_channel_close (self->channel, NULL);
    g_clear_object (&self->channel);
  }
  G_OBJECT_CLASS (loom_openflow_client_parent_class)->dispose (object);
}

static void
loom_openflow_client_finalize (GObject *object)
{
  LoomOpenFlowClient *self = LOOM_OPENFLOW_CLIENT (object);

  g_hash_table_unref (self->requests);
  g_byte_array_unref (self->input);
  G_OBJECT_CLASS (loom_openflow_client_parent_class)->finalize (object);
}

static void
loom_openflow_client_class_init (LoomOpenFlowClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = loom_openflow_client_dispose;
  object_class->finalize = loom_openflow_client_finalize;

  signals[SIGNAL_CLOSED] = g_signal_new ("closed", LOOM_TYPE_OPENFLOW_CLIENT, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1,
                                         G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
  signals[SIGNAL_PORT_CHANGED] = g_signal_new ("port-changed", LOOM_TYPE_OPENFLOW_CLIENT,
                                               G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                               2, G_TYPE_STRING, G_TYPE_BOOLEAN);
}

static void
loom_openflow_client_init (LoomOpenFlowClient *self)
{
  self->input = g_byte_array_new ();
  self->requests = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) request_free);
}

static void
on_channel_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (LoomOpenFlowClient) self = g_object_new (LOOM_TYPE_OPENFLOW_CLIENT, NULL);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  GError *error = NULL;

  self->channel = loom_channel_connect_finish (result, &error);
  if (self->channel == NULL) {
    g_task_return_error (task, error);
    return;
  }
  g_signal_connect (self->channel, "received", G_CALLBACK (on_received), self);
  g_signal_connect (self->channel, "closed", G_CALLBACK (on_closed), self);
  self->hello_xid = ++self->last_xid;
  loom_openflow_put_hello (out, self->hello_xid);
  if (!send_bytes (self, out, &error)) {
    g_task_return_error (task, error);
    return;
  }
  /* The task keeps the client alive until the hello comes or the connection ends. */
  g_task_set_task_data (task, g_object_ref (self), g_object_unref);
  add_request (self, task, self->hello_xid);
}

void
loom_openflow_client_connect_async (const char *path, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, loom_openflow_client_connect_async);
  loom_channel_connect_async (path, MAX_QUEUE_BYTES, cancellable, on_channel_ready, task);
}

LoomOpenFlowClient *
loom_openflow_client_connect_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
loom_openflow_client_watch_ports (LoomOpenFlowClient *self)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();

  loom_openflow_put_set_config (out, ++self->last_xid, MISS_SEND_BYTES);
  if (!send_bytes (self, out, NULL))
    give_up (self, "the switch does not read");
}

LoomOpenFlowBundle *
loom_openflow_client_begin (LoomOpenFlowClient *self)
{
  LoomOpenFlowBundle *bundle = g_new0 (LoomOpenFlowBundle, 1);

  bundle->id = ++self->last_xid;
  bundle->messages = g_byte_array_new ();
  loom_openflow_put_bundle_control (bundle->messages, bundle->id, bundle->id,
                                    LOOM_BUNDLE_OPEN_REQUEST);
  return bundle;
}

void
loom_openflow_bundle_add_rule (LoomOpenFlowBundle *bundle, const LoomOpenFlowRule *rule)
{
  loom_openflow_put_add_rule (bundle->messages, bundle->id, bundle->id, rule);
}

void
loom_openflow_bundle_delete_rule (LoomOpenFlowBundle *bundle, guint32 in_port, guint16 priority)
{
  loom_openflow_put_delete_rule (bundle->messages, bundle->id, bundle->id, in_port, priority);
}

void
loom_openflow_bundle_delete_all (LoomOpenFlowBundle *bundle)
{
  loom_openflow_put_delete_all (bundle->messages, bundle->id, bundle->id);
}

void
loom_openflow_bundle_free (LoomOpenFlowBundle *bundle)
{
  g_byte_array_unref (bundle->messages);
  g_free (bundle);
}

void
loom_openflow_client_commit_async (LoomOpenFlowClient *self, LoomOpenFlowBundle *bundle,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  GError *error = NULL;

  g_task_set_source_tag (task, loom_openflow_client_commit_async);
  loom_openflow_put_bundle_control (bundle->messages, bundle->id, bundle->id,
                                    LOOM_BUNDLE_COMMIT_REQUEST);
  if (!send_bytes (self, bundle->messages, &error))
    g_task_return_error (task, error);
  else
    add_request (self, task, bundle->id);
  loom_openflow_bundle_free (bundle);
}

gboolean
loom_openflow_client_commit_finish (LoomOpenFlowClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
loom_openflow_client_port_stats_async (LoomOpenFlowClient *self, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  guint32 xid = ++self->last_xid;
  GError *error = NULL;

  g_task_set_source_tag (task, loom_openflow_client_port_stats_async);
  loom_openflow_put_port_stats_request (out, xid);
  if (!send_bytes (self, out, &error))
    g_task_return_error (task, error);
  else
    add_request (self, task, xid)->stats = g_array_new (FALSE, FALSE,
                                                        sizeof (LoomOpenFlowPortStats));
}

GArray *
loom_openflow_client_port_stats_finish (LoomOpenFlowClient *self, GAsyncResult *result,
                                        GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
loom_openflow_client_is_open (LoomOpenFlowClient *self)
{
  return self->channel != NULL && loom_channel_is_open (self->channel);
}

void
loom_openflow_client_close (LoomOpenFlowClient *self)
{
  if (self->channel != NULL)
    loom_channel_close (self->channel, NULL);
}
