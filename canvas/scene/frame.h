/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A window onto a scene: what the screen shows, kept as an image and repaired where damaged.
 *
 * Two images: the still layer alone, and the whole picture. When lights blink, only their squares
 * are copied from the first into the second and drawn over. */

#pragma once

#include "canvas/scene/scene.h"

G_BEGIN_DECLS

/* Which part of the canvas a frame shows: the unit point @origin is at its top left corner. */
typedef struct {
  int width_px;
  int height_px;
  int device_scale; /* device pixels a pixel, 1 … */
  double zoom;
  LoomPoint origin;
} LoomView;

typedef struct _LoomFrame LoomFrame;

/* Called once when a clean frame becomes dirty. */
typedef void (*LoomFrameDirty) (gpointer user_data);

LoomFrame *loom_frame_new (LoomScene *scene, LoomFrameDirty dirty, gpointer user_data);
void loom_frame_free (LoomFrame *self);
void loom_frame_set_view (LoomFrame *self, const LoomView *view);
const LoomView *loom_frame_get_view (LoomFrame *self);
gboolean loom_frame_is_dirty (LoomFrame *self);
/* (transfer full): the damage, of cairo_rectangle_int_t in px, at most LOOM_FRAME_MAX_RECTS. */
#define LOOM_FRAME_MAX_RECTS 16
GArray *loom_frame_list_damage (LoomFrame *self);
/* (transfer none): the picture, repaired; valid until the next call. */
cairo_surface_t *loom_frame_render (LoomFrame *self);

LoomPoint loom_view_to_unit (const LoomView *view, double x_px, double y_px);
LoomPoint loom_view_to_px (const LoomView *view, double x, double y);
LoomRect loom_view_rect_to_px (const LoomView *view, const LoomRect *rect);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomFrame, loom_frame_free)

G_END_DECLS
