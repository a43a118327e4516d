/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames that wait on a cable until somebody decides about them. */

#include "backend/engine/taps.h"

#include <glib/gi18n-lib.h>

#include "backend/engine/error.h"

/* An order about one cable that is in the wire already, or is not at all. (transfer full): what to
 * say of it; NULL: the task was answered. */
static JsonObject *
begin_about_cable (LoomEngine *self, GTask *task, const char *link, guint64 *ret_cookie)
{
  GError *error = NULL;
  const LoomCable *cable = loom_taps_find_cable (self, link, &error);

  if (cable != NULL && !loom_taps_is_held (self, cable->cookie)) {
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

/* A cable that is being let go: it stays in the wire until the wire was told so. */
typedef struct {
  GTask *task;
  guint64 cookie;
  const char *direction;
} Release;

static void
on_let_go (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Release *release = user_data;
  g_autoptr (GTask) task = release->task;
  LoomEngine *self = LOOM_ENGINE (source);
  GError *error = NULL;
  JsonNode *answer = loom_engine_tap_finish (self, result, &error);

  if (answer == NULL) {
    g_task_return_error (task, error);
    return;
  }
  loom_taps_set_hold (self, release->cookie, release->direction, FALSE);
  loom_taps_follow (self);
  /* The wire may let go of the cable before it would say so. */
  loom_taps_note_held (self, release->cookie, 0);
  g_task_return_pointer (task, answer, (GDestroyNotify) json_node_unref);
}

void
loom_engine_hold_async (LoomEngine *self, const char *link, const char *from, gboolean on,
                        const char *filter, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = loom_taps_new_task (self, callback, user_data);
  GError *error = NULL;
  const LoomCable *cable = loom_taps_find_cable (self, link, &error);
  int end = cable != NULL && from[0] != '\0' ? loom_taps_find_end (self, cable, from) : 2;

  if (cable != NULL && end < 0)
    g_set_error (&error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_INVALID,
                 _ ("“%s” is no end of the cable %s."), from, link);
  if (error == NULL && on)
    loom_taps_check_room (self, 2, &error);
  if (error != NULL) {
    g_task_return_error (task, error);
    return;
  }
  if (!on && !loom_taps_is_held (self, cable->cookie)) {
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
    gboolean is_new = !loom_taps_is_held (self, cable->cookie);
    loom_taps_set_hold (self, cable->cookie, directions[end], TRUE);
    loom_taps_queue_about (task, "hold", params, cable->cookie,
                           is_new ? g_strdup_printf ("hold %s", directions[end]) : NULL);
  } else {
    Release *release = g_new0 (Release, 1);
    release->task = g_steal_pointer (&task);
    release->cookie = cable->cookie;
    release->direction = directions[end];
    g_autoptr (GTask) inner = loom_taps_new_task (self, on_let_go, release);
    loom_taps_queue_about (inner, "hold", params, cable->cookie, NULL);
  }
}

void
loom_engine_get_held_async (LoomEngine *self, const char *link, GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = loom_taps_new_task (self, callback, user_data);
  guint64 cookie;
  JsonObject *params = begin_about_cable (self, task, link, &cookie);

  if (params != NULL)
    loom_taps_queue_about (task, "held", params, cookie, NULL);
}

void
loom_engine_act_async (LoomEngine *self, const char *link, const guint64 *ids, gsize n_ids,
                       const char *action, double delay_ms, GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = loom_taps_new_task (self, callback, user_data);
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
  loom_taps_queue_about (task, "act", params, cookie, NULL);
}
