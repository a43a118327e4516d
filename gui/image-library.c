/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/image-library.h"

#include <glib/gi18n-lib.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "backend/engine/paths.h"

#define MAX_TRIES 100
#define MAX_NAME_BYTES 120

typedef struct {
  char *library;
  char *lab_folder;
  char *path;
} Link;

static void
link_free (Link *link)
{
  g_free (link->library);
  g_free (link->lab_folder);
  g_free (link->path);
  g_free (link);
}

static void
run_link (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Link *link = task_data;
  GError *error = NULL;
  char *name = loom_image_library_link (link->library, link->lab_folder, link->path, &error);

  if (name != NULL)
    g_task_return_pointer (task, name, g_free);
  else
    g_task_return_error (task, error);
}

static char *
dup_below (const char *folder, const char *path)
{
  g_autofree char *prefix = folder != NULL ? g_strconcat (folder, "/", NULL) : NULL;

  return prefix != NULL && g_str_has_prefix (path, prefix) ? g_strdup (path + strlen (prefix))
                                                           : NULL;
}

/* A name that a project file may hold: no separators, nothing that QEMU would read as a protocol.
 */
static char *
make_name (const char *path, int attempt)
{
  g_autofree char *base = g_path_get_basename (path);
  g_autofree char *valid = g_utf8_make_valid (base, -1);
  g_autofree char *stem = NULL;
  const char *dot;

  for (char *c = valid; *c != '\0'; c++) {
    if (*c == ':' || *c == '\\' || g_ascii_iscntrl (*c))
      *c = '-';
  }
  dot = strrchr (valid, '.');
  if (dot == NULL || dot == valid || strlen (dot) > 10)
    dot = valid + strlen (valid);
  stem = g_utf8_substring (valid, 0, MIN (g_utf8_pointer_to_offset (valid, dot), 30));
  if (strlen (valid) <= MAX_NAME_BYTES && attempt == 1)
    return g_strdup (valid);
  return attempt == 1 ? g_strconcat (stem, dot, NULL)
                      : g_strdup_printf ("%s-%d%s", stem, attempt, dot);
}

char *
loom_image_library_dup_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "lanloom", "images", NULL);
}

char *
loom_image_library_dup_name (const char *library, const char *lab_folder, const char *path)
{
  char *name = dup_below (lab_folder, path);

  /* A link beside the lab to an image elsewhere: the engine does not follow it. */
  if (name != NULL && loom_paths_leads_outside (path, lab_folder))
    g_clear_pointer (&name, g_free);
  if (name == NULL) {
    g_autofree char *in_library = dup_below (library, path);

    if (in_library != NULL && strchr (in_library, '/') == NULL)
      name = g_steal_pointer (&in_library);
  }
  return name;
}

char *
loom_image_library_link (const char *library, const char *lab_folder, const char *path,
                         GError **error)
{
  if (g_mkdir_with_parents (library, 0700) != 0) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                 _ ("The image library %s could not be made: %s."), library, g_strerror (errno));
    return NULL;
  }
  for (int attempt = 1; attempt <= MAX_TRIES; attempt++) {
    g_autofree char *name = make_name (path, attempt);
    g_autofree char *link = g_build_filename (library, name, NULL);
    g_autofree char *beside = lab_folder != NULL ? g_build_filename (lab_folder, name, NULL) : NULL;
    g_autofree char *target = NULL;

    /* The engine would take the one beside the lab. */
    if (beside != NULL && g_file_test (beside, G_FILE_TEST_EXISTS))
      continue;
    if (symlink (path, link) == 0)
      return g_steal_pointer (&name);
    if (errno != EEXIST) {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   _ ("%s could not be linked into the image library: %s."), path,
                   g_strerror (errno));
      return NULL;
    }
    target = g_file_read_link (link, NULL);
    if (g_strcmp0 (target, path) == 0)
      return g_steal_pointer (&name);
  }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
               _ ("The image library has too many images called like %s."), path);
  return NULL;
}

void
loom_image_library_link_async (const char *library, const char *lab_folder, const char *path,
                               GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Link *link = g_new0 (Link, 1);

  link->library = g_strdup (library);
  link->lab_folder = g_strdup (lab_folder);
  link->path = g_strdup (path);
  g_task_set_task_data (task, link, (GDestroyNotify) link_free);
  g_task_run_in_thread (task, run_link);
}

char *
loom_image_library_link_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
