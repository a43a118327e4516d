/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Holding and capturing: what people do with the frames of a cable while it runs, and what is not
 * in its file. Each is a tap: a reason for the cable to go by the wire. An order to the wire waits
 * until its cables do. */

#include "backend/engine/engine-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "backend/engine/error.h"
#include "backend/proto/json.h"

#define MAX_TAPS 256
#define ORDER_TIMEOUT_US (20 * G_USEC_PER_SEC)

typedef struct {
  guint64 cookie;
  char *reason; /* "hold forward", "hold backward", "capture ID" */
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

static void
remove_taps (LoomEngine *self, const char *reason, guint64 cookie)
{
  for (guint i = self->taps->len; i-- > 0;) {
    const Tap *tap = g_ptr_array_index (self->taps, i);
    if (g_str_equal (tap->reason, reason) && (cookie == 0 || tap->cookie == cookie))
      g_ptr_array_remove_index (self->taps, i);
  }
}

static void
add_tap (LoomEngine *self, guint64 cookie, const char *reason)
{
  Tap *tap = g_new0 (Tap, 1);

  remove_taps (self, reason, cookie);
  tap->cookie = cookie;
  tap->reason = g_strdup (reason);
  g_ptr_array_add (self->taps, tap);
}

static gboolean
is_held (LoomEngine *self, guint64 cookie)
{
  for (guint i = 0; i < self->taps->len; i++) {
    const Tap *tap = g_ptr_array_index (self->taps, i);
    if (tap->cookie == cookie && g_str_has_prefix (tap->reason, "hold "))
      return TRUE;
  }
  return FALSE;
}

static void
follow_taps (LoomEngine *self)
{
  loom_engine_set_wire_wanted (self);
  loom_engine_kick (self);
}

void
loom_engine_adopt_tap (LoomEngine *self, guint64 cookie, const char *reason)
{
  if (self->taps->len < MAX_TAPS)
    add_tap (self, cookie, reason);
}

void
loom_engine_lose_taps (LoomEngine *self)
{
  if (self->taps->len == 0)
    return;
  g_ptr_array_set_size (self->taps, 0);
  loom_engine_set_wire_wanted (self);
  g_signal_emit_by_name (self, "message", "warning",
                         _ ("The wire ended: what it held is lost, and captures end here."));
}

/* @direction: "forward", "backward", "both". */
static void
set_hold_taps (LoomEngine *self, guint64 cookie, const char *direction, gboolean on)
{
  static const char *const directions[] = {"forward", "backward"};

  for (guint i = 0; i < G_N_ELEMENTS (directions); i++) {
    g_autofree char *reason = g_strdup_printf ("hold %s", directions[i]);
    if (!g_str_equal (direction, "both") && !g_str_equal (direction, directions[i]))
      continue;
    if (on)
      add_tap (self, cookie, reason);
    else
      remove_taps (self, reason, cookie);
  }
}

/* --- cables by their names ------------------------------------------------------------------- */

static LoomCable *
find_cable (LoomEngine *self, const char *link, GError **error)
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
static int
find_end (LoomEngine *self, const LoomCable *cable, const char *name)
{
  for (int end = 0; end < 2; end++) {
    g_autofree char *own = dup_end_name (self, cable, end);
    if (g_str_equal (own, name))
      return end;
  }
  return -1;
}

static LoomCable *
find_cable_at (LoomEngine *self, const char *name, int *ret_end, GError **error)
{
  for (guint i = 0; i < self->record->cables->len; i++) {
    LoomCable *cable = g_ptr_array_index (self->record->cables, i);
    *ret_end = find_end (self, cable, name);
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
  const LoomCable *cable = find_cable (self, link, NULL);

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
      set_hold_taps (self, g_array_index (order->cookies, guint64, 0),
                     order->undone + strlen ("hold "), FALSE);
    else
      remove_taps (self, order->undone, 0);
    follow_taps (self);
  }
  g_task_return_new_error (task, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED, "%s", reason);
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
    fail_order (self, task, error->message);
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
static void
queue_order (GTask *task, const char *method, JsonObject *params, GArray *cookies, char *undone)
{
  LoomEngine *self = g_task_get_source_object (task);
  Order *order = g_new0 (Order, 1);

  order->method = g_strdup (method);
  order->params = params;
  order->cookies = g_array_ref (cookies);
  order->undone = undone;
  order->deadline_us = g_get_monotonic_time () + ORDER_TIMEOUT_US;
  g_task_set_task_data (task, order, free_order);
  g_ptr_array_add (self->tap_tasks, g_object_ref (task));
  follow_taps (self);
}

static GTask *
new_task (LoomEngine *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, new_task);
  return task;
}

/* An order about one cable that is in the wire already, or is not at all. (transfer full): what to
 * say of it; NULL: the task was answered. */
static JsonObject *
begin_about_cable (LoomEngine *self, GTask *task, const char *link, guint64 *ret_cookie)
{
  GError *error = NULL;
  const LoomCable *cable = find_cable (self, link, &error);

  if (cable != NULL && !is_held (self, cable->cookie)) {
    g_set_error (&error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NOT_READY,
                 _ ("The frames of the cable %s are not held. Hold them first."), link);
  }
  if (error != NULL) {
    g_task_return_error (task, error);
    return NULL;
  }
  JsonObject *params = json_object_new ();
  json_object_set_int_member (params, "cable", (gint64) cable->cookie);
  *ret_cookie = cable->cookie;
  return params;
}

static void
queue_about_cable (GTask *task, const char *method, JsonObject *params, guint64 cookie,
                   char *undone)
{
  g_autoptr (GArray) cookies = g_array_new (FALSE, FALSE, sizeof (guint64));

  g_array_append_val (cookies, cookie);
  queue_order (task, method, params, cookies, undone);
}

/* --- hold ------------------------------------------------------------------------------------ */

/* What is let go stays in the wire until the wire was told so. */
static void
on_let_go (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LoomEngine *self = LOOM_ENGINE (source);
  g_autoptr (GError) error = NULL;
  JsonNode *answer = loom_engine_tap_finish (self, result, &error);
  Order *order = g_task_get_task_data (G_TASK (result));

  if (answer == NULL) {
    g_task_return_error (task, g_steal_pointer (&error));
    return;
  }
  set_hold_taps (self, g_array_index (order->cookies, guint64, 0),
                 json_object_get_string_member (order->params, "direction"), FALSE);
  follow_taps (self);
  g_task_return_pointer (task, answer, (GDestroyNotify) json_node_unref);
}

void
loom_engine_hold_async (LoomEngine *self, const char *link, const char *from, gboolean on,
                        const char *filter, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = new_task (self, callback, user_data);
  GError *error = NULL;
  const LoomCable *cable = find_cable (self, link, &error);
  int end = cable != NULL && from[0] != '\0' ? find_end (self, cable, from) : 2;

  if (cable != NULL && end < 0)
    g_set_error (&error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_INVALID,
                 _ ("“%s” is no end of the cable %s."), from, link);
  if (cable != NULL && end >= 0 && on && self->taps->len + 2 > MAX_TAPS)
    g_set_error_literal (&error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED,
                         _ ("Too many cables are held and captured. Let one go first."));
  if (error != NULL) {
    g_task_return_error (task, error);
    return;
  }
  if (!on && !is_held (self, cable->cookie)) {
    g_task_return_pointer (task, json_node_new (JSON_NODE_NULL), (GDestroyNotify) json_node_unref);
    return;
  }

  static const char *const directions[] = {"forward", "backward", "both"};
  JsonObject *params = json_object_new ();
  json_object_set_int_member (params, "cable", (gint64) cable->cookie);
  json_object_set_string_member (params, "direction", directions[end]);
  json_object_set_boolean_member (params, "on", on);
  json_object_set_string_member (params, "filter", filter);
  if (on) {
    gboolean is_new = !is_held (self, cable->cookie);
    set_hold_taps (self, cable->cookie, directions[end], TRUE);
    queue_about_cable (task, "hold", params, cable->cookie,
                       is_new ? g_strdup_printf ("hold %s", directions[end]) : NULL);
  } else {
    g_autoptr (GTask) inner = new_task (self, on_let_go, g_steal_pointer (&task));
    queue_about_cable (inner, "hold", params, cable->cookie, NULL);
  }
}

void
loom_engine_get_held_async (LoomEngine *self, const char *link, GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = new_task (self, callback, user_data);
  guint64 cookie;
  JsonObject *params = begin_about_cable (self, task, link, &cookie);

  if (params != NULL)
    queue_about_cable (task, "held", params, cookie, NULL);
}

void
loom_engine_act_async (LoomEngine *self, const char *link, const guint64 *ids, gsize n_ids,
                       const char *action, double delay_ms, GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = new_task (self, callback, user_data);
  JsonArray *array;
  guint64 cookie;
  JsonObject *params = begin_about_cable (self, task, link, &cookie);

  if (params == NULL)
    return;
  array = json_array_new ();
  for (gsize i = 0; i < n_ids; i++)
    json_array_add_int_element (array, (gint64) ids[i]);
  json_object_set_array_member (params, "ids", array);
  json_object_set_string_member (params, "what", action);
  json_object_set_double_member (params, "delay_ms", delay_ms);
  queue_about_cable (task, "act", params, cookie, NULL);
}

/* --- capture --------------------------------------------------------------------------------- */

/* Puts the cables of @ends into @params and @cookies. */
static gboolean
add_ends (LoomEngine *self, const char *const *ends, JsonObject *params, GArray *cookies,
          GError **error)
{
  JsonArray *array = json_array_new ();

  json_object_set_array_member (params, "cables", array);
  for (; *ends != NULL; ends++) {
    int end;
    const LoomCable *cable = find_cable_at (self, *ends, &end, error);
    if (cable == NULL)
      return FALSE;
    JsonObject *entry = json_object_new ();
    json_object_set_int_member (entry, "cable", (gint64) cable->cookie);
    json_object_set_int_member (entry, "end", end);
    json_array_add_object_element (array, entry);
    g_array_append_val (cookies, cable->cookie);
  }
  if (cookies->len > 0 && self->taps->len + cookies->len <= MAX_TAPS)
    return TRUE;
  g_set_error_literal (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED,
                       cookies->len == 0
                           ? _ ("A capture needs a port to capture at.")
                           : _ ("Too many cables are held and captured. Let one go first."));
  return FALSE;
}

void
loom_engine_capture_async (LoomEngine *self, const char *id, const char *const *ends,
                           JsonObject *params, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = new_task (self, callback, user_data);
  g_autoptr (GArray) cookies = g_array_new (FALSE, FALSE, sizeof (guint64));
  GError *error = NULL;

  json_object_set_string_member (params, "id", id);
  if (!add_ends (self, ends, params, cookies, &error)) {
    json_object_unref (params);
    g_task_return_error (task, error);
    return;
  }
  char *reason = g_strdup_printf ("capture %s", id);
  for (guint i = 0; i < cookies->len; i++)
    add_tap (self, g_array_index (cookies, guint64, i), reason);
  queue_order (task, "capture", params, cookies, reason);
}

/* It is over whatever the wire says. */
static void
on_capture_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LoomEngine *self = g_task_get_source_object (task);
  g_autofree char *reason = g_strdup_printf ("capture %s",
                                             (const char *) g_task_get_task_data (task));
  GError *error = NULL;
  JsonNode *answer = loom_wire_call_finish (LOOM_WIRE (source), result, &error);

  remove_taps (self, reason, 0);
  follow_taps (self);
  if (answer != NULL)
    g_task_return_pointer (task, answer, (GDestroyNotify) json_node_unref);
  else
    g_task_return_error (task, error);
}

void
loom_engine_stop_capture_async (LoomEngine *self, const char *id, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GTask *task = new_task (self, callback, user_data);
  JsonObject *params = json_object_new ();

  g_task_set_task_data (task, g_strdup (id), g_free);
  json_object_set_string_member (params, "id", id);
  loom_wire_call_async (self->wire, "capture-stop", params, on_capture_stopped, task);
}

static void
on_capture_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  JsonNode *answer = loom_wire_call_finish (LOOM_WIRE (source), result, &error);

  if (answer != NULL)
    g_task_return_pointer (task, answer, (GDestroyNotify) json_node_unref);
  else
    g_task_return_error (task, error);
}

void
loom_engine_save_capture_async (LoomEngine *self, const char *id, const char *path,
                                GAsyncReadyCallback callback, gpointer user_data)
{
  JsonObject *params = json_object_new ();

  json_object_set_string_member (params, "id", id);
  json_object_set_string_member (params, "path", path);
  loom_wire_call_async (self->wire, "capture-save", params, on_capture_saved,
                        new_task (self, callback, user_data));
}

JsonNode *
loom_engine_tap_finish (LoomEngine *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- what the wire says ---------------------------------------------------------------------- */

static void
note_held (LoomEngine *self, JsonObject *params)
{
  gint64 cookie, n;

  if (!loom_json_get_int (params, "cable", &cookie) || !loom_json_get_int (params, "n", &n))
    return;
  for (guint i = 0; i < self->record->cables->len; i++) {
    const LoomCable *cable = g_ptr_array_index (self->record->cables, i);
    g_autofree char *id = loom_record_dup_link_id (self->record, cable, NULL);
    if (cable->cookie == (guint64) cookie && id != NULL)
      g_signal_emit_by_name (self, "held-changed", id, (guint) CLAMP (n, 0, G_MAXINT));
  }
}

static void
note_capture_ended (LoomEngine *self, JsonObject *params)
{
  const char *id = loom_json_get_string (params, "id");
  const char *why = loom_json_get_string (params, "reason");

  if (id == NULL)
    return;
  g_autofree char *reason = g_strdup_printf ("capture %s", id);
  remove_taps (self, reason, 0);
  follow_taps (self);
  g_signal_emit_by_name (self, "capture-ended", id, why != NULL ? why : "");
}

void
loom_engine_take_tap_notice (LoomEngine *self, const char *method, JsonObject *params)
{
  if (g_str_equal (method, "held"))
    note_held (self, params);
  else if (g_str_equal (method, "capture-ended"))
    note_capture_ended (self, params);
}
