/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A NIC without a guest: the front end of a vhost-user socket as QEMU is one, small enough to hand
 * single frames to the switch and take them back. One main loop turns for all. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _VhostPeer VhostPeer;

/* Listens at @path; the switch connects. */
VhostPeer *vhost_peer_new (const char *path);
void vhost_peer_free (VhostPeer *peer);

gboolean vhost_peer_is_connected (VhostPeer *peer);
/* FALSE when the ring is full or nobody is connected. */
gboolean vhost_peer_send (VhostPeer *peer, const void *frame, gsize size);
/* Sends a TCP segment of up to 64 KiB as a guest with segmentation offload does: in one piece, with
 * what virtio says of it. @headers: octets before the payload; @is_ipv6. FALSE when frames are
 * still on their way, nobody is connected, or the switch does not take segments. */
gboolean vhost_peer_send_segment (VhostPeer *peer, const void *frame, gsize size, guint tcp_at,
                                  guint headers, guint segment_size, gboolean is_ipv6);
/* Sends the same frame as often as there is room, @n times at most; how often. */
guint vhost_peer_send_many (VhostPeer *peer, const void *frame, gsize size, guint n);
/* Takes all that came and looks at none; how many there were. */
guint vhost_peer_discard (VhostPeer *peer);
/* (transfer full) (nullable): the next frame that came, or NULL. */
GBytes *vhost_peer_receive (VhostPeer *peer);

/* What a guest can do wrong to its own rings, and what only a QEMU that was taken over can say. */
typedef enum {
  VHOST_MISUSE_OUTSIDE,    /* a frame that lies outside of the guest's memory */
  VHOST_MISUSE_HUGE,       /* a frame of 4 GiB */
  VHOST_MISUSE_LOOP,       /* a chain of descriptors that leads back to itself */
  VHOST_MISUSE_NEXT,       /* a chain that goes on outside of the table */
  VHOST_MISUSE_INDIRECT,   /* a table of descriptors elsewhere, outside of memory */
  VHOST_MISUSE_JUMP,       /* the ring claims more frames than it has places */
  VHOST_MISUSE_SLOT,       /* a place of the ring names a descriptor that there is not */
  VHOST_MISUSE_TINY,       /* a buffer to receive into that has no room for the header */
  VHOST_MISUSE_NOISE,      /* rings and descriptors full of noise */
  VHOST_MISUSE_N_OF_GUEST, /* those before are a guest's, those after are QEMU's */
  VHOST_MISUSE_REQUEST = VHOST_MISUSE_N_OF_GUEST, /* a request that there is not */
  VHOST_MISUSE_SIZE,                              /* a request larger than any */
  VHOST_MISUSE_QUEUE,                             /* a queue far beyond the last */
  VHOST_MISUSE_NUMBER,                            /* a ring of no places, and of too many */
  VHOST_MISUSE_REGIONS,                           /* a memory of a thousand million regions */
  VHOST_MISUSE_NO_FD,                             /* a memory without a descriptor */
  VHOST_MISUSE_ADDRESS,                           /* a ring outside of memory */
  VHOST_MISUSE_HANGUP,                            /* half a request, then nothing */
  VHOST_MISUSE_N,
} VhostMisuse;

/* Does it; afterwards the peer is good for nothing until vhost_peer_hang_up (). */
void vhost_peer_misuse (VhostPeer *peer, VhostMisuse misuse);
/* The switch connects again, to rings that are right. */
void vhost_peer_hang_up (VhostPeer *peer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VhostPeer, vhost_peer_free)

G_END_DECLS
