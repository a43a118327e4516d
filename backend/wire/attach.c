/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Cables come, change and go. Orders are carried out and come back in the order they were given, so
 * that the last order of a cable, its removal, ends what all others referred to. */

#include "backend/wire/control-private.h"

#include "backend/wire/direction.h"

typedef struct {
  LoomWireOrder order;
  LoomWireCall *call;
  LoomWireAttachment *attachment;
  gboolean added;
} AttachOrder;

typedef struct {
  LoomWireOrder order;
  LoomWireCall *call;
  LoomWireCable *cable;
  LoomWireSettings settings[2];
  gboolean new_states;
  LoomWireState states[2];
} SetOrder;

typedef struct {
  LoomWireOrder order;
  LoomWireCall *call;
  LoomWireAttachment *attachment;
  guint n_dropped;
} DetachOrder;

typedef struct {
  LoomWireOrder order;
  LoomWireEnd *end;
  LoomWirePort *port;
  gboolean on;
  int call_fd;
} PortOrder;

static guint
index_of (LoomWireEnd *end)
{
  return end == &end->attachment->ends[1];
}

static LoomWirePort *
port_of (LoomWireEnd *end)
{
  return &end->attachment->cable->ports[index_of (end)];
}

static guint8 *
rings_of (LoomWireEnd *end)
{
  return loom_wire_memory_rings (end->attachment->control->memory,
                                 2 * end->attachment->index + index_of (end));
}

static void
on_prepare (gpointer user_data)
{
  LoomWireEnd *end = user_data;
  LoomWirePort *port = port_of (end);
  LoomWireMemory *memory = end->attachment->control->memory;

  loom_wire_vring_reset (&port->receive, memory, rings_of (end),
                         loom_wire_front_get_kick_fd (end->front, 0));
  loom_wire_vring_reset (&port->send, memory, rings_of (end) + LOOM_WIRE_VRING_BYTES,
                         loom_wire_front_get_kick_fd (end->front, 1));
}

static void
run_port (LoomWireOrder *order, LoomWireDatapath *datapath, gint64 now_ns)
{
  PortOrder *self = (PortOrder *) order;

  if (self->on)
    loom_wire_datapath_connect_port (datapath, self->port, self->call_fd);
  else
    loom_wire_datapath_disconnect_port (datapath, self->port);
}

static void
notify_connected (LoomWireEnd *end)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  json_builder_begin_object (builder);
  loom_json_put_int (builder, "cable", end->attachment->cookie);
  loom_json_put_int (builder, "end", index_of (end));
  loom_json_put_boolean (builder, "on", end->connected);
  json_builder_end_object (builder);
  json_builder_end_array (builder);
  loom_wire_control_notify (end->attachment->control, "connected", json_builder_get_root (builder));
}

static void
done_port (LoomWireOrder *order)
{
  PortOrder *self = (PortOrder *) order;

  if (!self->on)
    loom_wire_front_left (self->end->front);
  self->end->connected = self->on;
  notify_connected (self->end);
  g_free (self);
}

static void
on_connected (gboolean on, gpointer user_data)
{
  LoomWireEnd *end = user_data;
  PortOrder *order = g_new0 (PortOrder, 1);

  order->order = (LoomWireOrder){run_port, done_port};
  order->end = end;
  order->port = port_of (end);
  order->on = on;
  order->call_fd = loom_wire_front_get_call_fd (end->front);
  /* Two of these are under way at most for each end, and calls are refused long before there is no
   * room for them. */
  if (!loom_wire_datapath_post (end->attachment->control->datapath, &order->order))
    g_error ("no room for an order");
}

static const LoomWireFrontEvents EVENTS = {on_prepare, on_connected};

/* Takes a free pair of rings; FALSE: all are taken. */
static gboolean
take_index (LoomWireControl *control, guint *ret_index)
{
  for (guint i = 0; i < G_N_ELEMENTS (control->used); i++)
    if (!control->used[i]) {
      control->used[i] = TRUE;
      *ret_index = i;
      return TRUE;
    }
  return FALSE;
}

static LoomWireAttachment *
attachment_new (LoomWireControl *control, gint64 cookie, const char *key, guint64 seed)
{
  LoomWireAttachment *self;
  guint index;

  if (!take_index (control, &index))
    return NULL;
  self = g_new0 (LoomWireAttachment, 1);
  self->control = control;
  self->cookie = cookie;
  self->key = g_strdup (key);
  self->seed = seed;
  self->index = index;
  self->ends[0].attachment = self->ends[1].attachment = self;
  return self;
}

void
loom_wire_attachment_stop (LoomWireAttachment *self)
{
  for (guint i = 0; i < 2; i++)
    loom_wire_front_stop (self->ends[i].front);
}

void
loom_wire_attachment_free (LoomWireAttachment *self)
{
  for (guint i = 0; i < 2; i++)
    loom_wire_front_free (self->ends[i].front);
  loom_wire_cable_free (self->cable);
  self->control->used[self->index] = FALSE;
  g_free (self->key);
  g_free (self);
}

static gboolean
parse_settings (JsonObject *params, LoomWireSettings ret_settings[2], GError **error)
{
  for (guint i = 0; i < 2; i++)
    if (!loom_wire_settings_parse (loom_json_get_object (params, LOOM_WIRE_DIRECTION_NAMES[i]),
                                   &ret_settings[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
listen_at_sockets (LoomWireAttachment *attachment, JsonArray *sockets, GError **error)
{
  for (guint i = 0; i < 2; i++) {
    LoomWireEnd *end = &attachment->ends[i];
    const char *path = loom_json_node_string (json_array_get_element (sockets, i));

    end->front = loom_wire_front_new (path != NULL ? path : "", attachment->control->memory,
                                      rings_of (end), &EVENTS, end, error);
    if (end->front == NULL)
      return FALSE;
  }
  return TRUE;
}

static void
run_attach (LoomWireOrder *order, LoomWireDatapath *datapath, gint64 now_ns)
{
  AttachOrder *self = (AttachOrder *) order;

  self->added = loom_wire_datapath_add_cable (datapath, self->attachment->cable);
}

static void
done_attach (LoomWireOrder *order)
{
  AttachOrder *self = (AttachOrder *) order;

  /* As many as there are pairs of rings. */
  g_assert (self->added);
  loom_wire_call_answer (self->call, NULL);
  g_free (self);
}

static void
post_attach (LoomWireCall *call, LoomWireAttachment *attachment)
{
  AttachOrder *order = g_new0 (AttachOrder, 1);

  order->order = (LoomWireOrder){run_attach, done_attach};
  order->call = call;
  order->attachment = attachment;
  if (loom_wire_call_post (call, &order->order)) {
    g_hash_table_insert (attachment->control->attachments, &attachment->cookie, attachment);
    loom_wire_control_look (attachment->control);
    loom_wire_watches_follow (attachment->control);
    return;
  }
  loom_wire_attachment_free (attachment);
  g_free (order);
}

/* An engine that gave up waiting for the answer asks again: the cable is what it asks for now, and
 * which of its ends are there is told once more. */
static void
attach_again (LoomWireCall *call, JsonObject *params, LoomWireAttachment *attachment)
{
  for (guint i = 0; i < 2; i++)
    if (attachment->ends[i].connected)
      notify_connected (&attachment->ends[i]);
  loom_wire_set (call, params);
}

void
loom_wire_attach (LoomWireCall *call, JsonObject *params)
{
  LoomWireControl *control = call->control;
  const char *key = loom_json_get_string (params, "key");
  JsonArray *sockets = loom_json_get_array (params, "sockets");
  g_autoptr (GError) error = NULL;
  LoomWireAttachment *attachment;
  LoomWireSettings settings[2];
  gint64 cookie;
  gint64 seed = 0;

  loom_json_get_int (params, "seed", &seed);
  if (!loom_json_get_int (params, "cable", &cookie) || key == NULL || sockets == NULL
      || json_array_get_length (sockets) != 2) {
    loom_wire_call_fail (call, "attach needs a cable, a key and two sockets");
    return;
  }
  attachment = g_hash_table_lookup (control->attachments, &cookie);
  if (attachment != NULL) {
    attach_again (call, params, attachment);
    return;
  }
  if (!parse_settings (params, settings, &error)) {
    loom_wire_call_fail (call, "%s", error->message);
    return;
  }
  attachment = attachment_new (control, cookie, key, (guint64) seed);
  if (attachment == NULL) {
    loom_wire_call_fail (call, "there is room for %d cables", LOOM_WIRE_MAX_CABLES);
    return;
  }
  attachment->cable = loom_wire_cable_new (key, (guint64) seed, settings, control->memory,
                                           loom_wire_now_ns ());
  if (!listen_at_sockets (attachment, sockets, &error)) {
    loom_wire_attachment_free (attachment);
    loom_wire_call_fail (call, "%s", error->message);
    return;
  }
  post_attach (call, attachment);
}

static void
run_set (LoomWireOrder *order, LoomWireDatapath *datapath, gint64 now_ns)
{
  SetOrder *self = (SetOrder *) order;

  for (guint i = 0; i < 2; i++) {
    LoomWireDirection *direction = &self->cable->directions[i];

    loom_wire_direction_set (direction, &self->settings[i], now_ns);
    if (self->new_states)
      direction->line.state = self->states[i];
    loom_wire_datapath_touch (datapath, direction, now_ns);
  }
}

static void
done_set (LoomWireOrder *order)
{
  SetOrder *self = (SetOrder *) order;

  loom_wire_call_answer (self->call, NULL);
  g_free (self);
}

/* Another seed or name starts the random numbers anew; otherwise they go on. */
static void
fill_states (SetOrder *order, LoomWireAttachment *attachment, const char *key, guint64 seed)
{
  order->new_states = !g_str_equal (key, attachment->key) || seed != attachment->seed;
  attachment->seed = seed;
  if (!g_str_equal (key, attachment->key)) {
    g_free (attachment->key);
    attachment->key = g_strdup (key);
  }
  for (guint i = 0; i < 2; i++)
    loom_wire_state_init (&order->states[i], seed, key, LOOM_WIRE_DIRECTION_NAMES[i]);
}

void
loom_wire_set (LoomWireCall *call, JsonObject *params)
{
  LoomWireAttachment *attachment = loom_wire_call_get_attachment (call, params);
  const char *key = loom_json_get_string (params, "key");
  g_autoptr (GError) error = NULL;
  g_autofree SetOrder *order = NULL;
  gint64 seed = 0;

  if (attachment == NULL)
    return;
  order = g_new0 (SetOrder, 1);
  order->order = (LoomWireOrder){run_set, done_set};
  order->call = call;
  order->cable = attachment->cable;
  if (!parse_settings (params, order->settings, &error)) {
    loom_wire_call_fail (call, "%s", error->message);
    return;
  }
  loom_json_get_int (params, "seed", &seed);
  fill_states (order, attachment, key != NULL ? key : attachment->key, (guint64) seed);
  if (loom_wire_call_post (call, &order->order))
    g_steal_pointer (&order);
}

static void
run_detach (LoomWireOrder *order, LoomWireDatapath *datapath, gint64 now_ns)
{
  DetachOrder *self = (DetachOrder *) order;

  self->n_dropped = loom_wire_datapath_remove_cable (datapath, self->attachment->cable);
}

static void
done_detach (LoomWireOrder *order)
{
  DetachOrder *self = (DetachOrder *) order;
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  loom_json_put_int (builder, "dropped", self->n_dropped);
  json_builder_end_object (builder);
  loom_wire_control_look (self->call->control);
  loom_wire_call_answer (self->call, json_builder_get_root (builder));
  loom_wire_attachment_free (self->attachment);
  g_free (self);
}

void
loom_wire_detach (LoomWireCall *call, JsonObject *params)
{
  LoomWireAttachment *attachment = loom_wire_call_get_attachment (call, params);
  DetachOrder *order;

  if (attachment == NULL)
    return;
  order = g_new0 (DetachOrder, 1);
  order->order = (LoomWireOrder){run_detach, done_detach};
  order->call = call;
  order->attachment = attachment;
  if (!loom_wire_call_post (call, &order->order)) {
    g_free (order);
    return;
  }
  g_hash_table_steal (attachment->control->attachments, &attachment->cookie);
  loom_wire_captures_forget (attachment);
  loom_wire_attachment_stop (attachment);
}
