/* SPDX-License-Identifier: GPL-3.0-or-later */

/* hold, held and act; and how many frames wait, told while some cable is held. */

#include "backend/wire/control-private.h"

#include "backend/wire/direction.h"

#include <string.h>

#define WATCH_MS 100
#define MAX_IDS (2 * LOOM_WIRE_MAX_HELD)
#define SHOWN_OCTETS 96
#define MAX_DELAY_MS 60000
#define N_BOTH 2

typedef struct {
  LoomWireOrder order;
  LoomWireCall *call;
  LoomWireCable *cable;
  gboolean concerned[N_BOTH]; /* directions */
  gboolean on;
  LoomWireFilter *filters[N_BOTH]; /* new ones in, old ones out */
} HoldOrder;

typedef struct {
  guint direction;
  guint32 id;
  gint64 arrived_ns;
  guint length;
  guint n_octets;
  guint8 octets[SHOWN_OCTETS];
} HeldFrame;

typedef struct {
  LoomWireOrder order;
  LoomWireCall *call;
  LoomWireCable *cable;
  guint n;
  HeldFrame frames[N_BOTH * LOOM_WIRE_MAX_HELD];
} HeldOrder;

typedef struct {
  LoomWireOrder order;
  LoomWireCall *call;
  LoomWireCable *cable;
  LoomWireAct act;
  gint64 delay_ns;
  gboolean all;
  guint n_ids; /* 0: the oldest */
  guint n_done;
  guint32 ids[];
} ActOrder;

typedef struct {
  LoomWireOrder order;
  LoomWireAttachment *attachment;
  LoomWireCable *cable;
  guint n;
} WatchOrder;

static void
release_all (LoomWireDirection *direction, gint64 now_ns)
{
  while (loom_wire_direction_act (direction, 0, LOOM_WIRE_RELEASE, 0, now_ns))
    ;
}

static void
run_hold (LoomWireOrder *order, LoomWireDatapath *datapath, gint64 now_ns)
{
  HoldOrder *self = (HoldOrder *) order;

  for (guint i = 0; i < N_BOTH; i++) {
    LoomWireDirection *direction = &self->cable->directions[i];
    LoomWireFilter *old = direction->hold.filter;

    if (!self->concerned[i])
      continue;
    direction->hold.on = self->on;
    direction->hold.filter = self->filters[i];
    self->filters[i] = old;
    if (!self->on)
      release_all (direction, now_ns);
    loom_wire_datapath_touch (datapath, direction, now_ns);
  }
}

static void
hold_order_free (HoldOrder *self)
{
  for (guint i = 0; i < N_BOTH; i++)
    loom_wire_filter_free (self->filters[i]);
  g_free (self);
}

static void
done_hold (LoomWireOrder *order)
{
  HoldOrder *self = (HoldOrder *) order;

  loom_wire_call_answer (self->call, NULL);
  hold_order_free (self);
}

/* "forward", "backward" or "both" */
static gboolean
parse_directions (const char *text, gboolean ret_concerned[N_BOTH])
{
  gboolean both = g_strcmp0 (text, "both") == 0;

  for (guint i = 0; i < N_BOTH; i++)
    ret_concerned[i] = both || g_strcmp0 (text, LOOM_WIRE_DIRECTION_NAMES[i]) == 0;
  return ret_concerned[0] || ret_concerned[1];
}

static gboolean
compile (HoldOrder *order, const char *text, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  for (guint i = 0; i < N_BOTH && order->on && local_error == NULL; i++)
    order->filters[i] = loom_wire_filter_new (text, &local_error);
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

void
loom_wire_hold (LoomWireCall *call, JsonObject *params)
{
  LoomWireAttachment *attachment = loom_wire_call_get_attachment (call, params);
  g_autoptr (GError) error = NULL;
  HoldOrder *order;

  if (attachment == NULL)
    return;
  order = g_new0 (HoldOrder, 1);
  order->order = (LoomWireOrder){run_hold, done_hold};
  order->call = call;
  order->cable = attachment->cable;
  if (!parse_directions (loom_json_get_string (params, "direction"), order->concerned)
      || !loom_json_get_boolean (params, "on", &order->on)) {
    loom_wire_call_fail (call, "hold needs a direction, and whether it is on");
    hold_order_free (order);
    return;
  }
  if (!compile (order, loom_json_get_string (params, "filter"), &error)) {
    loom_wire_call_fail (call, "%s", error->message);
    hold_order_free (order);
    return;
  }
  if (!loom_wire_call_post (call, &order->order)) {
    hold_order_free (order);
    return;
  }
  for (guint i = 0; i < N_BOTH; i++)
    if (order->concerned[i])
      attachment->holds[i] = order->on;
  /* Told in any case: who shows the cable learns that it is held. */
  attachment->n_held = G_MAXUINT;
  loom_wire_watch_held (attachment->control);
}

static void
copy_held (HeldOrder *self, guint i)
{
  for (LoomWireFrame *frame = self->cable->directions[i].hold.frames.head; frame != NULL;
       frame = frame->next) {
    HeldFrame *copy = &self->frames[self->n++];

    copy->direction = i;
    copy->id = frame->id;
    copy->arrived_ns = frame->arrived_ns;
    copy->length = frame->length;
    copy->n_octets = MIN (frame->length, SHOWN_OCTETS);
    memcpy (copy->octets, frame->octets, copy->n_octets);
  }
}

static void
run_held (LoomWireOrder *order, LoomWireDatapath *datapath, gint64 now_ns)
{
  copy_held ((HeldOrder *) order, LOOM_WIRE_FORWARD);
  copy_held ((HeldOrder *) order, LOOM_WIRE_BACKWARD);
}

static void
add_held (JsonBuilder *builder, const HeldFrame *frame)
{
  char hex[2 * SHOWN_OCTETS + 1] = "";

  for (guint i = 0; i < frame->n_octets; i++)
    g_snprintf (hex + 2 * i, 3, "%02x", frame->octets[i]);
  json_builder_begin_object (builder);
  loom_json_put_int (builder, "id", frame->id);
  loom_json_put_string (builder, "direction", LOOM_WIRE_DIRECTION_NAMES[frame->direction]);
  loom_json_put_int (builder, "time_us", frame->arrived_ns / 1000);
  loom_json_put_int (builder, "length", frame->length);
  loom_json_put_string (builder, "bytes_hex", hex);
  json_builder_end_object (builder);
}

static int
compare_ids (const void *a, const void *b)
{
  const HeldFrame *x = a;
  const HeldFrame *y = b;

  return (x->id > y->id) - (x->id < y->id);
}

static void
done_held (LoomWireOrder *order)
{
  HeldOrder *self = (HeldOrder *) order;
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  qsort (self->frames, self->n, sizeof *self->frames, compare_ids);
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->n; i++)
    add_held (builder, &self->frames[i]);
  json_builder_end_array (builder);
  loom_wire_call_answer (self->call, json_builder_get_root (builder));
  g_free (self);
}

void
loom_wire_held (LoomWireCall *call, JsonObject *params)
{
  LoomWireAttachment *attachment = loom_wire_call_get_attachment (call, params);
  HeldOrder *order;

  if (attachment == NULL)
    return;
  order = g_new0 (HeldOrder, 1);
  order->order = (LoomWireOrder){run_held, done_held};
  order->call = call;
  order->cable = attachment->cable;
  if (!loom_wire_call_post (call, &order->order))
    g_free (order);
}

/* Names grow with time: the smaller is the older. */
static LoomWireDirection *
find_oldest (LoomWireCable *cable)
{
  LoomWireDirection *a = &cable->directions[0];
  LoomWireDirection *b = &cable->directions[1];

  if (a->hold.n_frames == 0 || b->hold.n_frames == 0)
    return a->hold.n_frames > 0 ? a : b;
  return a->hold.frames.head->id < b->hold.frames.head->id ? a : b;
}

static gboolean
act_on (ActOrder *self, guint32 id, gint64 now_ns)
{
  LoomWireDirection *oldest = find_oldest (self->cable);

  if (id == 0)
    return loom_wire_direction_act (oldest, 0, self->act, self->delay_ns, now_ns);
  for (guint i = 0; i < N_BOTH; i++)
    if (loom_wire_direction_act (&self->cable->directions[i], id, self->act, self->delay_ns,
                                 now_ns))
      return TRUE;
  return FALSE;
}

static void
run_act (LoomWireOrder *order, LoomWireDatapath *datapath, gint64 now_ns)
{
  ActOrder *self = (ActOrder *) order;

  if (self->all)
    while (act_on (self, 0, now_ns))
      self->n_done++;
  else if (self->n_ids == 0)
    self->n_done += act_on (self, 0, now_ns);
  for (guint i = 0; i < self->n_ids; i++)
    self->n_done += act_on (self, self->ids[i], now_ns);
  for (guint i = 0; i < N_BOTH; i++)
    loom_wire_datapath_touch (datapath, &self->cable->directions[i], now_ns);
}

static void
done_act (LoomWireOrder *order)
{
  ActOrder *self = (ActOrder *) order;
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  loom_json_put_int (builder, "n", self->n_done);
  json_builder_end_object (builder);
  loom_wire_call_answer (self->call, json_builder_get_root (builder));
  g_free (self);
}

static gboolean
parse_act (const char *text, LoomWireAct *ret_act)
{
  static const char *const NAMES[] = {
      [LOOM_WIRE_RELEASE] = "release",     [LOOM_WIRE_DROP] = "drop",
      [LOOM_WIRE_DUPLICATE] = "duplicate", [LOOM_WIRE_CORRUPT] = "corrupt",
      [LOOM_WIRE_DELAY] = "delay",
  };

  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    if (g_strcmp0 (text, NAMES[i]) == 0) {
      *ret_act = (LoomWireAct) i;
      return TRUE;
    }
  return FALSE;
}

/* (nullable): an order with the ids of @params; NULL: they are none. */
static ActOrder *
act_order_new (JsonObject *params)
{
  JsonArray *ids = loom_json_get_array (params, "ids");
  guint n = ids != NULL ? json_array_get_length (ids) : 0;
  gboolean all = g_strcmp0 (loom_json_get_string (params, "ids"), "all") == 0;
  ActOrder *order;

  if (n > MAX_IDS || (ids == NULL && !all))
    return NULL;
  order = g_malloc0 (sizeof *order + n * sizeof *order->ids);
  order->all = all;
  for (guint i = 0; i < n; i++) {
    gint64 id;

    /* What is no name of a frame names none: 0 would be the oldest. */
    if (loom_json_node_int (json_array_get_element (ids, i), &id) && id > 0 && id <= G_MAXUINT32)
      order->ids[order->n_ids++] = (guint32) id;
  }
  if (order->n_ids == n)
    return order;
  g_free (order);
  return NULL;
}

static double
read_delay_ms (JsonObject *params)
{
  JsonNode *node = params != NULL ? json_object_get_member (params, "delay_ms") : NULL;
  GType type = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node)
                                                            : G_TYPE_INVALID;

  return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE ? json_node_get_double (node) : 0;
}

void
loom_wire_act (LoomWireCall *call, JsonObject *params)
{
  LoomWireAttachment *attachment = loom_wire_call_get_attachment (call, params);
  double delay_ms = read_delay_ms (params);
  ActOrder *order;

  if (attachment == NULL)
    return;
  order = act_order_new (params);
  if (order == NULL || !parse_act (loom_json_get_string (params, "what"), &order->act)
      || !(delay_ms >= 0 && delay_ms <= MAX_DELAY_MS)) {
    loom_wire_call_fail (call, "act needs ids, what to do, and a delay of 0 to 60000 ms");
    g_free (order);
    return;
  }
  order->order = (LoomWireOrder){run_act, done_act};
  order->call = call;
  order->cable = attachment->cable;
  order->delay_ns = (gint64) (delay_ms * 1e6);
  if (!loom_wire_call_post (call, &order->order))
    g_free (order);
}

static void
run_watch (LoomWireOrder *order, LoomWireDatapath *datapath, gint64 now_ns)
{
  WatchOrder *self = (WatchOrder *) order;

  for (guint i = 0; i < N_BOTH; i++)
    self->n += self->cable->directions[i].hold.n_frames;
}

static void
notify_held (LoomWireAttachment *attachment)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  json_builder_begin_object (builder);
  loom_json_put_int (builder, "cable", attachment->cookie);
  loom_json_put_int (builder, "n", attachment->n_held);
  json_builder_end_object (builder);
  json_builder_end_array (builder);
  loom_wire_control_notify (attachment->control, "held", json_builder_get_root (builder));
}

/* The attachment is there: its removal is a later order than this. */
static void
done_watch (LoomWireOrder *order)
{
  WatchOrder *self = (WatchOrder *) order;

  if (self->n != self->attachment->n_held) {
    self->attachment->n_held = self->n;
    notify_held (self->attachment);
  }
  g_free (self);
}

/* FALSE: it holds nothing, and nothing is left to be told. */
static gboolean
watch (LoomWireAttachment *attachment)
{
  WatchOrder *order;

  if (!attachment->holds[0] && !attachment->holds[1] && attachment->n_held == 0)
    return FALSE;
  order = g_new0 (WatchOrder, 1);
  order->order = (LoomWireOrder){run_watch, done_watch};
  order->attachment = attachment;
  order->cable = attachment->cable;
  /* What can be told later leaves room for what cannot. */
  if (loom_wire_datapath_is_busy (attachment->control->datapath)
      || !loom_wire_datapath_post (attachment->control->datapath, &order->order))
    g_free (order);
  return TRUE;
}

static gboolean
on_watch (gpointer user_data)
{
  LoomWireControl *self = user_data;
  gboolean more = FALSE;
  GHashTableIter iter;
  gpointer attachment;

  g_hash_table_iter_init (&iter, self->attachments);
  while (g_hash_table_iter_next (&iter, NULL, &attachment))
    more |= watch (attachment);
  if (!more)
    self->watch_id = 0;
  return more;
}

void
loom_wire_watch_held (LoomWireControl *control)
{
  if (control->watch_id == 0)
    control->watch_id = g_timeout_add (WATCH_MS, on_watch, control);
}
