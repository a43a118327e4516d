/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What running labs were promised and have not taken. */

#include "backend/engine/reserve.h"

#include <glib/gstdio.h>
#include <sys/file.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "backend/engine/process.h"
#include "backend/engine/runtime.h"

static void
test_parse (void)
{
  g_assert_cmpint (loom_reserve_parse ("753\n"), ==, 753);
  g_assert_cmpint (loom_reserve_parse (""), ==, 0);
  g_assert_cmpint (loom_reserve_parse ("-1"), ==, 0);
  g_assert_cmpint (loom_reserve_parse ("99999999999999999999"), ==, 0);
  g_assert_cmpint (loom_reserve_parse ("12 monkeys"), ==, 0);
  g_assert_cmpint (loom_reserve_compute_mib (753, 100), ==, 653);
  g_assert_cmpint (loom_reserve_compute_mib (753, 900), ==, 0);
}

/* Only labs that somebody runs (holds the lock of) count; a second start waits for the first. */
static void
test_labs (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *base = loom_runtime_dup_base (&error);
  g_autofree char *folder = NULL;
  g_autofree char *need = NULL;
  int lab;

  g_assert_no_error (error);
  folder = g_build_filename (base, "lab-12345678", NULL);
  need = g_build_filename (folder, LOOM_RESERVE_FILE, NULL);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (need, "500\n", -1, NULL));
  g_assert_cmpint (loom_reserve_measure_mib (), ==, 0);
  lab = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_assert_cmpint (flock (lab, LOCK_EX | LOCK_NB), ==, 0);
  g_assert_cmpint (loom_reserve_measure_mib (), ==, 500);
  close (lab);
  g_unlink (need);
  g_rmdir (folder);
}

static void
test_lock (void)
{
  int first = loom_reserve_lock (0);
  int second;

  g_assert_cmpint (first, >=, 0);
  g_assert_cmpint (loom_reserve_lock (50), ==, -1);
  close (first);
  second = loom_reserve_lock (50);
  g_assert_cmpint (second, >=, 0);
  close (second);
}

/* Of libraries it has little, when many programs have them open; of its own memory all. */
static void
test_share (void)
{
  gsize size = 2 << 20;
  g_autofree char *own = g_malloc (size);

  memset (own, 1, size);
  g_assert_cmpint (loom_process_read_share_kib ((guint) getpid ()), >, 2048);
  g_assert_cmpint (loom_process_read_share_kib (0), ==, 0);
}

int
main (int argc, char **argv)
{
  g_autofree char *runtime = g_dir_make_tmp ("llr-XXXXXX", NULL);
  g_autofree char *base = g_build_filename (runtime, "lanloom", NULL);
  int code;

  g_setenv ("XDG_RUNTIME_DIR", runtime, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reserve/parse", test_parse);
  g_test_add_func ("/reserve/labs", test_labs);
  g_test_add_func ("/reserve/lock", test_lock);
  g_test_add_func ("/reserve/share", test_share);
  code = g_test_run ();
  g_rmdir (base);
  g_rmdir (runtime);
  return code;
}
