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
/* (transfer full) (nullable): the next frame that came, or NULL. */
GBytes *vhost_peer_receive (VhostPeer *peer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VhostPeer, vhost_peer_free)

G_END_DECLS
