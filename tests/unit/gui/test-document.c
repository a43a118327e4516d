/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The document: loading, saving, the modified mark, work recovered. What others do to the file:
 * test-document-outside.c. */

#include "gui/document.h"

#include <glib/gstdio.h>

#include "backend/engine/paths.h"
#include "backend/engine/project-file.h"
#include "gui/autosave.h"
#include "tests/unit/gui/catalogue.h"
#include "tests/unit/gui/document-fixture.h"

/* By then it has kept what is not saved. */
#define KEPT_MS 2500

static void
test_load_and_save (DocumentFixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;

  g_assert_true (loom_document_is_blank (fixture->document));
  g_assert_true (load (fixture, &error));
  g_assert_no_error (error);
  g_assert_false (loom_document_is_blank (fixture->document));
  g_assert_cmpstr (loom_document_get_path (fixture->document), ==, fixture->path);
  g_assert_false (loom_document_get_modified (fixture->document));
  add_switch (fixture);
  g_assert_true (loom_document_get_modified (fixture->document));
  loom_document_save_async (fixture->document, NULL, NULL, on_ready, fixture);
  result = wait_result (fixture);
  g_assert_true (loom_document_save_finish (fixture->document, result, &error));
  g_assert_false (loom_document_get_modified (fixture->document));
  g_assert_true (g_file_get_contents (fixture->path, &contents, NULL, NULL));
  g_assert_nonnull (strstr (contents, "sw1"));
  /* Our own writing is not someone else's. */
  run_ms (LOOKED_MS);
  g_assert_cmpint (fixture->n_outside, ==, 0);
}

/* A lab takes the place of one that is being saved: it keeps its own file. */
static void
test_replaced_while_saving (DocumentFixture *fixture, gconstpointer data)
{
  g_autofree char *other = g_build_filename (fixture->dir, "b.lanloom", NULL);
  g_autoptr (GAsyncResult) result = NULL;

  g_assert_true (load (fixture, NULL));
  add_switch (fixture);
  loom_document_save_async (fixture->document, NULL, NULL, on_ready, fixture);
  g_assert_true (
      loom_document_recover (fixture->document, other, TWO_MACHINES, strlen (TWO_MACHINES), NULL));
  result = wait_result (fixture);
  g_assert_true (loom_document_save_finish (fixture->document, result, NULL));
  g_assert_cmpstr (loom_document_get_path (fixture->document), ==, other);
  g_assert_true (loom_document_get_modified (fixture->document));
}

/* The names in @folder that end in @suffix. */
static guint
count_files (const char *folder, const char *suffix)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    n += g_str_has_suffix (name, suffix);
  return n;
}

static void
on_autosave_failed (LoomDocument *document, const char *sentence, int *n)
{
  (*n)++;
}

/* The file's folder goes away under the window: the save says so, the work stays, and it is safe in
 * an autosave. With the folder of autosaves gone, too, that is said. */
static void
test_folder_deleted (DocumentFixture *fixture, gconstpointer data)
{
  g_autofree char *states = g_build_filename (fixture->dir, "states", NULL);
  g_autofree char *gone = g_build_filename (fixture->dir, "gone", NULL);
  g_autofree char *file = g_build_filename (gone, "a.lanloom", NULL);
  g_autofree char *kept_path = fixture->path;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) leftovers = NULL;
  int n_failed = 0;

  g_object_unref (fixture->document);
  fixture->document = loom_document_new (fixture->catalogue, states);
  g_signal_connect (fixture->document, "autosave-failed", G_CALLBACK (on_autosave_failed),
                    &n_failed);
  g_assert_cmpint (g_mkdir (gone, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, TWO_MACHINES, -1, NULL));
  fixture->path = file;
  g_assert_true (load (fixture, NULL));
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_cmpint (g_rmdir (gone), ==, 0);
  add_switch (fixture);
  g_assert_false (save (fixture, &error));
  g_assert_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_NOT_FOUND);
  g_assert_true (loom_document_get_modified (fixture->document));

  while (count_files (states, ".lanloom-autosave") == 0 && n_failed == 0)
    run_ms (50);
  g_assert_cmpint (n_failed, ==, 0);
  g_clear_object (&fixture->document); /* as a death does */
  /* The thread that writes may hold it still. */
  while ((leftovers = loom_autosave_find_leftovers (states))->len == 0) {
    g_ptr_array_unref (leftovers);
    run_ms (20);
  }
  g_assert_cmpuint (leftovers->len, ==, 1);
  g_assert_nonnull (strstr (((LoomLeftover *) leftovers->pdata[0])->text, "sw1"));
  g_assert_cmpstr (((LoomLeftover *) leftovers->pdata[0])->path, ==, file);
  loom_leftover_discard (leftovers->pdata[0]);
  g_assert_cmpint (g_rmdir (states), ==, 0);

  g_assert_true (g_file_set_contents (states, "", 0, NULL));
  fixture->document = loom_document_new (fixture->catalogue, states);
  g_signal_connect (fixture->document, "autosave-failed", G_CALLBACK (on_autosave_failed),
                    &n_failed);
  add_switch (fixture);
  while (n_failed == 0)
    run_ms (50);
  g_assert_cmpint (n_failed, ==, 1);
  g_assert_cmpint (g_unlink (states), ==, 0);
  fixture->path = g_steal_pointer (&kept_path);
}

/* What is undone before it is time to keep it is not kept. */
static void
test_nothing_to_keep (DocumentFixture *fixture, gconstpointer data)
{
  g_autofree char *states = g_build_filename (fixture->dir, "states", NULL);

  g_object_unref (fixture->document);
  fixture->document = loom_document_new (fixture->catalogue, states);
  g_assert_true (load (fixture, NULL));
  add_switch (fixture);
  g_assert_true (loom_history_undo (loom_document_get_history (fixture->document)));
  run_ms (KEPT_MS);
  g_assert_cmpuint (count_files (states, ".lanloom-autosave"), ==, 0);
  g_rmdir (states);
}

static void
test_template (DocumentFixture *fixture, gconstpointer data)
{
  g_autofree char *shipped = loom_paths_dup_data ("labs/two-machines.lanloom");

  g_assert_true (load (fixture, NULL));
  g_assert_false (loom_document_is_template (fixture->document));
  g_free (fixture->path);
  fixture->path = g_steal_pointer (&shipped);
  g_assert_true (load (fixture, NULL));
  g_assert_true (loom_document_is_template (fixture->document));
  g_free (fixture->path);
  fixture->path = g_build_filename (fixture->dir, "a.lanloom", NULL);
}

static void
test_edit_while_saving (DocumentFixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_assert_true (load (fixture, NULL));
  add_switch (fixture);
  loom_document_save_async (fixture->document, NULL, NULL, on_ready, fixture);
  add_switch (fixture);
  result = wait_result (fixture);
  g_assert_true (loom_document_save_finish (fixture->document, result, NULL));
  g_assert_true (loom_document_get_modified (fixture->document));
}

/* Ctrl+S twice: the second finds what the first wrote, which nobody else did. */
static void
test_save_twice (DocumentFixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;

  g_assert_true (load (fixture, NULL));
  add_switch (fixture);
  loom_document_save_async (fixture->document, NULL, NULL, on_ready, fixture);
  add_switch (fixture);
  loom_document_save_async (fixture->document, NULL, NULL, on_ready, fixture);
  first = wait_result (fixture);
  g_assert_true (loom_document_save_finish (fixture->document, first, &error));
  g_assert_no_error (error);
  g_assert_true (loom_document_get_modified (fixture->document));
  second = wait_result (fixture);
  g_assert_true (loom_document_save_finish (fixture->document, second, &error));
  g_assert_no_error (error);
  g_assert_false (loom_document_get_modified (fixture->document));
  g_assert_true (g_file_get_contents (fixture->path, &contents, NULL, NULL));
  g_assert_nonnull (strstr (contents, "sw2"));
}

static void
test_bad_file (DocumentFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  LoomLab *before;

  g_assert_true (load (fixture, NULL));
  add_switch (fixture);
  before = loom_document_get_lab (fixture->document);
  g_assert_true (g_file_set_contents (fixture->path, "not json", -1, NULL));
  g_assert_false (load (fixture, &error));
  g_assert_nonnull (error);
  g_assert_true (loom_document_get_lab (fixture->document) == before);
  g_assert_nonnull (loom_lab_get_node (before, "sw1"));
}

static void
test_recover (DocumentFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (loom_document_recover (fixture->document, fixture->path, "rubbish", 7, &error));
  g_assert_nonnull (error);
  g_assert_true (loom_document_is_blank (fixture->document));
  g_assert_true (loom_document_recover (fixture->document, fixture->path, TWO_MACHINES,
                                        strlen (TWO_MACHINES), NULL));
  g_assert_true (loom_document_get_modified (fixture->document));
  g_assert_cmpstr (loom_document_get_path (fixture->document), ==, fixture->path);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func)                                                                            \
  g_test_add ("/gui/document/" name, DocumentFixture, NULL, document_fixture_set_up, func,         \
              document_fixture_tear_down)
  ADD ("load-and-save", test_load_and_save);
  ADD ("edit-while-saving", test_edit_while_saving);
  ADD ("save-twice", test_save_twice);
  ADD ("replaced-while-saving", test_replaced_while_saving);
  ADD ("bad-file", test_bad_file);
  ADD ("template", test_template);
  ADD ("folder-deleted", test_folder_deleted);
  ADD ("nothing-to-keep", test_nothing_to_keep);
  ADD ("recover", test_recover);
  return g_test_run ();
}
