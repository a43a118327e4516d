/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The document of a window: a lab with its history, the file it belongs to, and the copy of unsaved
 * work that survives a crash.
 *
 * Signals:
 *  "replaced" ():  another lab: loom_document_get_history () has a new value
 *  "title-changed" ():  file, name or modified mark
 *  "changed-outside" ():  the file has other contents than were loaded or saved
 *  "autosave-failed" (const char *sentence):  unsaved work is not safe from a crash any more
 */

#pragma once

#include <gio/gio.h>

#include "canvas/model/history.h"
#include "canvas/model/reader.h"

G_BEGIN_DECLS

#define LOOM_TYPE_DOCUMENT (loom_document_get_type ())
G_DECLARE_FINAL_TYPE (LoomDocument, loom_document, LOOM, DOCUMENT, GObject)

/* What others did to the document's file. */
typedef enum {
  LOOM_OUTSIDE_SAME,    /* it is as it was loaded or saved, or there is none yet */
  LOOM_OUTSIDE_CHANGED, /* another program wrote something else */
  LOOM_OUTSIDE_GONE,    /* it was deleted or moved: what is drawn is nowhere else */
  LOOM_OUTSIDE_NO_LAB,  /* a folder has its name, or it is larger than a lab may be: as well */
} LoomOutside;

/* An empty lab. @autosave_dir (nullable): where unsaved work is kept. */
LoomDocument *loom_document_new (LoomCatalogue *catalogue, const char *autosave_dir);
LoomHistory *loom_document_get_history (LoomDocument *self);
LoomLab *loom_document_get_lab (LoomDocument *self);
LoomCatalogue *loom_document_get_catalogue (LoomDocument *self);
/* (nullable): absolute path. */
const char *loom_document_get_path (LoomDocument *self);
/* (transfer full): the lab's name, or the file's, or "New Lab". */
char *loom_document_dup_title (LoomDocument *self);
/* Unsaved changes, recovered ones included, and all of it when its file is lost. */
gboolean loom_document_get_modified (LoomDocument *self);
/* Untouched, empty, no file: another lab may take its place. */
gboolean loom_document_is_blank (LoomDocument *self);

/* Replaces the lab by that of the file at @path. On failure nothing changes. */
void loom_document_load_async (LoomDocument *self, const char *path, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
/* @ret_problems (optional) (transfer full): of LoomProblem; or NULL. */
gboolean loom_document_load_finish (LoomDocument *self, GAsyncResult *result,
                                    GPtrArray **ret_problems, GError **error);
/* Saves to @path (NULL: the document's own), which becomes the document's. One that is asked for
 * while another is under way waits for it; the callback has to call _finish (). */
void loom_document_save_async (LoomDocument *self, const char *path, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_document_save_finish (LoomDocument *self, GAsyncResult *result, GError **error);
/* What was told by "changed-outside". */
LoomOutside loom_document_get_outside (LoomDocument *self);
/* Its file is gone, or is no lab any more. */
gboolean loom_document_is_lost (LoomDocument *self);
/* Finds out whether the file is what the document takes it for, and tells if it is not. For what no
 * monitor hears of: a folder further up was moved, a file server. */
void loom_document_look_at_file (LoomDocument *self);
/* A save to the document's own file fails with LOOM_PROJECT_FILE_ERROR_CHANGED when someone else
 * wrote it; after this call the next one writes over what was told of as "changed-outside", or over
 * whatever is there if nothing was. */
void loom_document_accept_outside (LoomDocument *self);
/* Whether the file is one to start from, not to write to: a lab that ships, or one that the person
 * may not write. Looks at the file. */
gboolean loom_document_is_template (LoomDocument *self);
/* Takes over unsaved work: @text is what autosave kept of @path (nullable). */
gboolean loom_document_recover (LoomDocument *self, const char *path, const char *text, gsize size,
                                GError **error);
/* The person gave up the unsaved work. */
void loom_document_forget_autosave (LoomDocument *self);

G_END_DECLS
