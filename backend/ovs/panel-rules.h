/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The OpenFlow rules of the panel: a cable is two, one a direction, four when it goes through
 * something. Pure. */

#pragma once

#include "backend/ovs/fabric.h"
#include "backend/ovs/openflow-client.h"

G_BEGIN_DECLS

/* What a rule of the panel should be: frames from a port go out of another. */
typedef struct {
  guint32 in_port;
  guint32 out_port;
  guint64 cookie;
} LoomPanelRule;

/* (transfer full): in_port -> LoomPanelRule for all cables whose ends have port numbers by now;
 * @ports maps keys to numbers. @wanted NULL: none. */
GHashTable *loom_panel_rules_new (const LoomFabric *wanted, GHashTable *ports);

/* Puts into @bundle what makes @old (nullable: whatever there is) into @wanted, both as of
 * loom_panel_rules_new (). Adds to @changed, a set of port numbers, those that lost their cable or
 * have another one. Returns the number of changes. */
guint loom_panel_rules_diff (GHashTable *old, GHashTable *wanted, LoomOpenFlowBundle *bundle,
                             GHashTable *changed);

G_END_DECLS
