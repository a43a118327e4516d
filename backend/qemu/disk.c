/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See disk.h. The names inside an image are a stranger's: a backing file could be any file of the
 * host, which the guest could then read. */

#include "backend/qemu/disk.h"

#include "backend/proto/plain-text.h"
#include "backend/qemu/error.h"

#include <glib/gi18n-lib.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_BYTES (64 * 1024)
#define MAX_CHAIN 8
#define MAX_REASON_BYTES 1024

/* By its name alone: the sentence stands below a tile, where there is no room for folders. */
static gboolean
refuse (GError **error, const char *path, const char *message)
{
  g_autofree char *name = g_filename_display_basename (path);

  g_set_error (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_INVALID, "%s: %s", name, message);
  return FALSE;
}

/* A regular file only: opening a device or a FIFO can have effects, or last. */
static gssize
read_head (const char *path, guint8 *head, gsize size, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat info;
  gssize n = -1;

  if (fd >= 0 && fstat (fd, &info) == 0) {
    if (!S_ISREG (info.st_mode)) {
      close (fd);
      refuse (error, path, _ ("This is not a file. Choose a qcow2 image."));
      return -1;
    }
    n = pread (fd, head, size, 0);
  }
  if (n < 0) {
    int saved_errno = errno;
    g_autofree char *name = g_filename_display_basename (path);

    if (saved_errno == ENOENT)
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   _ ("%s: There is no such disk image, neither beside the lab's file nor in your "
                      "image library."),
                   name);
    else
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
                   _ ("%s: The disk image cannot be read: %s."), name, g_strerror (saved_errno));
  }
  if (fd >= 0)
    close (fd);
  return n;
}

/* (transfer full) (nullable): where the backing file @name of @path really is, if that is inside
 * @folder (already a real path). */
static char *
resolve_backing (const char *path, const char *name, const char *folder)
{
  g_autofree char *base = g_path_get_dirname (path);
  g_autofree char *joined = NULL;
  g_autofree char *prefix = g_strconcat (folder, "/", NULL);
  char *real;
  char *result;

  /* "json:…", "nbd://…", "file:…": QEMU would open these by protocol. */
  if (name[0] != '/' && strchr (name, ':') != NULL)
    return NULL;
  joined = g_path_is_absolute (name) ? g_strdup (name) : g_build_filename (base, name, NULL);
  real = realpath (joined, NULL);
  if (real == NULL)
    return NULL;
  result = g_str_has_prefix (real, prefix) ? g_strdup (real) : NULL;
  free (real);
  return result;
}

static gboolean
check_one (const char *path, const char *folder, guint depth, guint64 *ret_size, char **ret_backing,
           GError **error)
{
  g_autofree guint8 *head = g_malloc (HEAD_BYTES);
  gssize size = read_head (path, head, HEAD_BYTES, error);
  g_auto (LoomQcow2) qcow2 = {0};
  g_autoptr (GError) reason = NULL;

  if (size < 0)
    return FALSE;
  if (!loom_qcow2_parse (head, (gsize) size, &qcow2, &reason))
    return refuse (error, path, reason->message);
  if (qcow2.data_file != NULL)
    return refuse (error, path,
                   _ ("This image keeps its data in another file, which Lanloom does not open. "
                      "Convert it with “qemu-img convert”."));
  *ret_size = qcow2.virtual_size_bytes;
  if (qcow2.backing_file == NULL)
    return TRUE;
  if (qcow2.backing_format != NULL && strcmp (qcow2.backing_format, "qcow2") != 0)
    return refuse (error, path,
                   _ ("This image lies on a file that is not a qcow2 image. Convert it with "
                      "“qemu-img convert”."));
  *ret_backing = folder != NULL && depth < MAX_CHAIN
                     ? resolve_backing (path, qcow2.backing_file, folder)
                     : NULL;
  if (*ret_backing == NULL)
    return refuse (error, path,
                   _ ("This image lies on another file, outside of the lab's folder. Convert it "
                      "with “qemu-img convert” into one that needs no other."));
  return TRUE;
}

gboolean
loom_disk_check (const char *path, const char *folder, guint64 *ret_virtual_size_bytes,
                 GError **error)
{
  g_autofree char *current = g_strdup (path);
  char *real_folder = folder != NULL ? realpath (folder, NULL) : NULL;
  guint64 size_bytes = 0, first_bytes = 0;
  gboolean good = TRUE;

  for (guint depth = 0; good && current != NULL; depth++) {
    char *backing = NULL;

    good = check_one (current, real_folder, depth, &size_bytes, &backing, error);
    if (depth == 0)
      first_bytes = size_bytes;
    g_free (current);
    current = backing;
  }
  free (real_folder);
  if (good && ret_virtual_size_bytes != NULL)
    *ret_virtual_size_bytes = first_bytes;
  return good;
}

GStrv
loom_disk_list_layers (const char *path)
{
  g_autoptr (GStrvBuilder) layers = g_strv_builder_new ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *current = g_strdup (path);
  char *real_folder = realpath (folder, NULL);
  guint64 size_bytes;

  for (guint depth = 0; current != NULL; depth++) {
    char *backing = NULL;

    if (!check_one (current, real_folder, depth, &size_bytes, &backing, NULL))
      break;
    g_strv_builder_add (layers, current);
    g_free (current);
    current = backing;
  }
  free (real_folder);
  return g_strv_builder_end (layers);
}

static void
on_qemu_img_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GSubprocess *process = G_SUBPROCESS (source);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_subprocess_communicate_utf8_finish (process, result, NULL, &text, &error)) {
    g_subprocess_force_exit (process);
    g_task_return_error (task, g_steal_pointer (&error));
  } else if (!g_subprocess_get_successful (process)) {
    /* It quotes names out of the image. */
    g_autofree char *plain = loom_plain_text (text, strlen (text), MAX_REASON_BYTES);
    g_task_return_new_error (task, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_START,
                             _ ("The disk %s was not made: %s"),
                             (const char *) g_task_get_task_data (task), plain);
  } else {
    g_task_return_boolean (task, TRUE);
  }
}

void
loom_disk_create_overlay_async (const char *base, const char *overlay, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, loom_disk_create_overlay_async);
  g_task_set_task_data (task, g_strdup (overlay), g_free);
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                              &error, "qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2",
                              "-b", base, "--", overlay, NULL);
  if (process == NULL) {
    if (g_error_matches (error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT))
      g_task_return_new_error (task, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_START,
                               _ ("The program qemu-img is missing. Install the package "
                                  "qemu-utils."));
    else
      g_task_return_error (task, g_steal_pointer (&error));
    return;
  }
  g_subprocess_communicate_utf8_async (process, NULL, cancellable, on_qemu_img_ready,
                                       g_steal_pointer (&task));
}

gboolean
loom_disk_create_overlay_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
