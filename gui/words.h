/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Numbers and states as words for people, in their language and locale. */

#pragma once

#include "canvas/model/lab.h"
#include "canvas/model/status.h"

G_BEGIN_DECLS

/* All (transfer full). */

/* "94.1 Mb/s": bits per second in powers of ten. */
char *loom_words_rate (double rate_bps);
/* "1.5 GiB", "128 MiB" */
char *loom_words_memory_kib (guint64 size_kib);
/* "1.2 kB": bytes on the cable, in powers of ten. */
char *loom_words_bytes (guint64 size_bytes);
/* "12,345" */
char *loom_words_count (guint64 count);
/* "12 min", "3 h 5 min", "40 s" */
char *loom_words_duration (gint64 duration_us);
/* The live line under the title: "running 12 min · 5 of 5 ready · 6 % CPU · 1.1 GiB".
 * @running_us: how long the lab has run, -1 unknown; @cpu_percent and @memory_kib -1: unknown;
 * @kvm: as of loom_words_demand (). */
char *loom_words_subtitle (LoomLab *lab, LoomStatus *status, gint64 running_us, double cpu_percent,
                           gint64 memory_kib, gboolean kvm);
/* Counts the nodes of @lab that are ready, that failed. */
void loom_words_count_nodes (LoomLab *lab, LoomStatus *status, guint *ret_n_ready,
                             guint *ret_n_failed);
/* Counts the machines of @lab that could be paused, and those that are. */
void loom_words_count_power (LoomLab *lab, LoomStatus *status, guint *ret_n_running,
                             guint *ret_n_paused);
/* What a start will ask of the host: "4 machines, 1.5 GiB, 4 CPUs". The memory is that of the whole
 * lab, with the switch and what QEMU itself takes; @kvm: machines are not emulated, which costs
 * less.
 */
char *loom_words_demand (LoomLab *lab, gboolean kvm);
/* "pc1: QEMU ended.": what went wrong with a machine; its name once. @detail (nullable). */
char *loom_words_failure (const char *name, const char *detail);
/* The name of the file at @path. A stranger may have named it: what would turn the direction of
 * writing, or break the line, is shown as \uXXXX, and such a name is cut. */
char *loom_words_file_name (const char *path);
/* All of @path, likewise. */
char *loom_words_path (const char *path);
/* @text as the label of a menu item, which takes an underscore for the mark of a mnemonic: names of
 * machines and files hold some. */
char *loom_words_menu_label (const char *text);

G_END_DECLS
