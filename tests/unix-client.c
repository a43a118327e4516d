/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See unix-client.h. */

#include "tests/unix-client.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int
unix_client_new (const char *path)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_no_errno (fd);
  g_assert_cmpuint (strlen (path), <, sizeof address.sun_path);
  strcpy (address.sun_path, path);
  g_assert_no_errno (connect (fd, (const struct sockaddr *) &address, sizeof address));
  return fd;
}
