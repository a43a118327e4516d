/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Measures what the fit check compares with. Reads files of /proc, /sys and the cache only: quick,
 * but blocking. */

#pragma once

#include "backend/engine/fit.h"

G_BEGIN_DECLS

/* Memory, cores, huge pages, disk space, and the accelerator as it was last found. */
void loom_fit_host_measure (LoomFitHost *ret_host);

/* Memory from the text of /proc/meminfo; FALSE if it is not that. */
gboolean loom_fit_host_parse_memory (const char *meminfo, int *ret_total_mib,
                                     int *ret_available_mib);

G_END_DECLS
