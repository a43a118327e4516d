/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The handles of the cable under the pointer, that unplug it with a click: one beside each end, one
 * beside its middle. They stand away from the cable, so that a click on the cable itself selects it
 * as ever, and near enough for the pointer to go there without leaving it. */

#include "canvas/scene/painter.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define PLUG_RADIUS 10.0
#define PLUG_REACH 12.0 /* is hit a little outside of what is drawn */
#define PLUG_AWAY 18.0  /* of its middle from the cable's */
#define PLUG_FROM_END 42.0
#define SHORT 124.0 /* a cable with room for the middle one only */

/* Above the cable, or left of it; tooltips come up below the pointer. */
static LoomPoint
beside (const SceneLink *link, double t, double away)
{
  LoomPoint before = loom_curve_at (&link->curve, MAX (t - 0.01, 0));
  LoomPoint after = loom_curve_at (&link->curve, MIN (t + 0.01, 1));
  LoomPoint at = loom_curve_at (&link->curve, t);
  double norm = MAX (hypot (after.x - before.x, after.y - before.y), 1e-6);
  double x = (after.y - before.y) / norm;
  double y = -(after.x - before.x) / norm;

  if (y > 0.01 || (y > -0.01 && x > 0)) {
    x = -x;
    y = -y;
  }
  return (LoomPoint){at.x + x * away, at.y + y * away};
}

static gboolean
is_covered (LoomScene *self, const SceneLink *link, LoomPoint at)
{
  LoomRect area = {at.x, at.y, 0, 0};
  const SceneHeld *held = g_hash_table_lookup (self->held, link->id);
  LoomRect mark = held != NULL ? loom_scene_hold_mark (link, held) : (LoomRect){0};

  area = loom_rect_grown (&area, PLUG_RADIUS - 1);
  return (link->has_note_place && loom_rect_intersects (&area, &link->note_at))
         || (held != NULL && loom_rect_intersects (&area, &mark))
         || (link->has_pills
             && (loom_rect_intersects (&area, &link->pills[0])
                 || loom_rect_intersects (&area, &link->pills[1])));
}

/* Where nothing is covered, if there is such a place; on either side. */
static LoomPoint
middle_place (LoomScene *self, const SceneLink *link)
{
  static const double tries[][2] = {{0.5, 1},   {0.5, -1}, {0.5, 1.5}, {0.42, 1}, {0.58, 1},
                                    {0.36, 1},  {0.64, 1}, {0.3, 1},   {0.7, 1},  {0.42, -1},
                                    {0.58, -1}, {0.3, -1}, {0.7, -1}};

  for (guint i = 0; i < G_N_ELEMENTS (tries); i++) {
    LoomPoint at = beside (link, tries[i][0], tries[i][1] * PLUG_AWAY);

    if (!is_covered (self, link, at))
      return at;
  }
  return beside (link, 0.5, PLUG_AWAY);
}

/* FALSE: there is none. */
static gboolean
place_of (LoomScene *self, const SceneLink *link, LoomPlug plug, LoomPoint *ret_at)
{
  double length = loom_curve_length (&link->curve);

  if (plug == LOOM_PLUG_MIDDLE) {
    *ret_at = middle_place (self, link);
    return TRUE;
  }
  if (length < SHORT)
    return FALSE;
  /* Clear of the port numbers. */
  *ret_at = beside (link, plug == LOOM_PLUG_A ? PLUG_FROM_END / length : 1 - PLUG_FROM_END / length,
                    PLUG_AWAY);
  return TRUE;
}

gboolean
loom_scene_get_plug_place (LoomScene *self, const char *link, LoomPlug plug, LoomPoint *ret_at)
{
  SceneLink *item = loom_scene_lookup_link (self, link);

  return item != NULL && place_of (self, item, plug, ret_at);
}

const char *
loom_scene_get_hovered_link (LoomScene *self)
{
  return self->hover_kind == LOOM_ITEM_LINK ? self->hover_id : NULL;
}

LoomPlug
loom_scene_hit_plug (LoomScene *self, double x, double y)
{
  for (LoomPlug plug = LOOM_PLUG_A; plug <= LOOM_PLUG_MIDDLE; plug++) {
    const LoomPoint *at = &self->plug_places[plug];

    if (self->has_plug[plug] && hypot (x - at->x, y - at->y) <= PLUG_REACH)
      return plug;
  }
  return LOOM_PLUG_NONE;
}

static void
damage_plug (LoomScene *self, LoomPlug plug)
{
  LoomRect area = {self->plug_places[plug].x, self->plug_places[plug].y, 0, 0};

  area = loom_rect_grown (&area, PLUG_RADIUS + 2);
  if (self->has_plug[plug])
    loom_scene_damage (self, LOOM_LAYER_LIVE, &area);
}

void
loom_scene_set_hover_plug (LoomScene *self, LoomPlug plug)
{
  if (self->hover_plug == plug)
    return;
  damage_plug (self, self->hover_plug);
  self->hover_plug = plug;
  damage_plug (self, plug);
}

void
loom_scene_place_plugs (LoomScene *self)
{
  SceneLink *link = self->hover_kind == LOOM_ITEM_LINK && self->pull_from == NULL
                        ? loom_scene_lookup_link (self, self->hover_id)
                        : NULL;

  for (LoomPlug plug = LOOM_PLUG_A; plug <= LOOM_PLUG_MIDDLE; plug++) {
    LoomPoint at = {0, 0};
    gboolean has = link != NULL && place_of (self, link, plug, &at);

    if (has == self->has_plug[plug] && at.x == self->plug_places[plug].x
        && at.y == self->plug_places[plug].y)
      continue;
    damage_plug (self, plug);
    self->has_plug[plug] = has;
    self->plug_places[plug] = at;
    damage_plug (self, plug);
  }
}

void
loom_plug_toggle (LoomPlug plug, LoomLink *link)
{
  int end = plug == LOOM_PLUG_B ? 1 : 0;
  gboolean mends = loom_plug_mends (plug, link);

  link->fault_end = plug == LOOM_PLUG_MIDDLE ? 0 : end;
  if (mends)
    link->fault = LOOM_FAULT_NONE;
  else
    link->fault = plug == LOOM_PLUG_MIDDLE ? LOOM_FAULT_UNPLUGGED : LOOM_FAULT_PORT;
}

gboolean
loom_plug_mends (LoomPlug plug, const LoomLink *link)
{
  if (plug == LOOM_PLUG_MIDDLE)
    return link->fault != LOOM_FAULT_NONE && link->fault != LOOM_FAULT_PORT;
  return link->fault == LOOM_FAULT_PORT && link->fault_end == (plug == LOOM_PLUG_B ? 1 : 0);
}

char *
loom_scene_describe_plug (LoomScene *self, const char *link, LoomPlug plug)
{
  SceneLink *item = loom_scene_lookup_link (self, link);
  const LoomEnd *end;

  if (item == NULL || plug == LOOM_PLUG_NONE)
    return NULL;
  end = plug == LOOM_PLUG_B ? &item->link->b : &item->link->a;
  if (plug == LOOM_PLUG_MIDDLE)
    return g_strdup (!loom_plug_mends (plug, item->link)
                         ? _ ("Unplug this cable: both ends lose their carrier.")
                     : item->link->fault == LOOM_FAULT_UNPLUGGED ? _ ("Plug this cable in again.")
                                                                 : _ ("Repair this cable."));
  if (loom_plug_mends (plug, item->link))
    /* Translators: a machine and the number of one of its ports */
    return g_strdup_printf (_ ("Plug in again at %s, port %d."), end->node, end->port);
  return g_strdup_printf (_ ("Unplug at %s, port %d: only this end loses its carrier."), end->node,
                          end->port);
}

/* A plug with two prongs, upright. */
static void
draw_plug (cairo_t *cr)
{
  cairo_move_to (cr, -2, -5.5);
  cairo_line_to (cr, -2, -2);
  cairo_move_to (cr, 2, -5.5);
  cairo_line_to (cr, 2, -2);
  cairo_stroke (cr);
  cairo_move_to (cr, -4, -2);
  cairo_line_to (cr, 4, -2);
  cairo_line_to (cr, 4, 0.5);
  cairo_curve_to (cr, 4, 3.5, -4, 3.5, -4, 0.5);
  cairo_close_path (cr);
  cairo_fill (cr);
  cairo_move_to (cr, 0, 2);
  cairo_line_to (cr, 0, 6);
  cairo_stroke (cr);
}

static void
draw_scissors (cairo_t *cr)
{
  cairo_move_to (cr, -2.4, 2.2);
  cairo_line_to (cr, 3, -5.5);
  cairo_move_to (cr, 2.4, 2.2);
  cairo_line_to (cr, -3, -5.5);
  cairo_stroke (cr);
  painter_add_disc (cr, -3, 4, 1.9);
  cairo_stroke (cr);
  painter_add_disc (cr, 3, 4, 1.9);
  cairo_stroke (cr);
}

/* Two links of a chain. */
static void
draw_chain (cairo_t *cr)
{
  LoomRect one = {-6, -2.4, 7, 4.8};
  LoomRect other = {-1, -2.4, 7, 4.8};

  cairo_rotate (cr, -G_PI_4);
  painter_add_rounded (cr, &one, 2.4);
  cairo_stroke (cr);
  painter_add_rounded (cr, &other, 2.4);
  cairo_stroke (cr);
}

static void
draw_handle (const Painter *painter, const SceneLink *link, LoomPlug plug, LoomPoint at)
{
  cairo_t *cr = painter->cr;
  const LoomTheme *theme = painter->theme;
  gboolean is_hovered = painter->scene->hover_plug == plug;
  gboolean mends = loom_plug_mends (plug, link->link);
  const LoomColor *color = mends ? &theme->bad : &theme->accent;

  cairo_save (cr);
  cairo_translate (cr, at.x, at.y);
  painter_add_disc (cr, 0, 0, PLUG_RADIUS);
  painter_set_color (cr, is_hovered ? color : &theme->tile);
  cairo_fill_preserve (cr);
  painter_set_color (cr, color);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
  painter_set_color (cr, is_hovered ? &theme->background : color);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  if (mends)
    draw_chain (cr);
  else if (plug == LOOM_PLUG_MIDDLE)
    draw_scissors (cr);
  else
    draw_plug (cr);
  cairo_restore (cr);
}

void
painter_draw_plugs (const Painter *painter)
{
  LoomScene *scene = painter->scene;
  SceneLink *link = scene->hover_kind == LOOM_ITEM_LINK
                        ? loom_scene_lookup_link (scene, scene->hover_id)
                        : NULL;

  for (LoomPlug plug = LOOM_PLUG_A; link != NULL && plug <= LOOM_PLUG_MIDDLE; plug++) {
    if (scene->has_plug[plug])
      draw_handle (painter, link, plug, scene->plug_places[plug]);
  }
}
