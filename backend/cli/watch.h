/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The view of `run --watch`: a lab in plain text. */

#pragma once

#include "backend/cli/cli.h"

G_BEGIN_DECLS

/* Shows states and counters until every machine with an address has pinged every other, or cannot.
 * Exit code: PROBLEMS when a node failed or a pair did not reach each other. */
int loom_cli_watch_lab (LoomCli *cli, LoomClient *client, LoomLab *lab, double timeout_s);

/* (transfer full) (nullable): the first address of @node, "10.0.0.1" of "10.0.0.1/24, fd00::1/64".
 */
char *loom_cli_dup_address (const LoomNode *node);

G_END_DECLS
