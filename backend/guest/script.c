/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The boot script: a shell of its own, whose output is a file. */

#include "backend/guest/guest.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SCRIPT "/run/boot"
#define LOG "/var/log/boot.log"

/* In the child: becomes the shell. */
__attribute__ ((noreturn)) static void
run (void)
{
  int fd = open (LOG, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  sigset_t none;

  setsid ();
  signal (SIGPIPE, SIG_DFL);
  if (fd >= 0) {
    sigemptyset (&none);
    sigprocmask (SIG_SETMASK, &none, NULL);
    dup2 (fd, 1);
    dup2 (fd, 2);
    close (0);
    open ("/dev/null", O_RDONLY);
    if (chdir ("/root") == 0)
      execl ("/bin/sh", "sh", SCRIPT, NULL);
  }
  _exit (127);
}

pid_t
script_start (const char *text)
{
  FILE *file = fopen (SCRIPT, "we");
  pid_t pid;

  if (file == NULL)
    return -1;
  fputs (text, file);
  fclose (file);
  pid = fork ();
  if (pid == 0)
    run ();
  return pid;
}

void
script_read_last_line (char *text, size_t text_size)
{
  char tail[512];
  FILE *file = fopen (LOG, "re");
  size_t size;
  char *line;

  text[0] = '\0';
  if (file == NULL)
    return;
  if (fseek (file, -(long) (sizeof tail - 1), SEEK_END) < 0)
    rewind (file);
  size = fread (tail, 1, sizeof tail - 1, file);
  fclose (file);
  while (size > 0 && (tail[size - 1] == '\n' || tail[size - 1] == ' '))
    size--;
  tail[size] = '\0';
  line = strrchr (tail, '\n');
  snprintf (text, text_size, "%.200s", line != NULL ? line + 1 : tail);
}
