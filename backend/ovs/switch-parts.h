/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a running switch consists of: two processes and the connections to them. */

#pragma once

#include "backend/ovs/daemon.h"
#include "backend/ovs/openflow-client.h"
#include "backend/ovs/ovsdb-client.h"
#include "backend/ovs/switch.h"

G_BEGIN_DECLS

typedef struct {
  LoomDaemon *database;
  LoomDaemon *vswitchd;
  LoomOvsdbClient *ovsdb;
  LoomOpenFlowClient *panel; /* kept for rules and counters */
} LoomSwitchParts;

LoomSwitchParts *loom_switch_parts_new (void);
/* Closes connections; processes go on. */
void loom_switch_parts_free (LoomSwitchParts *parts);

/* (transfer full): a path inside the switch's folder. */
char *loom_switch_path (const char *folder, const char *name);

/* "netdev", or "dummy" (the same packet path, without a tap of its own) where /dev/net/tun cannot
 * be opened. */
const char *loom_switch_datapath_type (void);

/* (transfer full): why vswitchd dropped port @key, as a sentence, from what it printed. */
char *loom_switch_dup_loss (const char *folder, const char *key);
/* The pure part: @log is the end of what it printed. */
char *loom_switch_find_loss (const char *log, const char *key);

/* (transfer full) (nullable): programs where distributions put them. */
char *loom_switch_find_program (const char *name);
char *loom_switch_find_vswitchd (void);
char *loom_switch_find_schema (void);

/* switch-pulse.c: whether a process answers; see loom_switch_ping_async () and
 * loom_switch_wake (). @task: (transfer full) */
void loom_switch_parts_ping (LoomSwitchParts *parts, LoomSwitchPart part, GTask *task);
void loom_switch_parts_wake (LoomSwitchParts *parts, LoomSwitchPart part);

/* Ends the processes of @parts (transfer full, nullable) and those that pid files in @folder tell
 * of, waits for them, then removes the folder. Never fails. */
void loom_switch_end_async (LoomSwitchParts *parts, const char *folder,
                            GAsyncReadyCallback callback, gpointer user_data);
void loom_switch_end_finish (GAsyncResult *result);

/* The keys of other_config that say how long the poll thread may sleep: until Open vSwitch 3.1, and
 * since. */
extern const char *const loom_switch_sleep_keys[2];
/* (transfer full): the operations (RFC 7047 section 5.2) that set how long the poll thread may
 * sleep. Pure. */
JsonArray *loom_switch_build_sleep (int sleep_us);

/* (transfer full): the operations (RFC 7047 section 5.2) that write what a new switch begins with
 * into its empty database @cache: the root row, and the panel with nothing but the pool. */
JsonArray *loom_switch_build_configuration (const LoomSwitchOptions *options,
                                            LoomOvsdbCache *cache);

/* Starts a new switch in @folder, or with @attach finds the one that runs there. On failure nothing
 * is left running. */
void loom_switch_boot_async (const char *folder, const LoomSwitchOptions *options, gboolean attach,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data);
LoomSwitchParts *loom_switch_boot_finish (GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomSwitchParts, loom_switch_parts_free)

G_END_DECLS
