/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Plugs network cards into a running QEMU and takes them out again, by QMP. */

#pragma once

#include "backend/qemu/guest-spec.h"
#include "backend/qemu/listener.h"
#include "backend/qemu/qmp-client.h"

G_BEGIN_DECLS

/* Plugs @nic in as number @index. @placeholder: at its vhost path; closed when QEMU listens there
 * itself, and to outlive the operation. QEMU stands still until the switch has connected: make the
 * switch's port first. On failure nothing is left over. */
void loom_nic_plug_async (LoomQmpClient *qmp, const LoomGuestSpec *spec, guint index,
                          const LoomGuestNic *nic, LoomPlaceholder *placeholder,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data);
gboolean loom_nic_plug_finish (LoomQmpClient *qmp, GAsyncResult *result, GError **error);

/* Takes number @index out. Waits for the guest to let go of it, at most 10 s. */
void loom_nic_unplug_async (LoomQmpClient *qmp, guint index, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_nic_unplug_finish (LoomQmpClient *qmp, GAsyncResult *result, GError **error);

/* (transfer full): arguments of set_link: the carrier of NIC @index as its guest sees it. */
JsonNode *loom_nic_set_link_arguments (guint index, gboolean up);

G_END_DECLS
