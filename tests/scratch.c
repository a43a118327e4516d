/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See scratch.h. */

#include "tests/scratch.h"

#include <errno.h>
#include <glib/gstdio.h>

char *
scratch_new (const char *name)
{
  g_autofree char *template = g_strdup_printf ("loom-%s-XXXXXX", name);
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp (template, &error);

  g_assert_no_error (error);
  return folder;
}

void
scratch_remove (const char *path)
{
  g_autoptr (GDir) folder = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    folder = g_dir_open (path, 0, NULL);
  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    scratch_remove (child);
  }
  g_assert_true (g_remove (path) == 0 || errno == ENOENT);
}

void
scratch_free (char *folder)
{
  scratch_remove (folder);
  g_free (folder);
}
