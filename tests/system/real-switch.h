/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A real Open vSwitch in a test: the switch's calls, each run to its end. Inside of namespaces of
 * the test's own: inside.h. */

#pragma once

#include "backend/ovs/switch.h"

G_BEGIN_DECLS

/* Call first in main (). TRUE inside of namespaces in which there can be a switch. FALSE when all
 * is over, or when this host cannot have one, which is printed as a skip: leave with @ret_status.
 */
gboolean real_switch_enter (char **argv, int *ret_status);

/* How long what is to come may take: a computer whose host is busy stands still for seconds. */
#define REAL_SWITCH_PATIENCE_MS 30000

typedef gboolean (*RealSwitchCondition) (gpointer data);

/* Turns the main loop until @condition holds; FALSE after @timeout_ms. */
gboolean real_switch_wait (RealSwitchCondition condition, gpointer data, int timeout_ms);

/* For a call's callback, and how to wait for it: user_data is a GAsyncResult ** that holds NULL. */
void real_switch_on_ready (GObject *source, GAsyncResult *result, gpointer user_data);
gboolean real_switch_has_result (gpointer slot);

typedef void (*RealSwitchStart) (LoomSwitch *self, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);
typedef gboolean (*RealSwitchFinish) (LoomSwitch *self, GAsyncResult *result, GError **error);

/* Runs one of the switch's calls, which must succeed. */
void real_switch_run (LoomSwitch *self, RealSwitchStart start, RealSwitchFinish finish);
void real_switch_update (LoomSwitch *self, LoomFabric *fabric);

/* The pid of "ovs-vswitchd" or "ovsdb-server"; 0: it does not run. */
pid_t real_switch_find_process (LoomSwitch *self, const char *role);
/* As a crash of one of the two, which must run. */
void real_switch_kill (LoomSwitch *self, const char *role);

G_END_DECLS
