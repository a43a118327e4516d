/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which file a machine boots from. */

#include "backend/engine/derive.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "backend/init/tree.h"

static void
check (const char *folder, const char *image, const char *expected_name)
{
  g_autoptr (LoomNode) node = loom_node_new ("vm", "disk", 1);
  g_autofree char *expected = expected_name != NULL ? g_build_filename (folder, expected_name, NULL)
                                                    : NULL;

  node->image = g_strdup (image);
  g_autofree char *path = loom_derive_image (node, folder);
  g_assert_cmpstr (path, ==, expected);
}

/* A lab's folder comes from a stranger: its links must not reach the person's own disks. */
static void
test_image (void)
{
  g_autofree char *top = g_dir_make_tmp ("derive-XXXXXX", NULL);
  g_autofree char *lab = g_build_filename (top, "lab", NULL);
  g_autofree char *inner = g_build_filename (lab, "inner", NULL);
  g_autofree char *disk = g_build_filename (inner, "disk.qcow2", NULL);
  g_autofree char *private = g_build_filename (top, "private.qcow2", NULL);
  g_autofree char *link = g_build_filename (lab, "link.qcow2", NULL);
  g_autofree char *up = g_build_filename (lab, "up", NULL);
  g_autofree char *alias = g_build_filename (lab, "alias.qcow2", NULL);

  g_assert_cmpint (g_mkdir_with_parents (inner, 0700), ==, 0);
  g_assert_true (g_file_set_contents (disk, "x", 1, NULL));
  g_assert_true (g_file_set_contents (private, "x", 1, NULL));
  g_assert_cmpint (symlink (private, link), ==, 0);
  g_assert_cmpint (symlink ("..", up), ==, 0);
  g_assert_cmpint (symlink ("inner/disk.qcow2", alias), ==, 0);

  check (lab, NULL, NULL);
  check (lab, "inner/disk.qcow2", "inner/disk.qcow2");
  check (lab, "alias.qcow2", "alias.qcow2");
  check (lab, "inner/missing.qcow2", "inner/missing.qcow2");
  check (lab, "link.qcow2", NULL);
  check (lab, "up/private.qcow2", NULL);
  loom_tree_remove (AT_FDCWD, top);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/derive/image", test_image);
  return g_test_run ();
}
