/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The runtime folder of a lab, and its id.
 *
 * A lab is known by the real path of its project file: "<slug>-<hash8>", the same for every client
 * on this host. Its runtime folder is <base>/<id>/, mode 0700, with <base> being
 * $XDG_RUNTIME_DIR/lanloom or, without one of the user's own (or where paths of sockets would grow
 * beyond the 108 bytes of sockaddr_un), /tmp/lanloom-<uid>. Disk overlays, which may be large, live
 * in /var/tmp/lanloom-<uid>/<id>-<hash4 of the base>/.
 *
 * Who runs the lab holds a flock (2) on both folders: a folder without a lock is a remainder
 * of a lab that was killed together with its keeper, and may be swept. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define LOOM_RUNTIME_SOCKET "engine.sock" /* in the runtime folder: the engine's D-Bus */
#define LOOM_RUNTIME_STATE "state.json"   /* what a restarted engine needs to know */
#define LOOM_RUNTIME_LOG "engine.log"     /* bounded; what engine and init had to say */

/* (transfer full): the base folder; not made, but checked if it is there (ours, 0700). GIOErrorEnum
 * on failure. */
char *loom_runtime_dup_base (GError **error);
/* (transfer full): id of the lab in @file: pure but for realpath (); @file need not exist. */
char *loom_runtime_dup_id (const char *file);
/* (transfer full): <base>/<id>, not created. */
char *loom_runtime_dup_folder (const char *file, GError **error);
/* (transfer full): the folder of disk overlays that belongs to the lab called @id (with this base:
 * the same file run under two of them is two labs), not created. */
char *loom_runtime_dup_disk_folder (const char *id);
/* Whether someone runs the lab of that runtime folder (holds its lock). */
gboolean loom_runtime_is_locked (const char *folder);
/* The process that holds that lock, the lab's keeper; 0: there is none, or it cannot be seen from
 * this pid namespace. Source: proc (5), /proc/locks. */
guint32 loom_runtime_find_keeper (const char *folder);
/* (transfer full): runtime folders of the labs that run now, sorted. */
GStrv loom_runtime_list (GError **error);
/* Removes every unlocked folder of @base, unless @base is a link or somebody else's. */
void loom_runtime_sweep_base (const char *base);
/* Removes what killed labs left: unlocked runtime folders and disk folders. Never follows links. */
void loom_runtime_sweep (void);

G_END_DECLS
