/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads the presets' key files, as the catalogue's are read: they are ours, so one that is wrong is
 * an error of the whole. */

#include "gui/presets.h"

#include <string.h>

#include "backend/engine/paths.h"

#define SUFFIX ".preset"

static LoomPreset *
load_preset (const char *folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *id = g_strndup (name, strlen (name) - strlen (SUFFIX));
  g_autofree char *text = NULL;
  LoomPreset *preset = NULL;
  gsize size = 0;

  if (g_file_get_contents (path, &text, &size, error))
    preset = loom_preset_parse (id, text, size, error);
  if (preset == NULL)
    g_prefix_error (error, "%s: ", path);
  return preset;
}

GPtrArray *
loom_presets_load_folder (const char *folder, GError **error)
{
  g_autoptr (GPtrArray)
      presets = g_ptr_array_new_with_free_func ((GDestroyNotify) loom_preset_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  const char *name;

  if (dir == NULL)
    return NULL;
  while ((name = g_dir_read_name (dir)) != NULL) {
    LoomPreset *preset = NULL;

    if (!g_str_has_suffix (name, SUFFIX) || *name == '.')
      continue;
    preset = load_preset (folder, name, error);
    if (preset == NULL)
      return NULL;
    g_ptr_array_add (presets, preset);
  }
  g_ptr_array_sort (presets, loom_preset_compare);
  return g_steal_pointer (&presets);
}

GPtrArray *
loom_presets_load (GError **error)
{
  g_autofree char *folder = loom_paths_dup_data ("presets");

  return loom_presets_load_folder (folder, error);
}

const LoomPreset *
loom_presets_find (GPtrArray *presets, const char *id)
{
  for (guint i = 0; i < presets->len; i++) {
    const LoomPreset *preset = presets->pdata[i];

    if (strcmp (preset->id, id) == 0)
      return preset;
  }
  return NULL;
}

const LoomPreset *
loom_presets_match (GPtrArray *presets, const LoomLink *link)
{
  for (guint i = 0; i < presets->len; i++) {
    if (loom_preset_matches (presets->pdata[i], link))
      return presets->pdata[i];
  }
  return NULL;
}
