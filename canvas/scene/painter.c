/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Shapes and questions that every drawing file of the scene needs. */

#include "canvas/scene/painter.h"

void
painter_set_color (cairo_t *cr, const LoomColor *color)
{
  cairo_set_source_rgb (cr, color->red, color->green, color->blue);
}

void
painter_add_rounded (cairo_t *cr, const LoomRect *r, double radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, r->x + r->width - radius, r->y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, r->x + r->width - radius, r->y + r->height - radius, radius, 0, G_PI_2);
  cairo_arc (cr, r->x + radius, r->y + r->height - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, r->x + radius, r->y + radius, radius, G_PI, 1.5 * G_PI);
  cairo_close_path (cr);
}

void
painter_add_disc (cairo_t *cr, double x, double y, double radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
}

/* Whole-pixel line widths at any zoom: never thinner than one. */
double
painter_at_least_px (const Painter *painter, double width)
{
  return MAX (width, 1 / painter->zoom);
}

gboolean
scene_is_hovered (const LoomScene *scene, LoomItemKind kind, const char *id)
{
  return scene->hover_kind == kind && g_strcmp0 (scene->hover_id, id) == 0;
}

gboolean
scene_is_focused (const LoomScene *scene, LoomItemKind kind, const char *id)
{
  return scene->focus_kind == kind && g_strcmp0 (scene->focus_id, id) == 0;
}
