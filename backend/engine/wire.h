/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The engine's side of the lab's wire: starts lanloom-wire when somebody needs it, keeps it up, and
 * ends it some seconds after nobody does. It gets huge pages if enough are free, until it ends by
 * itself. Its protocol is described in backend/wire/PROTOCOL.md.
 *
 * off       nothing runs. To starting when it is needed.
 * starting  the process runs; its socket is tried until it answers, which takes DPDK about a
 *           second. To up when it does.
 * up        it answers. To waiting when it dies or hangs up, to late when it says nothing for
 *           LOOM_PULSE_PATIENCE_S.
 * late      it lives and does not answer. To up when it does, to waiting when it dies.
 * waiting   it died; after a pause that doubles, to starting. After MAX_RESTARTS deaths within a
 *           minute, to off with a failure, until somebody asks (loom_wire_retry ()).
 *
 * Signals:
 *  "changed" ():  loom_wire_is_up () or the failure differ
 *  "notification" (const char *method, JsonObject *params)
 *  "message" (const char *severity, const char *text)
 */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Below the runtime folder of the lab: its sockets and its log. */
#define LOOM_WIRE_FOLDER "wire"

#define LOOM_TYPE_WIRE (loom_wire_get_type ())
G_DECLARE_FINAL_TYPE (LoomWire, loom_wire, LOOM, WIRE, GObject)

/* Finds a wire that an engine before this one started. */
LoomWire *loom_wire_new (const char *runtime_folder);
/* Whether there is one, not yet connected to, that an engine before this one started. */
gboolean loom_wire_is_adopting (LoomWire *self);
void loom_wire_set_needed (LoomWire *self, gboolean needed);

gboolean loom_wire_is_up (LoomWire *self);
/* Differs after each connection, and each time it was late: what was asked before means nothing any
 * more. */
guint loom_wire_get_epoch (LoomWire *self);
/* To be called every second or so: finds out whether it answers. */
void loom_wire_tick (LoomWire *self, gint64 now_us);
/* It is not up, and has what it was told: it may go on at any time. */
gboolean loom_wire_is_late (LoomWire *self);
/* If it is late: lets it go on when it was stopped, ends it otherwise (it is started again). */
void loom_wire_wake (LoomWire *self);
/* (transfer none) (nullable): why it does not run and will not by itself. */
const char *loom_wire_get_failure (LoomWire *self);
/* Tries again after a failure. */
void loom_wire_retry (LoomWire *self);
/* 0: no process. */
GPid loom_wire_get_pid (LoomWire *self);
/* (transfer full): path of socket @port (0: beside end a) of the cable @cookie. */
char *loom_wire_dup_socket (const char *runtime_folder, guint64 cookie, int port);

/* @params (transfer full): an object. Only while it is up. */
void loom_wire_call_async (LoomWire *self, const char *method, JsonObject *params,
                           GAsyncReadyCallback callback, gpointer user_data);
/* (transfer full): the result. */
JsonNode *loom_wire_call_finish (LoomWire *self, GAsyncResult *result, GError **error);

G_END_DECLS
