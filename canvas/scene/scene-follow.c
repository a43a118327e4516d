/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How the scene follows the lab: its items come, go, move and change their names as the lab's
 * changes say, and a drag displaces them for the time it lasts. Geometry is in scene-items.c. */

#include "canvas/scene/scene-private.h"

/* The node moved, or its texts changed their size: it and its cables lie elsewhere now. */
void
loom_scene_move_node (LoomScene *self, SceneNode *node)
{
  loom_scene_damage_node (self, node);
  loom_scene_place_node (self, node);
  loom_scene_damage_node (self, node);
  for (guint i = 0; i < node->links->len; i++) {
    SceneLink *link = g_ptr_array_index (node->links, i);
    loom_scene_damage_link (self, link);
    loom_scene_place_link (self, link);
    loom_scene_damage_link (self, link);
  }
}

static const LoomIcon *
icon_for (LoomScene *self, const char *id, const LoomKind *kind)
{
  LoomIcon *icon = g_hash_table_lookup (self->icons, id);

  if (icon == NULL) {
    icon = loom_icon_new (kind != NULL ? kind->icon : NULL,
                          kind != NULL ? kind->role : LOOM_ROLE_MACHINE,
                          g_hash_table_size (self->icons));
    g_hash_table_insert (self->icons, g_strdup (id), icon);
  }
  return icon;
}

static void
set_node (LoomScene *self, SceneNode *item, LoomNode *node)
{
  loom_node_ref (node);
  g_clear_pointer (&item->node, loom_node_unref);
  item->node = node;
  item->kind = loom_lab_get_kind (self->lab, node);
  item->icon = icon_for (self, node->kind, item->kind);
  loom_scene_read_node_status (self, item);
  loom_scene_update_texts (self, item);
}

static SceneNode *
add_node (LoomScene *self, LoomNode *node, gboolean appears)
{
  SceneNode *item = g_new0 (SceneNode, 1);

  item->entry.kind = ENTRY_NODE;
  item->entry.owner = item;
  item->serial = self->next_serial++;
  item->links = g_ptr_array_new ();
  item->appearance = appears && self->animated ? 0 : 1;
  set_node (self, item, node);
  g_hash_table_insert (self->nodes, item->node->name, item);
  loom_scene_place_node (self, item);
  return item;
}

static void
forget_node (LoomScene *self, SceneNode *item)
{
  g_hash_table_remove (self->moving, item);
  g_hash_table_remove (self->dragged, item);
  loom_index_remove (self->index, &item->entry);
  loom_scene_damage_node (self, item);
}

static SceneLink *
add_link (LoomScene *self, LoomLink *link)
{
  SceneNode *a = loom_scene_lookup_node (self, link->a.node);
  SceneNode *b = loom_scene_lookup_node (self, link->b.node);
  g_autofree char *key = loom_scene_bundle_key (link);

  g_return_val_if_fail (a != NULL && b != NULL, NULL);

  SceneLink *item = g_new0 (SceneLink, 1);
  item->entry.kind = ENTRY_LINK;
  item->entry.owner = item;
  item->pills_entry.kind = ENTRY_PILLS;
  item->pills_entry.owner = item;
  item->note_entry.kind = ENTRY_NOTE;
  item->note_entry.owner = item;
  item->serial = self->next_serial++;
  item->link = loom_link_ref (link);
  item->id = loom_link_dup_id (link);
  item->a = a;
  item->b = b;
  g_ptr_array_add (a->links, item);
  if (b != a)
    g_ptr_array_add (b->links, item);
  g_hash_table_insert (self->links, item->id, item);

  GPtrArray *bundle = g_hash_table_lookup (self->bundles, key);
  if (bundle == NULL) {
    bundle = g_ptr_array_new ();
    g_hash_table_insert (self->bundles, g_steal_pointer (&key), bundle);
  }
  g_ptr_array_add (bundle, item);
  loom_scene_update_note (self, item);
  loom_scene_place_bundle (self, item);
  loom_scene_read_link_status (self, item, FALSE);
  return item;
}

static void
remove_link (LoomScene *self, SceneLink *item)
{
  g_autofree char *key = loom_scene_bundle_key (item->link);
  GPtrArray *bundle = g_hash_table_lookup (self->bundles, key);

  loom_scene_damage_link (self, item);
  if (item->has_pills) {
    loom_scene_damage (self, LOOM_LAYER_LIVE, &item->pills[0]);
    loom_scene_damage (self, LOOM_LAYER_LIVE, &item->pills[1]);
  }
  loom_scene_lift_note (self, item);
  g_ptr_array_remove (item->a->links, item);
  g_ptr_array_remove (item->b->links, item);
  loom_index_remove (self->index, &item->entry);
  loom_index_remove (self->index, &item->pills_entry);
  g_hash_table_remove (self->unplaced, item);
  g_ptr_array_remove (bundle, item);
  if (bundle->len > 0)
    loom_scene_place_bundle (self, g_ptr_array_index (bundle, 0));
  else
    g_hash_table_remove (self->bundles, key);
  g_hash_table_remove (self->links, item->id);
}

static void
drop_stale_marks (LoomScene *self)
{
  if ((self->hover_kind == LOOM_ITEM_NODE && !loom_scene_lookup_node (self, self->hover_id))
      || (self->hover_kind == LOOM_ITEM_LINK && !loom_scene_lookup_link (self, self->hover_id)))
    loom_scene_set_hover (self, LOOM_ITEM_NONE, NULL);
  if ((self->focus_kind == LOOM_ITEM_NODE && !loom_scene_lookup_node (self, self->focus_id))
      || (self->focus_kind == LOOM_ITEM_LINK && !loom_scene_lookup_link (self, self->focus_id)))
    loom_scene_set_focus (self, LOOM_ITEM_NONE, NULL);
  if (self->pull_from != NULL && !loom_scene_lookup_node (self, self->pull_from))
    loom_scene_set_pull (self, NULL, NULL);
}

/* The same cable with other settings. */
static gboolean
is_replacement (const LoomLinkChange *entry)
{
  return entry->before != NULL && entry->after != NULL
         && loom_end_compare (&entry->before->a, &entry->after->a) == 0
         && loom_end_compare (&entry->before->b, &entry->after->b) == 0;
}

static void
replace_link (LoomScene *self, LoomLink *after)
{
  g_autofree char *id = loom_link_dup_id (after);
  SceneLink *item = loom_scene_lookup_link (self, id);

  if (item == NULL)
    return;
  loom_link_unref (item->link);
  item->link = loom_link_ref (after);
  loom_scene_update_note (self, item);
  loom_scene_damage_link (self, item);
  g_signal_emit_by_name (self, "link-changed", item->id);
}

/* Links leave before nodes do, and come after nodes came: an item never points to nothing. */
static gboolean
remove_links (LoomScene *self, LoomChange *change, GHashTable *reselect)
{
  gboolean lost = FALSE;

  for (guint i = 0; i < change->links->len; i++) {
    LoomLinkChange *entry = &g_array_index (change->links, LoomLinkChange, i);
    if (entry->before == NULL || is_replacement (entry))
      continue;
    g_autofree char *id = loom_link_dup_id (entry->before);
    SceneLink *item = loom_scene_lookup_link (self, id);
    if (item == NULL)
      continue;
    if (item->selected && entry->after != NULL)
      g_hash_table_add (reselect, loom_link_dup_id (entry->after));
    lost = lost || item->selected;
    remove_link (self, item);
    g_signal_emit_by_name (self, "link-removed", id);
  }
  return lost;
}

static void
follow_rename (LoomScene *self, const char *was, const char *name)
{
  if (self->hover_kind == LOOM_ITEM_NODE && g_strcmp0 (self->hover_id, was) == 0) {
    g_free (self->hover_id);
    self->hover_id = g_strdup (name);
  }
  if (self->focus_kind == LOOM_ITEM_NODE && g_strcmp0 (self->focus_id, was) == 0) {
    g_free (self->focus_id);
    self->focus_id = g_strdup (name);
  }
  g_signal_emit_by_name (self, "node-renamed", was, name);
}

/* Takes all items of the change out before the first goes in: names may be swapped. */
static gboolean
change_nodes (LoomScene *self, LoomChange *change)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new ();
  gboolean lost = FALSE;

  for (guint i = 0; i < change->nodes->len; i++) {
    LoomNodeChange *entry = &g_array_index (change->nodes, LoomNodeChange, i);
    SceneNode *item = NULL;
    if (entry->before != NULL)
      g_hash_table_steal_extended (self->nodes, entry->before->name, NULL, (gpointer *) &item);
    g_ptr_array_add (items, item);
  }
  for (guint i = 0; i < change->nodes->len; i++) {
    LoomNodeChange *entry = &g_array_index (change->nodes, LoomNodeChange, i);
    SceneNode *item = g_ptr_array_index (items, i);
    if (entry->after == NULL) {
      if (item == NULL)
        continue;
      lost = lost || item->selected;
      forget_node (self, item);
      g_signal_emit_by_name (self, "node-removed", item->node->name);
      scene_node_free (item);
    } else if (item == NULL) {
      item = add_node (self, entry->after, TRUE);
      loom_scene_damage_node (self, item);
      g_signal_emit_by_name (self, "node-added", item->node->name);
    } else {
      loom_scene_damage_node (self, item);
      set_node (self, item, entry->after);
      g_hash_table_insert (self->nodes, item->node->name, item);
      loom_scene_move_node (self, item);
      if (!g_str_equal (entry->before->name, entry->after->name)) {
        follow_rename (self, entry->before->name, entry->after->name);
        lost = lost || item->selected;
      }
      g_signal_emit_by_name (self, "node-changed", item->node->name);
    }
  }
  return lost;
}

static void
on_lab_changed (LoomLab *lab, LoomChange *change, LoomScene *self)
{
  g_autoptr (GHashTable) reselect = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean selection_changed = remove_links (self, change, reselect);

  selection_changed = change_nodes (self, change) || selection_changed;
  for (guint i = 0; i < change->links->len; i++) {
    LoomLinkChange *entry = &g_array_index (change->links, LoomLinkChange, i);
    if (entry->after == NULL)
      continue;
    if (is_replacement (entry)) {
      replace_link (self, entry->after);
      continue;
    }
    SceneLink *item = add_link (self, entry->after);
    if (item == NULL)
      continue;
    item->selected = g_hash_table_contains (reselect, item->id);
    g_signal_emit_by_name (self, "link-added", item->id);
  }
  drop_stale_marks (self);
  loom_scene_settle (self);
  if (selection_changed)
    g_signal_emit_by_name (self, "selection-changed");
}

static void
clear_items (LoomScene *self)
{
  g_hash_table_remove_all (self->moving);
  g_hash_table_remove_all (self->dragged);
  g_hash_table_remove_all (self->unplaced);
  g_hash_table_remove_all (self->bundles);
  g_hash_table_remove_all (self->links);
  g_hash_table_remove_all (self->nodes);
  g_clear_pointer (&self->index, loom_index_free);
  self->index = loom_index_new ();
}

static void
build_items (LoomScene *self)
{
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (self->lab);
  g_autoptr (GPtrArray) links = loom_lab_list_links (self->lab);

  for (guint i = 0; i < nodes->len; i++)
    add_node (self, g_ptr_array_index (nodes, i), FALSE);
  for (guint i = 0; i < links->len; i++)
    add_link (self, g_ptr_array_index (links, i));
  loom_scene_settle (self);
}

void
loom_scene_set_lab (LoomScene *self, LoomLab *lab)
{
  g_return_if_fail (LOOM_IS_SCENE (self));

  if (lab == self->lab)
    return;
  if (self->lab != NULL)
    g_signal_handlers_disconnect_by_data (self->lab, self);
  clear_items (self);
  loom_sprites_clear (self->sprites);
  g_hash_table_remove_all (self->icons); /* another lab, another catalogue */
  g_set_object (&self->lab, lab);
  if (lab != NULL) {
    build_items (self);
    g_signal_connect (lab, "changed", G_CALLBACK (on_lab_changed), self);
  }
  drop_stale_marks (self);
  g_signal_emit_by_name (self, "lab-replaced");
  g_signal_emit_by_name (self, "damage-all");
  g_signal_emit_by_name (self, "selection-changed");
}

LoomLab *
loom_scene_get_lab (LoomScene *self)
{
  return self->lab;
}

void
loom_scene_set_drag (LoomScene *self, const char *const *nodes, double dx, double dy)
{
  g_autoptr (GHashTable) was = g_steal_pointer (&self->dragged);
  GHashTableIter iter;
  gpointer item;

  self->dragged = g_hash_table_new (NULL, NULL);
  for (int i = 0; nodes != NULL && nodes[i] != NULL; i++) {
    SceneNode *node = loom_scene_lookup_node (self, nodes[i]);
    if (node == NULL)
      continue;
    g_hash_table_add (self->dragged, node);
    g_hash_table_remove (was, node);
    node->offset = (LoomPoint){dx, dy};
    loom_scene_move_node (self, node);
  }
  g_hash_table_iter_init (&iter, was);
  while (g_hash_table_iter_next (&iter, &item, NULL)) {
    ((SceneNode *) item)->offset = (LoomPoint){0, 0};
    loom_scene_move_node (self, item);
  }
  loom_scene_settle (self);
}
