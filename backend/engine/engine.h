/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The engine of one lab: holds the document that is wanted, what is set up, and brings the one to
 * the other. Its D-Bus face is backend/engine/service.h.
 *
 * Signals:
 *  "node-changed" (name, state id, detail, double progress)
 *  "node-gone" (name)
 *  "document-changed" (GVariant *renames, of type a{ss}):  a document was accepted
 *  "state-changed" ():                    loom_engine_get_state () has a new value
 *  "message" (severity, text)
 */

#pragma once

#include "backend/engine/plan.h"
#include "backend/qemu/guest.h"
#include "canvas/model/status.h"

G_BEGIN_DECLS

#define LOOM_TYPE_ENGINE (loom_engine_get_type ())
G_DECLARE_FINAL_TYPE (LoomEngine, loom_engine, LOOM, ENGINE, GObject)

/* Brings the switch up at once. If the runtime folder has the state of an engine before this one,
 * its guests and its switch are adopted. @file, @runtime_folder, @disk_folder: absolute. */
LoomEngine *loom_engine_new (LoomCatalogue *catalogue, const char *file, const char *runtime_folder,
                             const char *disk_folder);

const char *loom_engine_get_file (LoomEngine *self);
const char *loom_engine_get_document (LoomEngine *self);
guint64 loom_engine_get_generation (LoomEngine *self);
LoomLabState loom_engine_get_state (LoomEngine *self);
LoomAccel loom_engine_get_accel (LoomEngine *self);
gint64 loom_engine_get_started_unix_us (LoomEngine *self);

/* As the methods of org.lanloom.Engine of the same names. Errors: LOOM_ENGINE_ERROR. @renames:
 * (nullable) old name → new name. */
gboolean loom_engine_apply (LoomEngine *self, const char *document, guint64 base,
                            GHashTable *renames, guint64 *ret_generation, GError **error);
/* Of the machines that the next document brings, only those called @names start. */
void loom_engine_start_only (LoomEngine *self, const char *const *names);
LoomPlan *loom_engine_plan (LoomEngine *self, const char *document, GHashTable *renames,
                            GError **error);
/* Answers when the switch is whole again, or cannot be. */
void loom_engine_repair_async (LoomEngine *self, const char *const *nodes,
                               GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_engine_repair_finish (LoomEngine *self, GAsyncResult *result, GError **error);
gboolean loom_engine_power (LoomEngine *self, const char *node, const char *action, GError **error);
/* (transfer full): path of the console's socket, "" if there is none. */
char *loom_engine_dup_console (LoomEngine *self, const char *node, const char *type,
                               GError **error);
/* (transfer none): the guest of @node, ready for commands. */
LoomGuest *loom_engine_get_guest (LoomEngine *self, const char *node, GError **error);
/* From now on the lab is stopping: nothing is started any more. */
void loom_engine_begin_stop (LoomEngine *self);

/* (transfer full): floating, of type a(sssd). */
GVariant *loom_engine_list_nodes (LoomEngine *self);
/* (transfer full): floating, of type a(ssutt). */
GVariant *loom_engine_list_processes (LoomEngine *self);
/* Reads the counters of all links now; readings asked for within a few ms share one. */
void loom_engine_counters_async (LoomEngine *self, GAsyncReadyCallback callback,
                                 gpointer user_data);
/* (transfer full): floating, the answer of GetCounters: (xasabatad). Never fails: while the switch
 * does not answer these are the last known. */
GVariant *loom_engine_counters_finish (LoomEngine *self, GAsyncResult *result);

G_END_DECLS
