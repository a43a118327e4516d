/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See pipe.h. */

#include "backend/engine/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/engine/error.h"

LoomPipe *
loom_pipe_new (const char *folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  LoomPipe *self;
  int fd = -1;

  if (mkfifo (path, 0600) == 0)
    fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) {
    g_set_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED, "%s: %s", path,
                 g_strerror (errno));
    return NULL;
  }
  self = g_new0 (LoomPipe, 1);
  self->path = g_steal_pointer (&path);
  self->fd = fd;
  return self;
}

int
loom_pipe_take (LoomPipe *self)
{
  int fd = self->fd;

  self->fd = -1;
  return fd;
}

void
loom_pipe_free (LoomPipe *self)
{
  g_unlink (self->path);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self);
}
