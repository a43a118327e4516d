/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See listener.h. */

#include "backend/qemu/listener.h"

#include <gio/gio.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int
loom_listener_open (const char *path, GError **error)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int fd;

  if (strlen (path) >= sizeof address.sun_path) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG, "%s: %s", path,
                 g_strerror (ENAMETOOLONG));
    return -1;
  }
  strcpy (address.sun_path, path);
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  unlink (path);
  if (fd < 0 || bind (fd, (struct sockaddr *) &address, sizeof address) < 0
      || chmod (path, 0600) < 0 || listen (fd, 1) < 0) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", path,
                 g_strerror (errno));
    loom_listener_close (&fd);
    return -1;
  }
  return fd;
}

void
loom_listener_close (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

gboolean
loom_placeholder_open (LoomPlaceholder *self, const char *path, GError **error)
{
  struct stat info;
  int fd = loom_listener_open (path, error);

  if (fd < 0)
    return FALSE;
  /* The number cannot be given to another file while our socket is open. */
  self->inode = stat (path, &info) == 0 ? info.st_ino : 0;
  self->fd = fd;
  return TRUE;
}

void
loom_placeholder_close (LoomPlaceholder *self)
{
  loom_listener_close (&self->fd);
}

gboolean
loom_placeholder_is_replaced (const LoomPlaceholder *self, const char *path)
{
  struct stat info;

  return stat (path, &info) == 0 && info.st_ino != self->inode;
}
