/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a frame is, in a few words and as a class to colour it by, from its first bytes: enough for
 * a frame that waits on a cable. Details are Wireshark's business. Pure; any bytes will do. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  LOOM_FRAME_OTHER,
  LOOM_FRAME_ARP,
  LOOM_FRAME_ICMP, /* and ICMPv6 */
  LOOM_FRAME_TCP,
  LOOM_FRAME_UDP,
  LOOM_FRAME_NAMES,    /* DNS, mDNS */
  LOOM_FRAME_DHCP,     /* and DHCPv6 */
  LOOM_FRAME_ROUTING,  /* OSPF, RIP, BGP */
  LOOM_FRAME_BRIDGING, /* spanning tree, LLDP, LACP */
} LoomFrameClass;

/* @size: of @bytes, which may be cut off anywhere. */
LoomFrameClass loom_frame_classify (const guint8 *bytes, gsize size);
/* Stable English id: "arp". */
const char *loom_frame_class_to_id (LoomFrameClass class);
/* (transfer full): "ARP who has 10.0.0.2, says 10.0.0.1", "TCP 10.0.0.1:4242 → 10.0.0.2:80 SYN". In
 * the terms of the protocols, which are not translated. */
char *loom_frame_describe (const guint8 *bytes, gsize size);

G_END_DECLS
