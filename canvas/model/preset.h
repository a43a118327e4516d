/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Impairments that come as one: a telephone line, a satellite. One `data/presets/<id>.preset` key
 * file each, which names the publication its figures are from. */

#pragma once

#include "canvas/model/lab.h"

G_BEGIN_DECLS

typedef struct {
  char *id;
  char *label;         /* translated: "Transatlantic" */
  char *description;   /* translated sentence */
  char *source;        /* where the figures were published, not translated */
  int order;           /* place in the menu */
  LoomImpairment down; /* towards who uses the line */
  LoomImpairment up;
} LoomPreset;

/* (transfer full): the preset that the key file text @data describes; @id is the file's name
 * without ".preset". */
LoomPreset *loom_preset_parse (const char *id, const char *data, gsize size, GError **error);
void loom_preset_free (LoomPreset *preset);
/* Orders by place in the menu; for g_ptr_array_sort () of LoomPreset. */
int loom_preset_compare (gconstpointer a, gconstpointer b);

/* Makes @link, a cable of @lab that is not shared yet, as @preset says. Down leads to the end with
 * fewer ports, of two with as many to end a. Faults and seed stay. */
void loom_preset_apply (const LoomPreset *preset, LoomLab *lab, LoomLink *link);
/* Whether @link is as @preset says, whichever way is down. */
gboolean loom_preset_matches (const LoomPreset *preset, const LoomLink *link);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomPreset, loom_preset_free)

G_END_DECLS
