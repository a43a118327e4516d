/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One end of a JSON-RPC 1.0 connection as OVSDB speaks it (RFC 7047 section 4): calls, their
 * answers in any order, notifications, and the peer's "echo", which is answered here. A server is
 * an end with a handler for what else the peer calls.
 *
 * Signals:
 *  "notification" (const char *method, JsonArray *params)
 *  "closed" (GError *error): once; every call in flight has failed by then. */

#pragma once

#include "backend/proto/channel.h"
#include "backend/proto/json.h"

G_BEGIN_DECLS

#define LOOM_TYPE_JSON_RPC (loom_json_rpc_get_type ())
G_DECLARE_FINAL_TYPE (LoomJsonRpc, loom_json_rpc, LOOM, JSON_RPC, GObject)

/* Takes over @channel, which closes with it. @max_message and @max_depth bound what the peer says:
 * bytes of one message, nesting. */
LoomJsonRpc *loom_json_rpc_new (LoomChannel *channel, gsize max_message, guint max_depth);

/* Calls @method. @params (transfer full): an array. Fails with LOOM_PROTO_ERROR_REMOTE when the
 * peer answers with an error, G_IO_ERROR_TIMED_OUT after @timeout_ms, or as the connection does. */
void loom_json_rpc_call_async (LoomJsonRpc *self, const char *method, JsonNode *params,
                               guint timeout_ms, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
/* (transfer full): the result. */
JsonNode *loom_json_rpc_call_finish (LoomJsonRpc *self, GAsyncResult *result, GError **error);

/* The peer calls @method. Whoever handles it answers, at once or later, with @id. */
typedef void (*LoomJsonRpcHandler) (LoomJsonRpc *self, const char *method, JsonArray *params,
                                    JsonNode *id, gpointer user_data);
/* Without a handler, all that the peer calls but "echo" is answered "unknown method". */
void loom_json_rpc_set_handler (LoomJsonRpc *self, LoomJsonRpcHandler handler, gpointer user_data);

/* Answers the call @id with @result (transfer full), or, when that is NULL, with @error. */
void loom_json_rpc_answer (LoomJsonRpc *self, JsonNode *id, JsonNode *result, const char *error);

/* Says @method without awaiting an answer. @params (transfer full): an array. */
void loom_json_rpc_notify (LoomJsonRpc *self, const char *method, JsonNode *params);

/* Bytes that wait to be sent. */
gsize loom_json_rpc_get_n_queued (LoomJsonRpc *self);

gboolean loom_json_rpc_is_open (LoomJsonRpc *self);
void loom_json_rpc_close (LoomJsonRpc *self);

G_END_DECLS
