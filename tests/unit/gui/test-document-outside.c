/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What others do to a document's file: they write, delete, move it, and what is said of that. */

#include "gui/document.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "backend/engine/project-file.h"
#include "canvas/model/writer.h"
#include "tests/unit/gui/catalogue.h"
#include "tests/unit/gui/document-fixture.h"

/* How long what is to come may take: 20 s. */
#define TURN_MS 50
#define TURNS 400

/* Until it was told @n times, and no oftener. */
static void
wait_told (DocumentFixture *fixture, int n)
{
  for (int i = 0; i < TURNS && fixture->n_outside < n; i++)
    run_ms (TURN_MS);
  g_assert_cmpint (fixture->n_outside, ==, n);
}

static void
wait_outside (DocumentFixture *fixture, LoomOutside outside)
{
  for (int i = 0; i < TURNS && loom_document_get_outside (fixture->document) != outside; i++)
    run_ms (TURN_MS);
  g_assert_cmpint (loom_document_get_outside (fixture->document), ==, outside);
}

static void
on_slot (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* The file was read before the save under way wrote it: that it is another now is told. */
static void
test_reloaded_while_saving (DocumentFixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) saved = NULL;
  GAsyncResult *loaded = NULL;

  g_assert_true (load (fixture, NULL));
  loom_document_load_async (fixture->document, fixture->path, NULL, on_slot, &loaded);
  while (loaded == NULL)
    g_main_context_iteration (NULL, TRUE);
  add_switch (fixture);
  loom_document_save_async (fixture->document, NULL, NULL, on_ready, fixture);
  g_assert_true (loom_document_load_finish (fixture->document, loaded, NULL, NULL));
  g_object_unref (loaded);
  saved = wait_result (fixture);
  g_assert_true (loom_document_save_finish (fixture->document, saved, NULL));
  wait_told (fixture, 1);
}

/* Someone else wrote the file: a save says so, writes nothing, and may be forced. */
static void
test_conflict (DocumentFixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) forced = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;

  g_assert_true (load (fixture, NULL));
  add_switch (fixture);
  g_assert_true (g_file_set_contents (fixture->path, "theirs", -1, NULL));
  loom_document_save_async (fixture->document, NULL, NULL, on_ready, fixture);
  result = wait_result (fixture);
  g_assert_false (loom_document_save_finish (fixture->document, result, &error));
  g_assert_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_CHANGED);
  g_assert_true (g_file_get_contents (fixture->path, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, "theirs");
  g_assert_true (loom_document_get_modified (fixture->document));

  loom_document_accept_outside (fixture->document);
  loom_document_save_async (fixture->document, NULL, NULL, on_ready, fixture);
  forced = wait_result (fixture);
  g_assert_true (loom_document_save_finish (fixture->document, forced, NULL));
  g_assert_false (loom_document_get_modified (fixture->document));
}

/* Two windows on one file: who saves second is told and loses nothing; the file is one of the two.
 */
static void
test_two_windows (DocumentFixture *fixture, gconstpointer data)
{
  DocumentFixture other = {.catalogue = fixture->catalogue, .path = fixture->path};
  g_autoptr (GError) error = NULL;
  g_autofree char *theirs = NULL;
  g_autofree char *kept = NULL;

  other.document = loom_document_new (fixture->catalogue, NULL);
  g_assert_true (load (fixture, NULL));
  g_assert_true (load (&other, NULL));
  add_switch (&other);
  add_switch (&other);
  g_assert_true (save (&other, NULL));
  g_assert_true (g_file_get_contents (fixture->path, &theirs, NULL, NULL));
  wait_told (fixture, 1);

  add_switch (fixture);
  g_assert_false (save (fixture, &error));
  g_assert_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_CHANGED);
  g_assert_true (loom_document_get_modified (fixture->document));
  g_assert_nonnull (loom_lab_get_node (loom_document_get_lab (fixture->document), "sw1"));
  g_assert_true (g_file_get_contents (fixture->path, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, theirs);
  g_object_unref (other.document);
}

static void
test_outside (DocumentFixture *fixture, gconstpointer data)
{
  g_assert_true (load (fixture, NULL));
  run_ms (100);
  g_assert_true (g_file_set_contents (fixture->path, "{}", -1, NULL));
  wait_told (fixture, 1);
  /* The same once more is no news. */
  g_assert_true (g_file_set_contents (fixture->path, "{}", -1, NULL));
  run_ms (LOOKED_MS);
  g_assert_cmpint (fixture->n_outside, ==, 1);
}

/* Someone else wrote what is drawn here, as lanloomctl does when it applies a file: that is a save.
 */
static void
test_same_outside (DocumentFixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;

  g_assert_true (load (fixture, NULL));
  add_switch (fixture);
  text = loom_writer_write (loom_document_get_lab (fixture->document), NULL);
  g_assert_true (g_file_set_contents (fixture->path, text, -1, NULL));
  for (int i = 0; i < TURNS && loom_document_get_modified (fixture->document); i++)
    run_ms (TURN_MS);
  g_assert_false (loom_document_get_modified (fixture->document));
  g_assert_cmpint (fixture->n_outside, ==, 0);
  add_switch (fixture);
  g_assert_true (save (fixture, NULL));
}

/* Who keeps theirs gives up what they were told of, not what comes after that. */
static void
test_outside_again (DocumentFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (load (fixture, NULL));
  run_ms (100);
  for (int n = 1; n <= 2; n++) {
    g_autofree char *theirs = g_strdup_printf ("{\"theirs\": %d}", n);

    g_assert_true (g_file_set_contents (fixture->path, theirs, -1, NULL));
    wait_told (fixture, n);
    if (n == 1)
      loom_document_accept_outside (fixture->document);
  }
  g_assert_false (save (fixture, &error));
  g_assert_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_CHANGED);
  loom_document_accept_outside (fixture->document);
  g_assert_true (save (fixture, NULL));
}

/* Someone deleted the file: that is told, and what is drawn is all there is of it. */
static void
test_gone (DocumentFixture *fixture, gconstpointer data)
{
  g_assert_true (load (fixture, NULL));
  run_ms (100);
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  wait_outside (fixture, LOOM_OUTSIDE_GONE);
  g_assert_cmpint (fixture->n_outside, ==, 1);
  g_assert_true (loom_document_get_modified (fixture->document));
  loom_document_look_at_file (fixture->document);
  run_ms (LOOKED_MS);
  g_assert_cmpint (fixture->n_outside, ==, 1);

  g_assert_true (save (fixture, NULL));
  g_assert_cmpint (loom_document_get_outside (fixture->document), ==, LOOM_OUTSIDE_SAME);
  g_assert_false (loom_document_get_modified (fixture->document));
  g_assert_true (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
  run_ms (LOOKED_MS);
  g_assert_cmpint (fixture->n_outside, ==, 1);
}

/* Someone put a folder in the place of the file: as if it were deleted, until it is back. */
static void
test_folder (DocumentFixture *fixture, gconstpointer data)
{
  g_autofree char *moved = g_strconcat (fixture->path, ".moved", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (load (fixture, NULL));
  run_ms (100);
  g_assert_cmpint (g_rename (fixture->path, moved), ==, 0);
  g_assert_cmpint (g_mkdir (fixture->path, 0700), ==, 0);
  wait_outside (fixture, LOOM_OUTSIDE_NO_LAB);
  g_assert_true (loom_document_is_lost (fixture->document));
  g_assert_true (loom_document_get_modified (fixture->document));
  g_assert_false (save (fixture, &error));
  g_assert_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_FAILED);

  g_assert_cmpint (g_rmdir (fixture->path), ==, 0);
  g_assert_cmpint (g_rename (moved, fixture->path), ==, 0);
  wait_outside (fixture, LOOM_OUTSIDE_SAME);
  g_assert_false (loom_document_get_modified (fixture->document));
}

/* Someone made the file larger than any lab: that is told once, and it is not written over unasked.
 */
static void
test_grown (DocumentFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (load (fixture, NULL));
  run_ms (100);
  g_assert_cmpint (truncate (fixture->path, LOOM_READER_MAX_SIZE_BYTES + 1), ==, 0);
  wait_outside (fixture, LOOM_OUTSIDE_NO_LAB);
  g_assert_cmpint (fixture->n_outside, ==, 1);
  g_assert_true (loom_document_get_modified (fixture->document));
  loom_document_look_at_file (fixture->document);
  run_ms (LOOKED_MS);
  g_assert_cmpint (fixture->n_outside, ==, 1);

  g_assert_false (save (fixture, &error));
  g_assert_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_CHANGED);
  loom_document_accept_outside (fixture->document);
  g_assert_true (save (fixture, NULL));
  g_assert_cmpint (loom_document_get_outside (fixture->document), ==, LOOM_OUTSIDE_SAME);
  g_assert_false (loom_document_get_modified (fixture->document));
}

/* A file that comes back as it was is no matter any more; with something else in it, it is. */
static void
test_back (DocumentFixture *fixture, gconstpointer data)
{
  g_autofree char *moved = g_strconcat (fixture->path, ".moved", NULL);

  g_assert_true (load (fixture, NULL));
  run_ms (100);
  g_assert_cmpint (g_rename (fixture->path, moved), ==, 0);
  wait_outside (fixture, LOOM_OUTSIDE_GONE);
  g_assert_cmpint (g_rename (moved, fixture->path), ==, 0);
  wait_outside (fixture, LOOM_OUTSIDE_SAME);
  g_assert_cmpint (fixture->n_outside, ==, 2);
  g_assert_false (loom_document_get_modified (fixture->document));

  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  wait_outside (fixture, LOOM_OUTSIDE_GONE);
  g_assert_true (g_file_set_contents (fixture->path, "{}", -1, NULL));
  wait_outside (fixture, LOOM_OUTSIDE_CHANGED);
  g_assert_false (save (fixture, NULL));
}

/* No monitor hears that a folder further up was moved: whoever looks does. */
static void
test_folder_moved (DocumentFixture *fixture, gconstpointer data)
{
  g_autofree char *moved = g_strconcat (fixture->dir, "-moved", NULL);

  g_assert_true (load (fixture, NULL));
  run_ms (100);
  g_assert_cmpint (g_rename (fixture->dir, moved), ==, 0);
  loom_document_look_at_file (fixture->document);
  wait_outside (fixture, LOOM_OUTSIDE_GONE);
  g_assert_cmpint (g_rename (moved, fixture->dir), ==, 0);
  loom_document_look_at_file (fixture->document);
  wait_outside (fixture, LOOM_OUTSIDE_SAME);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func)                                                                            \
  g_test_add ("/gui/document-outside/" name, DocumentFixture, NULL, document_fixture_set_up, func, \
              document_fixture_tear_down)
  ADD ("reloaded-while-saving", test_reloaded_while_saving);
  ADD ("conflict", test_conflict);
  ADD ("two-windows", test_two_windows);
  ADD ("outside", test_outside);
  ADD ("outside-again", test_outside_again);
  ADD ("same-outside", test_same_outside);
  ADD ("gone", test_gone);
  ADD ("folder", test_folder);
  ADD ("grown", test_grown);
  ADD ("back", test_back);
  ADD ("folder-moved", test_folder_moved);
  return g_test_run ();
}
