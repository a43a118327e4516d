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

int
main (int argc, char *argv[])
{
  g_autoptr (LoomLab) lab = sample_campus ();
  g_autoptr (LoomStatus) status = sample_campus_status ();
  g_autoptr (LoomScene) scene = loom_scene_new ();
  const char *folder = argc > 1 ? argv[1] : ".";
  LoomTheme dark;

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
