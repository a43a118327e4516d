/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See document-fixture.h. */

#include "tests/unit/gui/document-fixture.h"

#include <glib/gstdio.h>

#include "canvas/model/edit.h"
#include "tests/unit/gui/catalogue.h"

static void
on_outside (LoomDocument *document, DocumentFixture *fixture)
{
  fixture->n_outside++;
}

void
document_fixture_set_up (DocumentFixture *fixture, gconstpointer data)
{
  fixture->catalogue = make_catalogue ();
  fixture->dir = g_dir_make_tmp ("loom-document-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->dir, "a.lanloom", NULL);
  g_assert_true (g_file_set_contents (fixture->path, TWO_MACHINES, -1, NULL));
  fixture->document = loom_document_new (fixture->catalogue, NULL);
  g_signal_connect (fixture->document, "changed-outside", G_CALLBACK (on_outside), fixture);
}

void
run_ms (int ms)
{
  gint64 end_us = g_get_monotonic_time () + ms * 1000;

  while (g_get_monotonic_time () < end_us) {
    g_main_context_iteration (NULL, FALSE);
    g_usleep (1000);
  }
}

void
document_fixture_tear_down (DocumentFixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->document);
  g_object_unref (fixture->catalogue);
  run_ms (20);
  g_unlink (fixture->path);
  g_rmdir (fixture->dir);
  g_free (fixture->dir);
  g_free (fixture->path);
}

void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  DocumentFixture *fixture = user_data;

  fixture->result = g_object_ref (result);
}

GAsyncResult *
wait_result (DocumentFixture *fixture)
{
  while (fixture->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (&fixture->result);
}

gboolean
load (DocumentFixture *fixture, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  loom_document_load_async (fixture->document, fixture->path, NULL, on_ready, fixture);
  result = wait_result (fixture);
  return loom_document_load_finish (fixture->document, result, NULL, error);
}

gboolean
save (DocumentFixture *fixture, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  loom_document_save_async (fixture->document, NULL, NULL, on_ready, fixture);
  result = wait_result (fixture);
  return loom_document_save_finish (fixture->document, result, error);
}

void
add_switch (DocumentFixture *fixture)
{
  LoomLab *lab = loom_document_get_lab (fixture->document);
  g_autoptr (LoomChange) change = loom_edit_add_node (lab, "switch", 0, 0, NULL);

  loom_history_do (loom_document_get_history (fixture->document), change, NULL);
}
