/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the drawing files of a scene share: scene-draw.c (collects what to draw), draw-still.c
 * (grid, tiles, names), draw-cables.c, draw-live.c (lights, badges, rates, marks of the hand). */

#pragma once

#include "canvas/scene/scene-private.h"

G_BEGIN_DECLS

/* Keys of sprites: what it is, and in the low bits how it looks. */
enum {
  SPRITE_TILE = 1 << 28,
  SPRITE_LED = 2 << 28,
  SPRITE_BADGE = 3 << 28,
  SPRITE_PILL = 4 << 28,
  SPRITE_MOTION = 5 << 28,
};

typedef struct {
  LoomScene *scene;
  const LoomTheme *theme;
  cairo_t *cr;
  const LoomRect *clip;
  double zoom;
  GPtrArray *nodes; /* of SceneNode, from below to above */
  GPtrArray *links;
} Painter;

/* painter.c */
void painter_set_color (cairo_t *cr, const LoomColor *color);
void painter_add_rounded (cairo_t *cr, const LoomRect *r, double radius);
void painter_add_disc (cairo_t *cr, double x, double y, double radius);
/* A line's width in units: never thinner than a pixel, at any zoom. */
double painter_at_least_px (const Painter *painter, double width);
gboolean scene_is_hovered (const LoomScene *scene, LoomItemKind kind, const char *id);
gboolean scene_is_focused (const LoomScene *scene, LoomItemKind kind, const char *id);

/* draw-still.c */
void painter_draw_grid (const Painter *painter);
void painter_draw_still (const Painter *painter);

/* draw-cables.c */
void painter_draw_cable (const Painter *painter, const SceneLink *link);
/* The labels of cables that something is set on. */
void painter_draw_notes (const Painter *painter);
void painter_draw_note (const Painter *painter, const SceneLink *link);

/* plugs.c: the handles of the cable under the pointer. */
void painter_draw_plugs (const Painter *painter);

/* draw-motion.c */
void painter_draw_motion (const Painter *painter);

/* draw-live.c */
void painter_draw_live (const Painter *painter);
void painter_draw_pills (const Painter *painter, const SceneLink *link);

G_END_DECLS
