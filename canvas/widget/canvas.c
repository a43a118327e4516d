/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The canvas widget: the object, its document, selection and tools. What it shows of the plane is
 * in view.c, when it draws in show.c; the hands are in hands.c, wheel.c and keys.c. */

#include "canvas/widget/canvas-private.h"

#include <glib/gi18n-lib.h>

#include "canvas/widget/accessible.h"

G_DEFINE_FINAL_TYPE (LoomCanvas, loom_canvas, GTK_TYPE_FIXED)

enum {
  PROP_ZOOM = 1,
  PROP_TOOL,
  PROP_SNAP,
  N_PROPS
};

enum {
  SIGNAL_SELECTION_CHANGED,
  SIGNAL_NODE_ACTIVATED,
  SIGNAL_LINK_ACTIVATED,
  SIGNAL_HOLD_ACTIVATED,
  SIGNAL_CONTEXT_MENU,
  SIGNAL_MESSAGE,
  SIGNAL_DRAG_HINT,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

void
loom_canvas_say (LoomCanvas *self, const char *text)
{
  g_signal_emit (self, signals[SIGNAL_MESSAGE], 0, text);
}

void
loom_canvas_hint (LoomCanvas *self, const char *text)
{
  g_signal_emit (self, signals[SIGNAL_DRAG_HINT], 0, text);
}

LoomLab *
loom_canvas_get_lab (LoomCanvas *self)
{
  return self->history != NULL ? loom_history_get_lab (self->history) : NULL;
}

void
loom_canvas_emit_activated (LoomCanvas *self, LoomItemKind kind, const char *id)
{
  if (kind == LOOM_ITEM_NODE)
    g_signal_emit (self, signals[SIGNAL_NODE_ACTIVATED], 0, id);
  else if (kind == LOOM_ITEM_LINK)
    g_signal_emit (self, signals[SIGNAL_LINK_ACTIVATED], 0, id);
}

gboolean
loom_canvas_emit_context_menu (LoomCanvas *self, GdkEvent *event, LoomItemKind kind, const char *id)
{
  g_signal_emit (self, signals[SIGNAL_CONTEXT_MENU], 0, event, (int) kind, id);
  return TRUE;
}

void
loom_canvas_update_cursor (LoomCanvas *self)
{
  GdkWindow *window = gtk_widget_get_window (GTK_WIDGET (self));
  const char *name = NULL;
  LoomPlug plug;

  if (window == NULL)
    return;
  if (self->hand == HAND_PANNING)
    name = "grabbing";
  else if (self->space_down)
    name = "grab";
  else if (self->pull.from != NULL)
    name = self->pull.to != NULL && !self->pull.fits ? "not-allowed" : "crosshair";
  else if (self->tool != LOOM_TOOL_SELECT)
    name = "crosshair";
  else if (loom_canvas_find_plug (self, self->pointer_px.x, self->pointer_px.y, &plug) != NULL)
    name = "pointer";
  g_autoptr (GdkCursor)
      cursor = name != NULL ? gdk_cursor_new_from_name (gdk_window_get_display (window), name)
                            : NULL;
  gdk_window_set_cursor (window, cursor);
}

static void
on_scene_selection_changed (LoomCanvas *self)
{
  g_signal_emit (self, signals[SIGNAL_SELECTION_CHANGED], 0);
}

static void
on_node_renamed (LoomScene *scene, const char *was, const char *name, LoomCanvas *self)
{
  if (self->focus_kind == LOOM_ITEM_NODE && g_strcmp0 (self->focus_id, was) == 0) {
    g_free (self->focus_id);
    self->focus_id = g_strdup (name);
  }
}

/* Hands let go of what is no longer there: an undo, or an edit from elsewhere. */
static void
on_item_removed (LoomScene *scene, const char *id, LoomCanvas *self)
{
  if (g_strcmp0 (self->focus_id, id) == 0) {
    self->focus_kind = LOOM_ITEM_NONE;
    g_clear_pointer (&self->focus_id, g_free);
  }
  if (g_strcmp0 (self->entry_name, id) == 0)
    loom_canvas_end_rename (self, FALSE);
  if (g_strcmp0 (self->pull.from, id) == 0 || g_strcmp0 (self->pull.to, id) == 0)
    loom_canvas_pull_end (self, FALSE);
  if (self->hand == HAND_MOVING || (self->hand == HAND_PRESSED && self->pressed_id != NULL))
    loom_canvas_hands_cancel (self);
}

static void
loom_canvas_size_allocate (GtkWidget *widget, GtkAllocation *allocation)
{
  LoomCanvas *self = LOOM_CANVAS (widget);

  GTK_WIDGET_CLASS (loom_canvas_parent_class)->size_allocate (widget, allocation);
  if (allocation->width == self->view.width_px && allocation->height == self->view.height_px)
    return;
  self->view.width_px = allocation->width;
  self->view.height_px = allocation->height;
  loom_frame_set_view (self->frame, &self->view);
  if (self->fit_pending && allocation->width > 1) {
    self->fit_pending = FALSE;
    loom_canvas_zoom_fit (self);
  }
}

/* The view scrolls by itself: what is on it asks for no room. */
static void
loom_canvas_get_preferred_size (GtkWidget *widget, int *ret_minimum, int *ret_natural)
{
  *ret_minimum = 160;
  *ret_natural = 640;
}

static void
loom_canvas_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  LoomCanvas *self = LOOM_CANVAS (object);

  switch (prop_id) {
  case PROP_ZOOM:
    g_value_set_double (value, self->view.zoom);
    break;
  case PROP_TOOL:
    g_value_set_int (value, self->tool);
    break;
  case PROP_SNAP:
    g_value_set_boolean (value, self->snap);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
loom_canvas_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  LoomCanvas *self = LOOM_CANVAS (object);

  switch (prop_id) {
  case PROP_ZOOM:
    loom_canvas_set_zoom (self, g_value_get_double (value));
    break;
  case PROP_TOOL:
    loom_canvas_set_tool (self, g_value_get_int (value));
    break;
  case PROP_SNAP:
    self->snap = g_value_get_boolean (value);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
  }
}

static void
loom_canvas_dispose (GObject *object)
{
  LoomCanvas *self = LOOM_CANVAS (object);

  loom_canvas_cancel (self);
  loom_canvas_set_document (self, NULL, NULL);
  loom_canvas_stop_ticking (self);
  g_clear_handle_id (&self->edge_id, g_source_remove);
  g_clear_object (&self->pinch);
  if (self->scene != NULL)
    g_signal_handlers_disconnect_by_data (self->scene, self);
  G_OBJECT_CLASS (loom_canvas_parent_class)->dispose (object);
}

static void
loom_canvas_finalize (GObject *object)
{
  LoomCanvas *self = LOOM_CANVAS (object);

  loom_frame_free (self->frame);
  g_clear_object (&self->scene);
  g_clear_pointer (&self->motion_areas, g_array_unref);
  g_clear_pointer (&self->band_nodes, g_strfreev);
  g_clear_pointer (&self->dragged, g_strfreev);
  g_free (self->place_kind);
  g_free (self->pressed_id);
  g_free (self->focus_id);
  g_free (self->tip_id);
  g_free (self->entry_name);
  G_OBJECT_CLASS (loom_canvas_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  props[PROP_ZOOM] = g_param_spec_double ("zoom", NULL, NULL, ZOOM_MIN, ZOOM_MAX, 1, flags);
  props[PROP_TOOL] = g_param_spec_int ("tool", NULL, NULL, LOOM_TOOL_SELECT, LOOM_TOOL_PLACE,
                                       LOOM_TOOL_SELECT, flags);
  props[PROP_SNAP] = g_param_spec_boolean ("snap", NULL, NULL, TRUE,
                                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static guint
new_signal (const char *name, guint n_params, GType type)
{
  return g_signal_new (name, LOOM_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                       n_params, type);
}

static void
install_signals (void)
{
  signals[SIGNAL_SELECTION_CHANGED] = new_signal ("selection-changed", 0, 0);
  signals[SIGNAL_NODE_ACTIVATED] = new_signal ("node-activated", 1, G_TYPE_STRING);
  signals[SIGNAL_LINK_ACTIVATED] = new_signal ("link-activated", 1, G_TYPE_STRING);
  signals[SIGNAL_HOLD_ACTIVATED] = new_signal ("hold-activated", 1, G_TYPE_STRING);
  signals[SIGNAL_MESSAGE] = new_signal ("message", 1, G_TYPE_STRING);
  signals[SIGNAL_DRAG_HINT] = new_signal ("drag-hint", 1, G_TYPE_STRING);
  signals[SIGNAL_CONTEXT_MENU] = g_signal_new (
      "context-menu", LOOM_TYPE_CANVAS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
      GDK_TYPE_EVENT | G_SIGNAL_TYPE_STATIC_SCOPE, G_TYPE_INT, G_TYPE_STRING);
}

static void
loom_canvas_class_init (LoomCanvasClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = loom_canvas_get_property;
  object_class->set_property = loom_canvas_set_property;
  object_class->dispose = loom_canvas_dispose;
  object_class->finalize = loom_canvas_finalize;
  widget_class->size_allocate = loom_canvas_size_allocate;
  widget_class->get_preferred_width = loom_canvas_get_preferred_size;
  widget_class->get_preferred_height = loom_canvas_get_preferred_size;
  loom_canvas_show_class_init (widget_class);
  loom_canvas_tips_class_init (widget_class);
  loom_canvas_hands_class_init (widget_class);
  loom_canvas_wheel_class_init (widget_class);
  loom_canvas_keys_class_init (widget_class);
  loom_canvas_drop_class_init (widget_class);
  gtk_widget_class_set_accessible_type (widget_class, LOOM_TYPE_CANVAS_ACCESSIBLE);
  gtk_widget_class_set_css_name (widget_class, "lanloom-canvas");
  install_properties (object_class);
  install_signals ();
}

static void
loom_canvas_init (LoomCanvas *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->snap = TRUE;
  self->view = (LoomView){.device_scale = 1, .zoom = 1};
  self->scene = loom_scene_new ();
  loom_canvas_show_init (self);
  g_signal_connect_swapped (self->scene, "selection-changed",
                            G_CALLBACK (on_scene_selection_changed), self);
  g_signal_connect (self->scene, "node-renamed", G_CALLBACK (on_node_renamed), self);
  g_signal_connect (self->scene, "node-removed", G_CALLBACK (on_item_removed), self);
  g_signal_connect (self->scene, "link-removed", G_CALLBACK (on_item_removed), self);
  gtk_widget_set_has_window (widget, TRUE);
  gtk_widget_set_can_focus (widget, TRUE);
  gtk_widget_set_has_tooltip (widget, TRUE);
  loom_canvas_wheel_init (self);
  loom_canvas_drop_init (self);
}

GtkWidget *
loom_canvas_new (void)
{
  return g_object_new (LOOM_TYPE_CANVAS, NULL);
}

void
loom_canvas_set_document (LoomCanvas *self, LoomHistory *history, LoomStatus *status)
{
  g_return_if_fail (LOOM_IS_CANVAS (self));

  gboolean is_other = history != self->history;
  if (is_other && self->history != NULL)
    g_signal_handlers_disconnect_by_data (loom_history_get_lab (self->history), self);
  if (is_other)
    loom_canvas_cancel (self);
  if (self->status != NULL)
    g_signal_handlers_disconnect_by_data (self->status, self);
  g_set_object (&self->history, history);
  g_set_object (&self->status, status);
  loom_scene_set_lab (self->scene, loom_canvas_get_lab (self));
  loom_scene_set_status (self->scene, status);
  if (status != NULL)
    g_signal_connect_swapped (status, "links-changed", G_CALLBACK (loom_canvas_refresh_tip), self);
  if (!is_other)
    return;
  if (history != NULL)
    g_signal_connect_swapped (loom_history_get_lab (history), "changed",
                              G_CALLBACK (loom_canvas_queue_minimap), self);
  loom_canvas_focus_item (self, LOOM_ITEM_NONE, NULL);
  self->fit_pending = self->view.width_px <= 1;
  if (!self->fit_pending)
    loom_canvas_zoom_fit (self);
}

LoomScene *
loom_canvas_get_scene (LoomCanvas *self)
{
  return self->scene;
}

char **
loom_canvas_dup_selected_nodes (LoomCanvas *self)
{
  return loom_scene_dup_selected_nodes (self->scene);
}

char **
loom_canvas_dup_selected_links (LoomCanvas *self)
{
  return loom_scene_dup_selected_links (self->scene);
}

void
loom_canvas_select (LoomCanvas *self, const char *const *nodes, const char *const *links)
{
  loom_scene_select (self->scene, nodes, links);
}

void
loom_canvas_select_all (LoomCanvas *self)
{
  LoomLab *lab = loom_canvas_get_lab (self);

  if (lab == NULL)
    return;
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);
  g_autoptr (GPtrArray) links = loom_lab_list_links (lab);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();
  for (guint i = 0; i < nodes->len; i++)
    g_strv_builder_add (names, ((LoomNode *) g_ptr_array_index (nodes, i))->name);
  for (guint i = 0; i < links->len; i++) {
    g_autofree char *id = loom_link_dup_id (g_ptr_array_index (links, i));
    g_strv_builder_add (ids, id);
  }
  g_auto (GStrv) all_names = g_strv_builder_end (names);
  g_auto (GStrv) all_ids = g_strv_builder_end (ids);
  loom_scene_select (self->scene, (const char *const *) all_names, (const char *const *) all_ids);
}

void
loom_canvas_clear_selection (LoomCanvas *self)
{
  loom_scene_select (self->scene, NULL, NULL);
}

LoomTool
loom_canvas_get_tool (LoomCanvas *self)
{
  return self->tool;
}

void
loom_canvas_set_tool (LoomCanvas *self, LoomTool tool)
{
  g_return_if_fail (LOOM_IS_CANVAS (self));

  if (tool == self->tool)
    return;
  loom_canvas_hands_cancel (self);
  loom_canvas_pull_end (self, FALSE);
  self->tool = tool;
  if (tool != LOOM_TOOL_PLACE) {
    g_clear_pointer (&self->place_kind, g_free);
    self->has_ghost = FALSE;
  }
  loom_canvas_update_cursor (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TOOL]);
}

void
loom_canvas_begin_place (LoomCanvas *self, const char *kind)
{
  loom_canvas_set_tool (self, LOOM_TOOL_SELECT);
  if (kind == NULL)
    return;
  self->place_kind = g_strdup (kind);
  loom_canvas_set_tool (self, LOOM_TOOL_PLACE);
  loom_canvas_say (self, _ ("Click where it should stand; Escape leaves it."));
}

gboolean
loom_canvas_cancel (LoomCanvas *self)
{
  gboolean had = loom_canvas_hands_cancel (self);

  if (self->entry != NULL) {
    loom_canvas_end_rename (self, FALSE);
    had = TRUE;
  }
  if (self->pull.from != NULL) {
    loom_canvas_pull_end (self, FALSE);
    had = TRUE;
  }
  if (self->tool != LOOM_TOOL_SELECT) {
    loom_canvas_set_tool (self, LOOM_TOOL_SELECT);
    had = TRUE;
  }
  return had;
}
