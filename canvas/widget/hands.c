/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pointer: select, move, band, pull a cable, pan. HandState in canvas-private.h says what it
 * may be in the middle of; a cable being pulled is beside that, as the keyboard can pull one. */

#include "canvas/widget/canvas-private.h"

#include <math.h>

#define TOGGLE_MASK (GDK_CONTROL_MASK | GDK_SHIFT_MASK)

static void
queue_marks (LoomCanvas *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static LoomRect
band_of (LoomCanvas *self)
{
  LoomPoint a = loom_canvas_to_unit (self, self->press_px.x, self->press_px.y);
  LoomPoint b = loom_canvas_to_unit (self, self->pointer_px.x, self->pointer_px.y);

  return (LoomRect){MIN (a.x, b.x), MIN (a.y, b.y), fabs (a.x - b.x), fabs (a.y - b.y)};
}

/* What the band holds, and what was selected before it with Ctrl or Shift. */
static void
select_band (LoomCanvas *self)
{
  LoomRect band = band_of (self);
  g_autoptr (GPtrArray) names = loom_scene_list_nodes_in (self->scene, &band);

  for (int i = 0; self->band_nodes != NULL && self->band_nodes[i] != NULL; i++)
    g_ptr_array_add (names, self->band_nodes[i]);
  g_ptr_array_add (names, NULL);
  loom_scene_select (self->scene, (const char *const *) names->pdata, NULL);
}

static void
select_only (LoomCanvas *self, LoomItemKind kind, const char *id)
{
  const char *const list[] = {id, NULL};

  loom_scene_select (self->scene, kind == LOOM_ITEM_NODE ? list : NULL,
                     kind == LOOM_ITEM_LINK ? list : NULL);
}

static void
set_hand (LoomCanvas *self, HandState hand)
{
  self->hand = hand;
  if (hand == HAND_IDLE) {
    g_clear_pointer (&self->pressed_id, g_free);
    g_clear_pointer (&self->band_nodes, g_strfreev);
    g_clear_pointer (&self->dragged, g_strfreev);
    self->pressed_kind = LOOM_ITEM_NONE;
    self->drag_x = self->drag_y = 0;
  }
  loom_canvas_update_cursor (self);
}

static void
begin_pan (LoomCanvas *self)
{
  self->press_origin = self->view.origin;
  self->space_used = TRUE;
  set_hand (self, HAND_PANNING);
}

static void
begin_mapping (LoomCanvas *self)
{
  set_hand (self, HAND_MAPPING);
  loom_canvas_minimap_follow (self);
}

/* The displacement of a drag, so that the node under the pointer lands on the grid. */
static void
aim_move (LoomCanvas *self)
{
  LoomPoint from = loom_canvas_to_unit (self, self->press_px.x, self->press_px.y);
  LoomPoint to = loom_canvas_to_unit (self, self->pointer_px.x, self->pointer_px.y);
  LoomNode *node = loom_lab_get_node (loom_canvas_get_lab (self), self->pressed_id);
  gboolean snap = self->snap != ((self->modifiers & GDK_SHIFT_MASK) != 0);

  self->drag_x = round (to.x - from.x);
  self->drag_y = round (to.y - from.y);
  if (snap && node != NULL) {
    self->drag_x = round ((node->x + self->drag_x) / LOOM_GRID_STEP) * LOOM_GRID_STEP - node->x;
    self->drag_y = round ((node->y + self->drag_y) / LOOM_GRID_STEP) * LOOM_GRID_STEP - node->y;
  }
  loom_scene_set_drag (self->scene, (const char *const *) self->dragged, self->drag_x,
                       self->drag_y);
}

static void
update_hover (LoomCanvas *self)
{
  LoomPlug plug;
  const char *link = loom_canvas_find_plug (self, self->pointer_px.x, self->pointer_px.y, &plug);
  LoomHit hit = loom_canvas_hit (self, self->pointer_px.x, self->pointer_px.y);

  if (link != NULL)
    hit = (LoomHit){.kind = LOOM_ITEM_LINK, .id = link, .handle = -1};
  loom_scene_set_hover (self->scene, hit.kind, hit.id);
  loom_scene_set_hover_plug (self->scene, plug);
  if (self->hand == HAND_IDLE)
    loom_canvas_update_cursor (self);
  if (self->pull.from != NULL)
    loom_canvas_pull_aim (self, hit.kind == LOOM_ITEM_NODE ? hit.id : NULL);
}

static void
press_item (LoomCanvas *self, const LoomHit *hit, GdkModifierType modifiers)
{
  gboolean toggles = (modifiers & TOGGLE_MASK) != 0;

  self->pressed_kind = hit->kind;
  self->pressed_id = g_strdup (hit->id);
  self->pressed_selected = loom_scene_is_selected (self->scene, hit->kind, hit->id);
  if (!self->pressed_selected && !toggles)
    select_only (self, hit->kind, self->pressed_id);
  else if (!self->pressed_selected)
    loom_scene_set_selected (self->scene, hit->kind, self->pressed_id, TRUE);
  loom_canvas_focus_item (self, hit->kind, self->pressed_id);
  set_hand (self, HAND_PRESSED);
}

static void
press_empty (LoomCanvas *self, GdkModifierType modifiers)
{
  if (modifiers & TOGGLE_MASK)
    self->band_nodes = loom_canvas_dup_selected_nodes (self);
  else
    loom_canvas_clear_selection (self);
  loom_canvas_focus_item (self, LOOM_ITEM_NONE, NULL);
  set_hand (self, HAND_PRESSED);
}

/* FALSE: there is no handle. */
static gboolean
press_plug (LoomCanvas *self, GdkEventButton *event)
{
  LoomPlug plug;
  const char *link = loom_canvas_find_plug (self, event->x, event->y, &plug);

  if (link == NULL)
    return FALSE;
  self->pressed_kind = LOOM_ITEM_LINK;
  self->pressed_id = g_strdup (link);
  self->pressed_plug = plug;
  set_hand (self, HAND_PLUGGING);
  return TRUE;
}

static void
release_plug (LoomCanvas *self, double x_px, double y_px)
{
  g_autofree char *pressed = g_strdup (self->pressed_id);
  LoomPlug plug;
  const char *link = loom_canvas_find_plug (self, x_px, y_px, &plug);

  if (g_strcmp0 (link, pressed) == 0 && plug == self->pressed_plug)
    loom_canvas_use_plug (self, pressed, plug);
}

static void
press_main (LoomCanvas *self, GdkEventButton *event)
{
  LoomHit hit = loom_canvas_hit (self, event->x, event->y);
  LoomPoint at = loom_canvas_to_unit (self, event->x, event->y);
  gboolean on_node = hit.kind == LOOM_ITEM_NODE;

  if (self->tool == LOOM_TOOL_PLACE) {
    g_autofree char *kind = g_strdup (self->place_kind);
    g_autofree char *name = loom_canvas_place (self, kind, at.x, at.y);
    /* Shift keeps the tool, to place several. */
    if (!(event->state & GDK_SHIFT_MASK))
      loom_canvas_set_tool (self, LOOM_TOOL_SELECT);
  } else if (self->pull.from != NULL) {
    /* The second click of click, click. */
    loom_canvas_pull_aim (self, on_node ? hit.id : NULL);
    loom_canvas_pull_end (self, on_node);
  } else if (press_plug (self, event)) {
    return;
  } else if (on_node && (hit.handle >= 0 || self->tool == LOOM_TOOL_CABLE)) {
    g_autofree char *from = g_strdup (hit.id);
    loom_canvas_pull_begin (self, from, TRUE);
  } else if (hit.kind != LOOM_ITEM_NONE) {
    press_item (self, &hit, event->state);
  } else {
    press_empty (self, event->state);
  }
}

static void
press_context (LoomCanvas *self, GdkEventButton *event)
{
  LoomHit hit = loom_canvas_hit (self, event->x, event->y);
  g_autofree char *id = g_strdup (hit.id);

  loom_canvas_cancel (self);
  if (id == NULL)
    loom_canvas_clear_selection (self);
  else if (!loom_scene_is_selected (self->scene, hit.kind, id))
    select_only (self, hit.kind, id);
  loom_canvas_focus_item (self, hit.kind, id);
  loom_canvas_emit_context_menu (self, (GdkEvent *) event, hit.kind, id);
}

static void
activate_at (LoomCanvas *self, double x_px, double y_px)
{
  LoomHit hit = loom_canvas_hit (self, x_px, y_px);
  g_autofree char *id = g_strdup (hit.id);
  LoomPlug plug;

  /* Two clicks on a handle are two clicks. */
  if (loom_canvas_find_plug (self, x_px, y_px, &plug) != NULL)
    return;
  set_hand (self, HAND_IDLE);
  if (hit.kind == LOOM_ITEM_NODE && hit.label)
    loom_canvas_begin_rename (self, id);
  else if (hit.kind != LOOM_ITEM_NONE && hit.handle < 0)
    loom_canvas_emit_activated (self, hit.kind, id);
}

static gboolean
loom_canvas_button_press (GtkWidget *widget, GdkEventButton *event)
{
  LoomCanvas *self = LOOM_CANVAS (widget);

  if (event->window != gtk_widget_get_window (widget))
    return FALSE;
  self->pointer_px = (LoomPoint){event->x, event->y};
  if (event->type == GDK_2BUTTON_PRESS && event->button == GDK_BUTTON_PRIMARY
      && !loom_canvas_minimap_press (self) && self->pull.from == NULL
      && self->tool == LOOM_TOOL_SELECT) {
    activate_at (self, event->x, event->y);
    return TRUE;
  }
  if (event->type != GDK_BUTTON_PRESS || self->hand != HAND_IDLE)
    return TRUE;

  loom_canvas_end_rename (self, TRUE);
  gtk_widget_grab_focus (widget);
  self->press_px = self->pointer_px;
  self->button = event->button;
  self->press_modifiers = event->state;
  update_hover (self);
  if (gdk_event_triggers_context_menu ((GdkEvent *) event))
    press_context (self, event);
  else if (event->button == GDK_BUTTON_MIDDLE
           || (event->button == GDK_BUTTON_PRIMARY && self->space_down))
    begin_pan (self);
  else if (event->button == GDK_BUTTON_PRIMARY && loom_canvas_minimap_press (self))
    begin_mapping (self);
  else if (event->button == GDK_BUTTON_PRIMARY)
    press_main (self, event);
  return TRUE;
}

/* The press has become a drag. */
static void
begin_drag (LoomCanvas *self)
{
  if (self->pressed_kind == LOOM_ITEM_NODE) {
    loom_scene_set_selected (self->scene, LOOM_ITEM_NODE, self->pressed_id, TRUE);
    self->dragged = loom_canvas_dup_selected_nodes (self);
    set_hand (self, HAND_MOVING);
  } else if (self->pressed_kind == LOOM_ITEM_NONE) {
    set_hand (self, HAND_BANDING);
  }
}

void
loom_canvas_follow_pointer (LoomCanvas *self)
{
  switch (self->hand) {
  case HAND_MOVING:
    aim_move (self);
    break;
  case HAND_BANDING:
    select_band (self);
    queue_marks (self);
    break;
  case HAND_PANNING:
    loom_canvas_set_view (
        self, self->view.zoom,
        (LoomPoint){
            self->press_origin.x - (self->pointer_px.x - self->press_px.x) / self->view.zoom,
            self->press_origin.y - (self->pointer_px.y - self->press_px.y) / self->view.zoom});
    break;
  case HAND_MAPPING:
    loom_canvas_minimap_follow (self);
    break;
  case HAND_IDLE:
    update_hover (self);
    if (self->tool == LOOM_TOOL_PLACE) {
      self->has_ghost = TRUE;
      self->ghost = loom_canvas_to_unit (self, self->pointer_px.x, self->pointer_px.y);
      queue_marks (self);
    }
    break;
  default:
    break;
  }
}

static gboolean
loom_canvas_motion_notify (GtkWidget *widget, GdkEventMotion *event)
{
  LoomCanvas *self = LOOM_CANVAS (widget);

  if (event->window != gtk_widget_get_window (widget))
    return FALSE;
  self->tip_since_us = g_get_monotonic_time (); /* GTK counts its delay anew too */
  self->pointer_px = (LoomPoint){event->x, event->y};
  self->modifiers = event->state;
  if (self->hand == HAND_PRESSED
      && gtk_drag_check_threshold (widget, self->press_px.x, self->press_px.y, event->x, event->y))
    begin_drag (self);

  loom_canvas_follow_pointer (self);
  loom_canvas_watch_edge (self);
  gdk_event_request_motions (event);
  return TRUE;
}

static void
release_click (LoomCanvas *self)
{
  gboolean toggles = (self->press_modifiers & TOGGLE_MASK) != 0;

  if (self->pressed_kind == LOOM_ITEM_NONE || !self->pressed_selected)
    return;
  if (toggles)
    loom_scene_set_selected (self->scene, self->pressed_kind, self->pressed_id, FALSE);
  else
    select_only (self, self->pressed_kind, self->pressed_id);
}

static void
release_move (LoomCanvas *self)
{
  g_auto (GStrv) nodes = g_steal_pointer (&self->dragged);
  double dx = self->drag_x;
  double dy = self->drag_y;

  set_hand (self, HAND_IDLE);
  loom_scene_set_drag (self->scene, NULL, 0, 0);
  loom_canvas_move (self, nodes, dx, dy, NULL);
}

static gboolean
loom_canvas_button_release (GtkWidget *widget, GdkEventButton *event)
{
  LoomCanvas *self = LOOM_CANVAS (widget);

  if (event->button != self->button)
    return FALSE;
  self->pointer_px = (LoomPoint){event->x, event->y};
  if (self->pull.from != NULL && self->pull.held) {
    /* Released where it was pressed: the loose end follows the pointer until the next click. */
    self->pull.held = FALSE;
    update_hover (self);
    if (gtk_drag_check_threshold (widget, self->press_px.x, self->press_px.y, event->x, event->y))
      loom_canvas_pull_end (self, TRUE);
    return TRUE;
  }
  switch (self->hand) {
  case HAND_PRESSED:
    release_click (self);
    break;
  case HAND_MOVING:
    release_move (self);
    break;
  case HAND_PLUGGING:
    release_plug (self, event->x, event->y);
    break;
  default:
    break;
  }
  set_hand (self, HAND_IDLE);
  queue_marks (self);
  update_hover (self);
  return TRUE;
}

static gboolean
loom_canvas_leave_notify (GtkWidget *widget, GdkEventCrossing *event)
{
  LoomCanvas *self = LOOM_CANVAS (widget);

  if (event->detail == GDK_NOTIFY_INFERIOR || self->hand != HAND_IDLE)
    return FALSE;
  /* A tooltip came up under the pointer. */
  if (event->x >= 0 && event->y >= 0 && event->x < self->view.width_px
      && event->y < self->view.height_px)
    return FALSE;
  loom_scene_set_hover_plug (self->scene, LOOM_PLUG_NONE);
  loom_scene_set_hover (self->scene, LOOM_ITEM_NONE, NULL);
  g_clear_pointer (&self->tip_id, g_free);
  if (self->tool == LOOM_TOOL_PLACE) {
    self->has_ghost = FALSE;
    queue_marks (self);
  }
  return FALSE;
}

/* Another window took the pointer in the middle of a drag. */
static gboolean
loom_canvas_grab_broken (GtkWidget *widget, GdkEventGrabBroken *event)
{
  loom_canvas_hands_cancel (LOOM_CANVAS (widget));
  return FALSE;
}

gboolean
loom_canvas_hands_cancel (LoomCanvas *self)
{
  if (self->hand == HAND_IDLE)
    return FALSE;
  if (self->hand == HAND_MOVING)
    loom_scene_set_drag (self->scene, NULL, 0, 0);
  set_hand (self, HAND_IDLE);
  queue_marks (self);
  return TRUE;
}

void
loom_canvas_hands_class_init (GtkWidgetClass *widget_class)
{
  widget_class->button_press_event = loom_canvas_button_press;
  widget_class->button_release_event = loom_canvas_button_release;
  widget_class->motion_notify_event = loom_canvas_motion_notify;
  widget_class->leave_notify_event = loom_canvas_leave_notify;
  widget_class->grab_broken_event = loom_canvas_grab_broken;
}
