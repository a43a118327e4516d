/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of LoomClient share: client.c (object), client-connect.c (connection),
 * client-view.c (what the engine tells), client-fit.c (whether it fits), client-start.c and
 * client-stop.c, client-calls.c (calls of an attached client), client-capture.c (why one ends). */

#pragma once

#include "backend/engine/client.h"
#include "backend/engine/engine-dbus.h"
#include "backend/proto/pulse.h"

G_BEGIN_DECLS

#define LOOM_CLIENT_POLL_MS 50 /* how often a socket or folder is looked for */

struct _LoomClient {
  GObject parent_instance;

  char *file;
  char *runtime_dir;
  LoomClientState state;
  gboolean force; /* start whatever the fit check says */
  GStrv only;     /* machines that are to start; or NULL: all */

  /* While connected. */
  GDBusConnection *connection;
  LoomDBusEngine *proxy;
  guint32 engine_host_pid; /* 0: unknown */
  GHashTable *nodes;       /* char * (in the value) → LoomClientNode */
  char *document;
  guint64 generation;
  LoomLabState lab_state;

  /* Document changes that came while an apply of ours was under way: which of them is our own is
   * known only when it has returned. */
  guint n_applies;
  GQueue held;            /* of DocumentChange */
  guint64 own_generation; /* of our last apply */
  GQueue unanswered;      /* of GTask: applies whose engine ended before it answered */

  GCancellable *cancellable; /* of the reconnect in the background; or NULL */

  guint32 last_engine_host_pid; /* of the last engine that took our connection, or did not; or 0 */
  GHashTable *hangs;            /* item → sentence */
  guint pulse_id;
  LoomPulse engine_pulse;
  LoomPulse keeper_pulse;
  guint32 keeper_host_pid; /* 0: not known yet */
};

void loom_client_set_state (LoomClient *self, LoomClientState state);

/* client-pulse.c: what hangs, looked at while attached, and while an engine is waited for. */
void loom_client_pulse_begin (LoomClient *self);
void loom_client_pulse_end (LoomClient *self);
/* Something may hang that did not, or the other way round. */
void loom_client_update_hangs (LoomClient *self);
/* Brings back what the engine cannot: itself, and the keeper. FALSE: there is nothing to call the
 * engine for, since it is the one. */
gboolean loom_client_wake (LoomClient *self);

/* Waits for the engine's socket for @timeout_ms and makes this client its client.
 * Gives up at once when nobody holds the lab's lock and @keeper (nullable) has ended. */
void loom_client_connect_async (LoomClient *self, guint timeout_ms, GSubprocess *keeper,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean loom_client_connect_finish (LoomClient *self, GAsyncResult *result, GError **error);
/* Drops the connection without a signal. */
void loom_client_disconnect (LoomClient *self);
/* The lab is over: detached, "closed" emitted. @reason (nullable) */
void loom_client_close (LoomClient *self, const GError *reason);

/* A connection of its own to the engine's socket. */
void loom_client_open_connection_async (LoomClient *self, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data);
GDBusConnection *loom_client_open_connection_finish (LoomClient *self, GAsyncResult *result,
                                                     guint32 *ret_peer_pid, GError **error);

/* What is known of the lab: empty at first, and again when the lab is over. */
void loom_client_view_init (LoomClient *self);
void loom_client_view_clear (LoomClient *self);
/* Follows the signals of a new proxy; then takes what the engine has: @nodes is GetNodes' a(sssd).
 */
void loom_client_view_watch (LoomClient *self);
void loom_client_view_take (LoomClient *self, GVariant *nodes);
void loom_client_set_lab_state (LoomClient *self, LoomLabState state);

/* Our own document was accepted as @generation; or (0) it was not. Ends what hold began. */
void loom_client_hold_documents (LoomClient *self);
void loom_client_release_documents (LoomClient *self, const char *document, guint64 generation);

/* client-calls.c: applies whose engine ended before it answered. The next engine is asked; or there
 * is none. */
void loom_client_resume_applies (LoomClient *self);
void loom_client_fail_applies (LoomClient *self);

/* Whether a call failed since its connection ended. */
gboolean loom_client_was_lost (const GError *error);
/* (transfer full): @error (transfer full) as callers of LoomClient see it. */
GError *loom_client_translate_error (LoomClient *self, GError *error);
/* FALSE and @task returned with an error when the client is not attached. */
gboolean loom_client_check_attached (LoomClient *self, GTask *task);
/* (transfer full): a task for a call of an attached client; NULL, and @callback told, when it is
 * not attached. */
GTask *loom_client_task_new (LoomClient *self, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
/* Ends @task with @error (transfer full), in words for people. */
void loom_client_return_error (GTask *task, GError *error);

/* (transfer full): the machines that are off, as last reported. */
GStrv loom_client_dup_off (LoomClient *self);

G_END_DECLS
