/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Folders that a test makes for itself. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (transfer full): a new folder, "/tmp/loom-@name-XXXXXX". */
char *scratch_new (const char *name);
/* Removes @path and what is in it; links are not followed. What cannot be removed fails the test,
 * what has gone by itself does not. */
void scratch_remove (const char *path);
/* Of a folder that scratch_new () made: removes and frees it. */
void scratch_free (char *folder);

G_END_DECLS
