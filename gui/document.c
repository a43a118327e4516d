/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The document. Reading and writing happen in threads on values the window no longer touches: a
 * path going in, a new lab coming out; a text going in, nothing coming out. */

#include "gui/document.h"

#include <glib/gi18n-lib.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/engine/atomic-write.h"
#include "backend/engine/paths.h"
#include "backend/engine/project-file.h"
#include "canvas/model/writer.h"
#include "gui/autosave.h"

#define AUTOSAVE_DELAY_MS 2000
#define OUTSIDE_DELAY_MS 400

enum {
  REPLACED,
  TITLE_CHANGED,
  CHANGED_OUTSIDE,
  AUTOSAVE_FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _LoomDocument {
  GObject parent_instance;

  LoomCatalogue *catalogue;
  LoomHistory *history;
  LoomAutosave *autosave; /* NULL: none */
  char *path;
  gboolean is_recovered; /* unsaved work of a former run: modified until saved */
  guint64 serial;        /* of the last edit */

  guint autosave_source;
  GFileMonitor *monitor;
  guint outside_source;
  gboolean is_saving; /* a change of the file is ours */
  char *etag;         /* of the file as it was loaded or saved; NULL: not known */
  char *outside_etag; /* of what was reported as "changed-outside" */
};

G_DEFINE_TYPE (LoomDocument, loom_document, G_TYPE_OBJECT)

/* Autosave */

static gboolean
on_autosave_due (gpointer user_data)
{
  LoomDocument *self = user_data;
  g_autofree char *text = NULL;

  self->autosave_source = 0;
  if (!loom_document_get_modified (self)) {
    loom_autosave_drop (self->autosave);
    return G_SOURCE_REMOVE;
  }
  text = loom_writer_write (loom_document_get_lab (self), NULL);
  loom_autosave_keep (self->autosave, self->path, text);
  return G_SOURCE_REMOVE;
}

static void
on_lab_changed (LoomLab *lab, LoomChange *change, LoomDocument *self)
{
  self->serial++;
  if (self->autosave != NULL && self->autosave_source == 0)
    self->autosave_source = g_timeout_add (AUTOSAVE_DELAY_MS, on_autosave_due, self);
  if (change->name_before != NULL || change->name_after != NULL)
    g_signal_emit (self, signals[TITLE_CHANGED], 0);
}

static void
on_modified_changed (LoomHistory *history, GParamSpec *pspec, LoomDocument *self)
{
  g_signal_emit (self, signals[TITLE_CHANGED], 0);
}

/* What others do to the file */

/* @etag: (transfer full) (nullable) */
static void
set_etag (LoomDocument *self, char *etag)
{
  g_free (self->etag);
  self->etag = etag;
  g_clear_pointer (&self->outside_etag, g_free);
}

/* Someone wrote what is drawn here: lanloomctl applied the file, or two windows saved the same. */
static gboolean
is_what_we_have (LoomDocument *self, const char *text, gsize size)
{
  g_autoptr (LoomLab) theirs = loom_reader_read (self->catalogue, text, size, NULL, NULL);
  g_autofree char *their_text = theirs != NULL ? loom_writer_write (theirs, NULL) : NULL;
  g_autofree char *our_text = loom_writer_write (loom_document_get_lab (self), NULL);

  return g_strcmp0 (their_text, our_text) == 0;
}

static void
on_contents_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomDocument) self = user_data;
  g_autofree char *path = g_file_get_path (G_FILE (source));
  g_autofree char *contents = NULL;
  g_autofree char *etag = NULL;
  gsize size;

  if (!g_file_load_contents_finish (G_FILE (source), result, &contents, &size, NULL, NULL)
      || g_strcmp0 (path, self->path) != 0 || self->is_saving)
    return; /* deleted, or another document by now */
  etag = loom_atomic_write_etag (contents, size);
  if (self->etag == NULL) {
    self->etag = g_steal_pointer (&etag);
  } else if (is_what_we_have (self, contents, size)) {
    set_etag (self, g_steal_pointer (&etag));
    self->is_recovered = FALSE;
    loom_history_mark_saved (self->history);
    loom_document_forget_autosave (self);
  } else if (!g_str_equal (self->etag, etag) && g_strcmp0 (self->outside_etag, etag) != 0) {
    g_free (self->outside_etag);
    self->outside_etag = g_steal_pointer (&etag);
    g_signal_emit (self, signals[CHANGED_OUTSIDE], 0);
  }
}

static void
on_size_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomDocument) self = user_data;
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (source), result, NULL);

  if (info != NULL && g_file_info_get_size (info) <= LOOM_READER_MAX_SIZE_BYTES)
    g_file_load_contents_async (G_FILE (source), NULL, on_contents_ready, g_object_ref (self));
}

static void
look_at_file (LoomDocument *self)
{
  g_autoptr (GFile) file = g_file_new_for_path (self->path);

  g_file_query_info_async (file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE,
                           G_PRIORITY_DEFAULT, NULL, on_size_ready, g_object_ref (self));
}

static gboolean
on_outside_due (gpointer user_data)
{
  LoomDocument *self = user_data;

  self->outside_source = 0;
  look_at_file (self);
  return G_SOURCE_REMOVE;
}

static void
on_file_changed (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event,
                 LoomDocument *self)
{
  if (self->is_saving)
    return;
  g_clear_handle_id (&self->outside_source, g_source_remove);
  self->outside_source = g_timeout_add (OUTSIDE_DELAY_MS, on_outside_due, self);
}

/* @etag: (transfer full) (nullable): unknown */
static void
set_path (LoomDocument *self, const char *path, char *etag)
{
  g_autofree char *copy = g_strdup (path);

  g_clear_handle_id (&self->outside_source, g_source_remove);
  if (self->monitor != NULL)
    g_file_monitor_cancel (self->monitor);
  g_clear_object (&self->monitor);
  set_etag (self, etag);
  g_free (self->path);
  self->path = g_steal_pointer (&copy);
  if (self->path != NULL) {
    g_autoptr (GFile) file = g_file_new_for_path (self->path);

    self->monitor = g_file_monitor_file (file, G_FILE_MONITOR_NONE, NULL, NULL);
    if (self->monitor != NULL)
      g_signal_connect (self->monitor, "changed", G_CALLBACK (on_file_changed), self);
    if (self->etag == NULL)
      look_at_file (self);
  }
  g_signal_emit (self, signals[TITLE_CHANGED], 0);
}

static void
drop_history (LoomDocument *self)
{
  if (self->history == NULL)
    return;
  g_signal_handlers_disconnect_by_data (loom_history_get_lab (self->history), self);
  g_signal_handlers_disconnect_by_data (self->history, self);
  g_clear_object (&self->history);
}

static void
replace_lab (LoomDocument *self, LoomLab *lab, const char *path, char *etag)
{
  drop_history (self);
  self->history = loom_history_new (lab);
  g_signal_connect (lab, "changed", G_CALLBACK (on_lab_changed), self);
  g_signal_connect (self->history, "notify::modified", G_CALLBACK (on_modified_changed), self);
  self->is_recovered = FALSE;
  loom_document_forget_autosave (self);
  set_path (self, path, etag);
  g_signal_emit (self, signals[REPLACED], 0);
}

/* Loading */

typedef struct {
  char *path;
  LoomCatalogue *catalogue;
  GPtrArray *problems;
  char *etag;
} Load;

static void
load_free (Load *load)
{
  g_free (load->path);
  g_free (load->etag);
  g_object_unref (load->catalogue);
  g_clear_pointer (&load->problems, g_ptr_array_unref);
  g_free (load);
}

static void
run_load (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Load *load = task_data;
  GError *error = NULL;
  LoomLab *lab = loom_project_file_load_full (load->catalogue, load->path, &load->etag,
                                              &load->problems, &error);

  if (lab != NULL)
    g_task_return_pointer (task, lab, g_object_unref);
  else
    g_task_return_error (task, error);
}

/* Saving */

typedef struct {
  char *path;
  char *text;
  gsize size;
  guint64 serial;
  char *etag; /* of the file to replace; NULL: whatever is there */
  char *new_etag;
} Save;

static void
save_free (Save *save)
{
  g_free (save->path);
  g_free (save->text);
  g_free (save->etag);
  g_free (save->new_etag);
  g_free (save);
}

static void
run_save (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Save *save = task_data;
  GError *error = NULL;

  if (loom_project_file_save_full (save->path, save->text, save->size, save->etag, &save->new_etag,
                                   &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
loom_document_dispose (GObject *object)
{
  LoomDocument *self = LOOM_DOCUMENT (object);

  g_clear_handle_id (&self->autosave_source, g_source_remove);
  g_clear_handle_id (&self->outside_source, g_source_remove);
  if (self->monitor != NULL)
    g_file_monitor_cancel (self->monitor);
  g_clear_object (&self->monitor);
  drop_history (self);
  g_clear_object (&self->autosave);
  g_clear_object (&self->catalogue);
  G_OBJECT_CLASS (loom_document_parent_class)->dispose (object);
}

static void
loom_document_finalize (GObject *object)
{
  LoomDocument *self = LOOM_DOCUMENT (object);

  g_free (self->path);
  g_free (self->etag);
  g_free (self->outside_etag);
  G_OBJECT_CLASS (loom_document_parent_class)->finalize (object);
}

static void
loom_document_class_init (LoomDocumentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = loom_document_dispose;
  object_class->finalize = loom_document_finalize;
  signals[REPLACED] = g_signal_new ("replaced", LOOM_TYPE_DOCUMENT, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 0);
  signals[TITLE_CHANGED] = g_signal_new ("title-changed", LOOM_TYPE_DOCUMENT, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[CHANGED_OUTSIDE] = g_signal_new ("changed-outside", LOOM_TYPE_DOCUMENT, G_SIGNAL_RUN_LAST,
                                           0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[AUTOSAVE_FAILED] = g_signal_new ("autosave-failed", LOOM_TYPE_DOCUMENT, G_SIGNAL_RUN_LAST,
                                           0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
loom_document_init (LoomDocument *self)
{
}

static void
on_autosave_failed (LoomAutosave *autosave, const char *sentence, LoomDocument *self)
{
  g_signal_emit (self, signals[AUTOSAVE_FAILED], 0, sentence);
}

LoomDocument *
loom_document_new (LoomCatalogue *catalogue, const char *autosave_dir)
{
  LoomDocument *self = g_object_new (LOOM_TYPE_DOCUMENT, NULL);
  g_autoptr (LoomLab) lab = loom_lab_new (catalogue);

  self->catalogue = g_object_ref (catalogue);
  if (autosave_dir != NULL) {
    self->autosave = loom_autosave_new (autosave_dir);
    g_signal_connect_object (self->autosave, "failed", G_CALLBACK (on_autosave_failed), self, 0);
  }
  replace_lab (self, lab, NULL, NULL);
  return self;
}

LoomHistory *
loom_document_get_history (LoomDocument *self)
{
  return self->history;
}

LoomLab *
loom_document_get_lab (LoomDocument *self)
{
  return loom_history_get_lab (self->history);
}

LoomCatalogue *
loom_document_get_catalogue (LoomDocument *self)
{
  return self->catalogue;
}

const char *
loom_document_get_path (LoomDocument *self)
{
  return self->path;
}

char *
loom_document_dup_title (LoomDocument *self)
{
  const char *name = loom_lab_get_name (loom_document_get_lab (self));

  if (name != NULL && name[0] != '\0')
    return g_strdup (name);
  if (self->path != NULL)
    return g_filename_display_basename (self->path);
  return g_strdup (_ ("New Lab"));
}

gboolean
loom_document_get_modified (LoomDocument *self)
{
  return self->is_recovered || loom_history_get_modified (self->history);
}

gboolean
loom_document_is_blank (LoomDocument *self)
{
  return self->path == NULL && !loom_document_get_modified (self)
         && !loom_history_get_can_redo (self->history)
         && loom_lab_get_n_nodes (loom_document_get_lab (self)) == 0;
}

void
loom_document_load_async (LoomDocument *self, const char *path, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Load *load = g_new0 (Load, 1);

  load->path = g_canonicalize_filename (path, NULL);
  load->catalogue = g_object_ref (self->catalogue);
  g_task_set_task_data (task, load, (GDestroyNotify) load_free);
  g_task_run_in_thread (task, run_load);
}

gboolean
loom_document_load_finish (LoomDocument *self, GAsyncResult *result, GPtrArray **ret_problems,
                           GError **error)
{
  Load *load = g_task_get_task_data (G_TASK (result));
  g_autoptr (LoomLab) lab = g_task_propagate_pointer (G_TASK (result), error);

  if (lab == NULL) {
    if (ret_problems != NULL)
      *ret_problems = g_steal_pointer (&load->problems);
    return FALSE;
  }
  replace_lab (self, lab, load->path, g_steal_pointer (&load->etag));
  return TRUE;
}

void
loom_document_save_async (LoomDocument *self, const char *path, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Save *save = g_new0 (Save, 1);

  g_return_if_fail (path != NULL || self->path != NULL);

  save->path = g_canonicalize_filename (path != NULL ? path : self->path, NULL);
  save->text = loom_writer_write (loom_document_get_lab (self), &save->size);
  save->serial = self->serial;
  if (g_strcmp0 (save->path, self->path) == 0)
    save->etag = g_strdup (self->etag);
  self->is_saving = TRUE;
  loom_history_break (self->history);
  g_task_set_task_data (task, save, (GDestroyNotify) save_free);
  g_task_run_in_thread (task, run_save);
}

gboolean
loom_document_save_finish (LoomDocument *self, GAsyncResult *result, GError **error)
{
  Save *save = g_task_get_task_data (G_TASK (result));

  self->is_saving = FALSE;
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  if (g_strcmp0 (save->path, self->path) != 0)
    set_path (self, save->path, g_steal_pointer (&save->new_etag));
  else
    set_etag (self, g_steal_pointer (&save->new_etag));
  self->is_recovered = FALSE;
  /* Edits made while the thread wrote are not in the file. */
  if (save->serial == self->serial) {
    loom_history_mark_saved (self->history);
    loom_document_forget_autosave (self);
  }
  g_signal_emit (self, signals[TITLE_CHANGED], 0);
  return TRUE;
}

void
loom_document_accept_outside (LoomDocument *self)
{
  set_etag (self, NULL);
}

gboolean
loom_document_is_template (LoomDocument *self)
{
  g_autofree char *labs = loom_paths_dup_data ("labs");
  g_autofree char *folder = NULL;
  char *real_labs, *real_folder;
  gboolean shipped;

  if (self->path == NULL)
    return FALSE;
  folder = g_path_get_dirname (self->path);
  real_labs = realpath (labs, NULL);
  real_folder = realpath (folder, NULL);
  shipped = real_labs != NULL && real_folder != NULL && g_str_equal (real_labs, real_folder);
  free (real_labs);
  free (real_folder);
  return shipped || (access (self->path, W_OK) != 0 && errno != ENOENT);
}

gboolean
loom_document_recover (LoomDocument *self, const char *path, const char *text, gsize size,
                       GError **error)
{
  g_autoptr (LoomLab) lab = loom_reader_read (self->catalogue, text, size, NULL, error);

  if (lab == NULL)
    return FALSE;
  replace_lab (self, lab, path, NULL);
  self->is_recovered = TRUE;
  if (self->autosave != NULL)
    loom_autosave_keep (self->autosave, path, text);
  g_signal_emit (self, signals[TITLE_CHANGED], 0);
  return TRUE;
}

void
loom_document_forget_autosave (LoomDocument *self)
{
  g_clear_handle_id (&self->autosave_source, g_source_remove);
  if (self->autosave != NULL)
    loom_autosave_drop (self->autosave);
}
