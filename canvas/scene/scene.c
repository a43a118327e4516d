/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The scene: keeps one item for each node and link, in step with the lab's changes and the status,
 * and says what to draw again. Geometry is in scene-items.c, drawing in scene-draw.c. */

#include "canvas/scene/scene-private.h"

#include <math.h>

#define APPEAR_US (150 * 1000)
#define TURN_STEP_US (80 * 1000) /* arcs turn twelve times a second */
#define FRAME_US (16 * 1000)
#define TURN_US (1400 * 1000) /* one whole turn */

G_DEFINE_FINAL_TYPE (LoomScene, loom_scene, G_TYPE_OBJECT)

enum {
  SIGNAL_DAMAGE,
  SIGNAL_DAMAGE_ALL,
  SIGNAL_SELECTION_CHANGED,
  SIGNAL_NODE_ADDED,
  SIGNAL_NODE_REMOVED,
  SIGNAL_NODE_RENAMED,
  SIGNAL_NODE_CHANGED,
  SIGNAL_LINK_ADDED,
  SIGNAL_LINK_REMOVED,
  SIGNAL_LAB_REPLACED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

SceneNode *
loom_scene_lookup_node (LoomScene *self, const char *name)
{
  return name != NULL ? g_hash_table_lookup (self->nodes, name) : NULL;
}

SceneLink *
loom_scene_lookup_link (LoomScene *self, const char *id)
{
  return id != NULL ? g_hash_table_lookup (self->links, id) : NULL;
}

void
loom_scene_damage (LoomScene *self, LoomLayers layers, const LoomRect *area)
{
  g_signal_emit (self, signals[SIGNAL_DAMAGE], 0, (int) layers, area->x, area->y, area->width,
                 area->height);
}

void
loom_scene_damage_node (LoomScene *self, SceneNode *node)
{
  loom_scene_damage (self, LOOM_LAYER_STILL | LOOM_LAYER_LIVE, &node->bounds);
}

void
loom_scene_damage_link (LoomScene *self, SceneLink *link)
{
  loom_scene_damage (self, LOOM_LAYER_STILL | LOOM_LAYER_LIVE, &link->bounds);
}

gboolean
loom_scene_node_wants_badge (const SceneNode *node)
{
  return node->live || node->state != LOOM_NODE_OFF;
}

/* Whether a node's arc turns: it is on its way and nobody knows how far. */
static gboolean
turns (const SceneNode *node)
{
  return node->progress < 0
         && (node->state == LOOM_NODE_PREPARING || node->state == LOOM_NODE_BOOTING
             || node->state == LOOM_NODE_STOPPING);
}

static void
update_moving (LoomScene *self, SceneNode *node)
{
  if (self->animated && (turns (node) || node->appearance < 1))
    g_hash_table_add (self->moving, node);
  else
    g_hash_table_remove (self->moving, node);
}

static void
read_node_status (LoomScene *self, SceneNode *node)
{
  const char *name = node->node->name;

  node->live = self->status != NULL && loom_status_get_lab (self->status) != LOOM_LAB_OFF;
  node->state = self->status != NULL ? loom_status_get_node (self->status, name) : LOOM_NODE_OFF;
  node->progress = self->status != NULL ? loom_status_get_node_progress (self->status, name) : -1;
  update_moving (self, node);
}

/* Thicker with load: 2 units up to 100 kb/s, 0.9 more for each factor of 10 from there. In steps,
 * and only once it is well off what is drawn, so that rates around a step redraw nothing. */
static double
width_for (const LoomLinkStatus *status, double drawn)
{
  double rate_bps = MAX (status->from_a.rate_bps, status->from_b.rate_bps);
  double width = rate_bps > 1e5 ? MIN (2 + 0.9 * log10 (rate_bps / 1e5), 6) : 2;

  if (drawn > 0 && rate_bps > 0 && fabs (width - drawn) < 0.5)
    return drawn;
  return round (width * 2) / 2;
}

static gboolean
moved_on (const LoomFlow *was, const LoomFlow *now)
{
  return now->n_frames > was->n_frames;
}

static gboolean
has_traffic (const LoomFlow *flow)
{
  return flow->rate_fps > 0 || flow->rate_bps > 0;
}

/* Reads the counters of a link; damages what they change on the screen. */
static void
read_link_status (LoomScene *self, SceneLink *link, gboolean may_blink)
{
  const LoomLinkStatus *now = self->status != NULL ? loom_status_get_link (self->status, link->id)
                                                   : NULL;
  LoomLinkStatus was = link->status;
  gboolean was_live = link->live;
  gboolean was_lit_a = link->lit_a;
  gboolean was_lit_b = link->lit_b;
  gboolean was_blink = link->blink;
  double was_width = link->width;

  link->live = now != NULL;
  link->status = now != NULL ? *now : (LoomLinkStatus){0};
  gboolean step_a = moved_on (&was.from_a, &link->status.from_a);
  gboolean step_b = moved_on (&was.from_b, &link->status.from_b);
  /* Both ends of a cable see a frame, unless the cable lost it. */
  link->lit_a = link->lit_b = has_traffic (&link->status.from_a)
                              || has_traffic (&link->status.from_b)
                              || (was_live && (step_a || step_b));
  link->blink = may_blink && self->animated && was_live && (step_a || step_b) && !was_blink;
  link->width = width_for (&link->status, was_width);

  if (link->width != was_width || link->live != was_live || link->status.carrier != was.carrier)
    loom_scene_damage_link (self, link);
  else if (link->lit_a != was_lit_a || link->lit_b != was_lit_b || link->blink != was_blink) {
    LoomRect a = {link->led_a.x, link->led_a.y, 0, 0};
    LoomRect b = {link->led_b.x, link->led_b.y, 0, 0};
    a = loom_rect_grown (&a, LED_RADIUS + 2);
    b = loom_rect_grown (&b, LED_RADIUS + 2);
    loom_scene_damage (self, LOOM_LAYER_LIVE, &a);
    loom_scene_damage (self, LOOM_LAYER_LIVE, &b);
  }

  if (link->lit_a && !link->has_pills && !link->no_room)
    g_hash_table_add (self->unplaced, link);
  if (!link->has_pills)
    return;
  if (was.from_a.rate_bps != link->status.from_a.rate_bps)
    loom_scene_damage (self, LOOM_LAYER_LIVE, &link->pills[0]);
  if (was.from_b.rate_bps != link->status.from_b.rate_bps)
    loom_scene_damage (self, LOOM_LAYER_LIVE, &link->pills[1]);
}

static void
refresh_node (LoomScene *self, SceneNode *node)
{
  LoomRect was = node->bounds;

  loom_scene_damage_node (self, node);
  read_node_status (self, node);
  loom_scene_update_texts (self, node);
  loom_scene_place_node (self, node);
  if (memcmp (&was, &node->bounds, sizeof was) != 0)
    loom_scene_damage_node (self, node);
}

/* The node moved, or its texts changed their size: it and its cables lie elsewhere now. */
static void
move_node (LoomScene *self, SceneNode *node)
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
  read_node_status (self, item);
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
  loom_scene_place_bundle (self, item);
  read_link_status (self, item, FALSE);
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

/* Links leave before nodes do, and come after nodes came: an item never points to nothing. */
static gboolean
remove_links (LoomScene *self, LoomChange *change, GHashTable *reselect)
{
  gboolean lost = FALSE;

  for (guint i = 0; i < change->links->len; i++) {
    LoomLinkChange *entry = &g_array_index (change->links, LoomLinkChange, i);
    if (entry->before == NULL)
      continue;
    g_autofree char *id = loom_link_dup_id (entry->before);
    SceneLink *item = loom_scene_lookup_link (self, id);
    if (item == NULL)
      continue;
    if (item->selected && entry->after != NULL)
      g_hash_table_add (reselect, loom_link_dup_id (entry->after));
    lost = lost || item->selected;
    remove_link (self, item);
    g_signal_emit (self, signals[SIGNAL_LINK_REMOVED], 0, id);
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
  g_signal_emit (self, signals[SIGNAL_NODE_RENAMED], 0, was, name);
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
      g_signal_emit (self, signals[SIGNAL_NODE_REMOVED], 0, item->node->name);
      scene_node_free (item);
    } else if (item == NULL) {
      item = add_node (self, entry->after, TRUE);
      loom_scene_damage_node (self, item);
      g_signal_emit (self, signals[SIGNAL_NODE_ADDED], 0, item->node->name);
    } else {
      loom_scene_damage_node (self, item);
      set_node (self, item, entry->after);
      g_hash_table_insert (self->nodes, item->node->name, item);
      move_node (self, item);
      if (!g_str_equal (entry->before->name, entry->after->name)) {
        follow_rename (self, entry->before->name, entry->after->name);
        lost = lost || item->selected;
      }
      g_signal_emit (self, signals[SIGNAL_NODE_CHANGED], 0, item->node->name);
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
    SceneLink *item = add_link (self, entry->after);
    if (item == NULL)
      continue;
    item->selected = g_hash_table_contains (reselect, item->id);
    g_signal_emit (self, signals[SIGNAL_LINK_ADDED], 0, item->id);
  }
  drop_stale_marks (self);
  loom_scene_settle (self);
  if (selection_changed)
    g_signal_emit (self, signals[SIGNAL_SELECTION_CHANGED], 0);
}

static void
on_status_lab_changed (LoomStatus *status, LoomScene *self)
{
  GHashTableIter iter;
  gpointer item;

  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    refresh_node (self, item);
  g_hash_table_iter_init (&iter, self->links);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    read_link_status (self, item, FALSE);
  loom_scene_settle (self);
  g_signal_emit (self, signals[SIGNAL_DAMAGE_ALL], 0);
}

static void
on_status_node_changed (LoomStatus *status, const char *name, LoomScene *self)
{
  SceneNode *node = loom_scene_lookup_node (self, name);

  if (node == NULL)
    return;
  refresh_node (self, node);
  loom_scene_settle (self);
  g_signal_emit (self, signals[SIGNAL_NODE_CHANGED], 0, node->node->name);
}

static void
on_status_links_changed (LoomStatus *status, LoomScene *self)
{
  GHashTableIter iter;
  gpointer item;

  g_hash_table_iter_init (&iter, self->links);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    read_link_status (self, item, TRUE);
  loom_scene_settle (self);
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

static void
reset_typesetter (LoomScene *self)
{
  GHashTableIter iter;
  gpointer item;

  g_hash_table_remove_all (self->texts);
  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &item)) {
    SceneNode *node = item;
    g_clear_pointer (&node->name, loom_text_free);
    g_clear_pointer (&node->second, loom_text_free);
  }
  g_clear_pointer (&self->typesetter, loom_typesetter_free);
  self->typesetter = loom_typesetter_new (&self->theme);
  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &item)) {
    loom_scene_update_texts (self, item);
    loom_scene_place_node (self, item);
  }
}

static void
loom_scene_dispose (GObject *object)
{
  LoomScene *self = LOOM_SCENE (object);

  loom_scene_set_lab (self, NULL);
  loom_scene_set_status (self, NULL);
  G_OBJECT_CLASS (loom_scene_parent_class)->dispose (object);
}

static void
loom_scene_finalize (GObject *object)
{
  LoomScene *self = LOOM_SCENE (object);

  g_hash_table_unref (self->moving);
  g_hash_table_unref (self->dragged);
  g_hash_table_unref (self->unplaced);
  g_hash_table_unref (self->bundles);
  g_hash_table_unref (self->links);
  g_hash_table_unref (self->nodes);
  g_hash_table_unref (self->texts);
  g_hash_table_unref (self->icons);
  g_clear_pointer (&self->accepting, g_hash_table_unref);
  loom_index_free (self->index);
  loom_sprites_free (self->sprites);
  loom_typesetter_free (self->typesetter);
  g_free (self->hover_id);
  g_free (self->focus_id);
  g_free (self->pull_from);
  G_OBJECT_CLASS (loom_scene_parent_class)->finalize (object);
}

static guint
new_signal (const char *name, guint n_params, GType first, GType second)
{
  return g_signal_new (name, LOOM_TYPE_SCENE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                       n_params, first, second);
}

static void
loom_scene_class_init (LoomSceneClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = loom_scene_dispose;
  object_class->finalize = loom_scene_finalize;
  signals[SIGNAL_DAMAGE] = g_signal_new ("damage", LOOM_TYPE_SCENE, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 5, G_TYPE_INT, G_TYPE_DOUBLE,
                                         G_TYPE_DOUBLE, G_TYPE_DOUBLE, G_TYPE_DOUBLE);
  signals[SIGNAL_DAMAGE_ALL] = new_signal ("damage-all", 0, 0, 0);
  signals[SIGNAL_SELECTION_CHANGED] = new_signal ("selection-changed", 0, 0, 0);
  signals[SIGNAL_NODE_ADDED] = new_signal ("node-added", 1, G_TYPE_STRING, 0);
  signals[SIGNAL_NODE_REMOVED] = new_signal ("node-removed", 1, G_TYPE_STRING, 0);
  signals[SIGNAL_NODE_RENAMED] = new_signal ("node-renamed", 2, G_TYPE_STRING, G_TYPE_STRING);
  signals[SIGNAL_NODE_CHANGED] = new_signal ("node-changed", 1, G_TYPE_STRING, 0);
  signals[SIGNAL_LINK_ADDED] = new_signal ("link-added", 1, G_TYPE_STRING, 0);
  signals[SIGNAL_LINK_REMOVED] = new_signal ("link-removed", 1, G_TYPE_STRING, 0);
  signals[SIGNAL_LAB_REPLACED] = new_signal ("lab-replaced", 0, 0, 0);
}

static void
loom_scene_init (LoomScene *self)
{
  loom_theme_init_light (&self->theme);
  self->typesetter = loom_typesetter_new (&self->theme);
  self->sprites = loom_sprites_new ();
  self->texts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                       (GDestroyNotify) loom_text_free);
  self->icons = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                       (GDestroyNotify) loom_icon_free);
  self->nodes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                       (GDestroyNotify) scene_node_free);
  self->links = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                       (GDestroyNotify) scene_link_free);
  self->bundles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify) g_ptr_array_unref);
  self->unplaced = g_hash_table_new (NULL, NULL);
  self->moving = g_hash_table_new (NULL, NULL);
  self->dragged = g_hash_table_new (NULL, NULL);
  self->index = loom_index_new ();
}

LoomScene *
loom_scene_new (void)
{
  return g_object_new (LOOM_TYPE_SCENE, NULL);
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
  g_signal_emit (self, signals[SIGNAL_LAB_REPLACED], 0);
  g_signal_emit (self, signals[SIGNAL_DAMAGE_ALL], 0);
  g_signal_emit (self, signals[SIGNAL_SELECTION_CHANGED], 0);
}

LoomLab *
loom_scene_get_lab (LoomScene *self)
{
  return self->lab;
}

void
loom_scene_set_status (LoomScene *self, LoomStatus *status)
{
  g_return_if_fail (LOOM_IS_SCENE (self));

  if (status == self->status)
    return;
  if (self->status != NULL)
    g_signal_handlers_disconnect_by_data (self->status, self);
  g_set_object (&self->status, status);
  if (status != NULL) {
    g_signal_connect (status, "lab-changed", G_CALLBACK (on_status_lab_changed), self);
    g_signal_connect (status, "node-changed", G_CALLBACK (on_status_node_changed), self);
    g_signal_connect (status, "links-changed", G_CALLBACK (on_status_links_changed), self);
  }
  on_status_lab_changed (status, self);
}

LoomStatus *
loom_scene_get_status (LoomScene *self)
{
  return self->status;
}

void
loom_scene_set_theme (LoomScene *self, const LoomTheme *theme)
{
  gboolean same_font = g_str_equal (theme->font, self->theme.font)
                       && theme->text_scale == self->theme.text_scale
                       && theme->greek == self->theme.greek;

  self->theme = *theme;
  loom_sprites_clear (self->sprites);
  if (!same_font) {
    reset_typesetter (self);
    loom_scene_settle (self);
  }
  g_signal_emit (self, signals[SIGNAL_DAMAGE_ALL], 0);
}

const LoomTheme *
loom_scene_get_theme (LoomScene *self)
{
  return &self->theme;
}

void
loom_scene_set_animated (LoomScene *self, gboolean animated)
{
  GHashTableIter iter;
  gpointer item;

  if (animated == self->animated)
    return;
  self->animated = animated;
  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &item)) {
    if (!animated)
      ((SceneNode *) item)->appearance = 1;
    update_moving (self, item);
  }
  g_signal_emit (self, signals[SIGNAL_DAMAGE_ALL], 0);
}

gint64
loom_scene_tick (LoomScene *self, gint64 now_us)
{
  double angle = (now_us % TURN_US) / (double) TURN_US * 2 * G_PI;
  gint64 next_us = 0;
  GHashTableIter iter;
  gpointer item;

  self->angle = angle;
  g_hash_table_iter_init (&iter, self->moving);
  while (g_hash_table_iter_next (&iter, &item, NULL)) {
    SceneNode *node = item;
    if (node->appearance < 1) {
      if (node->appeared_us == 0)
        node->appeared_us = now_us;
      node->appearance = MIN ((now_us - node->appeared_us) / (double) APPEAR_US, 1);
      loom_scene_damage_node (self, node);
    } else {
      LoomPoint badge = loom_scene_badge_center (node);
      LoomRect area = {badge.x, badge.y, 0, 0};
      area = loom_rect_grown (&area, LOOM_BADGE_RADIUS + 3);
      loom_scene_damage (self, LOOM_LAYER_LIVE, &area);
    }
    if (node->appearance < 1)
      next_us = now_us + FRAME_US;
    else if (!turns (node))
      g_hash_table_iter_remove (&iter);
    else if (next_us == 0)
      next_us = now_us + TURN_STEP_US;
  }
  return next_us;
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
    move_node (self, node);
  }
  g_hash_table_iter_init (&iter, was);
  while (g_hash_table_iter_next (&iter, &item, NULL)) {
    ((SceneNode *) item)->offset = (LoomPoint){0, 0};
    move_node (self, item);
  }
  loom_scene_settle (self);
}
