/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A cable between two ports. A reference-counted value, like LoomNode. */

#pragma once

#include <glib-object.h>

#include "canvas/model/port.h"

G_BEGIN_DECLS

#define LOOM_TYPE_LINK (loom_link_get_type ())

typedef struct _LoomLink LoomLink;

struct _LoomLink {
  LoomEnd a; /* loom_end_compare (&a, &b) < 0, always */
  LoomEnd b;
  GPtrArray *extra; /* unknown members, as in LoomNode */

  /*< private >*/
  gatomicrefcount ref_count;
};

GType loom_link_get_type (void);
/* Puts the two ends in order. */
LoomLink *loom_link_new (const LoomEnd *one, const LoomEnd *other);
LoomLink *loom_link_copy (const LoomLink *link);
LoomLink *loom_link_ref (LoomLink *link);
void loom_link_unref (LoomLink *link);
gboolean loom_link_equal (const LoomLink *a, const LoomLink *b);
/* (transfer full): "pc1:0 pc2:0", the identity of a cable in files, on D-Bus and command lines. */
char *loom_link_dup_id (const LoomLink *link);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomLink, loom_link_unref)

G_END_DECLS
