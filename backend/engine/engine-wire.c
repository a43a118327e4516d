/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Cables by way of the wire: each that needs it has a detour (backend/engine/detour.h), whose
 * orders are given here, and whose answers and the wire's notifications are handed back to it. */

#include "backend/engine/engine-private.h"

#include <glib/gi18n-lib.h>

#include "backend/engine/derive.h"
#include "backend/proto/json.h"

#define LATER_MS 50

/* An order under way. */
typedef struct {
  LoomEngine *engine;
  guint64 cookie;
  LoomDetourOrder order;
  guint epoch; /* of the wire that got it */
} Errand;

static void
free_errand (Errand *errand)
{
  g_object_unref (errand->engine);
  g_free (errand);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Errand, free_errand)

static LoomDetour *
ensure_detour (LoomEngine *self, guint64 cookie)
{
  LoomDetour *detour = g_hash_table_lookup (self->detours, &cookie);

  if (detour == NULL) {
    detour = loom_detour_new (cookie);
    g_hash_table_insert (self->detours, g_memdup2 (&cookie, sizeof cookie), detour);
  }
  return detour;
}

void
loom_engine_set_wire_wanted (LoomEngine *self)
{
  g_autoptr (GHashTable) wanted = g_hash_table_new (g_int64_hash, g_int64_equal);
  GHashTableIter iter;
  gpointer cookie, detour;

  loom_engine_forget_gone_holds (self);
  for (guint i = 0; i < self->record->cables->len; i++) {
    LoomCable *cable = g_ptr_array_index (self->record->cables, i);
    gboolean is_impaired = cable->link != NULL && loom_link_needs_wire (cable->link);
    if (!is_impaired && !loom_engine_is_tapped (self, cable->cookie))
      continue;
    g_autofree char *settings = loom_derive_wire_settings (self->record, cable);
    loom_detour_set_wanted (ensure_detour (self, cable->cookie), settings);
    g_hash_table_add (wanted, &cable->cookie);
  }
  g_hash_table_iter_init (&iter, self->detours);
  while (g_hash_table_iter_next (&iter, &cookie, &detour)) {
    if (!g_hash_table_contains (wanted, cookie))
      loom_detour_set_wanted (detour, NULL);
  }
}

/* How many frames the wire holds of the cable; 0 also if it does not know it. */
static guint
read_n_held (JsonNode *answer, guint64 cookie)
{
  JsonArray *cables = loom_json_get_array (loom_json_node_object (answer), "cables");
  guint n = cables != NULL ? json_array_get_length (cables) : 0;

  for (guint i = 0; i < n; i++) {
    JsonObject *cable = loom_json_node_object (json_array_get_element (cables, i));
    gint64 id, queued;
    if (loom_json_get_int (cable, "cable", &id) && (guint64) id == cookie
        && loom_json_get_int (cable, "queued", &queued))
      return (guint) CLAMP (queued, 0, G_MAXINT);
  }
  return 0;
}

static void
on_errand_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Errand) errand = user_data;
  LoomEngine *self = errand->engine;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = loom_wire_call_finish (LOOM_WIRE (source), result, &error);
  LoomDetour *detour = g_hash_table_lookup (self->detours, &errand->cookie);

  if (detour == NULL || errand->epoch != loom_wire_get_epoch (self->wire))
    return;
  if (error != NULL)
    g_warning ("wire: cable %" G_GUINT64_FORMAT ": %s", errand->cookie, error->message);
  loom_detour_answered (detour, errand->order, answer != NULL, read_n_held (answer, errand->cookie),
                        g_get_monotonic_time ());
  loom_engine_kick (self);
}

/* (transfer full): what the wire is told of the cable, by its settings. */
static JsonObject *
new_params (LoomEngine *self, const LoomDetour *detour, LoomDetourOrder order)
{
  guint64 cookie = loom_detour_get_cookie (detour);
  const char *wanted = loom_detour_get_wanted (detour);
  gboolean has_settings = order == LOOM_DETOUR_ORDER_ATTACH || order == LOOM_DETOUR_ORDER_SET;
  g_autoptr (JsonNode) settings = has_settings ? json_from_string (wanted, NULL) : NULL;
  JsonObject *params = settings != NULL ? json_object_ref (json_node_get_object (settings))
                                        : json_object_new ();

  json_object_set_int_member (params, "cable", (gint64) cookie);
  if (order == LOOM_DETOUR_ORDER_ATTACH) {
    JsonArray *sockets = json_array_new ();
    for (int port = 0; port < 2; port++) {
      g_autofree char *path = loom_wire_dup_socket (self->runtime_folder, cookie, port);
      json_array_add_string_element (sockets, path);
    }
    json_object_set_array_member (params, "sockets", sockets);
  }
  return params;
}

static void
give_order (LoomEngine *self, LoomDetour *detour, LoomDetourOrder order)
{
  static const char *const methods[] = {
      [LOOM_DETOUR_ORDER_ATTACH] = "attach",
      [LOOM_DETOUR_ORDER_SET] = "set",
      [LOOM_DETOUR_ORDER_ASK] = "stats",
      [LOOM_DETOUR_ORDER_DETACH] = "detach",
  };
  Errand *errand = g_new0 (Errand, 1);

  errand->engine = g_object_ref (self);
  errand->cookie = loom_detour_get_cookie (detour);
  errand->order = order;
  errand->epoch = loom_wire_get_epoch (self->wire);
  loom_wire_call_async (self->wire, methods[order], new_params (self, detour, order),
                        on_errand_done, errand);
}

static gboolean
on_later (gpointer user_data)
{
  LoomEngine *self = user_data;

  self->wire_timer_id = 0;
  loom_engine_kick (self);
  return G_SOURCE_REMOVE;
}

/* Whether time alone brings the detour on. */
static gboolean
waits_for_time (const LoomDetour *detour)
{
  LoomDetourState state = loom_detour_get_state (detour);

  return state == LOOM_DETOUR_DRAINING
         || (state == LOOM_DETOUR_DIRECT && loom_detour_get_wanted (detour) != NULL);
}

void
loom_engine_step_wire (LoomEngine *self)
{
  gint64 now_us = g_get_monotonic_time ();
  gboolean later = FALSE;
  GHashTableIter iter;
  gpointer value;

  if (self->wire_pending)
    return;
  g_hash_table_iter_init (&iter, self->detours);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    LoomDetour *detour = value;
    LoomDetourOrder order = loom_detour_step (detour, loom_wire_is_up (self->wire), now_us);

    if (order != LOOM_DETOUR_ORDER_NONE)
      give_order (self, detour, order);
    if (loom_detour_differs (detour))
      self->fabric_dirty = TRUE;
    later = later || waits_for_time (detour);
    if (loom_detour_is_over (detour))
      g_hash_table_iter_remove (&iter);
  }
  loom_engine_step_taps (self);
  loom_wire_set_needed (self->wire, g_hash_table_size (self->detours) > 0);
  /* Orders that wait have a deadline. */
  if (((later && loom_wire_is_up (self->wire)) || self->tap_tasks->len > 0)
      && self->wire_timer_id == 0)
    self->wire_timer_id = g_timeout_add (LATER_MS, on_later, self);
}

void
loom_engine_note_fabric_submitted (LoomEngine *self)
{
  GHashTableIter iter;
  gpointer detour;

  g_hash_table_iter_init (&iter, self->detours);
  while (g_hash_table_iter_next (&iter, NULL, &detour))
    loom_detour_fabric_submitted (detour);
}

void
loom_engine_note_fabric (LoomEngine *self)
{
  GHashTableIter iter;
  gpointer detour;

  g_hash_table_iter_init (&iter, self->detours);
  while (g_hash_table_iter_next (&iter, NULL, &detour))
    loom_detour_fabric_done (detour);
}

static void
on_notification (LoomWire *wire, const char *method, JsonObject *params, gpointer user_data)
{
  LoomEngine *self = user_data;
  gint64 cookie, end;
  gboolean on;

  loom_engine_take_tap_notice (self, method, params);
  if (!g_str_equal (method, "connected") || !loom_json_get_int (params, "cable", &cookie)
      || !loom_json_get_int (params, "end", &end) || !loom_json_get_boolean (params, "on", &on)
      || end < 0 || end > 1)
    return;
  LoomDetour *detour = g_hash_table_lookup (self->detours, &cookie);
  if (detour == NULL)
    return;
  g_message ("wire: cable %" G_GINT64_FORMAT " end %d %s", cookie, (int) end,
             on ? "connected" : "not connected");
  loom_detour_connected (detour, (int) end, on);
  loom_engine_kick (self);
}

/* What a wire that was found running says of a cable. A cable that is no more gets a detour, too:
 * it is brought out by it. */
static void
adopt_cable (LoomEngine *self, JsonObject *cable)
{
  JsonArray *ends = loom_json_get_array (cable, "connected");
  gboolean connected[2] = {FALSE, FALSE};
  gint64 cookie;

  if (!loom_json_get_int (cable, "cable", &cookie) || cookie <= 0 || ends == NULL
      || json_array_get_length (ends) != 2)
    return;
  for (guint i = 0; i < 2; i++) {
    JsonNode *node = json_array_get_element (ends, i);
    connected[i] = json_node_get_value_type (node) == G_TYPE_BOOLEAN
                   && json_node_get_boolean (node);
  }
  /* What it was told is not known: it is told again. */
  loom_detour_adopt (ensure_detour (self, (guint64) cookie), "", connected);
}

static void
adopt_named (LoomEngine *self, guint64 cookie, const char *what, JsonArray *ids)
{
  for (guint i = 0; ids != NULL && i < json_array_get_length (ids); i++) {
    const char *id = loom_json_node_string (json_array_get_element (ids, i));
    g_autofree char *reason = g_strdup_printf ("%s %s", what, id);
    if (id != NULL)
      loom_engine_adopt_tap (self, cookie, reason);
  }
}

/* Holds, captures and watches go on without an engine. */
static void
adopt_taps (LoomEngine *self, JsonObject *cable)
{
  JsonArray *captures = loom_json_get_array (cable, "captures");
  JsonArray *watches = loom_json_get_array (cable, "watches");
  gboolean holds;
  gint64 cookie;

  if (!loom_json_get_int (cable, "cable", &cookie))
    return;
  if (loom_json_get_boolean (loom_json_get_object (cable, "forward"), "hold", &holds) && holds)
    loom_engine_adopt_tap (self, (guint64) cookie, "hold forward");
  if (loom_json_get_boolean (loom_json_get_object (cable, "backward"), "hold", &holds) && holds)
    loom_engine_adopt_tap (self, (guint64) cookie, "hold backward");
  adopt_named (self, (guint64) cookie, "capture", captures);
  adopt_named (self, (guint64) cookie, "watch", watches);
}

typedef struct {
  LoomEngine *engine;
  guint epoch; /* of the wire that was asked */
} Question;

static void ask_what_it_has (LoomEngine *self);

static void
on_adopted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Question *question = user_data;
  g_autoptr (LoomEngine) self = question->engine;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = loom_wire_call_finish (LOOM_WIRE (source), result, &error);
  JsonArray *cables = loom_json_get_array (loom_json_node_object (answer), "cables");
  guint n = cables != NULL ? json_array_get_length (cables) : 0;

  if (question->epoch != loom_wire_get_epoch (self->wire))
    return; /* it is late, or has died, which was told */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)) {
    ask_what_it_has (self); /* busy, and not given up yet: what it has is not nothing */
    return;
  }
  if (error != NULL)
    g_warning ("wire: %s", error->message);
  for (guint i = 0; i < n; i++) {
    adopt_cable (self, loom_json_node_object (json_array_get_element (cables, i)));
    adopt_taps (self, loom_json_node_object (json_array_get_element (cables, i)));
  }
  self->wire_pending = FALSE;
  loom_engine_set_wire_wanted (self);
  self->fabric_dirty = TRUE;
  loom_engine_kick (self);
}

static void
ask_what_it_has (LoomEngine *self)
{
  Question *question = g_new0 (Question, 1);

  self->wire_pending = TRUE;
  question->engine = g_object_ref (self);
  question->epoch = loom_wire_get_epoch (self->wire);
  loom_wire_call_async (self->wire, "stats", json_object_new (), on_adopted, question);
}

/* Every cable is direct, from the next bundle on. */
static void
go_direct (LoomEngine *self)
{
  GHashTableIter iter;
  gpointer detour;

  self->wire_pending = FALSE;
  g_hash_table_iter_init (&iter, self->detours);
  while (g_hash_table_iter_next (&iter, NULL, &detour))
    loom_detour_wire_died (detour);
}

/* A wire that was late has its cables, holds and captures as before, whatever was wanted meanwhile:
 * it is taken over like one that an engine before this one started. Frames that it lets out before
 * that end at the switch, which has no rule for them any more. */
static void
on_wire_changed (LoomWire *wire, gpointer user_data)
{
  LoomEngine *self = user_data;

  if (loom_wire_is_late (wire)) {
    self->wire_memory = LOOM_WIRE_MEMORY_STALE;
    go_direct (self);
  } else if (loom_wire_is_up (wire)) {
    if (self->wire_pending || self->wire_memory == LOOM_WIRE_MEMORY_STALE)
      ask_what_it_has (self);
    self->wire_memory = LOOM_WIRE_MEMORY_KNOWN;
  } else {
    go_direct (self);
    /* One that only starts has nothing to lose, and somebody's hold may be why it does. */
    if (self->wire_memory != LOOM_WIRE_MEMORY_NONE)
      loom_engine_lose_taps (self);
    self->wire_memory = LOOM_WIRE_MEMORY_NONE;
  }
  loom_engine_report_hangs (self);
  loom_engine_kick (self);
}

static void
on_wire_message (LoomWire *wire, const char *severity, const char *text, gpointer user_data)
{
  g_signal_emit_by_name (user_data, "message", severity, text);
}

void
loom_engine_open_wire (LoomEngine *self)
{
  self->detours = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                         (GDestroyNotify) loom_detour_free);
  self->taps = loom_engine_new_taps ();
  self->tap_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  self->measures = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->wire = loom_wire_new (self->runtime_folder);
  self->wire_pending = loom_wire_is_adopting (self->wire);
  g_signal_connect_object (self->wire, "changed", G_CALLBACK (on_wire_changed), self, 0);
  g_signal_connect_object (self->wire, "notification", G_CALLBACK (on_notification), self, 0);
  g_signal_connect_object (self->wire, "message", G_CALLBACK (on_wire_message), self, 0);
}
