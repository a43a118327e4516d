/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a window that dies leaves is found, what a living one holds is not. A death is
 * letting go of the lock without deleting. */

#include "gui/autosave.h"
#include "tests/scratch.h"

#include <glib/gstdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

typedef struct {
  char *dir;
} Fixture;

/* The linker leads these two steps of a write through the test (--wrap): a name that is given to a
 * file before its text is on the disk may be all that a power loss leaves. */
int __real_fdatasync (int fd);
int __real_rename (const char *from, const char *to);
int __wrap_fdatasync (int fd);
int __wrap_rename (const char *from, const char *to);

static int n_syncs;
static int n_renames;

int
__wrap_fdatasync (int fd)
{
  g_atomic_int_inc (&n_syncs);
  return __real_fdatasync (fd);
}

int
__wrap_rename (const char *from, const char *to)
{
  g_assert_cmpint (g_atomic_int_add (&n_renames, 1), <, g_atomic_int_get (&n_syncs));
  return __real_rename (from, to);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->dir = scratch_new ("autosave");
}

static guint
count_files (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  guint n = 0;

  /* A hidden one is being written. */
  while ((name = g_dir_read_name (dir)) != NULL)
    n += name[0] != '.';
  return n;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  scratch_free (fixture->dir);
}

/* Until there are @n files and it stays so: a newer text may be on its way. */
static void
wait_for_files (const char *dir, guint n)
{
  gint64 end_us = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  guint n_calm = 0;

  while (n_calm < 25 && g_get_monotonic_time () < end_us) {
    gboolean is_so = g_file_test (dir, G_FILE_TEST_IS_DIR) && count_files (dir) == n;

    n_calm = is_so ? n_calm + 1 : 0;
    g_main_context_iteration (NULL, FALSE);
    g_usleep (2000);
  }
  g_assert_cmpuint (count_files (dir), ==, n);
}

/* Until a text is there under its own name: while it is written it has another. */
static void
wait_for_text (void)
{
  gint64 end_us = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (g_atomic_int_get (&n_renames) == 0 && g_get_monotonic_time () < end_us) {
    g_main_context_iteration (NULL, FALSE);
    g_usleep (2000);
  }
  g_assert_cmpint (g_atomic_int_get (&n_renames), >, 0);
}

/* As a death does: the lock goes, the file stays. A thread that still syncs keeps it a while. */
static void
die (LoomAutosave *autosave)
{
  g_object_add_weak_pointer (G_OBJECT (autosave), (gpointer *) &autosave);
  g_object_unref (autosave);
  while (autosave != NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_living (Fixture *fixture, gconstpointer data)
{
  LoomAutosave *autosave = loom_autosave_new (fixture->dir);
  g_autoptr (GPtrArray) leftovers = NULL;

  loom_autosave_keep (autosave, "/tmp/a.lanloom", "one");
  loom_autosave_keep (autosave, "/tmp/a.lanloom", "two");
  wait_for_text ();
  wait_for_files (fixture->dir, 1);
  leftovers = loom_autosave_find_leftovers (fixture->dir);
  g_assert_cmpuint (leftovers->len, ==, 0);
  loom_autosave_drop (autosave);
  wait_for_files (fixture->dir, 0);
  g_object_unref (autosave);
}

/* Dropped while it is being written: nothing is left once that is through. */
static void
test_dropped_early (Fixture *fixture, gconstpointer data)
{
  LoomAutosave *autosave = loom_autosave_new (fixture->dir);

  loom_autosave_keep (autosave, "/tmp/a.lanloom", "one");
  loom_autosave_drop (autosave);
  die (autosave);
  g_assert_cmpuint (count_files (fixture->dir), ==, 0);
}

static void
test_dead (Fixture *fixture, gconstpointer data)
{
  LoomAutosave *autosave = loom_autosave_new (fixture->dir);
  g_autoptr (GPtrArray) leftovers = NULL;
  const LoomLeftover *leftover;

  loom_autosave_keep (autosave, "/tmp/a.lanloom", "one\ntwo\n");
  wait_for_files (fixture->dir, 1);
  die (autosave);
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

static void
set_age (const char *dir, const char *name, guint age_s)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  const time_t then = time (NULL) - age_s;
  const struct utimbuf times = {then, then};

  g_assert_cmpint (utime (path, &times), ==, 0);
}

static void
make_file (const char *dir, const char *name, guint age_s)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);

  g_assert_true (g_file_set_contents (path, "/tmp/a.lanloom\nx", -1, NULL));
  set_age (dir, name, age_s);
}

static gboolean
is_there (Fixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->dir, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* A hundred windows died: the newest are offered, the oldest are gone, and the one that lives keeps
 * its file, however old. */
static void
test_bounded (Fixture *fixture, gconstpointer data)
{
  LoomAutosave *living = loom_autosave_new (fixture->dir);
  g_autoptr (GPtrArray) leftovers = NULL;

  loom_autosave_keep (living, "/tmp/living.lanloom", "x");
  wait_for_files (fixture->dir, 1);
  {
    g_autoptr (GDir) dir = g_dir_open (fixture->dir, 0, NULL);

    set_age (fixture->dir, g_dir_read_name (dir), 100000);
  }
  for (guint i = 0; i < 100; i++) {
    g_autofree char *name = g_strdup_printf ("%03u.lanloom-autosave", i);

    make_file (fixture->dir, name, 1000 + i);
  }
  make_file (fixture->dir, "torn.lanloom-autosave.new", 1000);
  make_file (fixture->dir, "fresh.lanloom-autosave.new", 0);
  leftovers = loom_autosave_find_leftovers (fixture->dir);
  g_assert_cmpuint (leftovers->len, ==, 16);
  for (guint i = 1; i < leftovers->len; i++)
    g_assert_cmpint (((LoomLeftover *) leftovers->pdata[i - 1])->saved_unix_us, >=,
                     ((LoomLeftover *) leftovers->pdata[i])->saved_unix_us);
  g_assert_true (is_there (fixture, "000.lanloom-autosave"));
  g_assert_true (is_there (fixture, "063.lanloom-autosave"));
  g_assert_false (is_there (fixture, "064.lanloom-autosave"));
  g_assert_false (is_there (fixture, "torn.lanloom-autosave.new"));
  g_assert_true (is_there (fixture, "fresh.lanloom-autosave.new"));
  g_assert_cmpuint (count_files (fixture->dir), ==, 64 + 2);
  loom_autosave_drop (living);
  g_object_unref (living);
}

static void
on_failed (LoomAutosave *autosave, const char *sentence, char **ret_sentence)
{
  g_assert_null (*ret_sentence); /* said once */
  *ret_sentence = g_strdup (sentence);
}

static void
wait_for_sentence (char *const *sentence)
{
  gint64 end_us = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (*sentence == NULL && g_get_monotonic_time () < end_us) {
    g_main_context_iteration (NULL, FALSE);
    g_usleep (2000);
  }
  g_assert_nonnull (*sentence);
}

/* The folder cannot be made: the person is told, once, and again after it worked in between. */
static void
test_failed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *blocker = g_build_filename (fixture->dir, "file", NULL);
  LoomAutosave *autosave = loom_autosave_new (blocker);
  g_autofree char *sentence = NULL;

  g_assert_true (g_file_set_contents (blocker, "", 0, NULL));
  g_signal_connect (autosave, "failed", G_CALLBACK (on_failed), &sentence);
  for (int i = 0; i < 3; i++) {
    loom_autosave_keep (autosave, NULL, "x");
    wait_for_files (fixture->dir, 1);
  }
  wait_for_sentence (&sentence);
  g_assert_nonnull (strstr (sentence, blocker));
  g_clear_pointer (&sentence, g_free);

  g_assert_cmpint (g_unlink (blocker), ==, 0);
  loom_autosave_keep (autosave, NULL, "x");
  wait_for_files (blocker, 1);
  loom_autosave_drop (autosave);
  wait_for_files (blocker, 0);
  g_assert_cmpint (g_rmdir (blocker), ==, 0);
  g_assert_true (g_file_set_contents (blocker, "", 0, NULL));
  loom_autosave_keep (autosave, NULL, "x");
  wait_for_sentence (&sentence);
  g_object_unref (autosave);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/gui/autosave/living", Fixture, NULL, set_up, test_living, tear_down);
  g_test_add ("/gui/autosave/dropped-early", Fixture, NULL, set_up, test_dropped_early, tear_down);
  g_test_add ("/gui/autosave/dead", Fixture, NULL, set_up, test_dead, tear_down);
  g_test_add ("/gui/autosave/strange-files", Fixture, NULL, set_up, test_strange_files, tear_down);
  g_test_add ("/gui/autosave/bounded", Fixture, NULL, set_up, test_bounded, tear_down);
  g_test_add ("/gui/autosave/failed", Fixture, NULL, set_up, test_failed, tear_down);
  return g_test_run ();
}
