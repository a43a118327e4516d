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
 *  "held-changed" (link id, guint n)
 *  "hangs-changed" ():                    loom_engine_get_hangs () has a new value
 */

#pragma once

#include <json-glib/json-glib.h>

#include "backend/engine/plan.h"
#include "backend/qemu/guest.h"
#include "canvas/model/status.h"

G_BEGIN_DECLS

/* Items of loom_engine_get_hangs () that are no nodes; see LOOM_CLIENT_HANG_ENGINE, too. */
#define LOOM_HANG_SWITCH ":switch"
#define LOOM_HANG_INIT ":init"
#define LOOM_HANG_WIRE ":wire"
#define LOOM_HANG_FOLDER ":folder" /* what is to outlive the engine cannot be written */

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
/* Whether the runtime folder was deleted, and the socket in it: nobody can connect any more. */
gboolean loom_engine_has_lost_folder (LoomEngine *self);

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

/* (transfer none) (nullable): a{ss}, what lives and does not answer: a node's name or an item as
 * above, and a sentence about it. NULL: not known yet. */
GVariant *loom_engine_get_hangs (LoomEngine *self);

/* (transfer full): floating, of type a(sssd). */
GVariant *loom_engine_list_nodes (LoomEngine *self);
/* (transfer full): floating, of type a(ssutt). */
GVariant *loom_engine_list_processes (LoomEngine *self);
/* As the methods of org.lanloom.Engine of the same names; @params of the wire's protocol
 * (backend/wire/PROTOCOL.md), without the cables: they are put in here. */
void loom_engine_hold_async (LoomEngine *self, const char *link, const char *from, gboolean on,
                             const char *filter, GAsyncReadyCallback callback, gpointer user_data);
void loom_engine_get_held_async (LoomEngine *self, const char *link, GAsyncReadyCallback callback,
                                 gpointer user_data);
void loom_engine_act_async (LoomEngine *self, const char *link, const guint64 *ids, gsize n_ids,
                            const char *action, double delay_ms, GAsyncReadyCallback callback,
                            gpointer user_data);
void loom_engine_capture_async (LoomEngine *self, const char *id, const char *const *ends,
                                JsonObject *params, GAsyncReadyCallback callback,
                                gpointer user_data);
/* The reading end of its owner's pipe, the caller's; closing it ends the capture. -1: @error. */
int loom_engine_capture_finish (LoomEngine *self, GAsyncResult *result, GError **error);
void loom_engine_stop_capture_async (LoomEngine *self, const char *id, GAsyncReadyCallback callback,
                                     gpointer user_data);
void loom_engine_save_capture_async (LoomEngine *self, const char *id, const char *path,
                                     GAsyncReadyCallback callback, gpointer user_data);
/* (transfer full): what the wire answered, for all of these but loom_engine_capture_async (). */
JsonNode *loom_engine_tap_finish (LoomEngine *self, GAsyncResult *result, GError **error);
/* Samples of the frames of @links ("pc1:0 pc2:0"; what the lab does not have is left out). */
void loom_engine_watch_async (LoomEngine *self, const char *const *links, guint per_second,
                              GAsyncReadyCallback callback, gpointer user_data);
/* The reading end of their pipe, the caller's; closing it ends the watch. -1: @error. @ret_cables
 * (transfer full): of type a(tb), by link: how samples call the cable (0: there is none), and
 * whether what is forward leaves the link's second end. */
int loom_engine_watch_finish (LoomEngine *self, GAsyncResult *result, GVariant **ret_cables,
                              GError **error);
/* (transfer full) (nullable): "pc1:0", the end that frames of the direction "forward" or "backward"
 * of the cable @link leave. */
char *loom_engine_dup_direction_end (LoomEngine *self, const char *link, const char *direction);

/* Reads the counters of all links now; readings asked for within a few ms share one. */
void loom_engine_counters_async (LoomEngine *self, GAsyncReadyCallback callback,
                                 gpointer user_data);
/* (transfer full): floating, the answer of GetCounters: (xasabatad). Never fails: while the switch
 * does not answer these are the last known. */
GVariant *loom_engine_counters_finish (LoomEngine *self, GAsyncResult *result);

G_END_DECLS
