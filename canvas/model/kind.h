/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The catalogue: the kinds of node there are, one `data/nodes/<id>.node` key file each. */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum {
  LOOM_ROLE_MACHINE, /* runs a guest; its ports are NICs */
  LOOM_ROLE_SWITCH,  /* learns addresses, knows VLANs */
  LOOM_ROLE_HUB,     /* repeats every frame on every other port */
} LoomRole;

/* One kind of node. Owned by its catalogue, immutable. */
typedef struct {
  char *id;
  LoomRole role;
  char *engine;      /* which part of the backend runs it: "qemu", "ovs" */
  char *label;       /* translated: "Machine" */
  char *description; /* translated sentence for tooltips */
  char *section;     /* translated palette section: "Machines" */
  char *icon;        /* icon name, "lanloom-machine" */
  char *prefix;      /* new nodes are named prefix + number: "pc" */
  int order;         /* place in the palette */
  int default_ports;
  int max_ports;
  int default_memory_mib; /* machines */
  int min_memory_mib;
  int default_cpus;
  gboolean needs_image;     /* the person points to a disk image */
  gboolean takes_addresses; /* the guest that ships: addresses and boot script */
  GKeyFile *file;           /* the rest, for the part of the backend that runs it */
} LoomKind;

#define LOOM_TYPE_CATALOGUE (loom_catalogue_get_type ())
G_DECLARE_FINAL_TYPE (LoomCatalogue, loom_catalogue, LOOM, CATALOGUE, GObject)

LoomCatalogue *loom_catalogue_new (void);
/* Adds the kind described by the key file text @data; @id is the file's name without ".node". */
gboolean loom_catalogue_add (LoomCatalogue *self, const char *id, const char *data, gsize size,
                             GError **error);
/* (transfer none) (nullable): the kind called @id. */
const LoomKind *loom_catalogue_lookup (LoomCatalogue *self, const char *id);
/* (transfer none): all kinds (const LoomKind *), in palette order. */
GPtrArray *loom_catalogue_get_kinds (LoomCatalogue *self);

G_END_DECLS
