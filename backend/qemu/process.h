/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A process watched by its pidfd: one of our children, or one that an earlier engine started.
 *
 * Signals:
 *  "exited" (int status): once. As of waitpid (); -1 when it was not our child. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define LOOM_TYPE_PROCESS (loom_process_get_type ())
G_DECLARE_FINAL_TYPE (LoomProcess, loom_process, LOOM, PROCESS, GObject)

/* Spawns @argv. Its standard input is empty, its output and errors go to the file @log (truncated).
 * @fds: @n_fds descriptors that it gets as 3, 4, …; the caller keeps its own. @confinement: of
 * loom_confine_open (); -1: none. */
LoomProcess *loom_process_spawn (const char *const *argv, const char *log, const int *fds,
                                 guint n_fds, int confinement, GError **error);
/* Watches a process that runs already. */
LoomProcess *loom_process_adopt (GPid pid, GError **error);

/* Call it now and then while it runs: see loom_process_may_be_oom (). */
void loom_process_watch_oom (LoomProcess *self);
/* Whether the system ended processes for want of memory since the last time but one. */
gboolean loom_process_may_be_oom (LoomProcess *self);
GPid loom_process_get_pid (LoomProcess *self);
gboolean loom_process_is_running (LoomProcess *self);
/* Sends a signal; nothing happens if it has exited. */
void loom_process_kill (LoomProcess *self, int number);

/* (transfer full): the last lines of the text file @log, at most 300 characters, joined by spaces
 * and fit to be shown; without those that merely inform or warn. "" if there are none. */
char *loom_process_read_log (const char *log);

G_END_DECLS
