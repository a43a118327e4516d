/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which process of the host is a process of the lab: pids inside the lab's pid namespace to the
 * ones that `ps`, `kill` and `perf` outside know. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What one /proc/PID/status says. */
typedef struct {
  guint32 host_pid;   /* as the reader's own namespace numbers it */
  guint32 inner_pid;  /* as the innermost namespace numbers it; equal when there is but one */
  guint32 parent_pid; /* as the reader's own namespace numbers it */
  int n_levels;       /* pid namespaces from the reader's down, itself included */
} LoomHostPid;

/* Parses the text of /proc/PID/status (proc(5): PPid, NSpid). FALSE if it lacks them. */
gboolean loom_host_pid_parse_status (const char *text, LoomHostPid *ret_pid);

/* All processes that share the pid namespace of @host_pid.
 * (transfer full): guint inner pid → guint host pid, both by GUINT_TO_POINTER; empty when @host_pid
 * is gone. @ret_outer_parent (optional): host pid of the parent of PID 1, 0 if unknown. */
GHashTable *loom_host_pid_scan (guint32 host_pid, guint32 *ret_outer_parent);

/* A descriptor of that process, which no later process of the same number inherits; -1: there is
 * none, or it is the computer's own first process. Source: pidfd_open (2). */
int loom_host_pid_open (guint32 host_pid);
/* @pid_fd: of loom_host_pid_open (); -1 and a process that ended hear nothing. */
void loom_host_pid_signal (int pid_fd, int signal_number);

/* The first process that @host_pid began and that is still there; 0: none, or the kernel does not
 * tell (CONFIG_PROC_CHILDREN). Source: proc (5), /proc/pid/task/tid/children. */
guint32 loom_host_pid_first_child (guint32 host_pid);

G_END_DECLS
