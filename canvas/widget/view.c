/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The canvas's view: what part of the plane it shows, how large, and where its pixels lie there. */

#include "canvas/widget/canvas-private.h"

#include <math.h>

#define FIT_MARGIN_PX 32.0
#define ZOOM_STEP 1.25

LoomPoint
loom_canvas_to_unit (LoomCanvas *self, double x_px, double y_px)
{
  return loom_view_to_unit (&self->view, x_px, y_px);
}

LoomHit
loom_canvas_hit (LoomCanvas *self, double x_px, double y_px)
{
  LoomPoint at = loom_canvas_to_unit (self, x_px, y_px);

  return loom_scene_hit (self->scene, at.x, at.y, HIT_TOLERANCE_PX / self->view.zoom);
}

void
loom_canvas_set_view (LoomCanvas *self, double zoom, LoomPoint origin)
{
  gboolean zoomed = zoom != self->view.zoom;

  if (!zoomed && origin.x == self->view.origin.x && origin.y == self->view.origin.y)
    return;
  loom_canvas_end_rename (self, TRUE);
  self->view.zoom = zoom;
  self->view.origin = origin;
  loom_frame_set_view (self->frame, &self->view);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (zoomed)
    g_object_notify (G_OBJECT (self), "zoom");
}

void
loom_canvas_zoom_at (LoomCanvas *self, double zoom, double x_px, double y_px)
{
  LoomPoint at = loom_canvas_to_unit (self, x_px, y_px);

  zoom = CLAMP (zoom, ZOOM_MIN, ZOOM_MAX);
  if (fabs (zoom - 1) < 0.02)
    zoom = 1;
  loom_canvas_set_view (self, zoom, (LoomPoint){at.x - x_px / zoom, at.y - y_px / zoom});
}

void
loom_canvas_reveal (LoomCanvas *self, LoomItemKind kind, const char *id)
{
  LoomRect bounds;
  LoomPoint origin = self->view.origin;

  if (self->view.width_px <= 1 || !loom_scene_get_item_bounds (self->scene, kind, id, &bounds))
    return;
  /* The least scrolling that brings it in, with some room around and for the name. */
  double width = self->view.width_px / self->view.zoom;
  double height = self->view.height_px / self->view.zoom;
  bounds = loom_rect_grown (&bounds, MIN (48, MIN (width, height) / 8));
  if (bounds.x + bounds.width > origin.x + width)
    origin.x = bounds.x + bounds.width - width;
  if (bounds.y + bounds.height > origin.y + height)
    origin.y = bounds.y + bounds.height - height;
  origin.x = MIN (origin.x, bounds.x);
  origin.y = MIN (origin.y, bounds.y);
  loom_canvas_set_view (self, self->view.zoom, origin);
}

double
loom_canvas_get_zoom (LoomCanvas *self)
{
  return self->view.zoom;
}

void
loom_canvas_set_zoom (LoomCanvas *self, double zoom)
{
  loom_canvas_zoom_at (self, zoom, self->view.width_px / 2.0, self->view.height_px / 2.0);
}

void
loom_canvas_zoom_in (LoomCanvas *self)
{
  loom_canvas_set_zoom (self, self->view.zoom * ZOOM_STEP);
}

void
loom_canvas_zoom_out (LoomCanvas *self)
{
  loom_canvas_set_zoom (self, self->view.zoom / ZOOM_STEP);
}

void
loom_canvas_zoom_fit (LoomCanvas *self)
{
  LoomRect bounds;

  if (!loom_scene_get_bounds (self->scene, &bounds)) {
    loom_canvas_set_view (self, 1, (LoomPoint){0, 0});
    return;
  }
  double zoom = MIN ((self->view.width_px - 2 * FIT_MARGIN_PX) / bounds.width,
                     (self->view.height_px - 2 * FIT_MARGIN_PX) / bounds.height);
  zoom = CLAMP (zoom, ZOOM_MIN, 1);
  LoomPoint origin = {bounds.x + bounds.width / 2 - self->view.width_px / 2.0 / zoom,
                      bounds.y + bounds.height / 2 - self->view.height_px / 2.0 / zoom};
  loom_canvas_set_view (self, zoom, (LoomPoint){round (origin.x), round (origin.y)});
}

void
loom_canvas_zoom_reset (LoomCanvas *self)
{
  loom_canvas_set_zoom (self, 1);
}

gboolean
loom_canvas_get_item_area (LoomCanvas *self, LoomItemKind kind, const char *id,
                           GdkRectangle *ret_area)
{
  LoomRect bounds;

  if (!loom_scene_get_item_bounds (self->scene, kind, id, &bounds))
    return FALSE;
  bounds = loom_view_rect_to_px (&self->view, &bounds);
  *ret_area = (GdkRectangle){floor (bounds.x), floor (bounds.y), ceil (bounds.width),
                             ceil (bounds.height)};
  return TRUE;
}
