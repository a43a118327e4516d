/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Running totals of counters that start again from zero whenever a guest reconnects or the switch
 * is restarted. Pure. */

#pragma once

#include "backend/ovs/openflow.h"
#include "backend/ovs/switch.h"

G_BEGIN_DECLS

typedef struct _LoomCounterBook LoomCounterBook;

LoomCounterBook *loom_counter_book_new (void);
void loom_counter_book_free (LoomCounterBook *self);

/* Takes in a reading of the end @key. A counter below its last reading started from zero. */
void loom_counter_book_add (LoomCounterBook *self, const char *key,
                            const LoomOpenFlowPortStats *reading);
/* The switch was restarted: every counter starts from zero, even those that will have passed their
 * last reading by the next one. */
void loom_counter_book_restarted (LoomCounterBook *self);
/* Forgets the ends that are not keys of @keep. */
void loom_counter_book_retain (LoomCounterBook *self, GHashTable *keep);
/* (transfer full): key -> LoomPortCounters */
GHashTable *loom_counter_book_get_totals (LoomCounterBook *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomCounterBook, loom_counter_book_free)

G_END_DECLS
