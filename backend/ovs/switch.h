/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The switch of one lab: a private ovsdb-server and ovs-vswitchd (DPDK) inside the lab's
 * namespaces, and the patch panel in it. The engine says what it wants as a LoomFabric; this
 * compares with what is there and changes the difference.
 *
 * States: off -> starting -> running -> (failed -> starting) -> stopping -> off.
 *
 * Needs: a network namespace with CAP_NET_ADMIN in its user namespace, /dev/net/tun, a writable
 * /run (DPDK's own folder) and /sys. All its files are in `<runtime folder>/ovs/`.
 *
 * Signals:
 *  "failed" (GError *error): a process of the switch died or stopped answering while the switch
 *                            was running. What is left stays up. Call loom_switch_restart_async ().
 *  "refused": the switch gave up ports that it had made; see loom_switch_list_refused ().
 */

#pragma once

#include <gio/gio.h>

#include "backend/ovs/fabric.h"
#include "backend/ovs/switch-memory.h"

G_BEGIN_DECLS

/* Below the runtime folder of the lab: its sockets, its database, its logs. */
#define LOOM_SWITCH_FOLDER "ovs"

#define LOOM_SWITCH_ERROR (loom_switch_error_quark ())
GQuark loom_switch_error_quark (void);

typedef enum {
  LOOM_SWITCH_ERROR_INVALID,  /* the fabric contradicts itself: a bug of the caller */
  LOOM_SWITCH_ERROR_MISSING,  /* a program or device of the host is missing; the message says it */
  LOOM_SWITCH_ERROR_START,    /* a process did not come up; the message holds its last words */
  LOOM_SWITCH_ERROR_GONE,     /* attach: there is nothing to attach to; else: a process died */
  LOOM_SWITCH_ERROR_REFUSED,  /* the switch refused a change or a port: memory, name, path */
  LOOM_SWITCH_ERROR_NO_POOL,  /* packet buffers could not be made with this plan of memory */
  LOOM_SWITCH_ERROR_PROTOCOL, /* the switch answered nonsense or not in time */
} LoomSwitchError;

typedef enum {
  LOOM_SWITCH_OFF,      /* no process; waits for start or attach */
  LOOM_SWITCH_STARTING, /* processes come up; goes to running or off */
  LOOM_SWITCH_RUNNING,  /* answers; goes to failed when a process dies, to stopping when asked */
  LOOM_SWITCH_FAILED,   /* a process died; waits for restart or stop */
  LOOM_SWITCH_STOPPING, /* processes are being ended; goes to off */
} LoomSwitchState;

typedef struct {
  guint n_nics;        /* how many there may be about */
  gboolean tso;        /* userspace-tso-enable: segments of up to 64 KiB between guests */
  int pmd_maxsleep_us; /* how long an idle poll thread may sleep; 0: never, burns a core */
  LoomSwitchMemory memory;
} LoomSwitchOptions;

/* Fills @ret_options with the defaults for a lab of @n_nics, on a host with that much free in
 * reserved huge pages of 2 MiB (0: none). Pure. */
void loom_switch_options_init (LoomSwitchOptions *ret_options, guint n_nics,
                               guint free_hugepages_mib);

/* Totals of one end since it exists; they never go backwards, whatever restarts underneath.
 * "rx" is what the switch received from the end: what the guest on a NIC sent. */
typedef struct {
  guint64 rx_frames;
  guint64 rx_bytes;
  guint64 rx_drops;
  guint64 rx_errors;
  guint64 tx_frames;
  guint64 tx_bytes;
  guint64 tx_drops;
  guint64 tx_errors;
} LoomPortCounters;

typedef enum {
  LOOM_SWITCH_PART_DATABASE, /* ovsdb-server */
  LOOM_SWITCH_PART_VSWITCHD, /* ovs-vswitchd */
  LOOM_SWITCH_N_PARTS
} LoomSwitchPart;

typedef struct {
  const char *role; /* "ovsdb-server", "ovs-vswitchd" */
  pid_t pid;        /* in our pid namespace */
} LoomSwitchProcess;

#define LOOM_TYPE_SWITCH (loom_switch_get_type ())
G_DECLARE_FINAL_TYPE (LoomSwitch, loom_switch, LOOM, SWITCH, GObject)

/* @runtime_folder: absolute, exists; the switch makes `ovs` in it. At most 80 bytes, so that socket
 * paths fit. */
LoomSwitch *loom_switch_new (const char *runtime_folder, const LoomSwitchOptions *options);

LoomSwitchState loom_switch_get_state (LoomSwitch *self);
const LoomSwitchOptions *loom_switch_get_options (LoomSwitch *self);

/* "MISSING" check without starting anything: (transfer full) sentences, one a missing program or
 * device, with the Debian package to install; empty when all is there. */
GStrv loom_switch_check_host (void);

/* Starts both processes with an empty panel. off -> running. */
void loom_switch_start_async (LoomSwitch *self, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_switch_start_finish (LoomSwitch *self, GAsyncResult *result, GError **error);

/* Finds the processes that an engine before us started in the same folder (pid files, checked
 * against what the pid runs) and connects; what they were told to be is read back from OVSDB, so
 * that the next update changes only the difference. LOOM_SWITCH_ERROR_GONE: nothing whole is there
 * (what is left of it was ended); start instead. */
void loom_switch_attach_async (LoomSwitch *self, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_switch_attach_finish (LoomSwitch *self, GAsyncResult *result, GError **error);

/* Makes the switch what @wanted (transfer none) says: one OVSDB transaction, then one OpenFlow
 * bundle a bridge. Updates queue up; one still waiting is replaced by a newer one, and both callers
 * are answered by the newer one's outcome. */
void loom_switch_update_async (LoomSwitch *self, LoomFabric *wanted, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_switch_update_finish (LoomSwitch *self, GAsyncResult *result, GError **error);

/* (transfer full): key of end → why the switch refused to make it; empty when it refused nothing.
 * After an update that failed with LOOM_SWITCH_ERROR_REFUSED all else stands. */
GHashTable *loom_switch_list_refused (LoomSwitch *self);

/* Reads the counters of all ends now. (transfer full): key -> LoomPortCounters. */
void loom_switch_counters_async (LoomSwitch *self, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);
GHashTable *loom_switch_counters_finish (LoomSwitch *self, GAsyncResult *result, GError **error);

/* Asks a process of the running switch something that costs little: it hangs as long as this does
 * not return. */
void loom_switch_ping_async (LoomSwitch *self, LoomSwitchPart part, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_switch_ping_finish (LoomSwitch *self, GAsyncResult *result, GError **error);
/* Lets a process go on that was stopped by a signal; kills one that hangs for another reason, which
 * makes the switch fail. */
void loom_switch_wake (LoomSwitch *self, LoomSwitchPart part);

/* Holds ovs-vswitchd where it is, at no cost, or lets it go on: for when no guest runs. Asleep, it
 * answers neither updates nor questions for counters; wake it first. */
void loom_switch_set_asleep (LoomSwitch *self, gboolean asleep);
/* Tells a switch that runs how long its poll thread may sleep when little comes, in µs. Takes
 * effect soon; one that is started later begins with its options. */
void loom_switch_set_sleep (LoomSwitch *self, int sleep_us);

/* After "failed": ends what is left, starts again, and re-establishes the last fabric wanted.
 * Guests reconnect by themselves within about a second. */
void loom_switch_restart_async (LoomSwitch *self, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_switch_restart_finish (LoomSwitch *self, GAsyncResult *result, GError **error);

/* Ends both processes, by force after 3 s, and removes the folder. From any state; never fails but
 * by cancellation. */
void loom_switch_stop_async (LoomSwitch *self, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
gboolean loom_switch_stop_finish (LoomSwitch *self, GAsyncResult *result, GError **error);

/* Lets go of a running switch without ending it (the engine is about to be replaced). */
void loom_switch_detach (LoomSwitch *self);

/* (transfer full): LoomSwitchProcess of each living process. */
GArray *loom_switch_list_processes (LoomSwitch *self);

G_END_DECLS
