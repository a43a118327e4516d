/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How a node is doing: its state in words, a bar while it comes up, a button when it has failed; of
 * a machine also the buttons for its consoles and its power.
 *
 * Signals: "open-console" (const char *type): "spice" or "serial" */

#pragma once

#include <gtk/gtk.h>

#include "gui/session.h"

G_BEGIN_DECLS

#define LOOM_TYPE_NODE_LIFE (loom_node_life_get_type ())
G_DECLARE_FINAL_TYPE (LoomNodeLife, loom_node_life, LOOM, NODE_LIFE, GtkBox)

GtkWidget *loom_node_life_new (LoomSession *session, const char *node, gboolean is_machine);
/* Shows the state as it is now. */
void loom_node_life_update (LoomNodeLife *self);

G_END_DECLS
