/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Holding, capturing and watching: what people do with the frames of a cable while it runs, and
 * what is not in its file. Each is a tap: a reason for the cable to go by the wire. An order to the
 * wire waits until its cables do. */

#include "backend/engine/taps.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "backend/engine/error.h"
#include "backend/proto/json.h"

#define MAX_TAPS 1024
#define MAX_ORDERS 1024 /* that wait */
#define ORDER_TIMEOUT_US (20 * G_USEC_PER_SEC)

typedef struct {
  guint64 cookie;
  char *reason; /* "hold forward", "hold backward", "capture ID", "watch ID" */
} Tap;

/* An order that waits. */
typedef struct {
  GArray *cookies; /* of guint64: cables that have to be through */
  char *method;
  JsonObject *params;
  char *undone; /* the reason that goes again if the order fails; or NULL */
  gint64 deadline_us;
} Order;

static void
free_tap (gpointer data)
{
  g_free (((Tap *) data)->reason);
  g_free (data);
}

static void
free_order (gpointer data)
{
  Order *order = data;

  g_array_unref (order->cookies);
  g_free (order->method);
  g_free (order->undone);
  json_object_unref (order->params);
  g_free (order);
}

/* --- taps ------------------------------------------------------------------------------------ */

GPtrArray *
loom_engine_new_taps (void)
{
  return g_ptr_array_new_with_free_func (free_tap);
}

gboolean
loom_engine_is_tapped (LoomEngine *self, guint64 cookie)
{
  for (guint i = 0; i < self->taps->len; i++) {
    if (((const Tap *) g_ptr_array_index (self->taps, i))->cookie == cookie)
      return TRUE;
  }
  return FALSE;
}

void
loom_taps_remove (LoomEngine *self, const char *reason, guint64 cookie)
{
  for (guint i = self->taps->len; i-- > 0;) {
    const Tap *tap = g_ptr_array_index (self->taps, i);
    if (g_str_equal (tap->reason, reason) && (cookie == 0 || tap->cookie == cookie))
      g_ptr_array_remove_index (self->taps, i);
  }
}

void
loom_taps_add (LoomEngine *self, guint64 cookie, const char *reason)
{
  Tap *tap = g_new0 (Tap, 1);

  loom_taps_remove (self, reason, cookie);
  tap->cookie = cookie;
  tap->reason = g_strdup (reason);
  g_ptr_array_add (self->taps, tap);
}

static gboolean
has_cable (LoomEngine *self, guint64 cookie)
{
  for (guint i = 0; i < self->record->cables->len; i++) {
    if (((const LoomCable *) g_ptr_array_index (self->record->cables, i))->cookie == cookie)
      return TRUE;
  }
  return FALSE;
}

void
loom_engine_forget_gone_holds (LoomEngine *self)
{
  for (guint i = self->taps->len; i-- > 0;) {
    const Tap *tap = g_ptr_array_index (self->taps, i);
    if (g_str_has_prefix (tap->reason, "hold ") && !has_cable (self, tap->cookie))
      g_ptr_array_remove_index (self->taps, i);
  }
}

gboolean
loom_taps_is_held (LoomEngine *self, guint64 cookie)
{
  for (guint i = 0; i < self->taps->len; i++) {
    const Tap *tap = g_ptr_array_index (self->taps, i);
    if (tap->cookie == cookie && g_str_has_prefix (tap->reason, "hold "))
      return TRUE;
  }
  return FALSE;
}

gboolean
loom_taps_check_room (LoomEngine *self, guint n, GError **error)
{
  if (self->taps->len + n <= MAX_TAPS)
    return TRUE;
  g_set_error_literal (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED,
                       _ ("Too many cables are held, captured and watched. Let one go first."));
  return FALSE;
}

void
loom_taps_follow (LoomEngine *self)
{
  loom_engine_set_wire_wanted (self);
  loom_engine_kick (self);
}

void
loom_engine_adopt_tap (LoomEngine *self, guint64 cookie, const char *reason)
{
  if (self->taps->len < MAX_TAPS)
    loom_taps_add (self, cookie, reason);
}

void
loom_engine_lose_taps (LoomEngine *self)
{
  g_autoptr (GPtrArray) lost = g_steal_pointer (&self->taps);
  gboolean watched_only = TRUE;

  self->taps = loom_engine_new_taps ();
  if (lost->len == 0)
    return;
  for (guint i = 0; i < lost->len; i++)
    watched_only &= g_str_has_prefix (((const Tap *) g_ptr_array_index (lost, i))->reason,
                                      "watch ");
  loom_engine_set_wire_wanted (self);
  /* Those who watch see the end of their pipe, and ask again. */
  if (!watched_only)
    g_signal_emit_by_name (self, "message", "warning",
                           _ ("The wire ended: what it held is lost, and captures end here."));
}

void
loom_taps_set_hold (LoomEngine *self, guint64 cookie, const char *direction, gboolean on)
{
  static const char *const directions[] = {"forward", "backward"};

  for (guint i = 0; i < G_N_ELEMENTS (directions); i++) {
    g_autofree char *reason = g_strdup_printf ("hold %s", directions[i]);
    if (!g_str_equal (direction, "both") && !g_str_equal (direction, directions[i]))
      continue;
    if (on)
      loom_taps_add (self, cookie, reason);
    else
      loom_taps_remove (self, reason, cookie);
  }
}

/* --- cables by their names ------------------------------------------------------------------- */

LoomCable *
loom_taps_find_cable (LoomEngine *self, const char *link, GError **error)
{
  for (guint i = 0; i < self->record->cables->len; i++) {
    LoomCable *cable = g_ptr_array_index (self->record->cables, i);
    g_autofree char *id = loom_record_dup_link_id (self->record, cable, NULL);
    if (g_strcmp0 (id, link) == 0)
      return cable;
  }
  g_set_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NO_NODE,
               _ ("The running lab has no cable “%s”."), link);
  return NULL;
}

/* "pc1:0" of end 0 or 1 of @cable. */
static char *
dup_end_name (LoomEngine *self, const LoomCable *cable, int end)
{
  const LoomInstance *instance = loom_record_get (self->record,
                                                  end == 0 ? cable->key_a : cable->key_b);

  return instance != NULL ? g_strdup_printf ("%s:%d", instance->node->name,
                                             end == 0 ? cable->port_a : cable->port_b)
                          : g_strdup ("");
}

/* -1: @name is no end of @cable. */
int
loom_taps_find_end (LoomEngine *self, const LoomCable *cable, const char *name)
{
  for (int end = 0; end < 2; end++) {
    g_autofree char *own = dup_end_name (self, cable, end);
    if (g_str_equal (own, name))
      return end;
  }
  return -1;
}

LoomCable *
loom_taps_find_cable_at (LoomEngine *self, const char *name, int *ret_end, GError **error)
{
  for (guint i = 0; i < self->record->cables->len; i++) {
    LoomCable *cable = g_ptr_array_index (self->record->cables, i);
    *ret_end = loom_taps_find_end (self, cable, name);
    if (*ret_end >= 0)
      return cable;
  }
  g_set_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NO_NODE,
               _ ("The running lab has no cable at “%s”."), name);
  return NULL;
}

char *
loom_engine_dup_direction_end (LoomEngine *self, const char *link, const char *direction)
{
  const LoomCable *cable = loom_taps_find_cable (self, link, NULL);

  return cable != NULL ? dup_end_name (self, cable, g_strcmp0 (direction, "backward") == 0 ? 1 : 0)
                       : NULL;
}

/* --- orders ---------------------------------------------------------------------------------- */

static void
fail_order (LoomEngine *self, GTask *task, const char *reason)
{
  Order *order = g_task_get_task_data (task);

  if (order->undone != NULL) {
    if (g_str_has_prefix (order->undone, "hold "))
      loom_taps_set_hold (self, g_array_index (order->cookies, guint64, 0),
                          order->undone + strlen ("hold "), FALSE);
    else
      loom_taps_remove (self, order->undone, 0);
    loom_taps_follow (self);
  }
  g_task_return_new_error (task, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED, "%s", reason);
}

/* What the wire said, without whose words they are. */
static const char *
get_words (const GError *error)
{
  const char *words = strstr (error->message, "failed: ");

  return words != NULL ? words + strlen ("failed: ") : error->message;
}

static void
on_ordered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LoomEngine *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  JsonNode *answer = loom_wire_call_finish (LOOM_WIRE (source), result, &error);

  if (answer != NULL)
    g_task_return_pointer (task, answer, (GDestroyNotify) json_node_unref);
  else
    fail_order (self, task, get_words (error));
}

static gboolean
are_through (LoomEngine *self, GArray *cookies)
{
  for (guint i = 0; i < cookies->len; i++) {
    guint64 cookie = g_array_index (cookies, guint64, i);
    const LoomDetour *detour = g_hash_table_lookup (self->detours, &cookie);
    if (detour == NULL || loom_detour_get_state (detour) != LOOM_DETOUR_THROUGH)
      return FALSE;
  }
  return TRUE;
}

void
loom_engine_step_taps (LoomEngine *self)
{
  gint64 now_us = g_get_monotonic_time ();

  for (guint i = self->tap_tasks->len; i-- > 0;) {
    g_autoptr (GTask) task = g_object_ref (g_ptr_array_index (self->tap_tasks, i));
    Order *order = g_task_get_task_data (task);
    const char *failure = loom_wire_get_failure (self->wire);
    gboolean is_ready = loom_wire_is_up (self->wire) && are_through (self, order->cookies);

    if (!is_ready && failure == NULL && now_us < order->deadline_us)
      continue;
    g_ptr_array_remove_index (self->tap_tasks, i);
    if (is_ready)
      loom_wire_call_async (self->wire, order->method, json_object_ref (order->params), on_ordered,
                            g_steal_pointer (&task));
    else
      fail_order (self, task,
                  failure != NULL ? failure
                                  : _ ("The cable did not come into the wire in time. Try again."));
  }
}

/* Gives the order once its cables are through. @params, @undone: (transfer full). */
void
loom_taps_queue (GTask *task, const char *method, JsonObject *params, GArray *cookies, char *undone)
{
  LoomEngine *self = g_task_get_source_object (task);
  Order *order = g_new0 (Order, 1);
  gboolean has_room = self->tap_tasks->len < MAX_ORDERS;

  order->method = g_strdup (method);
  order->params = params;
  order->cookies = g_array_ref (cookies);
  order->undone = undone;
  order->deadline_us = g_get_monotonic_time () + ORDER_TIMEOUT_US;
  g_task_set_task_data (task, order, free_order);
  if (has_room) {
    g_ptr_array_add (self->tap_tasks, g_object_ref (task));
    loom_taps_follow (self);
  } else {
    fail_order (
        self, task,
        _ ("Too many holds and captures wait for the wire. Wait for them, then try again."));
  }
}

GTask *
loom_taps_new_task (LoomEngine *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, loom_taps_new_task);
  return task;
}

void
loom_taps_pass_on (GObject *source, GAsyncResult *result, gpointer task)
{
  g_autoptr (GTask) waiting = task;
  GError *error = NULL;
  g_autoptr (JsonNode) answer = loom_engine_tap_finish (LOOM_ENGINE (source), result, &error);

  if (answer != NULL)
    g_task_return_boolean (waiting, TRUE);
  else
    g_task_return_error (waiting, error);
}

void
loom_taps_queue_about (GTask *task, const char *method, JsonObject *params, guint64 cookie,
                       char *undone)
{
  g_autoptr (GArray) cookies = g_array_new (FALSE, FALSE, sizeof (guint64));

  g_array_append_val (cookies, cookie);
  loom_taps_queue (task, method, params, cookies, undone);
}

JsonNode *
loom_engine_tap_finish (LoomEngine *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- what the wire says ---------------------------------------------------------------------- */

void
loom_taps_note_held (LoomEngine *self, guint64 cookie, guint n)
{
  for (guint i = 0; i < self->record->cables->len; i++) {
    const LoomCable *cable = g_ptr_array_index (self->record->cables, i);
    g_autofree char *id = loom_record_dup_link_id (self->record, cable, NULL);
    if (cable->cookie == cookie && id != NULL)
      g_signal_emit_by_name (self, "held-changed", id, n);
  }
}

static void
note_held (LoomEngine *self, JsonObject *params)
{
  gint64 cookie, n;

  if (loom_json_get_int (params, "cable", &cookie) && loom_json_get_int (params, "n", &n))
    loom_taps_note_held (self, (guint64) cookie, (guint) CLAMP (n, 0, G_MAXINT));
}

/* Its owner has it from the wire, and stops it: until then the way by the wire need not stay. */
static void
note_capture_ended (LoomEngine *self, JsonObject *params)
{
  const char *id = loom_json_get_string (params, "id");

  if (id == NULL)
    return;
  g_autofree char *reason = g_strdup_printf ("capture %s", id);
  loom_taps_remove (self, reason, 0);
  loom_taps_follow (self);
}

void
loom_engine_take_tap_notice (LoomEngine *self, const char *method, JsonObject *params)
{
  if (g_str_equal (method, "held"))
    note_held (self, params);
  else if (g_str_equal (method, "capture-ended"))
    note_capture_ended (self, params);
  else if (g_str_equal (method, "watch-ended"))
    loom_watches_note_ended (self, params);
}
