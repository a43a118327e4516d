/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The datapath's shares: how many orders may be under way, and how many of the frames a ring is
 * given. Its thread is real; rings and directions are stand-ins that never have a frame. */

#include "backend/wire/datapath.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <rte_lcore.h>

#include "backend/wire/direction.h"
#include "backend/wire/intake.h"

#define MAX_ORDERS (4 * LOOM_WIRE_MAX_PORTS)
#define FULL 128 /* frames that a ring is given */
#define N_FULL 4 /* rings that half of all frames are enough for */

/* --- stand-ins ---------------------------------------------------------------------------------*/

int
rte_thread_register (void)
{
  return 0;
}

void
rte_thread_unregister (void)
{
}

void
loom_wire_vring_fill (LoomWireVring *self, guint target)
{
}

guint
loom_wire_vring_receive (LoomWireVring *self, LoomWireFrame **ret_frames, guint max)
{
  return 0;
}

void
loom_wire_vring_set_calls (LoomWireVring *self, gboolean on)
{
}

void
loom_wire_vring_clear (LoomWireVring *self)
{
}

void
loom_wire_intake (LoomWirePort *port, LoomWireFrame *frame, guint8 *scratch, gint64 now_ns)
{
}

void
loom_wire_direction_run (LoomWireDirection *self, gint64 now_ns)
{
}

gint64
loom_wire_direction_next_ns (const LoomWireDirection *self)
{
  return G_MAXINT64;
}

guint
loom_wire_direction_clear (LoomWireDirection *self)
{
  return 0;
}

/* --- orders ------------------------------------------------------------------------------------*/

typedef struct {
  LoomWireOrder order;
  GMutex *gate; /* (nullable): the datapath stands still until it is open */
  LoomWirePort *port;
  int call_fd;
  gboolean leaves;
  guint *n_done;
} Order;

static void
run_order (LoomWireOrder *order, LoomWireDatapath *datapath, gint64 now_ns)
{
  Order *self = (Order *) order;

  if (self->gate != NULL) {
    g_mutex_lock (self->gate);
    g_mutex_unlock (self->gate);
  }
  if (self->port != NULL && self->leaves)
    loom_wire_datapath_disconnect_port (datapath, self->port);
  else if (self->port != NULL)
    loom_wire_datapath_connect_port (datapath, self->port, self->call_fd);
}

static void
order_done (LoomWireOrder *order)
{
  Order *self = (Order *) order;

  (*self->n_done)++;
  g_free (self);
}

static Order *
order_new (guint *n_done)
{
  Order *self = g_new0 (Order, 1);

  self->order.run = run_order;
  self->order.done = order_done;
  self->n_done = n_done;
  return self;
}

static gboolean
post (LoomWireDatapath *datapath, Order *order)
{
  gboolean taken = loom_wire_datapath_post (datapath, &order->order);

  if (!taken)
    g_free (order);
  return taken;
}

static void
wait_done (const guint *n_done, guint n)
{
  while (*n_done < n)
    g_main_context_iteration (NULL, TRUE);
}

/* Orders that the thread does not come to gather: half of the room is told, all of it ends it, and
 * when they have come back there is room again. */
static void
test_orders (void)
{
  LoomWireMemory memory = {0};
  LoomWireDatapath *datapath = loom_wire_datapath_new (&memory);
  GMutex gate;
  guint n_done = 0;
  Order *first = order_new (&n_done);

  g_mutex_init (&gate);
  g_mutex_lock (&gate);
  first->gate = &gate;
  g_assert_true (post (datapath, first));
  for (guint n = 1; n < MAX_ORDERS; n++) {
    g_assert_cmpint (loom_wire_datapath_is_busy (datapath), ==, n >= MAX_ORDERS / 2);
    g_assert_true (post (datapath, order_new (&n_done)));
  }
  g_assert_true (loom_wire_datapath_is_busy (datapath));
  g_assert_false (post (datapath, order_new (&n_done)));

  g_mutex_unlock (&gate);
  wait_done (&n_done, MAX_ORDERS);
  g_assert_cmpuint (n_done, ==, MAX_ORDERS);
  g_assert_false (loom_wire_datapath_is_busy (datapath));
  g_assert_true (post (datapath, order_new (&n_done)));
  wait_done (&n_done, MAX_ORDERS + 1);
  loom_wire_datapath_free (datapath);
  g_mutex_clear (&gate);
}

/* --- shares of the frames ----------------------------------------------------------------------*/

static void
change_port (LoomWireDatapath *datapath, LoomWirePort *port, int call_fd, gboolean leaves)
{
  guint n_done = 0;
  Order *order = order_new (&n_done);

  order->port = port;
  order->call_fd = call_fd;
  order->leaves = leaves;
  g_assert_true (post (datapath, order));
  wait_done (&n_done, 1);
}

/* Rings are given many frames until half of all lie in them, and one burst each from then on; one
 * that goes makes room for the next. */
static void
test_fill (void)
{
  LoomWireMemory memory = {.n_frames = 2 * N_FULL * FULL};
  LoomWireDatapath *datapath = loom_wire_datapath_new (&memory);
  g_autofree LoomWirePort *ports = g_new0 (LoomWirePort, N_FULL + 2);
  int call_fds[N_FULL + 2];

  for (guint i = 0; i < N_FULL + 2; i++) {
    call_fds[i] = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    g_assert_no_errno (call_fds[i]);
    change_port (datapath, &ports[i], call_fds[i], FALSE);
    g_assert_cmpuint (ports[i].fill, ==, i < N_FULL ? FULL : LOOM_WIRE_BURST);
  }
  /* Two that were given little make no room for much, with one that was given much they do. */
  change_port (datapath, &ports[N_FULL], 0, TRUE);
  change_port (datapath, &ports[N_FULL], call_fds[N_FULL], FALSE);
  g_assert_cmpuint (ports[N_FULL].fill, ==, LOOM_WIRE_BURST);
  change_port (datapath, &ports[N_FULL], 0, TRUE);
  change_port (datapath, &ports[N_FULL + 1], 0, TRUE);
  change_port (datapath, &ports[0], 0, TRUE);
  change_port (datapath, &ports[N_FULL], call_fds[N_FULL], FALSE);
  g_assert_cmpuint (ports[N_FULL].fill, ==, FULL);

  for (guint i = 1; i <= N_FULL; i++)
    change_port (datapath, &ports[i], 0, TRUE);
  loom_wire_datapath_free (datapath);
  for (guint i = 0; i < N_FULL + 2; i++)
    close (call_fds[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/datapath/orders", test_orders);
  g_test_add_func ("/datapath/fill", test_fill);
  return g_test_run ();
}
