/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "backend/proto/acceptor.h"
#include "tests/scratch.h"
#include "tests/unix-client.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_MS 10000
#define FEW 64 /* descriptors */

typedef struct {
  char *folder;
  char *path;
  LoomAcceptor *acceptor;
  guint n_in;
} Fixture;

static guint n_warnings;

/* What a test expects does not end it. */
static GLogWriterOutput
count_warning (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if ((level & G_LOG_LEVEL_WARNING) == 0)
    return g_log_writer_default (level, fields, n_fields, user_data);
  n_warnings++;
  return G_LOG_WRITER_HANDLED;
}

static void
on_somebody (int fd, gpointer user_data)
{
  Fixture *f = user_data;

  f->n_in++;
  close (fd);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->folder = scratch_new ("acceptor");
  f->path = g_build_filename (f->folder, "socket", NULL);
  f->acceptor = loom_acceptor_new (f->path, on_somebody, f, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  loom_acceptor_free (f->acceptor);
  g_free (f->path);
  scratch_free (f->folder);
}

static gboolean
on_time (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Turns the loop until @n were let in, @ms at most. How many turns that took. */
static guint
turn (Fixture *f, guint n, guint ms)
{
  gboolean over = FALSE;
  guint id = g_timeout_add (ms, on_time, &over);
  guint n_turns = 0;

  for (; f->n_in < n && !over; n_turns++)
    g_main_context_iteration (NULL, TRUE);
  if (!over)
    g_source_remove (id);
  return n_turns;
}

static void
test_open_and_closed (Fixture *f, gconstpointer data)
{
  struct stat st;
  int fds[3];

  g_assert_cmpint (g_stat (f->path, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 0777, ==, 0600);
  fds[0] = unix_client_new (f->path);
  turn (f, 1, PATIENCE_MS);
  g_assert_cmpuint (f->n_in, ==, 1);
  loom_acceptor_set_open (f->acceptor, FALSE);
  fds[1] = unix_client_new (f->path);
  fds[2] = unix_client_new (f->path);
  turn (f, 2, 100);
  g_assert_cmpuint (f->n_in, ==, 1);
  loom_acceptor_set_open (f->acceptor, TRUE);
  loom_acceptor_set_open (f->acceptor, TRUE);
  turn (f, 3, PATIENCE_MS);
  g_assert_cmpuint (f->n_in, ==, 3);
  for (gsize i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
}

/* (transfer full): all descriptors that there are. */
static GArray *
take_all_descriptors (void)
{
  GArray *fds = g_array_new (FALSE, FALSE, sizeof (int));
  int fd;

  while ((fd = open ("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
    g_array_append_val (fds, fd);
  return fds;
}

/* Who waits is let in when there is room again; until then this is said once, and costs nothing. */
static void
test_no_descriptors (Fixture *f, gconstpointer data)
{
  struct rlimit before, few;
  int client = unix_client_new (f->path);
  g_autoptr (GArray) all = NULL;
  guint n_turns;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  few = before;
  few.rlim_cur = FEW;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &few), ==, 0);
  all = take_all_descriptors ();
  n_turns = turn (f, 1, 2500);
  g_assert_cmpuint (n_warnings, ==, 1);
  g_assert_cmpuint (f->n_in, ==, 0);
  g_assert_cmpuint (n_turns, <, 10);
  for (guint i = 0; i < all->len; i++)
    close (g_array_index (all, int, i));
  turn (f, 1, PATIENCE_MS);
  g_assert_cmpuint (f->n_in, ==, 1);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);
  close (client);
}

static void
test_bad_paths (Fixture *f, gconstpointer data)
{
  g_autofree char *missing = g_build_filename (f->folder, "none", "socket", NULL);
  g_autofree char *long_path = g_strnfill (sizeof (((struct sockaddr_un *) NULL)->sun_path), 'x');
  const struct {
    const char *path;
    int code;
  } cases[] = {{"", EINVAL}, {missing, ENOENT}, {f->path, EADDRINUSE}, {long_path, ENAMETOOLONG}};

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (loom_acceptor_new (cases[i].path, on_somebody, f, &error));
    g_assert_true (
        g_error_matches (error, G_IO_ERROR, (int) g_io_error_from_errno (cases[i].code)));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR);
  g_log_set_writer_func (count_warning, NULL, NULL);
  g_test_add ("/acceptor/open-and-closed", Fixture, NULL, set_up, test_open_and_closed, tear_down);
  g_test_add ("/acceptor/no-descriptors", Fixture, NULL, set_up, test_no_descriptors, tear_down);
  g_test_add ("/acceptor/bad-paths", Fixture, NULL, set_up, test_bad_paths, tear_down);
  return g_test_run ();
}
