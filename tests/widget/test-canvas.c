/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The canvas in a real window: what hands and keys do to the lab. */

#include "canvas/model/edit.h"
#include "canvas/widget/canvas.h"

#include "tests/unit/scene/sample.h"
#include "tests/widget/hands.h"

#include <math.h>

typedef struct {
  LoomLab *lab;
  LoomStatus *status;
  LoomHistory *history;
  GtkWidget *window;
  GtkWidget *widget;
  LoomCanvas *canvas;
  char *message;
  char *hint;
  char *activated;
  char *menu;
  guint n_draws;
} Fixture;

static void
on_text (LoomCanvas *canvas, const char *text, char **at)
{
  if (text == NULL)
    return;
  g_free (*at);
  *at = g_strdup (text);
}

static void
on_menu (LoomCanvas *canvas, GdkEvent *event, int kind, const char *id, Fixture *f)
{
  g_free (f->menu);
  f->menu = g_strdup_printf ("%d %s", kind, id != NULL ? id : "-");
}

static gboolean
on_draw (GtkWidget *widget, cairo_t *cr, Fixture *f)
{
  f->n_draws++;
  return FALSE;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->lab = sample_campus ();
  f->status = loom_status_new ();
  f->history = loom_history_new (f->lab);
  f->window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  f->widget = loom_canvas_new ();
  f->canvas = LOOM_CANVAS (f->widget);
  gtk_window_set_default_size (GTK_WINDOW (f->window), 1000, 640);
  gtk_container_add (GTK_CONTAINER (f->window), f->widget);
  g_signal_connect (f->widget, "message", G_CALLBACK (on_text), &f->message);
  g_signal_connect (f->widget, "drag-hint", G_CALLBACK (on_text), &f->hint);
  g_signal_connect (f->widget, "node-activated", G_CALLBACK (on_text), &f->activated);
  g_signal_connect (f->widget, "link-activated", G_CALLBACK (on_text), &f->activated);
  g_signal_connect (f->widget, "context-menu", G_CALLBACK (on_menu), f);
  g_signal_connect (f->widget, "draw", G_CALLBACK (on_draw), f);
  loom_canvas_set_document (f->canvas, f->history, f->status);
  gtk_widget_show_all (f->window);
  gtk_widget_grab_focus (f->widget);
  hands_settle (50);
  /* No window manager gives the window its focus. */
  GdkEvent *focus = gdk_event_new (GDK_FOCUS_CHANGE);
  focus->focus_change.window = g_object_ref (gtk_widget_get_window (f->window));
  focus->focus_change.in = TRUE;
  gtk_widget_send_focus_change (f->widget, focus);
  gdk_event_free (focus);
  loom_canvas_zoom_reset (f->canvas);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  gtk_widget_destroy (f->window);
  g_object_unref (f->history);
  g_object_unref (f->status);
  g_object_unref (f->lab);
  g_free (f->message);
  g_free (f->hint);
  g_free (f->activated);
  g_free (f->menu);
}

/* Where the middle of an item is in the widget. */
static GdkPoint
middle (Fixture *f, LoomItemKind kind, const char *id)
{
  GdkRectangle area;

  g_assert_true (loom_canvas_get_item_area (f->canvas, kind, id, &area));
  return (GdkPoint){area.x + area.width / 2, area.y + area.height / 2};
}

static GdkPoint
node_at (Fixture *f, const char *name)
{
  return middle (f, LOOM_ITEM_NODE, name);
}

static char *
selection (Fixture *f)
{
  g_auto (GStrv) nodes = loom_canvas_dup_selected_nodes (f->canvas);
  g_auto (GStrv) links = loom_canvas_dup_selected_links (f->canvas);
  g_autofree char *names = g_strjoinv (",", nodes);
  g_autofree char *ids = g_strjoinv (",", links);

  return g_strdup_printf ("%s|%s", names, ids);
}

#define assert_selection(f, expected)                                                              \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *_selection = selection (f);                                                   \
    g_assert_cmpstr (_selection, ==, expected);                                                    \
  }                                                                                                \
  G_STMT_END

static void
test_select (Fixture *f, gconstpointer data)
{
  GdkPoint pc1 = node_at (f, "pc1");
  GdkPoint sw1 = node_at (f, "sw1");
  GdkPoint cable = middle (f, LOOM_ITEM_LINK, "pc1:0 sw1:0");

  hands_click (f->widget, pc1.x, pc1.y, 0);
  assert_selection (f, "pc1|");
  hands_click (f->widget, sw1.x, sw1.y, GDK_CONTROL_MASK);
  assert_selection (f, "pc1,sw1|");
  hands_click (f->widget, pc1.x, pc1.y, GDK_CONTROL_MASK);
  assert_selection (f, "sw1|");
  hands_click (f->widget, cable.x, cable.y + 4, 0);
  assert_selection (f, "|pc1:0 sw1:0");
  hands_drag (f->widget, pc1.x - 60, pc1.y - 60, sw1.x + 50, sw1.y + 50, 0);
  assert_selection (f, "pc1,sw1|");
  hands_click (f->widget, pc1.x - 60, pc1.y - 60, 0);
  assert_selection (f, "|");
  loom_canvas_select_all (f->canvas);
  g_auto (GStrv) nodes = loom_canvas_dup_selected_nodes (f->canvas);
  g_assert_cmpuint (g_strv_length (nodes), ==, 7);
}

static void
test_move (Fixture *f, gconstpointer data)
{
  GdkPoint pc1 = node_at (f, "pc1");
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
  g_assert_cmpint (node_at (f, "pc1").x, ==, pc1.x + 60);
  hands_key (f->widget, GDK_KEY_Escape, 0);
  hands_release (f->widget, 1, pc1.x + 60, pc1.y + 60, 0);
  g_assert_cmpint (node_at (f, "pc1").x, ==, pc1.x);
  g_assert_false (loom_history_get_can_undo (f->history));

  /* All of a selection moves together. */
  hands_drag (f->widget, pc1.x - 60, pc1.y - 60, node_at (f, "sw1").x + 50, pc1.y + 50, 0);
  hands_drag (f->widget, pc1.x, pc1.y, pc1.x + 20, pc1.y, 0);
  g_assert_cmpfloat (loom_lab_get_node (f->lab, "pc1")->x, ==, 140);
  g_assert_cmpfloat (loom_lab_get_node (f->lab, "sw1")->x, ==, 380);
}

/* A drag that rests at the edge scrolls the view, and what is dragged stays under the pointer. */
static void
test_edge (Fixture *f, gconstpointer data)
{
  int right = gtk_widget_get_allocated_width (f->widget) - 2;
  GdkPoint pc1 = node_at (f, "pc1");
  int sw1_x = node_at (f, "sw1").x;

  hands_press (f->widget, 1, pc1.x, pc1.y, 0);
  hands_move (f->widget, right, pc1.y, GDK_BUTTON1_MASK);
  hands_move (f->widget, pc1.x + 60, pc1.y, GDK_BUTTON1_MASK);
  hands_settle (100);
  g_assert_cmpint (node_at (f, "sw1").x, ==, sw1_x);

  hands_move (f->widget, right, pc1.y, GDK_BUTTON1_MASK);
  for (int i = 0; i < 100 && node_at (f, "sw1").x > sw1_x - 100; i++)
    hands_settle (20);
  g_assert_cmpint (node_at (f, "sw1").x, <=, sw1_x - 100);
  g_assert_cmpint (ABS (node_at (f, "pc1").x - right), <=, LOOM_GRID_STEP);
  hands_release (f->widget, 1, right, pc1.y, 0);
  g_assert_cmpfloat (loom_lab_get_node (f->lab, "pc1")->x, >=, 120 + right - pc1.x + 80);

  int rested_x = node_at (f, "sw1").x;
  hands_settle (400);
  g_assert_cmpint (node_at (f, "sw1").x, ==, rested_x);
}

static void
test_cable (Fixture *f, gconstpointer data)
{
  GdkPoint pc1 = node_at (f, "pc1");
  GdkPoint hub1 = node_at (f, "hub1");

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
test_cable_by_keys (Fixture *f, gconstpointer data)
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
test_refusal (Fixture *f, gconstpointer data)
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

  GdkPoint from = node_at (f, "hub1");
  GdkPoint to = node_at (f, "pc1");
  hands_move (f->widget, from.x, from.y, 0);
  hands_drag (f->widget, from.x - 32, from.y, to.x, to.y, 0);
  g_assert_cmpuint (loom_lab_get_n_links (f->lab), ==, n_links);
  g_assert_nonnull (strstr (f->hint, "pc1"));
  g_assert_cmpstr (f->message, ==, f->hint);
}

static void
test_keys (Fixture *f, gconstpointer data)
{
  /* hub1, pc1, pc2, …: bytes decide. */
  hands_key (f->widget, GDK_KEY_Tab, 0);
  assert_selection (f, "hub1|");
  hands_key (f->widget, GDK_KEY_Tab, 0);
  assert_selection (f, "pc1|");
  hands_key (f->widget, GDK_KEY_Right, 0);
  assert_selection (f, "sw1|");
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
  assert_selection (f, "|");
  g_assert_true (loom_history_undo (f->history));
  g_assert_nonnull (loom_lab_get_link (f->lab, "pc1:0 sw1:0"));
}

static void
test_rename (Fixture *f, gconstpointer data)
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
  assert_selection (f, "alice|");
  g_assert_true (loom_history_undo (f->history));
  assert_selection (f, "pc1|");

  loom_canvas_begin_rename (f->canvas, "pc1");
  loom_canvas_cancel (f->canvas);
  g_assert_nonnull (loom_lab_get_node (f->lab, "pc1"));
}

/* Where a handle of the cable from pc1 to sw1 is, once the pointer is on the cable. */
static GdkPoint
plug_at (Fixture *f, LoomPlug plug)
{
  LoomScene *scene = loom_canvas_get_scene (f->canvas);
  GdkPoint pc1 = node_at (f, "pc1");
  GdkPoint sw1 = node_at (f, "sw1");
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
expect_fault (Fixture *f, LoomFault fault, int end)
{
  const LoomLink *link = loom_lab_get_link (f->lab, "pc1:0 sw1:0");

  g_assert_cmpint (link->fault, ==, fault);
  if (fault == LOOM_FAULT_PORT)
    g_assert_cmpint (link->fault_end, ==, end);
}

/* A click on a handle beside a cable; a click on the cable itself selects it, as ever. */
static void
test_plugs (Fixture *f, gconstpointer data)
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
  assert_selection (f, "|");

  /* Pressed there and let go elsewhere. */
  at = plug_at (f, LOOM_PLUG_MIDDLE);
  hands_press (f->widget, 1, at.x, at.y, 0);
  hands_release (f->widget, 1, at.x + 60, at.y - 60, 0);
  expect_fault (f, LOOM_FAULT_NONE, 0);

  /* The cable itself; and from far away there are no handles. */
  GdkPoint pc1 = node_at (f, "pc1");
  GdkPoint sw1 = node_at (f, "sw1");
  hands_click (f->widget, (pc1.x + sw1.x) / 2, (pc1.y + sw1.y) / 2, 0);
  expect_fault (f, LOOM_FAULT_NONE, 0);
  assert_selection (f, "|pc1:0 sw1:0");
  loom_canvas_set_zoom (f->canvas, 0.4);
  at = plug_at (f, LOOM_PLUG_MIDDLE);
  hands_click (f->widget, at.x, at.y, 0);
  expect_fault (f, LOOM_FAULT_NONE, 0);
}

/* U unplugs what is selected, and plugs it in again; what listens is told. */
static void
test_unplug (Fixture *f, gconstpointer data)
{
  const char *const links[] = {"pc1:0 sw1:0", "hub1:1 pc3:0", NULL};
  const char *const one[] = {"pc1:0 sw1:0", NULL};

  loom_canvas_select (f->canvas, NULL, one);
  hands_key (f->widget, GDK_KEY_u, 0);
  g_assert_cmpint (loom_lab_get_link (f->lab, links[0])->fault, ==, LOOM_FAULT_UNPLUGGED);
  assert_selection (f, "|pc1:0 sw1:0");
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
test_ends (Fixture *f, gconstpointer data)
{
  GdkPoint pc1 = node_at (f, "pc1");
  GdkPoint sw1 = node_at (f, "sw1");
  double y = (pc1.y + sw1.y) / 2.0;

  g_assert_cmpint (loom_canvas_get_end_at (f->canvas, "pc1:0 sw1:0", pc1.x + 50, y), ==, 0);
  g_assert_cmpint (loom_canvas_get_end_at (f->canvas, "pc1:0 sw1:0", sw1.x - 50, y), ==, 1);
  g_assert_cmpint (loom_canvas_get_end_at (f->canvas, "pc1:0 sw1:0", (pc1.x + sw1.x) / 2.0, y), ==,
                   -1);
  g_assert_cmpint (loom_canvas_get_end_at (f->canvas, "hub1:1 pc3:0", pc1.x + 50, y), ==, -1);
}

static void
test_place (Fixture *f, gconstpointer data)
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
  assert_selection (f, "sw3|");

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
test_activate_and_menu (Fixture *f, gconstpointer data)
{
  GdkPoint pc2 = node_at (f, "pc2");

  hands_double_click (f->widget, pc2.x, pc2.y);
  g_assert_cmpstr (f->activated, ==, "pc2");
  hands_press (f->widget, 3, pc2.x, pc2.y, 0);
  hands_release (f->widget, 3, pc2.x, pc2.y, 0);
  g_assert_cmpstr (f->menu, ==, "1 pc2");
  hands_press (f->widget, 3, 20, 600, 0);
  hands_release (f->widget, 3, 20, 600, 0);
  g_assert_cmpstr (f->menu, ==, "0 -");
  assert_selection (f, "|");
}

static void
test_zoom (Fixture *f, gconstpointer data)
{
  GdkPoint pc1 = node_at (f, "pc1");

  hands_scroll (f->widget, pc1.x, pc1.y, GDK_SCROLL_UP);
  hands_scroll (f->widget, pc1.x, pc1.y, GDK_SCROLL_UP);
  g_assert_cmpfloat (loom_canvas_get_zoom (f->canvas), >, 1.2);
  g_assert_cmpint (ABS (node_at (f, "pc1").x - pc1.x), <=, 1);
  g_assert_cmpint (ABS (node_at (f, "pc1").y - pc1.y), <=, 1);
  for (int i = 0; i < 100; i++)
    loom_canvas_zoom_out (f->canvas);
  g_assert_cmpfloat (loom_canvas_get_zoom (f->canvas), ==, 0.1);
  loom_canvas_zoom_fit (f->canvas);
  g_assert_cmpfloat (loom_canvas_get_zoom (f->canvas), >, 0.8);
  g_assert_cmpfloat (loom_canvas_get_zoom (f->canvas), <=, 1);

  /* Middle button pans. */
  pc1 = node_at (f, "pc1");
  hands_press (f->widget, 2, 300, 300, 0);
  hands_move (f->widget, 330, 290, GDK_BUTTON2_MASK);
  hands_release (f->widget, 2, 330, 290, 0);
  g_assert_cmpint (ABS (node_at (f, "pc1").x - pc1.x - 30), <=, 1);
  g_assert_cmpint (ABS (node_at (f, "pc1").y - pc1.y + 10), <=, 1);
}

/* One round of counters in which nothing moved since the last. */
static void
silent_round (Fixture *f, gint64 now_us)
{
  g_autoptr (GPtrArray) links = loom_lab_list_links (f->lab);

  for (guint i = 0; i < links->len; i++) {
    g_autofree char *id = loom_link_dup_id (g_ptr_array_index (links, i));
    LoomLinkStatus link = {.carrier = TRUE};
    const LoomLinkStatus *before = loom_status_get_link (f->status, id);

    if (before != NULL)
      link = *before;
    link.from_a.rate_bps = link.from_a.rate_fps = 0;
    link.from_b.rate_bps = link.from_b.rate_fps = 0;
    loom_status_set_link (f->status, id, &link);
  }
  loom_status_end_links (f->status, now_us);
}

static void
test_quiet (Fixture *f, gconstpointer data)
{
  hands_settle (400);
  f->n_draws = 0;
  hands_settle (1000);
  g_assert_cmpuint (f->n_draws, ==, 0);

  /* One round of traffic: one draw, then quiet again. */
  loom_status_set_lab (f->status, LOOM_LAB_RUNNING);
  sample_traffic (f->lab, f->status, 1);
  hands_settle (300);
  g_assert_cmpuint (f->n_draws, >=, 1);
  f->n_draws = 0;
  hands_settle (500);
  g_assert_cmpuint (f->n_draws, ==, 0);

  /* A lab that runs and says nothing: counters are read, nothing is drawn. */
  silent_round (f, 10 * G_USEC_PER_SEC);
  hands_settle (400);
  f->n_draws = 0;
  for (guint i = 0; i < 10; i++) {
    silent_round (f, (11 + i) * G_USEC_PER_SEC);
    hands_settle (100);
  }
  g_assert_cmpuint (f->n_draws, ==, 0);

  /* An arc turns while a machine boots, and stops when it is ready. */
  loom_status_set_node (f->status, "pc1", LOOM_NODE_BOOTING, NULL, -1);
  f->n_draws = 0;
  hands_settle (600);
  g_assert_cmpuint (f->n_draws, >=, 3);
  loom_status_set_node (f->status, "pc1", LOOM_NODE_READY, NULL, -1);
  hands_settle (300);
  f->n_draws = 0;
  hands_settle (500);
  g_assert_cmpuint (f->n_draws, ==, 0);
}

/* Frames in motion: drawn while they move, sixty times a second if the screen does, and then not.
 */
static void
test_motion (Fixture *f, gconstpointer data)
{
  LoomMotionFrame frame = {.link = (char *) "pc1:0 sw1:0", .travel_us = 1200 * 1000};
  LoomMotion *motion = loom_scene_get_motion (loom_canvas_get_scene (f->canvas));
  LoomHeldDot dot = {FALSE, 0};

  hands_settle (400);
  f->n_draws = 0;
  frame.came_us = g_get_monotonic_time ();
  loom_canvas_show_frame (f->canvas, &frame);
  while (g_get_monotonic_time () < frame.came_us + 800 * 1000 + LOOM_MOTION_LAG_US)
    g_main_context_iteration (NULL, FALSE);
  g_assert_false (loom_motion_is_idle (motion));
  g_assert_cmpuint (f->n_draws, >=, 5);
  g_test_message ("%u draws in 0.9 s", f->n_draws);
  for (guint i = 0; i < 20 && !loom_motion_is_idle (motion); i++)
    hands_settle (100);
  g_assert_true (loom_motion_is_idle (motion));
  hands_settle (100);
  f->n_draws = 0;
  hands_settle (500);
  g_assert_cmpuint (f->n_draws, ==, 0);

  /* What is held stands still. */
  loom_canvas_set_held (f->canvas, "pc1:0 sw1:0", TRUE, &dot, 1);
  hands_settle (100);
  g_assert_cmpuint (f->n_draws, ==, 1);
  hands_settle (300);
  g_assert_cmpuint (f->n_draws, ==, 1);
  loom_canvas_set_held (f->canvas, "pc1:0 sw1:0", FALSE, NULL, 0);

  /* The desktop wants nothing to move. */
  g_object_set (gtk_widget_get_settings (f->widget), "gtk-enable-animations", FALSE, NULL);
  g_assert_false (loom_canvas_may_animate (f->canvas));
  loom_canvas_show_frame (f->canvas, &frame);
  g_assert_true (loom_motion_is_idle (motion));
  g_object_set (gtk_widget_get_settings (f->widget), "gtk-enable-animations", TRUE, NULL);
}

static void
test_accessible (Fixture *f, gconstpointer data)
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
  assert_selection (f, "|hub1:0 sw1:4");
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
test_removed_in_hand (Fixture *f, gconstpointer data)
{
  g_autofree char *name = loom_canvas_add_kind (f->canvas, "tiny");
  GdkPoint at = node_at (f, name);

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

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  add ("/canvas/select", test_select);
  add ("/canvas/move", test_move);
  add ("/canvas/edge", test_edge);
  add ("/canvas/cable", test_cable);
  add ("/canvas/cable-by-keys", test_cable_by_keys);
  add ("/canvas/refusal", test_refusal);
  add ("/canvas/keys", test_keys);
  add ("/canvas/rename", test_rename);
  add ("/canvas/unplug", test_unplug);
  add ("/canvas/plugs", test_plugs);
  add ("/canvas/ends", test_ends);
  add ("/canvas/place", test_place);
  add ("/canvas/activate-and-menu", test_activate_and_menu);
  add ("/canvas/zoom", test_zoom);
  add ("/canvas/quiet", test_quiet);
  add ("/canvas/motion", test_motion);
  add ("/canvas/accessible", test_accessible);
  add ("/canvas/removed-in-hand", test_removed_in_hand);
  return g_test_run ();
}
