/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One update of a running switch: database first, until nothing is left to change there; then
 * rules. */

#pragma once

#include "backend/ovs/switch-parts.h"

G_BEGIN_DECLS

/* What has been told to the switch in OpenFlow, which it does not tell back. */
typedef struct {
  GHashTable *rules; /* in_port -> LoomPanelRule; NULL: unknown, replace all */
  GHashTable *hubs;  /* key of hub -> text of its rule */
  GHashTable *ports; /* key of end -> port number on the panel, as of the last update */
} LoomSwitchInstalled;

LoomSwitchInstalled *loom_switch_installed_new (void);
void loom_switch_installed_free (LoomSwitchInstalled *installed);

/* @parts and @installed must stay until it is over. Fails with LOOM_SWITCH_ERROR_REFUSED also when
 * all but some ports could be done. */
void loom_switch_sync_async (LoomSwitchParts *parts, LoomSwitchInstalled *installed,
                             const char *folder, LoomFabric *wanted, GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean loom_switch_sync_finish (GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomSwitchInstalled, loom_switch_installed_free)

G_END_DECLS
