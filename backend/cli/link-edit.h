/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a command line says of a cable: which one, and what is to be set on it. Pure. */

#pragma once

#include "canvas/model/lab.h"

G_BEGIN_DECLS

/* (transfer full): the cable that @texts (of one or two ends, NULL-terminated) name: "pc1:0 pc2:0",
 * "pc1:0", or "pc1" for a node with one cable. NULL with a sentence. */
LoomLink *loom_link_edit_find (LoomLab *lab, const char *const *texts, GError **error);
/* (transfer none) (nullable): the lab's name for what a person calls an end of @link: "pc1:0",
 * "pc1". @ret_end: 0 for a, 1 for b. FALSE: neither end is called so. */
gboolean loom_link_edit_parse_end (const LoomLink *link, const char *text, int *ret_end,
                                   GError **error);
/* Sets "delay_ms=20" on @link, in both directions, or that from end @from (0, 1; -1: both). Members
 * as in project files, with those of the cable itself: seed, fault, at, period_s, up_percent. */
gboolean loom_link_edit_set (LoomLink *link, const char *assignment, int from, GError **error);
/* Takes everything off @link that is set on it. */
void loom_link_edit_clear (LoomLink *link);

G_END_DECLS
