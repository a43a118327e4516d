/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Undo and redo of a lab.
 *
 * Properties (notify): "can-undo", "can-redo", "modified" (differs from the last save).
 */

#pragma once

#include "canvas/model/lab.h"

G_BEGIN_DECLS

#define LOOM_TYPE_HISTORY (loom_history_get_type ())
G_DECLARE_FINAL_TYPE (LoomHistory, loom_history, LOOM, HISTORY, GObject)

LoomHistory *loom_history_new (LoomLab *lab);
LoomLab *loom_history_get_lab (LoomHistory *self);
/* Applies @change (transfer none) and remembers it. Changes with the same non-NULL @merge_key that
 * follow each other become one step ("move:pc1", "memory:pc1"); NULL never merges. */
void loom_history_do (LoomHistory *self, LoomChange *change, const char *merge_key);
/* Ends merging: the next change starts a step of its own (focus left the entry, drag ended). */
void loom_history_break (LoomHistory *self);
gboolean loom_history_undo (LoomHistory *self);
gboolean loom_history_redo (LoomHistory *self);
/* (nullable): label of the step that undo or redo would take. */
const char *loom_history_get_undo_label (LoomHistory *self);
const char *loom_history_get_redo_label (LoomHistory *self);
gboolean loom_history_get_can_undo (LoomHistory *self);
gboolean loom_history_get_can_redo (LoomHistory *self);
gboolean loom_history_get_modified (LoomHistory *self);
void loom_history_mark_saved (LoomHistory *self);

G_END_DECLS
