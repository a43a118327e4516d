/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Captures read back by a program that is not ours. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (transfer full) (nullable): the @fields (as tshark names them, NULL-terminated) of each frame of
 * the file at @path, a line a frame, with spaces between. NULL when tshark is not installed; a file
 * that it cannot read fails the test. */
char *tshark_read (const char *path, const char *const *fields);

G_END_DECLS
