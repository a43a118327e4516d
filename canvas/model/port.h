/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A port of a node: a machine's NIC, or a socket of a switch or hub. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  LOOM_VLAN_NONE,   /* the port takes frames as they come (switch: native, all VLANs) */
  LOOM_VLAN_ACCESS, /* IEEE 802.1Q access port: untagged, member of one VLAN */
  LOOM_VLAN_TRUNK,  /* IEEE 802.1Q trunk port: tagged, member of the listed VLANs (none: all) */
} LoomVlanMode;

/* What is set on one port. A value: owned by its node and immutable with it. */
typedef struct {
  char *mac;       /* "02:…", lower case; NULL: derived, see loom_node_dup_mac () */
  char *addresses; /* "10.0.0.1/24, fd00::1/64" for the guest that ships; NULL: none */
  LoomVlanMode vlan_mode;
  int access_vlan;     /* 1 … 4094 with LOOM_VLAN_ACCESS, else 0 */
  GArray *trunk_vlans; /* of int, ascending; NULL: none listed */
} LoomPort;

/* One end of a link: a port of a node. */
typedef struct {
  char *node; /* the node's name */
  int port;   /* 0 … n_ports - 1 */
} LoomEnd;

void loom_port_init_copy (LoomPort *port, const LoomPort *source);
void loom_port_clear (LoomPort *port);
gboolean loom_port_equal (const LoomPort *a, const LoomPort *b);

/* Orders by node name (bytes), then port number: the canonical order of the file. */
int loom_end_compare (const LoomEnd *a, const LoomEnd *b);
/* (transfer full): "pc1:0", the way ends are written in files and on command lines. */
char *loom_end_to_string (const LoomEnd *end);
/* Parses "pc1:0"; FALSE when it is not of that form. @ret_end is cleared with loom_end_clear (). */
gboolean loom_end_parse (const char *text, LoomEnd *ret_end);
void loom_end_clear (LoomEnd *end);

G_END_DECLS
