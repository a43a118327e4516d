/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where the model, which does no I/O, meets the disk. The window must not wait for a disk, so the
 * _async calls run the blocking ones in a thread: labs are handed over whole. How a file is
 * replaced is in atomic-write.c. */

#include "backend/engine/project-file.h"

#include "backend/engine/atomic-write.h"

typedef struct {
  LoomCatalogue *catalogue;
  char *path;
} LoadJob;

typedef struct {
  LoomLab *lab; /* NULL: error says why */
  char *etag;
  GPtrArray *problems; /* or NULL */
  GError *error;
} LoadResult;

typedef struct {
  char *path;
  char *text;
  gsize size;
  char *etag; /* or NULL */
} SaveJob;

static void
load_job_free (gpointer data)
{
  LoadJob *job = data;

  g_object_unref (job->catalogue);
  g_free (job->path);
  g_free (job);
}

static void
load_result_free (gpointer data)
{
  LoadResult *result = data;

  g_clear_object (&result->lab);
  g_clear_pointer (&result->problems, g_ptr_array_unref);
  g_clear_error (&result->error);
  g_free (result->etag);
  g_free (result);
}

static void
save_job_free (gpointer data)
{
  SaveJob *job = data;

  g_free (job->path);
  g_free (job->text);
  g_free (job->etag);
  g_free (job);
}

static void
run_load (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  LoadJob *job = data;
  LoadResult *result = g_new0 (LoadResult, 1);

  result->lab = loom_project_file_load_full (job->catalogue, job->path, &result->etag,
                                             &result->problems, &result->error);
  g_task_return_pointer (task, result, load_result_free);
}

static void
run_save (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  SaveJob *job = data;
  GError *error = NULL;

  if (loom_atomic_write (job->path, job->text, job->size, job->etag, cancellable, &error))
    g_task_return_pointer (task, loom_atomic_write_etag (job->text, job->size), g_free);
  else
    g_task_return_error (task, error);
}

LoomLab *
loom_project_file_load (LoomCatalogue *catalogue, const char *path, GPtrArray **ret_problems,
                        GError **error)
{
  return loom_project_file_load_full (catalogue, path, NULL, ret_problems, error);
}

/**
 * loom_project_file_load_full:
 * @ret_etag: (out) (optional): for loom_project_file_save_full (); only on success
 * @ret_problems: (out) (optional) (nullable) (element-type LoomProblem): what is wrong in the text;
 *   %NULL if it could not be read
 * @error: LOOM_PROJECT_FILE_ERROR or LOOM_MODEL_ERROR
 *
 * Blocks as long as the disk does. Reads at most LOOM_READER_MAX_SIZE_BYTES and opens no other
 * file.
 *
 * Returns: (transfer full) (nullable): the lab
 */
LoomLab *
loom_project_file_load_full (LoomCatalogue *catalogue, const char *path, char **ret_etag,
                             GPtrArray **ret_problems, GError **error)
{
  gsize size = 0;
  g_autofree char *text = loom_atomic_write_read (path, LOOM_READER_MAX_SIZE_BYTES, &size, error);
  LoomLab *lab;

  if (text == NULL)
    return NULL;
  lab = loom_reader_read (catalogue, text, size, ret_problems, error);
  if (lab != NULL && ret_etag != NULL)
    *ret_etag = loom_atomic_write_etag (text, size);
  return lab;
}

void
loom_project_file_load_async (LoomCatalogue *catalogue, const char *path, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  LoadJob *job = g_new0 (LoadJob, 1);

  job->catalogue = g_object_ref (catalogue);
  job->path = g_strdup (path);
  g_task_set_source_tag (task, loom_project_file_load_async);
  g_task_set_task_data (task, job, load_job_free);
  g_task_run_in_thread (task, run_load);
  g_object_unref (task);
}

LoomLab *
loom_project_file_load_finish (GAsyncResult *result, char **ret_etag, GPtrArray **ret_problems,
                               GError **error)
{
  LoadResult *loaded;
  LoomLab *lab;

  g_return_val_if_fail (g_async_result_is_tagged (result, loom_project_file_load_async), NULL);

  loaded = g_task_propagate_pointer (G_TASK (result), error);
  if (loaded == NULL)
    return NULL;
  lab = g_steal_pointer (&loaded->lab);
  if (lab != NULL && ret_etag != NULL)
    *ret_etag = g_steal_pointer (&loaded->etag);
  if (ret_problems != NULL && loaded->problems != NULL)
    *ret_problems = g_steal_pointer (&loaded->problems);
  if (loaded->error != NULL)
    g_propagate_error (error, g_steal_pointer (&loaded->error));
  load_result_free (loaded);
  return lab;
}

gboolean
loom_project_file_save (const char *path, const char *text, gsize size, GError **error)
{
  return loom_project_file_save_full (path, text, size, NULL, NULL, error);
}

/**
 * loom_project_file_save_full:
 * @etag: (nullable): of the load or save before; %NULL: write whatever is there
 * @ret_etag: (out) (optional): for the next save
 *
 * Blocks until the text is on the disk.
 */
gboolean
loom_project_file_save_full (const char *path, const char *text, gsize size, const char *etag,
                             char **ret_etag, GError **error)
{
  if (!loom_atomic_write (path, text, size, etag, NULL, error))
    return FALSE;
  if (ret_etag != NULL)
    *ret_etag = loom_atomic_write_etag (text, size);
  return TRUE;
}

void
loom_project_file_save_async (const char *path, const char *text, gsize size, const char *etag,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  SaveJob *job = g_new0 (SaveJob, 1);

  job->path = g_strdup (path);
  job->text = g_memdup2 (text, size);
  job->size = size;
  job->etag = g_strdup (etag);
  g_task_set_source_tag (task, loom_project_file_save_async);
  /* A save that was done is not called cancelled. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, job, save_job_free);
  g_task_run_in_thread (task, run_save);
  g_object_unref (task);
}

gboolean
loom_project_file_save_finish (GAsyncResult *result, char **ret_etag, GError **error)
{
  g_autofree char *etag = NULL;

  g_return_val_if_fail (g_async_result_is_tagged (result, loom_project_file_save_async), FALSE);

  etag = g_task_propagate_pointer (G_TASK (result), error);
  if (etag == NULL)
    return FALSE;
  if (ret_etag != NULL)
    *ret_etag = g_steal_pointer (&etag);
  return TRUE;
}
