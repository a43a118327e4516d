/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How deep the switch may sleep, and the kernel's words on power. */

#include "backend/engine/quiet.h"

#include <glib/gstdio.h>

#define SECOND G_USEC_PER_SEC

static void
test_choose (void)
{
  g_assert_cmpint (loom_quiet_choose (2, 0, FALSE, 100 * SECOND), ==, LOOM_QUIET_AWAKE);
  g_assert_cmpint (loom_quiet_choose (2, 1, TRUE, 100 * SECOND), ==, LOOM_QUIET_DROWSY);
  g_assert_cmpint (loom_quiet_choose (2, 0, TRUE, 9 * SECOND), ==, LOOM_QUIET_AWAKE);
  g_assert_cmpint (loom_quiet_choose (2, 2, FALSE, 0), ==, LOOM_QUIET_ASLEEP);
  g_assert_cmpint (loom_quiet_choose (0, 0, FALSE, 0), ==, LOOM_QUIET_AWAKE);
  g_assert_cmpint (loom_quiet_get_sleep_us (LOOM_QUIET_AWAKE), <,
                   loom_quiet_get_sleep_us (LOOM_QUIET_DROWSY));
}

static void
put (const char *folder, const char *supply, const char *name, const char *text)
{
  g_autofree char *place = g_build_filename (folder, supply, NULL);
  g_autofree char *path = g_build_filename (place, name, NULL);

  g_mkdir (place, 0700);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
remove_supply (const char *folder, const char *supply)
{
  static const char *const names[] = {"type", "scope", "status", "online"};
  g_autofree char *place = g_build_filename (folder, supply, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (place, names[i], NULL);
    g_unlink (path);
  }
  g_assert_cmpint (g_rmdir (place), ==, 0);
}

static void
test_battery (void)
{
  g_autofree char *folder = g_dir_make_tmp ("llq-XXXXXX", NULL);

  g_assert_false (loom_quiet_read_battery ("/nonexistent"));
  g_assert_false (loom_quiet_read_battery (folder));
  put (folder, "mouse", "type", "Battery\n");
  put (folder, "mouse", "scope", "Device\n");
  put (folder, "mouse", "status", "Discharging\n");
  g_assert_false (loom_quiet_read_battery (folder));
  put (folder, "BAT0", "type", "Battery\n");
  put (folder, "BAT0", "status", "Charging\n");
  g_assert_false (loom_quiet_read_battery (folder));
  put (folder, "BAT0", "status", "Discharging\n");
  g_assert_true (loom_quiet_read_battery (folder));
  put (folder, "AC", "type", "Mains\n");
  put (folder, "AC", "online", "1\n");
  g_assert_false (loom_quiet_read_battery (folder));
  put (folder, "AC", "online", "0\n");
  g_assert_true (loom_quiet_read_battery (folder));
  remove_supply (folder, "mouse");
  remove_supply (folder, "BAT0");
  remove_supply (folder, "AC");
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/quiet/choose", test_choose);
  g_test_add_func ("/quiet/battery", test_battery);
  return g_test_run ();
}
