/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The document. Reading and writing happen in threads on values the window no longer touches: a
 * path going in, a new lab coming out; a text going in, nothing coming out. What others do to the
 * file is heard in document-outside.c. */

#include "gui/document-private.h"

#include <glib/gi18n-lib.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "backend/engine/paths.h"
#include "backend/engine/project-file.h"
#include "canvas/model/writer.h"
#include "gui/words.h"

#define AUTOSAVE_DELAY_MS 2000

enum {
  REPLACED,
  TITLE_CHANGED,
  CHANGED_OUTSIDE,
  AUTOSAVE_FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

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
schedule_autosave (LoomDocument *self)
{
  if (self->autosave != NULL && self->autosave_source == 0)
    self->autosave_source = g_timeout_add (AUTOSAVE_DELAY_MS, on_autosave_due, self);
}

static void
on_lab_changed (LoomLab *lab, LoomChange *change, LoomDocument *self)
{
  self->serial++;
  schedule_autosave (self);
  if (change->name_before != NULL || change->name_after != NULL)
    g_signal_emit (self, signals[TITLE_CHANGED], 0);
}

static void
on_modified_changed (LoomHistory *history, GParamSpec *pspec, LoomDocument *self)
{
  g_signal_emit (self, signals[TITLE_CHANGED], 0);
}

/* @etag: (transfer full) (nullable): unknown */
static void
set_path (LoomDocument *self, const char *path, char *etag)
{
  g_autofree char *copy = g_strdup (path);

  loom_document_unwatch (self);
  loom_document_set_etag (self, etag);
  g_free (self->path);
  self->path = g_steal_pointer (&copy);
  if (self->path != NULL)
    loom_document_watch (self);
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
  self->n_labs++;
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
  guint lab;  /* n_labs of the document when it was shown */
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
  loom_document_unwatch (self);
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
    return loom_words_file_name (self->path);
  return g_strdup (_ ("New Lab"));
}

gboolean
loom_document_get_modified (LoomDocument *self)
{
  return self->is_recovered || loom_document_is_lost (self)
         || loom_history_get_modified (self->history);
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

/* The file is what the save before made of it, which only now is known. */
static void
begin_save (LoomDocument *self, GTask *task)
{
  Save *save = g_task_get_task_data (task);

  if (g_strcmp0 (save->path, self->path) == 0)
    save->etag = g_strdup (self->etag);
  self->is_saving = TRUE;
  g_task_run_in_thread (task, run_save);
}

void
loom_document_save_async (LoomDocument *self, const char *path, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Save *save;

  g_return_if_fail (path != NULL || self->path != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  save = g_new0 (Save, 1);
  save->path = g_canonicalize_filename (path != NULL ? path : self->path, NULL);
  save->text = loom_writer_write (loom_document_get_lab (self), &save->size);
  save->serial = self->serial;
  save->lab = self->n_labs;
  g_task_set_task_data (task, save, (GDestroyNotify) save_free);
  loom_history_break (self->history);
  if (self->is_saving)
    g_queue_push_tail (&self->waiting_saves, g_steal_pointer (&task));
  else
    begin_save (self, task);
}

static void
note_saved (LoomDocument *self, Save *save)
{
  if (save->lab != self->n_labs) {
    /* What was saved is not what is shown any more, and may lie in its file. */
    if (g_strcmp0 (save->path, self->path) == 0)
      loom_document_look_at_file (self);
    return;
  }
  if (g_strcmp0 (save->path, self->path) != 0)
    set_path (self, save->path, g_steal_pointer (&save->new_etag));
  else
    loom_document_set_etag (self, g_steal_pointer (&save->new_etag));
  self->is_recovered = FALSE;
  /* Edits made while the thread wrote are not in the file. */
  if (save->serial == self->serial) {
    loom_history_mark_saved (self->history);
    loom_document_forget_autosave (self);
  }
  g_signal_emit (self, signals[TITLE_CHANGED], 0);
}

gboolean
loom_document_save_finish (LoomDocument *self, GAsyncResult *result, GError **error)
{
  gboolean done = g_task_propagate_boolean (G_TASK (result), error);
  g_autoptr (GTask) next = g_queue_pop_head (&self->waiting_saves);

  self->is_saving = FALSE;
  if (done)
    note_saved (self, g_task_get_task_data (G_TASK (result)));
  if (next != NULL)
    begin_save (self, next);
  return done;
}

void
loom_document_update_modified (LoomDocument *self)
{
  schedule_autosave (self);
  g_signal_emit (self, signals[TITLE_CHANGED], 0);
}

void
loom_document_accept_outside (LoomDocument *self)
{
  loom_document_set_etag (self, g_steal_pointer (&self->outside_etag));
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
