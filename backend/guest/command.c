/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One program run for the host, with pipes for its three streams. agent.c moves the data. */

#include "backend/guest/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
  MAX_ARGUMENTS = 1024
};

int64_t
now_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint32_t
command_status (int wait_status)
{
  return (uint32_t) (WIFSIGNALED (wait_status) ? 128 + WTERMSIG (wait_status)
                                               : WEXITSTATUS (wait_status));
}

__attribute__ ((noreturn)) static void
run (char **arguments, const int pipes[3][2])
{
  sigset_t none;

  setsid ();
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  signal (SIGPIPE, SIG_DFL);
  dup2 (pipes[0][0], 0);
  dup2 (pipes[1][1], 1);
  dup2 (pipes[2][1], 2);
  if (chdir ("/root") < 0)
    _exit (126);
  execvp (arguments[0], arguments);
  fprintf (stderr, "%s: %s\n", arguments[0], strerror (errno));
  fflush (stderr);
  _exit (errno == ENOENT ? 127 : 126);
}

static void
close_pipes (int pipes[3][2])
{
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 2; j++)
      if (pipes[i][j] >= 0)
        close (pipes[i][j]);
}

int
command_start (command_t *command, uint32_t id, const char *argv, size_t size)
{
  char *arguments[MAX_ARGUMENTS + 1];
  size_t n = 0;
  int pipes[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
  pid_t pid;

  if (size == 0 || argv[size - 1] != '\0' || argv[0] == '\0')
    return -EINVAL;
  for (const char *p = argv; p < argv + size; p += strlen (p) + 1) {
    if (n == MAX_ARGUMENTS)
      return -E2BIG;
    arguments[n++] = (char *) p;
  }
  arguments[n] = NULL;
  for (int i = 0; i < 3; i++)
    if (pipe2 (pipes[i], O_CLOEXEC) < 0) {
      close_pipes (pipes);
      return -errno;
    }
  pid = fork ();
  if (pid < 0) {
    close_pipes (pipes);
    return -EAGAIN;
  }
  if (pid == 0)
    run (arguments, pipes);
  close (pipes[0][0]);
  close (pipes[1][1]);
  close (pipes[2][1]);
  *command = (command_t){
      .id = id, .pid = pid, .in_fd = pipes[0][1], .out_fd = pipes[1][0], .err_fd = pipes[2][0]};
  fcntl (command->in_fd, F_SETFL, O_NONBLOCK);
  fcntl (command->out_fd, F_SETFL, O_NONBLOCK);
  fcntl (command->err_fd, F_SETFL, O_NONBLOCK);
  return 0;
}

void
command_feed (command_t *command)
{
  if (command->in_fd >= 0 && command->in.size > 0) {
    ssize_t n = write (command->in_fd, command->in.data, command->in.size);

    if (n > 0) {
      bytes_consume (&command->in, (size_t) n);
      command->in_taken += (uint32_t) n;
    } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
      close (command->in_fd); /* it reads no more; what still comes is dropped */
      command->in_fd = -1;
    }
  }
  if (command->in_fd < 0) {
    command->in_taken += (uint32_t) command->in.size;
    bytes_clear (&command->in);
  } else if (command->in.size == 0 && command->in_ended) {
    close (command->in_fd);
    command->in_fd = -1;
  }
}

void
command_clear (command_t *command)
{
  int fds[] = {command->in_fd, command->out_fd, command->err_fd};

  for (int i = 0; i < 3; i++)
    if (fds[i] >= 0)
      close (fds[i]);
  bytes_clear (&command->in);
  *command = (command_t){0};
}
