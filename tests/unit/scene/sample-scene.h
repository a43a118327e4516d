/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The scene of the campus lab, with every state shown once: what tests of the scene start from. */

#pragma once

#include "canvas/model/history.h"
#include "canvas/scene/scene.h"
#include "tests/unit/scene/sample.h"

typedef struct {
  LoomLab *lab;
  LoomHistory *history;
  LoomStatus *status;
  LoomScene *scene;
} SampleScene;

/* For g_test_add (). The scene is not given the status yet. */
void sample_scene_set_up (SampleScene *f, gconstpointer data);
void sample_scene_tear_down (SampleScene *f, gconstpointer data);

/* Does @change, which must be one. (transfer full) */
void sample_scene_edit (SampleScene *f, LoomChange *change);

/* g_test_add () with the above. */
#define sample_scene_add(path, test)                                                               \
  g_test_add (path, SampleScene, NULL, sample_scene_set_up, test, sample_scene_tear_down)
