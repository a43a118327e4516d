/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How well a name answers what somebody typed to find it. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (transfer full): @text as it is compared: case, accents' spelling and width do not count. */
char *loom_finder_fold (const char *text);

/* Both folded. Every word of @query must occur in @text; at the start of it counts most, then at
 * the start of a word. 0: no answer; an empty query finds everything equally well. */
int loom_finder_score (const char *query, const char *text);

G_END_DECLS
