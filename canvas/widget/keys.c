/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The keyboard: everything that the pointer can do.
 *
 * Tab walks the items, arrows go to the neighbour in that direction, Alt with arrows moves the
 * selected nodes, Space selects, Enter activates, C pulls a cable, U unplugs one or plugs it in, F2
 * renames, Delete deletes, the Menu key opens the context menu, Escape ends whatever is going on.
 */

#include "canvas/widget/canvas-private.h"

#include <math.h>

/* All items in the order of Tab: nodes, then cables. While a cable is pulled: what accepts it. */
static GPtrArray *
list_stops (LoomCanvas *self, guint *ret_n_nodes)
{
  GPtrArray *stops = g_ptr_array_new_with_free_func (g_free);
  LoomLab *lab = loom_canvas_get_lab (self);

  *ret_n_nodes = 0;
  if (lab == NULL)
    return stops;
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);
  g_autoptr (GPtrArray) links = loom_lab_list_links (lab);
  for (guint i = 0; i < nodes->len; i++) {
    const char *name = ((LoomNode *) g_ptr_array_index (nodes, i))->name;
    if (self->pull.from == NULL || g_hash_table_contains (self->pull.accepting, name))
      g_ptr_array_add (stops, g_strdup (name));
  }
  *ret_n_nodes = stops->len;
  for (guint i = 0; self->pull.from == NULL && i < links->len; i++)
    g_ptr_array_add (stops, loom_link_dup_id (g_ptr_array_index (links, i)));
  return stops;
}

static int
find_stop (LoomCanvas *self, GPtrArray *stops, guint n_nodes)
{
  const char *id = self->pull.from != NULL ? self->pull.to : self->focus_id;
  guint from = self->focus_kind == LOOM_ITEM_LINK ? n_nodes : 0;

  for (guint i = from; id != NULL && i < stops->len; i++) {
    if (g_str_equal (g_ptr_array_index (stops, i), id))
      return i;
  }
  return -1;
}

void
loom_canvas_focus_item (LoomCanvas *self, LoomItemKind kind, const char *id)
{
  if (kind == self->focus_kind && g_strcmp0 (id, self->focus_id) == 0)
    return;
  g_autofree char *copy = g_strdup (id);
  g_autofree char *was = self->focus_id;
  self->focus_kind = copy != NULL ? kind : LOOM_ITEM_NONE;
  if ((self->focus_id == NULL) != (copy == NULL))
    gtk_widget_queue_draw (GTK_WIDGET (self));
  self->focus_id = g_steal_pointer (&copy);
  if (self->history != NULL)
    loom_history_break (self->history);
  /* The ring is for those who use the keyboard; a click shows the selection. */
  gboolean visible = gtk_widget_has_focus (GTK_WIDGET (self));
  loom_scene_set_focus (self->scene, visible ? self->focus_kind : LOOM_ITEM_NONE,
                        visible ? self->focus_id : NULL);
  g_signal_emit_by_name (gtk_widget_get_accessible (GTK_WIDGET (self)), "visible-data-changed");
}

void
loom_canvas_go_to (LoomCanvas *self, LoomItemKind kind, const char *id)
{
  const char *const list[] = {id, NULL};

  loom_canvas_focus_item (self, kind, id);
  if (self->pull.from != NULL) {
    loom_canvas_pull_aim (self, id);
  } else {
    loom_scene_select (self->scene, kind == LOOM_ITEM_NODE ? list : NULL,
                       kind == LOOM_ITEM_LINK ? list : NULL);
  }
  loom_canvas_reveal (self, kind, id);
}

static gboolean
walk (LoomCanvas *self, int step)
{
  guint n_nodes;
  g_autoptr (GPtrArray) stops = list_stops (self, &n_nodes);
  int at = find_stop (self, stops, n_nodes);
  int next = at < 0 ? (step > 0 ? 0 : (int) stops->len - 1) : at + step;

  if (stops->len == 0)
    return FALSE;
  if (next < 0 || next >= (int) stops->len) {
    if (self->pull.from == NULL)
      return FALSE;
    next = (next + stops->len) % stops->len;
  }
  loom_canvas_go_to (self, next < (int) n_nodes ? LOOM_ITEM_NODE : LOOM_ITEM_LINK,
                     g_ptr_array_index (stops, next));
  return TRUE;
}

static gboolean
loom_canvas_focus (GtkWidget *widget, GtkDirectionType direction)
{
  LoomCanvas *self = LOOM_CANVAS (widget);

  if (self->entry != NULL && gtk_widget_has_focus (self->entry))
    return FALSE;
  if (direction != GTK_DIR_TAB_FORWARD && direction != GTK_DIR_TAB_BACKWARD) {
    if (gtk_widget_has_focus (widget))
      return FALSE;
    gtk_widget_grab_focus (widget);
    return TRUE;
  }
  if (!gtk_widget_has_focus (widget)) {
    /* Coming in selects nothing: the first item is reached by the next Tab. */
    gtk_widget_grab_focus (widget);
    return TRUE;
  }
  if (walk (self, direction == GTK_DIR_TAB_FORWARD ? 1 : -1))
    return TRUE;
  loom_canvas_focus_item (self, LOOM_ITEM_NONE, NULL);
  return FALSE;
}

/* The nearest node in a direction: distance counts, and being off the line counts double. */
static char *
find_neighbour (LoomCanvas *self, int dx, int dy)
{
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (loom_canvas_get_lab (self));
  LoomNode *from = loom_lab_get_node (loom_canvas_get_lab (self), self->focus_id);
  const char *best = NULL;
  double best_cost = INFINITY;

  for (guint i = 0; from != NULL && i < nodes->len; i++) {
    LoomNode *node = g_ptr_array_index (nodes, i);
    double along = (node->x - from->x) * dx + (node->y - from->y) * dy;
    double across = fabs ((node->x - from->x) * dy + (node->y - from->y) * dx);
    if (node == from || along <= 0 || across > 2 * along)
      continue;
    if (along + 2 * across < best_cost) {
      best_cost = along + 2 * across;
      best = node->name;
    }
  }
  return g_strdup (best);
}

static void
go_towards (LoomCanvas *self, int dx, int dy)
{
  if (self->focus_kind != LOOM_ITEM_NODE || self->pull.from != NULL) {
    walk (self, dx + dy);
    return;
  }
  g_autofree char *neighbour = find_neighbour (self, dx, dy);
  if (neighbour != NULL)
    loom_canvas_go_to (self, LOOM_ITEM_NODE, neighbour);
}

static void
nudge (LoomCanvas *self, int dx, int dy, gboolean fine)
{
  g_auto (GStrv) nodes = loom_canvas_dup_selected_nodes (self);
  g_autofree char *list = g_strjoinv (" ", nodes);
  g_autofree char *merge_key = g_strconcat ("nudge:", list, NULL);
  double step = fine ? 1 : LOOM_GRID_STEP;

  loom_canvas_move (self, nodes, dx * step, dy * step, merge_key);
  if (self->focus_id != NULL)
    loom_canvas_reveal (self, self->focus_kind, self->focus_id);
}

static gboolean
press_arrow (LoomCanvas *self, GdkEventKey *event)
{
  int dx = 0;
  int dy = 0;

  switch (event->keyval) {
  case GDK_KEY_Left:
  case GDK_KEY_KP_Left:
    dx = -1;
    break;
  case GDK_KEY_Right:
  case GDK_KEY_KP_Right:
    dx = 1;
    break;
  case GDK_KEY_Up:
  case GDK_KEY_KP_Up:
    dy = -1;
    break;
  case GDK_KEY_Down:
  case GDK_KEY_KP_Down:
    dy = 1;
    break;
  default:
    return FALSE;
  }
  if (event->state & GDK_CONTROL_MASK)
    return FALSE;
  if (event->state & GDK_MOD1_MASK)
    nudge (self, dx, dy, (event->state & GDK_SHIFT_MASK) != 0);
  else
    go_towards (self, dx, dy);
  return TRUE;
}

static void
press_enter (LoomCanvas *self)
{
  if (self->pull.from != NULL)
    loom_canvas_pull_end (self, TRUE);
  else if (self->tool == LOOM_TOOL_PLACE) {
    g_autofree char *kind = g_strdup (self->place_kind);
    g_autofree char *name = loom_canvas_add_kind (self, kind);
    loom_canvas_set_tool (self, LOOM_TOOL_SELECT);
  } else if (self->focus_id != NULL) {
    g_autofree char *id = g_strdup (self->focus_id);
    loom_canvas_emit_activated (self, self->focus_kind, id);
  }
}

/* The node that keys act on: the only one selected, else the focused one. (transfer full) */
static char *
find_subject (LoomCanvas *self)
{
  g_auto (GStrv) selected = loom_canvas_dup_selected_nodes (self);

  if (selected[0] != NULL && selected[1] == NULL)
    return g_strdup (selected[0]);
  return self->focus_kind == LOOM_ITEM_NODE ? g_strdup (self->focus_id) : NULL;
}

static void
press_cable (LoomCanvas *self)
{
  g_autofree char *from = find_subject (self);

  if (from != NULL)
    loom_canvas_begin_cable (self, from);
  else
    loom_canvas_set_tool (self, self->tool == LOOM_TOOL_CABLE ? LOOM_TOOL_SELECT : LOOM_TOOL_CABLE);
}

static gboolean
press_with_control (LoomCanvas *self, guint keyval)
{
  switch (keyval) {
  case GDK_KEY_a:
    loom_canvas_select_all (self);
    return TRUE;
  case GDK_KEY_plus:
  case GDK_KEY_equal:
  case GDK_KEY_KP_Add:
    loom_canvas_zoom_in (self);
    return TRUE;
  case GDK_KEY_minus:
  case GDK_KEY_KP_Subtract:
    loom_canvas_zoom_out (self);
    return TRUE;
  case GDK_KEY_0:
  case GDK_KEY_KP_0:
    loom_canvas_zoom_reset (self);
    return TRUE;
  case GDK_KEY_9:
  case GDK_KEY_KP_9:
    loom_canvas_zoom_fit (self);
    return TRUE;
  default:
    return FALSE;
  }
}

static gboolean
press_plain (LoomCanvas *self, guint keyval)
{
  g_autofree char *subject = NULL;

  switch (keyval) {
  case GDK_KEY_Escape:
    if (loom_canvas_cancel (self))
      return TRUE;
    loom_canvas_clear_selection (self);
    return TRUE;
  case GDK_KEY_Return:
  case GDK_KEY_KP_Enter:
    press_enter (self);
    return TRUE;
  case GDK_KEY_Delete:
  case GDK_KEY_KP_Delete:
  case GDK_KEY_BackSpace:
    loom_canvas_delete_selection (self);
    return TRUE;
  case GDK_KEY_F2:
    subject = find_subject (self);
    if (subject != NULL)
      loom_canvas_begin_rename (self, subject);
    return subject != NULL;
  case GDK_KEY_c:
    press_cable (self);
    return TRUE;
  case GDK_KEY_u:
    return loom_canvas_toggle_plugged (self);
  case GDK_KEY_space:
    if (!self->space_down)
      self->space_used = FALSE;
    self->space_down = TRUE;
    loom_canvas_update_cursor (self);
    return TRUE;
  default:
    return FALSE;
  }
}

static gboolean
loom_canvas_key_press (GtkWidget *widget, GdkEventKey *event)
{
  LoomCanvas *self = LOOM_CANVAS (widget);
  GdkModifierType modifiers = event->state & gtk_accelerator_get_default_mod_mask ();
  guint keyval = gdk_keyval_to_lower (event->keyval);
  gboolean done = FALSE;

  if (!gtk_widget_has_focus (widget))
    return FALSE;
  if (press_arrow (self, event))
    return TRUE;
  if (modifiers & GDK_CONTROL_MASK)
    done = (modifiers & GDK_MOD1_MASK) == 0 && press_with_control (self, keyval);
  else if ((modifiers & ~GDK_SHIFT_MASK) == 0)
    done = press_plain (self, keyval);
  /* Key bindings: the menu, the tooltip. */
  return done || gtk_bindings_activate_event (G_OBJECT (widget), event);
}

/* Space let go without a pan: it was a choice. */
static gboolean
loom_canvas_key_release (GtkWidget *widget, GdkEventKey *event)
{
  LoomCanvas *self = LOOM_CANVAS (widget);

  if (event->keyval == GDK_KEY_Alt_L || event->keyval == GDK_KEY_Alt_R) {
    if (self->history != NULL)
      loom_history_break (self->history);
    return FALSE;
  }
  if (event->keyval != GDK_KEY_space || !self->space_down)
    return FALSE;
  self->space_down = FALSE;
  loom_canvas_update_cursor (self);
  if (!self->space_used && self->focus_id != NULL)
    loom_scene_set_selected (
        self->scene, self->focus_kind, self->focus_id,
        !loom_scene_is_selected (self->scene, self->focus_kind, self->focus_id));
  return TRUE;
}

static gboolean
loom_canvas_popup_menu (GtkWidget *widget)
{
  LoomCanvas *self = LOOM_CANVAS (widget);
  g_autoptr (GdkEvent) event = gtk_get_current_event ();
  g_autofree char *id = g_strdup (self->focus_id);

  return loom_canvas_emit_context_menu (self, event, self->focus_kind, id);
}

static gboolean
loom_canvas_focus_in (GtkWidget *widget, GdkEventFocus *event)
{
  LoomCanvas *self = LOOM_CANVAS (widget);

  loom_scene_set_focus (self->scene, self->focus_kind, self->focus_id);
  gtk_widget_queue_draw (widget);
  return FALSE;
}

static gboolean
loom_canvas_focus_out (GtkWidget *widget, GdkEventFocus *event)
{
  LoomCanvas *self = LOOM_CANVAS (widget);

  self->space_down = FALSE;
  loom_scene_set_focus (self->scene, LOOM_ITEM_NONE, NULL);
  loom_canvas_update_cursor (self);
  gtk_widget_queue_draw (widget);
  return FALSE;
}

void
loom_canvas_keys_class_init (GtkWidgetClass *widget_class)
{
  widget_class->key_press_event = loom_canvas_key_press;
  widget_class->key_release_event = loom_canvas_key_release;
  widget_class->focus = loom_canvas_focus;
  widget_class->focus_in_event = loom_canvas_focus_in;
  widget_class->focus_out_event = loom_canvas_focus_out;
  widget_class->popup_menu = loom_canvas_popup_menu;
}
