/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of methods, and how calls are answered. What they do: attach.c, stats.c. */

#include "backend/wire/control-private.h"

#include <gio/gunixconnection.h>

#define MAX_MESSAGE (1u << 20)
#define MAX_DEPTH 8
#define MAX_QUEUE (16u << 20)
/* How often to look whether the last answer has gone out. */
#define FLUSH_MS 2

static const struct {
  const char *name;
  void (*func) (LoomWireCall *call, JsonObject *params);
} METHODS[] = {
    {"attach", loom_wire_attach},
    {"set", loom_wire_set},
    {"detach", loom_wire_detach},
    {"stats", loom_wire_stats},
};

static void
call_free (LoomWireCall *call)
{
  json_node_unref (call->id);
  g_free (call);
}

void
loom_wire_call_answer (LoomWireCall *call, JsonNode *result)
{
  if (result == NULL) {
    result = json_node_new (JSON_NODE_OBJECT);
    json_node_take_object (result, json_object_new ());
  }
  loom_json_rpc_answer (call->control->rpc, call->id, result, NULL);
  call_free (call);
}

void
loom_wire_call_fail (LoomWireCall *call, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  loom_json_rpc_answer (call->control->rpc, call->id, NULL, text);
  call_free (call);
}

gboolean
loom_wire_call_post (LoomWireCall *call, LoomWireOrder *order)
{
  if (loom_wire_datapath_post (call->control->datapath, order))
    return TRUE;
  loom_wire_call_fail (call, "too many calls are waiting");
  return FALSE;
}

LoomWireAttachment *
loom_wire_call_get_attachment (LoomWireCall *call, JsonObject *params)
{
  LoomWireAttachment *attachment = NULL;
  gint64 cookie = 0;

  if (loom_json_get_int (params, "cable", &cookie))
    attachment = g_hash_table_lookup (call->control->attachments, &cookie);
  if (attachment == NULL)
    loom_wire_call_fail (call, "there is no cable %" G_GINT64_FORMAT, cookie);
  return attachment;
}

/* The answer has to leave before the process does. */
static gboolean
on_flush (gpointer user_data)
{
  LoomWireControl *self = user_data;

  if (loom_json_rpc_is_open (self->rpc) && loom_json_rpc_get_n_queued (self->rpc) > 0)
    return G_SOURCE_CONTINUE;
  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

static void
shut_down (LoomWireCall *call)
{
  LoomWireControl *self = call->control;

  loom_wire_call_answer (call, NULL);
  g_timeout_add (FLUSH_MS, on_flush, self);
}

static void
on_call (LoomJsonRpc *rpc, const char *method, JsonArray *params, JsonNode *id, gpointer user_data)
{
  LoomWireCall *call = g_new0 (LoomWireCall, 1);
  JsonObject *object = NULL;

  call->control = user_data;
  call->id = json_node_copy (id);
  if (json_array_get_length (params) > 0)
    object = loom_json_node_object (json_array_get_element (params, 0));
  if (g_str_equal (method, "shutdown")) {
    shut_down (call);
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (METHODS); i++)
    if (g_str_equal (method, METHODS[i].name)) {
      METHODS[i].func (call, object);
      return;
    }
  loom_wire_call_fail (call, "unknown method");
}

static void
on_closed (LoomJsonRpc *rpc, const GError *error, LoomWireControl *self)
{
  g_main_loop_quit (self->loop);
}

LoomWireControl *
loom_wire_control_new (int fd, LoomWireMemory *memory, LoomWireDatapath *datapath, GMainLoop *loop,
                       GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, error);
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (LoomChannel) channel = NULL;
  LoomWireControl *self;

  if (socket == NULL)
    return NULL;
  connection = g_socket_connection_factory_create_connection (socket);
  channel = loom_channel_new (G_IO_STREAM (connection), MAX_QUEUE);
  self = g_new0 (LoomWireControl, 1);
  self->memory = memory;
  self->datapath = datapath;
  self->loop = loop;
  self->attachments = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                             (GDestroyNotify) loom_wire_attachment_free);
  self->rpc = loom_json_rpc_new (channel, MAX_MESSAGE, MAX_DEPTH);
  loom_json_rpc_set_handler (self->rpc, on_call, self);
  g_signal_connect (self->rpc, "closed", G_CALLBACK (on_closed), self);
  return self;
}

void
loom_wire_control_free (LoomWireControl *self)
{
  if (self == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->rpc, self);
  g_hash_table_unref (self->attachments);
  g_object_unref (self->rpc);
  g_free (self);
}
