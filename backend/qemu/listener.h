/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Listening UNIX sockets, made before QEMU runs.
 *
 * A place holder stands in for a vhost socket. The switch's port is a client that tries at once
 * when it is made and then once a second. If it finds the place holder it connects, waits in the
 * backlog, and tries again at once when the place holder closes; so QEMU, which makes its own
 * socket at the same path, gets the switch within milliseconds of its start. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A listening socket at @path (mode 0600; what was there is replaced); -1 with an error. */
int loom_listener_open (const char *path, GError **error);
/* Closes *@fd, if it is one, and makes it -1. */
void loom_listener_close (int *fd);

typedef struct {
  int fd; /* -1: none */
  guint64 inode;
} LoomPlaceholder;

gboolean loom_placeholder_open (LoomPlaceholder *self, const char *path, GError **error);
void loom_placeholder_close (LoomPlaceholder *self);
/* TRUE if another socket than ours is at @path. */
gboolean loom_placeholder_is_replaced (const LoomPlaceholder *self, const char *path);

G_END_DECLS
