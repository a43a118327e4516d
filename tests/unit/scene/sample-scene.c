/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See sample-scene.h. */

#include "tests/unit/scene/sample-scene.h"

void
sample_scene_set_up (SampleScene *f, gconstpointer data)
{
  f->lab = sample_campus ();
  f->history = loom_history_new (f->lab);
  f->status = sample_campus_status ();
  f->scene = loom_scene_new ();
  loom_scene_set_lab (f->scene, f->lab);
}

void
sample_scene_tear_down (SampleScene *f, gconstpointer data)
{
  g_object_unref (f->scene);
  g_object_unref (f->status);
  g_object_unref (f->history);
  g_object_unref (f->lab);
}

void
sample_scene_edit (SampleScene *f, LoomChange *change)
{
  g_assert_nonnull (change);
  loom_history_do (f->history, change, NULL);
  loom_change_unref (change);
}
