/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The runtime folder of a lab, its id, and the sweeping of what killed labs left. */

#include "backend/engine/runtime.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/init/tree.h"

/* sockaddr_un holds 107 bytes and a NUL; an id takes 33 ("slug24-hash8"), the longest socket of a
 * folder 22 ("ovs-vswitchd.99999.ctl"), and two slashes. */
#define MAX_BASE 50
#define MAX_SLUG 24
#define HASH_LENGTH 8

/* Whether the folder, if it is there, is ours and closed to others. lanloom-init makes it when a
 * lab starts and removes it with the last one: asking must leave nothing behind. */
static gboolean
check_private_folder (const char *path, GError **error)
{
  struct stat st;

  /* lstat: in /tmp somebody else may have put a link here before us. */
  if (lstat (path, &st) < 0)
    return TRUE;
  if (!S_ISDIR (st.st_mode) || st.st_uid != getuid ()) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 _ ("The runtime folder “%s” belongs to somebody else. Remove it, or set "
                    "XDG_RUNTIME_DIR to a folder of yours."),
                 path);
    return FALSE;
  }
  if ((st.st_mode & 0777) != 0700 && g_chmod (path, 0700) < 0) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 _ ("The runtime folder “%s” is open to others and cannot be closed to them."),
                 path);
    return FALSE;
  }
  return TRUE;
}

/* The specification says that it is the user's; after "su" it is that of who called it, and some
 * name one that all share, where anybody could take our name before us. */
static gboolean
is_own_runtime_folder (const char *path)
{
  struct stat st;

  return path != NULL && g_path_is_absolute (path) && stat (path, &st) == 0 && S_ISDIR (st.st_mode)
         && st.st_uid == getuid ();
}

char *
loom_runtime_dup_base (GError **error)
{
  const char *xdg = g_getenv ("XDG_RUNTIME_DIR");
  g_autofree char *base = NULL;

  if (is_own_runtime_folder (xdg))
    base = g_build_filename (xdg, "lanloom", NULL);
  if (base == NULL || strlen (base) > MAX_BASE) {
    g_free (base);
    base = g_strdup_printf ("/tmp/lanloom-%u", (unsigned) getuid ());
  }
  if (!check_private_folder (base, error))
    return NULL;
  return g_steal_pointer (&base);
}

static char *
dup_real_path (const char *file)
{
  g_autofree char *absolute = g_canonicalize_filename (file, NULL);
  char *real = realpath (absolute, NULL);

  if (real == NULL) {
    g_autofree char *folder = g_path_get_dirname (absolute);
    g_autofree char *name = g_path_get_basename (absolute);
    char *real_folder = realpath (folder, NULL);
    if (real_folder == NULL)
      return g_steal_pointer (&absolute);
    char *path = g_build_filename (real_folder, name, NULL);
    free (real_folder);
    return path;
  }
  char *path = g_strdup (real);
  free (real);
  return path;
}

static char *
dup_slug (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  GString *slug = g_string_new (NULL);

  if (g_str_has_suffix (name, ".lanloom"))
    name[strlen (name) - strlen (".lanloom")] = '\0';
  for (const char *p = name; *p != '\0' && slug->len < MAX_SLUG; p++) {
    if (g_ascii_isalnum (*p))
      g_string_append_c (slug, g_ascii_tolower (*p));
    else if (slug->len > 0 && slug->str[slug->len - 1] != '-')
      g_string_append_c (slug, '-');
  }
  if (slug->len == 0)
    g_string_append (slug, "lab");
  return g_string_free (slug, FALSE);
}

char *
loom_runtime_dup_id (const char *file)
{
  g_autofree char *path = dup_real_path (file);
  g_autofree char *slug = dup_slug (path);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, path, -1);

  return g_strdup_printf ("%s-%.*s", slug, HASH_LENGTH, hash);
}

char *
loom_runtime_dup_folder (const char *file, GError **error)
{
  g_autofree char *base = loom_runtime_dup_base (error);
  if (base == NULL)
    return NULL;

  g_autofree char *id = loom_runtime_dup_id (file);
  return g_build_filename (base, id, NULL);
}

static char *
dup_disk_base (void)
{
  return g_strdup_printf ("/var/tmp/lanloom-%u", (unsigned) getuid ());
}

char *
loom_runtime_dup_disk_folder (const char *id)
{
  g_autofree char *base = dup_disk_base ();
  g_autofree char *runtime_base = loom_runtime_dup_base (NULL);
  g_autofree char *hash = g_compute_checksum_for_string (
      G_CHECKSUM_SHA256, runtime_base != NULL ? runtime_base : "", -1);
  g_autofree char *name = g_strdup_printf ("%s-%.*s", id, HASH_LENGTH / 2, hash);

  return g_build_filename (base, name, NULL);
}

gboolean
loom_runtime_is_locked (const char *folder)
{
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  gboolean locked;

  if (fd < 0)
    return FALSE;
  /* Shared: two askers do not take each other for a running lab. */
  locked = flock (fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
  close (fd);
  return locked;
}

/* Others lock a folder as well, for the moment in which they remove it. */
static gboolean
is_keeper (guint32 pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%u/comm", pid);
  g_autofree char *name = NULL;

  return g_file_get_contents (path, &name, NULL, NULL) && g_str_equal (name, "lanloom-init\n");
}

/* Whether a descriptor of @pid is of what @wanted is. */
static gboolean
has_open (guint32 pid, const struct stat *wanted)
{
  g_autofree char *folder = g_strdup_printf ("/proc/%u/fd", pid);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    struct stat st;

    if (stat (path, &st) == 0 && st.st_dev == wanted->st_dev && st.st_ino == wanted->st_ino)
      return TRUE;
  }
  return FALSE;
}

guint32
loom_runtime_find_keeper (const char *folder)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  struct stat st;

  if (lstat (folder, &st) < 0 || !g_file_get_contents ("/proc/locks", &text, NULL, NULL))
    return 0;
  lines = g_strsplit (text, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++) {
    unsigned long inode;
    guint32 pid;

    /* The number of the device is the file system's, which need not be what stat () tells. */
    if (sscanf (lines[i], "%*d: FLOCK %*s WRITE %u %*x:%*x:%lu", &pid, &inode) == 2
        && inode == (unsigned long) st.st_ino && is_keeper (pid) && has_open (pid, &st))
      return pid;
  }
  return 0;
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GStrv
loom_runtime_list (GError **error)
{
  g_autofree char *base = loom_runtime_dup_base (error);
  if (base == NULL)
    return NULL;

  g_autoptr (GDir) dir = g_dir_open (base, 0, NULL);
  g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func (g_free);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *folder = g_build_filename (base, name, NULL);
    if (loom_runtime_is_locked (folder))
      g_ptr_array_add (folders, g_steal_pointer (&folder));
  }
  g_ptr_array_sort (folders, compare_strings);
  g_ptr_array_add (folders, NULL);
  return (GStrv) g_ptr_array_free (g_steal_pointer (&folders), FALSE);
}

/* Opens a folder whose name others could have taken before us (/tmp, /var/tmp), only if it is a
 * folder, not a link, and ours. */
static int
open_own_folder (int parent_fd, const char *name)
{
  int fd = openat (parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  struct stat st;

  if (fd >= 0 && (fstat (fd, &st) < 0 || st.st_uid != getuid ())) {
    close (fd);
    return -1;
  }
  return fd;
}

/* Removes folder @name of the one open at @base_fd unless its lab runs. Our lock is held while
 * removing, so that a lab that starts meanwhile waits or fails instead of losing its folder. */
static void
sweep_folder (int base_fd, const char *name)
{
  int fd = open_own_folder (base_fd, name);

  if (fd < 0)
    return;
  if (flock (fd, LOCK_EX | LOCK_NB) == 0)
    loom_tree_remove (base_fd, name);
  close (fd);
}

/* By handles only: a link called lanloom-1000 that somebody puts into /var/tmp must not lead us to
 * sweep what it points to. */
void
loom_runtime_sweep_base (const char *base)
{
  int fd = open_own_folder (AT_FDCWD, base);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  struct dirent *entry;

  if (dir == NULL) {
    if (fd >= 0)
      close (fd);
    return;
  }
  while ((entry = readdir (dir)) != NULL) {
    if (entry->d_name[0] != '.')
      sweep_folder (fd, entry->d_name);
  }
  closedir (dir);
}

void
loom_runtime_sweep (void)
{
  g_autofree char *base = loom_runtime_dup_base (NULL);
  g_autofree char *disk_base = dup_disk_base ();

  if (base != NULL)
    loom_runtime_sweep_base (base);
  loom_runtime_sweep_base (disk_base);
}
