/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The thread that moves frames, and how the main thread talks with it: by orders, which the
 * datapath thread carries out between two bursts and hands back. No state is shared otherwise, and
 * neither thread ever waits for the other. */

#pragma once

#include "backend/wire/cable.h"

G_BEGIN_DECLS

#define LOOM_WIRE_MAX_CABLES (LOOM_WIRE_MAX_PORTS / 2)

typedef struct _LoomWireDatapath LoomWireDatapath;
typedef struct _LoomWireOrder LoomWireOrder;

/* The first member of a struct with all that the order needs and finds out. */
struct _LoomWireOrder {
  /* In the datapath thread: short, and without allocating. */
  void (*run) (LoomWireOrder *self, LoomWireDatapath *datapath, gint64 now_ns);
  /* Back in the main thread: ends the order's life. */
  void (*done) (LoomWireOrder *self);
};

/* (transfer full) (nullable): starts the thread; NULL: errno says why not. Orders come back on the
 * default main context. */
LoomWireDatapath *loom_wire_datapath_new (LoomWireMemory *memory);
/* Ends the thread; all orders have come back and all cables were removed. */
void loom_wire_datapath_free (LoomWireDatapath *self);

/* Half of the orders that there is room for are under way: time to refuse what can be refused. */
gboolean loom_wire_datapath_is_busy (LoomWireDatapath *self);

/* FALSE when too many orders are under way: @order stays the caller's. */
gboolean loom_wire_datapath_post (LoomWireDatapath *self, LoomWireOrder *order);

gint64 loom_wire_now_ns (void);

/* For orders, in the datapath thread. */

/* FALSE when there are LOOM_WIRE_MAX_CABLES. */
gboolean loom_wire_datapath_add_cable (LoomWireDatapath *self, LoomWireCable *cable);
/* Drops what is in it and leaves its ports' rings; how many frames that were. */
guint loom_wire_datapath_remove_cable (LoomWireDatapath *self, LoomWireCable *cable);
void loom_wire_datapath_connect_port (LoomWireDatapath *self, LoomWirePort *port, int call_fd);
/* Leaves the rings. Once or again. */
void loom_wire_datapath_disconnect_port (LoomWireDatapath *self, LoomWirePort *port);
/* Something was changed from outside: sends what is due, and looks anew when to do so again. */
void loom_wire_datapath_touch (LoomWireDatapath *self, LoomWireDirection *direction, gint64 now_ns);

G_END_DECLS
