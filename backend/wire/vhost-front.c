/* SPDX-License-Identifier: GPL-3.0-or-later */

/* No protocol features are agreed on, so that rings run once they have been kicked, and nothing but
 * the question for features is answered. Messages are short and the socket is local: they are
 * written at once, and a switch that does not take them loses its connection. */

#include "backend/wire/vhost-front.h"

#include "backend/proto/acceptor.h"
#include "backend/wire/vring.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define N_RINGS 2
#define VERSION 1

enum {
  GET_FEATURES = 1,
  SET_FEATURES = 2,
  SET_OWNER = 3,
  SET_MEM_TABLE = 5,
  SET_VRING_NUM = 8,
  SET_VRING_ADDR = 9,
  SET_VRING_BASE = 10,
  SET_VRING_KICK = 12,
  SET_VRING_CALL = 13,
};

/* virtio 1.1, sections 5.1.3 and 6: what we can take. A switch that passes segments of its guests
 * on may hand them to us whole and with unfinished checksums. */
#define FEATURE_GUEST_CHECKSUM (G_GUINT64_CONSTANT (1) << 1)
#define FEATURE_GUEST_TSO4 (G_GUINT64_CONSTANT (1) << 7)
#define FEATURE_GUEST_TSO6 (G_GUINT64_CONSTANT (1) << 8)
#define FEATURE_GUEST_ECN (G_GUINT64_CONSTANT (1) << 9)
#define FEATURE_MERGEABLE (G_GUINT64_CONSTANT (1) << 15)
#define FEATURE_VERSION_1 (G_GUINT64_CONSTANT (1) << 32)
#define FEATURES_NEEDED FEATURE_VERSION_1
#define FEATURES                                                                                   \
  (FEATURE_VERSION_1 | FEATURE_MERGEABLE | FEATURE_GUEST_CHECKSUM | FEATURE_GUEST_TSO4             \
   | FEATURE_GUEST_TSO6 | FEATURE_GUEST_ECN)

typedef enum {
  STATE_LISTENING,
  STATE_ASKED,
  STATE_CONNECTED,
  STATE_LEAVING,
  STATE_STOPPED,
} State;

struct _LoomWireFront {
  char *path;
  LoomWireMemory *memory;
  guint8 *rings;
  const LoomWireFrontEvents *events;
  gpointer user_data;
  State state;
  LoomAcceptor *acceptor; /* open while listening */
  int connection;
  guint connection_id;
  int kick[N_RINGS];
  int call[N_RINGS];
};

static gboolean
send_message (LoomWireFront *self, guint32 request, const void *payload, guint32 size, int fd)
{
  guint32 header[3] = {request, VERSION, size};
  struct iovec parts[2] = {{header, sizeof header}, {(void *) payload, size}};
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE (sizeof (int))];
  } control = {0};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

  if (fd >= 0) {
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN (sizeof fd);
    memcpy (CMSG_DATA (&control.header), &fd, sizeof fd);
  }
  return sendmsg (self->connection, &message, MSG_NOSIGNAL | MSG_DONTWAIT)
         == (gssize) (sizeof header + size);
}

static gboolean
send_memory (LoomWireFront *self)
{
  const struct {
    guint32 n_regions;
    guint32 padding;
    guint64 guest_address;
    guint64 size;
    guint64 user_address;
    guint64 mmap_offset;
  } table = {1,
             0,
             (guint64) (gsize) self->memory->base,
             self->memory->size,
             (guint64) (gsize) self->memory->base,
             0};

  return send_message (self, SET_MEM_TABLE, &table, sizeof table, self->memory->fd);
}

static gboolean
send_ring (LoomWireFront *self, guint32 ring)
{
  const guint32 number[2] = {ring, LOOM_WIRE_RING_SIZE};
  const guint32 base[2] = {ring, 0};
  const guint64 index = ring;
  const guint64 start = (guint64) (gsize) self->rings + ring * LOOM_WIRE_VRING_BYTES;
  const struct {
    guint32 index;
    guint32 flags;
    guint64 descriptors;
    guint64 used;
    guint64 avail;
    guint64 log;
  } address = {ring, 0, start, start + LOOM_WIRE_USED_AT, start + LOOM_WIRE_AVAIL_AT, 0};

  return send_message (self, SET_VRING_NUM, number, sizeof number, -1)
         && send_message (self, SET_VRING_BASE, base, sizeof base, -1)
         && send_message (self, SET_VRING_ADDR, &address, sizeof address, -1)
         && send_message (self, SET_VRING_CALL, &index, sizeof index, self->call[ring])
         && send_message (self, SET_VRING_KICK, &index, sizeof index, self->kick[ring]);
}

static gboolean
tell_all (LoomWireFront *self, guint64 features)
{
  return send_message (self, SET_OWNER, NULL, 0, -1)
         && send_message (self, SET_FEATURES, &features, sizeof features, -1) && send_memory (self)
         && send_ring (self, 0) && send_ring (self, 1);
}

static void
close_connection (LoomWireFront *self)
{
  g_clear_handle_id (&self->connection_id, g_source_remove);
  if (self->connection >= 0)
    close (self->connection);
  self->connection = -1;
}

/* The connection ended, in whichever state. */
static void
hang_up (LoomWireFront *self)
{
  close_connection (self);
  if (self->state == STATE_CONNECTED) {
    self->state = STATE_LEAVING;
    self->events->connected (FALSE, self->user_data);
  } else if (self->state == STATE_ASKED) {
    self->state = STATE_LISTENING;
    loom_acceptor_set_open (self->acceptor, TRUE);
  }
}

/* The answer to GET_FEATURES; FALSE: something else. */
static gboolean
read_features (LoomWireFront *self, guint64 *ret_features)
{
  struct {
    guint32 request;
    guint32 flags;
    guint32 size;
    guint64 features;
  } __attribute__ ((packed)) answer;

  if (recv (self->connection, &answer, sizeof answer, MSG_DONTWAIT) != sizeof answer)
    return FALSE;
  *ret_features = answer.features;
  return answer.request == GET_FEATURES && answer.size == sizeof answer.features;
}

static void
on_answer (LoomWireFront *self)
{
  guint64 features;

  if (!read_features (self, &features) || (features & FEATURES_NEEDED) != FEATURES_NEEDED) {
    hang_up (self);
    return;
  }
  self->events->prepare (self->user_data);
  if (!tell_all (self, features & FEATURES)) {
    hang_up (self);
    return;
  }
  self->state = STATE_CONNECTED;
  self->events->connected (TRUE, self->user_data);
}

static gboolean
on_connection_ready (int fd, GIOCondition condition, gpointer user_data)
{
  LoomWireFront *self = user_data;
  char byte;

  if (self->state == STATE_ASKED && (condition & G_IO_IN) != 0) {
    on_answer (self);
    return G_SOURCE_CONTINUE;
  }
  /* Nothing else was asked for: words are ignored, the end is an end. */
  if ((condition & G_IO_IN) == 0 || recv (fd, &byte, 1, MSG_DONTWAIT) <= 0)
    hang_up (self);
  return G_SOURCE_CONTINUE;
}

static void
on_somebody (int fd, gpointer user_data)
{
  LoomWireFront *self = user_data;

  loom_acceptor_set_open (self->acceptor, FALSE);
  self->connection = fd;
  self->state = STATE_ASKED;
  self->connection_id = g_unix_fd_add (self->connection, G_IO_IN | G_IO_HUP | G_IO_ERR,
                                       on_connection_ready, self);
  if (!send_message (self, GET_FEATURES, NULL, 0, -1))
    hang_up (self);
}

static gboolean
make_descriptor (int *ret_fd, GError **error)
{
  *ret_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (*ret_fd >= 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
               "no descriptor for the end of a cable: %s", g_strerror (errno));
  return FALSE;
}

static gboolean
make_descriptors (LoomWireFront *self, GError **error)
{
  for (guint i = 0; i < N_RINGS; i++)
    if (!make_descriptor (&self->kick[i], error) || !make_descriptor (&self->call[i], error))
      return FALSE;
  return TRUE;
}

static void
close_descriptor (int fd)
{
  if (fd >= 0)
    close (fd);
}

LoomWireFront *
loom_wire_front_new (const char *path, LoomWireMemory *memory, guint8 *rings,
                     const LoomWireFrontEvents *events, gpointer user_data, GError **error)
{
  LoomWireFront *self = g_new0 (LoomWireFront, 1);

  self->path = g_strdup (path);
  self->memory = memory;
  self->rings = rings;
  self->events = events;
  self->user_data = user_data;
  self->connection = -1;
  for (guint i = 0; i < N_RINGS; i++)
    self->kick[i] = self->call[i] = -1;
  if (make_descriptors (self, error)) {
    unlink (path);
    self->acceptor = loom_acceptor_new (path, on_somebody, self, error);
  }
  if (self->acceptor != NULL)
    return self;
  loom_wire_front_free (self);
  return NULL;
}

void
loom_wire_front_free (LoomWireFront *self)
{
  if (self == NULL)
    return;
  loom_wire_front_stop (self);
  for (guint i = 0; i < N_RINGS; i++) {
    close_descriptor (self->kick[i]);
    close_descriptor (self->call[i]);
  }
  g_free (self->path);
  g_free (self);
}

void
loom_wire_front_stop (LoomWireFront *self)
{
  close_connection (self);
  if (self->acceptor != NULL)
    unlink (self->path);
  g_clear_pointer (&self->acceptor, loom_acceptor_free);
  self->state = STATE_STOPPED;
}

void
loom_wire_front_left (LoomWireFront *self)
{
  if (self->state != STATE_LEAVING)
    return; /* stopped meanwhile */
  self->state = STATE_LISTENING;
  loom_acceptor_set_open (self->acceptor, TRUE);
}

int
loom_wire_front_get_kick_fd (LoomWireFront *self, guint ring)
{
  return self->kick[ring];
}

int
loom_wire_front_get_call_fd (LoomWireFront *self)
{
  return self->call[0];
}
