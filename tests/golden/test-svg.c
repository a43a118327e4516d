/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The labs that ship, drawn: lab → SVG. Text is greeked, so that no font is needed. After a wanted
 * change run this with LANLOOM_GOLDEN_UPDATE=1 and look at what became of tests/golden/svg. */

#include "canvas/model/reader.h"
#include "canvas/scene/export.h"

#include <string.h>

#include "lanloom-config.h"
#include "tests/unit/model/fixture.h"

/* Writers of other cairo versions put the same picture in other words. */
#define CAIRO_OF_GOLDENS CAIRO_VERSION_ENCODE (1, 16, 0)

/* The labs that ship, and one with all that can be set on a cable. */
static const char *const pictures[] = {"data/labs/two-machines", "data/labs/one-switch",
                                       "data/labs/two-switches", "tests/golden/cables"};

/* Frames of every fate, as they are 250 ms after they came. */
static void
add_frames (LoomScene *scene)
{
  static const LoomHue hues[] = {{{0.11, 0.44, 0.85}, "T"}, {{0.57, 0.25, 0.67}, "I"}};
  static const LoomHeldDot held[] = {{FALSE, 0}, {FALSE, 1}, {TRUE, 1}};
  static const LoomMotionFrame frames[] = {
      {"pc1:0 sw1:0", FALSE, 0, LOOM_MOTION_PASSES, 0, 1000, 0},
      {"pc1:0 sw1:0", TRUE, 1, LOOM_MOTION_PASSES, LOOM_MOTION_CORRUPTED, 1000, 0},
      {"pc2:0 sw1:1", FALSE, 1, LOOM_MOTION_LOST, 0, 1000, 0},
      {"pc2:0 sw1:1", TRUE, 0, LOOM_MOTION_REFUSED, 0, 1000, 0},
      {"pc3:0 sw1:2", FALSE, 0, LOOM_MOTION_PASSES, LOOM_MOTION_DOUBLED, 1000, 0},
  };
  LoomMotion *motion = loom_scene_get_motion (scene);

  loom_scene_set_hues (scene, hues, G_N_ELEMENTS (hues));
  loom_scene_set_lanes (scene, TRUE);
  loom_scene_set_held (scene, "pc4:0 sw1:3", TRUE, held, G_N_ELEMENTS (held));
  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    loom_motion_add (motion, &frames[i]);
  loom_motion_advance (motion, 1000 + LOOM_MOTION_LAG_US);
  loom_motion_advance (motion, 1000 + LOOM_MOTION_LAG_US + 250000);
}

static char *
draw (const char *lab_path, gboolean running, gboolean moving)
{
  g_autofree char *path = g_strconcat (lab_path, ".lanloom", NULL);
  g_autoptr (LoomCatalogue) catalogue = fixture_catalogue ();
  g_autoptr (LoomStatus) status = loom_status_new ();
  g_autoptr (LoomScene) scene = loom_scene_new ();
  g_autoptr (GError) error = NULL;
  LoomTheme theme;
  gsize size = 0;
  g_autofree char *text = fixture_read (path, &size);
  g_autoptr (LoomLab) lab = loom_reader_read (catalogue, text, size, NULL, &error);

  g_assert_no_error (error);
  loom_theme_init_light (&theme);
  theme.greek = TRUE;
  loom_scene_set_theme (scene, &theme);
  loom_scene_set_lab (scene, lab);
  if (running) {
    g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);
    g_autoptr (GPtrArray) links = loom_lab_list_links (lab);
    loom_scene_set_status (scene, status);
    loom_status_set_lab (status, LOOM_LAB_RUNNING);
    for (guint i = 0; i < nodes->len; i++)
      loom_status_set_node (status, ((LoomNode *) g_ptr_array_index (nodes, i))->name,
                            i % 3 == 2 ? LOOM_NODE_BOOTING : LOOM_NODE_READY, NULL, 0.5);
    for (guint i = 0; i < links->len; i++) {
      g_autofree char *id = loom_link_dup_id (g_ptr_array_index (links, i));
      LoomLinkStatus link = {.carrier = i != 1};
      link.from_a = (LoomFlow){100, 100000, 0, 0, 94.1e6, 8000};
      loom_status_set_link (status, id, &link);
    }
    loom_status_end_links (status, 1);
  }

  if (moving)
    add_frames (scene);
  g_autoptr (GBytes) bytes = loom_scene_export (scene, LOOM_EXPORT_SVG, 1, &error);
  g_assert_no_error (error);
  g_autofree char *svg = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  /* Numbered by what else the process has drawn. */
  g_autoptr (GRegex) number = g_regex_new ("surface[0-9]+", 0, 0, NULL);
  return g_regex_replace_literal (number, svg, -1, 0, "surface", 0, NULL);
}

static void
check (const char *lab_path, gboolean running, gboolean moving)
{
  const char *name = strrchr (lab_path, '/') + 1;
  g_autofree char *path = g_strdup_printf ("%s/tests/golden/svg/%s%s.svg", LOOM_SOURCE_ROOT, name,
                                           moving    ? "-moving"
                                           : running ? "-running"
                                                     : "");
  g_autofree char *drawn = draw (lab_path, running, moving);
  g_autofree char *again = draw (lab_path, running, moving);
  g_autofree char *golden = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (drawn, ==, again);
  if (cairo_version () != CAIRO_OF_GOLDENS) {
    g_test_skip ("drawn by another version of cairo than the golden pictures");
    return;
  }
  if (g_getenv ("LANLOOM_GOLDEN_UPDATE") != NULL)
    g_file_set_contents (path, drawn, -1, &error);
  else
    g_file_get_contents (path, &golden, NULL, &error);
  g_assert_no_error (error);
  if (golden != NULL && g_strcmp0 (drawn, golden) != 0) {
    g_autofree char *actual = g_strdup_printf ("%s.actual", path);
    g_autofree char *base = g_path_get_basename (actual);
    g_file_set_contents (base, drawn, -1, NULL);
    g_test_message ("%s differs: what was drawn is in %s", path, base);
    g_test_fail ();
  }
}

static void
test_still (gconstpointer path)
{
  check (path, FALSE, FALSE);
}

static void
test_running (gconstpointer path)
{
  check (path, TRUE, FALSE);
}

static void
test_moving (gconstpointer path)
{
  check (path, TRUE, TRUE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++) {
    g_autofree char *still = g_strdup_printf ("/svg/%s/still", strrchr (pictures[i], '/') + 1);
    g_autofree char *running = g_strdup_printf ("/svg/%s/running", strrchr (pictures[i], '/') + 1);
    g_test_add_data_func (still, pictures[i], test_still);
    g_test_add_data_func (running, pictures[i], test_running);
  }
  g_test_add_data_func ("/svg/one-switch/moving", "data/labs/one-switch", test_moving);
  return g_test_run ();
}
