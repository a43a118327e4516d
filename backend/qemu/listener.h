/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Listening UNIX sockets that QEMU takes over. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A listening socket at @path (mode 0600; what was there is replaced); -1 with an error. */
int loom_listener_open (const char *path, GError **error);
/* Closes *@fd, if it is one, and makes it -1. */
void loom_listener_close (int *fd);

G_END_DECLS
