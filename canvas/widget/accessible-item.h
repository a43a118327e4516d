/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A node or a cable for assistive technology: name, states, place on the screen, actions. */

#pragma once

#include <atk/atk.h>

#include "canvas/widget/canvas.h"

G_BEGIN_DECLS

#define LOOM_TYPE_ITEM_ACCESSIBLE (loom_item_accessible_get_type ())
G_DECLARE_FINAL_TYPE (LoomItemAccessible, loom_item_accessible, LOOM, ITEM_ACCESSIBLE, AtkObject)

/* @canvas is held weakly; once it is gone the object is defunct. */
LoomItemAccessible *loom_item_accessible_new (LoomCanvas *canvas, LoomItemKind kind,
                                              const char *id);
/* The item was renamed (@id), or changed its state (NULL): says the new name if it is one. */
void loom_item_accessible_update (LoomItemAccessible *self, const char *id);
/* The item is gone. */
void loom_item_accessible_retire (LoomItemAccessible *self);

G_END_DECLS
