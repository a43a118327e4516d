/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One process of the switch, started by us or found running: watched through a pidfd, so that it
 * need not be our child and its number cannot be taken over by another process.
 *
 * Signals:
 *  "exited" (): once */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define LOOM_TYPE_DAEMON (loom_daemon_get_type ())
G_DECLARE_FINAL_TYPE (LoomDaemon, loom_daemon, LOOM, DAEMON, GObject)

/* Starts @argv with @environ; what it prints is appended to the file @output, made
 * anew. Writes its number to @pid_file. */
LoomDaemon *loom_daemon_spawn (const char *role, const char *const *argv,
                               const char *const *environment, const char *output,
                               const char *pid_file, GError **error);

/* Finds the process whose number @pid_file holds. NULL when it is gone, or is a process that has
 * not @mark (a path) among its arguments. */
LoomDaemon *loom_daemon_find (const char *role, const char *pid_file, const char *mark);

const char *loom_daemon_get_role (LoomDaemon *self);
pid_t loom_daemon_get_pid (LoomDaemon *self);
gboolean loom_daemon_is_running (LoomDaemon *self);

/* Holds the process where it is (SIGSTOP), or lets it go on. */
void loom_daemon_set_held (LoomDaemon *self, gboolean held);

/* Sends SIGTERM (and SIGCONT), SIGKILL after @grace_ms (0: at once); "exited" follows. */
void loom_daemon_end (LoomDaemon *self, guint grace_ms);

G_END_DECLS
