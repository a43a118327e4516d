/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Records from one thread to one other, without a lock: bounded, and full is an answer and not a
 * wait. A record lies in one piece, so that it can be read where it is. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _LoomWireRing LoomWireRing;

/* (transfer full): room for @size octets, a power of two; each record takes 8 more, and is rounded
 * up to 8. */
LoomWireRing *loom_wire_ring_new (gsize size);
/* Both threads have left it. */
void loom_wire_ring_free (LoomWireRing *self);

/* The writing thread: where a record of @size octets may be written; NULL when there is no room (or
 * never will be: a record of more than half of the ring). */
void *loom_wire_ring_reserve (LoomWireRing *self, gsize size);
/* The writing thread: what was reserved last is whole. */
void loom_wire_ring_commit (LoomWireRing *self);

/* The reading thread: the oldest record, or NULL; it stays there until release (). */
const void *loom_wire_ring_peek (LoomWireRing *self, gsize *ret_size);
void loom_wire_ring_release (LoomWireRing *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomWireRing, loom_wire_ring_free)

G_END_DECLS
