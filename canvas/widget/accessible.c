/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The canvas for assistive technology. Children are made when they are asked for, and told when
 * their item changes or goes; before them come the widgets inside the canvas (a name being edited).
 */

#include "canvas/widget/accessible.h"

#include <glib/gi18n-lib.h>

#include "canvas/widget/accessible-item.h"
#include "canvas/widget/canvas-private.h"

struct _LoomCanvasAccessible {
  GtkContainerAccessible parent;

  GHashTable *nodes; /* name → LoomItemAccessible, of those asked for */
  GHashTable *links; /* id → LoomItemAccessible */
  GPtrArray *order;  /* of char: names, then ids; NULL: to be listed */
  guint n_nodes;
  AtkObject *focused; /* the item that was said to be; weak */
};

G_DEFINE_FINAL_TYPE (LoomCanvasAccessible, loom_canvas_accessible, GTK_TYPE_CONTAINER_ACCESSIBLE)

static LoomCanvas *
get_canvas (LoomCanvasAccessible *self)
{
  GtkWidget *widget = gtk_accessible_get_widget (GTK_ACCESSIBLE (self));

  return widget != NULL ? LOOM_CANVAS (widget) : NULL;
}

static void
ensure_order (LoomCanvasAccessible *self)
{
  LoomCanvas *canvas = get_canvas (self);
  LoomLab *lab = canvas != NULL ? loom_canvas_get_lab (canvas) : NULL;

  if (self->order != NULL)
    return;
  self->order = g_ptr_array_new_with_free_func (g_free);
  self->n_nodes = 0;
  if (lab == NULL)
    return;
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);
  g_autoptr (GPtrArray) links = loom_lab_list_links (lab);
  for (guint i = 0; i < nodes->len; i++)
    g_ptr_array_add (self->order, g_strdup (((LoomNode *) g_ptr_array_index (nodes, i))->name));
  self->n_nodes = nodes->len;
  for (guint i = 0; i < links->len; i++)
    g_ptr_array_add (self->order, loom_link_dup_id (g_ptr_array_index (links, i)));
}

static AtkObject *
get_item (LoomCanvasAccessible *self, LoomItemKind kind, const char *id)
{
  GHashTable *items = kind == LOOM_ITEM_NODE ? self->nodes : self->links;
  AtkObject *item = g_hash_table_lookup (items, id);

  if (item == NULL) {
    item = ATK_OBJECT (loom_item_accessible_new (get_canvas (self), kind, id));
    g_hash_table_insert (items, g_strdup (id), item);
  }
  return item;
}

static int
n_widgets (LoomCanvasAccessible *self)
{
  return ATK_OBJECT_CLASS (loom_canvas_accessible_parent_class)->get_n_children (ATK_OBJECT (self));
}

static int
loom_canvas_accessible_get_n_children (AtkObject *object)
{
  LoomCanvasAccessible *self = LOOM_CANVAS_ACCESSIBLE (object);

  if (get_canvas (self) == NULL)
    return 0;
  ensure_order (self);
  return n_widgets (self) + self->order->len;
}

static AtkObject *
loom_canvas_accessible_ref_child (AtkObject *object, int index)
{
  LoomCanvasAccessible *self = LOOM_CANVAS_ACCESSIBLE (object);
  int first = n_widgets (self);

  if (get_canvas (self) == NULL || index < 0)
    return NULL;
  if (index < first)
    return ATK_OBJECT_CLASS (loom_canvas_accessible_parent_class)->ref_child (object, index);
  ensure_order (self);
  guint place = index - first;
  if (place >= self->order->len)
    return NULL;
  return g_object_ref (get_item (self, place < self->n_nodes ? LOOM_ITEM_NODE : LOOM_ITEM_LINK,
                                 g_ptr_array_index (self->order, place)));
}

static void
items_changed (LoomCanvasAccessible *self)
{
  g_clear_pointer (&self->order, g_ptr_array_unref);
}

static void
retire_all (GHashTable *items)
{
  GHashTableIter iter;
  gpointer item;

  g_hash_table_iter_init (&iter, items);
  while (g_hash_table_iter_next (&iter, NULL, &item)) {
    loom_item_accessible_retire (item);
    g_hash_table_iter_remove (&iter);
  }
}

static void
on_lab_replaced (LoomCanvasAccessible *self)
{
  retire_all (self->nodes);
  retire_all (self->links);
  items_changed (self);
}

static int
index_of (LoomCanvasAccessible *self, const char *id)
{
  ensure_order (self);
  for (guint i = 0; i < self->order->len; i++) {
    if (g_str_equal (g_ptr_array_index (self->order, i), id))
      return n_widgets (self) + i;
  }
  return -1;
}

static void
say_added (LoomCanvasAccessible *self, LoomItemKind kind, const char *id)
{
  items_changed (self);
  g_signal_emit_by_name (self, "children-changed::add", index_of (self, id),
                         get_item (self, kind, id));
}

static void
say_removed (LoomCanvasAccessible *self, LoomItemKind kind, const char *id)
{
  GHashTable *items = kind == LOOM_ITEM_NODE ? self->nodes : self->links;
  g_autoptr (AtkObject) item = g_hash_table_lookup (items, id);

  items_changed (self);
  if (item == NULL)
    return;
  g_object_ref (item);
  g_hash_table_remove (items, id);
  loom_item_accessible_retire (LOOM_ITEM_ACCESSIBLE (item));
  g_signal_emit_by_name (self, "children-changed::remove", -1, item);
}

static void
on_node_added (LoomScene *scene, const char *name, LoomCanvasAccessible *self)
{
  say_added (self, LOOM_ITEM_NODE, name);
}

static void
on_node_removed (LoomScene *scene, const char *name, LoomCanvasAccessible *self)
{
  say_removed (self, LOOM_ITEM_NODE, name);
}

static void
on_link_added (LoomScene *scene, const char *id, LoomCanvasAccessible *self)
{
  say_added (self, LOOM_ITEM_LINK, id);
}

static void
on_link_removed (LoomScene *scene, const char *id, LoomCanvasAccessible *self)
{
  say_removed (self, LOOM_ITEM_LINK, id);
}

static void
on_node_changed (LoomScene *scene, const char *name, LoomCanvasAccessible *self)
{
  AtkObject *item = g_hash_table_lookup (self->nodes, name);

  if (item != NULL)
    loom_item_accessible_update (LOOM_ITEM_ACCESSIBLE (item), NULL);
}

static void
on_link_changed (LoomScene *scene, const char *id, LoomCanvasAccessible *self)
{
  AtkObject *item = g_hash_table_lookup (self->links, id);

  if (item != NULL)
    loom_item_accessible_update (LOOM_ITEM_ACCESSIBLE (item), NULL);
}

static void
on_node_renamed (LoomScene *scene, const char *was, const char *name, LoomCanvasAccessible *self)
{
  g_autofree char *key = NULL;
  AtkObject *item = NULL;

  items_changed (self);
  if (!g_hash_table_steal_extended (self->nodes, was, (gpointer *) &key, (gpointer *) &item))
    return;
  g_hash_table_insert (self->nodes, g_strdup (name), item);
  loom_item_accessible_update (LOOM_ITEM_ACCESSIBLE (item), name);
}

/* The keyboard went to another item. */
static void
on_focus_moved (AtkObject *object)
{
  LoomCanvasAccessible *self = LOOM_CANVAS_ACCESSIBLE (object);
  LoomCanvas *canvas = get_canvas (self);
  AtkObject *item = canvas != NULL && canvas->focus_id != NULL
                        ? get_item (self, canvas->focus_kind, canvas->focus_id)
                        : NULL;

  if (item == self->focused)
    return;
  if (self->focused != NULL)
    atk_object_notify_state_change (self->focused, ATK_STATE_FOCUSED, FALSE);
  g_set_weak_pointer (&self->focused, item);
  if (item != NULL)
    atk_object_notify_state_change (item, ATK_STATE_FOCUSED, TRUE);
}

static void
loom_canvas_accessible_initialize (AtkObject *object, gpointer data)
{
  LoomCanvasAccessible *self = LOOM_CANVAS_ACCESSIBLE (object);

  ATK_OBJECT_CLASS (loom_canvas_accessible_parent_class)->initialize (object, data);
  LoomScene *scene = LOOM_CANVAS (data)->scene;
  atk_object_set_role (object, ATK_ROLE_CANVAS);
  atk_object_set_name (object, _ ("Lab"));
  g_signal_connect_object (scene, "node-added", G_CALLBACK (on_node_added), self, 0);
  g_signal_connect_object (scene, "node-removed", G_CALLBACK (on_node_removed), self, 0);
  g_signal_connect_object (scene, "node-changed", G_CALLBACK (on_node_changed), self, 0);
  g_signal_connect_object (scene, "node-renamed", G_CALLBACK (on_node_renamed), self, 0);
  g_signal_connect_object (scene, "link-added", G_CALLBACK (on_link_added), self, 0);
  g_signal_connect_object (scene, "link-removed", G_CALLBACK (on_link_removed), self, 0);
  g_signal_connect_object (scene, "link-changed", G_CALLBACK (on_link_changed), self, 0);
  g_signal_connect_object (scene, "lab-replaced", G_CALLBACK (on_lab_replaced), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect (self, "visible-data-changed", G_CALLBACK (on_focus_moved), NULL);
}

static void
loom_canvas_accessible_finalize (GObject *object)
{
  LoomCanvasAccessible *self = LOOM_CANVAS_ACCESSIBLE (object);

  g_clear_weak_pointer (&self->focused);
  g_clear_pointer (&self->order, g_ptr_array_unref);
  g_hash_table_unref (self->nodes);
  g_hash_table_unref (self->links);
  G_OBJECT_CLASS (loom_canvas_accessible_parent_class)->finalize (object);
}

static void
loom_canvas_accessible_class_init (LoomCanvasAccessibleClass *klass)
{
  AtkObjectClass *atk_class = ATK_OBJECT_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = loom_canvas_accessible_finalize;
  atk_class->initialize = loom_canvas_accessible_initialize;
  atk_class->get_n_children = loom_canvas_accessible_get_n_children;
  atk_class->ref_child = loom_canvas_accessible_ref_child;
}

static void
loom_canvas_accessible_init (LoomCanvasAccessible *self)
{
  self->nodes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->links = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
}
