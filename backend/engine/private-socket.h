/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sockets of a lab are for the person who runs it. The runtime folder (0700) keeps others out; this
 * is a lock behind that door. Another is backend/proto/acceptor.h. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Takes from every socket in @folder and below it what its mode gives to others, and the execute
 * bit, which means nothing: Open vSwitch makes its own 0770. Never follows links. */
void loom_private_socket_tighten (const char *folder);

G_END_DECLS
