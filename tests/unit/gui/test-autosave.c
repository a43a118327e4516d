/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a window that dies leaves is found, what a living one holds is not. A death is
 * letting go of the lock without deleting. */

#include "gui/autosave.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  char *dir;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->dir = g_dir_make_tmp ("loom-autosave-XXXXXX", NULL);
}

static guint
count_files (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->dir, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (fixture->dir, name, NULL);

    g_unlink (path);
  }
  g_rmdir (fixture->dir);
  g_free (fixture->dir);
}

static void
wait_for_files (const char *dir, guint n)
{
  gint64 end_us = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (count_files (dir) != n && g_get_monotonic_time () < end_us) {
    g_main_context_iteration (NULL, FALSE);
    g_usleep (2000);
  }
  for (int i = 0; i < 20; i++) {
    g_main_context_iteration (NULL, FALSE);
    g_usleep (2000);
  }
  g_assert_cmpuint (count_files (dir), ==, n);
}

static void
test_living (Fixture *fixture, gconstpointer data)
{
  LoomAutosave *autosave = loom_autosave_new (fixture->dir);
  g_autoptr (GPtrArray) leftovers = NULL;

  loom_autosave_keep (autosave, "/tmp/a.lanloom", "one");
  loom_autosave_keep (autosave, "/tmp/a.lanloom", "two");
  wait_for_files (fixture->dir, 1);
  leftovers = loom_autosave_find_leftovers (fixture->dir);
  g_assert_cmpuint (leftovers->len, ==, 0);
  loom_autosave_drop (autosave);
  wait_for_files (fixture->dir, 0);
  g_object_unref (autosave);
}

static void
test_dead (Fixture *fixture, gconstpointer data)
{
  LoomAutosave *autosave = loom_autosave_new (fixture->dir);
  g_autoptr (GPtrArray) leftovers = NULL;
  const LoomLeftover *leftover;

  loom_autosave_keep (autosave, "/tmp/a.lanloom", "one\ntwo\n");
  wait_for_files (fixture->dir, 1);
  g_object_unref (autosave); /* as a death does: the lock goes, the file stays */
  leftovers = loom_autosave_find_leftovers (fixture->dir);
  g_assert_cmpuint (leftovers->len, ==, 1);
  leftover = g_ptr_array_index (leftovers, 0);
  g_assert_cmpstr (leftover->path, ==, "/tmp/a.lanloom");
  g_assert_cmpstr (leftover->text, ==, "one\ntwo\n");
  /* While it is offered, nobody else is offered it. */
  {
    g_autoptr (GPtrArray) again = loom_autosave_find_leftovers (fixture->dir);

    g_assert_cmpuint (again->len, ==, 0);
  }
  loom_leftover_discard ((LoomLeftover *) leftover);
  g_assert_cmpuint (count_files (fixture->dir), ==, 0);
}

static void
test_strange_files (Fixture *fixture, gconstpointer data)
{
  g_autofree char *empty = g_build_filename (fixture->dir, "a.lanloom-autosave", NULL);
  g_autofree char *no_line = g_build_filename (fixture->dir, "b.lanloom-autosave", NULL);
  g_autofree char *other = g_build_filename (fixture->dir, "c.txt", NULL);
  g_autofree char *link = g_build_filename (fixture->dir, "d.lanloom-autosave", NULL);
  g_autoptr (GPtrArray) leftovers = NULL;

  g_file_set_contents (empty, "", 0, NULL);
  g_file_set_contents (no_line, "no line break", -1, NULL);
  g_file_set_contents (other, "x\ny", -1, NULL);
  g_assert_cmpint (symlink ("/etc/passwd", link), ==, 0);
  leftovers = loom_autosave_find_leftovers (fixture->dir);
  g_assert_cmpuint (leftovers->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/gui/autosave/living", Fixture, NULL, set_up, test_living, tear_down);
  g_test_add ("/gui/autosave/dead", Fixture, NULL, set_up, test_dead, tear_down);
  g_test_add ("/gui/autosave/strange-files", Fixture, NULL, set_up, test_strange_files, tear_down);
  return g_test_run ();
}
