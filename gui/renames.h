/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which machines were renamed since the engine last heard of them, folded over any number of edits,
 * undone ones included. Pure. */

#pragma once

#include "canvas/model/change.h"

G_BEGIN_DECLS

typedef struct _LoomRenames LoomRenames;

LoomRenames *loom_renames_new (void);
void loom_renames_free (LoomRenames *self);
/* Takes in one more change of the lab. */
void loom_renames_add (LoomRenames *self, const LoomChange *change);
gboolean loom_renames_is_empty (LoomRenames *self);
/* (transfer full): (char * → char *), the name the engine knows → the name it has now. Forgets. */
GHashTable *loom_renames_steal (LoomRenames *self);
/* Puts back what was stolen, as the first of what has happened since: the engine did not take it.
 */
void loom_renames_restore (LoomRenames *self, GHashTable *stolen);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomRenames, loom_renames_free)

G_END_DECLS
