/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the commands about one cable share. */

#pragma once

#include "backend/cli/cli.h"

G_BEGIN_DECLS

/* A cable of a running lab. */
typedef struct {
  LoomClient *client;
  char *id;   /* "pc1:0 pc2:0" */
  char *from; /* "pc1:0", or "" for both directions */
} LoomCliCable;

/* Attaches to @file's lab and finds the cable with @ends (one or two, NULL-terminated). @from:
 * (nullable) what the person calls one of them. FALSE: the reason was said, and *@ret_code set. */
gboolean loom_cli_find_cable (LoomCli *cli, const char *file, char **ends, const char *from,
                              LoomCliCable *ret_cable, int *ret_code);
void loom_cli_cable_clear (LoomCliCable *cable);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LoomCliCable, loom_cli_cable_clear)

/* @live: (nullable) as it runs. */
void loom_cli_print_link (const LoomLink *link, const LoomClientCounters *live);
void loom_cli_print_link_json (const LoomLink *link, const LoomClientCounters *live);

G_END_DECLS
