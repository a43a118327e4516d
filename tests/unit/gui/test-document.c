/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The document: loading, saving, the modified mark, the file changed by others, work recovered. */

#include "gui/document.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "backend/engine/paths.h"
#include "backend/engine/project-file.h"
#include "canvas/model/edit.h"
#include "canvas/model/writer.h"
#include "gui/autosave.h"
#include "tests/unit/gui/catalogue.h"

/* By then a document has looked at a file that has changed. */
#define LOOKED_MS 700
/* By then it has kept what is not saved. */
#define KEPT_MS 2500

typedef struct {
  LoomCatalogue *catalogue;
  LoomDocument *document;
  char *dir;
  char *path;
  GAsyncResult *result;
  int n_outside;
} Fixture;

static void
on_outside (LoomDocument *document, Fixture *fixture)
{
  fixture->n_outside++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->catalogue = make_catalogue ();
  fixture->dir = g_dir_make_tmp ("loom-document-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->dir, "a.lanloom", NULL);
  g_assert_true (g_file_set_contents (fixture->path, TWO_MACHINES, -1, NULL));
  fixture->document = loom_document_new (fixture->catalogue, NULL);
  g_signal_connect (fixture->document, "changed-outside", G_CALLBACK (on_outside), fixture);
}

static void
run_ms (int ms)
{
  gint64 end_us = g_get_monotonic_time () + ms * 1000;

  while (g_get_monotonic_time () < end_us) {
    g_main_context_iteration (NULL, FALSE);
    g_usleep (1000);
  }
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->document);
  g_object_unref (fixture->catalogue);
  run_ms (20);
  g_unlink (fixture->path);
  g_rmdir (fixture->dir);
  g_free (fixture->dir);
  g_free (fixture->path);
}

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->result = g_object_ref (result);
}

static void
on_slot (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GAsyncResult *
wait_result (Fixture *fixture)
{
  while (fixture->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (&fixture->result);
}

static gboolean
load (Fixture *fixture, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  loom_document_load_async (fixture->document, fixture->path, NULL, on_ready, fixture);
  result = wait_result (fixture);
  return loom_document_load_finish (fixture->document, result, NULL, error);
}

static void
add_switch (Fixture *fixture)
{
  LoomLab *lab = loom_document_get_lab (fixture->document);
  g_autoptr (LoomChange) change = loom_edit_add_node (lab, "switch", 0, 0, NULL);

  loom_history_do (loom_document_get_history (fixture->document), change, NULL);
}

static void
test_load_and_save (Fixture *fixture, gconstpointer data)
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
test_replaced_while_saving (Fixture *fixture, gconstpointer data)
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

/* The file was read before the save under way wrote it: that it is another now is told. */
static void
test_reloaded_while_saving (Fixture *fixture, gconstpointer data)
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
  for (int i = 0; i < 100 && fixture->n_outside == 0; i++)
    run_ms (50);
  g_assert_cmpint (fixture->n_outside, ==, 1);
}

/* Someone else wrote the file: a save says so, writes nothing, and may be forced. */
static void
test_conflict (Fixture *fixture, gconstpointer data)
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

static gboolean
save (Fixture *fixture, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  loom_document_save_async (fixture->document, NULL, NULL, on_ready, fixture);
  result = wait_result (fixture);
  return loom_document_save_finish (fixture->document, result, error);
}

/* Two windows on one file: who saves second is told and loses nothing; the file is one of the two.
 */
static void
test_two_windows (Fixture *fixture, gconstpointer data)
{
  Fixture other = {.catalogue = fixture->catalogue, .path = fixture->path};
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
  for (int i = 0; i < 100 && fixture->n_outside == 0; i++)
    run_ms (50);
  g_assert_cmpint (fixture->n_outside, ==, 1);

  add_switch (fixture);
  g_assert_false (save (fixture, &error));
  g_assert_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_CHANGED);
  g_assert_true (loom_document_get_modified (fixture->document));
  g_assert_nonnull (loom_lab_get_node (loom_document_get_lab (fixture->document), "sw1"));
  g_assert_true (g_file_get_contents (fixture->path, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, theirs);
  g_object_unref (other.document);
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
test_folder_deleted (Fixture *fixture, gconstpointer data)
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
test_nothing_to_keep (Fixture *fixture, gconstpointer data)
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
test_template (Fixture *fixture, gconstpointer data)
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
test_edit_while_saving (Fixture *fixture, gconstpointer data)
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
test_save_twice (Fixture *fixture, gconstpointer data)
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
test_bad_file (Fixture *fixture, gconstpointer data)
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
test_outside (Fixture *fixture, gconstpointer data)
{
  g_assert_true (load (fixture, NULL));
  run_ms (100);
  g_assert_true (g_file_set_contents (fixture->path, "{}", -1, NULL));
  for (int i = 0; i < 100 && fixture->n_outside == 0; i++)
    run_ms (50);
  g_assert_cmpint (fixture->n_outside, ==, 1);
  /* The same once more is no news. */
  g_assert_true (g_file_set_contents (fixture->path, "{}", -1, NULL));
  run_ms (LOOKED_MS);
  g_assert_cmpint (fixture->n_outside, ==, 1);
}

/* Someone else wrote what is drawn here, as lanloomctl does when it applies a file: that is a save.
 */
static void
test_same_outside (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = NULL;

  g_assert_true (load (fixture, NULL));
  add_switch (fixture);
  text = loom_writer_write (loom_document_get_lab (fixture->document), NULL);
  g_assert_true (g_file_set_contents (fixture->path, text, -1, NULL));
  for (int i = 0; i < 100 && loom_document_get_modified (fixture->document); i++)
    run_ms (50);
  g_assert_false (loom_document_get_modified (fixture->document));
  g_assert_cmpint (fixture->n_outside, ==, 0);
  add_switch (fixture);
  g_assert_true (save (fixture, NULL));
}

/* Who keeps theirs gives up what they were told of, not what comes after that. */
static void
test_outside_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (load (fixture, NULL));
  run_ms (100);
  for (int n = 1; n <= 2; n++) {
    g_autofree char *theirs = g_strdup_printf ("{\"theirs\": %d}", n);

    g_assert_true (g_file_set_contents (fixture->path, theirs, -1, NULL));
    for (int i = 0; i < 100 && fixture->n_outside < n; i++)
      run_ms (50);
    g_assert_cmpint (fixture->n_outside, ==, n);
    if (n == 1)
      loom_document_accept_outside (fixture->document);
  }
  g_assert_false (save (fixture, &error));
  g_assert_error (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_CHANGED);
  loom_document_accept_outside (fixture->document);
  g_assert_true (save (fixture, NULL));
}

static void
wait_outside (Fixture *fixture, LoomOutside outside)
{
  for (int i = 0; i < 100 && loom_document_get_outside (fixture->document) != outside; i++)
    run_ms (50);
  g_assert_cmpint (loom_document_get_outside (fixture->document), ==, outside);
}

/* Someone deleted the file: that is told, and what is drawn is all there is of it. */
static void
test_gone (Fixture *fixture, gconstpointer data)
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
test_folder (Fixture *fixture, gconstpointer data)
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
test_grown (Fixture *fixture, gconstpointer data)
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
test_back (Fixture *fixture, gconstpointer data)
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
test_folder_moved (Fixture *fixture, gconstpointer data)
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

static void
test_recover (Fixture *fixture, gconstpointer data)
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
#define ADD(name, func) g_test_add ("/gui/document/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("load-and-save", test_load_and_save);
  ADD ("edit-while-saving", test_edit_while_saving);
  ADD ("save-twice", test_save_twice);
  ADD ("replaced-while-saving", test_replaced_while_saving);
  ADD ("reloaded-while-saving", test_reloaded_while_saving);
  ADD ("bad-file", test_bad_file);
  ADD ("conflict", test_conflict);
  ADD ("template", test_template);
  ADD ("two-windows", test_two_windows);
  ADD ("folder-deleted", test_folder_deleted);
  ADD ("nothing-to-keep", test_nothing_to_keep);
  ADD ("outside", test_outside);
  ADD ("outside-again", test_outside_again);
  ADD ("same-outside", test_same_outside);
  ADD ("gone", test_gone);
  ADD ("folder", test_folder);
  ADD ("grown", test_grown);
  ADD ("back", test_back);
  ADD ("folder-moved", test_folder_moved);
  ADD ("recover", test_recover);
  return g_test_run ();
}
