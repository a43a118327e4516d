/* SPDX-License-Identifier: GPL-3.0-or-later */

/* running -> exited, once. GSubprocess reaps what we started ourselves; what we found is reaped by
 * PID 1 of the lab. */

#include "backend/ovs/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

struct _LoomDaemon {
  GObject parent_instance;

  char *role;
  pid_t pid;
  int pidfd;
  guint watch_id;
  guint kill_id;
  GSubprocess *subprocess; /* if we started it; or NULL */
};

G_DEFINE_FINAL_TYPE (LoomDaemon, loom_daemon, G_TYPE_OBJECT)

enum {
  SIGNAL_EXITED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
close_pidfd (LoomDaemon *self)
{
  g_clear_handle_id (&self->watch_id, g_source_remove);
  g_clear_handle_id (&self->kill_id, g_source_remove);
  if (self->pidfd >= 0)
    close (self->pidfd);
  self->pidfd = -1;
}

static gboolean
on_pidfd_readable (int fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr (LoomDaemon) self = g_object_ref (user_data);

  self->watch_id = 0;
  close_pidfd (self);
  g_signal_emit (self, signals[SIGNAL_EXITED], 0);
  return G_SOURCE_REMOVE;
}

/* NULL when the process is gone already. */
static LoomDaemon *
new_for_pid (const char *role, pid_t pid)
{
  LoomDaemon *self;
  int pidfd = pidfd_open (pid, 0);

  if (pidfd < 0)
    return NULL;
  self = g_object_new (LOOM_TYPE_DAEMON, NULL);
  self->role = g_strdup (role);
  self->pid = pid;
  self->pidfd = pidfd;
  self->watch_id = g_unix_fd_add (pidfd, G_IO_IN, on_pidfd_readable, self);
  return self;
}

static void
loom_daemon_dispose (GObject *object)
{
  LoomDaemon *self = LOOM_DAEMON (object);

  close_pidfd (self);
  g_clear_object (&self->subprocess);
  G_OBJECT_CLASS (loom_daemon_parent_class)->dispose (object);
}

static void
loom_daemon_finalize (GObject *object)
{
  g_free (LOOM_DAEMON (object)->role);
  G_OBJECT_CLASS (loom_daemon_parent_class)->finalize (object);
}

static void
loom_daemon_class_init (LoomDaemonClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = loom_daemon_dispose;
  object_class->finalize = loom_daemon_finalize;

  signals[SIGNAL_EXITED] = g_signal_new ("exited", LOOM_TYPE_DAEMON, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 0);
}

static void
loom_daemon_init (LoomDaemon *self)
{
  self->pidfd = -1;
}

LoomDaemon *
loom_daemon_spawn (const char *role, const char *const *argv, const char *const *environment,
                   const char *output, const char *pid_file, GError **error)
{
  g_autoptr (GSubprocessLauncher)
      launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autoptr (GSubprocess) subprocess = NULL;
  g_autofree char *pid_text = NULL;
  LoomDaemon *self;
  const char *identifier;
  int output_fd;

  unlink (output);
  /* Appending: the file is trimmed while it is written to. */
  output_fd = open (output, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
  if (output_fd < 0) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", output,
                 g_strerror (errno));
    return NULL;
  }
  g_subprocess_launcher_take_stdout_fd (launcher, output_fd);
  g_subprocess_launcher_set_environ (launcher, (char **) environment);
  g_subprocess_launcher_set_cwd (launcher, "/");
  subprocess = g_subprocess_launcher_spawnv (launcher, argv, error);
  if (subprocess == NULL)
    return NULL;
  identifier = g_subprocess_get_identifier (subprocess);
  /* A child that is gone keeps its number until GSubprocess reaps it in its own time. */
  self = identifier != NULL ? new_for_pid (role, atoi (identifier)) : NULL;
  if (self == NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "“%s” ended at once", argv[0]);
    return NULL;
  }
  self->subprocess = g_steal_pointer (&subprocess);
  pid_text = g_strdup_printf ("%d\n", (int) self->pid);
  if (!g_file_set_contents_full (pid_file, pid_text, -1, G_FILE_SET_CONTENTS_NONE, 0600, error)) {
    loom_daemon_end (self, 0);
    g_object_unref (self);
    return NULL;
  }
  return self;
}

/* Whether the NUL-separated arguments of @pid contain @mark. */
static gboolean
has_mark (pid_t pid, const char *mark)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/cmdline", (int) pid);
  g_autofree char *arguments = NULL;
  gsize size = 0;

  return g_file_get_contents (path, &arguments, &size, NULL)
         && memmem (arguments, size, mark, strlen (mark)) != NULL;
}

LoomDaemon *
loom_daemon_find (const char *role, const char *pid_file, const char *mark)
{
  g_autofree char *text = NULL;
  g_autoptr (LoomDaemon) self = NULL;
  gint64 pid;

  if (!g_file_get_contents (pid_file, &text, NULL, NULL))
    return NULL;
  pid = g_ascii_strtoll (text, NULL, 10);
  if (pid < 2 || pid > G_MAXINT)
    return NULL;
  /* First hold the process, then look whether it is the right one. */
  self = new_for_pid (role, (pid_t) pid);
  if (self == NULL || !has_mark (self->pid, mark))
    return NULL;
  return g_steal_pointer (&self);
}

const char *
loom_daemon_get_role (LoomDaemon *self)
{
  return self->role;
}

pid_t
loom_daemon_get_pid (LoomDaemon *self)
{
  return self->pid;
}

gboolean
loom_daemon_is_running (LoomDaemon *self)
{
  return self->pidfd >= 0;
}

void
loom_daemon_set_held (LoomDaemon *self, gboolean held)
{
  if (self->pidfd >= 0)
    pidfd_send_signal (self->pidfd, held ? SIGSTOP : SIGCONT, NULL, 0);
}

static gboolean
on_grace_over (gpointer user_data)
{
  LoomDaemon *self = user_data;

  self->kill_id = 0;
  pidfd_send_signal (self->pidfd, SIGKILL, NULL, 0);
  return G_SOURCE_REMOVE;
}

void
loom_daemon_end (LoomDaemon *self, guint grace_ms)
{
  if (self->pidfd < 0 || self->kill_id != 0)
    return;
  if (grace_ms == 0) {
    pidfd_send_signal (self->pidfd, SIGKILL, NULL, 0);
    return;
  }
  pidfd_send_signal (self->pidfd, SIGTERM, NULL, 0);
  /* A stopped process takes no SIGTERM. */
  pidfd_send_signal (self->pidfd, SIGCONT, NULL, 0);
  self->kill_id = g_timeout_add (grace_ms, on_grace_over, self);
}
