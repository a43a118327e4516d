/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How a lab that was changed elsewhere comes into the one that is drawn. Pure. */

#pragma once

#include "canvas/model/lab.h"

G_BEGIN_DECLS

/* (transfer full): the change that makes @ours the lab @theirs is, but for the positions of nodes
 * that both have: those stay where the person put them. May be empty.
 * @renames (nullable): (const char * → const char *) old → new names of nodes that are the same. */
LoomChange *loom_settle_difference (LoomLab *ours, LoomLab *theirs, GHashTable *renames,
                                    const char *label);

G_END_DECLS
