/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What has to be done so that a lab becomes what is wanted: a pure function of the lab and of what
 * is set up now. Starting (nothing is set up), editing (something is) and repairing (something
 * failed) are the same function. */

#pragma once

#include "backend/engine/record.h"

G_BEGIN_DECLS

typedef enum {
  LOOM_STEP_START_SWITCH,
  LOOM_STEP_UNPLUG,
  LOOM_STEP_REMOVE_NODE,
  LOOM_STEP_RENAME_NODE,
  LOOM_STEP_ADD_PORTS,
  LOOM_STEP_REMOVE_PORTS,
  LOOM_STEP_CONFIGURE_NODE, /* addresses, VLANs: takes effect at once */
  LOOM_STEP_RESTART_NEEDED, /* memory, CPUs, image: takes effect at the next start of the node */
  LOOM_STEP_ADD_NODE,
  LOOM_STEP_PLUG,
  LOOM_STEP_START_NODE,     /* it had failed */
  LOOM_STEP_CONFIGURE_LINK, /* faults and impairments: takes effect at once */
} LoomStepAction;

typedef struct {
  LoomStepAction action;
  char *item;     /* name of the node or id of the link; "" for the switch */
  char *sentence; /* translated, for people */
} LoomStep;

typedef struct {
  GPtrArray *steps;  /* of LoomStep, in the order they are done; empty: nothing to do */
  LoomRecord *after; /* what is set up when all is done */
} LoomPlan;

/* Stable English id: "add-node". */
const char *loom_step_action_to_id (LoomStepAction action);

/* @record: what is set up. @renames: (nullable) old name → new name of nodes that stay the same
 * instance. @repair: also start what failed. (transfer full). */
LoomPlan *loom_plan_make (LoomLab *wanted, const LoomRecord *record, GHashTable *renames,
                          gboolean repair);
void loom_plan_free (LoomPlan *plan);

/* Whether a running machine has to be started anew to become @after. */
gboolean loom_plan_needs_restart (const LoomNode *before, const LoomNode *after);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomPlan, loom_plan_free)

G_END_DECLS
