/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A node of the lab as drawn: a machine, a switch or a hub.
 *
 * Nodes are reference-counted values: fields may be set between loom_node_new () or
 * loom_node_copy () and the moment the node is handed to a lab or a change; from then on the node
 * is shared and never written again. An edit replaces a node by a changed copy, which is what makes
 * undo a swap of two pointers. */

#pragma once

#include <glib-object.h>

#include "canvas/model/port.h"

G_BEGIN_DECLS

#define LOOM_NODE_NAME_MAX 32 /* bytes; a hostname label that leaves room in socket paths */
#define LOOM_NODE_MAX_PORTS 64
#define LOOM_TYPE_NODE (loom_node_get_type ())

typedef struct _LoomNode LoomNode;

struct _LoomNode {
  char *name; /* unique in the lab; [A-Za-z0-9][A-Za-z0-9._-]*, at most LOOM_NODE_NAME_MAX */
  char *kind; /* id of a LoomKind of the catalogue: "tiny", "disk", "switch", "hub" */
  double x;   /* centre of the tile in canvas units (1 unit = 1 px at 100 %) */
  double y;
  int memory_mib; /* 0: the kind's default */
  int n_cpus;     /* 0: the kind's default */
  char *image;    /* disk image as written in the file, for kinds that take one; or NULL */
  char *boot;     /* script run inside the guest when it is ready; or NULL */
  GStrv after;    /* names of nodes that are to be ready before it starts: sorted, each once; or
                     NULL. See canvas/model/after.h */
  int n_ports;
  LoomPort *ports;  /* n_ports of them */
  GPtrArray *extra; /* unknown members of the node's line, alternating name and JSON text, kept
                       as they were written; or NULL. Replaced as a whole, never written to: copies
                       share it */
  GPtrArray *canvas_extra; /* the same for the node's line under "canvas" */

  /*< private >*/
  gatomicrefcount ref_count;
};

GType loom_node_get_type (void);
LoomNode *loom_node_new (const char *name, const char *kind, int n_ports);
LoomNode *loom_node_copy (const LoomNode *node);
LoomNode *loom_node_ref (LoomNode *node);
void loom_node_unref (LoomNode *node);
gboolean loom_node_equal (const LoomNode *a, const LoomNode *b);
/* Whether the two differ in their place on the canvas at most. */
gboolean loom_node_equal_but_layout (const LoomNode *a, const LoomNode *b);
/* (transfer full): a copy of @node that stands elsewhere, or is called otherwise. */
LoomNode *loom_node_copy_at (const LoomNode *node, double x, double y);
LoomNode *loom_node_copy_named (const LoomNode *node, const char *name);

/* Sets the number of ports, keeping what is set on those that stay. */
void loom_node_set_n_ports (LoomNode *node, int n_ports);

/* (transfer full): the MAC of port @port: the one set, or a locally administered unicast address
 * derived from node name and port, the same on every host (RFC 5342 section 2.1). */
char *loom_node_dup_mac (const LoomNode *node, int port);

/* Whether @name may name a node; @error says why not, in a sentence. */
gboolean loom_node_name_is_valid (const char *name, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomNode, loom_node_unref)

G_END_DECLS
