/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Presets. Reading the files is the business of whoever has files (gui/presets.c); this file only
 * understands their text. Their groups hold the members of a project file: [Both], then [Down] and
 * [Up] over it. Key files spell with "-" what project files spell with "_". */

#include "canvas/model/preset.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "canvas/model/error.h"

#define GROUP "Preset"
#define PRESET_MAX_SIZE_BYTES (64 * 1024)

static gboolean
read_member (GKeyFile *file, const char *group, const char *key, LoomImpairment *impairment,
             GError **error)
{
  g_autofree char *name = g_strdelimit (g_strdup (key), "-", '_');
  const LoomImpairmentMember *member = loom_impairment_find_member (name);
  g_autofree char *text = g_key_file_get_string (file, group, key, error);

  if (text == NULL)
    return FALSE;
  if (member != NULL)
    return loom_impairment_set_text (impairment, member, text, error);
  g_set_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID,
               _ ("“%s” is no impairment of a cable."), key);
  return FALSE;
}

static gboolean
read_group (GKeyFile *file, const char *group, LoomImpairment *impairment, GError **error)
{
  g_auto (GStrv) keys = NULL;

  if (!g_key_file_has_group (file, group))
    return TRUE;
  keys = g_key_file_get_keys (file, group, NULL, error);
  for (int i = 0; keys != NULL && keys[i] != NULL; i++) {
    if (!read_member (file, group, keys[i], impairment, error))
      return FALSE;
  }
  return keys != NULL;
}

static gboolean
read_direction (GKeyFile *file, const char *id, const char *group, LoomImpairment *impairment,
                GError **error)
{
  loom_impairment_init (impairment);
  return read_group (file, "Both", impairment, error) && read_group (file, group, impairment, error)
         && loom_impairment_check (impairment, id, error);
}

/* The files are in English; the catalogue of messages holds their words. */
static gboolean
read_words (GKeyFile *file, LoomPreset *preset, GError **error)
{
  g_autofree char *label = g_key_file_get_string (file, GROUP, "Label", error);
  g_autofree char *description = NULL;

  if (label == NULL)
    return FALSE;
  description = g_key_file_get_string (file, GROUP, "Description", error);
  if (description == NULL)
    return FALSE;
  preset->source = g_key_file_get_string (file, GROUP, "Source", error);
  preset->label = g_strdup (_ (label));
  preset->description = g_strdup (_ (description));
  preset->order = g_key_file_get_integer (file, GROUP, "Order", NULL);
  return preset->source != NULL;
}

/**
 * loom_preset_parse:
 * @error: of G_KEY_FILE_ERROR or LOOM_MODEL_ERROR
 *
 * A preset without a source is refused: nobody could check its figures.
 */
LoomPreset *
loom_preset_parse (const char *id, const char *data, gsize size, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (LoomPreset) preset = g_new0 (LoomPreset, 1);

  preset->id = g_strdup (id);
  if (size > PRESET_MAX_SIZE_BYTES) {
    g_set_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_INVALID,
                 _ ("The preset “%s” is larger than %d KiB."), id, PRESET_MAX_SIZE_BYTES / 1024);
    return NULL;
  }
  if (!g_key_file_load_from_data (file, data, size, G_KEY_FILE_NONE, error)
      || !read_words (file, preset, error)
      || !read_direction (file, id, "Down", &preset->down, error)
      || !read_direction (file, id, "Up", &preset->up, error))
    return NULL;
  return g_steal_pointer (&preset);
}

void
loom_preset_free (LoomPreset *preset)
{
  g_free (preset->id);
  g_free (preset->label);
  g_free (preset->description);
  g_free (preset->source);
  g_free (preset);
}

int
loom_preset_compare (gconstpointer a, gconstpointer b)
{
  const LoomPreset *one = *(const LoomPreset *const *) a;
  const LoomPreset *other = *(const LoomPreset *const *) b;

  if (one->order != other->order)
    return one->order < other->order ? -1 : 1;
  return strcmp (one->id, other->id);
}

static int
count_ports (LoomLab *lab, const LoomEnd *end)
{
  const LoomNode *node = loom_lab_get_node (lab, end->node);

  return node != NULL ? node->n_ports : 0;
}

void
loom_preset_apply (const LoomPreset *preset, LoomLab *lab, LoomLink *link)
{
  gboolean down_is_forward = count_ports (lab, &link->b) < count_ports (lab, &link->a);

  link->forward = down_is_forward ? preset->down : preset->up;
  link->backward = down_is_forward ? preset->up : preset->down;
}

gboolean
loom_preset_matches (const LoomPreset *preset, const LoomLink *link)
{
  return (loom_impairment_equal (&preset->down, &link->forward)
          && loom_impairment_equal (&preset->up, &link->backward))
         || (loom_impairment_equal (&preset->up, &link->forward)
             && loom_impairment_equal (&preset->down, &link->backward));
}
