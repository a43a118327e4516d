/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The lab as drawn: its nodes, its links, its name. The one document of a window.
 *
 * Signals:
 *  "changed" (LoomChange *change): after a change was applied.
 */

#pragma once

#include "canvas/model/change.h"
#include "canvas/model/error.h"
#include "canvas/model/kind.h"

G_BEGIN_DECLS

#define LOOM_LAB_MAX_NODES 4096
#define LOOM_LAB_MAX_LINKS 16384

#define LOOM_TYPE_LAB (loom_lab_get_type ())
G_DECLARE_FINAL_TYPE (LoomLab, loom_lab, LOOM, LAB, GObject)

LoomLab *loom_lab_new (LoomCatalogue *catalogue);
LoomCatalogue *loom_lab_get_catalogue (LoomLab *self);
const char *loom_lab_get_name (LoomLab *self);
const char *loom_lab_get_description (LoomLab *self);

guint loom_lab_get_n_nodes (LoomLab *self);
guint loom_lab_get_n_links (LoomLab *self);
/* (transfer none) (nullable) */
LoomNode *loom_lab_get_node (LoomLab *self, const char *name);
const LoomKind *loom_lab_get_kind (LoomLab *self, const LoomNode *node);
/* (transfer none) (nullable): the link plugged into that port. */
LoomLink *loom_lab_get_link_at (LoomLab *self, const char *node, int port);
LoomLink *loom_lab_get_link (LoomLab *self, const char *id);
/* (transfer container): in canonical order (names as bytes), of LoomNode or LoomLink. */
GPtrArray *loom_lab_list_nodes (LoomLab *self);
GPtrArray *loom_lab_list_links (LoomLab *self);
GPtrArray *loom_lab_list_links_of (LoomLab *self, const char *node);
/* The lowest port of @node without a link; -1 if all are taken. */
int loom_lab_get_free_port (LoomLab *self, const char *node);

/* Applies @change and emits "changed". Every `before` must be what the lab holds: an edit made by
 * loom_edit_*() always fits; anything else is a programmer error. */
void loom_lab_apply (LoomLab *self, LoomChange *change);
/* (transfer full): what leads from @self to @other. Layout counts. */
LoomChange *loom_lab_diff (LoomLab *self, LoomLab *other);
/* (transfer full) */
LoomLab *loom_lab_copy (LoomLab *self);

/* Unknown members of the top level, kept for the writer: alternating name and JSON text. */
GPtrArray *loom_lab_get_extra (LoomLab *self);

G_END_DECLS
