/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Disks: people's qcow2 images are looked at with our own bounded parser before QEMU sees them,
 * and never written: a machine writes to an overlay of its own. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define LOOM_QCOW2_MAX_NAME_BYTES 1023 /* of a backing file, by the format's specification */

/* What the header of a qcow2 image says. */
typedef struct {
  int version; /* 2 or 3 */
  guint64 virtual_size_bytes;
  char *backing_file;   /* as written in the image; NULL: none */
  char *backing_format; /* NULL: not said */
  char *data_file;      /* external data file; NULL: none */
} LoomQcow2;

void loom_qcow2_clear (LoomQcow2 *qcow2);

/* Parses the first @size bytes of an image (64 KiB are plenty).
 * @error: LOOM_GUEST_ERROR_INVALID, a sentence without the file's name: "This is not a qcow2
 * image." Source: QEMU's docs/interop/qcow2.txt. */
gboolean loom_qcow2_parse (const guint8 *data, gsize size, LoomQcow2 *ret_qcow2, GError **error);

/* Checks that @path is a qcow2 image which leads to no other file outside @folder (NULL: to no
 * other file at all), backing files included, at most 8 deep. Encrypted images and external data
 * files are refused.
 * @ret_virtual_size_bytes: (optional). @error: LOOM_GUEST_ERROR_INVALID or G_IO_ERROR, a sentence
 * that names the file. Reads a few KiB a file: fine in the engine, not for a window. */
gboolean loom_disk_check (const char *path, const char *folder, guint64 *ret_virtual_size_bytes,
                          GError **error);

/* (transfer full): the files that QEMU opens for the image @path: itself, and what it lies on, from
 * the first down, each checked as by loom_disk_check () within its own folder. It ends before the
 * first that is not good. */
GStrv loom_disk_list_layers (const char *path);

/* Creates @overlay (replaced if it is there) over @base, by qemu-img. @base must have passed
 * loom_disk_check (). */
void loom_disk_create_overlay_async (const char *base, const char *overlay,
                                     GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean loom_disk_create_overlay_finish (GAsyncResult *result, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LoomQcow2, loom_qcow2_clear)

G_END_DECLS
