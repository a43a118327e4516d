/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Memory that running labs were promised and have not touched yet. What the kernel calls available
 * knows nothing of it: a guest takes its memory while it boots, and later when its programs grow.
 * So each engine writes what its lab needs into its runtime folder, and whoever starts or grows a
 * lab takes off what the others may still ask for. Starts of one person are checked one after the
 * other, under a lock that is held until the engine has written. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define LOOM_RESERVE_FILE "need" /* in the runtime folder: MiB, as text */

/* Takes the lock, waiting for @patience_ms at most. Returns a descriptor that holds it until it is
 * closed; -1 if there is none to take or it took too long: the check is then as good as it can be.
 * Blocks: for threads. */
int loom_reserve_lock (int patience_ms);
/* MiB that running labs may still take. Blocks on /proc: for threads. */
gint64 loom_reserve_measure_mib (void);
/* What is left of a promise of @need_mib when @taken_mib were taken. Pure. */
gint64 loom_reserve_compute_mib (gint64 need_mib, gint64 taken_mib);
/* The number in the file's text; 0 if it is none. Pure. */
gint64 loom_reserve_parse (const char *text);

G_END_DECLS
