/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A connection to the program inside the guest that runs commands for us and says when it is ready.
 *
 * Signals:
 *  "state" (guint state, guint note, guint value, const char *text): as in
 *      backend/guest/protocol.h; text is valid UTF-8 of at most 256 bytes. The first one comes
 *      when the guest has answered; commands may be given from then on.
 *  "closed" (GError *error): once; whatever was going on has failed by then. */

#pragma once

#include <gio/gio.h>

#include "backend/proto/channel.h"

G_BEGIN_DECLS

#define LOOM_TYPE_AGENT_CLIENT (loom_agent_client_get_type ())
G_DECLARE_FINAL_TYPE (LoomAgentClient, loom_agent_client, LOOM, AGENT_CLIENT, GObject)

/* @channel: (transfer full): connected; closes with the client. An open client keeps itself
 * alive. */
LoomAgentClient *loom_agent_client_new (LoomChannel *channel);
gboolean loom_agent_client_is_ready (LoomAgentClient *self);
void loom_agent_client_close (LoomAgentClient *self);

/* See loom_guest_exec_async (). */
void loom_agent_client_exec_async (LoomAgentClient *self, const char *const *argv, int in_fd,
                                   int out_fd, int err_fd, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_agent_client_exec_finish (LoomAgentClient *self, GAsyncResult *result,
                                        int *ret_status, GError **error);

/* @config: text as described in backend/guest/protocol.h. Fails with LOOM_GUEST_ERROR_COMMAND and
 * the guest's words when a part of it could not be set. */
void loom_agent_client_configure_async (LoomAgentClient *self, const char *config,
                                        GCancellable *cancellable, GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean loom_agent_client_configure_finish (LoomAgentClient *self, GAsyncResult *result,
                                             GError **error);

/* Asks the guest to power off. FALSE: it cannot be asked. */
gboolean loom_agent_client_power_off (LoomAgentClient *self);

G_END_DECLS
