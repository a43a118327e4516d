/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What files a QEMU may see, by Landlock (Linux 5.13 on; Documentation/userspace-api/landlock.rst):
 * the system's programs and libraries, and what it was given. Not the person's files. A guest that
 * broke out of its QEMU finds no more than that. The seccomp sandbox is QEMU's own and comes on
 * top. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Makes the rules. @readable, @writable: paths of files and folders; ones that are not there are
 * left out. Returns a descriptor for loom_confine_enter (), to be closed by the caller; -1 when
 * this kernel knows no Landlock: QEMU runs without. */
int loom_confine_open (const char *const *readable, const char *const *writable);
/* Binds the calling process to the rules; between fork () and exec (), where little is allowed.
 * @fd: a pointer to the descriptor. */
void loom_confine_enter (gpointer fd);

G_END_DECLS
