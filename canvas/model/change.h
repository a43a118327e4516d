/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A change of a lab: what was, and what is instead, for every node and link it touches.
 *
 * Undo is the change read backwards, a live edit of a running lab is the change handed to the
 * engine, and a view redraws what the change names. */

#pragma once

#include "canvas/model/link.h"
#include "canvas/model/node.h"

G_BEGIN_DECLS

/* Added: before is NULL. Removed: after is NULL. A rename has two names. */
typedef struct {
  LoomNode *before;
  LoomNode *after;
} LoomNodeChange;

typedef struct {
  LoomLink *before;
  LoomLink *after;
} LoomLinkChange;

typedef struct _LoomChange LoomChange;

struct _LoomChange {
  char *label;       /* translated, for the history: "Add pc3", "Move 3 Nodes" */
  GArray *nodes;     /* of LoomNodeChange */
  GArray *links;     /* of LoomLinkChange */
  char *name_before; /* the lab's own name and description, "" for none; NULL: unchanged */
  char *name_after;
  char *description_before;
  char *description_after;

  /*< private >*/
  gatomicrefcount ref_count;
};

#define LOOM_TYPE_CHANGE (loom_change_get_type ())
GType loom_change_get_type (void);

LoomChange *loom_change_new (const char *label);
LoomChange *loom_change_ref (LoomChange *change);
void loom_change_unref (LoomChange *change);
/* All (transfer none); either side may be NULL, not both. */
void loom_change_add_node (LoomChange *change, LoomNode *before, LoomNode *after);
void loom_change_add_link (LoomChange *change, LoomLink *before, LoomLink *after);
gboolean loom_change_is_empty (const LoomChange *change);
/* (transfer full): the same change, backwards. */
LoomChange *loom_change_reversed (const LoomChange *change);
/* (transfer full): @first then @second as one change. */
LoomChange *loom_change_merged (const LoomChange *first, const LoomChange *second);
/* TRUE if it touches only positions: nothing for the engine to do. */
gboolean loom_change_is_layout_only (const LoomChange *change);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomChange, loom_change_unref)

G_END_DECLS
