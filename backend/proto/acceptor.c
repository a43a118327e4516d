/* SPDX-License-Identifier: GPL-3.0-or-later */

/* closed    nobody is let in
 * open      waits for somebody; leads to looking away when there is no room
 * away      waits for a second; leads to open
 *
 * The source says which: none, of the socket, of the time. */

#include "backend/proto/acceptor.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 16
#define AWAY_S 1
#define MODE 0600

struct _LoomAcceptor {
  char *path;
  int listener;
  LoomAcceptorFunc func;
  gpointer user_data;
  GSource *source;
  gboolean full; /* was said */
};

static gboolean on_somebody (int fd, GIOCondition condition, gpointer user_data);

static void
clear_source (LoomAcceptor *self)
{
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
}

/* @source (transfer full) */
static void
set_source (LoomAcceptor *self, GSource *source, GSourceFunc func)
{
  clear_source (self);
  self->source = source;
  g_source_set_callback (source, func, self, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
}

static void
watch (LoomAcceptor *self)
{
  set_source (self, g_unix_fd_source_new (self->listener, G_IO_IN), G_SOURCE_FUNC (on_somebody));
}

static gboolean
on_time (gpointer user_data)
{
  watch (user_data);
  return G_SOURCE_REMOVE;
}

static void
look_away (LoomAcceptor *self, int code)
{
  if (!self->full)
    g_warning ("who connects to “%s” has to wait: %s", self->path, g_strerror (code));
  self->full = TRUE;
  set_source (self, g_timeout_source_new_seconds (AWAY_S), on_time);
}

/* In the kernel's own words: peers outside of the lab's pid namespace have no pid in here, which
 * GCredentials takes for no credentials at all. */
static gboolean
is_own_user (int fd)
{
  struct ucred peer;
  socklen_t size = sizeof peer;

  return getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == getuid ();
}

static gboolean
on_somebody (int listener, GIOCondition condition, gpointer user_data)
{
  LoomAcceptor *self = user_data;
  int fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);

  /* Who was there may have gone already. */
  if (fd < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED))
    return G_SOURCE_CONTINUE;
  if (fd < 0) {
    look_away (self, errno);
    return G_SOURCE_REMOVE;
  }
  self->full = FALSE;
  if (is_own_user (fd)) {
    self->func (fd, self->user_data);
  } else {
    g_warning ("somebody else was turned away from “%s”", self->path);
    close (fd);
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
listen_at (LoomAcceptor *self)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};

  gsize length = g_strlcpy (address.sun_path, self->path, sizeof address.sun_path);

  if (length == 0 || length >= sizeof address.sun_path) {
    errno = length == 0 ? EINVAL : ENAMETOOLONG;
    return FALSE;
  }
  self->listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  return self->listener >= 0
         && bind (self->listener, (struct sockaddr *) &address, sizeof address) == 0
         && chmod (self->path, MODE) == 0 && listen (self->listener, BACKLOG) == 0;
}

LoomAcceptor *
loom_acceptor_new (const char *path, LoomAcceptorFunc func, gpointer user_data, GError **error)
{
  g_autoptr (LoomAcceptor) self = g_new0 (LoomAcceptor, 1);

  self->path = g_strdup (path);
  self->listener = -1;
  self->func = func;
  self->user_data = user_data;
  if (!listen_at (self)) {
    int code = errno;

    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "cannot listen at “%s”: %s", path,
                 g_strerror (code));
    return NULL;
  }
  watch (self);
  return g_steal_pointer (&self);
}

void
loom_acceptor_free (LoomAcceptor *self)
{
  if (self == NULL)
    return;
  clear_source (self);
  if (self->listener >= 0)
    close (self->listener);
  g_free (self->path);
  g_free (self);
}

void
loom_acceptor_set_open (LoomAcceptor *self, gboolean open)
{
  if (!open)
    clear_source (self);
  else if (self->source == NULL)
    watch (self);
}
