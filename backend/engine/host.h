/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the host must have before a lab can start, and what the person can do when it has not. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A program of others that labs run, or a plugin that such a program loads. */
typedef struct {
  const char *name;    /* looked up in the PATH and the system's own folders */
  const char *path;    /* or a fixed place, for plugins a pattern of glob (7); or NULL */
  const char *package; /* Debian */
  const char *tested;  /* the oldest version Lanloom is tested with; NULL: any */
  const char *folders; /* plugins: pattern of the folders they are in; where none is there, the
                          program has its plugins built in. NULL: a program */
} LoomHostNeed;

/* All of them. */
const LoomHostNeed *loom_host_list_needs (gsize *ret_n);
/* (transfer full) (nullable): where @need is; NULL: nowhere. */
char *loom_host_find_need (const LoomHostNeed *need);

/* Something that is missing. */
typedef struct {
  char *item;    /* "qemu-system-x86_64" */
  char *package; /* Debian package that has it; or NULL */
  char *message; /* translated sentence: what is missing and what to do */
} LoomHostProblem;

void loom_host_problem_free (LoomHostProblem *problem);
/* (transfer full): of LoomHostProblem, empty when the host can run labs. Looks at files only. */
GPtrArray *loom_host_check (void);
/* (transfer full) (nullable): one text with every problem of @problems, for an error. */
char *loom_host_problems_to_text (GPtrArray *problems);

G_END_DECLS
