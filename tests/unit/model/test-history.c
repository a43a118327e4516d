/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The history: steps, merging, and what counts as modified. */

#include "canvas/model/history.h"
#include "canvas/model/edit.h"
#include "tests/unit/model/fixture.h"

static void
move (LoomHistory *history, const char *name, double dx, const char *key)
{
  const char *names[] = {name, NULL};
  g_autoptr (LoomChange)
      change = loom_edit_move (loom_history_get_lab (history), names, dx, 0, NULL);

  loom_history_do (history, change, key);
}

static LoomHistory *
new_history (void)
{
  g_autoptr (LoomCatalogue) catalogue = fixture_catalogue ();
  g_autoptr (LoomLab) lab = loom_lab_new (catalogue);
  g_autoptr (LoomChange) change = loom_edit_add_node (lab, "tiny", 0, 0, NULL);

  loom_lab_apply (lab, change);
  return loom_history_new (lab);
}

static double
get_x (LoomHistory *history)
{
  return loom_lab_get_node (loom_history_get_lab (history), "pc1")->x;
}

static void
test_merge (void)
{
  g_autoptr (LoomHistory) history = new_history ();

  move (history, "pc1", 1, "move");
  move (history, "pc1", 1, "move");
  move (history, "pc1", 1, "other");
  move (history, "pc1", 1, NULL);
  move (history, "pc1", 1, NULL);
  g_assert_cmpfloat (get_x (history), ==, 5);
  loom_history_undo (history);
  g_assert_cmpfloat (get_x (history), ==, 4);
  loom_history_undo (history);
  loom_history_undo (history);
  g_assert_cmpfloat (get_x (history), ==, 2);
  loom_history_undo (history);
  g_assert_cmpfloat (get_x (history), ==, 0);
  g_assert_false (loom_history_get_can_undo (history));
  g_assert_true (loom_history_get_can_redo (history));
  g_assert_cmpstr (loom_history_get_redo_label (history), ==, "Move pc1");
  g_assert_null (loom_history_get_undo_label (history));
  loom_history_redo (history);
  g_assert_cmpfloat (get_x (history), ==, 2);
  move (history, "pc1", 1, "move"); /* not into a step that was just redone */
  loom_history_undo (history);
  g_assert_cmpfloat (get_x (history), ==, 2);
}

static void
test_break (void)
{
  g_autoptr (LoomHistory) history = new_history ();

  move (history, "pc1", 1, "move");
  loom_history_break (history);
  move (history, "pc1", 1, "move");
  loom_history_undo (history);
  g_assert_cmpfloat (get_x (history), ==, 1);
  move (history, "pc1", 2, "move"); /* not into the step that an undo went back to */
  loom_history_undo (history);
  g_assert_cmpfloat (get_x (history), ==, 1);
}

/* There and back within one step is no step. */
static void
test_merge_to_nothing (void)
{
  g_autoptr (LoomHistory) history = new_history ();

  move (history, "pc1", 1, "move");
  move (history, "pc1", -1, "move");
  g_assert_false (loom_history_get_can_undo (history));
  g_assert_false (loom_history_get_modified (history));
}

static void
on_notify (LoomHistory *history, GParamSpec *pspec, int *count)
{
  (*count)++;
}

static void
test_modified (void)
{
  g_autoptr (LoomHistory) history = new_history ();
  int n_notified = 0;

  g_signal_connect (history, "notify::modified", G_CALLBACK (on_notify), &n_notified);
  g_assert_false (loom_history_get_modified (history));
  move (history, "pc1", 1, "move");
  g_assert_true (loom_history_get_modified (history));
  loom_history_mark_saved (history);
  g_assert_false (loom_history_get_modified (history));
  move (history, "pc1", 1, "move"); /* not into the step that was saved */
  g_assert_true (loom_history_get_modified (history));
  loom_history_undo (history);
  g_assert_false (loom_history_get_modified (history));
  loom_history_undo (history);
  g_assert_true (loom_history_get_modified (history));
  move (history, "pc1", 5, NULL); /* no way back to what was saved */
  loom_history_undo (history);
  g_assert_true (loom_history_get_modified (history));
  g_assert_cmpint (n_notified, ==, 5);
}

/* What can be done is told each time it changes, and no more often. */
static void
test_notifies (void)
{
  g_autoptr (LoomHistory) history = new_history ();
  int n_undo = 0;
  int n_redo = 0;

  g_signal_connect (history, "notify::can-undo", G_CALLBACK (on_notify), &n_undo);
  g_signal_connect (history, "notify::can-redo", G_CALLBACK (on_notify), &n_redo);
  move (history, "pc1", 1, NULL);
  move (history, "pc1", 1, NULL);
  g_assert_cmpint (n_undo, ==, 1);
  loom_history_undo (history);
  g_assert_cmpint (n_redo, ==, 1);
  loom_history_undo (history);
  g_assert_cmpint (n_undo, ==, 2);
  loom_history_redo (history);
  g_assert_cmpint (n_undo, ==, 3);
  loom_history_redo (history);
  g_assert_cmpint (n_redo, ==, 2);
  loom_history_undo (history);
  move (history, "pc1", 5, NULL);
  g_assert_cmpint (n_redo, ==, 4);
  g_assert_cmpint (n_undo, ==, 3);
}

static void
test_bounded (void)
{
  g_autoptr (LoomHistory) history = new_history ();
  int n_undone = 0;

  for (int i = 0; i < 1500; i++)
    move (history, "pc1", 1, NULL);
  while (loom_history_undo (history))
    n_undone++;
  g_assert_cmpint (n_undone, ==, 1000);
  g_assert_cmpfloat (get_x (history), ==, 500);
  g_assert_true (loom_history_get_modified (history));
}

/* A lab of @n machines; @ret_names: their names, NULL-terminated. */
static LoomHistory *
new_large_history (guint n, GStrv *ret_names)
{
  g_autoptr (LoomCatalogue) catalogue = fixture_catalogue ();
  g_autoptr (LoomLab) lab = loom_lab_new (catalogue);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < n; i++) {
    g_autoptr (LoomChange) change = loom_edit_add_node (lab, "tiny", i, 0, NULL);
    const LoomNodeChange *node = &g_array_index (change->nodes, LoomNodeChange, 0);

    g_strv_builder_add (names, node->after->name);
    loom_lab_apply (lab, change);
  }
  *ret_names = g_strv_builder_end (names);
  return loom_history_new (lab);
}

/* Large steps count for what they hold: 501 moves of 1,000 machines are more than is kept. */
static void
test_bounded_by_size (void)
{
  g_auto (GStrv) names = NULL;
  g_autoptr (LoomHistory) history = new_large_history (1000, &names);
  int n_undone = 0;

  for (int i = 0; i < 501; i++) {
    g_autoptr (LoomChange) change = loom_edit_move (loom_history_get_lab (history),
                                                    (const char *const *) names, 1, 0, NULL);

    loom_history_do (history, change, NULL);
  }
  while (loom_history_undo (history))
    n_undone++;
  g_assert_cmpint (n_undone, ==, 500);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history/merge", test_merge);
  g_test_add_func ("/history/break", test_break);
  g_test_add_func ("/history/merge-to-nothing", test_merge_to_nothing);
  g_test_add_func ("/history/modified", test_modified);
  g_test_add_func ("/history/notifies", test_notifies);
  g_test_add_func ("/history/bounded", test_bounded);
  g_test_add_func ("/history/bounded-by-size", test_bounded_by_size);
  return g_test_run ();
}
