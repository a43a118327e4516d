/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The machine protocol of QEMU (docs/interop/qmp-spec.txt): a greeting, commands and their answers
 * in order, events in between. One JSON object a line. Bounded: 1 MiB and 32 brackets a message.
 *
 * Signals:
 *  "command" (): one was given; it goes out now, or after those before it.
 *  "event" (const char *name, JsonObject *data): data may be NULL.
 *  "closed" (GError *error): once; commands in flight have failed by then. */

#pragma once

#include "backend/proto/channel.h"
#include "backend/proto/json.h"

G_BEGIN_DECLS

#define LOOM_QMP_MAX_MESSAGE (1024 * 1024)
#define LOOM_QMP_MAX_DEPTH 32

#define LOOM_TYPE_QMP_CLIENT (loom_qmp_client_get_type ())
G_DECLARE_FINAL_TYPE (LoomQmpClient, loom_qmp_client, LOOM, QMP_CLIENT, GObject)

/* @connection: (transfer none): to QEMU's QMP socket; closes with the client. Commands wait until
 * QEMU has greeted. An open client keeps itself alive. */
LoomQmpClient *loom_qmp_client_new (GSocketConnection *connection);

/* Executes @command, after those given before. @arguments: (transfer full) (nullable): an object.
 * Fails with LOOM_GUEST_ERROR_COMMAND (_NOT_FOUND: no such device) and QEMU's own words when QEMU
 * refuses, _PROTOCOL when it talks nonsense, _DIED when it goes away. Cancelling gives up the
 * waiting only. */
void loom_qmp_client_execute_async (LoomQmpClient *self, const char *command, JsonNode *arguments,
                                    GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user_data);
/* (transfer full): what "return" holds. */
JsonNode *loom_qmp_client_execute_finish (LoomQmpClient *self, GAsyncResult *result,
                                          GError **error);

gboolean loom_qmp_client_is_open (LoomQmpClient *self);
/* Whether no command waits or is under way. */
gboolean loom_qmp_client_is_idle (LoomQmpClient *self);
void loom_qmp_client_close (LoomQmpClient *self);

G_END_DECLS
