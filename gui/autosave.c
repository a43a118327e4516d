/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Autosave files. Written to a temporary name and renamed over, so that a crash in the middle of a
 * write leaves the former text. A rename makes a new inode: the lock is taken on the new file
 * before it gets its name, so that there is no moment when a living window's file has no lock.
 *
 * The folder is bounded: when leftovers are looked for, all but the newest MAX_KEPT of them go, and
 * so do new files that a crash left half written. */

#include "gui/autosave.h"

#include <glib/gi18n-lib.h>

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "canvas/model/reader.h"

#define SUFFIX ".lanloom-autosave"
#define NEW_SUFFIX SUFFIX ".new"
#define MAX_LEFTOVERS 16 /* offered at a time */
#define MAX_KEPT 64
#define MAX_ENTRIES 10000 /* of the folder, looked at */
#define STALE_AGE_S 60    /* between being made and being locked, a new file is not stale */
#define MAX_SIZE (LOOM_READER_MAX_SIZE_BYTES + 8192)

struct _LoomAutosave {
  GObject parent_instance;

  char *dir;
  char *file;       /* of this window; made up on creation, on disk only when there is something */
  int fd;           /* the locked file, -1 */
  gboolean busy;    /* a thread writes */
  char *next;       /* what to write after that; or NULL */
  gboolean dropped; /* nothing unsaved: delete when the thread is done */
  gboolean failed;  /* the last time, and that was said */
};

G_DEFINE_TYPE (LoomAutosave, loom_autosave, G_TYPE_OBJECT)

enum {
  SIGNAL_FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

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

static gboolean
fill_and_rename (int fd, const char *temporary, const Job *job)
{
  return flock (fd, LOCK_EX | LOCK_NB) == 0 && write_all (fd, job->contents, strlen (job->contents))
         && fdatasync (fd) == 0 && rename (temporary, job->file) == 0;
}

/* So that the name is on the disk, too. */
static void
sync_folder (const char *dir)
{
  int fd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    return;
  if (fsync (fd) < 0)
    g_debug ("cannot sync %s: %s", dir, g_strerror (errno));
  close (fd);
}

/* The locked file descriptor of the new file, or -1 with errno. */
static int
write_locked (const Job *job)
{
  g_autofree char *temporary = g_strconcat (job->file, ".new", NULL);
  int fd;

  g_mkdir_with_parents (job->dir, 0700);
  fd = open (temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return -1;
  if (!fill_and_rename (fd, temporary, job)) {
    int number = errno;

    unlink (temporary);
    close (fd);
    errno = number;
    return -1;
  }
  sync_folder (job->dir);
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

/* Said once, until it works again. */
static void
report_failure (LoomAutosave *self, const char *reason)
{
  g_autofree char *sentence = NULL;

  if (self->failed)
    return;
  self->failed = TRUE;
  sentence = g_strdup_printf (_ ("Unsaved work cannot be kept safe in “%s”: %s. Save the lab, or "
                                 "make room there."),
                              self->dir, reason);
  g_signal_emit (self, signals[SIGNAL_FAILED], 0, sentence);
}

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
    report_failure (self, error->message);
  } else {
    self->failed = FALSE;
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
  signals[SIGNAL_FAILED] = g_signal_new ("failed", LOOM_TYPE_AUTOSAVE, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
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
  if (strlen (text) > LOOM_READER_MAX_SIZE_BYTES) {
    report_failure (self, _ ("the lab is too large"));
    return;
  }
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

/* Opens and locks a file that nobody keeps; -1: it is none, or somebody does. */
static int
open_leftover (const char *path, struct stat *ret_info)
{
  struct stat info;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

  if (fd < 0)
    return -1;
  if (fstat (fd, &info) < 0 || !S_ISREG (info.st_mode) || info.st_size <= 1
      || info.st_size > MAX_SIZE || flock (fd, LOCK_EX | LOCK_NB) < 0) {
    close (fd);
    return -1;
  }
  *ret_info = info;
  return fd;
}

/* (transfer full): up to @size bytes, and a NUL. */
static char *
read_contents (int fd, gsize size)
{
  char *contents = g_malloc (size + 1);
  gsize done = 0;

  while (done < size) {
    gssize n = read (fd, contents + done, size - done);

    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      break;
    done += n;
  }
  contents[done] = '\0';
  return contents;
}

static LoomLeftover *
read_leftover (const char *path)
{
  LoomLeftover *leftover;
  g_autofree char *contents = NULL;
  struct stat info;
  char *text;
  int fd = open_leftover (path, &info);

  if (fd < 0)
    return NULL;
  contents = read_contents (fd, info.st_size);
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

/* A file of the folder, before it is opened. */
typedef struct {
  char *path;
  gint64 changed_unix_s;
} Entry;

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->path);
  g_free (entry);
}

/* Newest first. */
static int
compare_entries (gconstpointer one, gconstpointer other)
{
  const Entry *a = *(Entry *const *) one;
  const Entry *b = *(Entry *const *) other;

  return (a->changed_unix_s < b->changed_unix_s) - (a->changed_unix_s > b->changed_unix_s);
}

/* Unless a living window holds it. */
static void
remove_unlocked (const Entry *entry)
{
  int fd = open (entry->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

  if (fd < 0)
    return;
  if (flock (fd, LOCK_EX | LOCK_NB) == 0)
    unlink (entry->path);
  close (fd);
}

/* (transfer full): of Entry: the autosaves of @dir. Removes new files that nobody writes to. */
static GPtrArray *
list_entries (const char *dir)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func (entry_free);
  g_autoptr (GDir) names = g_dir_open (dir, 0, NULL);
  const char *name;
  int n_left = MAX_ENTRIES;

  while (names != NULL && n_left-- > 0 && (name = g_dir_read_name (names)) != NULL) {
    g_autofree char *path = g_build_filename (dir, name, NULL);
    gboolean is_new = g_str_has_suffix (name, NEW_SUFFIX);
    struct stat info;
    Entry *entry;

    if ((!is_new && !g_str_has_suffix (name, SUFFIX)) || lstat (path, &info) < 0
        || !S_ISREG (info.st_mode))
      continue;
    entry = g_new0 (Entry, 1);
    entry->path = g_steal_pointer (&path);
    entry->changed_unix_s = info.st_mtim.tv_sec;
    if (!is_new) {
      g_ptr_array_add (entries, entry);
      continue;
    }
    if (entry->changed_unix_s + STALE_AGE_S < time (NULL))
      remove_unlocked (entry);
    entry_free (entry);
  }
  g_ptr_array_sort (entries, compare_entries);
  return entries;
}

GPtrArray *
loom_autosave_find_leftovers (const char *dir)
{
  GPtrArray *leftovers = g_ptr_array_new_with_free_func ((GDestroyNotify) loom_leftover_free);
  g_autoptr (GPtrArray) entries = list_entries (dir);

  for (guint i = 0; i < entries->len; i++) {
    const Entry *entry = g_ptr_array_index (entries, i);
    LoomLeftover *leftover;

    if (i >= MAX_KEPT) {
      remove_unlocked (entry);
    } else if (leftovers->len < MAX_LEFTOVERS) {
      leftover = read_leftover (entry->path);
      if (leftover != NULL)
        g_ptr_array_add (leftovers, leftover);
    }
  }
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
