/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One machine of a running lab, as the engine sees it: what it is to be, what it is, and the next
 * single order that brings the one to the other. Nothing here happens but by loom_machine_step (),
 * which the engine calls whenever anything may have changed.
 *
 * Signals:
 *  "changed" ():       state, detail or progress differ
 *  "ports-changed" (): loom_machine_get_n_ports () differs: the switch has to follow
 *  "stepped" ():       an order has ended: step again
 */

#pragma once

#include "backend/qemu/guest.h"
#include "canvas/model/status.h"

G_BEGIN_DECLS

/* What one call of loom_machine_step () began. */
typedef enum {
  LOOM_MACHINE_IDLE, /* nothing to do, or busy with an earlier order */
  LOOM_MACHINE_BUSY, /* began an order */
  LOOM_MACHINE_GONE, /* removed, and nothing of it is left: drop it */
} LoomMachineStep;

#define LOOM_TYPE_MACHINE (loom_machine_get_type ())
G_DECLARE_FINAL_TYPE (LoomMachine, loom_machine, LOOM, MACHINE, GObject)

LoomMachine *loom_machine_new (const char *key);
const char *loom_machine_get_key (LoomMachine *self);

/* What it is to be. @spec: (transfer none) */
void loom_machine_set_wanted (LoomMachine *self, LoomGuestSpec *spec);
void loom_machine_set_powered (LoomMachine *self, gboolean powered);
/* Off, then on again, with all that waited for a restart. */
void loom_machine_restart (LoomMachine *self);
/* Forgets a failure: the next step tries again. */
void loom_machine_retry (LoomMachine *self);
/* To be called every LOOM_PULSE_PERIOD_MS: finds out whether its QEMU answers. What people see of
 * it says when it does not. */
void loom_machine_tick (LoomMachine *self, gint64 now_us);
/* Whether it runs and does not answer. */
gboolean loom_machine_is_late (LoomMachine *self);
/* Brings one back that does not answer: lets it go on if it was stopped, else starts it anew. */
void loom_machine_wake (LoomMachine *self);
/* The switch died. An order under way that fails now does so for no reason of the machine's own,
 * and so did a start that failed since @since_us: QEMU, which ends when the switch hangs up on it,
 * may be seen to end first. They are tried again. */
void loom_machine_forgive (LoomMachine *self, gint64 since_us);
/* The switch came back: QEMU raised every carrier when its ports reconnected. Those that are to be
 * down are taken down again. */
void loom_machine_reassert_links (LoomMachine *self);
/* It is to end and be forgotten. */
void loom_machine_remove (LoomMachine *self);
/* It cannot be what it is to be, for a reason outside (no switch, no ports). */
void loom_machine_fail (LoomMachine *self, const char *reason);
/* The switch refused the port of NIC @nic, which leaves the fabric again: a machine that was to
 * start has failed, one that runs goes on without that NIC and says so. */
void loom_machine_refuse_port (LoomMachine *self, guint nic, const char *reason);
/* Marks it as running since before this engine, with @spec as it was then; the next step attaches.
 */
void loom_machine_adopt (LoomMachine *self, LoomGuestSpec *spec, const char *image);

/* While it is to be on and has not begun to start, it counts as @state for the reason @sentence
 * (nullable): it waits for other nodes. Returns whether that is news. */
gboolean loom_machine_set_waiting (LoomMachine *self, LoomNodeState state, const char *sentence);

/* Number of NICs that need a port at the switch by now. */
guint loom_machine_get_n_ports (LoomMachine *self);
/* Whether some of them have none yet. */
gboolean loom_machine_lacks_ports (LoomMachine *self);
/* How many of them have one. */
void loom_machine_set_n_connected (LoomMachine *self, guint n_connected);

/* @may_start: whether another QEMU may be started now. */
LoomMachineStep loom_machine_step (LoomMachine *self, gboolean may_start);

LoomNodeState loom_machine_get_state (LoomMachine *self);
/* (transfer none): translated, or "". */
const char *loom_machine_get_detail (LoomMachine *self);
double loom_machine_get_progress (LoomMachine *self);
/* Whether it failed and waits to be asked. */
gboolean loom_machine_get_failed (LoomMachine *self);
/* Whether it is to be on. A machine that is shut down from inside is to be off. */
gboolean loom_machine_get_powered (LoomMachine *self);
/* Whether it is between its first order and running. */
gboolean loom_machine_is_starting (LoomMachine *self);
/* Whether it costs what a start costs: it is starting, or boots and has not done so for long. */
gboolean loom_machine_is_coming_up (LoomMachine *self, gint64 now_us);
/* (transfer none) (nullable): as it runs; NULL when it does not. */
LoomGuestSpec *loom_machine_get_running_spec (LoomMachine *self);
/* (transfer none) (nullable) */
const char *loom_machine_get_running_image (LoomMachine *self);
/* (transfer none) (nullable): for exec, pause and consoles. */
LoomGuest *loom_machine_get_guest (LoomMachine *self);

G_END_DECLS
