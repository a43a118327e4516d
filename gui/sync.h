/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Keeps the lab that is drawn and the document of the running lab the same: edits from here go out
 * in order, edits from elsewhere come in as one change that can be undone.
 *
 * Signals:
 *  "message" (const char *severity, const char *text)
 */

#pragma once

#include "backend/engine/client.h"
#include "gui/document.h"

G_BEGIN_DECLS

#define LOOM_TYPE_SYNC (loom_sync_get_type ())
G_DECLARE_FINAL_TYPE (LoomSync, loom_sync, LOOM, SYNC, GObject)

LoomSync *loom_sync_new (LoomDocument *document);
/* @client (nullable): of the lab that is about to run; with another one everything that waited for
 * the last is forgotten. */
void loom_sync_set_client (LoomSync *self, LoomClient *client);
/* The document's lab was changed: by the person, or by ourselves. */
void loom_sync_add_change (LoomSync *self, const LoomChange *change);
/* The client is attached: what was edited meanwhile goes out. */
void loom_sync_begin (LoomSync *self);
/* Nothing more is sent: the lab is being stopped. */
void loom_sync_end (LoomSync *self);
/* Takes over the running lab's document (text of a project file; nullable), with what was edited
 * here and not sent yet as a change that undo brings back; unless an edit of ours is on its way:
 * that one meets a conflict, and merges then.
 * @renames (nullable): old → new names of nodes that are the same. */
void loom_sync_take_over (LoomSync *self, const char *document, GHashTable *renames);

G_END_DECLS
