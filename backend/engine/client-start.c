/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Starting a lab: look for a running one, check the host, spawn init, wait for the engine, hand
 * over the document. Ending it is in client-stop.c.
 *
 * init is spawned with the lab's file as its only argument and stays as the lab's keeper: SIGTERM
 * to it ends the lab. Its exit status: 3 the lab runs already, 4 the host cannot, else it failed;
 * what it says on its standard error is for people. */

#include "backend/engine/client-private.h"

#include "backend/engine/client-fit.h"
#include "backend/engine/host.h"
#include "backend/engine/paths.h"
#include "backend/engine/runtime.h"

#include <glib/gi18n-lib.h>
#include <signal.h>

#define CONNECT_TIMEOUT_MS 30000
#define ATTACH_TIMEOUT_MS 10000
#define MAX_COMPLAINT_BYTES 4096
#define UNDO_PATIENCE_MS 10000 /* until the keeper is killed */
#define EXIT_STATUS_LOCKED 3
#define EXIT_STATUS_HOST 4

typedef struct {
  char *document;
  GSubprocess *keeper; /* ours, once spawned */
  LoomClientFit *fit;  /* holds the lock until the engine has the lab; or NULL */
  gboolean was_running;
  GError *error; /* why the start is being undone */
} Starting;

static void
starting_free (gpointer data)
{
  Starting *starting = data;

  g_free (starting->document);
  g_clear_object (&starting->keeper);
  g_clear_pointer (&starting->fit, loom_client_fit_free);
  g_clear_error (&starting->error);
  g_free (starting);
}

static void
report_progress (LoomClient *self, const char *sentence)
{
  g_signal_emit_by_name (self, "progress", sentence);
}

static void
finish_start (GTask *task)
{
  LoomClient *self = g_task_get_source_object (task);

  loom_client_set_state (self, LOOM_CLIENT_ATTACHED);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* --- undoing a start --------------------------------------------------------------------------*/

static void
on_keeper_gone (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Starting *starting = g_task_get_task_data (task);

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  loom_client_set_state (g_task_get_source_object (task), LOOM_CLIENT_DETACHED);
  g_task_return_error (task, g_steal_pointer (&starting->error));
  g_object_unref (task);
}

static gboolean
on_keeper_stuck (gpointer user_data)
{
  g_subprocess_force_exit (G_SUBPROCESS (user_data));
  return G_SOURCE_REMOVE;
}

/* Ends what was begun, then fails with @error. Consumes @task and @error. */
static void
undo_start (GTask *task, GError *error)
{
  LoomClient *self = g_task_get_source_object (task);
  Starting *starting = g_task_get_task_data (task);

  loom_client_disconnect (self);
  if (starting->keeper == NULL || g_subprocess_get_identifier (starting->keeper) == NULL) {
    loom_client_detach (self);
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }
  starting->error = error;
  loom_client_set_state (self, LOOM_CLIENT_STOPPING);
  report_progress (self, _ ("Ending what was begun…"));
  g_subprocess_send_signal (starting->keeper, SIGTERM);
  g_timeout_add_full (G_PRIORITY_DEFAULT, UNDO_PATIENCE_MS, on_keeper_stuck,
                      g_object_ref (starting->keeper), g_object_unref);
  g_subprocess_wait_async (starting->keeper, NULL, on_keeper_gone, task);
}

/* --- starting ---------------------------------------------------------------------------------*/

static void
on_applied (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  LoomClient *self = g_task_get_source_object (task);
  Starting *starting = g_task_get_task_data (task);
  guint64 generation = 0;
  GError *error = NULL;

  loom_dbus_engine_call_apply_finish (LOOM_DBUS_ENGINE (source), &generation, result, &error);
  g_clear_pointer (&starting->fit, loom_client_fit_free);
  loom_client_release_documents (self, starting->document, generation);
  if (error != NULL && g_dbus_error_is_remote_error (error)
      && g_error_matches (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_CONFLICT)) {
    g_error_free (error);
    starting->was_running = TRUE;
    finish_start (task);
  } else if (error != NULL) {
    undo_start (task, loom_client_translate_error (self, error));
  } else {
    finish_start (task);
  }
}

/* (transfer full): what init said before it gave up. */
static char *
read_complaint (GSubprocess *keeper)
{
  GInputStream *pipe = g_subprocess_get_stderr_pipe (keeper);
  g_autofree char *buffer = g_malloc0 (MAX_COMPLAINT_BYTES + 1);
  gssize size;

  size = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (pipe), buffer,
                                                   MAX_COMPLAINT_BYTES, NULL, NULL);
  if (size <= 0)
    return g_strdup ("");
  g_strstrip (buffer);
  return g_utf8_make_valid (buffer, -1);
}

/* (transfer full): why no engine came; @error (transfer full) is what connecting ended with. */
static GError *
explain_failed_start (LoomClient *self, GSubprocess *keeper, GError *error)
{
  g_autofree char *complaint = NULL;
  int status = -1;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || g_subprocess_get_identifier (keeper) != NULL)
    return error;
  if (g_subprocess_get_if_exited (keeper))
    status = g_subprocess_get_exit_status (keeper);
  complaint = read_complaint (keeper);
  g_error_free (error);
  if (complaint[0] == '\0')
    return g_error_new (LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED,
                        _ ("The lab of “%s” could not be started: lanloom-init ended (%d) without "
                           "saying why."),
                        self->file, status);
  return g_error_new_literal (
      LOOM_ENGINE_ERROR,
      status == EXIT_STATUS_HOST ? LOOM_ENGINE_ERROR_HOST : LOOM_ENGINE_ERROR_FAILED, complaint);
}

/* Whether another client's init runs the lab, so that ours ended. */
static gboolean
has_lost_race (GSubprocess *keeper)
{
  return g_subprocess_get_identifier (keeper) == NULL && g_subprocess_get_if_exited (keeper)
         && g_subprocess_get_exit_status (keeper) == EXIT_STATUS_LOCKED;
}

static void
on_engine_there (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LoomClient *self = LOOM_CLIENT (source);
  GTask *task = user_data;
  Starting *starting = g_task_get_task_data (task);
  GVariantBuilder renames;
  GError *error = NULL;

  if (!loom_client_connect_finish (self, result, &error)) {
    undo_start (task, explain_failed_start (self, starting->keeper, error));
    return;
  }
  if (self->generation > 0 || has_lost_race (starting->keeper)) {
    /* Another client was faster: its lab it is. */
    starting->was_running = TRUE;
    finish_start (task);
    return;
  }
  report_progress (self, _ ("Handing over the lab…"));
  g_variant_builder_init (&renames, G_VARIANT_TYPE ("a{ss}"));
  loom_client_hold_documents (self);
  /* Calls arrive in order: this one is known when the document comes. */
  if (self->only != NULL)
    loom_dbus_engine_call_start_only (self->proxy, (const char *const *) self->only, NULL, NULL,
                                      NULL);
  loom_dbus_engine_call_apply (self->proxy, starting->document, 0, g_variant_builder_end (&renames),
                               g_task_get_cancellable (task), on_applied, task);
}

static void
spawn_init (GTask *task)
{
  LoomClient *self = g_task_get_source_object (task);
  Starting *starting = g_task_get_task_data (task);
  g_autofree char *program = loom_paths_dup_program ("lanloom-init");
  g_autofree char *engine = loom_paths_dup_program ("lanloom-engine");
  g_autofree char *id = loom_runtime_dup_id (self->file);
  g_autofree char *disks = loom_runtime_dup_disk_folder (id);
  GError *error = NULL;

  report_progress (self, _ ("Starting the engine…"));
  starting->keeper = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error, program,
      "--runtime", self->runtime_dir, "--disks", disks, "--engine", engine, self->file, NULL);
  if (starting->keeper == NULL) {
    undo_start (task, g_error_new (LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_HOST,
                                   _ ("“%s” could not be run: %s. Install Lanloom again."), program,
                                   error->message));
    g_error_free (error);
    return;
  }
  loom_client_connect_async (self, CONNECT_TIMEOUT_MS, starting->keeper,
                             g_task_get_cancellable (task), on_engine_there, task);
}

static void
on_host_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error)
      && !g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    spawn_init (task);
  else
    undo_start (task, error);
}

/* In a thread: looks for programs and for room, and removes what killed labs left. */
static void
check_host (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  LoomClientFit *fit = task_data;
  GError *error = NULL;
  g_autoptr (GPtrArray) problems = loom_host_check ();
  g_autofree char *text = loom_host_problems_to_text (problems);

  if (text != NULL) {
    g_task_return_new_error (task, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_HOST, "%s", text);
    return;
  }
  loom_runtime_sweep ();
  if (fit == NULL || loom_client_fit_check (fit, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_looked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LoomClient *self = LOOM_CLIENT (source);
  GTask *task = user_data;
  Starting *starting = g_task_get_task_data (task);
  g_autoptr (GTask) check = NULL;
  GError *error = NULL;

  if (loom_client_connect_finish (self, result, &error)) {
    starting->was_running = TRUE;
    finish_start (task);
    return;
  }
  if (!g_error_matches (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NOT_RUNNING)) {
    undo_start (task, error);
    return;
  }
  g_clear_error (&error);
  report_progress (self, _ ("Checking what this computer has…"));
  check = g_task_new (self, NULL, on_host_checked, task);
  if (!self->force) {
    starting->fit = loom_client_fit_new (starting->document);
    starting->fit->only = g_strdupv (self->only);
    g_task_set_task_data (check, starting->fit, NULL);
  }
  g_task_run_in_thread (check, check_host);
}

void
loom_client_start_async (LoomClient *self, const char *document, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  Starting *starting;
  GTask *task;

  g_return_if_fail (LOOM_IS_CLIENT (self));
  g_return_if_fail (document != NULL);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_check_cancellable (task, FALSE);
  starting = g_new0 (Starting, 1);
  starting->document = g_strdup (document);
  g_task_set_task_data (task, starting, starting_free);
  if (self->state != LOOM_CLIENT_DETACHED) {
    g_task_return_new_error (task, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED,
                             _ ("The lab of “%s” is being started already."), self->file);
    g_object_unref (task);
    return;
  }
  loom_client_set_state (self, LOOM_CLIENT_STARTING);
  report_progress (self, _ ("Looking for a running lab…"));
  loom_client_connect_async (self, ATTACH_TIMEOUT_MS, NULL, cancellable, on_looked, task);
}

GStrv
loom_client_dup_start_first (LoomClient *self, GAsyncResult *result)
{
  const Starting *starting;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  starting = g_task_get_task_data (G_TASK (result));
  if (starting->fit == NULL || starting->fit->start_first == NULL)
    return g_new0 (char *, 1);
  return g_strdupv (starting->fit->start_first);
}

gboolean
loom_client_start_finish (LoomClient *self, GAsyncResult *result, gboolean *ret_was_running,
                          GError **error)
{
  Starting *starting;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  starting = g_task_get_task_data (G_TASK (result));
  if (ret_was_running != NULL)
    *ret_was_running = starting->was_running;
  return g_task_propagate_boolean (G_TASK (result), error);
}
