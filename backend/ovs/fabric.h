/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a lab's switch should be: NICs on a patch panel, bridges with ports, cables between ends.
 * A pure value: built by the engine, compared and executed by LoomSwitch.
 *
 * Keys are short, stable, and never names that a person chose, so that a rename touches nothing:
 * "m3.0" is NIC 0 of machine instance m3, "b2" a bridge, "b2.5" its port 5. A key is 1 to
 * LOOM_FABRIC_KEY_MAX bytes of [a-z0-9.], starting with a letter, and unique in the fabric; they
 * become names of OVSDB ports, which is where the limit comes from. */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define LOOM_FABRIC_KEY_MAX 13
#define LOOM_FABRIC_MAX_ENDS 8192
#define LOOM_TYPE_FABRIC (loom_fabric_get_type ())

typedef enum {
  LOOM_BRIDGE_SWITCH, /* learns addresses, knows VLANs; RSTP off */
  LOOM_BRIDGE_HUB,    /* every frame goes out of every other port */
} LoomBridgeType;

typedef enum {
  LOOM_FABRIC_VLAN_NONE,   /* frames as they come, all VLANs, untagged is its own */
  LOOM_FABRIC_VLAN_ACCESS, /* untagged member of @tag */
  LOOM_FABRIC_VLAN_TRUNK,  /* tagged member of @trunks; none listed: all */
} LoomFabricVlan;

/* A NIC: QEMU listens on @socket_path (vhost-user), the switch connects, again and again. */
typedef struct {
  char *key;
  char *socket_path;
} LoomFabricNic;

typedef struct {
  char *key;
  LoomFabricVlan vlan;
  int tag;        /* 1 … 4094 with ACCESS, else 0 */
  GArray *trunks; /* of int, ascending; NULL: none listed */
} LoomFabricPort;

typedef struct {
  char *key;
  LoomBridgeType type;
  GPtrArray *ports; /* of LoomFabricPort */
} LoomFabricBridge;

/* Which way the frames of a cable go. */
typedef enum {
  LOOM_FABRIC_DIRECT,   /* from end to end */
  LOOM_FABRIC_THROUGH,  /* by two NICs of a process that does something to them */
  LOOM_FABRIC_DRAINING, /* from end to end; what that process still holds comes out of it */
} LoomFabricRoute;

/* A cable from end to end; ends are keys of NICs and of bridge ports. */
typedef struct {
  guint64 cookie; /* its identity; not 0, unique in the fabric, below 2^63 */
  char *end_a;
  char *end_b;
  LoomFabricRoute route;
  char *via_a; /* key of the NIC beside end a and of that beside end b; NULL with DIRECT */
  char *via_b;
  gboolean cut_from_a; /* frames that leave end a are lost */
  gboolean cut_from_b;
} LoomFabricCable;

typedef struct {
  GPtrArray *nics;    /* of LoomFabricNic */
  GPtrArray *bridges; /* of LoomFabricBridge */
  GPtrArray *cables;  /* of LoomFabricCable */

  /*< private >*/
  gatomicrefcount ref_count;
} LoomFabric;

GType loom_fabric_get_type (void);
LoomFabric *loom_fabric_new (void);
LoomFabric *loom_fabric_ref (LoomFabric *fabric);
void loom_fabric_unref (LoomFabric *fabric);

/* Adders copy what they are given. After the fabric was handed to a LoomSwitch it must not change:
 * build a new one. */
void loom_fabric_add_nic (LoomFabric *fabric, const char *key, const char *socket_path);
LoomFabricBridge *loom_fabric_add_bridge (LoomFabric *fabric, const char *key, LoomBridgeType type);
void loom_fabric_bridge_add_port (LoomFabricBridge *bridge, const char *key, LoomFabricVlan vlan,
                                  int tag, const int *trunks, gsize n_trunks);
/* (transfer none): the cable, direct and whole; what else is to be of it is set before it is handed
 * over. */
LoomFabricCable *loom_fabric_add_cable (LoomFabric *fabric, guint64 cookie, const char *end_a,
                                        const char *end_b);
void loom_fabric_cable_set_route (LoomFabricCable *cable, LoomFabricRoute route, const char *via_a,
                                  const char *via_b);

/* Number of NICs and bridge ports. */
guint loom_fabric_get_n_ends (const LoomFabric *fabric);

/* FALSE with LOOM_SWITCH_ERROR_INVALID: a key that is malformed or used twice, a cable to an end,
 * or by one, that does not exist or has another cable, a VLAN out of range, too many ends. */
gboolean loom_fabric_check (const LoomFabric *fabric, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomFabric, loom_fabric_unref)

G_END_DECLS
