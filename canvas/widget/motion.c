/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames in motion over the picture: drawn anew at each frame of the frame clock, in the places
 * that they left and came to, and never while nothing moves. */

#include "canvas/widget/canvas-private.h"

#include <math.h>

static void
queue_area (LoomCanvas *self, const LoomRect *area)
{
  LoomRect px = loom_view_rect_to_px (&self->view, area);

  /* From far away dots are larger than life. */
  px = loom_rect_grown (&px, 4);
  gtk_widget_queue_draw_area (GTK_WIDGET (self), (int) floor (px.x), (int) floor (px.y),
                              (int) ceil (px.width) + 1, (int) ceil (px.height) + 1);
}

static void
queue_areas (LoomCanvas *self)
{
  for (guint i = 0; self->motion_areas != NULL && i < self->motion_areas->len; i++)
    queue_area (self, &g_array_index (self->motion_areas, LoomRect, i));
}

/* Where something was, and where it is. */
static void
queue_motion (LoomCanvas *self)
{
  queue_areas (self);
  g_clear_pointer (&self->motion_areas, g_array_unref);
  self->motion_areas = loom_scene_list_motion_areas (self->scene);
  queue_areas (self);
}

static gboolean
on_motion_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  LoomCanvas *self = LOOM_CANVAS (widget);
  gboolean moves = loom_motion_advance (loom_scene_get_motion (self->scene),
                                        g_get_monotonic_time ());

  queue_motion (self);
  if (moves)
    return G_SOURCE_CONTINUE;
  self->motion_id = 0;
  return G_SOURCE_REMOVE;
}

void
loom_canvas_stop_motion (LoomCanvas *self)
{
  if (self->motion_id != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->motion_id);
  self->motion_id = 0;
  loom_motion_clear (loom_scene_get_motion (self->scene));
}

void
loom_canvas_draw_motion (LoomCanvas *self, cairo_t *cr)
{
  const LoomView *view = &self->view;
  LoomRect clip;
  double x1, y1, x2, y2;

  if (self->motion_areas == NULL || self->motion_areas->len == 0)
    return;
  cairo_save (cr);
  cairo_scale (cr, view->zoom, view->zoom);
  cairo_translate (cr, -view->origin.x, -view->origin.y);
  cairo_clip_extents (cr, &x1, &y1, &x2, &y2);
  clip = (LoomRect){x1, y1, x2 - x1, y2 - y1};
  loom_scene_draw (self->scene, cr, LOOM_LAYER_MOTION, &clip, view->zoom);
  cairo_restore (cr);
}

gboolean
loom_canvas_may_animate (LoomCanvas *self)
{
  gboolean animated = TRUE;

  g_return_val_if_fail (LOOM_IS_CANVAS (self), FALSE);

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-enable-animations", &animated,
                NULL);
  return animated;
}

void
loom_canvas_show_frame (LoomCanvas *self, const LoomMotionFrame *frame)
{
  g_return_if_fail (LOOM_IS_CANVAS (self));

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) || !loom_canvas_may_animate (self))
    return;
  loom_motion_add (loom_scene_get_motion (self->scene), frame);
  if (self->motion_id == 0)
    self->motion_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_motion_tick, NULL, NULL);
}

void
loom_canvas_set_pace (LoomCanvas *self, double slowness, gboolean one_by_one)
{
  g_return_if_fail (LOOM_IS_CANVAS (self));

  loom_motion_set_pace (loom_scene_get_motion (self->scene), slowness, one_by_one);
  queue_motion (self);
}

void
loom_canvas_clear_motion (LoomCanvas *self)
{
  g_return_if_fail (LOOM_IS_CANVAS (self));

  loom_motion_clear (loom_scene_get_motion (self->scene));
  queue_motion (self);
}

void
loom_canvas_set_lanes (LoomCanvas *self, gboolean has_lanes)
{
  g_return_if_fail (LOOM_IS_CANVAS (self));

  loom_scene_set_lanes (self->scene, has_lanes);
}

void
loom_canvas_set_held (LoomCanvas *self, const char *link, gboolean on, const LoomHeldDot *dots,
                      guint n_dots)
{
  g_return_if_fail (LOOM_IS_CANVAS (self));

  loom_scene_set_held (self->scene, link, on, dots, n_dots);
  queue_motion (self);
}
