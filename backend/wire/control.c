/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of methods, and how calls are answered. What they do: attach.c, stats.c. */

#include "backend/wire/control-private.h"

#include <gio/gio.h>
#include <unistd.h>

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
    {"hold", loom_wire_hold},
    {"held", loom_wire_held},
    {"act", loom_wire_act},
    {"capture", loom_wire_capture_method},
    {"capture-save", loom_wire_capture_save_method},
    {"capture-stop", loom_wire_capture_stop_method},
    {"watch", loom_wire_watch},
    {"unwatch", loom_wire_unwatch},
};

static void
call_free (LoomWireCall *call)
{
  json_node_unref (call->id);
  g_object_unref (call->rpc);
  g_free (call);
}

void
loom_wire_call_answer (LoomWireCall *call, JsonNode *result)
{
  if (result == NULL) {
    result = json_node_new (JSON_NODE_OBJECT);
    json_node_take_object (result, json_object_new ());
  }
  loom_json_rpc_answer (call->rpc, call->id, result, NULL);
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
  loom_json_rpc_answer (call->rpc, call->id, NULL, text);
  call_free (call);
}

gboolean
loom_wire_call_post (LoomWireCall *call, LoomWireOrder *order)
{
  if (!loom_wire_datapath_is_busy (call->control->datapath)
      && loom_wire_datapath_post (call->control->datapath, order))
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

void
loom_wire_control_notify (LoomWireControl *control, const char *method, JsonNode *params)
{
  if (control->rpc != NULL)
    loom_json_rpc_notify (control->rpc, method, params);
  else
    json_node_unref (params);
}

/* The answer has to leave before the process does. */
static gboolean
on_flush (gpointer user_data)
{
  LoomWireControl *self = user_data;

  if (self->rpc != NULL && loom_json_rpc_get_n_queued (self->rpc) > 0)
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
  call->rpc = g_object_ref (rpc);
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

static gboolean
on_idle (gpointer user_data)
{
  LoomWireControl *self = user_data;

  self->idle_id = 0;
  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

void
loom_wire_control_look (LoomWireControl *control)
{
  gboolean is_idle = control->rpc == NULL && g_hash_table_size (control->attachments) == 0;

  if (!is_idle)
    g_clear_handle_id (&control->idle_id, g_source_remove);
  else if (control->idle_id == 0)
    control->idle_id = g_timeout_add_seconds (control->idle_s, on_idle, control);
}

/* Calls under way hold the connection that they will be answered on, closed or not. */
static void
drop_client (LoomWireControl *self)
{
  if (self->rpc == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->rpc, self);
  loom_json_rpc_set_handler (self->rpc, NULL, NULL);
  loom_json_rpc_close (self->rpc);
  g_clear_object (&self->rpc);
}

static void
on_closed (LoomJsonRpc *rpc, const GError *error, LoomWireControl *self)
{
  drop_client (self);
  loom_wire_control_look (self);
}

static void
on_incoming (int fd, gpointer user_data)
{
  LoomWireControl *self = user_data;
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, NULL);
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (LoomChannel) channel = NULL;

  g_assert (socket != NULL);
  connection = g_socket_connection_factory_create_connection (socket);
  drop_client (self);
  channel = loom_channel_new (G_IO_STREAM (connection), MAX_QUEUE);
  self->rpc = loom_json_rpc_new (channel, MAX_MESSAGE, MAX_DEPTH);
  loom_json_rpc_set_handler (self->rpc, on_call, self);
  g_signal_connect (self->rpc, "closed", G_CALLBACK (on_closed), self);
  loom_wire_control_look (self);
}

LoomWireControl *
loom_wire_control_new (const char *path, guint idle_s, LoomWireMemory *memory,
                       LoomWireDatapath *datapath, GMainLoop *loop, GError **error)
{
  LoomWireControl *self = g_new0 (LoomWireControl, 1);

  self->acceptor = loom_acceptor_new (path, on_incoming, self, error);
  if (self->acceptor == NULL) {
    g_free (self);
    return NULL;
  }
  self->idle_s = idle_s;
  self->memory = memory;
  self->datapath = datapath;
  self->loop = loop;
  self->attachments = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                             (GDestroyNotify) loom_wire_attachment_free);
  self->captures = g_hash_table_new (g_str_hash, g_str_equal);
  loom_wire_watches_init (self);
  loom_wire_control_look (self);
  return self;
}

/* Whatever could give the datapath an order: clients, clocks and the talk with the switch. */
static void
fall_silent (LoomWireControl *self)
{
  GHashTableIter iter;
  gpointer attachment;

  g_clear_pointer (&self->acceptor, loom_acceptor_free);
  drop_client (self);
  loom_wire_watches_end (self);
  g_clear_handle_id (&self->idle_id, g_source_remove);
  g_clear_handle_id (&self->watch_id, g_source_remove);
  g_hash_table_iter_init (&iter, self->attachments);
  while (g_hash_table_iter_next (&iter, NULL, &attachment))
    loom_wire_attachment_stop (attachment);
}

void
loom_wire_control_free (LoomWireControl *self)
{
  if (self == NULL)
    return;
  fall_silent (self);
  /* Turns the main loop. */
  loom_wire_captures_end (self);
  g_hash_table_unref (self->captures);
  g_hash_table_unref (self->attachments);
  g_free (self);
}
