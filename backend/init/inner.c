/* SPDX-License-Identifier: GPL-3.0-or-later */

/* PID 1 of a lab. It spawns the engine, reaps what has no parent any more, and decides when the lab
 * is over:
 * - the engine exited with status 0: it was told to stop;
 * - SIGTERM, or the keeper is gone;
 * - the engine crashed MAX_CRASHES times within CRASH_WINDOW_MS.
 * A crashed engine is started again after a pause that doubles from 100 ms to 3.2 s; guests and the
 * switch go on meanwhile, and the new engine adopts them. */

#include "backend/init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <libintl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "backend/init/tree.h"

#define _(text) dgettext (GETTEXT_PACKAGE, text)

#define MAX_CRASHES 8
#define CRASH_WINDOW_MS (60 * 1000)
#define FIRST_PAUSE_MS 100
#define MAX_FILES 65536

typedef struct {
  const InitOptions *options;
  int keeper_fd;
  int signal_fd;
  pid_t engine; /* 0: not running */
  int n_crashes;
  int64_t window_began_ms;
  int64_t restart_at_ms; /* 0: no restart pending */
} Inner;

static int64_t
now_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Desktops allow 1024 open files unless asked, for the sake of select (); the wire alone takes a
 * dozen for a cable. Inherited by all that the engine starts. */
static void
allow_many_files (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= MAX_FILES)
    return;
  limit.rlim_cur = limit.rlim_max < MAX_FILES ? limit.rlim_max : MAX_FILES;
  setrlimit (RLIMIT_NOFILE, &limit);
}

static void
exec_engine (const InitOptions *options)
{
  sigset_t none;

  allow_many_files ();
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  signal (SIGPIPE, SIG_DFL);
  signal (SIGHUP, SIG_DFL);
  execl (options->engine, options->engine, "--runtime", options->runtime, "--disks", options->disks,
         options->file, (char *) NULL);
  init_report (errno, _ ("The engine “%s” cannot be started."), options->engine);
  _exit (127);
}

static void
spawn_engine (Inner *inner)
{
  inner->restart_at_ms = 0;
  inner->engine = fork ();
  if (inner->engine == 0)
    exec_engine (inner->options);
  if (inner->engine < 0) {
    inner->engine = 0;
    inner->restart_at_ms = now_ms () + 1000;
  }
}

/* Removes the folder above a lab's, "/run/user/1000/lanloom", if this was the last lab. */
static void
remove_parent (int parent_fd, const char *path)
{
  char copy[PATH_MAX], name[PATH_MAX];

  snprintf (copy, sizeof copy, "%s", path);
  *strrchr (copy, '/') = '\0';
  const char *slash = strrchr (copy, '/');
  if (slash == NULL || strncmp (slash, "/lanloom", 8) != 0)
    return;
  snprintf (name, sizeof name, "..%.*s", NAME_MAX, slash);
  unlinkat (parent_fd, name, AT_REMOVEDIR);
}

/* Ends the lab. The folders are removed here as well as by the keeper, which may be killed at any
 * moment: whichever of the two lives longer finds less to do. The runtime folder's name is removed
 * through a handle of the folder above it, since in here it may be a mount point. */
static void __attribute__ ((noreturn)) end_lab (const Inner *inner, int status)
{
  const char *runtime_name = strrchr (inner->options->runtime, '/') + 1;
  const char *disks_name = strrchr (inner->options->disks, '/') + 1;

  kill (-1, SIGKILL);
  while (waitpid (-1, NULL, 0) > 0 || errno == EINTR)
    ;
  loom_tree_remove (inner->options->disks_parent_fd, disks_name);
  remove_parent (inner->options->disks_parent_fd, inner->options->disks);
  loom_tree_remove (inner->options->runtime_parent_fd, runtime_name);
  remove_parent (inner->options->runtime_parent_fd, inner->options->runtime);
  _exit (status);
}

static void
on_engine_ended (Inner *inner, int status)
{
  int64_t now = now_ms ();

  inner->engine = 0;
  if (WIFEXITED (status) && WEXITSTATUS (status) == 0)
    end_lab (inner, INIT_EXIT_STOPPED);

  if (now - inner->window_began_ms > CRASH_WINDOW_MS) {
    inner->window_began_ms = now;
    inner->n_crashes = 0;
  }
  inner->n_crashes++;
  if (WIFSIGNALED (status))
    init_report (0, _ ("The engine was ended by signal %d; it is started again."),
                 WTERMSIG (status));
  else
    init_report (0, _ ("The engine ended with status %d; it is started again."),
                 WEXITSTATUS (status));
  if (inner->n_crashes >= MAX_CRASHES) {
    init_report (0, _ ("The engine ended %d times within a minute: the lab is given up."),
                 inner->n_crashes);
    end_lab (inner, INIT_EXIT_FAILED);
  }

  int doublings = inner->n_crashes - 1 < 5 ? inner->n_crashes - 1 : 5;
  inner->restart_at_ms = now + ((int64_t) FIRST_PAUSE_MS << doublings);
}

static void
reap (Inner *inner)
{
  pid_t pid;
  int status;

  while ((pid = waitpid (-1, &status, WNOHANG)) > 0) {
    if (pid == inner->engine)
      on_engine_ended (inner, status);
  }
}

static void
read_signals (Inner *inner)
{
  struct signalfd_siginfo info;

  while (read (inner->signal_fd, &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
      end_lab (inner, INIT_EXIT_STOPPED);
  }
  /* Several children may share one SIGCHLD. */
  reap (inner);
}

static int
compute_timeout_ms (const Inner *inner)
{
  if (inner->restart_at_ms == 0)
    return -1;
  int64_t left = inner->restart_at_ms - now_ms ();
  return left > 0 ? (int) left : 0;
}

static int
open_signals (void)
{
  sigset_t signals;

  sigemptyset (&signals);
  sigaddset (&signals, SIGCHLD);
  sigaddset (&signals, SIGTERM);
  sigaddset (&signals, SIGINT);
  sigprocmask (SIG_SETMASK, &signals, NULL);
  return signalfd (-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
set_environment (const InitOptions *options)
{
  /* DPDK writes to $XDG_RUNTIME_DIR/dpdk, or to /tmp/dpdk without one: keep it inside. */
  setenv ("XDG_RUNTIME_DIR", options->runtime, 1);
  /* An ordinary user's PATH leaves out where the daemons are. */
  const char *path = getenv ("PATH");
  char extended[8192];
  snprintf (extended, sizeof extended, "%s:/usr/local/sbin:/usr/sbin:/sbin",
            path != NULL ? path : "/usr/local/bin:/usr/bin:/bin");
  setenv ("PATH", extended, 1);
  /* What belongs to the person's desktop is no business of a lab. */
  unsetenv ("DBUS_SESSION_BUS_ADDRESS");
  unsetenv ("NOTIFY_SOCKET");
}

void
init_run_inner (const InitOptions *options, int keeper_fd)
{
  Inner inner = {
      .options = options,
      .keeper_fd = keeper_fd,
      .signal_fd = open_signals (),
      .window_began_ms = now_ms (),
  };

  prctl (PR_SET_NAME, "lanloom-init");
  set_environment (options);
  spawn_engine (&inner);

  for (;;) {
    struct pollfd fds[] = {
        {.fd = inner.signal_fd, .events = POLLIN},
        {.fd = inner.keeper_fd, .events = POLLIN},
    };
    int n = poll (fds, 2, compute_timeout_ms (&inner));
    if (n > 0 && fds[0].revents != 0)
      read_signals (&inner);
    if (n > 0 && fds[1].revents != 0)
      end_lab (&inner, INIT_EXIT_STOPPED);
    if (inner.restart_at_ms != 0 && inner.restart_at_ms <= now_ms ())
      spawn_engine (&inner);
  }
}
