/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See pair.h. */

#include "tests/unit/proto/pair.h"

#include <sys/socket.h>

GSocketConnection *
pair_new (int flags, int *ret_other)
{
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) error = NULL;
  int fds[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0, fds));
  socket = g_socket_new_from_fd (fds[0], &error);
  g_assert_no_error (error);
  *ret_other = fds[1];
  return g_socket_connection_factory_create_connection (socket);
}
