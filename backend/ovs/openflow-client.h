/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A kept OpenFlow connection to one bridge, over its management socket `<rundir>/<bridge>.mgmt`.
 *
 * Signals:
 *  "closed" (GError *error): once; every request in flight has failed by then. */

#pragma once

#include <gio/gio.h>

#include "backend/ovs/openflow.h"

G_BEGIN_DECLS

#define LOOM_TYPE_OPENFLOW_CLIENT (loom_openflow_client_get_type ())
G_DECLARE_FINAL_TYPE (LoomOpenFlowClient, loom_openflow_client, LOOM, OPENFLOW_CLIENT, GObject)

/* Signals:
 *  "closed" (GError *error): the connection is over.
 *  "port-changed" (char *name, gboolean is_there): after loom_openflow_client_watch_ports ().
 */

/* Connects to the socket at @path and agrees on version 1.3. */
void loom_openflow_client_connect_async (const char *path, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);
LoomOpenFlowClient *loom_openflow_client_connect_finish (GAsyncResult *result, GError **error);

/* Asks the switch to tell of ports. */
void loom_openflow_client_watch_ports (LoomOpenFlowClient *self);

/* What a bundle does: filled by the caller, in order. */
typedef struct _LoomOpenFlowBundle LoomOpenFlowBundle;
LoomOpenFlowBundle *loom_openflow_client_begin (LoomOpenFlowClient *self);
void loom_openflow_bundle_add_rule (LoomOpenFlowBundle *bundle, const LoomOpenFlowRule *rule);
void loom_openflow_bundle_delete_rule (LoomOpenFlowBundle *bundle, guint32 in_port,
                                       guint16 priority);
void loom_openflow_bundle_delete_all (LoomOpenFlowBundle *bundle);
/* Throws away one that was not committed. */
void loom_openflow_bundle_free (LoomOpenFlowBundle *bundle);

/* Commits @bundle (transfer full): all of it at one instant, or nothing. */
void loom_openflow_client_commit_async (LoomOpenFlowClient *self, LoomOpenFlowBundle *bundle,
                                        GCancellable *cancellable, GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean loom_openflow_client_commit_finish (LoomOpenFlowClient *self, GAsyncResult *result,
                                             GError **error);

/* (transfer full): of LoomOpenFlowPortStats, all ports of the bridge, as they are now. */
void loom_openflow_client_port_stats_async (LoomOpenFlowClient *self, GCancellable *cancellable,
                                            GAsyncReadyCallback callback, gpointer user_data);
GArray *loom_openflow_client_port_stats_finish (LoomOpenFlowClient *self, GAsyncResult *result,
                                                GError **error);

gboolean loom_openflow_client_is_open (LoomOpenFlowClient *self);
void loom_openflow_client_close (LoomOpenFlowClient *self);

G_END_DECLS
