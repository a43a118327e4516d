/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads the catalogue's key files. They are ours, so one that is wrong is an error of the whole,
 * not a kind that is silently missing. */

#include "backend/engine/catalogue-load.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "backend/engine/paths.h"
#include "canvas/model/error.h"

#define SUFFIX ".node"

static gboolean
load_kind (LoomCatalogue *catalogue, const char *folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *id = g_strndup (name, strlen (name) - strlen (SUFFIX));
  g_autofree char *text = NULL;
  gsize size = 0;

  if (g_file_get_contents (path, &text, &size, error)
      && loom_catalogue_add (catalogue, id, text, size, error))
    return TRUE;
  g_prefix_error (error, "%s: ", path);
  return FALSE;
}

/**
 * loom_catalogue_load_folder:
 * @folder: absolute path
 * @error: of G_FILE_ERROR, G_KEY_FILE_ERROR or LOOM_MODEL_ERROR
 */
LoomCatalogue *
loom_catalogue_load_folder (const char *folder, GError **error)
{
  g_autoptr (LoomCatalogue) catalogue = loom_catalogue_new ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  const char *name;

  if (dir == NULL)
    return NULL;
  while ((name = g_dir_read_name (dir)) != NULL) {
    if (g_str_has_suffix (name, SUFFIX) && *name != '.'
        && !load_kind (catalogue, folder, name, error))
      return NULL;
  }
  if (loom_catalogue_get_kinds (catalogue)->len > 0)
    return g_steal_pointer (&catalogue);
  g_set_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID,
               _ ("There are no kinds of node in “%s”. Install Lanloom again."), folder);
  return NULL;
}

LoomCatalogue *
loom_catalogue_load (GError **error)
{
  g_autofree char *folder = loom_paths_dup_data ("nodes");

  return loom_catalogue_load_folder (folder, error);
}
