/* SPDX-License-Identifier: GPL-3.0-or-later */

/* While something is dragged near the canvas's edge, the view scrolls that way: the faster, the
 * closer to the edge. A drag that only passes there, on its way to a button, moves nothing. */

#include "canvas/widget/canvas-private.h"

#define EDGE_PX 24.0
#define REST_US (250 * 1000) /* in which the pointer may leave the edge again */
#define STEP_MS 16
#define STEP_PX 12.0 /* at the very edge, or beyond it */

/* -1 … 1: how much a pointer at @at pushes against either end of 0 … @size. */
static double
push_of (double at, double size)
{
  if (size < 6 * EDGE_PX)
    return 0;
  if (at < EDGE_PX)
    return MAX (at / EDGE_PX - 1, -1);
  if (at > size - EDGE_PX)
    return MIN (1 - (size - at) / EDGE_PX, 1);
  return 0;
}

static gboolean
get_push (LoomCanvas *self, LoomPoint *ret_push)
{
  gboolean drags = self->hand == HAND_MOVING || self->hand == HAND_BANDING
                   || (self->pull.from != NULL && self->pull.held);

  *ret_push = (LoomPoint){push_of (self->pointer_px.x, self->view.width_px),
                          push_of (self->pointer_px.y, self->view.height_px)};
  return drags && (ret_push->x != 0 || ret_push->y != 0);
}

static gboolean
on_edge_step (gpointer user_data)
{
  LoomCanvas *self = user_data;
  LoomPoint push;

  if (!get_push (self, &push)) {
    self->edge_id = 0;
    return G_SOURCE_REMOVE;
  }
  if (g_get_monotonic_time () - self->edge_since_us < REST_US)
    return G_SOURCE_CONTINUE;
  loom_canvas_set_view (self, self->view.zoom,
                        (LoomPoint){self->view.origin.x + push.x * STEP_PX / self->view.zoom,
                                    self->view.origin.y + push.y * STEP_PX / self->view.zoom});
  /* Where the drag began lies on the plane, and goes with it. */
  self->press_px.x -= push.x * STEP_PX;
  self->press_px.y -= push.y * STEP_PX;
  loom_canvas_follow_pointer (self);
  return G_SOURCE_CONTINUE;
}

void
loom_canvas_watch_edge (LoomCanvas *self)
{
  LoomPoint push;

  if (self->edge_id != 0 || !get_push (self, &push))
    return;
  self->edge_since_us = g_get_monotonic_time ();
  self->edge_id = g_timeout_add (STEP_MS, on_edge_step, self);
}
