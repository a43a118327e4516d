/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Removing a folder and all that is in it, by handles only: a path that is swapped for a link
 * while we walk leads nowhere. */

#include "backend/init/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Deeper than any folder of ours; a bound on open handles and on the stack. */
#define MAX_DEPTH 16

static int remove_at (int parent_fd, const char *name, dev_t device, int depth);

static int
remove_contents (int folder_fd, dev_t device, int depth)
{
  DIR *dir = fdopendir (folder_fd);
  if (dir == NULL) {
    close (folder_fd);
    return -1;
  }

  int failure = 0;
  struct dirent *entry;
  while ((entry = readdir (dir)) != NULL) {
    if (strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0)
      continue;
    if (remove_at (dirfd (dir), entry->d_name, device, depth + 1) < 0 && failure == 0)
      failure = errno;
  }
  closedir (dir);
  errno = failure;
  return failure == 0 ? 0 : -1;
}

static int
remove_at (int parent_fd, const char *name, dev_t device, int depth)
{
  if (unlinkat (parent_fd, name, 0) == 0 || errno == ENOENT)
    return 0;
  /* Linux says EISDIR for a folder, POSIX allows EPERM. */
  if (errno != EISDIR && errno != EPERM)
    return -1;

  int fd = openat (parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return -1;
  struct stat st;
  if (fstat (fd, &st) < 0 || (depth > 0 && st.st_dev != device) || depth > MAX_DEPTH) {
    close (fd);
    errno = EXDEV;
    return -1;
  }
  if (remove_contents (fd, st.st_dev, depth) < 0)
    return -1;
  return unlinkat (parent_fd, name, AT_REMOVEDIR);
}

int
loom_tree_remove (int parent_fd, const char *name)
{
  return remove_at (parent_fd, name, 0, 0);
}
