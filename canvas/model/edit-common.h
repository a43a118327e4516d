/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Inside the edits: what edit.c, edit-set.c and edit-many.c share. */

#pragma once

#include "canvas/model/lab.h"

G_BEGIN_DECLS

/* Sets LOOM_MODEL_ERROR_REFUSED; returns FALSE, to be returned. */
gboolean loom_edit_refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* The same with what a check said; takes @reason (transfer full). */
gboolean loom_edit_refuse_as (GError **error, GError *reason);
/* (transfer none) (nullable): the node called @name; NULL is a refusal. */
LoomNode *loom_edit_get_node (LoomLab *lab, const char *name, GError **error);
gboolean loom_edit_is_machine (LoomLab *lab, const LoomNode *node);
/* Whether no MAC of the machine @node is one of another machine, or twice its own. @except: the
 * name that @node has in the lab until now; NULL if it is new. */
gboolean loom_edit_check_macs (LoomLab *lab, const LoomNode *node, const char *except,
                               GError **error);

G_END_DECLS
