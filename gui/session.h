/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The running side of a window: keeps the lab that is drawn and the lab that runs in step.
 *
 * Its life is that of LoomClient, seen by a person: off, starting (can be cancelled), running,
 * stopping. While it runs every edit of the lab is applied a moment later; an edit made elsewhere
 * comes in as one change that can be undone.
 *
 * Signals:
 *  "changed" ():  the state of the lab or of a node is another
 *  "cost-changed" ():  CPU, memory or the minutes of the run are others
 *  "message" (const char *severity, const char *text)
 *  "host-missing" (const char *text):  the start was refused because the host lacks something
 *  "does-not-fit" (const char *text):  the start was refused because the lab needs more than this
 *      computer has; loom_session_start_anyway () goes on, loom_session_start_first () with what
 *      fits, if loom_session_can_start_first ()
 *  "closed" ():  the lab is over, or its start is: nothing of it is left
 */

#pragma once

#include "backend/engine/client.h"
#include "gui/document.h"

G_BEGIN_DECLS

#define LOOM_TYPE_SESSION (loom_session_get_type ())
G_DECLARE_FINAL_TYPE (LoomSession, loom_session, LOOM, SESSION, GObject)

LoomSession *loom_session_new (LoomDocument *document);
LoomStatus *loom_session_get_status (LoomSession *self);
/* (transfer none) (nullable): the client while there is a running lab. */
LoomClient *loom_session_get_client (LoomSession *self);
/* (transfer none) (nullable): loom_client_get_hangs () of a lab that runs, also while it is without
 * its engine. */
GHashTable *loom_session_get_hangs (LoomSession *self);
LoomLabState loom_session_get_state (LoomSession *self);
/* (nullable): what kind of node @node is, as it is drawn. */
const LoomKind *loom_session_get_kind (LoomSession *self, const char *node);
/* Whether a lab runs or is about to: closing the window has something to ask. */
gboolean loom_session_is_live (LoomSession *self);

/* Starts the document's lab; the document must have a file. Reports by signals. */
void loom_session_start (LoomSession *self);
/* The same, whatever the lab needs. */
void loom_session_start_anyway (LoomSession *self);
/* Of the lab that did not fit: the machines that do; the others stay off. */
void loom_session_start_first (LoomSession *self);
gboolean loom_session_can_start_first (LoomSession *self);
/* Gives up a start. */
void loom_session_cancel (LoomSession *self);
void loom_session_stop (LoomSession *self);
/* Attaches if the lab of the document's file runs already; silent if not. */
void loom_session_attach (LoomSession *self);
/* Leaves the lab running and lets go of it. */
void loom_session_detach (LoomSession *self);
/* @node (nullable): all that failed. */
void loom_session_repair (LoomSession *self, const char *node);
/* Whether there is something to repair in the running lab: a node, or what cables share, has failed
 * or hangs. Told by "changed" and "hangs-changed". */
gboolean loom_session_has_failed (LoomSession *self);
/* @action: as of loom_client_power_async (). */
void loom_session_power (LoomSession *self, const char *node, const char *action);

/* Counters are read only while someone looks. */
void loom_session_set_visible (LoomSession *self, gboolean visible);
/* -1: unknown. */
gint64 loom_session_get_running_us (LoomSession *self);
double loom_session_get_cpu_percent (LoomSession *self);
gint64 loom_session_get_memory_kib (LoomSession *self);
/* Whether machines run by KVM here, as far as is known: it is found out by the first start. */
gboolean loom_session_get_kvm (LoomSession *self);

G_END_DECLS
