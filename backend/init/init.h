/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the parts of lanloom-init tell each other. init.c says what the program is. */

#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Exit statuses, for the client that spawned us; what happened stands on our standard error. */
enum {
  INIT_EXIT_STOPPED = 0, /* the lab was stopped */
  INIT_EXIT_USAGE = 2,
  INIT_EXIT_LOCKED = 3, /* the lab runs already */
  INIT_EXIT_HOST = 4,   /* the host does not let us make a lab's namespaces */
  INIT_EXIT_FAILED = 5, /* anything else; also an engine that kept crashing */
};

typedef struct {
  const char *runtime;   /* absolute path of the runtime folder */
  const char *disks;     /* absolute path of the folder of disk overlays */
  const char *engine;    /* absolute path of lanloom-engine */
  const char *file;      /* absolute path of the project file */
  int runtime_fd;        /* the runtime folder; holds the lock */
  int runtime_parent_fd; /* the folders above the two, as they are outside the namespaces */
  int disks_parent_fd;
} InitOptions;

/* report.c */
/* Writes a translated sentence to standard error, "lanloom-init: …". errno_value 0: none to name.
 */
void init_report (int errno_value, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

/* keeper.c: the process outside. Returns an exit status. */
int init_keep (InitOptions *options);

/* probe.c: "lanloom-init --probe". Makes the namespaces of a lab, enters them as a lab would, and
 * leaves nothing. Returns INIT_EXIT_STOPPED, or an exit status with a report made. */
int init_probe (void);

/* The namespaces of a lab, as flags of clone3 (2). */
#define INIT_NAMESPACES                                                                            \
  (CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)
/* Says that they cannot be made (errno says why). Returns an exit status. */
int init_report_no_namespaces (void);

/* namespaces.c: run by the first process inside. Returns 0, or an exit status with a report made.
 */
int init_enter_namespaces (const InitOptions *options, uid_t uid, gid_t gid);

/* inner.c: PID 1 inside. @keeper_fd reads end of file when the keeper is gone. Never returns. */
void init_run_inner (const InitOptions *options, int keeper_fd) __attribute__ ((noreturn));
