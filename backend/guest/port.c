/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The virtio-serial port that the host speaks on, found by its name. */

#include "backend/guest/guest.h"

#include "backend/guest/protocol.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define PORTS "/sys/class/virtio-ports"

/* Whether the port of this name of the kernel's ("vport0p1") is the host's. */
static bool
is_host (const char *entry)
{
  char path[300];
  char name[64] = "";
  FILE *file;

  snprintf (path, sizeof path, PORTS "/%s/name", entry);
  file = fopen (path, "re");
  if (file == NULL)
    return false;
  if (fgets (name, sizeof name, file) != NULL)
    name[strcspn (name, "\n")] = '\0';
  fclose (file);
  return strcmp (name, LOOM_AGENT_PORT) == 0;
}

int
port_open (void)
{
  DIR *folder = opendir (PORTS);
  struct dirent *entry;
  char path[300];
  int fd = -1;

  if (folder == NULL)
    return -1;
  while (fd < 0 && (entry = readdir (folder)) != NULL) {
    if (entry->d_name[0] == '.' || !is_host (entry->d_name))
      continue;
    snprintf (path, sizeof path, "/dev/%s", entry->d_name);
    fd = open (path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  }
  closedir (folder);
  return fd;
}
