/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A client of the engine of one lab: what the window and lanloomctl talk to a running lab with.
 *
 * One LoomClient stands for one project file for as long as the caller likes: detached, starting,
 * attached, stopping, and detached again. All calls are asynchronous, belong to the main context
 * they were made in, and fail with LOOM_ENGINE_ERROR (backend/engine/error.h), G_IO_ERROR_CANCELLED
 * when their cancellable was used, and messages that are sentences for people.
 *
 * Signals:
 *  "state-changed" ():  loom_client_get_state () has a new value
 *  "progress" (const char *sentence):  while starting: what is being done now
 *  "node-changed" (const char *name, LoomNodeState state, const char *detail, double progress):
 *      detail is "" when there is nothing to say; progress -1 when unknown. After attaching and
 *      after reconnecting it is emitted once for every node, so that a view need not ask.
 *  "node-gone" (const char *name)
 *  "lab-state-changed" (LoomLabState state)
 *  "document-changed" (const char *document, guint64 generation, GHashTable *renames):
 *      another client changed the lab. What this client applied is not reported back to it.
 *      renames: old name → new name.
 *  "message" (const char *severity, const char *text):  "info", "warning" or "error"
 *  "hangs-changed" ():  loom_client_get_hangs () has a new value
 *  "reconnected" ():  the engine had ended and init has started it again; all calls work again
 *  "closed" (const GError *reason):  the lab is over. NULL: it was stopped, by whomever.
 */

#pragma once

#include <gio/gio.h>

#include "backend/engine/error.h"
#include "canvas/model/status.h"

G_BEGIN_DECLS

/* The proxy made by gdbus-codegen; include "backend/engine/engine-dbus.h" to use it. */
typedef struct _LoomDBusEngine LoomDBusEngine;

typedef enum {
  LOOM_CLIENT_DETACHED,     /* no lab; to ATTACHING or STARTING by a call */
  LOOM_CLIENT_ATTACHING,    /* waits for the socket of a lab that should run */
  LOOM_CLIENT_STARTING,     /* checks the host, spawns init, waits for the socket, applies */
  LOOM_CLIENT_ATTACHED,     /* calls work; to RECONNECTING when the connection breaks */
  LOOM_CLIENT_RECONNECTING, /* init may be restarting the engine; back to ATTACHED or DETACHED */
  LOOM_CLIENT_STOPPING,     /* waits for the runtime folder to go away */
} LoomClientState;

#define LOOM_TYPE_CLIENT (loom_client_get_type ())
G_DECLARE_FINAL_TYPE (LoomClient, loom_client, LOOM, CLIENT, GObject)

/* @file: path of the project file, which must exist; relative paths and symlinks are resolved now.
 * The lab's identity is the file's real path: the same file is the same lab for everyone. */
LoomClient *loom_client_new (const char *file, GError **error);

/* Absolute, resolved. */
const char *loom_client_get_file (LoomClient *self);
/* Absolute path of the lab's runtime folder, whether it exists or not. */
const char *loom_client_get_runtime_dir (LoomClient *self);
LoomClientState loom_client_get_state (LoomClient *self);
/* The generation this client is in step with: what to hand to apply_async () as @base. */
guint64 loom_client_get_generation (LoomClient *self);
/* (nullable): the document the engine works towards; NULL when detached. */
const char *loom_client_get_document (LoomClient *self);
LoomLabState loom_client_get_lab_state (LoomClient *self);
/* (transfer none) (nullable): for calls that have no wrapper here; NULL when not attached. */
LoomDBusEngine *loom_client_get_proxy (LoomClient *self);

/* Whether starts and edits go on when they need more than this computer has. FALSE unless set. */
void loom_client_set_force (LoomClient *self, gboolean force);

/* Starts bring up only the machines called @only (nullable: all of them), and leave the others off.
 * Switches and hubs are there in any case. */
void loom_client_set_only (LoomClient *self, const char *const *only);

/* Attaches to a lab that runs. LOOM_ENGINE_ERROR_NOT_RUNNING if none does; quick either way. */
void loom_client_attach_async (LoomClient *self, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_client_attach_finish (LoomClient *self, GAsyncResult *result, GError **error);

/* Starts the lab with @document (text of a project file; relative paths in it are relative to the
 * client's file) or, if it runs already, attaches without applying anything.
 * Resolves once the document is accepted; from then on nodes report by "node-changed".
 * LOOM_ENGINE_ERROR_HOST names missing programs with their packages; LOOM_ENGINE_ERROR_TOO_LARGE
 * says what the lab needs and what there is (see loom_client_set_force ()). Cancelled or failed,
 * whatever this call began is ended again before it resolves. */
void loom_client_start_async (LoomClient *self, const char *document, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
/* (transfer full): the machines that would fit together, when the last start was refused as
 * LOOM_ENGINE_ERROR_TOO_LARGE; empty when none would. */
GStrv loom_client_dup_start_first (LoomClient *self, GAsyncResult *result);
/* @ret_was_running (optional): TRUE if the lab ran already. */
gboolean loom_client_start_finish (LoomClient *self, GAsyncResult *result,
                                   gboolean *ret_was_running, GError **error);

/* Makes @document what the lab should be. @base: the generation it was made from, usually
 * loom_client_get_generation (). @renames (nullable): (const char * → const char *) old → new names
 * of nodes that stay the same machine. LOOM_ENGINE_ERROR_CONFLICT if another client was faster;
 * LOOM_ENGINE_ERROR_TOO_LARGE if what is added does not fit on this computer. When the engine ends
 * before it has answered, the next one is given the edit, unless it was taken. */
void loom_client_apply_async (LoomClient *self, const char *document, guint64 base,
                              GHashTable *renames, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
/* @ret_generation (optional): the new one. */
gboolean loom_client_apply_finish (LoomClient *self, GAsyncResult *result, guint64 *ret_generation,
                                   GError **error);

/* Ends the lab; resolves when everything of it is gone. Works from any state: a lab whose engine no
 * longer answers is ended through its keeper. A start or an attach that is under way ends first:
 * cancel it to be quick. */
void loom_client_stop_async (LoomClient *self, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_client_stop_finish (LoomClient *self, GAsyncResult *result, GError **error);

/* Items of loom_client_get_hangs () that only a client can see; no node's name has a colon in it.
 */
#define LOOM_CLIENT_HANG_ENGINE ":engine"
#define LOOM_CLIENT_HANG_KEEPER ":keeper"

/* (transfer none): item → sentence, of what lives and has not answered for some seconds: a node's
 * name, ":switch", ":init", ":engine" or ":keeper". loom_client_repair_async () brings it back;
 * machines only when they are named. */
GHashTable *loom_client_get_hangs (LoomClient *self);

/* Leaves the lab running and forgets it. No signal. */
void loom_client_detach (LoomClient *self);

/* Asks the engine to try again what failed. @nodes (nullable): names; NULL: everything. */
void loom_client_repair_async (LoomClient *self, const char *const *nodes,
                               GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean loom_client_repair_finish (LoomClient *self, GAsyncResult *result, GError **error);

/* @action: "start", "stop", "restart", "pause", "resume". A start that does not fit on this
 * computer is LOOM_ENGINE_ERROR_TOO_LARGE (see loom_client_set_force ()). */
void loom_client_power_async (LoomClient *self, const char *node, const char *action,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean loom_client_power_finish (LoomClient *self, GAsyncResult *result, GError **error);

typedef struct {
  char *name;
  LoomNodeState state;
  char *detail;
  double progress;
} LoomClientNode;

/* The nodes as last reported, (transfer container), of LoomClientNode owned by the client, sorted
 * by name. No call: the client keeps them in step. */
GPtrArray *loom_client_list_nodes (LoomClient *self);

typedef struct {
  char *id; /* "pc1:0 pc2:0" */
  LoomLinkStatus status;
  char *wire_state; /* "through", or how far it is on its way into the wire or out; "": neither */
} LoomClientCounters;

/* Counters of every cable, read now. */
void loom_client_counters_async (LoomClient *self, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);
/* (transfer full): of LoomClientCounters, as the engine sent them.
 * @ret_time_us (optional): monotonic time of the reading. */
GPtrArray *loom_client_counters_finish (LoomClient *self, GAsyncResult *result, gint64 *ret_time_us,
                                        GError **error);

/* Runs @argv in the guest of @node. The file descriptors are the command's standard streams: they
 * are duplicated, the caller keeps its own and closes its copies of pipe ends itself. Cancelling
 * ends the command. */
void loom_client_exec_async (LoomClient *self, const char *node, const char *const *argv, int in_fd,
                             int out_fd, int err_fd, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
/* The command's exit status (128 + signal if one ended it), or -1 with @error. */
int loom_client_exec_finish (LoomClient *self, GAsyncResult *result, GError **error);

/* Waits until a capture ends by itself, also while there is no engine. @owner: what StartCapture
 * answered; the caller keeps it for as long as there is to be a capture. One that has ended is
 * still to be stopped: only then is all of it written, and counted. Whoever stops it cancels this
 * first. */
void loom_client_hear_capture_end_async (LoomClient *self, GUnixFDList *owner,
                                         GCancellable *cancellable, GAsyncReadyCallback callback,
                                         gpointer user_data);
/* (transfer full): a sentence on why, also when wire or lab ended; NULL when it was cancelled.
 * @ret_was_limit: as many bytes or seconds came as were asked for. */
char *loom_client_hear_capture_end_finish (LoomClient *self, GAsyncResult *result,
                                           gboolean *ret_was_limit, GError **error);

/* Connects to a console of @node. @type: "serial" or "spice".
 * LOOM_ENGINE_ERROR_UNSUPPORTED when the node has none. */
void loom_client_open_console_async (LoomClient *self, const char *node, const char *type,
                                     GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer user_data);
/* (transfer full) */
GSocketConnection *loom_client_open_console_finish (LoomClient *self, GAsyncResult *result,
                                                    GError **error);

/* A process of the lab. */
typedef struct {
  char *role;       /* "keeper", "init", "engine", "ovsdb-server", "ovs-vswitchd", "wire", "qemu" */
  char *node;       /* node it runs for, or "" */
  guint32 pid;      /* inside the lab's pid namespace; 0 for the keeper */
  guint32 host_pid; /* as the host sees it; 0 if none of the lab's could be found */
  gboolean is_stopped; /* by a signal */
  guint64 resident_kib;
  guint64 cpu_ms;
} LoomClientProcess;

void loom_client_processes_async (LoomClient *self, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
/* (transfer full): of LoomClientProcess; without those that ended while they were looked up. */
GPtrArray *loom_client_processes_finish (LoomClient *self, GAsyncResult *result, GError **error);

G_END_DECLS
