/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A stream for the code under test, whose other end the test plays. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* (transfer full): one end of a socket pair. @ret_other: the other, for the caller to close.
 * @flags: 0, or SOCK_NONBLOCK. */
GSocketConnection *pair_new (int flags, int *ret_other);

G_END_DECLS
