/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a process uses, from /proc. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @ret_resident_kib: memory; @ret_cpu_ms: user and system time since it began. FALSE if there is no
 * such process, or it is ending or not reaped yet. Source: proc (5), /proc/pid/stat. */
gboolean loom_process_read (guint pid, guint64 *ret_resident_kib, guint64 *ret_cpu_ms);
/* Parses the text of /proc/pid/stat. Pure. */
gboolean loom_process_parse (const char *stat, guint page_kib, guint ticks_per_second,
                             guint64 *ret_resident_kib, guint64 *ret_cpu_ms);

/* Memory of @pid in KiB, shared pages by their share (smaps_rollup); without such a file, what is
 * resident; 0: no such process. */
guint64 loom_process_read_share_kib (guint pid);

/* (transfer full) (nullable): what stands between @prefix and the first @suffix in the command line
 * of @pid, without a slash; NULL: there is no such thing. */
char *loom_process_dup_between (guint pid, const char *prefix, const char *suffix);
/* (transfer full): pids (guint) of other processes whose command line has @text in it. */
GArray *loom_process_find (const char *text);

G_END_DECLS
