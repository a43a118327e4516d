/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From what the switch should be and what its database says it is to what must change. Pure.
 *
 * A NIC is a port of type dpdkvhostuserclient on bridge "panel". A port of a bridge is a pair of
 * patch ports: "b2.5" on the panel, where its cable goes, and "n-b2.5" on bridge "b2", where its
 * VLAN is set. Bridges have no local port: nothing of the lab is a device of the host. */

#pragma once

#include "backend/ovs/fabric.h"
#include "backend/ovs/ovsdb-cache.h"

G_BEGIN_DECLS

#define LOOM_PANEL "panel"
/* A port of the panel that never carries a frame; it holds the pool of packet buffers that all
 * others share, from before the first of them comes (see switch-options.c). */
#define LOOM_POOL "pool"

typedef enum {
  LOOM_FABRIC_ADD_BRIDGE,
  LOOM_FABRIC_DELETE_BRIDGE,
  LOOM_FABRIC_ADD_POOL,
  LOOM_FABRIC_ADD_NIC,
  LOOM_FABRIC_ADD_PATCH,
  LOOM_FABRIC_DELETE_PORT,
  LOOM_FABRIC_SET_VLAN,
} LoomFabricOpType;

typedef struct {
  LoomFabricOpType type;
  char *bridge; /* name of the bridge */
  char *port;   /* name of the port; NULL for bridges */
  char *target; /* ADD_NIC: socket path; ADD_POOL: DPDK device; ADD_PATCH: peer; ADD_BRIDGE:
                   "panel", "switch", "hub" */
  char *uuid;   /* DELETE_…, SET_VLAN: of the row */
  LoomFabricVlan vlan;
  int tag;
  GArray *trunks; /* of int; or NULL */
} LoomFabricOp;

/* (transfer full): of LoomFabricOp, in an order that is right for one transaction. What must go
 * before something of the same name can come is only deleted: compare again afterwards, until
 * nothing is left to do. @wanted NULL: just the panel. */
GPtrArray *loom_fabric_diff (const LoomFabric *wanted, LoomOvsdbCache *observed);

/* Appends to @ops what makes the port LOOM_POOL. */
void loom_fabric_add_pool (GPtrArray *ops);

/* (transfer full): "add-nic m3.0 on panel to /run/…", for golden tests and logs. */
char *loom_fabric_op_to_string (const LoomFabricOp *op);

/* (transfer full): the operations (RFC 7047 section 5.2) of one transaction that does @ops and
 * raises next_cfg. @datapath_type: "netdev", or "dummy" where no tap can be made. */
JsonArray *loom_fabric_ops_to_transaction (GPtrArray *ops, LoomOvsdbCache *observed,
                                           const char *datapath_type);

/* (transfer full): key of end -> OpenFlow port number on the panel, of those that have one. */
GHashTable *loom_fabric_observed_ports (LoomOvsdbCache *observed, const char *bridge);
/* (transfer full) (nullable): "m3.0: could not open …", of the first few ports with an error. */
char *loom_fabric_observed_errors (LoomOvsdbCache *observed);
/* (transfer full): name of interface → what the switch says is wrong with it; empty if nothing. */
GHashTable *loom_fabric_observed_refusals (LoomOvsdbCache *observed);

G_END_DECLS
