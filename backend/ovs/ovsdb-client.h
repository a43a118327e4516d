/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A connection to a private ovsdb-server: transactions, and a copy of the rows that matter.
 *
 * Signals:
 *  "changed" ():             the cache took in an update
 *  "closed" (GError *error): once */

#pragma once

#include <gio/gio.h>

#include "backend/ovs/ovsdb-cache.h"

G_BEGIN_DECLS

#define LOOM_TYPE_OVSDB_CLIENT (loom_ovsdb_client_get_type ())
G_DECLARE_FINAL_TYPE (LoomOvsdbClient, loom_ovsdb_client, LOOM, OVSDB_CLIENT, GObject)

/* Connects to the socket at @path and starts to monitor. */
void loom_ovsdb_client_connect_async (const char *path, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data);
LoomOvsdbClient *loom_ovsdb_client_connect_finish (GAsyncResult *result, GError **error);

LoomOvsdbCache *loom_ovsdb_client_get_cache (LoomOvsdbClient *self);

/* Runs @operations (transfer full), an array of <operation>s (RFC 7047 section 5.2), as one
 * transaction. Fails with LOOM_SWITCH_ERROR_REFUSED when one of them does. */
void loom_ovsdb_client_transact_async (LoomOvsdbClient *self, JsonArray *operations,
                                       GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean loom_ovsdb_client_transact_finish (LoomOvsdbClient *self, GAsyncResult *result,
                                            GError **error);

/* RFC 7047 section 4.1.11: whether the server answers. */
void loom_ovsdb_client_echo_async (LoomOvsdbClient *self, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_ovsdb_client_echo_finish (LoomOvsdbClient *self, GAsyncResult *result,
                                        GError **error);

/* Whether every element of a "transact" answer succeeded. Pure. */
gboolean loom_ovsdb_check_transact_result (JsonNode *result, GError **error);

gboolean loom_ovsdb_client_is_open (LoomOvsdbClient *self);
void loom_ovsdb_client_close (LoomOvsdbClient *self);

G_END_DECLS
