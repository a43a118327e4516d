/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The way: write a new file beside the old one, fsync it, rename it over the old one, fsync the
 * folder. rename (2) is atomic, and the fsyncs give it its order on the disk; a full disk shows at
 * the latest in the first fsync, before anything is replaced. What it costs: hard links part, and a
 * file of another user that we may write becomes ours. A new file that a crash left beside the old
 * one is removed by the next write to that folder. */

#include "backend/engine/atomic-write.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backend/engine/project-file.h"
#include "canvas/model/text.h"

#define MAX_LINKS 16
#define MAX_ATTEMPTS 100
#define TEMP_PREFIX ".lanloom-"
#define TEMP_SUFFIX ".tmp"
/* Between making a new file and locking it, its writer is still at work. */
#define STALE_AGE_S 60
#define MAX_ENTRIES 10000 /* of a folder, looked at for what a crash left */

/* One write under way. */
typedef struct {
  char *folder; /* absolute, without symbolic links */
  char *name;   /* in the folder; not a symbolic link */
  char *shown;  /* the name for sentences */
  int folder_fd;
  struct stat old; /* st_mode 0: there is none */
  char temp[32];   /* name of the new file while it has no better one, or "" */
} Write;

/* It would put spaces into the name. */
/* clang-format off */
G_DEFINE_QUARK (loom-project-file-error, loom_project_file_error)
/* clang-format on */

static char *
show_name (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);

  return loom_text_for_display (name);
}

static int
code_of_errno (int number)
{
  switch (number) {
  case ENOENT:
  case ENOTDIR:
    return LOOM_PROJECT_FILE_ERROR_NOT_FOUND;
  case EACCES:
  case EPERM:
  case EROFS:
    return LOOM_PROJECT_FILE_ERROR_PERMISSION;
  case ENOSPC:
  case EDQUOT:
  case EFBIG:
    return LOOM_PROJECT_FILE_ERROR_NO_SPACE;
  default:
    return LOOM_PROJECT_FILE_ERROR_FAILED;
  }
}

static void
set_save_error (GError **error, const char *shown, int number)
{
  int code = code_of_errno (number);

  switch (number) {
  case ENOENT:
  case ENOTDIR:
    g_set_error (error, LOOM_PROJECT_FILE_ERROR, code,
                 _ ("“%s” cannot be saved: its folder does not exist. Choose another folder."),
                 shown);
    return;
  case EROFS:
    g_set_error (error, LOOM_PROJECT_FILE_ERROR, code,
                 _ ("“%s” cannot be saved: its disk can only be read. Choose another folder."),
                 shown);
    return;
  case EACCES:
  case EPERM:
    g_set_error (error, LOOM_PROJECT_FILE_ERROR, code,
                 _ ("“%s” cannot be saved: you may not write there. Choose another folder."),
                 shown);
    return;
  case ENOSPC:
  case EDQUOT:
  case EFBIG:
    g_set_error (error, LOOM_PROJECT_FILE_ERROR, code,
                 _ ("“%s” cannot be saved: the disk is full. What was saved before is still there. "
                    "Make room, or choose another folder."),
                 shown);
    return;
  default:
    g_set_error (error, LOOM_PROJECT_FILE_ERROR, code,
                 _ ("“%s” cannot be saved: %s. What was saved before is still there."), shown,
                 g_strerror (number));
  }
}

static void
set_load_error (GError **error, const char *shown, int number)
{
  int code = code_of_errno (number);

  if (number == ENOENT || number == ENOTDIR)
    g_set_error (error, LOOM_PROJECT_FILE_ERROR, code,
                 _ ("“%s” cannot be opened: there is no such file."), shown);
  else if (code == LOOM_PROJECT_FILE_ERROR_PERMISSION)
    g_set_error (error, LOOM_PROJECT_FILE_ERROR, code,
                 _ ("“%s” cannot be opened: you may not read it."), shown);
  else
    g_set_error (error, LOOM_PROJECT_FILE_ERROR, code, _ ("“%s” cannot be opened: %s."), shown,
                 g_strerror (number));
}

char *
loom_atomic_write_etag (const char *text, gsize size)
{
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) text, size);
}

/* Up to @max_size bytes; -1 with errno. */
static gssize
read_all (int fd, GByteArray *bytes, gsize max_size)
{
  guint8 buffer[65536];

  while (bytes->len < max_size) {
    gssize n = read (fd, buffer, MIN (sizeof buffer, max_size - bytes->len));

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return -1;
    if (n == 0)
      break;
    g_byte_array_append (bytes, buffer, (guint) n);
  }
  return bytes->len;
}

/**
 * loom_atomic_write_read:
 * @max_size: bytes; one more is read, so that the caller sees that there are more
 *
 * A folder, a device or a pipe is an error, and never waited for.
 */
char *
loom_atomic_write_read (const char *path, gsize max_size, gsize *ret_size, GError **error)
{
  g_autofree char *shown = show_name (path);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  struct stat info;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  gboolean ok;

  if (fd < 0) {
    set_load_error (error, shown, errno);
    return NULL;
  }
  ok = fstat (fd, &info) == 0;
  if (ok && !S_ISREG (info.st_mode)) {
    g_set_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_FAILED,
                 _ ("“%s” cannot be opened: it is not a file."), shown);
    close (fd);
    return NULL;
  }
  ok = ok && read_all (fd, bytes, max_size + 1) >= 0;
  if (!ok)
    set_load_error (error, shown, errno);
  close (fd);
  if (!ok)
    return NULL;
  *ret_size = bytes->len;
  g_byte_array_append (bytes, (const guint8 *) "", 1);
  return (char *) g_byte_array_free (g_steal_pointer (&bytes), FALSE);
}

/* Finds folder and name of what @path leads to, which need not exist: a link may dangle. */
static gboolean
resolve (Write *self, const char *path)
{
  g_autofree char *at = g_canonicalize_filename (path, NULL);

  for (int i = 0; i < MAX_LINKS; i++) {
    g_autofree char *folder = g_path_get_dirname (at);
    g_autofree char *target = NULL;
    char *real = realpath (folder, NULL);

    if (real == NULL)
      return FALSE;
    g_free (self->folder);
    g_free (self->name);
    self->folder = g_strdup (real);
    self->name = g_path_get_basename (at);
    free (real);
    g_free (at);
    at = g_build_filename (self->folder, self->name, NULL);
    target = g_file_read_link (at, NULL);
    if (target == NULL)
      return TRUE;
    g_free (at);
    at = g_canonicalize_filename (target, self->folder);
  }
  errno = ELOOP;
  return FALSE;
}

/* Looks at what is there now. */
static gboolean
look_at_old (Write *self)
{
  if (fstatat (self->folder_fd, self->name, &self->old, AT_SYMLINK_NOFOLLOW) < 0) {
    memset (&self->old, 0, sizeof self->old);
    return errno == ENOENT;
  }
  if (!S_ISREG (self->old.st_mode)) {
    errno = S_ISDIR (self->old.st_mode) ? EISDIR : EINVAL;
    return FALSE;
  }
  /* rename () would not ask: a file its owner made read-only stays as it is. */
  return faccessat (self->folder_fd, self->name, W_OK, AT_EACCESS) == 0;
}

static gboolean
check_etag (Write *self, const char *etag, GError **error)
{
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  g_autofree char *found = NULL;
  gsize size = 0;

  if (etag == NULL || self->old.st_mode == 0)
    return TRUE;
  path = g_build_filename (self->folder, self->name, NULL);
  text = loom_atomic_write_read (path, LOOM_READER_MAX_SIZE_BYTES, &size, NULL);
  if (text != NULL)
    found = loom_atomic_write_etag (text, size);
  if (g_strcmp0 (found, etag) == 0)
    return TRUE;
  g_set_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_CHANGED,
               _ ("“%s” was changed by another program since it was opened. Save it under another "
                  "name, or replace it."),
               self->shown);
  return FALSE;
}

/* The new file, empty, with the permissions of the old one; -1 with errno. */
static int
create_temp (Write *self)
{
  gboolean is_new = self->old.st_mode == 0;
  int fd = -1;

  for (int i = 0; i < MAX_ATTEMPTS; i++) {
    g_snprintf (self->temp, sizeof self->temp, TEMP_PREFIX "%08x" TEMP_SUFFIX, g_random_int ());
    fd = openat (self->folder_fd, self->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                 is_new ? 0666 : 0600);
    if (fd >= 0 || errno != EEXIST)
      break;
  }
  if (fd < 0) {
    self->temp[0] = '\0';
    return -1;
  }
  flock (fd, LOCK_EX | LOCK_NB); /* see remove_if_stale () */
  if (is_new)
    return fd;
  /* Owner and group as far as we may: without privileges, a group we are in. */
  if (fchown (fd, self->old.st_uid, self->old.st_gid) < 0
      && fchown (fd, (uid_t) -1, self->old.st_gid) < 0)
    g_debug ("cannot keep the group of %s: %s", self->name, g_strerror (errno));
  if (fchmod (fd, self->old.st_mode & 07777) == 0)
    return fd;
  close (fd);
  return -1;
}

static gboolean
write_all (int fd, const char *text, gsize size)
{
  while (size > 0) {
    gssize n = write (fd, text, size);

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return FALSE;
    text += n;
    size -= (gsize) n;
  }
  return TRUE;
}

static gboolean
fill_temp (Write *self, const char *text, gsize size)
{
  int fd = create_temp (self);
  int number;

  if (fd < 0)
    return FALSE;
  if (write_all (fd, text, size) && fsync (fd) == 0)
    return close (fd) == 0;
  number = errno;
  close (fd);
  errno = number;
  return FALSE;
}

/* After this the new file is the file; that the folder may not be synced does not undo it. */
static gboolean
put_in_place (Write *self)
{
  if (renameat (self->folder_fd, self->temp, self->folder_fd, self->name) < 0)
    return FALSE;
  self->temp[0] = '\0';
  if (fsync (self->folder_fd) < 0)
    g_debug ("cannot sync %s: %s", self->folder, g_strerror (errno));
  return TRUE;
}

/* A new file that nobody writes to: its writer holds a lock on it. */
static void
remove_if_stale (Write *self, const char *name)
{
  struct stat info;
  int fd = openat (self->folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

  if (fd < 0)
    return;
  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_uid == geteuid ()
      && info.st_mtim.tv_sec + STALE_AGE_S < time (NULL) && flock (fd, LOCK_EX | LOCK_NB) == 0)
    unlinkat (self->folder_fd, name, 0);
  close (fd);
}

/* Removes what writes that crashed left in the folder. */
static void
sweep (Write *self)
{
  int fd = openat (self->folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  struct dirent *entry;
  int n_left = MAX_ENTRIES;

  if (dir == NULL) {
    if (fd >= 0)
      close (fd);
    return;
  }
  while (n_left-- > 0 && (entry = readdir (dir)) != NULL)
    if (g_str_has_prefix (entry->d_name, TEMP_PREFIX)
        && g_str_has_suffix (entry->d_name, TEMP_SUFFIX))
      remove_if_stale (self, entry->d_name);
  closedir (dir);
}

static gboolean
open_folder (Write *self, const char *path)
{
  if (!resolve (self, path))
    return FALSE;
  self->folder_fd = open (self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return self->folder_fd >= 0 && look_at_old (self);
}

static void
end_write (Write *self)
{
  if (self->temp[0] != '\0')
    unlinkat (self->folder_fd, self->temp, 0);
  if (self->folder_fd >= 0)
    close (self->folder_fd);
  g_free (self->folder);
  g_free (self->name);
  g_free (self->shown);
}

/**
 * loom_atomic_write:
 * @etag: (nullable): as of loom_atomic_write_etag ()
 * @error: of LOOM_PROJECT_FILE_ERROR, or G_IO_ERROR_CANCELLED; the old file is then as it was
 *
 * Returns: whether the file is now @text
 */
gboolean
loom_atomic_write (const char *path, const char *text, gsize size, const char *etag,
                   GCancellable *cancellable, GError **error)
{
  Write self = {.folder_fd = -1, .shown = show_name (path)};
  gboolean ok = FALSE;

  if (!open_folder (&self, path) || !check_etag (&self, etag, error)
      || !fill_temp (&self, text, size)) {
    if (error == NULL || *error == NULL)
      set_save_error (error, self.shown, errno);
  } else if (!g_cancellable_set_error_if_cancelled (cancellable, error)
             && check_etag (&self, etag, error)) {
    ok = put_in_place (&self);
    if (!ok)
      set_save_error (error, self.shown, errno);
    else
      sweep (&self);
  }
  end_write (&self);
  return ok;
}
