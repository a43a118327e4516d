/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Power loss while a file is saved. The linker hands every step that the save path takes to the
 * disk to this file (--wrap; openat is openat64 where files may be large), which does two things
 * with it:
 *
 * - kill: a child saves and is killed by SIGKILL before, in the middle of (half of a write), or
 *   after step n, for each n. What the file holds then is what a crash of the program leaves.
 * - disk: the steps are written down, and a model of a disk says what may be on it when the power
 *   goes after each of them: data that was not synced may be missing, and a name that was not
 *   synced may be the old one or the new one. This is what a crash of the computer leaves.
 *
 * Either way the file must be the old text or the new one, whole. */

#include "backend/engine/atomic-write.h"
#include "backend/engine/project-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#define OLD_SIZE 5000
#define NEW_SIZE 9000
#define MEDDLED "of another program"

typedef enum {
  STEP_CREATE,
  STEP_WRITE,
  STEP_SYNC_FILE,
  STEP_RENAME,
  STEP_SYNC_FOLDER,
} StepKind;

typedef struct {
  StepKind kind;
  gsize size; /* of a write */
} Step;

typedef enum {
  DIE_NEVER,
  DIE_BEFORE,
  DIE_WITHIN,
  DIE_AFTER,
} Moment;

/* What the wrapped calls do; set before a save, read after it. One thread. */
static struct {
  GArray *steps; /* of Step; NULL: calls are let through unseen */
  Moment moment;
  guint die_at; /* index of a step */
  int fail_at;  /* step that fails with ENOSPC; -1: none */
  /* A file that another program writes to while ours is being synced; or NULL. */
  const char *meddled;
} disk = {.fail_at = -1};

int __real_openat64 (int folder_fd, const char *name, int flags, ...);
ssize_t __real_write (int fd, const void *data, size_t size);
int __real_fsync (int fd);
int __real_renameat (int from_fd, const char *from, int to_fd, const char *to);
int __wrap_openat64 (int folder_fd, const char *name, int flags, ...);
ssize_t __wrap_write (int fd, const void *data, size_t size);
int __wrap_fsync (int fd);
int __wrap_renameat (int from_fd, const char *from, int to_fd, const char *to);

static void
die (void)
{
  kill (getpid (), SIGKILL);
}

/* FALSE: the step is to fail. */
static gboolean
begin_step (StepKind kind, gsize size)
{
  const Step step = {kind, size};

  if (kind == STEP_SYNC_FILE && disk.meddled != NULL)
    g_assert_true (g_file_set_contents (disk.meddled, MEDDLED, -1, NULL));

  if (disk.steps == NULL)
    return TRUE;
  g_array_append_val (disk.steps, step);
  if (disk.moment == DIE_BEFORE && disk.steps->len - 1 == disk.die_at)
    die ();
  errno = ENOSPC;
  return (int) disk.steps->len - 1 != disk.fail_at;
}

static gboolean
is_within (void)
{
  return disk.steps != NULL && disk.moment == DIE_WITHIN && disk.steps->len - 1 == disk.die_at;
}

static void
end_step (void)
{
  if (disk.steps != NULL && disk.moment == DIE_AFTER && disk.steps->len - 1 == disk.die_at)
    die ();
}

int
__wrap_openat64 (int folder_fd, const char *name, int flags, ...)
{
  va_list arguments;
  mode_t mode = 0;
  int fd;

  if ((flags & O_CREAT) == 0)
    return __real_openat64 (folder_fd, name, flags);
  va_start (arguments, flags);
  mode = va_arg (arguments, mode_t);
  va_end (arguments);
  if (!begin_step (STEP_CREATE, 0))
    return -1;
  fd = __real_openat64 (folder_fd, name, flags, mode);
  end_step ();
  return fd;
}

ssize_t
__wrap_write (int fd, const void *data, size_t size)
{
  ssize_t n;

  if (!begin_step (STEP_WRITE, size)) {
    __real_write (fd, data, size / 2); /* a full disk takes what fits */
    errno = ENOSPC;
    return -1;
  }
  n = __real_write (fd, data, is_within () ? size / 2 : size);
  if (is_within ())
    die ();
  end_step ();
  return n;
}

int
__wrap_fsync (int fd)
{
  struct stat info;
  gboolean is_folder = fstat (fd, &info) == 0 && S_ISDIR (info.st_mode);
  int result;

  if (!begin_step (is_folder ? STEP_SYNC_FOLDER : STEP_SYNC_FILE, 0))
    return -1;
  result = __real_fsync (fd);
  end_step ();
  return result;
}

int
__wrap_renameat (int from_fd, const char *from, int to_fd, const char *to)
{
  int result;

  if (!begin_step (STEP_RENAME, 0))
    return -1;
  result = __real_renameat (from_fd, from, to_fd, to);
  end_step ();
  return result;
}

/* --- a folder with a file --------------------------------------------------------------------- */

typedef struct {
  char *folder;
  char *path;
  char *old_text;
  char *new_text;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("loom-power-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "lab.lanloom", NULL);
  fixture->old_text = g_strnfill (OLD_SIZE, 'o');
  fixture->new_text = g_strnfill (NEW_SIZE, 'n');
  disk.steps = NULL;
  disk.moment = DIE_NEVER;
  disk.fail_at = -1;
  disk.meddled = NULL;
  g_assert_true (g_file_set_contents (fixture->path, fixture->old_text, -1, NULL));
}

static guint
count_temps (Fixture *fixture, gboolean make_old)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
    const struct utimbuf long_ago = {time (NULL) - 3600, time (NULL) - 3600};

    if (!g_str_has_suffix (name, ".tmp"))
      continue;
    n++;
    if (make_old)
      g_assert_cmpint (utime (path, &long_ago), ==, 0);
  }
  return n;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (g_remove (fixture->path), ==, 0);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->old_text);
  g_free (fixture->new_text);
  g_clear_pointer (&disk.steps, g_array_unref);
}

static gboolean
save (Fixture *fixture, GError **error)
{
  gboolean done;

  g_clear_pointer (&disk.steps, g_array_unref);
  disk.steps = g_array_new (FALSE, FALSE, sizeof (Step));
  done = loom_atomic_write (fixture->path, fixture->new_text, NEW_SIZE, NULL, NULL, error);
  return done;
}

/* Whether the file is the new one; anything but the two is a failure. */
static gboolean
is_new (Fixture *fixture)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));
  if (strcmp (text, fixture->new_text) == 0)
    return TRUE;
  g_assert_cmpstr (text, ==, fixture->old_text);
  return FALSE;
}

/* The steps of a save that nothing disturbs. (transfer none) */
static const GArray *
learn_steps (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (save (fixture, &error));
  g_assert_no_error (error);
  g_assert_true (is_new (fixture));
  g_assert_cmpuint (disk.steps->len, >=, 5);
  return disk.steps;
}

/* --- a crash of the program ------------------------------------------------------------------- */

/* Whether the child was killed. */
static gboolean
save_and_die (Fixture *fixture, guint step, Moment moment)
{
  pid_t pid = fork ();
  int status;

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0) {
    disk.die_at = step;
    disk.moment = moment;
    save (fixture, NULL);
    _exit (0);
  }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  return WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL;
}

static void
test_kill (Fixture *fixture, gconstpointer data)
{
  guint n_steps = learn_steps (fixture)->len;
  guint n_tried = 0;
  guint n_new = 0;

  for (guint step = 0; step < n_steps; step++) {
    for (Moment moment = DIE_BEFORE; moment <= DIE_AFTER; moment++) {
      g_clear_pointer (&disk.steps, g_array_unref);
      g_assert_true (g_file_set_contents (fixture->path, fixture->old_text, -1, NULL));
      /* Only a write can be torn. */
      if (!save_and_die (fixture, step, moment))
        g_assert_cmpint (moment, ==, DIE_WITHIN);
      else
        n_tried++;
      n_new += is_new (fixture) ? 1 : 0;
      g_assert_cmpuint (count_temps (fixture, TRUE), <=, 1);
      /* The next save works, and takes away what the crash left. */
      g_assert_true (save (fixture, NULL));
      g_assert_true (is_new (fixture));
      g_assert_cmpuint (count_temps (fixture, FALSE), ==, 0);
      g_clear_pointer (&disk.steps, g_array_unref);
    }
  }
  g_test_message ("%u steps, killed %u times: the new text %u times", n_steps, n_tried, n_new);
  g_assert_cmpuint (n_tried, >=, 2 * n_steps);
  g_assert_cmpuint (n_new, >, 0);
  g_assert_cmpuint (n_new, <, n_tried);
}

/* --- a crash of the computer ------------------------------------------------------------------ */

/* What the disk is known to hold when the power goes after some steps. */
typedef struct {
  gsize written;    /* bytes of the new file */
  gsize durable;    /* of them on the disk for sure */
  gboolean renamed; /* the name may be the new file's */
  gboolean renamed_for_sure;
} Durable;

static void
take_step (Durable *durable, const Step *step)
{
  switch (step->kind) {
  case STEP_CREATE:
    break;
  case STEP_WRITE:
    durable->written += step->size;
    break;
  case STEP_SYNC_FILE:
    durable->durable = durable->written;
    break;
  case STEP_RENAME:
    durable->renamed = TRUE;
    break;
  case STEP_SYNC_FOLDER:
    durable->renamed_for_sure = durable->renamed;
    break;
  }
}

static void
test_disk (Fixture *fixture, gconstpointer data)
{
  const GArray *steps = learn_steps (fixture);
  Durable durable = {0};

  for (guint i = 0; i < steps->len; i++) {
    take_step (&durable, &g_array_index (steps, Step, i));
    /* Wherever the name may be the new file's, all of that file is on the disk. */
    if (durable.renamed)
      g_assert_cmpuint (durable.durable, ==, NEW_SIZE);
  }
  g_assert_true (durable.renamed_for_sure); /* a save that was answered for is kept */
}

/* --- a disk that says no ---------------------------------------------------------------------- */

static void
test_full (Fixture *fixture, gconstpointer data)
{
  guint n_steps = learn_steps (fixture)->len;

  for (guint step = 0; step < n_steps; step++) {
    g_autoptr (GError) error = NULL;

    g_clear_pointer (&disk.steps, g_array_unref);
    g_assert_true (g_file_set_contents (fixture->path, fixture->old_text, -1, NULL));
    disk.fail_at = (int) step;
    if (save (fixture, &error)) {
      /* The last step only makes it last: the text is there. */
      g_assert_cmpuint (step, ==, n_steps - 1);
      g_assert_true (is_new (fixture));
    } else {
      g_assert_nonnull (strstr (error->message, "disk is full"));
      g_assert_false (is_new (fixture));
    }
    g_assert_cmpuint (count_temps (fixture, FALSE), ==, 0);
  }
}

/* --- others who save ------------------------------------------------------------------------- */

/* What another program wrote while we did is not lost. */
static void
test_meddled (Fixture *fixture, gconstpointer data)
{
  g_autofree char *etag = loom_atomic_write_etag (fixture->old_text, OLD_SIZE);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  disk.steps = g_array_new (FALSE, FALSE, sizeof (Step));
  disk.meddled = fixture->path;
  g_assert_false (
      loom_atomic_write (fixture->path, fixture->new_text, NEW_SIZE, etag, NULL, &error));
  g_assert_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_CHANGED);
  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, MEDDLED);
  g_assert_cmpuint (count_temps (fixture, FALSE), ==, 0);
}

/* A new file that somebody still writes to, or wrote a moment ago, is left alone. */
static void
test_sweep (Fixture *fixture, gconstpointer data)
{
  g_autofree char *fresh = g_build_filename (fixture->folder, ".lanloom-00000001.tmp", NULL);
  g_autofree char *other = g_build_filename (fixture->folder, ".lanloom-mine", NULL);
  int writer;

  g_assert_true (g_file_set_contents (fresh, "half", -1, NULL));
  g_assert_true (g_file_set_contents (other, "mine", -1, NULL));
  g_assert_true (save (fixture, NULL));
  g_assert_cmpuint (count_temps (fixture, TRUE), ==, 1);
  writer = open (fresh, O_RDONLY | O_CLOEXEC);
  g_assert_no_errno (flock (writer, LOCK_EX));
  g_assert_true (save (fixture, NULL));
  g_assert_cmpuint (count_temps (fixture, FALSE), ==, 1);
  close (writer);
  g_assert_true (save (fixture, NULL));
  g_assert_cmpuint (count_temps (fixture, FALSE), ==, 0);
  g_assert_cmpint (g_remove (other), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/power-loss/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("kill", test_kill);
  ADD ("disk", test_disk);
  ADD ("full", test_full);
  ADD ("meddled", test_meddled);
  ADD ("sweep", test_sweep);
  return g_test_run ();
}
