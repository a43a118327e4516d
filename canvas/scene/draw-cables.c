/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Cables, in the still layer. What is set on one shows by its shape first, and then by its colour:
 * impaired is a long dash, unplugged is dotted, a port fault is dotted towards the end it is at,
 * one way is a line of arrow heads, flapping a zigzag. Crosses at dead ends belong to the live
 * layer. */

#include "canvas/scene/painter.h"

#include <math.h>

#define DASH 14.0
#define DASH_GAP 7.0
#define DOT_GAP 5.0
#define ARROW_STEP 26.0
#define ARROW_HALF 4.5
#define ZIGZAG_STEP 7.0 /* half a wave */
#define ZIGZAG_HALF 4.0
#define N_PARTS 24 /* straight pieces of a bowed part */
#define MAX_MARKS 400

static void
add_curve (cairo_t *cr, const LoomCurve *curve)
{
  cairo_move_to (cr, curve->start.x, curve->start.y);
  if (!curve->bowed) {
    cairo_line_to (cr, curve->end.x, curve->end.y);
    return;
  }
  const LoomPoint *c = &curve->control;
  cairo_curve_to (cr, curve->start.x + (c->x - curve->start.x) * 2 / 3,
                  curve->start.y + (c->y - curve->start.y) * 2 / 3,
                  curve->end.x + (c->x - curve->end.x) * 2 / 3,
                  curve->end.y + (c->y - curve->end.y) * 2 / 3, curve->end.x, curve->end.y);
}

static void
add_part (cairo_t *cr, const LoomCurve *curve, double from, double to)
{
  for (int i = 0; i <= N_PARTS; i++) {
    LoomPoint at = loom_curve_at (curve, from + (to - from) * i / N_PARTS);

    cairo_line_to (cr, at.x, at.y);
  }
}

/* The unit vector along the curve at @t. */
static LoomPoint
direction_at (const LoomCurve *curve, double t)
{
  LoomPoint before = loom_curve_at (curve, MAX (t - 0.01, 0));
  LoomPoint after = loom_curve_at (curve, MIN (t + 0.01, 1));
  double dx = after.x - before.x;
  double dy = after.y - before.y;
  double norm = MAX (hypot (dx, dy), 1e-6);

  return (LoomPoint){dx / norm, dy / norm};
}

static void
set_dash (cairo_t *cr, double on, double off)
{
  const double dashes[] = {on, off};

  cairo_set_dash (cr, dashes, 2, 0);
}

static void
stroke_dotted (cairo_t *cr, double width)
{
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  set_dash (cr, 0.01, width + DOT_GAP);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
}

/* Whole, and dotted on the side of the broken port. */
static void
draw_port_fault (cairo_t *cr, const SceneLink *link, double width)
{
  gboolean at_b = link->link->fault_end == 1;

  cairo_new_sub_path (cr);
  add_part (cr, &link->curve, at_b ? 0 : 1, 0.5);
  cairo_stroke (cr);
  cairo_new_sub_path (cr);
  add_part (cr, &link->curve, 0.5, at_b ? 1 : 0);
  stroke_dotted (cr, width);
}

static int
count_marks (const LoomCurve *curve, double step)
{
  return CLAMP ((int) (loom_curve_length (curve) / step), 1, MAX_MARKS);
}

static void
draw_one_way (cairo_t *cr, const SceneLink *link)
{
  int n_arrows = count_marks (&link->curve, ARROW_STEP);
  double sign = link->link->fault_end == 0 ? 1 : -1;

  add_curve (cr, &link->curve);
  cairo_stroke (cr);
  for (int i = 0; i < n_arrows; i++) {
    double t = (i + 0.5) / n_arrows;
    LoomPoint at = loom_curve_at (&link->curve, t);
    LoomPoint d = direction_at (&link->curve, t);
    double x = at.x + d.x * sign * ARROW_HALF;
    double y = at.y + d.y * sign * ARROW_HALF;
    double back_x = x - d.x * sign * 2 * ARROW_HALF;
    double back_y = y - d.y * sign * 2 * ARROW_HALF;

    cairo_move_to (cr, back_x - d.y * ARROW_HALF, back_y + d.x * ARROW_HALF);
    cairo_line_to (cr, x, y);
    cairo_line_to (cr, back_x + d.y * ARROW_HALF, back_y - d.x * ARROW_HALF);
  }
  cairo_stroke (cr);
}

static void
draw_flapping (cairo_t *cr, const SceneLink *link)
{
  int n_waves = count_marks (&link->curve, ZIGZAG_STEP);

  cairo_move_to (cr, link->curve.start.x, link->curve.start.y);
  for (int i = 1; i < n_waves; i++) {
    double t = (double) i / n_waves;
    LoomPoint at = loom_curve_at (&link->curve, t);
    LoomPoint d = direction_at (&link->curve, t);
    double off = i % 2 == 0 ? ZIGZAG_HALF : -ZIGZAG_HALF;

    cairo_line_to (cr, at.x - d.y * off, at.y + d.x * off);
  }
  cairo_line_to (cr, link->curve.end.x, link->curve.end.y);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (cr);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_MITER);
}

static void
draw_course (cairo_t *cr, const SceneLink *link, double width)
{
  switch (link->link->fault) {
  case LOOM_FAULT_UNPLUGGED:
    add_curve (cr, &link->curve);
    stroke_dotted (cr, width);
    break;
  case LOOM_FAULT_PORT:
    draw_port_fault (cr, link, width);
    break;
  case LOOM_FAULT_ONE_WAY:
    draw_one_way (cr, link);
    break;
  case LOOM_FAULT_FLAPPING:
    draw_flapping (cr, link);
    break;
  case LOOM_FAULT_NONE:
  default:
    add_curve (cr, &link->curve);
    if (loom_link_needs_wire (link->link))
      set_dash (cr, DASH, DASH_GAP);
    cairo_stroke (cr);
    cairo_set_dash (cr, NULL, 0, 0);
    break;
  }
}

static LoomColor
color_of (const LoomTheme *theme, const LoomLink *link)
{
  if (link->fault == LOOM_FAULT_UNPLUGGED || link->fault == LOOM_FAULT_PORT)
    return theme->bad;
  if (link->fault != LOOM_FAULT_NONE || loom_link_needs_wire (link))
    return theme->wait;
  return theme->cable;
}

static void
draw_halo (const Painter *painter, const SceneLink *link, double width)
{
  cairo_t *cr = painter->cr;
  const LoomTheme *theme = painter->theme;
  LoomColor halo = loom_color_mix (&theme->background, &theme->accent, link->selected ? 1 : 0.5);

  add_curve (cr, &link->curve);
  cairo_set_line_width (cr, width + 2 * HALO_WIDTH + 2);
  painter_set_color (cr, &halo);
  cairo_stroke (cr);
  add_curve (cr, &link->curve);
  cairo_set_line_width (cr, width + HALO_WIDTH);
  painter_set_color (cr, &theme->background);
  cairo_stroke (cr);
}

void
painter_draw_cable (const Painter *painter, const SceneLink *link)
{
  const LoomTheme *theme = painter->theme;
  LoomColor color = color_of (theme, link->link);
  double width = painter_at_least_px (painter, link->width);

  if (link->selected || scene_is_focused (painter->scene, LOOM_ITEM_LINK, link->id))
    draw_halo (painter, link, width);
  else if (scene_is_hovered (painter->scene, LOOM_ITEM_LINK, link->id))
    color = theme->accent;
  /* From far away a thousand cables would drown what they connect. */
  if (painter->zoom < ZOOM_NAMES)
    color = loom_color_mix (&theme->background, &color, 0.5);
  if (link->live && !link->status.carrier && link->link->fault == LOOM_FAULT_NONE)
    color = loom_color_mix (&theme->background, &theme->cable, 0.75);

  painter_set_color (painter->cr, &color);
  cairo_set_line_width (painter->cr, width);
  draw_course (painter->cr, link, width);
}

/* What is set on a cable, on its middle or beside it. */
void
painter_draw_note (const Painter *painter, const SceneLink *link)
{
  LoomColor color = color_of (painter->theme, link->link);
  LoomRect shape = loom_rect_grown (&link->note_at, -0.5);

  painter_add_rounded (painter->cr, &shape, shape.height / 2);
  painter_set_color (painter->cr, &painter->theme->tile);
  cairo_fill_preserve (painter->cr);
  painter_set_color (painter->cr, &color);
  cairo_set_line_width (painter->cr, 1);
  cairo_stroke (painter->cr);
  loom_text_draw (link->note, painter->cr,
                  link->note_at.x + (link->note_at.width - loom_text_get_width (link->note)) / 2,
                  link->note_at.y + (link->note_at.height - loom_text_get_height (link->note)) / 2,
                  &color);
}

void
painter_draw_notes (const Painter *painter)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  loom_index_query (painter->scene->index, painter->clip, found);
  for (guint i = 0; i < found->len; i++) {
    LoomIndexEntry *entry = g_ptr_array_index (found, i);
    SceneLink *link = entry->owner;

    if (entry->kind == ENTRY_NOTE && loom_rect_intersects (&link->note_at, painter->clip))
      painter_draw_note (painter, link);
  }
}
