/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The keeper: the process outside the lab's namespaces. It is a session of its own, so that neither
 * a closed terminal nor a killed window reaches it. It waits for PID 1 of the lab, which the kernel
 * lets end only when every other process of the lab has, and then removes the lab's folders.
 *
 * SIGTERM and SIGINT are handed on to PID 1: the lab ends as by Stop. */

#include "backend/init/init.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libintl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend/init/tree.h"

#define _(text) dgettext (GETTEXT_PACKAGE, text)

#define LOG_NAME "engine.log"

/* In /tmp and /var/tmp somebody may have put a link or a folder there before us. */
static int
make_own_folder (const char *path)
{
  struct stat st;

  if (mkdir (path, 0700) < 0 && errno != EEXIST)
    return -1;
  if (lstat (path, &st) < 0)
    return -1;
  if (!S_ISDIR (st.st_mode) || st.st_uid != getuid ()) {
    errno = EPERM;
    return -1;
  }
  return 0;
}

static char *
dup_parent (const char *path)
{
  char *parent = strdup (path);
  if (parent == NULL)
    return NULL;

  char *slash = strrchr (parent, '/');
  slash[slash == parent ? 1 : 0] = '\0';
  return parent;
}

/* Makes a folder and the one above it, "/var/tmp/lanloom-1000". */
static int
make_folders (const char *path)
{
  char *parent = dup_parent (path);
  int result = parent == NULL ? -1 : make_own_folder (parent);

  free (parent);
  if (result < 0 || make_own_folder (path) < 0)
    return -1;
  return chmod (path, 0700);
}

static bool
is_same_folder (int fd, const char *path)
{
  struct stat held, named;

  return fstat (fd, &held) == 0 && lstat (path, &named) == 0 && held.st_dev == named.st_dev
         && held.st_ino == named.st_ino;
}

/* Removes the folder open at @fd, and the one above it if this was the last lab. PID 1 may have
 * done it, and the lab may have been started again since: its new folder is none of ours. */
static void
remove_folders (int fd, const char *path)
{
  char *parent = dup_parent (path);

  if (is_same_folder (fd, path))
    loom_tree_remove (AT_FDCWD, path);
  if (parent != NULL && strstr (parent, "/lanloom") != NULL)
    rmdir (parent);
  free (parent);
}

static bool
is_empty (int folder_fd)
{
  int fd = openat (folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd < 0 ? NULL : fdopendir (fd);
  int n_entries = 0;

  if (dir == NULL)
    return true;
  while (readdir (dir) != NULL)
    n_entries++;
  closedir (dir);
  return n_entries <= 2; /* "." and ".." */
}

/* Makes and locks the runtime folder. Another keeper may be removing it between our two steps:
 * then what we hold is no longer what the path says, and we begin again. */
static int
lock_runtime_folder (const char *path, int *ret_fd)
{
  for (int tries = 0; tries < 50; tries++) {
    /* ENOENT: another lab's end took the folder above away between our two steps. */
    if (make_folders (path) < 0 && errno != ENOENT)
      return INIT_EXIT_FAILED;
    int fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
      if (errno == ENOENT)
        continue;
      return INIT_EXIT_FAILED;
    }
    if (flock (fd, LOCK_EX | LOCK_NB) < 0) {
      bool locked = errno == EWOULDBLOCK;
      close (fd);
      if (!locked)
        return INIT_EXIT_FAILED;
      /* Askers hold the lock for a moment; a lab holds it for long. */
      if (tries >= 5)
        return INIT_EXIT_LOCKED;
      usleep (20 * 1000);
      continue;
    }
    if (is_same_folder (fd, path)) {
      if (is_empty (fd)) {
        *ret_fd = fd;
        return 0;
      }
      /* What a keeper that was killed together with its lab left: none of it is ours. */
      loom_tree_remove (AT_FDCWD, path);
    }
    close (fd);
  }
  errno = EAGAIN;
  return INIT_EXIT_FAILED;
}

/* A handle of the folder, which stays open, and with it the lock, until the last of us ends; -1. */
static int
lock_disk_folder (const char *path)
{
  if (make_folders (path) < 0)
    return -1;
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  return fd >= 0 && flock (fd, LOCK_SH | LOCK_NB) == 0 ? fd : -1;
}

static int
open_parent (const char *path)
{
  char *parent = dup_parent (path);
  if (parent == NULL)
    return -1;

  int fd = open (parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  free (parent);
  return fd;
}

static int
open_log (int runtime_fd)
{
  return openat (runtime_fd, LOG_NAME, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
                 0600);
}

static void
detach (void)
{
  setsid (); /* fails only if we lead a session already */
  umask (077);
  if (chdir ("/") < 0)
    return;

  int null_fd = open ("/dev/null", O_RDWR);
  if (null_fd >= 0) {
    dup2 (null_fd, STDIN_FILENO);
    dup2 (null_fd, STDOUT_FILENO);
    if (null_fd > STDERR_FILENO)
      close (null_fd);
  }
  /* Whatever our caller forgot to close would stay open as long as the lab runs. */
  syscall (SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
}

static pid_t
clone_inner (const InitOptions *options, int log_fd, int keeper_pipe[2], int report_pipe[2])
{
  uid_t uid = geteuid ();
  gid_t gid = getegid ();
  struct clone_args arguments = {
      .flags = INIT_NAMESPACES,
      .exit_signal = SIGCHLD,
  };

  pid_t pid = (pid_t) syscall (SYS_clone3, &arguments, sizeof arguments);
  if (pid != 0)
    return pid;

  close (keeper_pipe[1]);
  close (report_pipe[0]);
  int status = init_enter_namespaces (options, uid, gid);
  if (status != 0)
    _exit (status);
  /* From here on nobody reads what we say but the log. */
  dup2 (log_fd, STDERR_FILENO);
  /* A keeper that was killed by now is noticed by init_run_inner (), which tidies up. */
  (void) !write (report_pipe[1], "", 1);
  close (report_pipe[1]);
  init_run_inner (options, keeper_pipe[0]);
}

/* Waits for PID 1, handing signals on. Returns its exit status. */
static int
wait_for_inner (pid_t inner)
{
  sigset_t signals;
  int status;

  sigemptyset (&signals);
  sigaddset (&signals, SIGCHLD);
  sigaddset (&signals, SIGTERM);
  sigaddset (&signals, SIGINT);
  for (;;) {
    if (waitpid (inner, &status, WNOHANG) == inner)
      return WIFEXITED (status) ? WEXITSTATUS (status) : INIT_EXIT_FAILED;
    int signal_number = sigwaitinfo (&signals, NULL);
    if (signal_number == SIGTERM || signal_number == SIGINT)
      kill (inner, SIGTERM);
  }
}

static void
block_signals (void)
{
  sigset_t signals;

  sigemptyset (&signals);
  sigaddset (&signals, SIGCHLD);
  sigaddset (&signals, SIGTERM);
  sigaddset (&signals, SIGINT);
  sigprocmask (SIG_SETMASK, &signals, NULL);
  signal (SIGCHLD, SIG_DFL);
  signal (SIGPIPE, SIG_IGN);
  signal (SIGHUP, SIG_IGN);
}

/* Runs PID 1 until it ends. */
static int
keep_inner (const InitOptions *options)
{
  int keeper_pipe[2], report_pipe[2];
  int log_fd = open_log (options->runtime_fd);

  if (log_fd < 0 || pipe2 (keeper_pipe, O_CLOEXEC) < 0 || pipe2 (report_pipe, O_CLOEXEC) < 0) {
    init_report (errno, _ ("The lab's runtime folder “%s” cannot be written."), options->runtime);
    return INIT_EXIT_FAILED;
  }

  pid_t inner = clone_inner (options, log_fd, keeper_pipe, report_pipe);
  if (inner < 0) {
    return init_report_no_namespaces ();
  }
  close (keeper_pipe[0]);
  close (report_pipe[1]);

  char byte;
  ssize_t length;
  do
    length = read (report_pipe[0], &byte, 1);
  while (length < 0 && errno == EINTR);
  close (report_pipe[0]);

  int status = wait_for_inner (inner);
  /* PID 1 that failed to come up has made its report; one that gave up later wrote to the log. */
  if (length == 1 && status != INIT_EXIT_STOPPED)
    init_report (0, _ ("The lab “%s” ended unexpectedly."), options->file);
  return status;
}

int
init_keep (InitOptions *options)
{
  detach ();
  block_signals ();

  int disks_fd = -1;
  int status = lock_runtime_folder (options->runtime, &options->runtime_fd);
  if (status == INIT_EXIT_LOCKED) {
    init_report (0, _ ("The lab “%s” runs already."), options->file);
    return status;
  }
  if (status == 0) {
    /* A keeper that was killed together with its lab may have left disks. Made first, so that the
     * folder above is known to be ours before anything in it is removed. */
    if (make_folders (options->disks) == 0 && loom_tree_remove (AT_FDCWD, options->disks) == 0)
      disks_fd = lock_disk_folder (options->disks);
    if (disks_fd < 0)
      status = INIT_EXIT_FAILED;
    options->runtime_parent_fd = open_parent (options->runtime);
    options->disks_parent_fd = open_parent (options->disks);
  }
  if (status != 0) {
    init_report (errno, _ ("The lab's folders “%s” and “%s” cannot be made."), options->runtime,
                 options->disks);
    return status;
  }

  status = keep_inner (options);
  remove_folders (disks_fd, options->disks);
  remove_folders (options->runtime_fd, options->runtime);
  return status;
}
