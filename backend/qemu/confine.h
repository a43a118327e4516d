/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a QEMU may see and reach, by Landlock (Linux 5.13 on;
 * Documentation/userspace-api/landlock.rst) and a filter of system calls: the system's programs and
 * libraries, and what it was given. Not the person's files, and no socket of anybody's, the lab's
 * own included. A guest that broke out of its QEMU finds no more than that. QEMU's own seccomp
 * sandbox comes on top. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Makes the rules. @readable: paths of files and folders. @writable: of files. @socket_folders: of
 * folders in which sockets can be made, and whatever is there be removed, but no file be written.
 * Each nullable; paths that are not there are left out. Returns a descriptor for
 * loom_confine_enter (), to be closed by the caller; -1 when this kernel knows no Landlock: QEMU
 * runs without. */
int loom_confine_open (const char *const *readable, const char *const *writable,
                       const char *const *socket_folders);
/* Binds the calling process to the rules; between fork () and exec (), where little is allowed.
 * @fd: a pointer to the descriptor. */
void loom_confine_enter (gpointer fd);

G_END_DECLS
