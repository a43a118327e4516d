/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of a machine share: machine.c (what comes next), machine-orders.c (orders to the
 * guest), machine-report.c (what it is, for people). */

#pragma once

#include "backend/engine/console.h"
#include "backend/engine/machine.h"
#include "backend/proto/pulse.h"

G_BEGIN_DECLS

struct _LoomMachine {
  GObject parent;
  char *key;
  LoomGuest *guest;
  LoomConsole *console;
  LoomGuestSpec *asked;      /* as the engine said */
  LoomGuestSpec *wanted;     /* the same, but while it runs with the MACs it runs with */
  GCancellable *cancellable; /* of a start under way */
  char *running_image;       /* what the overlay that exists is over; or NULL */
  gboolean powered;
  gboolean restart; /* stop first, then forget this */
  gboolean restart_to_repair;
  gboolean removed;
  gboolean adopt;    /* attach first */
  gboolean prepared; /* sockets are bound for what is wanted */
  gboolean bound;    /* sockets may be bound: stop before it goes */
  gboolean busy;
  gboolean starting;
  gboolean switch_lost;   /* the switch died under the order under way */
  gint64 start_failed_us; /* when the last start failed; 0: it did not */
  gint64 started_us;      /* monotonic time of the last start; 0: none yet */
  guint n_ports;
  guint n_connected;
  guint32 reassert;        /* bits of NICs whose carrier has to be told again */
  char *failure;           /* why it failed; NULL: it did not */
  LoomGuestSpec *given_up; /* the wanted spec for which an order failed while running */
  char *trouble;           /* why */
  LoomNodeState waiting_state;
  char *waiting;   /* what for, when it has not begun to start; or NULL */
  LoomPulse pulse; /* of its QEMU */
  LoomNodeState last_state;
  char *last_detail;
  double last_progress;
};

/* machine-report.c */
gboolean loom_machine_is_running (LoomMachine *self);
/* Emits "changed" if what people see differs. */
void loom_machine_report (LoomMachine *self);

/* machine-orders.c: each begins one order, whose end emits "stepped". */
void loom_machine_set_failure (LoomMachine *self, const char *reason);
/* What is wanted now is given up, but the machine goes on. */
void loom_machine_set_trouble (LoomMachine *self, const char *reason);
void loom_machine_set_n_ports (LoomMachine *self, guint n_ports);
void loom_machine_ensure_guest (LoomMachine *self, LoomGuestSpec *spec);
void loom_machine_begin (LoomMachine *self);
/* An order to the running guest has ended. */
void loom_machine_end_live_order (LoomMachine *self, GError *error);
/* Binds the sockets; at once. */
void loom_machine_prepare (LoomMachine *self);
/* Finds the guest that an engine before this one started; at once. */
void loom_machine_attach (LoomMachine *self);
void loom_machine_order_stop (LoomMachine *self);
/* Ends the guest, and with it the order under way, which fails. */
void loom_machine_end_guest (LoomMachine *self);
/* FALSE: failed at once. */
gboolean loom_machine_order_overlay (LoomMachine *self);
void loom_machine_order_start (LoomMachine *self);
void loom_machine_order_link (LoomMachine *self, guint nic, gboolean up);
void loom_machine_order_add_nic (LoomMachine *self, const LoomGuestNic *nic);
void loom_machine_order_remove_nic (LoomMachine *self);
void loom_machine_order_configure (LoomMachine *self);

G_END_DECLS
