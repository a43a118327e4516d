/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/fifo.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

LoomFifo *
loom_fifo_new (const char *folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  LoomFifo *fifo;
  int code;
  int fd = -1;

  /* Opened for both, it never ends while a writer goes and the next one comes. */
  if (mkfifo (path, 0600) == 0)
    fd = open (path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) {
    code = errno;
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", path,
                 g_strerror (code));
    return NULL;
  }
  fifo = g_new0 (LoomFifo, 1);
  fifo->path = g_steal_pointer (&path);
  fifo->fd = fd;
  return fifo;
}

void
loom_fifo_free (LoomFifo *fifo)
{
  if (fifo == NULL)
    return;
  close (fifo->fd);
  g_unlink (fifo->path);
  g_free (fifo->path);
  g_free (fifo);
}
