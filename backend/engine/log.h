/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The lab's log: standard error, which lanloom-init made the file engine.log of the runtime folder.
 * Lines have a time. And the bound on it and on what the lab's programs print, "*.log" beside it:
 * the runtime folder is memory, and a guest can make the switch complain at every frame.
 *
 * Why files that are trimmed and not a pump: who writes to a file goes on when the engine dies or
 * hangs, and needs nobody to take over the other end of a pipe. In return a log is bounded only
 * while an engine runs, and may exceed the bound by what is written between two looks at it. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define LOOM_LOG_MAX_BYTES (1024 * 1024)
#define LOOM_LOG_KEEP_BYTES (512 * 1024) /* more than loom_switch_dup_loss () looks back */

/* From now on GLib's messages of this process go to standard error, one line each. */
void loom_log_install (void);

/* Cuts every file "*.log" of @folder that is larger than LOOM_LOG_MAX_BYTES down to its last
 * LOOM_LOG_KEEP_BYTES, from the beginning of a line. Those who write must have opened it for
 * appending; what they write at that very moment may be lost. Links are not followed. To be called
 * now and then. */
void loom_log_trim (const char *folder);
/* (transfer full): the last line of the file, valid UTF-8, at most 300 characters of it; or "". */
char *loom_log_dup_last_line (const char *path);

G_END_DECLS
