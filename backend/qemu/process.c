/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See process.h. A pidfd cannot be mistaken for another process that got the same number, and it
 * works for processes that are not our children. */

#include "backend/qemu/process.h"

#include "backend/proto/plain-text.h"
#include "backend/qemu/confine.h"

#include <glib-unix.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_FDS 32
#define TAIL_BYTES 4096
#define MAX_LINES 4
#define MAX_TEXT 300 /* characters */
/* When memory runs out a guest goes before the switch, the engine and the person's own programs:
 * proc (5), of -1000 to 1000; a process that uses all memory has 1000 without it. */
#define OOM_SCORE_ADJ "300"

enum {
  SIGNAL_EXITED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

struct _LoomProcess {
  GObject parent_instance;

  GPid pid;
  int pid_fd;
  guint source;
  gint64 n_oom_kills[2]; /* of the whole system, when last looked at and the time before */
};

G_DEFINE_TYPE (LoomProcess, loom_process, G_TYPE_OBJECT)

static int
collect_status (LoomProcess *self)
{
  int status;
  pid_t pid;

  do
    pid = waitpid (self->pid, &status, WNOHANG);
  while (pid < 0 && errno == EINTR);
  return pid == self->pid ? status : -1;
}

static gboolean
on_pid_fd_ready (int fd, GIOCondition condition, gpointer user_data)
{
  LoomProcess *self = user_data;
  int status = collect_status (self);

  self->source = 0;
  close (self->pid_fd);
  self->pid_fd = -1;
  g_signal_emit (self, signals[SIGNAL_EXITED], 0, status);
  g_object_unref (self); /* that of a running process */
  return G_SOURCE_REMOVE;
}

static void
loom_process_finalize (GObject *object)
{
  LoomProcess *self = LOOM_PROCESS (object);

  if (self->source != 0)
    g_source_remove (self->source);
  if (self->pid_fd >= 0)
    close (self->pid_fd);
  G_OBJECT_CLASS (loom_process_parent_class)->finalize (object);
}

static void
loom_process_class_init (LoomProcessClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = loom_process_finalize;

  signals[SIGNAL_EXITED] = g_signal_new ("exited", LOOM_TYPE_PROCESS, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
loom_process_init (LoomProcess *self)
{
  self->pid_fd = -1;
}

/* How many processes the kernel has ended for want of memory since it started. */
static gint64
read_oom_kills (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/vmstat", &text, NULL, NULL))
    return 0;
  line = strstr (text, "\noom_kill ");
  return line != NULL ? g_ascii_strtoll (line + strlen ("\noom_kill "), NULL, 10) : 0;
}

LoomProcess *
loom_process_adopt (GPid pid, GError **error)
{
  g_autoptr (LoomProcess) self = g_object_new (LOOM_TYPE_PROCESS, NULL);

  self->pid = pid;
  self->n_oom_kills[0] = self->n_oom_kills[1] = read_oom_kills ();
  self->pid_fd = pidfd_open (pid, 0);
  if (self->pid_fd < 0) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "pid %d: %s", pid,
                 g_strerror (errno));
    return NULL;
  }
  self->source = g_unix_fd_add (self->pid_fd, G_IO_IN, on_pid_fd_ready, self);
  g_object_ref (self); /* until it has exited: a child that nobody waits for stays a zombie */
  return g_steal_pointer (&self);
}

/* Anybody may make a process of their own a better choice. */
static void
offer_to_oom (GPid pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/oom_score_adj", (int) pid);
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  if (fd < 0 || write (fd, OOM_SCORE_ADJ, strlen (OOM_SCORE_ADJ)) < 0)
    g_debug ("%s: %s", path, g_strerror (errno));
  if (fd >= 0)
    close (fd);
}

/* A child that cannot be watched does not stay; it is not waited for yet, so its number is its own.
 */
static void
end_child (GPid pid)
{
  kill (pid, SIGKILL);
  while (waitpid (pid, NULL, 0) < 0 && errno == EINTR)
    ;
}

LoomProcess *
loom_process_spawn (const char *const *argv, const char *log, const int *fds, guint n_fds,
                    int confinement, GError **error)
{
  int targets[MAX_FDS];
  int log_fd = open (log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  LoomProcess *self;
  GPid pid;
  gboolean good;

  g_return_val_if_fail (n_fds <= MAX_FDS, NULL);
  if (log_fd < 0) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", log,
                 g_strerror (errno));
    return NULL;
  }
  for (guint i = 0; i < n_fds; i++)
    targets[i] = 3 + (int) i;
  good = g_spawn_async_with_pipes_and_fds (
      NULL, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
      confinement >= 0 ? loom_confine_enter : NULL, &confinement, -1, log_fd, log_fd, fds, targets,
      n_fds, &pid, NULL, NULL, NULL, error);
  close (log_fd);
  if (!good)
    return NULL;
  offer_to_oom (pid);
  self = loom_process_adopt (pid, error);
  if (self == NULL)
    end_child (pid);
  return self;
}

void
loom_process_watch_oom (LoomProcess *self)
{
  self->n_oom_kills[1] = self->n_oom_kills[0];
  self->n_oom_kills[0] = read_oom_kills ();
}

gboolean
loom_process_may_be_oom (LoomProcess *self)
{
  /* It takes a while to die: the last look may have been after the kernel's decision. */
  return read_oom_kills () > self->n_oom_kills[1];
}

GPid
loom_process_get_pid (LoomProcess *self)
{
  return self->pid;
}

gboolean
loom_process_is_running (LoomProcess *self)
{
  return self->pid_fd >= 0;
}

void
loom_process_kill (LoomProcess *self, int number)
{
  if (self->pid_fd >= 0)
    pidfd_send_signal (self->pid_fd, number, NULL, 0);
}

static char *
read_tail (const char *path)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  char tail[TAIL_BYTES + 1];
  gssize size;

  if (fd < 0)
    return g_strdup ("");
  if (lseek (fd, -TAIL_BYTES, SEEK_END) < 0)
    lseek (fd, 0, SEEK_SET);
  size = read (fd, tail, TAIL_BYTES);
  close (fd);
  return g_utf8_make_valid (tail, MAX (size, 0));
}

/* "info:" lines tell of ordinary things, "warning:" lines seldom of the end. */
static gboolean
is_reason (const char *line)
{
  return line[0] != '\0' && strstr (line, "warning:") == NULL && strstr (line, ": info:") == NULL;
}

char *
loom_process_read_log (const char *log)
{
  g_autofree char *tail = read_tail (log);
  g_auto (GStrv) lines = g_strsplit (g_strstrip (tail), "\n", -1);
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  g_autofree char *joined = NULL;
  g_autofree char *text = NULL;
  guint n = g_strv_length (lines);

  for (guint i = n > MAX_LINES ? n - MAX_LINES : 0; i < n; i++)
    if (is_reason (g_strstrip (lines[i])))
      g_ptr_array_add (kept, lines[i]);
  g_ptr_array_add (kept, NULL);
  joined = g_strjoinv (" ", (char **) kept->pdata);
  text = loom_plain_text (joined, strlen (joined), TAIL_BYTES);
  return g_utf8_substring (text, MAX (0, g_utf8_strlen (text, -1) - MAX_TEXT), -1);
}
