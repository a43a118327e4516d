/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The life of one virtual machine: its QEMU process, QMP connection and agent.
 *
 * Signals:
 *  "state-changed" (): state, detail or progress differ; read them with the getters.
 *
 * States and where they go are described in guest.c. In short:
 *   OFF → PREPARING → BOOTING → READY ⇄ PAUSED, any → STOPPING → OFF, any → FAILED → PREPARING.
 *
 * How the engine starts a machine:
 *   loom_guest_prepare ()      puts place holders at the paths of the vhost sockets, so that
 *   (the switch's ports)       wait there, instead of trying again once a second, until
 *   loom_guest_start_async ()  QEMU listens itself; done when the guest runs (BOOTING).
 * The serial console's socket (loom_guest_dup_path (guest, "serial")) accepts from BOOTING on and
 * before the guest's first instruction has run.
 *
 * QEMU sets a NIC's link up when the switch connects again: after the switch was restarted, call
 * loom_guest_set_link_async () for every NIC that is to be unplugged.
 */

#pragma once

#include <gio/gio.h>

#include "backend/qemu/error.h"
#include "backend/qemu/guest-spec.h"

G_BEGIN_DECLS

typedef enum {
  LOOM_GUEST_OFF,
  LOOM_GUEST_PREPARING, /* sockets and files, QEMU starts, NICs connect */
  LOOM_GUEST_BOOTING,   /* the guest runs and has not said ready */
  LOOM_GUEST_READY,     /* its agent said so; a guest without one: it runs */
  LOOM_GUEST_PAUSED,    /* its CPUs are stopped */
  LOOM_GUEST_STOPPING,
  LOOM_GUEST_FAILED, /* detail says why */
} LoomGuestState;

/* Stable English id: "booting". */
const char *loom_guest_state_to_id (LoomGuestState state);

#define LOOM_TYPE_GUEST (loom_guest_get_type ())
G_DECLARE_FINAL_TYPE (LoomGuest, loom_guest, LOOM, GUEST, GObject)

/* @spec: (transfer none), kept. */
LoomGuest *loom_guest_new (LoomGuestSpec *spec);
/* (transfer none): as it is now, live changes included. */
LoomGuestSpec *loom_guest_get_spec (LoomGuest *self);
/* Takes another spec for the next start. Only OFF or FAILED. */
void loom_guest_set_spec (LoomGuest *self, LoomGuestSpec *spec);

LoomGuestState loom_guest_get_state (LoomGuest *self);
/* (nullable): translated sentence; FAILED: the reason, BOOTING: what it does ("Running the boot
 * script."), READY: a boot script that failed. */
const char *loom_guest_get_detail (LoomGuest *self);
/* 0.0 … 1.0, or -1 if unknown. */
double loom_guest_get_progress (LoomGuest *self);
/* Of QEMU, in the caller's pid namespace; 0: none. */
GPid loom_guest_get_pid (LoomGuest *self);
/* (transfer full): path of a socket or file of this machine: suffix "qmp", "serial", "spice",
 * "agent", "log". */
char *loom_guest_dup_path (LoomGuest *self, const char *suffix);

/* Puts place holders at the vhost sockets of all NICs. Only OFF or FAILED; optional. */
gboolean loom_guest_prepare (LoomGuest *self, GError **error);
/* The same for one NIC that loom_guest_add_nic_async () will plug in. */
gboolean loom_guest_prepare_nic (LoomGuest *self, const LoomGuestNic *nic, GError **error);

/* Starts QEMU. Ends when the guest runs (state BOOTING, or READY without agent), or with an error,
 * state FAILED. Cancelling kills QEMU: state OFF. */
void loom_guest_start_async (LoomGuest *self, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_guest_start_finish (LoomGuest *self, GAsyncResult *result, GError **error);

/* Finds the QEMU that an earlier process started from the same spec, by its QMP socket, at once.
 * Error LOOM_GUEST_ERROR_DIED, state OFF, if there is none any more. Else it runs (BOOTING, or
 * READY without agent), also if it answers nobody now: what it says is heard when it does (READY,
 * PAUSED). */
gboolean loom_guest_attach (LoomGuest *self, GError **error);

/* Ends the machine: asks the guest (at most @grace_ms, 0: not at all; 2000 is plenty), then QEMU,
 * then SIGKILL. Ends when the process is gone and its files are removed: state OFF. Never fails
 * but by cancelling, which only stops the waiting. In any state; also while it starts. */
void loom_guest_stop_async (LoomGuest *self, guint grace_ms, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_guest_stop_finish (LoomGuest *self, GAsyncResult *result, GError **error);

/* Stops and continues the CPUs. */
void loom_guest_pause_async (LoomGuest *self, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_guest_pause_finish (LoomGuest *self, GAsyncResult *result, GError **error);
void loom_guest_resume_async (LoomGuest *self, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_guest_resume_finish (LoomGuest *self, GAsyncResult *result, GError **error);

/* A paused QEMU that nobody has needed for a while dozes: it is held by SIGSTOP, costs nothing, and
 * answers nobody. Orders rouse it by themselves; this is for who is about to use its sockets. */
void loom_guest_rouse (LoomGuest *self);
gboolean loom_guest_is_dozing (LoomGuest *self);

/* Asks QEMU something that costs nothing: it hangs as long as this does not return. */
void loom_guest_ping_async (LoomGuest *self, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_guest_ping_finish (LoomGuest *self, GAsyncResult *result, GError **error);
/* Lets a QEMU go on that was stopped by a signal. FALSE: it is not. */
gboolean loom_guest_wake (LoomGuest *self);

/* Sets the carrier of NIC @nic (index in the spec) as the guest sees it. Before start it changes
 * the spec only. Orders are executed in the order they are given. */
void loom_guest_set_link_async (LoomGuest *self, guint nic, gboolean up, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_guest_set_link_finish (LoomGuest *self, GAsyncResult *result, GError **error);

/* Plugs in one more NIC as the last one, its index being the number of NICs before; call
 * loom_guest_prepare_nic () first and then create the switch's port. Not running: spec only. */
void loom_guest_add_nic_async (LoomGuest *self, const LoomGuestNic *nic, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_guest_add_nic_finish (LoomGuest *self, GAsyncResult *result, GError **error);
/* Takes the last NIC out; waits until the guest has let go of it (at most 10 s). */
void loom_guest_remove_nic_async (LoomGuest *self, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_guest_remove_nic_finish (LoomGuest *self, GAsyncResult *result, GError **error);

/* Hands name, hosts and the NICs' addresses of @spec (its other fields are ignored) to the running
 * guest. Without an agent it changes the spec only. */
void loom_guest_configure_async (LoomGuest *self, const LoomGuestSpec *spec,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean loom_guest_configure_finish (LoomGuest *self, GAsyncResult *result, GError **error);

/* Runs a command in the guest through its agent. The three file descriptors are the command's
 * standard streams (-1: none); they are duplicated, the caller keeps its own. Any number of
 * commands may run at once. Ends when the command has ended and its output is written.
 * Cancelling, or closing the reading end of its output, ends the command (SIGHUP, then SIGKILL).
 * @ret_status: exit status, or 128 + signal; 127 if there is no such program. */
void loom_guest_exec_async (LoomGuest *self, const char *const *argv, int in_fd, int out_fd,
                            int err_fd, GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean loom_guest_exec_finish (LoomGuest *self, GAsyncResult *result, int *ret_status,
                                 GError **error);

G_END_DECLS
