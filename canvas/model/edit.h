/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a person can do to a lab, each as a pure function from the lab to a change. Nothing here
 * touches the lab: hand the change to loom_history_do ().
 *
 * All return (transfer full), or NULL with LOOM_MODEL_ERROR_REFUSED and a sentence naming the item.
 */

#pragma once

#include "canvas/model/lab.h"

G_BEGIN_DECLS

/* A new node of @kind at (@x, @y), named by the kind's prefix and the lowest free number. */
LoomChange *loom_edit_add_node (LoomLab *lab, const char *kind, double x, double y, GError **error);
/* Connects two ports; a port number of -1 takes the lowest free one. */
LoomChange *loom_edit_connect (LoomLab *lab, const LoomEnd *one, const LoomEnd *other,
                               GError **error);
/* Why a cable could not end at @node (port -1: any); NULL if it could. (transfer full) */
char *loom_edit_explain_refusal (LoomLab *lab, const LoomEnd *from, const LoomEnd *to);
LoomChange *loom_edit_rename (LoomLab *lab, const char *name, const char *new_name, GError **error);
/* Deletes nodes (with their cables) and cables (by id). Either list may be NULL. */
LoomChange *loom_edit_delete (LoomLab *lab, const char *const *nodes, const char *const *links,
                              GError **error);
LoomChange *loom_edit_move (LoomLab *lab, const char *const *nodes, double dx, double dy,
                            GError **error);
/* Replaces the node called @after->name by @after (its settings; checked: ranges, ports in use). */
LoomChange *loom_edit_set_node (LoomLab *lab, LoomNode *after, GError **error);
/* Replaces the cable between the same ports by @after (its settings; checked, made canonical). */
LoomChange *loom_edit_set_link (LoomLab *lab, LoomLink *after, GError **error);
/* The same for several, of LoomLink, as one change. */
LoomChange *loom_edit_set_links (LoomLab *lab, GPtrArray *after, GError **error);
LoomChange *loom_edit_set_title (LoomLab *lab, const char *name, const char *description,
                                 GError **error);
/* Copies of nodes and the cables among them, as pasted at an offset. @source may be another lab. */
LoomChange *loom_edit_paste (LoomLab *lab, LoomLab *source, double dx, double dy, GError **error);

/* (transfer full): a lab of its own with the nodes in @names and the cables among them, to be
 * copied: write it to the clipboard, paste it later. */
LoomLab *loom_edit_copy_part (LoomLab *lab, const char *const *names);

/* Whether @node may be as it is in a lab with that catalogue; the reader and set_node use it. */
gboolean loom_edit_check_node (LoomCatalogue *catalogue, const LoomNode *node, GError **error);

G_END_DECLS
