/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How a switch's packet buffers are paid for: out of which memory, how much, and what to try when
 * there is none. Also for clients, which say beforehand what a lab will take. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a lab's switch is prepared for at least. */
#define LOOM_SWITCH_MIN_NICS 32
/* Where the kernel shows what it has. */
#define LOOM_SWITCH_SYS "/sys"

/* How packet buffers are paid for. */
typedef struct {
  gboolean hugepages;       /* use the host's reserved huge pages */
  gboolean per_port_memory; /* a pool a port, instead of one for all made at the start */
  int memory_mib;           /* DPDK's limit; huge pages are taken at once, others when used */
} LoomSwitchMemory;

/* What a switch of @n_nics begins with, where so much is free in reserved huge pages (0: none).
 * Pure.
 */
LoomSwitchMemory loom_switch_plan_memory (guint n_nics, guint free_hugepages_mib);
/* What to try after @memory failed with LOOM_SWITCH_ERROR_NO_POOL, or with huge pages in any way;
 * FALSE: nothing is left. Pure. */
gboolean loom_switch_plan_next_memory (LoomSwitchMemory *memory, guint n_nics);
/* MiB of the host's reserved 2 MiB huge pages that are free and promised to no other program, on
 * the memory node with the fewest. @sys: LOOM_SWITCH_SYS. */
guint loom_switch_read_free_hugepages_mib (const char *sys);

G_END_DECLS
