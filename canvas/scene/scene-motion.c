/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What of the frames themselves a scene shows: those in motion, and those that are held on a
 * cable. */

#include "canvas/scene/scene-private.h"

#include <math.h>

/* In which what is drawn of a dot lies, larger than life from far away too. */
#define DOT_REACH 16.0

void
scene_held_free (gpointer data)
{
  SceneHeld *held = data;

  g_array_unref (held->dots);
  g_free (held);
}

gboolean
scene_link_has_lanes (const LoomScene *self, const SceneLink *link)
{
  return self->has_lanes || g_hash_table_contains (self->held, link->id);
}

/* What is written at a cable wants another place. */
static void
place_anew (LoomScene *self, SceneLink *link)
{
  link->no_room = FALSE;
  if (link->has_pills || link->lit_a || link->note != NULL)
    g_hash_table_add (self->unplaced, link);
}

void
loom_scene_set_lanes (LoomScene *self, gboolean has_lanes)
{
  GHashTableIter iter;
  gpointer link;

  g_return_if_fail (LOOM_IS_SCENE (self));

  if (has_lanes == self->has_lanes)
    return;
  self->has_lanes = has_lanes;
  g_hash_table_iter_init (&iter, self->links);
  while (g_hash_table_iter_next (&iter, NULL, &link))
    place_anew (self, link);
  loom_scene_settle (self);
}

void
loom_scene_set_hues (LoomScene *self, const LoomHue *hues, guint n_hues)
{
  g_return_if_fail (LOOM_IS_SCENE (self));

  g_array_set_size (self->hues, 0);
  g_array_append_vals (self->hues, hues, n_hues);
  loom_sprites_clear (self->sprites);
}

LoomMotion *
loom_scene_get_motion (LoomScene *self)
{
  g_return_val_if_fail (LOOM_IS_SCENE (self), NULL);

  return self->motion;
}

void
loom_scene_set_held (LoomScene *self, const char *link, gboolean on, const LoomHeldDot *dots,
                     guint n_dots)
{
  SceneLink *item = loom_scene_lookup_link (self, link);
  gboolean was_on = g_hash_table_contains (self->held, link);
  SceneHeld *held;

  g_return_if_fail (LOOM_IS_SCENE (self));

  if (on) {
    held = g_new0 (SceneHeld, 1);
    held->dots = g_array_new (FALSE, FALSE, sizeof (LoomHeldDot));
    g_array_append_vals (held->dots, dots, n_dots);
    g_hash_table_insert (self->held, g_strdup (link), held);
  } else {
    g_hash_table_remove (self->held, link);
  }
  if (item != NULL && was_on != (on != FALSE)) {
    place_anew (self, item);
    loom_scene_settle (self);
  }
  loom_scene_place_plugs (self);
}

/* The unit vector of travel at @t. */
static LoomPoint
heading (const LoomCurve *curve, double t, gboolean from_b)
{
  LoomPoint before = loom_curve_at (curve, MAX (t - 0.01, 0));
  LoomPoint after = loom_curve_at (curve, MIN (t + 0.01, 1));
  double norm = MAX (hypot (after.x - before.x, after.y - before.y), 1e-6) * (from_b ? -1 : 1);

  return (LoomPoint){(after.x - before.x) / norm, (after.y - before.y) / norm};
}

LoomPoint
loom_scene_lane_at (const SceneLink *link, double t, gboolean from_b)
{
  LoomPoint at = loom_curve_at (&link->curve, t);
  LoomPoint d = heading (&link->curve, t, from_b);

  return (LoomPoint){at.x - d.y * MOTION_LANE, at.y + d.x * MOTION_LANE};
}

LoomRect
loom_scene_hold_mark (const SceneLink *link, const SceneHeld *held)
{
  LoomPoint at = loom_curve_at (&link->curve, 0.5);
  double width = held->dots->len == 0 ? 22 : held->dots->len < 100 ? 38 : 50;
  LoomRect mark = {at.x - width / 2, at.y - HOLD_MARK_HEIGHT / 2, width, HOLD_MARK_HEIGHT};

  /* Below what is set on the cable. */
  if (link->has_note_place && loom_rect_intersects (&mark, &link->note_at))
    mark.y = link->note_at.y + link->note_at.height + 3;
  return mark;
}

double
loom_scene_queue_place (const SceneLink *link, const SceneHeld *held, guint i, gboolean from_b)
{
  double length = MAX (loom_curve_length (&link->curve), 1);
  LoomPoint d = heading (&link->curve, 0.5, FALSE);
  LoomRect mark = loom_scene_hold_mark (link, held);
  /* From the middle to where the mark ends along the cable. */
  double clear = MIN (mark.width / 2 / MAX (fabs (d.x), 0.01),
                      mark.height / 2 / MAX (fabs (d.y), 0.01));
  double away = (clear + HOLD_GAP + i * HOLD_STEP) / length;

  return away < 0.4 ? (from_b ? 0.5 + away : 0.5 - away) : -1;
}

static void
add_area (GArray *areas, LoomPoint at)
{
  LoomRect area = {at.x, at.y, 0, 0};

  area = loom_rect_grown (&area, DOT_REACH);
  g_array_append_val (areas, area);
}

static void
add_held (LoomScene *self, GArray *areas, const SceneLink *link, const SceneHeld *held)
{
  LoomRect mark = loom_scene_hold_mark (link, held);
  guint n[2] = {0, 0};

  mark = loom_rect_grown (&mark, 4);
  g_array_append_val (areas, mark);
  for (guint i = 0; i < held->dots->len; i++) {
    gboolean from_b = g_array_index (held->dots, LoomHeldDot, i).from_b != FALSE;
    double t = loom_scene_queue_place (link, held, n[from_b]++, from_b);

    if (t >= 0)
      add_area (areas, loom_scene_lane_at (link, t, from_b));
  }
}

GArray *
loom_scene_list_motion_areas (LoomScene *self)
{
  GArray *areas = g_array_new (FALSE, FALSE, sizeof (LoomRect));
  g_autoptr (GArray) dots = loom_motion_list_dots (self->motion);
  GHashTableIter iter;
  gpointer id;
  gpointer held;

  for (guint i = 0; i < dots->len; i++) {
    const LoomDot *dot = &g_array_index (dots, LoomDot, i);
    SceneLink *link = loom_scene_lookup_link (self, dot->link);

    if (link != NULL)
      add_area (areas, loom_scene_lane_at (link, dot->t, dot->from_b));
  }
  g_hash_table_iter_init (&iter, self->held);
  while (g_hash_table_iter_next (&iter, &id, &held)) {
    SceneLink *link = loom_scene_lookup_link (self, id);

    if (link != NULL)
      add_held (self, areas, link, held);
  }
  return areas;
}

const char *
loom_scene_hit_hold_mark (LoomScene *self, double x, double y)
{
  GHashTableIter iter;
  gpointer id;
  gpointer held;

  g_hash_table_iter_init (&iter, self->held);
  while (g_hash_table_iter_next (&iter, &id, &held)) {
    SceneLink *link = loom_scene_lookup_link (self, id);

    if (link == NULL)
      continue;
    LoomRect mark = loom_scene_hold_mark (link, held);
    if (loom_rect_contains (&mark, x, y))
      return link->id;
  }
  return NULL;
}
