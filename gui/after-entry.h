/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The row of the inspector that says which nodes are to be ready before a machine starts: their
 * names, separated by commas. */

#pragma once

#include <gtk/gtk.h>

#include "canvas/model/node.h"

G_BEGIN_DECLS

/* Adds the row. (transfer none): its entry. */
GtkEntry *loom_after_entry_add (GtkGrid *grid);
void loom_after_entry_update (GtkEntry *entry, const LoomNode *node);
/* (transfer full) (nullable): @node as the entry would have it; NULL: that is how it is. */
LoomNode *loom_after_entry_dup_node (GtkEntry *entry, const LoomNode *node);

G_END_DECLS
