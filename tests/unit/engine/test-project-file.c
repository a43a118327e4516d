/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Load and save: the file is the old or the new one, whole, whatever happens in between. */

#include "backend/engine/project-file.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/engine/atomic-write.h"
#include "canvas/model/writer.h"
#include "lanloom-config.h"
#include "tests/scratch.h"

#define NOBODY 65534
#define LAB LOOM_SOURCE_ROOT "/data/labs/two-machines.lanloom"

typedef struct {
  char *folder;
  char *path; /* folder/lab.lanloom */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = scratch_new ("project");
  fixture->path = g_build_filename (fixture->folder, "lab.lanloom", NULL);
}

/* Whatever happened, the folder holds what the test put there and no temporary file. */
static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    g_assert_false (g_str_has_suffix (name, ".tmp"));
  scratch_free (fixture->folder);
  g_free (fixture->path);
}

static void
assert_holds (const char *path, const char *expected)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
}

static void
put (const char *path, const char *text)
{
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static LoomCatalogue *
new_catalogue (void)
{
  g_autoptr (GError) error = NULL;
  LoomCatalogue *catalogue = loom_catalogue_load (&error);

  g_assert_no_error (error);
  return catalogue;
}

static void
test_catalogue (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LoomCatalogue) catalogue = new_catalogue ();
  g_autoptr (GError) error = NULL;
  g_autofree char *bad = g_build_filename (fixture->folder, "bad.node", NULL);

  g_assert_nonnull (loom_catalogue_lookup (catalogue, "tiny"));
  g_assert_nonnull (loom_catalogue_lookup (catalogue, "switch"));
  g_assert_null (loom_catalogue_load_folder (fixture->folder, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  put (bad, "[Node]\nRole=cat\n");
  g_assert_null (loom_catalogue_load_folder (fixture->folder, &error));
  g_assert_nonnull (strstr (error->message, "bad.node"));
}

static void
test_round_trip (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LoomCatalogue) catalogue = new_catalogue ();
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LoomLab) lab = loom_project_file_load (catalogue, LAB, &problems, &error);
  g_autoptr (LoomLab) again = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *text = NULL;
  gsize size = 0;

  g_assert_no_error (error);
  g_assert_cmpuint (problems->len, ==, 0);
  text = loom_writer_write (lab, &size);
  g_assert_true (loom_project_file_save (fixture->path, text, size, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (LAB, &expected, NULL, NULL));
  assert_holds (fixture->path, expected);
  again = loom_project_file_load (catalogue, fixture->path, NULL, &error);
  g_assert_no_error (error);
}

static void
test_load_wrong (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LoomCatalogue) catalogue = new_catalogue ();
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (loom_project_file_load (catalogue, fixture->path, &problems, &error));
  g_assert_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_NOT_FOUND);
  g_assert_null (problems);
  g_clear_error (&error);
  g_assert_null (loom_project_file_load (catalogue, fixture->folder, NULL, &error));
  g_assert_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_cmpint (mkfifo (fixture->path, 0600), ==, 0);
  g_assert_null (loom_project_file_load (catalogue, fixture->path, NULL, &error));
  g_assert_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_FAILED);
  g_clear_error (&error);
  g_remove (fixture->path);
  put (fixture->path, "{\n");
  g_assert_null (loom_project_file_load (catalogue, fixture->path, &problems, &error));
  g_assert_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_SYNTAX);
  g_assert_cmpuint (problems->len, ==, 1);
}

/* 100 MB, of which most is never read. */
static void
test_load_large (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LoomCatalogue) catalogue = new_catalogue ();
  g_autoptr (GError) error = NULL;

  put (fixture->path, "{}");
  g_assert_cmpint (truncate (fixture->path, 100 * 1000 * 1000), ==, 0);
  g_assert_null (loom_project_file_load (catalogue, fixture->path, NULL, &error));
  g_assert_error (error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_SYNTAX);
  g_assert_nonnull (strstr (error->message, "32 MiB"));
}

static void
test_keeps_mode (Fixture *fixture, gconstpointer data)
{
  struct stat info;

  put (fixture->path, "old");
  g_chmod (fixture->path, 0604);
  g_assert_true (loom_project_file_save (fixture->path, "new", 3, NULL));
  assert_holds (fixture->path, "new");
  g_assert_cmpint (g_stat (fixture->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 07777, ==, 0604);
  if (getuid () == 0) {
    g_assert_cmpint (chown (fixture->path, 1, 2), ==, 0);
    g_assert_true (loom_project_file_save (fixture->path, "newer", 5, NULL));
    g_assert_cmpint (g_stat (fixture->path, &info), ==, 0);
    g_assert_cmpint ((int) info.st_uid, ==, 1);
    g_assert_cmpint ((int) info.st_gid, ==, 2);
    g_assert_cmpint (info.st_mode & 07777, ==, 0604);
  }
}

static void
test_new_file_obeys_umask (Fixture *fixture, gconstpointer data)
{
  mode_t old = umask (027);
  struct stat info;

  g_assert_true (loom_project_file_save (fixture->path, "new", 3, NULL));
  umask (old);
  g_assert_cmpint (g_stat (fixture->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 07777, ==, 0640);
}

static void
test_follows_links (Fixture *fixture, gconstpointer data)
{
  g_autofree char *one = g_build_filename (fixture->folder, "one", NULL);
  g_autofree char *two = g_build_filename (fixture->folder, "two", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (symlink ("two", one), ==, 0);
  g_assert_cmpint (symlink (fixture->path, two), ==, 0);
  g_assert_true (loom_project_file_save (one, "first", 5, &error)); /* dangles until now */
  g_assert_no_error (error);
  assert_holds (fixture->path, "first");
  g_assert_true (loom_project_file_save (one, "second", 6, &error));
  assert_holds (fixture->path, "second");
  g_assert_true (g_file_test (one, G_FILE_TEST_IS_SYMLINK));
  g_assert_true (g_file_test (two, G_FILE_TEST_IS_SYMLINK));
  g_remove (two);
  g_assert_cmpint (symlink ("one", two), ==, 0);
  g_assert_false (loom_project_file_save (one, "third", 5, &error));
  g_assert_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_FAILED);
}

static void
test_save_wrong (Fixture *fixture, gconstpointer data)
{
  g_autofree char *deep = g_build_filename (fixture->folder, "none", "lab", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (loom_project_file_save (deep, "x", 1, &error));
  g_assert_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (loom_project_file_save (fixture->folder, "x", 1, &error));
  g_assert_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_FAILED);
  g_clear_error (&error);
}

/* As an ordinary user, also when the tests run as root. */
static void
test_not_allowed (Fixture *fixture, gconstpointer data)
{
  gboolean is_root = geteuid () == 0;
  g_autoptr (GError) read_only = NULL;
  g_autoptr (GError) no_folder = NULL;

  put (fixture->path, "old");
  g_chmod (fixture->path, 0444);
  if (is_root) {
    g_assert_cmpint (chown (fixture->folder, NOBODY, NOBODY), ==, 0);
    g_assert_cmpint (chown (fixture->path, NOBODY, NOBODY), ==, 0);
    g_assert_cmpint (seteuid (NOBODY), ==, 0);
  }
  loom_project_file_save (fixture->path, "x", 1, &read_only);
  g_chmod (fixture->path, 0644);
  g_chmod (fixture->folder, 0555);
  loom_project_file_save (fixture->path, "x", 1, &no_folder);
  g_chmod (fixture->folder, 0755);
  if (is_root)
    g_assert_cmpint (seteuid (0), ==, 0);
  g_assert_error (read_only, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_PERMISSION);
  g_assert_error (no_folder, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_PERMISSION);
  assert_holds (fixture->path, "old");
}

static void
test_etag (Fixture *fixture, gconstpointer data)
{
  g_autofree char *etag = NULL;
  g_autofree char *next = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (loom_project_file_save_full (fixture->path, "one", 3, NULL, &etag, &error));
  g_assert_true (loom_project_file_save_full (fixture->path, "two", 3, etag, &next, &error));
  g_assert_cmpstr (etag, !=, next);
  put (fixture->path, "theirs");
  g_assert_false (loom_project_file_save_full (fixture->path, "three", 5, next, NULL, &error));
  g_assert_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_CHANGED);
  assert_holds (fixture->path, "theirs");
  g_clear_error (&error);
  g_remove (fixture->path);
  g_assert_true (loom_project_file_save_full (fixture->path, "three", 5, next, NULL, &error));
  assert_holds (fixture->path, "three");
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static void
test_async (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LoomCatalogue) catalogue = new_catalogue ();
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GAsyncResult) loaded = NULL;
  g_autoptr (GAsyncResult) saved = NULL;
  g_autoptr (GAsyncResult) stopped = NULL;
  g_autoptr (LoomLab) lab = NULL;
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *etag = NULL;

  loom_project_file_load_async (catalogue, LAB, NULL, on_done, &loaded);
  lab = loom_project_file_load_finish (wait_for (&loaded), &etag, &problems, &error);
  g_assert_no_error (error);
  g_assert_nonnull (etag);
  g_assert_cmpuint (loom_lab_get_n_nodes (lab), ==, 2);

  loom_project_file_save_async (fixture->path, "text", 4, etag, NULL, on_done, &saved);
  g_assert_true (loom_project_file_save_finish (wait_for (&saved), NULL, &error));
  assert_holds (fixture->path, "text");

  g_cancellable_cancel (cancelled);
  loom_project_file_save_async (fixture->path, "more", 4, NULL, cancelled, on_done, &stopped);
  g_assert_false (loom_project_file_save_finish (wait_for (&stopped), NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_holds (fixture->path, "text");
}

/* The kernel refuses to let any file grow beyond 1,000 bytes: as a full disk, in the middle. */
static void
test_file_limit (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (100000, 'x');
  g_autoptr (GError) error = NULL;
  struct rlimit before;
  struct rlimit limit;

  put (fixture->path, "old");
  signal (SIGXFSZ, SIG_IGN);
  getrlimit (RLIMIT_FSIZE, &before);
  limit = before;
  limit.rlim_cur = 1000;
  setrlimit (RLIMIT_FSIZE, &limit);
  loom_project_file_save (fixture->path, text, 100000, &error);
  setrlimit (RLIMIT_FSIZE, &before);
  g_assert_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_NO_SPACE);
  assert_holds (fixture->path, "old");
}

/* In namespaces of its own, where a disk of 64 KiB can be mounted over the folder. */
static void
run_on_full_disk (Fixture *fixture)
{
  g_autofree char *text = g_strnfill (200000, 'x');
  g_autoptr (GError) error = NULL;

  put (fixture->path, "old");
  loom_project_file_save (fixture->path, text, 200000, &error);
  g_assert_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_NO_SPACE);
  assert_holds (fixture->path, "old");
  g_clear_error (&error);
  g_assert_cmpint (mount (NULL, fixture->folder, NULL, MS_REMOUNT | MS_RDONLY, NULL), ==, 0);
  loom_project_file_save (fixture->path, "new", 3, &error);
  g_assert_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_PERMISSION);
  assert_holds (fixture->path, "old");
}

static gboolean
write_map (const char *path, const char *format, int id)
{
  g_autofree char *text = g_strdup_printf (format, id);
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  gboolean ok = fd >= 0 && write (fd, text, strlen (text)) == (gssize) strlen (text);

  if (fd >= 0)
    close (fd);
  return ok;
}

static gboolean
enter_namespaces (const char *folder)
{
  int uid = (int) getuid ();
  int gid = (int) getgid ();

  return unshare (CLONE_NEWUSER | CLONE_NEWNS) == 0 && write_map ("/proc/self/setgroups", "deny", 0)
         && write_map ("/proc/self/uid_map", "0 %d 1", uid)
         && write_map ("/proc/self/gid_map", "0 %d 1", gid)
         && mount ("none", folder, "tmpfs", 0, "size=65536") == 0;
}

static void
test_full_disk (Fixture *fixture, gconstpointer data)
{
  if (g_test_subprocess ()) {
    if (enter_namespaces (fixture->folder)) {
      run_on_full_disk (fixture);
      umount2 (fixture->folder, MNT_DETACH);
      g_printerr ("# a full disk was seen\n");
    }
    /* The parent's namespace has the folder still, and it is empty there. */
    g_rmdir (fixture->folder);
    _exit (0);
  }
  g_test_trap_subprocess (NULL, 20 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/project-file/catalogue", test_catalogue);
  add ("/project-file/round-trip", test_round_trip);
  add ("/project-file/load-wrong", test_load_wrong);
  add ("/project-file/load-large", test_load_large);
  add ("/project-file/keeps-mode", test_keeps_mode);
  add ("/project-file/new-file-obeys-umask", test_new_file_obeys_umask);
  add ("/project-file/follows-links", test_follows_links);
  add ("/project-file/save-wrong", test_save_wrong);
  add ("/project-file/not-allowed", test_not_allowed);
  add ("/project-file/etag", test_etag);
  add ("/project-file/async", test_async);
  add ("/project-file/file-limit", test_file_limit);
  add ("/project-file/full-disk", test_full_disk);
  return g_test_run ();
}
