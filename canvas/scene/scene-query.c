/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a scene answers: what is at a point, what is selected. How items are called is in
 * scene-words.c. */

#include "canvas/scene/scene-private.h"

#include <math.h>

#define HANDLE_REACH 9.0 /* a handle is grabbed a little outside of what is drawn */
#define SPOT_STEP 40.0   /* free spots are looked for on this grid */
#define SPOT_RINGS 40
#define SPOT_ROOM 160.0 /* leaves a cable the length that its rates need */
#define LABEL_ROOM 44.0 /* under a tile that has no name yet */

static int
handle_at (const SceneNode *node, double x, double y, double tolerance)
{
  static const double at[4][2] = {{0, -1}, {1, 0}, {0, 1}, {-1, 0}};

  for (int i = 0; i < 4; i++) {
    if (hypot (x - node->center.x - at[i][0] * TILE_HALF, y - node->center.y - at[i][1] * TILE_HALF)
        <= MAX (HANDLE_REACH, tolerance))
      return i;
  }
  return -1;
}

static gboolean
hit_node (LoomScene *self, SceneNode *node, double x, double y, double tolerance, LoomHit *hit)
{
  gboolean hovered = self->hover_kind == LOOM_ITEM_NODE
                     && g_strcmp0 (self->hover_id, node->node->name) == 0;
  int handle = hovered ? handle_at (node, x, y, tolerance) : -1;
  LoomRect tile = loom_rect_grown (&node->tile, MIN (tolerance, 4));
  gboolean on_tile = loom_rect_contains (&tile, x, y);

  if (handle < 0 && !on_tile && !loom_rect_contains (&node->label, x, y))
    return FALSE;
  *hit = (LoomHit){
      .kind = LOOM_ITEM_NODE,
      .id = node->node->name,
      .label = handle < 0 && !on_tile,
      .handle = handle,
  };
  return TRUE;
}

LoomHit
loom_scene_hit (LoomScene *self, double x, double y, double tolerance)
{
  LoomHit hit = {.kind = LOOM_ITEM_NONE, .handle = -1};
  LoomHit candidate = hit;
  guint best_serial = 0;
  double best_distance = INFINITY;
  LoomRect area = {x - tolerance, y - tolerance, 2 * tolerance, 2 * tolerance};
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  area = loom_rect_grown (&area, HANDLE_REACH);
  loom_index_query (self->index, &area, found);
  /* Nodes lie above cables; among nodes the topmost, among cables the nearest. */
  for (guint i = 0; i < found->len; i++) {
    LoomIndexEntry *entry = g_ptr_array_index (found, i);
    SceneNode *node = entry->owner;
    SceneLink *link = entry->owner;
    if (entry->kind == ENTRY_NODE && hit_node (self, node, x, y, tolerance, &candidate)) {
      if (hit.kind != LOOM_ITEM_NODE || node->serial > best_serial)
        hit = candidate;
      best_serial = MAX (best_serial, node->serial);
    } else if (entry->kind == ENTRY_NOTE && hit.kind == LOOM_ITEM_NONE
               && loom_rect_contains (&link->note_at, x, y)) {
      best_distance = tolerance;
      hit = (LoomHit){.kind = LOOM_ITEM_LINK, .id = link->id, .handle = -1, .t = 0.5};
    } else if (entry->kind == ENTRY_LINK && hit.kind != LOOM_ITEM_NODE) {
      double t;
      double distance = loom_curve_distance (&link->curve, x, y, &t) - link->width / 2;
      if (distance > tolerance || distance >= best_distance)
        continue;
      best_distance = distance;
      hit = (LoomHit){.kind = LOOM_ITEM_LINK, .id = link->id, .handle = -1, .t = t};
    }
  }
  return hit;
}

GPtrArray *
loom_scene_list_nodes_in (LoomScene *self, const LoomRect *area)
{
  GPtrArray *names = g_ptr_array_new ();
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  loom_index_query (self->index, area, found);
  for (guint i = 0; i < found->len; i++) {
    LoomIndexEntry *entry = g_ptr_array_index (found, i);
    SceneNode *node = entry->owner;
    if (entry->kind == ENTRY_NODE && loom_rect_intersects (&node->tile, area))
      g_ptr_array_add (names, node->node->name);
  }
  return names;
}

static void
extend (LoomRect *bounds, gboolean *any, const LoomRect *by)
{
  *bounds = *any ? loom_rect_union (bounds, by) : *by;
  *any = TRUE;
}

gboolean
loom_scene_get_bounds (LoomScene *self, LoomRect *ret_bounds)
{
  GHashTableIter iter;
  gpointer item;
  gboolean any = FALSE;
  LoomRect bounds = {0};

  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    extend (&bounds, &any, &((SceneNode *) item)->bounds);
  g_hash_table_iter_init (&iter, self->links);
  while (g_hash_table_iter_next (&iter, NULL, &item)) {
    SceneLink *link = item;
    LoomRect curve = loom_curve_bounds (&link->curve);
    extend (&bounds, &any, &curve);
    if (link->has_note_place)
      extend (&bounds, &any, &link->note_at);
    if (link->has_pills) {
      extend (&bounds, &any, &link->pills[0]);
      extend (&bounds, &any, &link->pills[1]);
    }
  }
  if (any)
    *ret_bounds = bounds;
  return any;
}

gboolean
loom_scene_get_item_bounds (LoomScene *self, LoomItemKind kind, const char *id,
                            LoomRect *ret_bounds)
{
  SceneNode *node = kind == LOOM_ITEM_NODE ? loom_scene_lookup_node (self, id) : NULL;
  SceneLink *link = kind == LOOM_ITEM_LINK ? loom_scene_lookup_link (self, id) : NULL;

  if (node != NULL) {
    *ret_bounds = node->tile;
  } else if (link != NULL) {
    LoomRect bounds = loom_curve_bounds (&link->curve);
    *ret_bounds = loom_rect_grown (&bounds, link->width / 2 + 1);
  }
  return node != NULL || link != NULL;
}

gboolean
loom_scene_get_node_center (LoomScene *self, const char *name, LoomPoint *ret_center)
{
  SceneNode *node = loom_scene_lookup_node (self, name);

  if (node != NULL)
    *ret_center = node->center;
  return node != NULL;
}

gboolean
loom_scene_get_label_bounds (LoomScene *self, const char *name, LoomRect *ret_bounds)
{
  SceneNode *node = loom_scene_lookup_node (self, name);

  if (node == NULL)
    return FALSE;
  double width = loom_text_get_width (node->name);
  *ret_bounds = (LoomRect){node->center.x - width / 2, node->label.y + 6, width,
                           loom_text_get_height (node->name)};
  return TRUE;
}

static gboolean
is_free (LoomScene *self, double x, double y)
{
  LoomRect area = {x - TILE_HALF - 16, y - TILE_HALF - 12, LOOM_TILE_SIZE + 32,
                   LOOM_TILE_SIZE + LABEL_ROOM + 12};
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  loom_index_query (self->index, &area, found);
  for (guint i = 0; i < found->len; i++) {
    LoomIndexEntry *entry = g_ptr_array_index (found, i);
    if (entry->kind == ENTRY_NODE
        && loom_rect_intersects (&((SceneNode *) entry->owner)->bounds, &area))
      return FALSE;
    if (entry->kind == ENTRY_LINK
        && loom_curve_crosses_rect (&((SceneLink *) entry->owner)->curve, &area))
      return FALSE;
  }
  return TRUE;
}

LoomPoint
loom_scene_find_free_spot (LoomScene *self, double x, double y)
{
  /* As one writes: to the right, then below. */
  static const LoomPoint roomy[] = {{0, 0}, {1, 0},  {-1, 0}, {0, 1},  {0, -1},
                                    {1, 1}, {-1, 1}, {1, -1}, {-1, -1}};

  x = round (x / LOOM_GRID_STEP) * LOOM_GRID_STEP;
  y = round (y / LOOM_GRID_STEP) * LOOM_GRID_STEP;
  for (guint i = 0; i < G_N_ELEMENTS (roomy); i++) {
    LoomPoint spot = {x + roomy[i].x * SPOT_ROOM, y + roomy[i].y * SPOT_ROOM};

    if (is_free (self, spot.x, spot.y))
      return spot;
  }
  for (int ring = 0; ring < SPOT_RINGS; ring++) {
    for (int row = -ring; row <= ring; row++) {
      int step = ABS (row) == ring ? 1 : MAX (2 * ring, 1);
      for (int column = -ring; column <= ring; column += step) {
        if (is_free (self, x + column * SPOT_STEP, y + row * SPOT_STEP))
          return (LoomPoint){x + column * SPOT_STEP, y + row * SPOT_STEP};
      }
    }
  }
  return (LoomPoint){x, y};
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static char **
finish_list (GPtrArray *list)
{
  g_ptr_array_sort (list, compare_strings);
  g_ptr_array_add (list, NULL);
  return (char **) g_ptr_array_free (list, FALSE);
}

char **
loom_scene_dup_selected_nodes (LoomScene *self)
{
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer item;

  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &item)) {
    if (((SceneNode *) item)->selected)
      g_ptr_array_add (list, g_strdup (((SceneNode *) item)->node->name));
  }
  return finish_list (list);
}

char **
loom_scene_dup_selected_links (LoomScene *self)
{
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer item;

  g_hash_table_iter_init (&iter, self->links);
  while (g_hash_table_iter_next (&iter, NULL, &item)) {
    if (((SceneLink *) item)->selected)
      g_ptr_array_add (list, g_strdup (((SceneLink *) item)->id));
  }
  return finish_list (list);
}

gboolean
loom_scene_is_selected (LoomScene *self, LoomItemKind kind, const char *id)
{
  SceneNode *node = kind == LOOM_ITEM_NODE ? loom_scene_lookup_node (self, id) : NULL;
  SceneLink *link = kind == LOOM_ITEM_LINK ? loom_scene_lookup_link (self, id) : NULL;

  return (node != NULL && node->selected) || (link != NULL && link->selected);
}

/* TRUE if that changed anything. */
static gboolean
mark (LoomScene *self, LoomItemKind kind, gpointer item, gboolean selected)
{
  gboolean *flag = kind == LOOM_ITEM_NODE ? &((SceneNode *) item)->selected
                                          : &((SceneLink *) item)->selected;

  if (*flag == selected)
    return FALSE;
  *flag = selected;
  if (kind == LOOM_ITEM_NODE)
    loom_scene_damage_node (self, item);
  else
    loom_scene_damage_link (self, item);
  return TRUE;
}

void
loom_scene_select (LoomScene *self, const char *const *nodes, const char *const *links)
{
  gboolean changed = FALSE;
  GHashTableIter iter;
  gpointer name;
  gpointer item;

  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, &name, &item))
    changed |= mark (self, LOOM_ITEM_NODE, item, nodes != NULL && g_strv_contains (nodes, name));
  g_hash_table_iter_init (&iter, self->links);
  while (g_hash_table_iter_next (&iter, &name, &item))
    changed |= mark (self, LOOM_ITEM_LINK, item, links != NULL && g_strv_contains (links, name));
  if (changed)
    g_signal_emit_by_name (self, "selection-changed");
}

void
loom_scene_set_selected (LoomScene *self, LoomItemKind kind, const char *id, gboolean selected)
{
  gpointer item = kind == LOOM_ITEM_NODE ? (gpointer) loom_scene_lookup_node (self, id)
                                         : (gpointer) loom_scene_lookup_link (self, id);

  if (item != NULL && mark (self, kind, item, selected))
    g_signal_emit_by_name (self, "selection-changed");
}

/* Port numbers and handles reach over the ends of a node's cables. */
static void
damage_around (LoomScene *self, LoomItemKind kind, const char *id)
{
  SceneNode *node = kind == LOOM_ITEM_NODE ? loom_scene_lookup_node (self, id) : NULL;
  SceneLink *link = kind == LOOM_ITEM_LINK ? loom_scene_lookup_link (self, id) : NULL;

  if (node != NULL) {
    LoomRect area = loom_rect_grown (&node->tile, 40);
    loom_scene_damage_node (self, node);
    loom_scene_damage (self, LOOM_LAYER_LIVE, &area);
  }
  if (link != NULL)
    loom_scene_damage_link (self, link);
}

static void
set_mark (LoomScene *self, LoomItemKind *kind_at, char **id_at, LoomItemKind kind, const char *id)
{
  if (*kind_at == kind && g_strcmp0 (*id_at, id) == 0)
    return;
  damage_around (self, *kind_at, *id_at);
  *kind_at = kind;
  g_autofree char *was = *id_at;
  *id_at = g_strdup (id);
  damage_around (self, kind, *id_at);
}

void
loom_scene_set_hover (LoomScene *self, LoomItemKind kind, const char *id)
{
  set_mark (self, &self->hover_kind, &self->hover_id, kind, id);
  loom_scene_place_plugs (self);
}

void
loom_scene_set_focus (LoomScene *self, LoomItemKind kind, const char *id)
{
  set_mark (self, &self->focus_kind, &self->focus_id, kind, id);
}

void
loom_scene_set_pull (LoomScene *self, const char *from, GHashTable *accepting)
{
  if (from == NULL && self->pull_from == NULL)
    return;
  g_autofree char *was = self->pull_from;
  self->pull_from = g_strdup (from);
  g_clear_pointer (&self->accepting, g_hash_table_unref);
  if (accepting != NULL)
    self->accepting = g_hash_table_ref (accepting);
  loom_scene_place_plugs (self);
  g_signal_emit_by_name (self, "damage-all");
}
