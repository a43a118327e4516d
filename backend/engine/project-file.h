/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Project files on disk: load, and save so that the file is always the old or the new one, whole.
 *
 * Loads and saves come as _async/_finish for the window, and as blocking calls for lanloomctl. */

#pragma once

#include <gio/gio.h>

#include "backend/engine/catalogue-load.h"
#include "canvas/model/reader.h"

G_BEGIN_DECLS

#define LOOM_PROJECT_FILE_ERROR (loom_project_file_error_quark ())
GQuark loom_project_file_error_quark (void);

/* Codes by what the caller can do about it. */
typedef enum {
  LOOM_PROJECT_FILE_ERROR_FAILED,     /* the sentence says why; nothing was written */
  LOOM_PROJECT_FILE_ERROR_NOT_FOUND,  /* no such file, or no such folder: choose another place */
  LOOM_PROJECT_FILE_ERROR_PERMISSION, /* not allowed there: choose another place */
  LOOM_PROJECT_FILE_ERROR_NO_SPACE,   /* the disk is full: the old file is still there */
  LOOM_PROJECT_FILE_ERROR_CHANGED,    /* someone else wrote the file since @etag: ask */
} LoomProjectFileError;

/* Reads and parses the file at @path. Problems of its text are as of loom_reader_read (); what
 * keeps it from being read at all is a LOOM_PROJECT_FILE_ERROR.
 * @ret_problems and @ret_etag (both optional, transfer full); the etag stands for the file as it
 * was read, for a later save. */
LoomLab *loom_project_file_load (LoomCatalogue *catalogue, const char *path,
                                 GPtrArray **ret_problems, GError **error);
LoomLab *loom_project_file_load_full (LoomCatalogue *catalogue, const char *path, char **ret_etag,
                                      GPtrArray **ret_problems, GError **error);
void loom_project_file_load_async (LoomCatalogue *catalogue, const char *path,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data);
LoomLab *loom_project_file_load_finish (GAsyncResult *result, char **ret_etag,
                                        GPtrArray **ret_problems, GError **error);

/* Writes @size bytes of @text (as of loom_writer_write ()) to @path. With @etag (nullable), only if
 * the file is still the one it stands for, else LOOM_PROJECT_FILE_ERROR_CHANGED. */
gboolean loom_project_file_save (const char *path, const char *text, gsize size, GError **error);
gboolean loom_project_file_save_full (const char *path, const char *text, gsize size,
                                      const char *etag, char **ret_etag, GError **error);
/* @text is copied. */
void loom_project_file_save_async (const char *path, const char *text, gsize size, const char *etag,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean loom_project_file_save_finish (GAsyncResult *result, char **ret_etag, GError **error);

G_END_DECLS
