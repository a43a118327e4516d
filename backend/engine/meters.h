/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Counters of cables, from counters of the switch's ports. Pure.
 *
 * For the direction from end a to end b:
 *   frames, bytes: what the switch received from a's NIC. If a is a port of a switch or hub and b a
 *     NIC: what was sent to b's NIC. If neither is a NIC: what the panel received from a's port;
 *     those come from cached flows and may be up to a second old.
 *   drops, errors: those of receiving from a plus those of sending to b: a machine that does not
 * take its frames makes drops on the direction towards it. All are totals since the cable was
 * plugged in, and never go backwards. */

#pragma once

#include "backend/engine/record.h"
#include "backend/ovs/switch.h"
#include "canvas/model/status.h"

G_BEGIN_DECLS

typedef struct _LoomMeters LoomMeters;

LoomMeters *loom_meters_new (void);
void loom_meters_free (LoomMeters *meters);
/* Takes a reading. @counters: key of end → LoomPortCounters. Cables that @record has no longer are
 * forgotten. */
void loom_meters_update (LoomMeters *meters, const LoomRecord *record, GHashTable *counters,
                         gint64 now_us);
/* What has to be kept so that an engine after this one goes on counting where this one was; and the
 * taking up of it, into meters that have read nothing yet. FALSE: @bytes is not of that form. */
GBytes *loom_meters_to_bytes (LoomMeters *meters);
gboolean loom_meters_from_bytes (LoomMeters *meters, GBytes *bytes);
/* Fills the flows (not the carrier) of @ret_status as of the last reading, from the cable's end a.
 */
void loom_meters_get (LoomMeters *meters, guint64 cookie, LoomLinkStatus *ret_status);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomMeters, loom_meters_free)

G_END_DECLS
