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
/* (transfer full) (nullable): the next frame that came, or NULL. */
GBytes *vhost_peer_receive (VhostPeer *peer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VhostPeer, vhost_peer_free)

G_END_DECLS
