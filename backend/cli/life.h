/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Starting a lab from a command: shared by start and run. */

#pragma once

#include "backend/cli/cli.h"

G_BEGIN_DECLS

/* Starts @file's lab with @document, or attaches to it if it runs (@ret_was_running), saying what
 * is being done. @only (nullable): the machines that start, others stay off. @force: even if it
 * needs more than this computer has. NULL: the reason was said and @ret_code set. */
LoomClient *loom_cli_start_lab (LoomCli *cli, const char *file, const char *document,
                                const char *const *only, gboolean force, gboolean *ret_was_running,
                                int *ret_code);

/* (transfer full): old → new name of each "OLD=NEW" of @texts (nullable). NULL: the wrong one was
 * said. */
GHashTable *loom_cli_parse_renames (char **texts);

G_END_DECLS
