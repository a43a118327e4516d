/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Cables on the canvas: drawn by hand and by keys, refused, unplugged, cut at an end. */

#include "canvas/model/edit.h"

#include "tests/widget/canvas-window.h"
#include "tests/widget/hands.h"

#include <math.h>

static void
test_cable (CanvasWindow *f, gconstpointer data)
{
  GdkPoint pc1 = canvas_window_node_at (f, "pc1");
  GdkPoint hub1 = canvas_window_node_at (f, "hub1");

  /* From the handle that hovering shows. */
  hands_move (f->widget, pc1.x, pc1.y, 0);
  hands_drag (f->widget, pc1.x, pc1.y + 32, hub1.x, hub1.y, 0);
  g_assert_nonnull (loom_lab_get_link (f->lab, "hub1:2 pc1:1"));
  g_assert_cmpstr (f->hint, ==, "pc1 port 1 → hub1 port 2");
  g_assert_true (loom_history_undo (f->history));
  g_assert_null (loom_lab_get_link (f->lab, "hub1:2 pc1:1"));

  /* With the tool: click, click. */
  loom_canvas_set_tool (f->canvas, LOOM_TOOL_CABLE);
  hands_click (f->widget, pc1.x, pc1.y, 0);
  hands_move (f->widget, pc1.x + 100, pc1.y + 100, 0);
  hands_click (f->widget, hub1.x, hub1.y, 0);
  g_assert_nonnull (loom_lab_get_link (f->lab, "hub1:2 pc1:1"));

  /* Let go over nothing: no cable. */
  guint n_links = loom_lab_get_n_links (f->lab);
  hands_drag (f->widget, pc1.x, pc1.y, pc1.x + 100, pc1.y + 130, 0);
  g_assert_cmpuint (loom_lab_get_n_links (f->lab), ==, n_links);
}

static void
test_cable_by_keys (CanvasWindow *f, gconstpointer data)
{
  const char *const pc1[] = {"pc1", NULL};

  loom_canvas_select (f->canvas, pc1, NULL);
  hands_key (f->widget, GDK_KEY_c, 0);
  hands_key (f->widget, GDK_KEY_Tab, 0);
  g_assert_cmpstr (f->hint, ==, "pc1 port 1 → hub1 port 2");
  hands_key (f->widget, GDK_KEY_Return, 0);
  g_assert_nonnull (loom_lab_get_link (f->lab, "hub1:2 pc1:1"));

  hands_key (f->widget, GDK_KEY_c, 0);
  hands_key (f->widget, GDK_KEY_Escape, 0);
  hands_key (f->widget, GDK_KEY_Return, 0);
  g_assert_cmpuint (loom_lab_get_n_links (f->lab), ==, 8);
}

static void
test_refusal (CanvasWindow *f, gconstpointer data)
{
  /* Nine cables do not fit into eight ports. */
  const char *const pc1[] = {"pc1", NULL};

  for (int i = 1; i < 8; i++) {
    LoomEnd one = {(char *) "pc1", -1};
    LoomEnd other = {(char *) "sw1", -1};
    g_autoptr (LoomChange) change = loom_edit_connect (f->lab, &one, &other, NULL);
    loom_history_do (f->history, change, NULL);
  }
  guint n_links = loom_lab_get_n_links (f->lab);
  loom_canvas_select (f->canvas, pc1, NULL);
  hands_key (f->widget, GDK_KEY_c, 0);
  g_assert_nonnull (strstr (f->message, "pc1"));

  GdkPoint from = canvas_window_node_at (f, "hub1");
  GdkPoint to = canvas_window_node_at (f, "pc1");
  hands_move (f->widget, from.x, from.y, 0);
  hands_drag (f->widget, from.x - 32, from.y, to.x, to.y, 0);
  g_assert_cmpuint (loom_lab_get_n_links (f->lab), ==, n_links);
  g_assert_nonnull (strstr (f->hint, "pc1"));
  g_assert_cmpstr (f->message, ==, f->hint);
}

/* Where a handle of the cable from pc1 to sw1 is, once the pointer is on the cable. */
static GdkPoint
plug_at (CanvasWindow *f, LoomPlug plug)
{
  LoomScene *scene = loom_canvas_get_scene (f->canvas);
  GdkPoint pc1 = canvas_window_node_at (f, "pc1");
  GdkPoint sw1 = canvas_window_node_at (f, "sw1");
  LoomPoint center;
  LoomPoint at;

  g_assert_true (loom_scene_get_node_center (scene, "pc1", &center));
  g_assert_true (loom_scene_get_plug_place (scene, "pc1:0 sw1:0", plug, &at));
  hands_move (f->widget, (pc1.x * 3 + sw1.x * 2) / 5, (pc1.y * 3 + sw1.y * 2) / 5, 0);
  double zoom = loom_canvas_get_zoom (f->canvas);
  return (GdkPoint){(int) round (pc1.x + (at.x - center.x) * zoom),
                    (int) round (pc1.y + (at.y - center.y) * zoom)};
}

static void
expect_fault (CanvasWindow *f, LoomFault fault, int end)
{
  const LoomLink *link = loom_lab_get_link (f->lab, "pc1:0 sw1:0");

  g_assert_cmpint (link->fault, ==, fault);
  if (fault == LOOM_FAULT_PORT)
    g_assert_cmpint (link->fault_end, ==, end);
}

/* A click on a handle beside a cable; a click on the cable itself selects it, as ever. */
static void
test_plugs (CanvasWindow *f, gconstpointer data)
{
  GdkPoint at = plug_at (f, LOOM_PLUG_MIDDLE);

  hands_click (f->widget, at.x, at.y, 0);
  expect_fault (f, LOOM_FAULT_UNPLUGGED, 0);
  g_assert_nonnull (strstr (f->message, "Ctrl+Z"));
  hands_click (f->widget, at.x, at.y, 0);
  expect_fault (f, LOOM_FAULT_NONE, 0);
  at = plug_at (f, LOOM_PLUG_B);
  hands_click (f->widget, at.x, at.y, 0);
  expect_fault (f, LOOM_FAULT_PORT, 1);
  at = plug_at (f, LOOM_PLUG_A);
  hands_click (f->widget, at.x, at.y, 0);
  expect_fault (f, LOOM_FAULT_PORT, 0);
  g_assert_true (loom_history_undo (f->history));
  expect_fault (f, LOOM_FAULT_PORT, 1);
  g_assert_true (loom_history_undo (f->history));
  expect_fault (f, LOOM_FAULT_NONE, 0);
  assert_canvas_selection (f, "|");

  /* Pressed there and let go elsewhere. */
  at = plug_at (f, LOOM_PLUG_MIDDLE);
  hands_press (f->widget, 1, at.x, at.y, 0);
  hands_release (f->widget, 1, at.x + 60, at.y - 60, 0);
  expect_fault (f, LOOM_FAULT_NONE, 0);

  /* The cable itself; and from far away there are no handles. */
  GdkPoint pc1 = canvas_window_node_at (f, "pc1");
  GdkPoint sw1 = canvas_window_node_at (f, "sw1");
  hands_click (f->widget, (pc1.x + sw1.x) / 2, (pc1.y + sw1.y) / 2, 0);
  expect_fault (f, LOOM_FAULT_NONE, 0);
  assert_canvas_selection (f, "|pc1:0 sw1:0");
  loom_canvas_set_zoom (f->canvas, 0.4);
  at = plug_at (f, LOOM_PLUG_MIDDLE);
  hands_click (f->widget, at.x, at.y, 0);
  expect_fault (f, LOOM_FAULT_NONE, 0);
}

/* U unplugs what is selected, and plugs it in again; what listens is told. */
static void
test_unplug (CanvasWindow *f, gconstpointer data)
{
  const char *const links[] = {"pc1:0 sw1:0", "hub1:1 pc3:0", NULL};
  const char *const one[] = {"pc1:0 sw1:0", NULL};

  loom_canvas_select (f->canvas, NULL, one);
  hands_key (f->widget, GDK_KEY_u, 0);
  g_assert_cmpint (loom_lab_get_link (f->lab, links[0])->fault, ==, LOOM_FAULT_UNPLUGGED);
  assert_canvas_selection (f, "|pc1:0 sw1:0");
  /* One of the two is whole: both are unplugged, in one step. */
  loom_canvas_select (f->canvas, NULL, links);
  hands_key (f->widget, GDK_KEY_u, 0);
  g_assert_cmpint (loom_lab_get_link (f->lab, links[1])->fault, ==, LOOM_FAULT_UNPLUGGED);
  hands_key (f->widget, GDK_KEY_u, 0);
  g_assert_cmpint (loom_lab_get_link (f->lab, links[0])->fault, ==, LOOM_FAULT_NONE);
  g_assert_cmpint (loom_lab_get_link (f->lab, links[1])->fault, ==, LOOM_FAULT_NONE);
  g_assert_true (loom_history_undo (f->history));
  g_assert_cmpint (loom_lab_get_link (f->lab, links[0])->fault, ==, LOOM_FAULT_UNPLUGGED);
  g_assert_cmpint (loom_lab_get_link (f->lab, links[1])->fault, ==, LOOM_FAULT_UNPLUGGED);
  g_assert_true (loom_canvas_set_fault (f->canvas, LOOM_FAULT_PORT, 1));
  g_assert_cmpint (loom_lab_get_link (f->lab, links[1])->fault_end, ==, 1);
  loom_canvas_clear_selection (f->canvas);
  hands_click (f->widget, 20, 600, 0);
  g_assert_false (loom_canvas_toggle_plugged (f->canvas));
}

/* Near which end of a cable a click was. */
static void
test_ends (CanvasWindow *f, gconstpointer data)
{
  GdkPoint pc1 = canvas_window_node_at (f, "pc1");
  GdkPoint sw1 = canvas_window_node_at (f, "sw1");
  double y = (pc1.y + sw1.y) / 2.0;

  g_assert_cmpint (loom_canvas_get_end_at (f->canvas, "pc1:0 sw1:0", pc1.x + 50, y), ==, 0);
  g_assert_cmpint (loom_canvas_get_end_at (f->canvas, "pc1:0 sw1:0", sw1.x - 50, y), ==, 1);
  g_assert_cmpint (loom_canvas_get_end_at (f->canvas, "pc1:0 sw1:0", (pc1.x + sw1.x) / 2.0, y), ==,
                   -1);
  g_assert_cmpint (loom_canvas_get_end_at (f->canvas, "hub1:1 pc3:0", pc1.x + 50, y), ==, -1);
}

int
main (int argc, char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
#define ADD(path, test)                                                                            \
  g_test_add ("/canvas-cables/" path, CanvasWindow, NULL, canvas_window_set_up, test,              \
              canvas_window_tear_down)
  ADD ("cable", test_cable);
  ADD ("cable-by-keys", test_cable_by_keys);
  ADD ("refusal", test_refusal);
  ADD ("unplug", test_unplug);
  ADD ("plugs", test_plugs);
  ADD ("ends", test_ends);
#undef ADD
  return g_test_run ();
}
