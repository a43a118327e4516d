/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The first process of the guest that ships: file systems, kernel modules, the agent, a shell on
 * each console, and reaping. A program instead of a script, because every process costs tens of
 * milliseconds on an emulated CPU. Then read agent.c. */

#include "backend/guest/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct console {
  const char *device;
  const char *terminal;
  pid_t pid;
};

void
guest_log (const char *format, ...)
{
  char line[512];
  int fd = open ("/dev/kmsg", O_WRONLY | O_CLOEXEC);
  va_list arguments;
  int size = snprintf (line, sizeof line, "<3>lanloom: ");

  va_start (arguments, format);
  size += vsnprintf (line + size, sizeof line - (size_t) size, format, arguments);
  va_end (arguments);
  if (fd < 0)
    return;
  if (write (fd, line, (size_t) size < sizeof line ? (size_t) size : sizeof line) < 0)
    perror ("kmsg");
  close (fd);
}

static void
mount_all (void)
{
  mount ("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
  mount ("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
  mount ("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, NULL);
  mkdir ("/dev/pts", 0755);
  mkdir ("/dev/shm", 01777);
  mount ("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "mode=620,ptmxmode=666");
  if (symlink ("/proc/self/fd", "/dev/fd") < 0)
    guest_log ("/dev/fd: %s", strerror (errno));
}

static void
load_module (const char *path)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0 || (syscall (SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST))
    guest_log ("%s: %s", path, strerror (errno));
  if (fd >= 0)
    close (fd);
}

/* /etc/modules-boot holds paths, dependencies first. */
static void
load_modules (void)
{
  FILE *list = fopen ("/etc/modules-boot", "re");
  char path[256];

  if (list == NULL)
    return;
  while (fgets (path, sizeof path, list) != NULL) {
    path[strcspn (path, "\n")] = '\0';
    if (path[0] != '\0')
      load_module (path);
  }
  fclose (list);
}

static void
start_agent (void)
{
  int ready[2];
  struct pollfd poll_fd;
  pid_t pid;

  if (pipe2 (ready, O_CLOEXEC) < 0)
    return;
  pid = fork ();
  if (pid == 0) {
    close (ready[0]);
    agent_run (ready[1]);
  }
  close (ready[1]);
  poll_fd = (struct pollfd){.fd = ready[0], .events = POLLIN};
  /* The shells' prompts show the name, so the configuration comes first; but a shell comes. */
  poll (&poll_fd, 1, 5000);
  close (ready[0]);
}

static void
start_shell (struct console *console)
{
  char variable[64];
  int fd;

  console->pid = fork ();
  if (console->pid != 0)
    return;
  setsid ();
  fd = open (console->device, O_RDWR);
  if (fd < 0) {
    sleep (60); /* no such console: do not spin */
    _exit (1);
  }
  ioctl (fd, TIOCSCTTY, 1);
  dup2 (fd, 0);
  dup2 (fd, 1);
  dup2 (fd, 2);
  if (fd > 2)
    close (fd);
  signal (SIGUSR1, SIG_DFL);
  signal (SIGUSR2, SIG_DFL);
  signal (SIGTERM, SIG_DFL);
  snprintf (variable, sizeof variable, "TERM=%s", console->terminal);
  putenv (variable);
  if (chdir ("/root") == 0)
    execl ("/bin/bash", "-bash", NULL); /* "-": a login shell, which reads /etc/profile */
  _exit (127);
}

/* Here and now: a word left for the loop would wait for the next child's end if it came just
 * before waitpid (). The agent and shells before they are one have the handler, too. */
static void
on_power_signal (int number)
{
  if (getpid () != 1)
    return;
  sync ();
  reboot (number == SIGTERM ? RB_AUTOBOOT : RB_POWER_OFF);
}

/* The signals of busybox halt, poweroff and reboot. */
static void
watch_power_signals (void)
{
  struct sigaction action = {.sa_handler = on_power_signal};

  sigaction (SIGUSR1, &action, NULL);
  sigaction (SIGUSR2, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
  reboot (RB_DISABLE_CAD);
}

static bool
is_called (const char *path, const char *name)
{
  const char *slash = strrchr (path, '/');

  return strcmp (slash != NULL ? slash + 1 : path, name) == 0;
}

int
main (int argc, char **argv)
{
  struct console consoles[] = {{"/dev/ttyS0", "xterm-256color", 0}, {"/dev/tty1", "linux", 0}};
  const size_t n_consoles = sizeof consoles / sizeof consoles[0];
  pid_t pid;

  if (argc > 0 && is_called (argv[0], "lanloom-screen"))
    return screen_main (argc, argv);
  if (getpid () != 1)
    return 1;
  mount_all ();
  setenv ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
  setenv ("HOME", "/root", 1);
  setenv ("USER", "root", 1);
  load_modules ();
  watch_power_signals ();
  netlink_set_up ("lo");
  start_agent ();
  for (size_t i = 0; i < n_consoles; i++)
    start_shell (&consoles[i]);
  for (;;) {
    pid = waitpid (-1, NULL, 0);
    for (size_t i = 0; pid > 0 && i < n_consoles; i++)
      if (consoles[i].pid == pid)
        start_shell (&consoles[i]);
  }
}
