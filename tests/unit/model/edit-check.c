/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See edit-check.h. */

#include "tests/unit/model/edit-check.h"

#include "canvas/model/reader.h"
#include "canvas/model/writer.h"

#include <string.h>

void
edit_check_reversible (LoomHistory *history, LoomChange *change)
{
  LoomLab *lab = loom_history_get_lab (history);
  g_autoptr (LoomLab) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = loom_writer_write (lab, NULL);
  g_autofree char *after = NULL;
  g_autofree char *undone = NULL;
  g_autofree char *redone = NULL;
  g_autofree char *reread = NULL;
  gsize size = 0;

  g_assert_nonnull (change);
  loom_history_do (history, change, NULL);
  after = loom_writer_write (lab, &size);
  if (!loom_change_is_empty (change)) {
    g_assert_cmpstr (before, !=, after);
    g_assert_true (loom_history_undo (history));
    undone = loom_writer_write (lab, NULL);
    g_assert_cmpstr (undone, ==, before);
    g_assert_true (loom_history_redo (history));
    redone = loom_writer_write (lab, NULL);
    g_assert_cmpstr (redone, ==, after);
  }
  again = loom_reader_read (loom_lab_get_catalogue (lab), after, size, NULL, &error);
  g_assert_no_error (error);
  reread = loom_writer_write (again, NULL);
  g_assert_cmpstr (reread, ==, after);
  loom_change_unref (change);
}

void
edit_check_refused (LoomChange *change, GError **error, const char *part)
{
  g_assert_null (change);
  g_assert_error (*error, LOOM_MODEL_ERROR, LOOM_MODEL_ERROR_REFUSED);
  g_test_message ("%s", (*error)->message);
  g_assert_nonnull (strstr ((*error)->message, part));
  g_clear_error (error);
}

LoomEnd
edit_end (const char *node, int port)
{
  LoomEnd end = {(char *) node, port};

  return end;
}
