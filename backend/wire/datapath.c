/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One turn: carry out orders, ask the active ports for frames, send what is due, and sleep until
 * the next frame is due or something calls.
 *
 * A port is active while frames come. When none came for SPIN_NS the switch is asked to call (an
 * eventfd) and the port is left alone until it does: a quiet cable costs nothing, a busy one no
 * calls. The idea is Linux's NAPI. */

#include "backend/wire/datapath.h"

#include "backend/wire/direction.h"
#include "backend/wire/intake.h"
#include "backend/wire/law/ring.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <rte_lcore.h>

#define ONE_S_NS G_GINT64_CONSTANT (1000000000)
#define SPIN_NS 20000
/* Not worth going to sleep. */
#define NAP_NS 3000
/* Frames that a ring is given first: with many ports only one burst, or half of all frames would
 * lie in rings that few of them come to. */
#define FIRST_FILL 128
#define LEAST_FILL LOOM_WIRE_BURST
#define MAX_EVENTS 64
/* Two for each end (it was connected, it leaves), and calls. */
#define MAX_ORDERS (4 * LOOM_WIRE_MAX_PORTS)
/* An order's pointer takes 16 octets of a ring. */
#define ORDERS_SIZE (MAX_ORDERS * 16 * 2)

struct _LoomWireDatapath {
  LoomWireMemory *memory;
  GThread *thread;
  int epoll_fd;

  /* The main thread's. */
  guint n_under_way; /* orders */
  guint done_id;

  LoomWireRing *orders; /* of LoomWireOrder *, to the datapath thread */
  LoomWireRing *done;   /* and back */
  int order_fd;
  int done_fd;
  int stop; /* atomic */

  /* The datapath thread's. */
  LoomWirePort *active[LOOM_WIRE_MAX_PORTS];
  guint n_active;
  guint n_filled;  /* frames that the rings of all connected ports are filled up to */
  gint64 calls_ns; /* when calls were looked for */
  LoomWireDirection *directions[2 * LOOM_WIRE_MAX_CABLES];
  gint64
      next_ns[2 * LOOM_WIRE_MAX_CABLES]; /* by direction: side by side, since all are looked at */
  guint n_directions;
  guint8 scratch[LOOM_WIRE_MAX_SEGMENT];
};

gint64
loom_wire_now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * ONE_S_NS + now.tv_nsec;
}

static void
push_order (LoomWireRing *ring, LoomWireOrder *order, int fd)
{
  LoomWireOrder **place = loom_wire_ring_reserve (ring, sizeof order);

  /* MAX_ORDERS are under way at most, and both rings have room for them. */
  g_assert (place != NULL);
  *place = order;
  loom_wire_ring_commit (ring);
  eventfd_write (fd, 1);
}

/* (nullable) */
static LoomWireOrder *
pop_order (LoomWireRing *ring)
{
  gsize size;
  LoomWireOrder *const *place = loom_wire_ring_peek (ring, &size);
  LoomWireOrder *order = place != NULL ? *place : NULL;

  if (place != NULL)
    loom_wire_ring_release (ring);
  return order;
}

static void
run_orders (LoomWireDatapath *self, gint64 now_ns)
{
  LoomWireOrder *order;

  while ((order = pop_order (self->orders)) != NULL) {
    order->run (order, self, now_ns);
    push_order (self->done, order, self->done_fd);
  }
}

static guint
find_direction (LoomWireDatapath *self, LoomWireDirection *direction)
{
  guint i = 0;

  while (i < self->n_directions && self->directions[i] != direction)
    i++;
  return i;
}

static void
run_direction (LoomWireDatapath *self, guint i, gint64 now_ns)
{
  loom_wire_direction_run (self->directions[i], now_ns);
  self->next_ns[i] = loom_wire_direction_next_ns (self->directions[i]);
}

static void
run_due (LoomWireDatapath *self, gint64 now_ns)
{
  for (guint i = 0; i < self->n_directions; i++)
    if (self->next_ns[i] <= now_ns)
      run_direction (self, i, now_ns);
}

/* Segments and full bursts need more room. What a ring was given stays there: half of all frames is
 * left for ports that come later, or have none yet. */
static void
refill (LoomWireDatapath *self, LoomWirePort *port, guint n, gboolean segments)
{
  if ((n == LOOM_WIRE_BURST || segments) && port->fill < LOOM_WIRE_RING_SIZE
      && self->n_filled + port->fill <= self->memory->n_frames / 2) {
    self->n_filled += port->fill;
    port->fill *= 2;
  }
  loom_wire_vring_fill (&port->receive, port->fill);
}

/* Takes what the switch has for us; FALSE: nothing. */
static gboolean
poll_port (LoomWireDatapath *self, LoomWirePort *port, gint64 now_ns)
{
  LoomWireFrame *frames[LOOM_WIRE_BURST];
  guint n = loom_wire_vring_receive (&port->receive, frames, LOOM_WIRE_BURST);
  gboolean segments = FALSE;

  if (n == 0)
    return FALSE;
  for (guint i = 0; i < n; i++) {
    segments |= frames[i]->next != NULL;
    loom_wire_intake (port, frames[i], self->scratch, now_ns);
  }
  refill (self, port, n, segments);
  port->heard_ns = now_ns;
  run_direction (self, port->slot, now_ns);
  return TRUE;
}

static void
activate (LoomWireDatapath *self, LoomWirePort *port, gint64 now_ns)
{
  if (port->active || !port->connected)
    return;
  port->active = TRUE;
  port->heard_ns = now_ns;
  self->active[self->n_active++] = port;
  loom_wire_vring_set_calls (&port->receive, FALSE);
}

static void
deactivate (LoomWireDatapath *self, guint i)
{
  self->active[i]->active = FALSE;
  self->active[i] = self->active[--self->n_active];
}

/* Leaves the port alone until the switch calls, unless a frame came just then. */
static gboolean
try_rest (LoomWireDatapath *self, LoomWirePort *port, gint64 now_ns)
{
  /* Without buffers the switch never has a reason to call. */
  if (!loom_wire_vring_can_receive (&port->receive)) {
    loom_wire_vring_fill (&port->receive, port->fill);
    return FALSE;
  }
  loom_wire_vring_set_calls (&port->receive, TRUE);
  if (!poll_port (self, port, now_ns))
    return TRUE;
  loom_wire_vring_set_calls (&port->receive, FALSE);
  return FALSE;
}

static void
poll_ports (LoomWireDatapath *self, gint64 now_ns)
{
  for (guint i = 0; i < self->n_active;) {
    LoomWirePort *port = self->active[i];

    if (!poll_port (self, port, now_ns) && now_ns - port->heard_ns > SPIN_NS
        && try_rest (self, port, now_ns))
      deactivate (self, i);
    else
      i++;
  }
}

static gint64
find_next_ns (LoomWireDatapath *self)
{
  gint64 next_ns = G_MAXINT64;

  for (guint i = 0; i < self->n_directions; i++)
    next_ns = MIN (next_ns, self->next_ns[i]);
  return next_ns;
}

/* Waits for calls for @wait_ns; G_MAXINT64: until there is one. */
static void
take_calls (LoomWireDatapath *self, gint64 wait_ns)
{
  struct timespec wait = {wait_ns / ONE_S_NS, wait_ns % ONE_S_NS};
  struct epoll_event events[MAX_EVENTS];
  int n = epoll_pwait2 (self->epoll_fd, events, MAX_EVENTS, wait_ns == G_MAXINT64 ? NULL : &wait,
                        NULL);

  self->calls_ns = loom_wire_now_ns ();
  for (int i = 0; i < n; i++)
    if (events[i].data.ptr != NULL)
      activate (self, events[i].data.ptr, self->calls_ns);
}

/* Sleeps if there is time for it. Otherwise looks now and then whether somebody called: a port that
 * rests is not to wait until all others do. */
static void
rest (LoomWireDatapath *self, gint64 now_ns)
{
  gint64 next_ns = self->n_active == 0 ? find_next_ns (self) : now_ns;

  if (next_ns - now_ns >= NAP_NS)
    take_calls (self, next_ns == G_MAXINT64 ? G_MAXINT64 : next_ns - now_ns);
  else if (now_ns - self->calls_ns >= SPIN_NS)
    take_calls (self, 0);
}

static gpointer
run_thread (gpointer user_data)
{
  LoomWireDatapath *self = user_data;

  /* Pools have a cache for each thread that DPDK knows. */
  rte_thread_register ();
  /* Timers fire when they are due and not up to 50 µs later. */
  prctl (PR_SET_TIMERSLACK, 1);
  while (!__atomic_load_n (&self->stop, __ATOMIC_ACQUIRE)) {
    gint64 now_ns = loom_wire_now_ns ();

    run_orders (self, now_ns);
    poll_ports (self, now_ns);
    run_due (self, now_ns);
    rest (self, now_ns);
  }
  rte_thread_unregister ();
  return NULL;
}

static gboolean
on_done (int fd, GIOCondition condition, gpointer user_data)
{
  LoomWireDatapath *self = user_data;
  LoomWireOrder *order;
  eventfd_t count;

  eventfd_read (fd, &count);
  while ((order = pop_order (self->done)) != NULL) {
    self->n_under_way--;
    order->done (order);
  }
  return G_SOURCE_CONTINUE;
}

/* Calls are edges: the descriptors are never read. */
static void
watch (LoomWireDatapath *self, int fd, LoomWirePort *port)
{
  struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = port};

  epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

LoomWireDatapath *
loom_wire_datapath_new (LoomWireMemory *memory)
{
  LoomWireDatapath *self;
  int epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  int order_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  int done_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);

  if (epoll_fd < 0 || order_fd < 0 || done_fd < 0)
    return NULL; /* and the process ends */
  self = g_new0 (LoomWireDatapath, 1);
  self->memory = memory;
  self->orders = loom_wire_ring_new (ORDERS_SIZE);
  self->done = loom_wire_ring_new (ORDERS_SIZE);
  self->epoll_fd = epoll_fd;
  self->order_fd = order_fd;
  self->done_fd = done_fd;
  self->done_id = g_unix_fd_add (self->done_fd, G_IO_IN, on_done, self);
  watch (self, self->order_fd, NULL);
  self->thread = g_thread_new ("datapath", run_thread, self);
  return self;
}

void
loom_wire_datapath_free (LoomWireDatapath *self)
{
  if (self == NULL)
    return;
  __atomic_store_n (&self->stop, TRUE, __ATOMIC_RELEASE);
  eventfd_write (self->order_fd, 1);
  g_thread_join (self->thread);
  g_source_remove (self->done_id);
  close (self->epoll_fd);
  close (self->order_fd);
  close (self->done_fd);
  loom_wire_ring_free (self->orders);
  loom_wire_ring_free (self->done);
  g_free (self);
}

gboolean
loom_wire_datapath_is_busy (LoomWireDatapath *self)
{
  return self->n_under_way >= MAX_ORDERS / 2;
}

gboolean
loom_wire_datapath_post (LoomWireDatapath *self, LoomWireOrder *order)
{
  if (self->n_under_way >= MAX_ORDERS)
    return FALSE;
  self->n_under_way++;
  push_order (self->orders, order, self->order_fd);
  return TRUE;
}

gboolean
loom_wire_datapath_add_cable (LoomWireDatapath *self, LoomWireCable *cable)
{
  if (self->n_directions + 2 > G_N_ELEMENTS (self->directions))
    return FALSE;
  for (guint i = 0; i < 2; i++) {
    cable->ports[i].slot = self->n_directions;
    self->next_ns[self->n_directions] = G_MAXINT64;
    self->directions[self->n_directions++] = &cable->directions[i];
  }
  return TRUE;
}

/* The last two move into the gap, so that slots stay dense. */
guint
loom_wire_datapath_remove_cable (LoomWireDatapath *self, LoomWireCable *cable)
{
  guint n = 0;

  for (guint i = 0; i < 2; i++) {
    guint slot = find_direction (self, &cable->directions[i]);

    if (slot == self->n_directions)
      continue;
    loom_wire_datapath_disconnect_port (self, &cable->ports[i]);
    n += loom_wire_direction_clear (&cable->directions[i]);
    self->n_directions--;
    self->directions[slot] = self->directions[self->n_directions];
    self->next_ns[slot] = self->next_ns[self->n_directions];
    self->directions[slot]->from->slot = slot;
  }
  return n;
}

void
loom_wire_datapath_connect_port (LoomWireDatapath *self, LoomWirePort *port, int call_fd)
{
  port->connected = TRUE;
  port->call_fd = call_fd;
  port->fill = self->n_filled + FIRST_FILL <= self->memory->n_frames / 2 ? FIRST_FILL : LEAST_FILL;
  self->n_filled += port->fill;
  loom_wire_vring_fill (&port->receive, port->fill);
  watch (self, call_fd, port);
  activate (self, port, loom_wire_now_ns ());
}

void
loom_wire_datapath_disconnect_port (LoomWireDatapath *self, LoomWirePort *port)
{
  if (!port->connected)
    return;
  port->connected = FALSE;
  self->n_filled -= port->fill;
  epoll_ctl (self->epoll_fd, EPOLL_CTL_DEL, port->call_fd, NULL);
  for (guint i = 0; i < self->n_active; i++)
    if (self->active[i] == port)
      deactivate (self, i--);
  loom_wire_vring_clear (&port->receive);
  loom_wire_vring_clear (&port->send);
}

void
loom_wire_datapath_touch (LoomWireDatapath *self, LoomWireDirection *direction, gint64 now_ns)
{
  guint i = find_direction (self, direction);

  if (i < self->n_directions)
    run_direction (self, i, now_ns);
}
