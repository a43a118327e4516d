/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Captures: what passes at ends of cables, written by the wire, for as long as whoever asked for it
 * has the reading end of a pipe (pipe.h). */

#include "backend/engine/taps.h"

#include <gio/gunixmounts.h>
#include <glib/gi18n-lib.h>
#include <sys/stat.h>

#include "backend/engine/error.h"
#include "backend/engine/pipe.h"
#include "backend/proto/json.h"

#define RUN_DEVICE "lanloom" /* as mounted by init */

/* A file below /run would be in the lab's own (backend/init/namespaces.c), and gone with it. What
 * is bound back there is another device. */
static gboolean
is_hidden (const char *path)
{
  g_autoptr (GUnixMountEntry) run = g_unix_mount_at ("/run", NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  struct stat own, there;

  if (run == NULL || !g_str_equal (g_unix_mount_get_device_path (run), RUN_DEVICE)
      || stat ("/run", &own) < 0)
    return FALSE;
  /* What is not there in the lab is below something that is. */
  while (stat (folder, &there) < 0 && !g_str_equal (folder, "/")) {
    char *above = g_path_get_dirname (folder);

    g_free (folder);
    folder = above;
  }
  return there.st_dev == own.st_dev;
}

static void
check_path (GTask *task, gpointer source, gpointer path, GCancellable *cancellable)
{
  if (path == NULL || !is_hidden (path))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED,
                             _ ("A lab has a folder /run of its own, and “%s” would be lost there. "
                                "Choose another place."),
                             (const char *) path);
}

/* Whether the wire may write there. In a thread: a disk of the network that is gone answers when it
 * likes. @path: (nullable) */
static void
check_path_async (LoomEngine *self, const char *path, GAsyncReadyCallback callback,
                  gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, check_path);
}

/* Puts the cables of @ends into @params and @cookies. */
static gboolean
add_ends (LoomEngine *self, const char *const *ends, JsonObject *params, GArray *cookies,
          GError **error)
{
  JsonArray *array = json_array_new ();

  json_object_set_array_member (params, "cables", array);
  for (; *ends != NULL; ends++) {
    int end;
    const LoomCable *cable = loom_taps_find_cable_at (self, *ends, &end, error);
    if (cable == NULL)
      return FALSE;
    JsonObject *entry = json_object_new ();
    json_object_set_int_member (entry, "cable", (gint64) cable->cookie);
    json_object_set_int_member (entry, "end", end);
    json_array_add_object_element (array, entry);
    g_array_append_val (cookies, cable->cookie);
  }
  if (cookies->len > 0)
    return loom_taps_check_room (self, cookies->len, error);
  g_set_error_literal (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED,
                       _ ("A capture needs a port to capture at."));
  return FALSE;
}

/* A capture that is asked for. */
typedef struct {
  char *id;
  GStrv ends;
  JsonObject *params;
  LoomPipe *owner; /* NULL until it begins */
} Capture;

static void
capture_free (gpointer data)
{
  Capture *capture = data;

  g_free (capture->id);
  g_strfreev (capture->ends);
  json_object_unref (capture->params);
  g_clear_pointer (&capture->owner, loom_pipe_free);
  g_free (capture);
}

static void
on_path_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LoomEngine *self = LOOM_ENGINE (source);
  Capture *capture = g_task_get_task_data (task);
  g_autoptr (GArray) cookies = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autofree char *name = g_strdup_printf ("capture-%s.pipe", capture->id);
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error)
      && add_ends (self, (const char *const *) capture->ends, capture->params, cookies, &error))
    capture->owner = loom_pipe_new (self->runtime_folder, name, &error);
  if (capture->owner == NULL) {
    g_task_return_error (task, error);
    return;
  }
  json_object_set_string_member (capture->params, "owner", capture->owner->path);
  char *reason = g_strdup_printf ("capture %s", capture->id);
  for (guint i = 0; i < cookies->len; i++)
    loom_taps_add (self, g_array_index (cookies, guint64, i), reason);
  g_autoptr (GTask) inner = loom_taps_new_task (self, loom_taps_pass_on, g_object_ref (task));
  loom_taps_queue (inner, "capture", json_object_ref (capture->params), cookies, reason);
}

void
loom_engine_capture_async (LoomEngine *self, const char *id, const char *const *ends,
                           JsonObject *params, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Capture *capture = g_new0 (Capture, 1);

  g_task_set_source_tag (task, loom_engine_capture_async);
  json_object_set_string_member (params, "id", id);
  capture->id = g_strdup (id);
  capture->ends = g_strdupv ((char **) ends);
  capture->params = params;
  g_task_set_task_data (task, capture, capture_free);
  check_path_async (self, loom_json_get_string (params, "path"), on_path_checked, task);
}

int
loom_engine_capture_finish (LoomEngine *self, GAsyncResult *result, GError **error)
{
  Capture *capture = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? loom_pipe_take (capture->owner) : -1;
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

  loom_taps_remove (self, reason, 0);
  loom_taps_follow (self);
  if (answer != NULL)
    g_task_return_pointer (task, answer, (GDestroyNotify) json_node_unref);
  else
    g_task_return_error (task, error);
}

void
loom_engine_stop_capture_async (LoomEngine *self, const char *id, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GTask *task = loom_taps_new_task (self, callback, user_data);
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

static void
on_save_path_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LoomEngine *self = LOOM_ENGINE (source);
  JsonObject *params = g_task_get_task_data (task);
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    loom_wire_call_async (self->wire, "capture-save", json_object_ref (params), on_capture_saved,
                          g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

void
loom_engine_save_capture_async (LoomEngine *self, const char *id, const char *path,
                                GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = loom_taps_new_task (self, callback, user_data);
  JsonObject *params = json_object_new ();

  json_object_set_string_member (params, "id", id);
  json_object_set_string_member (params, "path", path);
  g_task_set_task_data (task, params, (GDestroyNotify) json_object_unref);
  check_path_async (self, path, on_save_path_checked, task);
}
