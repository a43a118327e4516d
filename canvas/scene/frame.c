/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A window onto a scene. Damage is a short list of rectangles a layer: past its end they become the
 * one that holds them all, since a thousand small clips cost more than one large one. */

#include "canvas/scene/frame.h"

#include <math.h>

struct _LoomFrame {
  LoomScene *scene;
  LoomFrameDirty dirty;
  gpointer user_data;
  LoomView view;
  cairo_surface_t *still; /* NULL: to be made */
  cairo_surface_t *whole;
  GArray *still_damage; /* of cairo_rectangle_int_t in px; is part of live_damage too */
  GArray *live_damage;
};

static gboolean
clip_to_view (const LoomView *view, cairo_rectangle_int_t *rect)
{
  int right = MIN (rect->x + rect->width, view->width_px);
  int bottom = MIN (rect->y + rect->height, view->height_px);

  rect->x = MAX (rect->x, 0);
  rect->y = MAX (rect->y, 0);
  rect->width = right - rect->x;
  rect->height = bottom - rect->y;
  return rect->width > 0 && rect->height > 0;
}

static cairo_rectangle_int_t
join (const cairo_rectangle_int_t *a, const cairo_rectangle_int_t *b)
{
  int x = MIN (a->x, b->x);
  int y = MIN (a->y, b->y);

  return (cairo_rectangle_int_t){x, y, MAX (a->x + a->width, b->x + b->width) - x,
                                 MAX (a->y + a->height, b->y + b->height) - y};
}

static gboolean
holds (const cairo_rectangle_int_t *a, const cairo_rectangle_int_t *b)
{
  return b->x >= a->x && b->y >= a->y && b->x + b->width <= a->x + a->width
         && b->y + b->height <= a->y + a->height;
}

static gboolean
overlaps (const cairo_rectangle_int_t *a, const cairo_rectangle_int_t *b)
{
  return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height
         && b->y < a->y + a->height;
}

static int
count_pixels (const cairo_rectangle_int_t *rect)
{
  return rect->width * rect->height;
}

/* What joining @rect to @have would have drawn in vain. */
static int
price (const cairo_rectangle_int_t *have, const cairo_rectangle_int_t *rect)
{
  cairo_rectangle_int_t both = join (have, rect);

  return count_pixels (&both) - count_pixels (have) - count_pixels (rect);
}

/* Few rectangles: each costs in every widget that GTK draws below it. When there are too many the
 * new one is joined to the one where that draws the least in vain. */
static void
add_rect (GArray *rects, const cairo_rectangle_int_t *rect)
{
  cairo_rectangle_int_t *best = NULL;
  int best_price = 0;

  for (guint i = 0; i < rects->len; i++) {
    cairo_rectangle_int_t *have = &g_array_index (rects, cairo_rectangle_int_t, i);
    int its_price = price (have, rect);

    if (holds (have, rect))
      return;
    if (overlaps (have, rect)) {
      *have = join (have, rect);
      return;
    }
    if (best == NULL || its_price < best_price) {
      best = have;
      best_price = its_price;
    }
  }
  if (rects->len < LOOM_FRAME_MAX_RECTS)
    g_array_append_val (rects, *rect);
  else
    *best = join (best, rect);
}

static void
add_damage (LoomFrame *self, LoomLayers layers, cairo_rectangle_int_t rect)
{
  gboolean was_dirty = loom_frame_is_dirty (self);

  if (!clip_to_view (&self->view, &rect))
    return;
  if (layers & LOOM_LAYER_STILL)
    add_rect (self->still_damage, &rect);
  add_rect (self->live_damage, &rect);
  if (!was_dirty && self->dirty != NULL)
    self->dirty (self->user_data);
}

static void
damage_all (LoomFrame *self)
{
  cairo_rectangle_int_t all = {0, 0, self->view.width_px, self->view.height_px};

  add_damage (self, LOOM_LAYER_STILL | LOOM_LAYER_LIVE, all);
}

static void
on_damage (LoomScene *scene, int layers, double x, double y, double width, double height,
           LoomFrame *self)
{
  LoomRect area = {x, y, width, height};
  LoomRect px;

  if (self->view.zoom < 0.5)
    area = loom_rect_grown (&area, 12); /* what is drawn larger than life from far away */
  px = loom_view_rect_to_px (&self->view, &area);
  if (!(px.x < self->view.width_px && px.y < self->view.height_px && px.x + px.width > 0
        && px.y + px.height > 0))
    return;
  int left = floor (MAX (px.x, -1)) - 1;
  int top = floor (MAX (px.y, -1)) - 1;
  int right = ceil (MIN (px.x + px.width, self->view.width_px)) + 1;
  int bottom = ceil (MIN (px.y + px.height, self->view.height_px)) + 1;
  add_damage (self, layers, (cairo_rectangle_int_t){left, top, right - left, bottom - top});
}

static void
drop_images (LoomFrame *self)
{
  g_clear_pointer (&self->still, cairo_surface_destroy);
  g_clear_pointer (&self->whole, cairo_surface_destroy);
}

LoomFrame *
loom_frame_new (LoomScene *scene, LoomFrameDirty dirty, gpointer user_data)
{
  LoomFrame *self = g_new0 (LoomFrame, 1);

  self->scene = g_object_ref (scene);
  self->dirty = dirty;
  self->user_data = user_data;
  self->view = (LoomView){.device_scale = 1, .zoom = 1};
  self->still_damage = g_array_new (FALSE, FALSE, sizeof (cairo_rectangle_int_t));
  self->live_damage = g_array_new (FALSE, FALSE, sizeof (cairo_rectangle_int_t));
  g_signal_connect (scene, "damage", G_CALLBACK (on_damage), self);
  g_signal_connect_swapped (scene, "damage-all", G_CALLBACK (damage_all), self);
  return self;
}

void
loom_frame_free (LoomFrame *self)
{
  g_signal_handlers_disconnect_by_data (self->scene, self);
  drop_images (self);
  g_array_unref (self->still_damage);
  g_array_unref (self->live_damage);
  g_object_unref (self->scene);
  g_free (self);
}

void
loom_frame_set_view (LoomFrame *self, const LoomView *view)
{
  if (view->width_px != self->view.width_px || view->height_px != self->view.height_px
      || view->device_scale != self->view.device_scale)
    drop_images (self);
  self->view = *view;
  damage_all (self);
}

const LoomView *
loom_frame_get_view (LoomFrame *self)
{
  return &self->view;
}

gboolean
loom_frame_is_dirty (LoomFrame *self)
{
  return self->live_damage->len > 0;
}

GArray *
loom_frame_list_damage (LoomFrame *self)
{
  return g_array_copy (self->live_damage);
}

static cairo_surface_t *
new_image (const LoomView *view)
{
  cairo_surface_t *image = cairo_image_surface_create (CAIRO_FORMAT_RGB24,
                                                       view->width_px * view->device_scale,
                                                       view->height_px * view->device_scale);

  cairo_surface_set_device_scale (image, view->device_scale, view->device_scale);
  return image;
}

static void
draw_part (LoomFrame *self, cairo_t *cr, LoomLayers layers, const cairo_rectangle_int_t *rect)
{
  const LoomView *view = &self->view;
  LoomPoint corner = loom_view_to_unit (view, rect->x, rect->y);
  LoomRect clip = {corner.x, corner.y, rect->width / view->zoom, rect->height / view->zoom};

  cairo_save (cr);
  cairo_rectangle (cr, rect->x, rect->y, rect->width, rect->height);
  cairo_clip (cr);
  if (!(layers & LOOM_LAYER_STILL)) {
    cairo_set_source_surface (cr, self->still, 0, 0);
    cairo_set_operator (cr, CAIRO_OPERATOR_SOURCE);
    cairo_paint (cr);
    cairo_set_operator (cr, CAIRO_OPERATOR_OVER);
  }
  cairo_scale (cr, view->zoom, view->zoom);
  cairo_translate (cr, -view->origin.x, -view->origin.y);
  loom_scene_draw (self->scene, cr, layers, &clip, view->zoom);
  cairo_restore (cr);
}

static void
repair (LoomFrame *self, cairo_surface_t *image, LoomLayers layers, GArray *damage)
{
  cairo_t *cr = cairo_create (image);

  for (guint i = 0; i < damage->len; i++)
    draw_part (self, cr, layers, &g_array_index (damage, cairo_rectangle_int_t, i));
  cairo_destroy (cr);
  g_array_set_size (damage, 0);
}

cairo_surface_t *
loom_frame_render (LoomFrame *self)
{
  if (self->still == NULL) {
    cairo_rectangle_int_t all = {0, 0, self->view.width_px, self->view.height_px};
    self->still = new_image (&self->view);
    self->whole = new_image (&self->view);
    add_rect (self->still_damage, &all);
    add_rect (self->live_damage, &all);
  }
  repair (self, self->still, LOOM_LAYER_BACKGROUND | LOOM_LAYER_STILL, self->still_damage);
  repair (self, self->whole, LOOM_LAYER_LIVE, self->live_damage);
  return self->whole;
}

LoomPoint
loom_view_to_unit (const LoomView *view, double x_px, double y_px)
{
  return (LoomPoint){view->origin.x + x_px / view->zoom, view->origin.y + y_px / view->zoom};
}

LoomPoint
loom_view_to_px (const LoomView *view, double x, double y)
{
  return (LoomPoint){(x - view->origin.x) * view->zoom, (y - view->origin.y) * view->zoom};
}

LoomRect
loom_view_rect_to_px (const LoomView *view, const LoomRect *rect)
{
  LoomPoint corner = loom_view_to_px (view, rect->x, rect->y);

  return (LoomRect){corner.x, corner.y, rect->width * view->zoom, rect->height * view->zoom};
}
