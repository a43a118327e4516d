/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The canvas in a real window: what hands and keys do to the lab. Cables are in
 * test-canvas-cables.c, when it draws in test-canvas-pace.c. */

#include "tests/widget/canvas-window.h"
#include "tests/widget/hands.h"

#include <math.h>

static void
test_select (CanvasWindow *f, gconstpointer data)
{
  GdkPoint pc1 = canvas_window_node_at (f, "pc1");
  GdkPoint sw1 = canvas_window_node_at (f, "sw1");
  GdkPoint cable = canvas_window_middle (f, LOOM_ITEM_LINK, "pc1:0 sw1:0");

  hands_click (f->widget, pc1.x, pc1.y, 0);
  assert_canvas_selection (f, "pc1|");
  hands_click (f->widget, sw1.x, sw1.y, GDK_CONTROL_MASK);
  assert_canvas_selection (f, "pc1,sw1|");
  hands_click (f->widget, pc1.x, pc1.y, GDK_CONTROL_MASK);
  assert_canvas_selection (f, "sw1|");
  hands_click (f->widget, cable.x, cable.y + 4, 0);
  assert_canvas_selection (f, "|pc1:0 sw1:0");
  hands_drag (f->widget, pc1.x - 60, pc1.y - 60, sw1.x + 50, sw1.y + 50, 0);
  assert_canvas_selection (f, "pc1,sw1|");
  hands_click (f->widget, pc1.x - 60, pc1.y - 60, 0);
  assert_canvas_selection (f, "|");
  loom_canvas_select_all (f->canvas);
  g_auto (GStrv) nodes = loom_canvas_dup_selected_nodes (f->canvas);
  g_assert_cmpuint (g_strv_length (nodes), ==, 7);
}

static void
test_move (CanvasWindow *f, gconstpointer data)
{
  GdkPoint pc1 = canvas_window_node_at (f, "pc1");
  double zoom = loom_canvas_get_zoom (f->canvas);

  g_assert_cmpfloat (zoom, ==, 1);
  hands_drag (f->widget, pc1.x, pc1.y, pc1.x + 43, pc1.y + 18, 0);
  LoomNode *node = loom_lab_get_node (f->lab, "pc1");
  g_assert_cmpfloat (node->x, ==, 160);
  g_assert_cmpfloat (node->y, ==, 140);
  g_assert_true (loom_history_undo (f->history));
  node = loom_lab_get_node (f->lab, "pc1");
  g_assert_cmpfloat (node->x, ==, 120);

  /* Shift: off the grid. */
  hands_drag (f->widget, pc1.x, pc1.y, pc1.x + 43, pc1.y + 18, GDK_SHIFT_MASK);
  node = loom_lab_get_node (f->lab, "pc1");
  g_assert_cmpfloat (node->x, ==, 163);
  g_assert_true (loom_history_undo (f->history));

  /* Escape puts it back, and nothing is left to undo. */
  hands_press (f->widget, 1, pc1.x, pc1.y, 0);
  hands_move (f->widget, pc1.x + 60, pc1.y + 60, GDK_BUTTON1_MASK);
  g_assert_cmpint (canvas_window_node_at (f, "pc1").x, ==, pc1.x + 60);
  hands_key (f->widget, GDK_KEY_Escape, 0);
  hands_release (f->widget, 1, pc1.x + 60, pc1.y + 60, 0);
  g_assert_cmpint (canvas_window_node_at (f, "pc1").x, ==, pc1.x);
  g_assert_false (loom_history_get_can_undo (f->history));

  /* All of a selection moves together. */
  hands_drag (f->widget, pc1.x - 60, pc1.y - 60, canvas_window_node_at (f, "sw1").x + 50,
              pc1.y + 50, 0);
  hands_drag (f->widget, pc1.x, pc1.y, pc1.x + 20, pc1.y, 0);
  g_assert_cmpfloat (loom_lab_get_node (f->lab, "pc1")->x, ==, 140);
  g_assert_cmpfloat (loom_lab_get_node (f->lab, "sw1")->x, ==, 380);
}

/* A drag that rests at the edge scrolls the view, and what is dragged stays under the pointer. */
static void
test_edge (CanvasWindow *f, gconstpointer data)
{
  int right = gtk_widget_get_allocated_width (f->widget) - 2;
  GdkPoint pc1 = canvas_window_node_at (f, "pc1");
  int sw1_x = canvas_window_node_at (f, "sw1").x;

  hands_press (f->widget, 1, pc1.x, pc1.y, 0);
  hands_move (f->widget, right, pc1.y, GDK_BUTTON1_MASK);
  hands_move (f->widget, pc1.x + 60, pc1.y, GDK_BUTTON1_MASK);
  hands_settle (100);
  g_assert_cmpint (canvas_window_node_at (f, "sw1").x, ==, sw1_x);

  hands_move (f->widget, right, pc1.y, GDK_BUTTON1_MASK);
  for (int i = 0; i < 100 && canvas_window_node_at (f, "sw1").x > sw1_x - 100; i++)
    hands_settle (20);
  g_assert_cmpint (canvas_window_node_at (f, "sw1").x, <=, sw1_x - 100);
  g_assert_cmpint (ABS (canvas_window_node_at (f, "pc1").x - right), <=, LOOM_GRID_STEP);
  hands_release (f->widget, 1, right, pc1.y, 0);
  g_assert_cmpfloat (loom_lab_get_node (f->lab, "pc1")->x, >=, 120 + right - pc1.x + 80);

  int rested_x = canvas_window_node_at (f, "sw1").x;
  hands_settle (400);
  g_assert_cmpint (canvas_window_node_at (f, "sw1").x, ==, rested_x);
}

static void
test_keys (CanvasWindow *f, gconstpointer data)
{
  /* hub1, pc1, pc2, …: bytes decide. */
  hands_key (f->widget, GDK_KEY_Tab, 0);
  assert_canvas_selection (f, "hub1|");
  hands_key (f->widget, GDK_KEY_Tab, 0);
  assert_canvas_selection (f, "pc1|");
  hands_key (f->widget, GDK_KEY_Right, 0);
  assert_canvas_selection (f, "sw1|");
  hands_key (f->widget, GDK_KEY_Left, 0);
  hands_key (f->widget, GDK_KEY_Right, GDK_MOD1_MASK);
  hands_key (f->widget, GDK_KEY_Right, GDK_MOD1_MASK);
  hands_key (f->widget, GDK_KEY_Down, GDK_MOD1_MASK | GDK_SHIFT_MASK);
  g_assert_cmpfloat (loom_lab_get_node (f->lab, "pc1")->x, ==, 160);
  g_assert_cmpfloat (loom_lab_get_node (f->lab, "pc1")->y, ==, 121);
  hands_key (f->widget, GDK_KEY_Return, 0);
  g_assert_cmpstr (f->activated, ==, "pc1");
  hands_key (f->widget, GDK_KEY_Menu, 0);
  g_assert_cmpstr (f->menu, ==, "1 pc1");
  hands_key (f->widget, GDK_KEY_Delete, 0);
  g_assert_null (loom_lab_get_node (f->lab, "pc1"));
  g_assert_null (loom_lab_get_link (f->lab, "pc1:0 sw1:0"));
  assert_canvas_selection (f, "|");
  g_assert_true (loom_history_undo (f->history));
  g_assert_nonnull (loom_lab_get_link (f->lab, "pc1:0 sw1:0"));
}

static void
test_rename (CanvasWindow *f, gconstpointer data)
{
  const char *const pc1[] = {"pc1", NULL};

  loom_canvas_select (f->canvas, pc1, NULL);
  hands_key (f->widget, GDK_KEY_F2, 0);
  GList *children = gtk_container_get_children (GTK_CONTAINER (f->widget));
  g_assert_cmpuint (g_list_length (children), ==, 1);
  GtkEntry *entry = children->data;
  g_list_free (children);
  gtk_entry_set_text (entry, "no/way");
  g_assert_true (gtk_style_context_has_class (gtk_widget_get_style_context (GTK_WIDGET (entry)),
                                              GTK_STYLE_CLASS_ERROR));
  gtk_entry_set_text (entry, "alice");
  g_signal_emit_by_name (entry, "activate");
  g_assert_nonnull (loom_lab_get_node (f->lab, "alice"));
  g_assert_nonnull (loom_lab_get_link (f->lab, "alice:0 sw1:0"));
  assert_canvas_selection (f, "alice|");
  g_assert_true (loom_history_undo (f->history));
  assert_canvas_selection (f, "pc1|");

  loom_canvas_begin_rename (f->canvas, "pc1");
  loom_canvas_cancel (f->canvas);
  g_assert_nonnull (loom_lab_get_node (f->lab, "pc1"));
}

static void
test_place (CanvasWindow *f, gconstpointer data)
{
  g_autofree char *name = loom_canvas_add_kind (f->canvas, "switch");
  LoomNode *node = loom_lab_get_node (f->lab, name);

  g_assert_cmpstr (name, ==, "sw3");
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (f->lab);
  for (guint i = 0; i < nodes->len; i++) {
    LoomNode *other = g_ptr_array_index (nodes, i);
    g_assert_true (other == node || fabs (other->x - node->x) > 70
                   || fabs (other->y - node->y) > 70);
  }
  assert_canvas_selection (f, "sw3|");

  loom_canvas_begin_place (f->canvas, "hub");
  hands_click (f->widget, 40, 500, 0);
  g_assert_nonnull (loom_lab_get_node (f->lab, "hub2"));
  g_assert_cmpint (loom_canvas_get_tool (f->canvas), ==, LOOM_TOOL_SELECT);
  loom_canvas_begin_place (f->canvas, "hub");
  hands_key (f->widget, GDK_KEY_Escape, 0);
  hands_click (f->widget, 40, 300, 0);
  g_assert_null (loom_lab_get_node (f->lab, "hub3"));
}

static void
test_activate_and_menu (CanvasWindow *f, gconstpointer data)
{
  GdkPoint pc2 = canvas_window_node_at (f, "pc2");

  hands_double_click (f->widget, pc2.x, pc2.y);
  g_assert_cmpstr (f->activated, ==, "pc2");
  hands_press (f->widget, 3, pc2.x, pc2.y, 0);
  hands_release (f->widget, 3, pc2.x, pc2.y, 0);
  g_assert_cmpstr (f->menu, ==, "1 pc2");
  hands_press (f->widget, 3, 20, 600, 0);
  hands_release (f->widget, 3, 20, 600, 0);
  g_assert_cmpstr (f->menu, ==, "0 -");
  assert_canvas_selection (f, "|");
}

static void
test_zoom (CanvasWindow *f, gconstpointer data)
{
  GdkPoint pc1 = canvas_window_node_at (f, "pc1");

  hands_scroll (f->widget, pc1.x, pc1.y, GDK_SCROLL_UP);
  hands_scroll (f->widget, pc1.x, pc1.y, GDK_SCROLL_UP);
  g_assert_cmpfloat (loom_canvas_get_zoom (f->canvas), >, 1.2);
  g_assert_cmpint (ABS (canvas_window_node_at (f, "pc1").x - pc1.x), <=, 1);
  g_assert_cmpint (ABS (canvas_window_node_at (f, "pc1").y - pc1.y), <=, 1);
  for (int i = 0; i < 100; i++)
    loom_canvas_zoom_out (f->canvas);
  g_assert_cmpfloat (loom_canvas_get_zoom (f->canvas), ==, 0.1);
  loom_canvas_zoom_fit (f->canvas);
  g_assert_cmpfloat (loom_canvas_get_zoom (f->canvas), >, 0.8);
  g_assert_cmpfloat (loom_canvas_get_zoom (f->canvas), <=, 1);

  /* Middle button pans. */
  pc1 = canvas_window_node_at (f, "pc1");
  hands_press (f->widget, 2, 300, 300, 0);
  hands_move (f->widget, 330, 290, GDK_BUTTON2_MASK);
  hands_release (f->widget, 2, 330, 290, 0);
  g_assert_cmpint (ABS (canvas_window_node_at (f, "pc1").x - pc1.x - 30), <=, 1);
  g_assert_cmpint (ABS (canvas_window_node_at (f, "pc1").y - pc1.y + 10), <=, 1);
}

static void
test_accessible (CanvasWindow *f, gconstpointer data)
{
  AtkObject *canvas = gtk_widget_get_accessible (f->widget);
  int x;
  int y;
  int width;
  int height;
  GdkRectangle area;

  g_assert_cmpint (atk_object_get_n_accessible_children (canvas), ==, 14);
  g_autoptr (AtkObject) pc1 = atk_object_ref_accessible_child (canvas, 1);
  g_assert_cmpstr (atk_object_get_name (pc1), ==, "pc1, machine");
  g_assert_true (atk_object_get_parent (pc1) == canvas);
  g_assert_cmpint (atk_object_get_index_in_parent (pc1), ==, 1);
  loom_status_set_lab (f->status, LOOM_LAB_RUNNING);
  loom_status_set_node (f->status, "pc1", LOOM_NODE_READY, NULL, -1);
  g_assert_cmpstr (atk_object_get_name (pc1), ==, "pc1, machine, ready");

  atk_component_get_extents (ATK_COMPONENT (pc1), &x, &y, &width, &height, ATK_XY_WINDOW);
  loom_canvas_get_item_area (f->canvas, LOOM_ITEM_NODE, "pc1", &area);
  g_assert_cmpint (x, ==, area.x);
  g_assert_cmpint (width, ==, 64);

  g_autoptr (AtkObject) cable = atk_object_ref_accessible_child (canvas, 7);
  g_assert_cmpstr (atk_object_get_name (cable), ==, "cable from hub1 port 0 to sw1 port 4");
  atk_action_do_action (ATK_ACTION (cable), 1);
  assert_canvas_selection (f, "|hub1:0 sw1:4");
  atk_action_do_action (ATK_ACTION (pc1), 0);
  g_assert_cmpstr (f->activated, ==, "pc1");

  const char *const names[] = {"pc1", NULL};
  loom_canvas_select (f->canvas, names, NULL);
  loom_canvas_delete_selection (f->canvas);
  g_assert_cmpint (atk_object_get_n_accessible_children (canvas), ==, 12);
  g_autoptr (AtkStateSet) states = atk_object_ref_state_set (pc1);
  g_assert_true (atk_state_set_contains_state (states, ATK_STATE_DEFUNCT));
}

/* Whatever is going on when an item goes, nothing points to it afterwards. */
static void
test_removed_in_hand (CanvasWindow *f, gconstpointer data)
{
  g_autofree char *name = loom_canvas_add_kind (f->canvas, "tiny");
  GdkPoint at = canvas_window_node_at (f, name);

  hands_press (f->widget, 1, at.x, at.y, 0);
  hands_move (f->widget, at.x + 30, at.y, GDK_BUTTON1_MASK);
  loom_history_undo (f->history);
  hands_move (f->widget, at.x + 60, at.y, GDK_BUTTON1_MASK);
  hands_release (f->widget, 1, at.x + 60, at.y, 0);
  loom_history_redo (f->history);

  loom_canvas_begin_cable (f->canvas, name);
  loom_history_undo (f->history);
  hands_key (f->widget, GDK_KEY_Return, 0);
  loom_history_redo (f->history);

  loom_canvas_begin_rename (f->canvas, name);
  loom_history_undo (f->history);
  g_assert_null (loom_lab_get_node (f->lab, name));
  loom_canvas_set_document (f->canvas, NULL, NULL);
  hands_click (f->widget, at.x, at.y, 0);
  hands_key (f->widget, GDK_KEY_Tab, 0);
  loom_canvas_zoom_fit (f->canvas);
  g_assert_cmpint (atk_object_get_n_accessible_children (gtk_widget_get_accessible (f->widget)), ==,
                   0);
}

int
main (int argc, char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
#define ADD(path, test)                                                                            \
  g_test_add ("/canvas/" path, CanvasWindow, NULL, canvas_window_set_up, test,                     \
              canvas_window_tear_down)
  ADD ("select", test_select);
  ADD ("move", test_move);
  ADD ("edge", test_edge);
  ADD ("keys", test_keys);
  ADD ("rename", test_rename);
  ADD ("place", test_place);
  ADD ("activate-and-menu", test_activate_and_menu);
  ADD ("zoom", test_zoom);
  ADD ("accessible", test_accessible);
  ADD ("removed-in-hand", test_removed_in_hand);
#undef ADD
  return g_test_run ();
}
