/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sockets of a lab are for the person who runs it. The runtime folder (0700) keeps others out;
 * these are the two locks behind that door. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether the process at the other end of the UNIX socket @fd is this user's, in the kernel's own
 * words (SO_PEERCRED): peers outside the lab's pid namespace have no pid in here, which
 * GCredentials takes for no credentials at all. */
gboolean loom_private_socket_is_ours (int fd);
/* Takes from every socket in @folder and below it what its mode gives to others, and the execute
 * bit, which means nothing: Open vSwitch makes its own 0770. Never follows links. */
void loom_private_socket_tighten (const char *folder);

G_END_DECLS
