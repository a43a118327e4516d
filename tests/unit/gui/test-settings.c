/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/settings.h"

#include <glib/gstdio.h>

static void
test_round_trip (void)
{
  g_autofree char *dir = g_dir_make_tmp ("loom-settings-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "deep", "window.ini", NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  {
    g_autoptr (LoomSettings) settings = loom_settings_new (path);

    g_assert_cmpint (loom_settings_get_int (settings, "width", 7, 0, 100), ==, 7);
    loom_settings_set_int (settings, "width", 42);
    loom_settings_set_boolean (settings, "pane", FALSE);
    loom_settings_flush (settings);
  }
  {
    g_autoptr (LoomSettings) settings = loom_settings_new (path);

    g_assert_cmpint (loom_settings_get_int (settings, "width", 7, 0, 100), ==, 42);
    g_assert_cmpint (loom_settings_get_int (settings, "width", 7, 0, 41), ==, 7);
    g_assert_false (loom_settings_get_boolean (settings, "pane", TRUE));
    g_assert_true (loom_settings_get_boolean (settings, "other", TRUE));
  }
  g_remove (path);
  g_rmdir (folder);
  g_rmdir (dir);
}

static void
test_broken (void)
{
  g_autofree char *dir = g_dir_make_tmp ("loom-settings-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "window.ini", NULL);

  g_file_set_contents (path, "\xff no key file [[[", -1, NULL);
  {
    g_autoptr (LoomSettings) settings = loom_settings_new (path);

    g_assert_cmpint (loom_settings_get_int (settings, "width", 7, 0, 100), ==, 7);
  }
  g_remove (path);
  g_rmdir (dir);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gui/settings/round-trip", test_round_trip);
  g_test_add_func ("/gui/settings/broken", test_broken);
  return g_test_run ();
}
