/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who may speak to a lab. */

#include "backend/engine/private-socket.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#define MODE 0600
#define MAX_DEPTH 4 /* DPDK's are in ovs/dpdk/rte */

static void
tighten (const char *folder, int depth)
{
  DIR *dir = opendir (folder);
  struct dirent *entry;
  struct stat st;

  while (dir != NULL && (entry = readdir (dir)) != NULL) {
    if (entry->d_name[0] == '.'
        || fstatat (dirfd (dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
      continue;
    if (S_ISSOCK (st.st_mode) && (st.st_mode & 07777) != MODE)
      fchmodat (dirfd (dir), entry->d_name, MODE, 0);
    if (S_ISDIR (st.st_mode) && depth < MAX_DEPTH) {
      g_autofree char *below = g_build_filename (folder, entry->d_name, NULL);
      tighten (below, depth + 1);
    }
  }
  if (dir != NULL)
    closedir (dir);
}

void
loom_private_socket_tighten (const char *folder)
{
  tighten (folder, 0);
}
