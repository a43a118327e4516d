/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Replaces a file as a whole: whoever looks finds the old text or the new one, also after a power
 * cut and with a full disk. For project files and autosaves. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* (transfer full): what stands for @size bytes of @text: their SHA-256. */
char *loom_atomic_write_etag (const char *text, gsize size);
/* (transfer full): the bytes of the regular file at @path, at most @max_size + 1 of them; NULL with
 * a LOOM_PROJECT_FILE_ERROR. */
char *loom_atomic_write_read (const char *path, gsize max_size, gsize *ret_size, GError **error);
/* Writes @size bytes of @text to @path, following symbolic links, keeping mode, and owner and group
 * as far as we may. With @etag (nullable), only if the file is gone or still as that says, else
 * LOOM_PROJECT_FILE_ERROR_CHANGED. Blocks. */
gboolean loom_atomic_write (const char *path, const char *text, gsize size, const char *etag,
                            GCancellable *cancellable, GError **error);

G_END_DECLS
