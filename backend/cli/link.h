/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the commands about one cable share. */

#pragma once

#include "backend/cli/cli.h"

G_BEGIN_DECLS

/* @live: (nullable) as it runs. */
void loom_cli_print_link (const LoomLink *link, const LoomClientCounters *live);
void loom_cli_print_link_json (const LoomLink *link, const LoomClientCounters *live);

G_END_DECLS
