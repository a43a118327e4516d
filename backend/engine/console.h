/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The hub of a machine's serial console: QEMU takes one client at a time, people have many windows.
 * The hub is that one client, keeps what was said, and serves any number of others on a socket of
 * its own.
 *
 * Bounds: LOOM_SCROLLBACK_SIZE_BYTES a machine, whatever the clients do (a slow client loses what
 * it was too slow for), 16 clients, 4 KiB of input on the way, and about 6 MB/s taken from a guest.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define LOOM_TYPE_CONSOLE (loom_console_get_type ())
G_DECLARE_FINAL_TYPE (LoomConsole, loom_console, LOOM, CONSOLE, GObject)

/* Listens on @path (replaced if it is there). @scrollback: file that keeps what was said, also from
 * an engine before this one; NULL: none. */
LoomConsole *loom_console_new (const char *path, const char *scrollback, GError **error);
/* Connects to QEMU's side at @serial_path; ends by itself when QEMU does. Clients stay connected.
 */
gboolean loom_console_connect (LoomConsole *self, const char *serial_path, GError **error);
/* Lets go of QEMU and of all clients, and removes the socket and the scrollback's file. */
void loom_console_close (LoomConsole *self);

G_END_DECLS
