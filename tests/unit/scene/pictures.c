/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Draws the sample labs into PNG files, for people to look at: scene-pictures FOLDER. */

#include "canvas/model/reader.h"
#include "canvas/scene/export.h"

#include "tests/unit/model/fixture.h"
#include "tests/unit/scene/sample.h"

static void
save (LoomScene *scene, const char *folder, const char *name, double scale)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GBytes) bytes = loom_scene_export (scene, LOOM_EXPORT_PNG, scale, &error);

  g_assert_no_error (error);
  g_file_set_contents (path, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error);
  g_assert_no_error (error);
}

/* What can be set on a cable, light and dark. */
static void
draw_cables (const char *folder)
{
  g_autoptr (LoomCatalogue) catalogue = fixture_catalogue ();
  g_autoptr (LoomStatus) status = loom_status_new ();
  g_autoptr (LoomScene) scene = loom_scene_new ();
  gsize size = 0;
  g_autofree char *text = fixture_read ("tests/golden/cables.lanloom", &size);
  g_autoptr (LoomLab) lab = loom_reader_read (catalogue, text, size, NULL, NULL);
  LoomTheme dark;

  loom_theme_init_dark (&dark);
  loom_scene_set_lab (scene, lab);
  save (scene, folder, "cables-still-light.png", 1.5);
  loom_status_set_lab (status, LOOM_LAB_RUNNING);
  sample_traffic (lab, status, 1);
  loom_scene_set_status (scene, status);
  loom_scene_set_selected (scene, LOOM_ITEM_LINK, "a5:0 sw2:1", TRUE);
  save (scene, folder, "cables-live-light.png", 1.5);
  loom_scene_set_theme (scene, &dark);
  save (scene, folder, "cables-live-dark.png", 1.5);
}

/* Frames in motion and on hold, light and dark. */
static void
draw_frames (const char *folder)
{
  static const LoomHue hues[] = {{{0.11, 0.44, 0.85}, "T"},
                                 {{0.57, 0.25, 0.67}, "I"},
                                 {{0.90, 0.65, 0.04}, "A"},
                                 {{0.13, 0.56, 0.64}, "U"},
                                 {{0.78, 0.27, 0.00}, "H"}};
  static const char *const cables[] = {"pc1:0 sw1:0", "pc2:0 sw1:1", "pc3:0 sw1:2"};
  static const LoomHeldDot held[] = {{FALSE, 0}, {FALSE, 1}, {FALSE, 0}, {TRUE, 2}};
  g_autoptr (LoomCatalogue) catalogue = fixture_catalogue ();
  g_autoptr (LoomScene) scene = loom_scene_new ();
  gsize size = 0;
  g_autofree char *text = fixture_read ("data/labs/one-switch.lanloom", &size);
  g_autoptr (LoomLab) lab = loom_reader_read (catalogue, text, size, NULL, NULL);
  LoomMotion *motion = loom_scene_get_motion (scene);
  LoomTheme dark;

  loom_theme_init_dark (&dark);
  loom_scene_set_lab (scene, lab);
  loom_scene_set_hues (scene, hues, G_N_ELEMENTS (hues));
  loom_scene_set_held (scene, "pc4:0 sw1:3", TRUE, held, G_N_ELEMENTS (held));
  loom_scene_set_hover (scene, LOOM_ITEM_LINK, "pc2:0 sw1:1");
  for (guint i = 0; i < 24; i++) {
    LoomMotionFrame frame = {.link = (char *) cables[i % 3],
                             .from_b = i / 3 % 2,
                             .hue = i % G_N_ELEMENTS (hues),
                             .fate = i % 11 == 4 ? LOOM_MOTION_LOST : LOOM_MOTION_PASSES,
                             .marks = i % 7 == 3   ? LOOM_MOTION_DOUBLED
                                      : i % 7 == 5 ? LOOM_MOTION_CORRUPTED
                                                   : 0,
                             .came_us = i * 30000,
                             .travel_us = 800000};

    loom_motion_add (motion, &frame);
  }
  for (gint64 now_us = 0; now_us < 850000; now_us += 10000)
    loom_motion_advance (motion, now_us);
  save (scene, folder, "frames-light.png", 1.5);
  loom_scene_set_theme (scene, &dark);
  save (scene, folder, "frames-dark.png", 1.5);
}

int
main (int argc, char *argv[])
{
  g_autoptr (LoomLab) lab = sample_campus ();
  g_autoptr (LoomStatus) status = sample_campus_status ();
  g_autoptr (LoomScene) scene = loom_scene_new ();
  const char *folder = argc > 1 ? argv[1] : ".";
  LoomTheme dark;

  draw_frames (folder);
  loom_theme_init_dark (&dark);
  loom_scene_set_lab (scene, lab);
  save (scene, folder, "still-light.png", 1.5);
  loom_scene_set_status (scene, status);
  loom_scene_set_selected (scene, LOOM_ITEM_NODE, "sw1", TRUE);
  loom_scene_set_selected (scene, LOOM_ITEM_LINK, "hub1:1 pc3:0", TRUE);
  loom_scene_set_hover (scene, LOOM_ITEM_NODE, "pc2");
  save (scene, folder, "live-light.png", 1.5);
  loom_scene_set_theme (scene, &dark);
  save (scene, folder, "live-dark.png", 1.5);
  draw_cables (folder);
  return 0;
}
