/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Geometry of the items: where tiles, names, cables, lights and pills lie. Whoever calls these
 * says the damage before and after. */

#include "canvas/scene/scene-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define NAME_TOP 6.0 /* under the tile */
#define SECOND_MAX_WIDTH 168.0
#define BOW_STEP 26.0        /* between cables of the same two nodes */
#define BUNDLE_WIDTH 220.0   /* at most, all of them together */
#define LED_MAX_SHIFT 28     /* units a light may stand off its tile */
#define PORT_LABEL_ROOM 24.0 /* around a cable's ends */

void
scene_node_free (SceneNode *node)
{
  g_clear_pointer (&node->entry.cells, g_array_unref);
  g_clear_pointer (&node->name, loom_text_free);
  g_clear_pointer (&node->second, loom_text_free);
  g_ptr_array_unref (node->links);
  loom_node_unref (node->node);
  g_free (node);
}

void
scene_link_free (SceneLink *link)
{
  g_clear_pointer (&link->entry.cells, g_array_unref);
  g_clear_pointer (&link->pills_entry.cells, g_array_unref);
  g_clear_pointer (&link->note_entry.cells, g_array_unref);
  g_clear_pointer (&link->note, loom_text_free);
  loom_link_unref (link->link);
  g_free (link->id);
  g_free (link);
}

/* "10.0.0.1": the first address, without its prefix length; more are counted. */
static char *
summarize_addresses (const LoomNode *node)
{
  g_autofree char *first = NULL;
  int n_more = 0;

  for (int i = 0; i < node->n_ports; i++) {
    if (node->ports[i].addresses == NULL || *node->ports[i].addresses == '\0')
      continue;
    g_auto (GStrv) list = g_strsplit (node->ports[i].addresses, ",", -1);
    for (int j = 0; list[j] != NULL; j++) {
      g_strstrip (list[j]);
      if (*list[j] == '\0')
        continue;
      if (first == NULL)
        first = g_strndup (list[j], strcspn (list[j], "/"));
      else
        n_more++;
    }
  }
  if (first != NULL && n_more > 0)
    /* Translators: an address, and how many more the machine has */
    return g_strdup_printf (_ ("%s +%d"), first, n_more);
  return g_steal_pointer (&first);
}

static char *
describe_still (const SceneNode *node)
{
  LoomRole role = node->kind != NULL ? node->kind->role : LOOM_ROLE_MACHINE;

  if (role == LOOM_ROLE_MACHINE) {
    if (node->node->image != NULL && *node->node->image != '\0')
      return g_path_get_basename (node->node->image);
    return summarize_addresses (node->node);
  }
  return g_strdup_printf (ngettext ("%d port", "%d ports", node->node->n_ports),
                          node->node->n_ports);
}

static char *
describe_live (LoomScene *self, const SceneNode *node)
{
  const char *detail = loom_status_get_node_detail (self->status, node->node->name);

  switch (node->state) {
  case LOOM_NODE_FAILED:
  case LOOM_NODE_PREPARING:
  case LOOM_NODE_BOOTING:
  case LOOM_NODE_STOPPING:
    if (detail != NULL && *detail != '\0')
      return g_strdup (detail);
    if (node->progress >= 0)
      /* Translators: a state and how far it is: "booting 40 %" */
      return g_strdup_printf (_ ("%s %d %%"), loom_node_state_to_label (node->state),
                              (int) (node->progress * 100));
    return g_strdup (loom_node_state_to_label (node->state));
  case LOOM_NODE_PAUSED:
    return g_strdup (loom_node_state_to_label (node->state));
  default:
    return NULL;
  }
}

void
loom_scene_update_texts (LoomScene *self, SceneNode *node)
{
  g_autofree char *second = NULL;
  gboolean is_bad = node->state == LOOM_NODE_FAILED && self->status != NULL;

  if (self->status != NULL && loom_scene_node_wants_badge (node))
    second = describe_live (self, node);
  if (second == NULL)
    second = describe_still (node);

  if (node->name == NULL || !g_str_equal (loom_text_get_text (node->name), node->node->name)) {
    g_clear_pointer (&node->name, loom_text_free);
    node->name = loom_text_new (self->typesetter, node->node->name, LOOM_TEXT_NAME,
                                SECOND_MAX_WIDTH);
  }
  if (node->second == NULL || second == NULL
      || !g_str_equal (loom_text_get_text (node->second), second)) {
    g_clear_pointer (&node->second, loom_text_free);
    if (second != NULL)
      node->second = loom_text_new (self->typesetter, second, LOOM_TEXT_QUIET, SECOND_MAX_WIDTH);
  }
  node->second_is_bad = is_bad;
}

LoomPoint
loom_scene_badge_center (const SceneNode *node)
{
  return (LoomPoint){node->center.x + TILE_HALF - 4, node->center.y - TILE_HALF + 4};
}

void
loom_scene_place_node (LoomScene *self, SceneNode *node)
{
  double width = loom_text_get_width (node->name);
  double height = NAME_TOP + loom_text_get_height (node->name);

  if (node->second != NULL) {
    width = MAX (width, loom_text_get_width (node->second));
    height += loom_text_get_height (node->second);
  }
  node->center.x = node->node->x + node->offset.x;
  node->center.y = node->node->y + node->offset.y;
  node->tile = (LoomRect){node->center.x - TILE_HALF, node->center.y - TILE_HALF, LOOM_TILE_SIZE,
                          LOOM_TILE_SIZE};
  node->label = (LoomRect){node->center.x - width / 2, node->center.y + TILE_HALF, width, height};
  node->bounds = loom_rect_grown (&node->tile, HALO_GAP + HALO_WIDTH + 4);
  LoomRect label = loom_rect_grown (&node->label, 3);
  node->bounds = loom_rect_union (&node->bounds, &label);
  loom_index_put_rect (self->index, &node->entry, &node->bounds);

  /* Pills that were there first give way. */
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  LoomRect near = loom_rect_grown (&node->bounds, 2);
  loom_index_query (self->index, &near, found);
  for (guint i = 0; i < found->len; i++) {
    LoomIndexEntry *entry = g_ptr_array_index (found, i);
    SceneLink *link = entry->owner;
    if (entry->kind == ENTRY_NOTE && loom_rect_intersects (&link->note_at, &near))
      g_hash_table_add (self->unplaced, link);
    if (entry->kind != ENTRY_PILLS)
      continue;
    if (loom_rect_intersects (&link->pills[0], &near)
        || loom_rect_intersects (&link->pills[1], &near))
      g_hash_table_add (self->unplaced, link);
  }
}

gboolean
scene_link_is_dead (const SceneLink *link, gboolean at_b)
{
  switch (link->link->fault) {
  case LOOM_FAULT_UNPLUGGED:
    return TRUE;
  case LOOM_FAULT_PORT:
    return (link->link->fault_end == 1) == at_b;
  default:
    return link->live && !link->status.carrier;
  }
}

char *
loom_scene_bundle_key (const LoomLink *link)
{
  return g_strdup_printf ("%s %s", link->a.node, link->b.node);
}

/* How far the cable's middle stands off the straight line, for cables side by side. */
static double
bow_of (GPtrArray *bundle, SceneLink *link)
{
  guint place = 0;

  if (bundle == NULL || bundle->len < 2)
    return 0;
  g_ptr_array_find (bundle, link, &place);
  double step = MIN (BOW_STEP, BUNDLE_WIDTH / bundle->len);
  return (place - (bundle->len - 1) / 2.0) * step;
}

/* The first point of the curve, from one of its ends, that a badge of @node leaves free. */
static LoomPoint
find_led (const LoomCurve *curve, gboolean from_end, const SceneNode *node)
{
  LoomPoint badge = loom_scene_badge_center (node);
  double length = loom_curve_length (curve);
  LoomPoint at = from_end ? curve->end : curve->start;

  for (int step = 0; step <= LED_MAX_SHIFT && step < length / 3; step++) {
    double t = length > 0 ? step / length : 0;
    at = loom_curve_at (curve, from_end ? 1 - t : t);
    if (hypot (at.x - badge.x, at.y - badge.y) > LOOM_BADGE_RADIUS + LED_RADIUS + 1.5)
      break;
  }
  return at;
}

/* The course of a cable: a line, bowed when there are several between two nodes. */
static LoomCurve
make_curve (LoomScene *self, SceneLink *link)
{
  g_autofree char *key = loom_scene_bundle_key (link->link);
  LoomPoint a = link->a->center;
  LoomPoint b = link->b->center;
  double dx = b.x - a.x;
  double dy = b.y - a.y;
  double length = hypot (dx, dy);
  double bow = length > 0 ? bow_of (g_hash_table_lookup (self->bundles, key), link) : 0;
  LoomPoint control = {(a.x + b.x) / 2, (a.y + b.y) / 2};
  LoomPoint out, in;

  if (bow != 0) {
    /* A quadratic curve passes half way to its control point. */
    control.x += -dy / length * bow * 2;
    control.y += dx / length * bow * 2;
  }
  out = loom_square_edge (TILE_HALF, TILE_RADIUS, control.x - a.x, control.y - a.y);
  in = loom_square_edge (TILE_HALF, TILE_RADIUS, control.x - b.x, control.y - b.y);
  return (LoomCurve){
      .start = {a.x + out.x, a.y + out.y},
      .control = control,
      .end = {b.x + in.x, b.y + in.y},
      .bowed = bow != 0,
  };
}

/* A cable from a node to itself is a loop at its upper left. */
static LoomCurve
make_loop (LoomPoint center)
{
  LoomPoint out = loom_square_edge (TILE_HALF, TILE_RADIUS, -1, -0.1);
  LoomPoint in = loom_square_edge (TILE_HALF, TILE_RADIUS, -0.1, -1);

  return (LoomCurve){
      .start = {center.x + out.x, center.y + out.y},
      .control = {center.x - 2.6 * TILE_HALF, center.y - 2.6 * TILE_HALF},
      .end = {center.x + in.x, center.y + in.y},
      .bowed = TRUE,
  };
}

void
loom_scene_place_link (LoomScene *self, SceneLink *link)
{
  LoomRect bounds;

  link->curve = link->a == link->b ? make_loop (link->a->center) : make_curve (self, link);
  link->led_a = find_led (&link->curve, FALSE, link->a);
  link->led_b = find_led (&link->curve, TRUE, link->b);
  bounds = loom_curve_bounds (&link->curve);
  link->bounds = loom_rect_grown (&bounds, PORT_LABEL_ROOM);
  loom_index_put_curve (self->index, &link->entry, &link->curve, LED_RADIUS + HALO_WIDTH);

  /* The pills' places are for the old course. */
  link->no_room = FALSE;
  if (link->has_pills || link->note != NULL)
    g_hash_table_add (self->unplaced, link);
}

void
loom_scene_place_bundle (LoomScene *self, SceneLink *link)
{
  g_autofree char *key = loom_scene_bundle_key (link->link);
  GPtrArray *bundle = g_hash_table_lookup (self->bundles, key);

  for (guint i = 0; bundle != NULL && i < bundle->len; i++) {
    SceneLink *sibling = g_ptr_array_index (bundle, i);
    loom_scene_damage_link (self, sibling);
    loom_scene_place_link (self, sibling);
    loom_scene_damage_link (self, sibling);
  }
}

typedef struct {
  LoomScene *scene;
  SceneLink *link;
  GPtrArray *found;
} PillQuery;

static double
cost_of_node (const SceneNode *node, const LoomRect *area)
{
  LoomRect tile = loom_rect_grown (&node->tile, LED_RADIUS + 2);
  LoomPoint badge = loom_scene_badge_center (node);
  LoomRect around_badge = {badge.x - LOOM_BADGE_RADIUS, badge.y - LOOM_BADGE_RADIUS,
                           2 * LOOM_BADGE_RADIUS, 2 * LOOM_BADGE_RADIUS};

  return loom_rect_intersects (&tile, area) || loom_rect_intersects (&node->label, area)
                 || loom_rect_intersects (&around_badge, area)
             ? INFINITY
             : 0;
}

/* What the frames of @other pass through, where they are seen. */
static double
cost_of_cable (const PillQuery *query, const SceneLink *other, const LoomRect *area)
{
  gboolean has_lanes = scene_link_has_lanes (query->scene, other);
  /* Its own are left free as far as it is straight. */
  double room = other == query->link ? LOOM_PILL_LANES - 5 : LOOM_PILL_LANES;
  LoomRect near = loom_rect_grown (area, has_lanes ? room : 0);

  if (other == query->link && !has_lanes)
    return 0;
  return loom_curve_crosses_rect (&other->curve, &near) ? 1 : 0;
}

static gboolean
covers_hold_mark (const PillQuery *query, const LoomRect *area)
{
  const SceneHeld *held = g_hash_table_lookup (query->scene->held, query->link->id);
  LoomRect mark;

  if (held == NULL)
    return FALSE;
  mark = loom_scene_hold_mark (query->link, held);
  return loom_rect_intersects (&mark, area);
}

static double
pill_cost (const LoomRect *area, gpointer user_data)
{
  PillQuery *query = user_data;
  LoomRect around = loom_rect_grown (area, query->scene->has_lanes ? LOOM_PILL_LANES : 0);
  double cost = covers_hold_mark (query, area) ? INFINITY : 0;

  g_ptr_array_set_size (query->found, 0);
  loom_index_query (query->scene->index, &around, query->found);
  for (guint i = 0; i < query->found->len && isfinite (cost); i++) {
    LoomIndexEntry *entry = g_ptr_array_index (query->found, i);
    SceneLink *other = entry->owner;
    switch (entry->kind) {
    case ENTRY_NODE:
      cost += cost_of_node (entry->owner, area);
      break;
    case ENTRY_PILLS:
      if (other != query->link
          && (loom_rect_intersects (&other->pills[0], area)
              || loom_rect_intersects (&other->pills[1], area)))
        cost = INFINITY;
      break;
    case ENTRY_NOTE:
      if (loom_rect_intersects (&other->note_at, area))
        cost = INFINITY;
      break;
    default:
      cost += cost_of_cable (query, other, area);
      break;
    }
  }
  return cost;
}

static int
compare_serials (gconstpointer a, gconstpointer b)
{
  const SceneLink *one = *(SceneLink *const *) a;
  const SceneLink *other = *(SceneLink *const *) b;

  return one->serial < other->serial ? -1 : one->serial > other->serial;
}

static void
place_pills (LoomScene *self, SceneLink *link, GPtrArray *found)
{
  PillQuery query = {self, link, found};

  link->has_pills = loom_pills_place (&link->curve, link->has_note_place,
                                      scene_link_has_lanes (self, link), pill_cost, &query,
                                      link->pills);
  link->no_room = !link->has_pills;
  if (!link->has_pills)
    return;
  LoomRect both = loom_rect_union (&link->pills[0], &link->pills[1]);
  loom_index_put_rect (self->index, &link->pills_entry, &both);
  loom_scene_damage (self, LOOM_LAYER_LIVE, &both);
}

void
loom_scene_settle (LoomScene *self)
{
  if (g_hash_table_size (self->unplaced) == 0)
    return;

  g_autoptr (GPtrArray) links = g_ptr_array_new ();
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer unplaced;
  g_hash_table_iter_init (&iter, self->unplaced);
  while (g_hash_table_iter_next (&iter, &unplaced, NULL))
    g_ptr_array_add (links, unplaced);
  g_ptr_array_sort (links, compare_serials);
  for (guint i = 0; i < links->len; i++) {
    SceneLink *link = g_ptr_array_index (links, i);
    if (link->has_pills) {
      LoomRect both = loom_rect_union (&link->pills[0], &link->pills[1]);
      loom_scene_damage (self, LOOM_LAYER_LIVE, &both);
    }
    loom_index_remove (self->index, &link->pills_entry);
    loom_scene_lift_note (self, link);
  }
  for (guint i = 0; i < links->len; i++) {
    PillQuery query = {self, g_ptr_array_index (links, i), found};
    loom_scene_place_note (self, query.link, pill_cost, &query);
  }
  for (guint i = 0; i < links->len; i++) {
    SceneLink *link = g_ptr_array_index (links, i);
    if (link->has_pills || link->lit_a)
      place_pills (self, link, found);
  }
  g_hash_table_remove_all (self->unplaced);
  loom_scene_place_plugs (self);
}
