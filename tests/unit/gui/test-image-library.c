/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Disk images from anywhere: how a lab names them, and links that never take another's place. */

#include "gui/image-library.h"

#include <glib/gstdio.h>

static void
test_names (void)
{
  g_autofree char *below = loom_image_library_dup_name ("/l", "/lab", "/lab/disks/a.qcow2");
  g_autofree char *ours = loom_image_library_dup_name ("/l", "/lab", "/l/a.qcow2");

  g_assert_cmpstr (below, ==, "disks/a.qcow2");
  g_assert_cmpstr (ours, ==, "a.qcow2");
  g_assert_null (loom_image_library_dup_name ("/l", "/lab", "/laboratory/a.qcow2"));
  g_assert_null (loom_image_library_dup_name ("/l", NULL, "/lab/a.qcow2"));
  g_assert_null (loom_image_library_dup_name ("/l", NULL, "/l/deep/a.qcow2"));
}

static void
expect_link (const char *library, const char *lab, const char *path, const char *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = loom_image_library_link (library, lab, path, &error);
  g_autofree char *link = NULL;
  g_autofree char *target = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (name, ==, wanted);
  link = g_build_filename (library, name, NULL);
  target = g_file_read_link (link, NULL);
  g_assert_cmpstr (target, ==, path);
  g_unlink (link);
}

static void
test_links (void)
{
  g_autofree char *dir = g_dir_make_tmp ("loom-images-XXXXXX", NULL);
  g_autofree char *library = g_build_filename (dir, "deep", "images", NULL);
  g_autofree char *deep = g_build_filename (dir, "deep", NULL);
  g_autofree char *beside = g_build_filename (dir, "b.qcow2", NULL);
  g_autofree char *first = NULL;
  g_autofree char *again = NULL;
  g_autofree char *other = NULL;

  expect_link (library, NULL, "/x/a.qcow2", "a.qcow2");
  expect_link (library, NULL, "/x/file:a.qcow2", "file-a.qcow2");
  /* What lies beside the lab under that name would be found first. */
  g_assert_true (g_file_set_contents (beside, "", 0, NULL));
  expect_link (library, dir, "/x/b.qcow2", "b-2.qcow2");
  g_unlink (beside);
  /* The same image twice is one link; another one of that name gets its own. */
  first = loom_image_library_link (library, NULL, "/x/c.qcow2", NULL);
  again = loom_image_library_link (library, NULL, "/x/c.qcow2", NULL);
  other = loom_image_library_link (library, NULL, "/y/c.qcow2", NULL);
  g_assert_cmpstr (first, ==, "c.qcow2");
  g_assert_cmpstr (again, ==, "c.qcow2");
  g_assert_cmpstr (other, ==, "c-2.qcow2");
  for (int i = 0; i < 2; i++) {
    g_autofree char *link = g_build_filename (library, i == 0 ? first : other, NULL);

    g_unlink (link);
  }
  g_assert_cmpint (g_rmdir (library), ==, 0);
  g_rmdir (deep);
  g_rmdir (dir);
}

static void
test_no_library (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (loom_image_library_link ("/dev/null/images", NULL, "/x/a.qcow2", &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/image-library/names", test_names);
  g_test_add_func ("/image-library/links", test_links);
  g_test_add_func ("/image-library/no-library", test_no_library);
  return g_test_run ();
}
