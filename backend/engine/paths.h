/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where our own programs and data are: in the build tree when the running program is part of one,
 * else in the prefix the program was installed to. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (transfer full): absolute path of one of our programs: "lanloom", "lanloomctl", "lanloom-engine",
 * "lanloom-init". */
char *loom_paths_dup_program (const char *name);
/* (transfer full): absolute path of @relative in our data folder: "nodes",
 * "labs/two-machines.lanloom", "guest/tiny-vmlinuz". */
char *loom_paths_dup_data (const char *relative);
/* (transfer full): the folder of the compiled translations. */
char *loom_paths_dup_locale (void);

G_END_DECLS
