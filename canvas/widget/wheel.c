/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Wheel, touchpad and pinch: the view moves and is zoomed, and nothing else changes. */

#include "canvas/widget/canvas-private.h"

#include <math.h>

#define ZOOM_PER_CLICK 1.15
#define PAN_PER_CLICK_PX 48

static gboolean
is_touchpad (GdkEvent *event)
{
  GdkDevice *device = gdk_event_get_source_device (event);

  return device != NULL && gdk_device_get_source (device) == GDK_SOURCE_TOUCHPAD;
}

/* Wheel clicks, as deltas. */
static void
read_deltas (GdkEventScroll *event, double *dx, double *dy)
{
  *dx = event->direction == GDK_SCROLL_LEFT ? -1 : event->direction == GDK_SCROLL_RIGHT ? 1 : 0;
  *dy = event->direction == GDK_SCROLL_UP ? -1 : event->direction == GDK_SCROLL_DOWN ? 1 : 0;
  if (event->direction == GDK_SCROLL_SMOOTH) {
    *dx = event->delta_x;
    *dy = event->delta_y;
  }
}

static gboolean
loom_canvas_scroll (GtkWidget *widget, GdkEventScroll *event)
{
  LoomCanvas *self = LOOM_CANVAS (widget);
  gboolean zooms = !is_touchpad ((GdkEvent *) event) || (event->state & GDK_CONTROL_MASK);
  double dx;
  double dy;

  read_deltas (event, &dx, &dy);
  if (event->state & GDK_SHIFT_MASK) {
    double swapped = dx;
    dx = dy;
    dy = swapped;
    zooms = FALSE;
  }
  if (zooms && dy != 0) {
    loom_canvas_zoom_at (self, self->view.zoom * pow (ZOOM_PER_CLICK, -dy), event->x, event->y);
  } else {
    double step = PAN_PER_CLICK_PX / self->view.zoom;
    loom_canvas_set_view (
        self, self->view.zoom,
        (LoomPoint){self->view.origin.x + dx * step, self->view.origin.y + dy * step});
  }
  return TRUE;
}

static void
on_pinch_begin (GtkGesture *gesture, GdkEventSequence *sequence, LoomCanvas *self)
{
  self->pinch_zoom = self->view.zoom;
}

static void
on_pinch_scale_changed (GtkGestureZoom *gesture, double scale, LoomCanvas *self)
{
  double x;
  double y;

  if (gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    loom_canvas_zoom_at (self, self->pinch_zoom * scale, x, y);
}

void
loom_canvas_wheel_class_init (GtkWidgetClass *widget_class)
{
  widget_class->scroll_event = loom_canvas_scroll;
}

void
loom_canvas_wheel_init (LoomCanvas *self)
{
  self->pinch = gtk_gesture_zoom_new (GTK_WIDGET (self));
  g_signal_connect (self->pinch, "begin", G_CALLBACK (on_pinch_begin), self);
  g_signal_connect (self->pinch, "scale-changed", G_CALLBACK (on_pinch_scale_changed), self);
}
