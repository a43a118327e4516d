/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Ids of labs, runtime folders, and the sweeping of dead ones. */

#include "backend/engine/runtime.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/init/tree.h"

static char *folder;

static void
test_id (void)
{
  g_autofree char *one = loom_runtime_dup_id ("/nowhere/My Lab (2).lanloom");
  g_autofree char *same = loom_runtime_dup_id ("/nowhere/../nowhere/My Lab (2).lanloom");
  g_autofree char *other = loom_runtime_dup_id ("/elsewhere/My Lab (2).lanloom");

  g_assert_true (g_str_has_prefix (one, "my-lab-2-"));
  g_assert_cmpstr (one, ==, same);
  g_assert_cmpstr (one, !=, other);
}

/* Names that people invent: the id stays short and plain. */
static void
test_id_odd (void)
{
  g_autofree char *long_name = g_strnfill (300, 'x');
  g_autofree char *long_path = g_strdup_printf ("/nowhere/%s.lanloom", long_name);
  const char *const files[] = {long_path, "/nowhere/.lanloom", "/nowhere/…", "/", "/nowhere/-a"};

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *id = loom_runtime_dup_id (files[i]);
    g_assert_cmpuint (strlen (id), <=, 34);
    g_assert_true (g_ascii_isalnum (id[0]));
    for (const char *p = id; *p != '\0'; p++)
      g_assert_true (g_ascii_isalnum (*p) || *p == '-');
  }
}

/* A link to a file is that file. */
static void
test_id_link (void)
{
  g_autofree char *file = g_build_filename (folder, "a.lanloom", NULL);
  g_autofree char *link = g_build_filename (folder, "b.lanloom", NULL);

  g_assert_true (g_file_set_contents (file, "{}", -1, NULL));
  g_assert_cmpint (symlink (file, link), ==, 0);
  g_autofree char *id = loom_runtime_dup_id (file);
  g_autofree char *link_id = loom_runtime_dup_id (link);
  g_assert_cmpstr (id, ==, link_id);
}

static void
test_base (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *base = loom_runtime_dup_base (&error);
  g_autofree char *expected = g_build_filename (folder, "lanloom", NULL);
  struct stat st;

  g_assert_no_error (error);
  g_assert_cmpstr (base, ==, expected);
  g_assert_false (g_file_test (base, G_FILE_TEST_EXISTS));
  g_auto (GStrv) none = loom_runtime_list (&error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (none), ==, 0);
  g_assert_cmpint (g_mkdir (base, 0700), ==, 0);

  /* Open to others: closed again. A link instead of a folder: refused. */
  g_chmod (base, 0755);
  g_autofree char *again = loom_runtime_dup_base (&error);
  g_assert_no_error (error);
  g_assert_cmpint (stat (base, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 0777, ==, 0700);
  g_assert_cmpint (g_rmdir (base), ==, 0);
  g_assert_cmpint (symlink ("/tmp", base), ==, 0);
  g_autofree char *refused = loom_runtime_dup_base (&error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  g_assert_null (refused);
  g_assert_cmpint (g_unlink (base), ==, 0);
}

/* A runtime folder that is somebody else's, as after "su", or everybody's, is none. */
static void
test_base_foreign (void)
{
  g_autofree char *foreign = g_build_filename (folder, "foreign", NULL);
  g_autofree char *expected = g_strdup_printf ("/tmp/lanloom-%u", (unsigned) getuid ());
  g_autofree char *base = NULL;

  g_assert_cmpint (g_mkdir (foreign, 0777), ==, 0);
  /* An ordinary user cannot give a folder away, and has those of root. */
  if (chown (foreign, getuid () + 1, getgid ()) < 0)
    g_setenv ("XDG_RUNTIME_DIR", "/usr", TRUE);
  else
    g_setenv ("XDG_RUNTIME_DIR", foreign, TRUE);
  base = loom_runtime_dup_base (NULL);
  g_setenv ("XDG_RUNTIME_DIR", folder, TRUE);
  g_assert_cmpstr (base, ==, expected);
  g_assert_cmpint (g_rmdir (foreign), ==, 0);
}

static void
test_sweep (void)
{
  g_autofree char *base = loom_runtime_dup_base (NULL);
  g_autofree char *dead = g_build_filename (base, "dead-00000000", NULL);
  g_autofree char *deep = g_build_filename (dead, "ovs", "x", NULL);
  g_autofree char *alive = g_build_filename (base, "alive-00000000", NULL);
  g_autofree char *outside = g_build_filename (folder, "outside", NULL);
  g_autofree char *link = g_build_filename (dead, "link", NULL);

  g_assert_cmpint (g_mkdir_with_parents (deep, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (alive, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (outside, 0700), ==, 0);
  g_assert_cmpint (symlink (outside, link), ==, 0);
  int fd = open (alive, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_assert_cmpint (flock (fd, LOCK_EX | LOCK_NB), ==, 0);

  g_assert_true (loom_runtime_is_locked (alive));
  g_assert_false (loom_runtime_is_locked (dead));
  g_auto (GStrv) running = loom_runtime_list (NULL);
  g_assert_cmpuint (g_strv_length (running), ==, 1);
  g_assert_cmpstr (running[0], ==, alive);

  loom_runtime_sweep ();
  g_assert_false (g_file_test (dead, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (alive, G_FILE_TEST_IS_DIR));
  g_assert_true (g_file_test (outside, G_FILE_TEST_IS_DIR));
  close (fd);
  g_assert_false (loom_runtime_is_locked (alive));
}

/* Anybody may put a link of our base's name into /tmp or /var/tmp. */
static void
test_sweep_link (void)
{
  g_autofree char *home = g_build_filename (folder, "home", NULL);
  g_autofree char *precious = g_build_filename (home, "precious", NULL);
  g_autofree char *base = g_build_filename (folder, "base-link", NULL);

  g_assert_cmpint (g_mkdir_with_parents (precious, 0700), ==, 0);
  g_assert_cmpint (symlink (home, base), ==, 0);
  loom_runtime_sweep_base (base);
  g_assert_true (g_file_test (precious, G_FILE_TEST_IS_DIR));
  loom_runtime_sweep_base (home);
  g_assert_false (g_file_test (precious, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("lrt-XXXXXX", NULL);
  g_setenv ("XDG_RUNTIME_DIR", folder, TRUE);
  g_test_add_func ("/runtime/id", test_id);
  g_test_add_func ("/runtime/id-odd", test_id_odd);
  g_test_add_func ("/runtime/id-link", test_id_link);
  g_test_add_func ("/runtime/base", test_base);
  g_test_add_func ("/runtime/base-foreign", test_base_foreign);
  g_test_add_func ("/runtime/sweep", test_sweep);
  g_test_add_func ("/runtime/sweep-link", test_sweep_link);
  int status = g_test_run ();
  loom_tree_remove (AT_FDCWD, folder);
  g_free (folder);
  return status;
}
