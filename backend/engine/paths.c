/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where our own programs and data are. The running program decides: what runs from the build folder
 * uses the build's parts, what is installed uses the configured prefix. */

#include "backend/engine/paths.h"

#include <gio/gio.h>
#include <stdlib.h>

#include "lanloom-config.h"

static char *
dup_own_folder (void)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);

  return program != NULL ? g_path_get_dirname (program) : g_strdup ("/");
}

static gboolean
runs_from_build (const char *folder)
{
  return g_str_has_prefix (folder, LOOM_BUILD_ROOT "/");
}

static const char *
find_build_folder_of (const char *name)
{
  static const struct {
    const char *name;
    const char *folder;
  } programs[] = {
      {"lanloom", "gui"},
      {"lanloomctl", "backend/cli"},
      {"lanloom-engine", "backend/engine"},
      {"lanloom-init", "backend/init"},
      {"lanloom-wire", "backend/wire"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++) {
    if (g_str_equal (programs[i].name, name))
      return programs[i].folder;
  }
  return "";
}

char *
loom_paths_dup_program (const char *name)
{
  g_autofree char *folder = dup_own_folder ();

  if (runs_from_build (folder))
    return g_build_filename (LOOM_BUILD_ROOT, find_build_folder_of (name), name, NULL);

  /* The caller itself may sit beside it (bin/lanloom and bin/lanloomctl). */
  g_autofree char *beside = g_build_filename (folder, name, NULL);
  if (g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&beside);
  return g_build_filename (LOOM_PKGLIBEXECDIR, name, NULL);
}

char *
loom_paths_dup_data (const char *relative)
{
  g_autofree char *folder = dup_own_folder ();

  if (!runs_from_build (folder))
    return g_build_filename (LOOM_PKGDATADIR, relative, NULL);

  g_autofree char *built = g_build_filename (LOOM_BUILD_ROOT, "data", relative, NULL);
  g_autofree char *source = g_build_filename (LOOM_SOURCE_ROOT, "data", relative, NULL);
  /* The guest is built; everything else is used as it lies in the sources. */
  if (g_str_has_prefix (relative, "guest/") || !g_file_test (source, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&built);
  return g_steal_pointer (&source);
}

char *
loom_paths_dup_locale (void)
{
  g_autofree char *folder = dup_own_folder ();

  return g_strdup (runs_from_build (folder) ? LOOM_BUILD_ROOT "/po" : LOOM_LOCALEDIR);
}

gboolean
loom_paths_leads_outside (const char *path, const char *folder)
{
  char *real_path = realpath (path, NULL);
  char *real_folder = realpath (folder, NULL);
  gboolean outside = FALSE;

  if (real_path != NULL && real_folder != NULL) {
    g_autofree char *prefix = g_strconcat (real_folder, "/", NULL);
    outside = !g_str_has_prefix (real_path, g_str_equal (real_folder, "/") ? "/" : prefix);
  }
  free (real_path);
  free (real_folder);
  return outside;
}
