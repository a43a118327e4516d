/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Watching: samples of the frames of cables, for whoever draws them. The wire writes them to a pipe
 * (pipe.h) whose reading end is handed out, and whose reader is who the watch is for. */

#include "backend/engine/taps.h"

#include <glib/gi18n-lib.h>

#include "backend/engine/error.h"
#include "backend/engine/pipe.h"
#include "backend/proto/json.h"

typedef struct {
  LoomPipe *pipe;
  GVariant *cables;
} Watch;

static void
watch_free (gpointer data)
{
  Watch *watch = data;

  g_clear_pointer (&watch->pipe, loom_pipe_free);
  g_clear_pointer (&watch->cables, g_variant_unref);
  g_free (watch);
}

/* @params gets the cables of those links that there are, @ret_cables (transfer full) a line for
 * each. FALSE: there are none. */
static gboolean
add_links (LoomEngine *self, const char *const *links, JsonObject *params, GVariant **ret_cables,
           GError **error)
{
  JsonArray *array = json_array_new ();
  GVariantBuilder builder;

  json_object_set_array_member (params, "cables", array);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(tb)"));
  for (; *links != NULL; links++) {
    const LoomCable *cable = loom_taps_find_cable (self, *links, NULL);
    gboolean swapped = FALSE;

    if (cable != NULL) {
      g_autofree char *id = loom_record_dup_link_id (self->record, cable, &swapped);

      json_array_add_int_element (array, (gint64) cable->cookie);
    }
    g_variant_builder_add (&builder, "(tb)", cable != NULL ? cable->cookie : 0, swapped);
  }
  *ret_cables = g_variant_ref_sink (g_variant_builder_end (&builder));
  if (json_array_get_length (array) > 0)
    return loom_taps_check_room (self, json_array_get_length (array), error);
  g_set_error_literal (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NO_NODE,
                       _ ("The running lab has none of these cables."));
  return FALSE;
}

/* The wire is told at once, and of each cable's frames as soon as it comes by. */
static void
order_watch (LoomEngine *self, GTask *task, const char *id, JsonObject *params)
{
  g_autoptr (GTask) inner = loom_taps_new_task (self, loom_taps_pass_on, g_object_ref (task));
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (guint64));
  JsonArray *cables = json_object_get_array_member (params, "cables");
  char *reason = g_strdup_printf ("watch %s", id);

  for (guint i = 0; i < json_array_get_length (cables); i++)
    loom_taps_add (self, (guint64) json_array_get_int_element (cables, i), reason);
  loom_taps_queue (inner, "watch", params, none, reason);
}

void
loom_engine_watch_async (LoomEngine *self, const char *const *links, guint per_second,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autofree char *id = g_strdup_printf ("%08x%08x", g_random_int (), g_random_int ());
  g_autofree char *name = g_strconcat ("watch-", id, ".pipe", NULL);
  g_autoptr (JsonObject) params = json_object_new ();
  Watch *watch = g_new0 (Watch, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, loom_engine_watch_async);
  g_task_set_task_data (task, watch, watch_free);
  if (add_links (self, links, params, &watch->cables, &error))
    watch->pipe = loom_pipe_new (self->runtime_folder, name, &error);
  if (watch->pipe == NULL) {
    g_task_return_error (task, error);
    return;
  }
  json_object_set_string_member (params, "id", id);
  json_object_set_string_member (params, "path", watch->pipe->path);
  json_object_set_int_member (params, "per_second", per_second);
  order_watch (self, task, id, g_steal_pointer (&params));
}

int
loom_engine_watch_finish (LoomEngine *self, GAsyncResult *result, GVariant **ret_cables,
                          GError **error)
{
  Watch *watch = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return -1;
  *ret_cables = g_steal_pointer (&watch->cables);
  return loom_pipe_take (watch->pipe);
}

void
loom_watches_note_ended (LoomEngine *self, JsonObject *params)
{
  const char *id = loom_json_get_string (params, "id");

  if (id == NULL)
    return;
  g_autofree char *reason = g_strdup_printf ("watch %s", id);
  loom_taps_remove (self, reason, 0);
  loom_taps_follow (self);
}
