/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The engine's side of the lab's switch: brings it up, keeps it up, and hands it one fabric at a
 * time.
 *
 * Signals:
 *  "changed" ():  up, busy or failure differ
 *  "message" (const char *severity, const char *text)
 */

#pragma once

#include "backend/ovs/switch.h"

G_BEGIN_DECLS

#define LOOM_TYPE_PANEL (loom_panel_get_type ())
G_DECLARE_FINAL_TYPE (LoomPanel, loom_panel, LOOM, PANEL, GObject)

/* Brings the switch up at once: @adopt: by attaching to one that runs already, if it does.
 * @n_nics: that the lab may grow to. */
LoomPanel *loom_panel_new (const char *runtime_folder, gboolean adopt, guint n_nics);
/* Whether the switch runs. */
gboolean loom_panel_is_up (LoomPanel *self);
/* Whether a fabric may be handed over: up, and none under way. */
gboolean loom_panel_is_idle (LoomPanel *self);
/* (transfer none) (nullable): why the switch does not run and will not by itself. */
const char *loom_panel_get_failure (LoomPanel *self);
/* Tries again after a failure. */
void loom_panel_retry (LoomPanel *self);
/* To be called every LOOM_PULSE_PERIOD_MS: finds out whether the switch answers. */
void loom_panel_tick (LoomPanel *self, gint64 now_us);
/* Since when a part of the switch has not answered; 0: all answer. */
gint64 loom_panel_get_late_since_us (LoomPanel *self);
/* (transfer full) (nullable): a sentence about a part that does not answer. */
char *loom_panel_dup_hang (LoomPanel *self);
/* Brings back what does not answer, by force if need be. */
void loom_panel_wake (LoomPanel *self);
/* Holds ovs-vswitchd, which then is not expected to answer, or lets it go on; see
 * loom_switch_set_asleep (). */
void loom_panel_set_asleep (LoomPanel *self, gboolean asleep);
/* (transfer none) */
LoomSwitch *loom_panel_get_switch (LoomPanel *self);

/* Makes the switch what @fabric says. Only when idle. */
void loom_panel_update_async (LoomPanel *self, LoomFabric *fabric, GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean loom_panel_update_finish (LoomPanel *self, GAsyncResult *result, GError **error);

G_END_DECLS
