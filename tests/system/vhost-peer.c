/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See vhost-peer.h, and vhost-peer-private.h for what is where. */

#include "tests/system/vhost-peer-private.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FEATURE_CHECKSUM (1ull << 0)
#define FEATURE_TSO4 (1ull << 11)
#define FEATURE_TSO6 (1ull << 12)
#define FEATURE_VERSION_1 (1ull << 32)
/* What a guest's card does for it, if the switch takes it. */
#define FEATURES_OFFLOAD (FEATURE_CHECKSUM | FEATURE_TSO4 | FEATURE_TSO6)

void
vhost_peer_send_request (VhostPeer *peer, guint32 request, const void *payload, guint32 size,
                         int fd)
{
  guint32 header[3] = {request, 1, size};
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
    control.header.cmsg_len = CMSG_LEN (sizeof (int));
    memcpy (CMSG_DATA (&control.header), &fd, sizeof fd);
  }
  if (sendmsg (peer->connection, &message, MSG_NOSIGNAL) < 0)
    g_test_message ("vhost request %u: %s", request, g_strerror (errno));
}

static void
set_up_queue (VhostPeer *peer, guint32 queue)
{
  guint32 number[2] = {queue, QUEUE_SIZE};
  guint32 base[2] = {queue, 0};
  guint64 index = queue;
  struct {
    guint32 index;
    guint32 flags;
    guint64 descriptors;
    guint64 used;
    guint64 avail;
    guint64 log;
  } address = {queue,
               0,
               (guint64) (gsize) vhost_peer_get_descriptors (peer, queue),
               (guint64) (gsize) vhost_peer_get_used (peer, queue),
               (guint64) (gsize) vhost_peer_get_avail (peer, queue),
               0};

  vhost_peer_send_request (peer, SET_VRING_NUM, number, sizeof number, -1);
  vhost_peer_send_request (peer, SET_VRING_BASE, base, sizeof base, -1);
  vhost_peer_send_request (peer, SET_VRING_ADDR, &address, sizeof address, -1);
  vhost_peer_send_request (peer, SET_VRING_CALL, &index, sizeof index, peer->call[queue]);
  vhost_peer_send_request (peer, SET_VRING_KICK, &index, sizeof index, peer->kick[queue]);
}

static void
reset_rings (VhostPeer *peer)
{
  memset (peer->memory, 0, BUFFERS_OFFSET);
  peer->last_used[QUEUE_RX] = peer->last_used[QUEUE_TX] = 0;
  for (guint i = 0; i < QUEUE_SIZE; i++) {
    vhost_peer_get_descriptors (peer, QUEUE_RX)[i] = (Descriptor){
        vhost_peer_buffer_offset (QUEUE_RX, i), BUFFER_SIZE, DESC_WRITE, 0};
    vhost_peer_get_avail (peer, QUEUE_RX)->ring[i] = (guint16) i;
  }
  vhost_peer_get_avail (peer, QUEUE_RX)->index = QUEUE_SIZE;
}

static void
shake_hands (VhostPeer *peer)
{
  struct {
    guint32 header[3];
    guint64 features;
  } __attribute__ ((packed)) reply;
  guint64 features;
  struct {
    guint32 n_regions;
    guint32 padding;
    guint64 guest_address;
    guint64 size;
    guint64 user_address;
    guint64 mmap_offset;
  } table = {1, 0, 0, MEMORY_SIZE, (guint64) (gsize) peer->memory, 0};

  reset_rings (peer);
  vhost_peer_send_request (peer, GET_FEATURES, NULL, 0, -1);
  if (recv (peer->connection, &reply, sizeof reply, MSG_WAITALL) != sizeof reply)
    return;
  features = FEATURE_VERSION_1 | (reply.features & FEATURES_OFFLOAD);
  peer->offloads = (features & FEATURES_OFFLOAD) == FEATURES_OFFLOAD;
  vhost_peer_send_request (peer, SET_OWNER, NULL, 0, -1);
  vhost_peer_send_request (peer, SET_FEATURES, &features, sizeof features, -1);
  vhost_peer_send_request (peer, SET_MEM_TABLE, &table, sizeof table, peer->memory_fd);
  set_up_queue (peer, QUEUE_RX);
  set_up_queue (peer, QUEUE_TX);
}

static gboolean
on_hangup (int fd, GIOCondition condition, gpointer user_data)
{
  VhostPeer *peer = user_data;

  peer->hangup_id = 0;
  close (peer->connection);
  peer->connection = -1;
  return G_SOURCE_REMOVE;
}

static gboolean
on_connection (int fd, GIOCondition condition, gpointer user_data)
{
  VhostPeer *peer = user_data;

  if (peer->connection >= 0) {
    g_clear_handle_id (&peer->hangup_id, g_source_remove);
    close (peer->connection);
  }
  peer->connection = accept4 (fd, NULL, NULL, SOCK_CLOEXEC);
  peer->hangup_id = g_unix_fd_add (peer->connection, G_IO_HUP, on_hangup, peer);
  shake_hands (peer);
  return G_SOURCE_CONTINUE;
}

VhostPeer *
vhost_peer_new (const char *path)
{
  VhostPeer *peer = g_new0 (VhostPeer, 1);
  struct sockaddr_un address = {.sun_family = AF_UNIX};

  peer->path = g_strdup (path);
  peer->connection = -1;
  peer->memory_fd = memfd_create ("vhost-peer", MFD_CLOEXEC);
  g_assert_no_errno (ftruncate (peer->memory_fd, MEMORY_SIZE));
  peer->memory = mmap (NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, peer->memory_fd, 0);
  g_assert_true (peer->memory != MAP_FAILED);
  for (int i = 0; i < 2; i++) {
    peer->kick[i] = eventfd (0, EFD_CLOEXEC);
    peer->call[i] = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  }
  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  peer->listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  unlink (path);
  g_assert_no_errno (bind (peer->listener, (struct sockaddr *) &address, sizeof address));
  g_assert_no_errno (listen (peer->listener, 1));
  peer->listen_id = g_unix_fd_add (peer->listener, G_IO_IN, on_connection, peer);
  return peer;
}

void
vhost_peer_free (VhostPeer *peer)
{
  g_clear_handle_id (&peer->hangup_id, g_source_remove);
  g_source_remove (peer->listen_id);
  if (peer->connection >= 0)
    close (peer->connection);
  close (peer->listener);
  for (int i = 0; i < 2; i++) {
    close (peer->kick[i]);
    close (peer->call[i]);
  }
  munmap (peer->memory, MEMORY_SIZE);
  close (peer->memory_fd);
  unlink (peer->path);
  g_free (peer->path);
  g_free (peer);
}

gboolean
vhost_peer_is_connected (VhostPeer *peer)
{
  return peer->connection >= 0;
}

/* Puts a frame into the ring, where there is room, without telling the switch yet. */
static void
put (VhostPeer *peer, guint16 index, const void *frame, gsize size)
{
  guint slot = index % QUEUE_SIZE;
  guint64 offset = vhost_peer_buffer_offset (QUEUE_TX, slot);

  memset (peer->memory + offset, 0, HEADER_SIZE);
  memcpy (peer->memory + offset + HEADER_SIZE, frame, size);
  vhost_peer_get_descriptors (peer, QUEUE_TX)[slot] = (Descriptor){
      offset, (guint32) (HEADER_SIZE + size), 0, 0};
  vhost_peer_get_avail (peer, QUEUE_TX)->ring[slot] = (guint16) slot;
}

guint
vhost_peer_send_many (VhostPeer *peer, const void *frame, gsize size, guint n)
{
  Avail *avail = vhost_peer_get_avail (peer, QUEUE_TX);
  guint16 used = __atomic_load_n (&vhost_peer_get_used (peer, QUEUE_TX)->index, __ATOMIC_ACQUIRE);
  guint n_room = QUEUE_SIZE - (guint16) (avail->index - used);

  g_assert_cmpuint (size, <=, BUFFER_SIZE - HEADER_SIZE);
  n = peer->connection < 0 ? 0 : MIN (n, n_room);
  for (guint i = 0; i < n; i++)
    put (peer, (guint16) (avail->index + i), frame, size);
  __atomic_store_n (&avail->index, (guint16) (avail->index + n), __ATOMIC_RELEASE);
  return n;
}

gboolean
vhost_peer_send (VhostPeer *peer, const void *frame, gsize size)
{
  return vhost_peer_send_many (peer, frame, size, 1) == 1;
}

gboolean
vhost_peer_send_segment (VhostPeer *peer, const void *frame, gsize size, guint tcp_at,
                         guint headers, guint segment_size, gboolean is_ipv6)
{
  Avail *avail = vhost_peer_get_avail (peer, QUEUE_TX);
  Descriptor *descriptors = vhost_peer_get_descriptors (peer, QUEUE_TX);
  const guint16 header[HEADER_SIZE / 2] = {(guint16) (1 | (is_ipv6 ? 4 : 1) << 8),
                                           (guint16) headers,
                                           (guint16) segment_size,
                                           (guint16) tcp_at,
                                           16,
                                           0};
  guint8 *octets = peer->memory + vhost_peer_buffer_offset (QUEUE_TX, 0);
  guint n = (guint) ((HEADER_SIZE + size + BUFFER_SIZE - 1) / BUFFER_SIZE);

  if (peer->connection < 0 || !peer->offloads || n > QUEUE_SIZE
      || __atomic_load_n (&vhost_peer_get_used (peer, QUEUE_TX)->index, __ATOMIC_ACQUIRE)
             != avail->index)
    return FALSE;
  /* The buffers lie one behind the other, and none is in use. */
  memcpy (octets, header, HEADER_SIZE);
  memcpy (octets + HEADER_SIZE, frame, size);
  for (guint i = 0; i < n; i++)
    descriptors[i] = (Descriptor){vhost_peer_buffer_offset (QUEUE_TX, i),
                                  (guint32) MIN (BUFFER_SIZE, HEADER_SIZE + size - i * BUFFER_SIZE),
                                  i + 1 < n ? DESC_NEXT : 0, (guint16) (i + 1)};
  avail->ring[avail->index % QUEUE_SIZE] = 0;
  __atomic_store_n (&avail->index, (guint16) (avail->index + 1), __ATOMIC_RELEASE);
  return TRUE;
}

/* The frames of the ring that came stay where they are: each place is offered again. */
guint
vhost_peer_discard (VhostPeer *peer)
{
  Used *used = vhost_peer_get_used (peer, QUEUE_RX);
  Avail *avail = vhost_peer_get_avail (peer, QUEUE_RX);
  guint16 index = __atomic_load_n (&used->index, __ATOMIC_ACQUIRE);
  guint n = 0;

  for (; peer->last_used[QUEUE_RX] != index; peer->last_used[QUEUE_RX]++, n++)
    avail->ring[(guint16) (avail->index + n) % QUEUE_SIZE] =
        (guint16) (used->ring[peer->last_used[QUEUE_RX] % QUEUE_SIZE].id % QUEUE_SIZE);
  __atomic_store_n (&avail->index, (guint16) (avail->index + n), __ATOMIC_RELEASE);
  return n;
}

GBytes *
vhost_peer_receive (VhostPeer *peer)
{
  Used *used = vhost_peer_get_used (peer, QUEUE_RX);
  Avail *avail = vhost_peer_get_avail (peer, QUEUE_RX);
  guint16 index = __atomic_load_n (&used->index, __ATOMIC_ACQUIRE);
  guint32 id;
  guint32 length;
  GBytes *frame;

  if (peer->last_used[QUEUE_RX] == index)
    return NULL;
  id = used->ring[peer->last_used[QUEUE_RX] % QUEUE_SIZE].id % QUEUE_SIZE;
  length = CLAMP (used->ring[peer->last_used[QUEUE_RX] % QUEUE_SIZE].length, HEADER_SIZE,
                  BUFFER_SIZE);
  peer->last_used[QUEUE_RX]++;
  frame = g_bytes_new (peer->memory + vhost_peer_buffer_offset (QUEUE_RX, id) + HEADER_SIZE,
                       length - HEADER_SIZE);
  avail->ring[avail->index % QUEUE_SIZE] = (guint16) id;
  __atomic_store_n (&avail->index, (guint16) (avail->index + 1), __ATOMIC_RELEASE);
  return frame;
}

void
vhost_peer_hang_up (VhostPeer *peer)
{
  if (peer->connection < 0)
    return;
  g_clear_handle_id (&peer->hangup_id, g_source_remove);
  close (peer->connection);
  peer->connection = -1;
}
