/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A spatial index: which items are near. A hash of square cells, since a lab has no bounds and its
 * items have much the same size. */

#pragma once

#include "canvas/scene/geometry.h"

G_BEGIN_DECLS

typedef struct _LoomIndex LoomIndex;

/* Embedded in what is indexed; zeroed before the first use. */
typedef struct {
  gpointer owner;
  int kind;      /* the owner's own business */
  GArray *cells; /* of gint64: where it is entered; NULL: nowhere */
  guint stamp;   /* the last query that found it */
} LoomIndexEntry;

LoomIndex *loom_index_new (void);
void loom_index_free (LoomIndex *self);
/* Enters (again) an entry by its area, or by the cells that a curve grown by @by passes. */
void loom_index_put_rect (LoomIndex *self, LoomIndexEntry *entry, const LoomRect *rect);
void loom_index_put_curve (LoomIndex *self, LoomIndexEntry *entry, const LoomCurve *curve,
                           double by);
void loom_index_remove (LoomIndex *self, LoomIndexEntry *entry);
/* Appends to @found, once each, the entries (LoomIndexEntry *) that may touch @area. */
void loom_index_query (LoomIndex *self, const LoomRect *area, GPtrArray *found);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomIndex, loom_index_free)

G_END_DECLS
