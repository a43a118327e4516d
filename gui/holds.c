/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The frames that wait on a cable. The engine says that their number has changed; the list is read
 * then, one reading at a time. */

#include "gui/holds.h"

#include "backend/engine/engine-dbus.h"

struct _LoomHolds {
  GObject parent_instance;

  LoomSession *session;
  char *link;
  LoomDBusEngine *proxy; /* of the lab that runs; or NULL */
  GCancellable *cancellable;
  gboolean on;
  guint n_orders; /* without an answer */
  gboolean reading;
  gboolean read_again;
  char *error;
  GPtrArray *frames;
};

G_DEFINE_FINAL_TYPE (LoomHolds, loom_holds, G_TYPE_OBJECT)

enum {
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void read_frames (LoomHolds *self);

static void
free_frame (gpointer data)
{
  LoomHeldFrame *frame = data;

  g_free (frame->from);
  g_free (frame->head);
  g_free (frame);
}

static void
emit_changed (LoomHolds *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
set_error (LoomHolds *self, GError *error)
{
  g_clear_pointer (&self->error, g_free);
  if (error == NULL)
    return;
  loom_engine_error_strip (error);
  self->error = g_strdup (error->message);
}

static LoomHeldFrame *
new_frame (GVariant *row)
{
  LoomHeldFrame *frame = g_new0 (LoomHeldFrame, 1);
  g_autoptr (GVariant) head = NULL;
  guint32 length;

  g_variant_get (row, "(tsxu@ay)", &frame->id, &frame->from, NULL, &length, &head);
  frame->length = length;
  const guint8 *bytes = g_variant_get_fixed_array (head, &frame->head_size, 1);
  frame->head = g_memdup2 (bytes, frame->head_size);
  return frame;
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomHolds) self = user_data;
  g_autoptr (GVariant) rows = NULL;
  g_autoptr (GError) error = NULL;

  self->reading = FALSE;
  if (loom_dbus_engine_call_get_held_finish (LOOM_DBUS_ENGINE (source), &rows, result, &error)) {
    self->on = TRUE;
    g_ptr_array_set_size (self->frames, 0);
    for (gsize i = 0; i < g_variant_n_children (rows); i++) {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);
      g_ptr_array_add (self->frames, new_frame (row));
    }
  } else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    return;
  } else {
    /* Nobody holds the cable: that is an answer, too. */
    self->on = FALSE;
    g_ptr_array_set_size (self->frames, 0);
  }
  emit_changed (self);
  if (self->read_again)
    read_frames (self);
}

static void
read_frames (LoomHolds *self)
{
  self->read_again = self->reading;
  if (self->proxy == NULL || self->reading)
    return;
  self->reading = TRUE;
  loom_dbus_engine_call_get_held (self->proxy, self->link, self->cancellable, on_read,
                                  g_object_ref (self));
}

static void
on_held_changed (LoomDBusEngine *proxy, const char *link, guint n, gpointer user_data)
{
  LoomHolds *self = user_data;

  if (g_str_equal (link, self->link))
    read_frames (self);
}

/* The lab began or ended, or its engine is another one. */
static void
on_session_changed (LoomSession *session, gpointer user_data)
{
  LoomHolds *self = user_data;
  LoomClient *client = loom_session_get_client (session);
  LoomDBusEngine *proxy = client != NULL ? loom_client_get_proxy (client) : NULL;

  if (proxy == self->proxy)
    return;
  if (self->proxy != NULL)
    g_signal_handlers_disconnect_by_data (self->proxy, self);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_set_object (&self->proxy, proxy);
  self->on = FALSE;
  self->reading = FALSE;
  g_ptr_array_set_size (self->frames, 0);
  if (proxy != NULL) {
    g_signal_connect (proxy, "held-changed", G_CALLBACK (on_held_changed), self);
    read_frames (self);
  }
  emit_changed (self);
}

static void
loom_holds_dispose (GObject *object)
{
  LoomHolds *self = LOOM_HOLDS (object);

  if (self->proxy != NULL)
    g_signal_handlers_disconnect_by_data (self->proxy, self);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->proxy);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (loom_holds_parent_class)->dispose (object);
}

static void
loom_holds_finalize (GObject *object)
{
  LoomHolds *self = LOOM_HOLDS (object);

  g_clear_object (&self->cancellable);
  g_ptr_array_unref (self->frames);
  g_free (self->link);
  g_free (self->error);
  G_OBJECT_CLASS (loom_holds_parent_class)->finalize (object);
}

static void
loom_holds_class_init (LoomHoldsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = loom_holds_dispose;
  G_OBJECT_CLASS (klass)->finalize = loom_holds_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", LOOM_TYPE_HOLDS, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
}

static void
loom_holds_init (LoomHolds *self)
{
  self->cancellable = g_cancellable_new ();
  self->frames = g_ptr_array_new_with_free_func (free_frame);
}

LoomHolds *
loom_holds_new (LoomSession *session, const char *link)
{
  LoomHolds *self = g_object_new (LOOM_TYPE_HOLDS, NULL);

  self->session = g_object_ref (session);
  self->link = g_strdup (link);
  g_signal_connect_object (session, "changed", G_CALLBACK (on_session_changed), self, 0);
  on_session_changed (session, self);
  return self;
}

const char *
loom_holds_get_link (LoomHolds *self)
{
  return self->link;
}

gboolean
loom_holds_is_live (LoomHolds *self)
{
  return self->proxy != NULL;
}

gboolean
loom_holds_is_on (LoomHolds *self)
{
  return self->on;
}

gboolean
loom_holds_is_busy (LoomHolds *self)
{
  return self->n_orders > 0;
}

const char *
loom_holds_get_error (LoomHolds *self)
{
  return self->error;
}

GPtrArray *
loom_holds_get_frames (LoomHolds *self)
{
  return self->frames;
}

/* An order has its answer; what it made of the frames is read. */
static void
end_order (LoomHolds *self, GError *error)
{
  self->n_orders--;
  if (error != NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  set_error (self, error);
  emit_changed (self);
  read_frames (self);
}

static void
on_held (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomHolds) self = user_data;
  g_autoptr (GError) error = NULL;

  loom_dbus_engine_call_hold_finish (LOOM_DBUS_ENGINE (source), result, &error);
  end_order (self, error);
}

static void
order_hold (LoomHolds *self, const char *from, gboolean on, const char *filter)
{
  if (self->proxy == NULL)
    return;
  self->n_orders++;
  loom_dbus_engine_call_hold (self->proxy, self->link, from, on, filter, self->cancellable, on_held,
                              g_object_ref (self));
  emit_changed (self);
}

void
loom_holds_hold (LoomHolds *self, const char *from, const char *filter)
{
  order_hold (self, from, TRUE, filter);
}

void
loom_holds_release (LoomHolds *self)
{
  order_hold (self, "", FALSE, "");
}

static void
on_acted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomHolds) self = user_data;
  g_autoptr (GError) error = NULL;

  loom_dbus_engine_call_act_finish (LOOM_DBUS_ENGINE (source), result, &error);
  end_order (self, error);
}

void
loom_holds_act (LoomHolds *self, GArray *ids, const char *action, double delay_ms)
{
  if (self->proxy == NULL)
    return;
  self->n_orders++;
  loom_dbus_engine_call_act (
      self->proxy, self->link,
      g_variant_new_fixed_array (G_VARIANT_TYPE_UINT64, ids->data, ids->len, sizeof (guint64)),
      action, delay_ms, self->cancellable, on_acted, g_object_ref (self));
}
