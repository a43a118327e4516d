/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where our own programs and data are: in the build tree when the running program is part of one,
 * else in the prefix the program was installed to. And whether a path of somebody else's stays
 * where it says. */

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

/* Whether links make of @path, which is below @folder by its name, a file elsewhere. FALSE when
 * there is no such file. */
gboolean loom_paths_leads_outside (const char *path, const char *folder);

G_END_DECLS
