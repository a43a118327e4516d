/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Logs are cut while somebody appends to them, and nothing else is touched. */

#include "backend/engine/log.h"
#include "tests/scratch.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = scratch_new ("log");
  f->path = g_build_filename (f->folder, "m0.log", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  scratch_free (f->folder);
  g_free (f->path);
}

static int
open_log (const char *path)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  return fd;
}

/* Numbered lines, at least @bytes of them. Returns the number of the last one. */
static guint
fill (int fd, gsize bytes)
{
  guint n = 0;

  for (gsize written = 0; written < bytes;) {
    char line[32];
    int size = g_snprintf (line, sizeof line, "line %08u\n", ++n);

    g_assert_cmpint (write (fd, line, (gsize) size), ==, size);
    written += (gsize) size;
  }
  return n;
}

static void
test_trim (Fixture *f, gconstpointer data)
{
  g_autofree char *text = NULL;
  g_autofree char *end = NULL;
  int fd = open_log (f->path);
  guint last = fill (fd, LOOM_LOG_MAX_BYTES + 1);
  gsize size;

  loom_log_trim (f->folder);
  /* The writer knows nothing of it. */
  g_assert_cmpint (write (fd, "after\n", 6), ==, 6);
  close (fd);
  g_assert_true (g_file_get_contents (f->path, &text, &size, NULL));
  g_assert_cmpuint (size, ==, strlen (text)); /* no hole */
  g_assert_cmpuint (size, <=, LOOM_LOG_KEEP_BYTES + 6);
  g_assert_cmpuint (size, >, LOOM_LOG_KEEP_BYTES - 64);
  g_assert_true (g_str_has_prefix (text, "line "));
  end = g_strdup_printf ("line %08u\nafter\n", last);
  g_assert_true (g_str_has_suffix (text, end));
}

/* One line without an end is kept from wherever it is cut. */
static void
test_no_newline (Fixture *f, gconstpointer data)
{
  g_autofree char *block = g_malloc (LOOM_LOG_MAX_BYTES + 1);
  int fd = open_log (f->path);
  GStatBuf st;

  memset (block, 'x', LOOM_LOG_MAX_BYTES + 1);
  g_assert_cmpint (write (fd, block, LOOM_LOG_MAX_BYTES + 1), ==, LOOM_LOG_MAX_BYTES + 1);
  close (fd);
  loom_log_trim (f->folder);
  g_assert_cmpint (g_stat (f->path, &st), ==, 0);
  g_assert_cmpint (st.st_size, ==, LOOM_LOG_KEEP_BYTES);
}

static void
test_left_alone (Fixture *f, gconstpointer data)
{
  g_autofree char *small = g_build_filename (f->folder, "small.log", NULL);
  g_autofree char *link = g_build_filename (f->folder, "link.log", NULL);
  g_autofree char *other = g_build_filename (f->folder, "counters", NULL);
  g_autofree char *folder = g_build_filename (f->folder, "folder.log", NULL);
  int small_fd = open_log (small);
  int other_fd = open_log (other);
  GStatBuf st;

  fill (small_fd, LOOM_LOG_MAX_BYTES - 64);
  fill (other_fd, LOOM_LOG_MAX_BYTES + 1);
  close (small_fd);
  close (other_fd);
  g_assert_cmpint (symlink ("counters", link), ==, 0);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  loom_log_trim (f->folder);
  g_assert_cmpint (g_stat (small, &st), ==, 0);
  g_assert_cmpint (st.st_size, >, LOOM_LOG_MAX_BYTES - 64);
  g_assert_cmpint (g_stat (other, &st), ==, 0);
  g_assert_cmpint (st.st_size, >, LOOM_LOG_MAX_BYTES);
  loom_log_trim ("/nonexistent");
}

static void
test_last_line (Fixture *f, gconstpointer data)
{
  g_autofree char *missing = loom_log_dup_last_line ("/nonexistent");
  g_autofree char *nothing = NULL;
  g_autofree char *last = NULL;
  g_autofree char *cut = NULL;
  g_autofree char *much = g_strnfill (5000, 'x');

  g_assert_cmpstr (missing, ==, "");
  g_assert_true (g_file_set_contents (f->path, "", -1, NULL));
  nothing = loom_log_dup_last_line (f->path);
  g_assert_cmpstr (nothing, ==, "");
  g_assert_true (g_file_set_contents (f->path, "EAL: one\nEAL: \xff two\n\n", -1, NULL));
  last = loom_log_dup_last_line (f->path);
  g_assert_cmpstr (last, ==, "EAL: \357\277\275 two");
  g_assert_true (g_file_set_contents (f->path, much, -1, NULL));
  cut = loom_log_dup_last_line (f->path);
  g_assert_cmpuint (strlen (cut), ==, 300);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/log/trim", Fixture, NULL, set_up, test_trim, tear_down);
  g_test_add ("/log/no-newline", Fixture, NULL, set_up, test_no_newline, tear_down);
  g_test_add ("/log/left-alone", Fixture, NULL, set_up, test_left_alone, tear_down);
  g_test_add ("/log/last-line", Fixture, NULL, set_up, test_last_line, tear_down);
  return g_test_run ();
}
