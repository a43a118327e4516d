/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is read from a running lab again and again, while someone looks: the counters of its cables,
 * into the LoomStatus, and what it costs.
 *
 * Signals:
 *  "cost-changed" ():  CPU, memory or the minute of the running time is another
 */

#pragma once

#include "backend/engine/client.h"

G_BEGIN_DECLS

#define LOOM_TYPE_METERS (loom_meters_get_type ())
G_DECLARE_FINAL_TYPE (LoomMeters, loom_meters, LOOM, METERS, GObject)

LoomMeters *loom_meters_new (LoomStatus *status);
/* Reads from @client (nullable: rests, and nothing wakes the program). */
void loom_meters_read (LoomMeters *self, LoomClient *client);
/* Another run: what was known of the last one is forgotten. @started_us: monotonic; 0: none. */
void loom_meters_begin (LoomMeters *self, gint64 started_us);
/* Of a core, in the last interval; -1: unknown. */
double loom_meters_get_cpu_percent (LoomMeters *self);
gint64 loom_meters_get_memory_kib (LoomMeters *self);

G_END_DECLS
