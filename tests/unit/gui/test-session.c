/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A session whose lab never comes to run: nothing is spawned. */

#include "gui/session.h"

#include <glib/gstdio.h>

#include "tests/unit/gui/catalogue.h"

static void
on_closed (LoomSession *session, int *n_closed)
{
  (*n_closed)++;
}

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(gboolean *) user_data = loom_document_load_finish (LOOM_DOCUMENT (source), result, NULL, NULL);
}

static LoomDocument *
load (LoomCatalogue *catalogue, const char *path)
{
  LoomDocument *document = loom_document_new (catalogue, NULL);
  gboolean loaded = FALSE;

  loom_document_load_async (document, path, NULL, on_ready, &loaded);
  while (!loaded)
    g_main_context_iteration (NULL, TRUE);
  return document;
}

/* Whoever waits for the end of a lab, a window that closes for one, hears of a start given up. */
static void
test_given_up (const char *path)
{
  g_autoptr (LoomCatalogue) catalogue = make_catalogue ();
  g_autoptr (LoomDocument) document = load (catalogue, path);
  g_autoptr (LoomSession) session = loom_session_new (document);
  int n_closed = 0;

  g_signal_connect (session, "closed", G_CALLBACK (on_closed), &n_closed);
  loom_session_start (session);
  g_assert_cmpint (loom_session_get_state (session), ==, LOOM_LAB_STARTING);
  loom_session_stop (session);
  while (loom_session_get_state (session) != LOOM_LAB_OFF)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (n_closed, ==, 1);
  g_assert_false (loom_session_is_live (session));
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("loom-session-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "a.lanloom", NULL);
  g_autofree char *labs = g_build_filename (folder, "lanloom", NULL);
  int status;

  g_setenv ("XDG_RUNTIME_DIR", folder, TRUE);
  g_assert_true (g_file_set_contents (path, TWO_MACHINES, -1, NULL));
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/gui/session/given-up", path, (GTestDataFunc) test_given_up);
  status = g_test_run ();
  g_unlink (path);
  g_rmdir (labs);
  g_rmdir (folder);
  return status;
}
