/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Autosave files. Written to a temporary name and renamed over, so that a crash in the middle of a
 * write leaves the former text. A rename makes a new inode: the lock is taken on the new file
 * before it gets its name, so that there is no moment when a living window's file has no lock. */

#include "gui/autosave.h"

#include <glib/gi18n-lib.h>

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "canvas/model/reader.h"

#define SUFFIX ".lanloom-autosave"
#define MAX_LEFTOVERS 16
#define MAX_SIZE (LOOM_READER_MAX_SIZE_BYTES + 8192)

struct _LoomAutosave {
  GObject parent_instance;

  char *dir;
  char *file;       /* of this window; made up on creation, on disk only when there is something */
  int fd;           /* the locked file, -1 */
  gboolean busy;    /* a thread writes */
  char *next;       /* what to write after that; or NULL */
  gboolean dropped; /* nothing unsaved: delete when the thread is done */
};

G_DEFINE_TYPE (LoomAutosave, loom_autosave, G_TYPE_OBJECT)

typedef struct {
  char *dir;
  char *file;
  char *contents;
} Job;

static void
job_free (Job *job)
{
  g_free (job->dir);
  g_free (job->file);
  g_free (job->contents);
  g_free (job);
}

static gboolean
write_all (int fd, const char *data, gsize size)
{
  while (size > 0) {
    gssize n = write (fd, data, size);

    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return FALSE;
    data += n;
    size -= n;
  }
  return TRUE;
}

/* The locked file descriptor of the new file, or -1. */
static int
write_locked (const Job *job)
{
  g_autofree char *temporary = g_strconcat (job->file, ".new", NULL);
  int fd;

  g_mkdir_with_parents (job->dir, 0700);
  fd = open (temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return -1;
  if (flock (fd, LOCK_EX | LOCK_NB) < 0 || !write_all (fd, job->contents, strlen (job->contents))
      || fdatasync (fd) < 0 || rename (temporary, job->file) < 0) {
    unlink (temporary);
    close (fd);
    return -1;
  }
  return fd;
}

static void
run_job (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  int fd = write_locked (task_data);

  if (fd < 0)
    g_task_return_new_error (task, G_IO_ERROR, g_io_error_from_errno (errno), "%s",
                             g_strerror (errno));
  else
    g_task_return_int (task, fd);
}

static void write_next (LoomAutosave *self);

static void
remove_file (LoomAutosave *self)
{
  if (self->fd < 0)
    return;
  unlink (self->file);
  close (self->fd);
  self->fd = -1;
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LoomAutosave *self = LOOM_AUTOSAVE (source);
  g_autoptr (GError) error = NULL;
  int fd = g_task_propagate_int (G_TASK (result), &error);

  self->busy = FALSE;
  if (error != NULL) {
    g_warning ("Unsaved work could not be kept in %s: %s", self->dir, error->message);
  } else {
    if (self->fd >= 0)
      close (self->fd);
    self->fd = fd;
  }
  if (self->dropped)
    remove_file (self);
  write_next (self);
}

static void
write_next (LoomAutosave *self)
{
  g_autoptr (GTask) task = NULL;
  Job *job;

  if (self->busy || self->next == NULL)
    return;
  job = g_new0 (Job, 1);
  job->dir = g_strdup (self->dir);
  job->file = g_strdup (self->file);
  job->contents = g_steal_pointer (&self->next);
  self->busy = TRUE;
  task = g_task_new (self, NULL, on_written, NULL);
  g_task_set_task_data (task, job, (GDestroyNotify) job_free);
  g_task_run_in_thread (task, run_job);
}

static void
loom_autosave_finalize (GObject *object)
{
  LoomAutosave *self = LOOM_AUTOSAVE (object);

  if (self->fd >= 0)
    close (self->fd);
  g_free (self->dir);
  g_free (self->file);
  g_free (self->next);
  G_OBJECT_CLASS (loom_autosave_parent_class)->finalize (object);
}

static void
loom_autosave_class_init (LoomAutosaveClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = loom_autosave_finalize;
}

static void
loom_autosave_init (LoomAutosave *self)
{
  self->fd = -1;
}

LoomAutosave *
loom_autosave_new (const char *dir)
{
  LoomAutosave *self = g_object_new (LOOM_TYPE_AUTOSAVE, NULL);
  g_autofree char *id = g_uuid_string_random ();
  g_autofree char *name = g_strconcat (id, SUFFIX, NULL);

  self->dir = g_strdup (dir);
  self->file = g_build_filename (dir, name, NULL);
  return self;
}

char *
loom_autosave_dup_default_dir (void)
{
  return g_build_filename (g_get_user_state_dir (), "lanloom", "autosave", NULL);
}

void
loom_autosave_keep (LoomAutosave *self, const char *path, const char *text)
{
  /* A path with a line break in it could not be told from the text. */
  const char *kept_path = path != NULL && strchr (path, '\n') == NULL ? path : "";

  self->dropped = FALSE;
  g_free (self->next);
  self->next = g_strconcat (kept_path, "\n", text, NULL);
  write_next (self);
}

void
loom_autosave_drop (LoomAutosave *self)
{
  g_clear_pointer (&self->next, g_free);
  self->dropped = TRUE;
  if (!self->busy)
    remove_file (self);
}

void
loom_leftover_free (LoomLeftover *leftover)
{
  if (leftover->fd >= 0)
    close (leftover->fd);
  g_free (leftover->path);
  g_free (leftover->text);
  g_free (leftover->autosave_path);
  g_free (leftover);
}

void
loom_leftover_discard (LoomLeftover *leftover)
{
  unlink (leftover->autosave_path);
}

static LoomLeftover *
read_leftover (const char *path)
{
  LoomLeftover *leftover;
  g_autofree char *contents = NULL;
  struct stat info;
  char *text;
  gsize done = 0;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

  if (fd < 0)
    return NULL;
  if (fstat (fd, &info) < 0 || !S_ISREG (info.st_mode) || info.st_size <= 1
      || info.st_size > MAX_SIZE || flock (fd, LOCK_EX | LOCK_NB) < 0) {
    close (fd);
    return NULL;
  }
  contents = g_malloc (info.st_size + 1);
  while (done < (gsize) info.st_size) {
    gssize n = read (fd, contents + done, info.st_size - done);

    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      break;
    done += n;
  }
  contents[done] = '\0';
  text = strchr (contents, '\n');
  if (text == NULL) {
    close (fd);
    return NULL;
  }
  *text++ = '\0';
  leftover = g_new0 (LoomLeftover, 1);
  leftover->fd = fd;
  leftover->path = contents[0] == '/' ? g_strdup (contents) : NULL;
  leftover->text = g_strdup (text);
  leftover->size = strlen (text);
  leftover->saved_unix_us = info.st_mtim.tv_sec * G_USEC_PER_SEC;
  leftover->autosave_path = g_strdup (path);
  return leftover;
}

static int
compare_leftovers (gconstpointer one, gconstpointer other)
{
  const LoomLeftover *a = *(LoomLeftover *const *) one;
  const LoomLeftover *b = *(LoomLeftover *const *) other;

  return (a->saved_unix_us < b->saved_unix_us) - (a->saved_unix_us > b->saved_unix_us);
}

GPtrArray *
loom_autosave_find_leftovers (const char *dir)
{
  GPtrArray *leftovers = g_ptr_array_new_with_free_func ((GDestroyNotify) loom_leftover_free);
  g_autoptr (GDir) entries = g_dir_open (dir, 0, NULL);
  const char *name;

  while (entries != NULL && leftovers->len < MAX_LEFTOVERS
         && (name = g_dir_read_name (entries)) != NULL) {
    g_autofree char *path = g_build_filename (dir, name, NULL);
    LoomLeftover *leftover;

    if (!g_str_has_suffix (name, SUFFIX))
      continue;
    leftover = read_leftover (path);
    if (leftover != NULL)
      g_ptr_array_add (leftovers, leftover);
  }
  g_ptr_array_sort (leftovers, compare_leftovers);
  return leftovers;
}

static void
run_find (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_task_return_pointer (task, loom_autosave_find_leftovers (task_data),
                         (GDestroyNotify) g_ptr_array_unref);
}

void
loom_autosave_find_leftovers_async (const char *dir, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_task_data (task, g_strdup (dir), g_free);
  g_task_run_in_thread (task, run_find);
}

GPtrArray *
loom_autosave_find_leftovers_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
