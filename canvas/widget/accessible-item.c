/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A node or a cable for assistive technology. Its place is asked from the canvas each time, so that
 * it follows drags, scrolling and zoom. */

#include "canvas/widget/accessible-item.h"

#include <glib/gi18n-lib.h>

#include "canvas/widget/canvas-private.h"

typedef enum {
  ACTION_ACTIVATE,
  ACTION_SELECT,
  ACTION_MENU,
  N_ACTIONS
} Action;

struct _LoomItemAccessible {
  AtkObject parent;

  LoomCanvas *canvas; /* weak */
  LoomItemKind kind;
  char *id;
  char *name;
  char *description; /* of a cable */
  gboolean retired;
};

static void component_init (AtkComponentIface *iface);
static void action_init (AtkActionIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (LoomItemAccessible, loom_item_accessible, ATK_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (ATK_TYPE_COMPONENT, component_init)
                                   G_IMPLEMENT_INTERFACE (ATK_TYPE_ACTION, action_init))

static gboolean
is_alive (LoomItemAccessible *self)
{
  return self->canvas != NULL && !self->retired;
}

static const char *
loom_item_accessible_get_name (AtkObject *object)
{
  LoomItemAccessible *self = LOOM_ITEM_ACCESSIBLE (object);

  if (!is_alive (self))
    return self->name;
  char *name = loom_scene_describe_item (self->canvas->scene, self->kind, self->id);
  g_free (self->name);
  self->name = name;
  return self->name;
}

static const char *
loom_item_accessible_get_description (AtkObject *object)
{
  LoomItemAccessible *self = LOOM_ITEM_ACCESSIBLE (object);

  if (is_alive (self) && self->kind == LOOM_ITEM_LINK) {
    g_free (self->description);
    self->description = loom_scene_describe_link (self->canvas->scene, self->id);
    return self->description;
  }
  if (!is_alive (self) || self->canvas->status == NULL)
    return "";
  const char *detail = loom_status_get_node_detail (self->canvas->status, self->id);
  return detail != NULL ? detail : "";
}

static AtkObject *
loom_item_accessible_get_parent (AtkObject *object)
{
  LoomItemAccessible *self = LOOM_ITEM_ACCESSIBLE (object);

  return self->canvas != NULL ? gtk_widget_get_accessible (GTK_WIDGET (self->canvas)) : NULL;
}

static int
loom_item_accessible_get_index_in_parent (AtkObject *object)
{
  AtkObject *parent = loom_item_accessible_get_parent (object);
  int n_children = parent != NULL ? atk_object_get_n_accessible_children (parent) : 0;

  for (int i = 0; i < n_children; i++) {
    g_autoptr (AtkObject) child = atk_object_ref_accessible_child (parent, i);
    if (child == object)
      return i;
  }
  return -1;
}

static gboolean
get_area (LoomItemAccessible *self, GdkRectangle *area)
{
  return is_alive (self) && gtk_widget_get_mapped (GTK_WIDGET (self->canvas))
         && loom_canvas_get_item_area (self->canvas, self->kind, self->id, area);
}

static gboolean
is_in_view (LoomItemAccessible *self)
{
  GdkRectangle view = {0, 0, gtk_widget_get_allocated_width (GTK_WIDGET (self->canvas)),
                       gtk_widget_get_allocated_height (GTK_WIDGET (self->canvas))};
  GdkRectangle area;

  return get_area (self, &area) && gdk_rectangle_intersect (&view, &area, NULL);
}

static AtkStateSet *
loom_item_accessible_ref_state_set (AtkObject *object)
{
  LoomItemAccessible *self = LOOM_ITEM_ACCESSIBLE (object);
  AtkStateSet *states = atk_state_set_new ();

  if (!is_alive (self)) {
    atk_state_set_add_state (states, ATK_STATE_DEFUNCT);
    return states;
  }
  LoomCanvas *canvas = self->canvas;
  atk_state_set_add_state (states, ATK_STATE_ENABLED);
  atk_state_set_add_state (states, ATK_STATE_SENSITIVE);
  atk_state_set_add_state (states, ATK_STATE_FOCUSABLE);
  atk_state_set_add_state (states, ATK_STATE_SELECTABLE);
  atk_state_set_add_state (states, ATK_STATE_VISIBLE);
  if (is_in_view (self))
    atk_state_set_add_state (states, ATK_STATE_SHOWING);
  if (loom_scene_is_selected (canvas->scene, self->kind, self->id))
    atk_state_set_add_state (states, ATK_STATE_SELECTED);
  if (canvas->focus_kind == self->kind && g_strcmp0 (canvas->focus_id, self->id) == 0
      && gtk_widget_has_focus (GTK_WIDGET (canvas)))
    atk_state_set_add_state (states, ATK_STATE_FOCUSED);
  return states;
}

static void
loom_item_accessible_get_extents (AtkComponent *component, int *x, int *y, int *width, int *height,
                                  AtkCoordType coord_type)
{
  LoomItemAccessible *self = LOOM_ITEM_ACCESSIBLE (component);
  GdkRectangle area;
  int origin_x = 0;
  int origin_y = 0;

  *x = *y = *width = *height = G_MININT;
  if (!get_area (self, &area))
    return;
  GdkWindow *window = gtk_widget_get_window (GTK_WIDGET (self->canvas));
  if (coord_type == ATK_XY_SCREEN) {
    gdk_window_get_origin (window, &origin_x, &origin_y);
  } else if (coord_type == ATK_XY_WINDOW) {
    GtkWidget *toplevel = gtk_widget_get_toplevel (GTK_WIDGET (self->canvas));
    gtk_widget_translate_coordinates (GTK_WIDGET (self->canvas), toplevel, 0, 0, &origin_x,
                                      &origin_y);
  }
  *x = area.x + origin_x;
  *y = area.y + origin_y;
  *width = area.width;
  *height = area.height;
}

static gboolean
loom_item_accessible_grab_focus (AtkComponent *component)
{
  LoomItemAccessible *self = LOOM_ITEM_ACCESSIBLE (component);

  if (!is_alive (self))
    return FALSE;
  gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
  loom_canvas_focus_item (self->canvas, self->kind, self->id);
  loom_canvas_reveal (self->canvas, self->kind, self->id);
  return TRUE;
}

static void
component_init (AtkComponentIface *iface)
{
  iface->get_extents = loom_item_accessible_get_extents;
  iface->grab_focus = loom_item_accessible_grab_focus;
}

static gboolean
loom_item_accessible_do_action (AtkAction *action, int index)
{
  LoomItemAccessible *self = LOOM_ITEM_ACCESSIBLE (action);
  g_autofree char *id = g_strdup (self->id);

  if (!is_alive (self))
    return FALSE;
  switch ((Action) index) {
  case ACTION_ACTIVATE:
    loom_canvas_emit_activated (self->canvas, self->kind, id);
    return TRUE;
  case ACTION_SELECT:
    loom_scene_set_selected (self->canvas->scene, self->kind, id, TRUE);
    return TRUE;
  case ACTION_MENU:
    loom_canvas_focus_item (self->canvas, self->kind, id);
    return loom_canvas_emit_context_menu (self->canvas, NULL, self->kind, id);
  default:
    return FALSE;
  }
}

static int
loom_item_accessible_get_n_actions (AtkAction *action)
{
  return N_ACTIONS;
}

static const char *
loom_item_accessible_get_action_name (AtkAction *action, int index)
{
  static const char *const names[N_ACTIONS] = {"activate", "select", "menu"};

  return index >= 0 && index < N_ACTIONS ? names[index] : NULL;
}

static const char *
loom_item_accessible_get_localized_name (AtkAction *action, int index)
{
  static const char *const names[N_ACTIONS] = {N_ ("Open"), N_ ("Select"), N_ ("Show Menu")};

  return index >= 0 && index < N_ACTIONS ? _ (names[index]) : NULL;
}

static void
action_init (AtkActionIface *iface)
{
  iface->do_action = loom_item_accessible_do_action;
  iface->get_n_actions = loom_item_accessible_get_n_actions;
  iface->get_name = loom_item_accessible_get_action_name;
  iface->get_localized_name = loom_item_accessible_get_localized_name;
}

static void
loom_item_accessible_finalize (GObject *object)
{
  LoomItemAccessible *self = LOOM_ITEM_ACCESSIBLE (object);

  g_clear_weak_pointer (&self->canvas);
  g_free (self->id);
  g_free (self->name);
  g_free (self->description);
  G_OBJECT_CLASS (loom_item_accessible_parent_class)->finalize (object);
}

static void
loom_item_accessible_class_init (LoomItemAccessibleClass *klass)
{
  AtkObjectClass *atk_class = ATK_OBJECT_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = loom_item_accessible_finalize;
  atk_class->get_name = loom_item_accessible_get_name;
  atk_class->get_description = loom_item_accessible_get_description;
  atk_class->get_parent = loom_item_accessible_get_parent;
  atk_class->get_index_in_parent = loom_item_accessible_get_index_in_parent;
  atk_class->ref_state_set = loom_item_accessible_ref_state_set;
}

static void
loom_item_accessible_init (LoomItemAccessible *self)
{
}

LoomItemAccessible *
loom_item_accessible_new (LoomCanvas *canvas, LoomItemKind kind, const char *id)
{
  LoomItemAccessible *self = g_object_new (LOOM_TYPE_ITEM_ACCESSIBLE, NULL);

  g_set_weak_pointer (&self->canvas, canvas);
  self->kind = kind;
  self->id = g_strdup (id);
  atk_object_set_role (ATK_OBJECT (self), kind == LOOM_ITEM_NODE ? ATK_ROLE_ICON : ATK_ROLE_IMAGE);
  return self;
}

void
loom_item_accessible_update (LoomItemAccessible *self, const char *id)
{
  g_autofree char *was = g_strdup (self->name);

  if (id != NULL) {
    g_free (self->id);
    self->id = g_strdup (id);
  }
  if (g_strcmp0 (was, loom_item_accessible_get_name (ATK_OBJECT (self))) != 0)
    g_object_notify (G_OBJECT (self), "accessible-name");
}

void
loom_item_accessible_retire (LoomItemAccessible *self)
{
  self->retired = TRUE;
  atk_object_notify_state_change (ATK_OBJECT (self), ATK_STATE_DEFUNCT, TRUE);
}
