/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The switch's side of one end of a cable, by DPDK's vhost library: what Open vSwitch does there,
 * and nothing else. Frames carry a mark and the time at which they were sent, so that the end that
 * gets them knows what became of them, by one clock. */

#pragma once

#include <glib.h>

#include <rte_mbuf.h>

G_BEGIN_DECLS

typedef struct _WirePeer WirePeer;

/* Starts DPDK without huge pages, its files in @folder; once. FALSE when it cannot. */
gboolean wire_peer_init_dpdk (const char *folder);

/* Connects to the socket at @path, again and again until it is there. Sees segments and unfinished
 * checksums off to whoever is there, as a switch with userspace-tso-enable. */
WirePeer *wire_peer_new (const char *path);
void wire_peer_free (WirePeer *self);

gboolean wire_peer_is_connected (WirePeer *self);

/* An empty packet. */
struct rte_mbuf *wire_peer_alloc (WirePeer *self);

/* Takes @n packets; how many the wire had room for. */
guint wire_peer_send (WirePeer *self, struct rte_mbuf **packets, guint n);
/* At most @max packets, the caller's. */
guint wire_peer_receive (WirePeer *self, struct rte_mbuf **ret_packets, guint max);

/* Sends one frame of @size octets that says @number and the time now. FALSE: no room. */
gboolean wire_peer_send_marked (WirePeer *self, guint size, guint64 number);
/* The next marked frame: its number, and how long it was on its way. FALSE: none came. */
gboolean wire_peer_receive_marked (WirePeer *self, guint64 *ret_number, gint64 *ret_delay_ns);

/* Writes a marked frame into @packet. */
void wire_peer_mark (struct rte_mbuf *packet, guint size, guint64 number, gint64 now_ns);
/* FALSE: @packet is none. */
gboolean wire_peer_read_mark (struct rte_mbuf *packet, guint64 *ret_number, gint64 *ret_sent_ns);

gint64 wire_peer_now_ns (void);

G_END_DECLS
