/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The map in the corner: where the view is in a lab that is larger. There is none while all of it
 * is in sight. A press on it goes there, a drag moves the view along. */

#include "canvas/widget/canvas-private.h"

#include <math.h>

#define MAP_WIDTH_PX 132.0
#define MAP_HEIGHT_PX 84.0
#define MAP_MARGIN_PX 12.0
#define MAP_PADDING_PX 7.0
#define MAP_NODE_PX 4.0
/* A canvas that is smaller has no room to spare. */
#define MIN_VIEW_PX 260

/* The box, in pixels. */
static LoomRect
get_box (LoomCanvas *self)
{
  return (LoomRect){self->view.width_px - MAP_WIDTH_PX - MAP_MARGIN_PX,
                    self->view.height_px - MAP_HEIGHT_PX - MAP_MARGIN_PX, MAP_WIDTH_PX,
                    MAP_HEIGHT_PX};
}

static LoomRect
get_sight (LoomCanvas *self)
{
  return (LoomRect){self->view.origin.x, self->view.origin.y, self->view.width_px / self->view.zoom,
                    self->view.height_px / self->view.zoom};
}

static gboolean
encloses (const LoomRect *outer, const LoomRect *inner)
{
  return inner->x >= outer->x && inner->y >= outer->y
         && inner->x + inner->width <= outer->x + outer->width
         && inner->y + inner->height <= outer->y + outer->height;
}

/* What the map shows: the lab, and what is in sight. FALSE: there is no map. */
static gboolean
get_world (LoomCanvas *self, LoomRect *ret_world)
{
  LoomRect sight = get_sight (self);
  LoomRect bounds;

  if (self->hand == HAND_MAPPING) {
    *ret_world = self->map_world;
    return TRUE;
  }
  if (self->view.width_px < MIN_VIEW_PX || self->view.height_px < MIN_VIEW_PX
      || !loom_scene_get_bounds (self->scene, &bounds) || encloses (&sight, &bounds))
    return FALSE;
  *ret_world = loom_rect_union (&bounds, &sight);
  return TRUE;
}

/* Pixels a unit, the same in both directions; the world stands in the middle of the box. */
static double
get_scale (const LoomRect *world, const LoomRect *box, LoomPoint *ret_offset)
{
  double scale = MIN ((box->width - 2 * MAP_PADDING_PX) / world->width,
                      (box->height - 2 * MAP_PADDING_PX) / world->height);

  ret_offset->x = box->x + (box->width - world->width * scale) / 2 - world->x * scale;
  ret_offset->y = box->y + (box->height - world->height * scale) / 2 - world->y * scale;
  return scale;
}

static void
set_color (cairo_t *cr, const LoomColor *color, double alpha)
{
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, alpha);
}

static void
draw_nodes (LoomCanvas *self, cairo_t *cr, double scale, LoomPoint offset)
{
  const LoomTheme *theme = loom_scene_get_theme (self->scene);
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (loom_canvas_get_lab (self));

  for (guint i = 0; i < nodes->len; i++) {
    const LoomNode *node = g_ptr_array_index (nodes, i);

    cairo_rectangle (cr, round (node->x * scale + offset.x - MAP_NODE_PX / 2),
                     round (node->y * scale + offset.y - MAP_NODE_PX / 2), MAP_NODE_PX,
                     MAP_NODE_PX);
  }
  set_color (cr, &theme->text, 0.6);
  cairo_fill (cr);
}

void
loom_canvas_draw_minimap (LoomCanvas *self, cairo_t *cr)
{
  const LoomTheme *theme = loom_scene_get_theme (self->scene);
  LoomRect box = get_box (self);
  LoomRect sight = get_sight (self);
  GdkRectangle pixels = {floor (box.x), floor (box.y), ceil (box.width), ceil (box.height)};
  GdkRectangle clip;
  LoomRect world;
  LoomPoint offset;
  double scale;

  if (!gdk_cairo_get_clip_rectangle (cr, &clip) || !gdk_rectangle_intersect (&clip, &pixels, NULL)
      || !get_world (self, &world))
    return;
  scale = get_scale (&world, &box, &offset);
  cairo_save (cr);
  cairo_rectangle (cr, box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1);
  set_color (cr, &theme->tile, 0.94);
  cairo_fill_preserve (cr);
  set_color (cr, &theme->border, 1);
  cairo_set_line_width (cr, 1);
  cairo_stroke_preserve (cr);
  cairo_clip (cr);
  draw_nodes (self, cr, scale, offset);
  cairo_rectangle (cr, round (sight.x * scale + offset.x) + 0.5,
                   round (sight.y * scale + offset.y) + 0.5, round (sight.width * scale),
                   round (sight.height * scale));
  set_color (cr, &theme->accent, 0.12);
  cairo_fill_preserve (cr);
  set_color (cr, &theme->accent, 1);
  cairo_stroke (cr);
  cairo_restore (cr);
}

void
loom_canvas_queue_minimap (LoomCanvas *self)
{
  LoomRect box = get_box (self);

  gtk_widget_queue_draw_area (GTK_WIDGET (self), floor (box.x), floor (box.y), ceil (box.width),
                              ceil (box.height));
}

void
loom_canvas_minimap_follow (LoomCanvas *self)
{
  LoomRect box = get_box (self);
  LoomRect sight = get_sight (self);
  LoomPoint offset;
  double scale = get_scale (&self->map_world, &box, &offset);

  loom_canvas_set_view (
      self, self->view.zoom,
      (LoomPoint){round ((self->pointer_px.x - offset.x) / scale - sight.width / 2),
                  round ((self->pointer_px.y - offset.y) / scale - sight.height / 2)});
}

gboolean
loom_canvas_minimap_press (LoomCanvas *self)
{
  LoomRect box = get_box (self);

  return loom_rect_contains (&box, self->pointer_px.x, self->pointer_px.y)
         && get_world (self, &self->map_world);
}
