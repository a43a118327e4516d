/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A program of others that reads octets and writes octets, and is trusted with nothing else: it
 * sees the system's programs and libraries but no file of the person (backend/qemu/confine.h), can
 * write no file, gains no privilege, has a bounded memory, and is killed when its tool is let go of
 * or when we end.
 *
 * Signals:
 *  "output" (GBytes *octets):  as they come; at most 64 KiB
 *  "ended" (const char *said):  it is gone, and its output with it; NULL if it ended well, else the
 *      first line of what it complained of, or what became of it. Once; not after stop ()
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define LOOM_TYPE_TOOL (loom_tool_get_type ())
G_DECLARE_FINAL_TYPE (LoomTool, loom_tool, LOOM, TOOL, GObject)

/* Starts it. @argv: NULL-terminated; its first is a path, or is looked for in the PATH. The process
 * that calls must ignore SIGPIPE. */
LoomTool *loom_tool_new (const char *const *argv, GError **error);
/* What is written to @process, which has a pipe for its input, waits in the main loop and not in
 * the write: GIO leaves such a pipe blocking, and writes more than fits as soon as something does.
 */
void loom_tool_unblock_input (GSubprocess *process);
/* Queues octets for it. */
void loom_tool_write (LoomTool *self, GBytes *octets);
/* How many octets it has not taken yet. */
gsize loom_tool_get_backlog (LoomTool *self);
/* Its input ends after what is queued. */
void loom_tool_end_input (LoomTool *self);
/* Kills it; nothing is heard of it any more. */
void loom_tool_stop (LoomTool *self);

G_END_DECLS
