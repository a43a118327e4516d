/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How the scene follows a running lab: states, progress and arcs of nodes, width, lights and rates
 * of cables, and what moves with time. It damages only what looks different afterwards. */

#include "canvas/scene/scene-private.h"

#include <math.h>

#define APPEAR_US (150 * 1000)
#define TURN_STEP_US (80 * 1000) /* arcs turn twelve times a second */
#define FRAME_US (16 * 1000)
#define TURN_US (1400 * 1000) /* one whole turn */
/* Half a blink: 2.5 a second. More than 3 can harm people (WCAG 2.3.1). A little less than two
 * readings, whose moments vary. */
#define HALF_BLINK_US (180 * 1000)

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

void
loom_scene_read_node_status (LoomScene *self, SceneNode *node)
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

static void
update_blink (LoomScene *self, SceneLink *link, gboolean stepped, gboolean turns)
{
  link->moved |= stepped;
  if (!self->animated || !link->live)
    link->blink = FALSE;
  else if (turns)
    link->blink = link->moved && !link->blink;
  if (turns)
    link->moved = FALSE;
}

/* What a pill says follows the rate once that is off by more than three quarters of the last digit
 * shown: readings of one and the same traffic differ by less, and redraw nothing. */
static void
update_pill (LoomScene *self, SceneLink *link, int at, double rate_bps)
{
  double step = loom_scene_get_rate_step (rate_bps);
  double *shown = &link->pill_bps[at];

  if (rate_bps == *shown
      || (rate_bps > 0 && *shown > 0
          && fabs (rate_bps - round (*shown / step) * step) < 0.75 * step))
    return;
  *shown = rate_bps;
  if (link->has_pills)
    loom_scene_damage (self, LOOM_LAYER_LIVE, &link->pills[at]);
}

static void
damage_lights (LoomScene *self, const SceneLink *link)
{
  LoomRect a = {link->led_a.x, link->led_a.y, 0, 0};
  LoomRect b = {link->led_b.x, link->led_b.y, 0, 0};

  a = loom_rect_grown (&a, LED_RADIUS + 2);
  b = loom_rect_grown (&b, LED_RADIUS + 2);
  loom_scene_damage (self, LOOM_LAYER_LIVE, &a);
  loom_scene_damage (self, LOOM_LAYER_LIVE, &b);
}

/* Reads the counters of a link; damages what they change on the screen. */
void
loom_scene_read_link_status (LoomScene *self, SceneLink *link, gboolean turns)
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
  gboolean stepped = was_live
                     && (moved_on (&was.from_a, &link->status.from_a)
                         || moved_on (&was.from_b, &link->status.from_b));
  /* Both ends of a cable see a frame, unless the cable lost it. */
  link->lit_a = link->lit_b = has_traffic (&link->status.from_a)
                              || has_traffic (&link->status.from_b) || stepped;
  update_blink (self, link, stepped, turns);
  link->width = width_for (&link->status, was_width);

  if (link->width != was_width || link->live != was_live || link->status.carrier != was.carrier)
    loom_scene_damage_link (self, link);
  else if (link->lit_a != was_lit_a || link->lit_b != was_lit_b || link->blink != was_blink)
    damage_lights (self, link);

  if (link->lit_a && !link->has_pills && !link->no_room)
    g_hash_table_add (self->unplaced, link);
  update_pill (self, link, 0, link->status.from_a.rate_bps);
  update_pill (self, link, 1, link->status.from_b.rate_bps);
}

static void
refresh_node (LoomScene *self, SceneNode *node)
{
  LoomRect was = node->bounds;

  loom_scene_damage_node (self, node);
  loom_scene_read_node_status (self, node);
  loom_scene_update_texts (self, node);
  loom_scene_place_node (self, node);
  if (memcmp (&was, &node->bounds, sizeof was) != 0)
    loom_scene_damage_node (self, node);
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
    loom_scene_read_link_status (self, item, FALSE);
  loom_scene_settle (self);
  g_signal_emit_by_name (self, "damage-all");
}

static void
on_status_node_changed (LoomStatus *status, const char *name, LoomScene *self)
{
  SceneNode *node = loom_scene_lookup_node (self, name);

  if (node == NULL)
    return;
  refresh_node (self, node);
  loom_scene_settle (self);
  g_signal_emit_by_name (self, "node-changed", node->node->name);
}

static void
on_status_links_changed (LoomStatus *status, LoomScene *self)
{
  gint64 now_us = loom_status_get_links_time_us (status);
  gboolean turns = now_us - self->blinked_us >= HALF_BLINK_US || now_us < self->blinked_us;
  GHashTableIter iter;
  gpointer item;

  if (turns)
    self->blinked_us = now_us;
  g_hash_table_iter_init (&iter, self->links);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    loom_scene_read_link_status (self, item, turns);
  loom_scene_settle (self);
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
  g_signal_emit_by_name (self, "damage-all");
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
