/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Small pictures drawn once and copied often: lights, badges, tiles, pills. */

#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

typedef struct _LoomSprites LoomSprites;

/* Draws something around the origin, in units. */
typedef void (*LoomSpriteDraw) (cairo_t *cr, gconstpointer data);

LoomSprites *loom_sprites_new (void);
void loom_sprites_free (LoomSprites *self);
/* Forgets all: colours or shapes changed. */
void loom_sprites_clear (LoomSprites *self);
/* Puts on @cr, at (@x, @y), the picture that @draw makes of @data, within @half_width and
 * @half_height units of its origin. @key tells pictures apart. On an image it is copied, at whole
 * pixels; on any other surface (SVG, PDF) it is drawn. */
void loom_sprites_put (LoomSprites *self, cairo_t *cr, guint key, double x, double y,
                       double half_width, double half_height, LoomSpriteDraw draw,
                       gconstpointer data);

/* Device pixels a unit, on an image; 0 on any other surface. */
double loom_sprites_scale (cairo_t *cr);

G_END_DECLS
