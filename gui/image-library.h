/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The image library: a folder of the person's own, where labs find disk images by plain name. A lab
 * names no absolute path, so that it means the same on another computer; an image that lies
 * elsewhere is linked into the library. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* (transfer full): $XDG_DATA_HOME/lanloom/images, where the engine looks. */
char *loom_image_library_dup_folder (void);
/* How a lab in @lab_folder (nullable: it has no file yet) may name the image at @path (absolute):
 * relative when it lies below that folder or in the library, else NULL: link it. (transfer full) */
char *loom_image_library_dup_name (const char *library, const char *lab_folder, const char *path);
/* Links the image at @path into @library, made if needed; an equal link is used again, another file
 * of that name in either folder is left alone. Blocks for some file system calls.
 * (transfer full): the name for the lab; NULL with a G_IO_ERROR. */
char *loom_image_library_link (const char *library, const char *lab_folder, const char *path,
                               GError **error);
void loom_image_library_link_async (const char *library, const char *lab_folder, const char *path,
                                    GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user_data);
char *loom_image_library_link_finish (GAsyncResult *result, GError **error);

G_END_DECLS
