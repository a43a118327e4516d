/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The presets that ship, read from the data folder. */

#pragma once

#include "canvas/model/preset.h"

G_BEGIN_DECLS

/* (transfer full): of LoomPreset, in the order of the menu. */
GPtrArray *loom_presets_load (GError **error);
/* The same from @folder, an absolute path. */
GPtrArray *loom_presets_load_folder (const char *folder, GError **error);
/* (transfer none) (nullable): the preset called @id. */
const LoomPreset *loom_presets_find (GPtrArray *presets, const char *id);
/* (transfer none) (nullable): the preset that @link is set as. */
const LoomPreset *loom_presets_match (GPtrArray *presets, const LoomLink *link);

G_END_DECLS
