/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Small pictures drawn once and copied often. Valid for one scale: a view that zooms starts anew.
 */

#include "canvas/scene/sprites.h"

#include <math.h>

#include "canvas/scene/blit.h"

#define MAX_SPRITES 512

struct _LoomSprites {
  GHashTable *images; /* key → cairo_surface_t */
  double scale;       /* device pixels a unit, of all images */
};

LoomSprites *
loom_sprites_new (void)
{
  LoomSprites *self = g_new0 (LoomSprites, 1);

  self->images = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) cairo_surface_destroy);
  return self;
}

void
loom_sprites_free (LoomSprites *self)
{
  g_hash_table_unref (self->images);
  g_free (self);
}

void
loom_sprites_clear (LoomSprites *self)
{
  g_hash_table_remove_all (self->images);
}

double
loom_sprites_scale (cairo_t *cr)
{
  cairo_surface_t *target = cairo_get_group_target (cr);
  cairo_matrix_t matrix;
  double device_x;
  double device_y;

  if (cairo_surface_get_type (target) != CAIRO_SURFACE_TYPE_IMAGE)
    return 0;
  cairo_get_matrix (cr, &matrix);
  cairo_surface_get_device_scale (target, &device_x, &device_y);
  return matrix.xx * device_x;
}

static cairo_surface_t *
make_image (double scale, double half_width, double half_height, LoomSpriteDraw draw,
            gconstpointer data)
{
  int width = 2 * ceil (half_width * scale) + 2;
  int height = 2 * ceil (half_height * scale) + 2;
  cairo_surface_t *image = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  cairo_t *cr = cairo_create (image);

  cairo_translate (cr, width / 2, height / 2);
  cairo_scale (cr, scale, scale);
  draw (cr, data);
  cairo_destroy (cr);
  cairo_surface_flush (image);
  return image;
}

static void
copy (cairo_t *cr, cairo_surface_t *image, double x, double y)
{
  cairo_surface_t *target = cairo_get_group_target (cr);
  int width = cairo_image_surface_get_width (image);
  int height = cairo_image_surface_get_height (image);
  double device;
  cairo_matrix_t was;
  cairo_matrix_t device_pixels;

  cairo_surface_get_device_scale (target, &device, &device);
  cairo_user_to_device (cr, &x, &y);
  x = round (x * device) - width / 2;
  y = round (y * device) - height / 2;
  if (loom_blit_image (cr, image, x, y))
    return;
  cairo_get_matrix (cr, &was);
  cairo_matrix_init_scale (&device_pixels, 1 / device, 1 / device);
  cairo_set_matrix (cr, &device_pixels);
  cairo_set_source_surface (cr, image, x, y);
  cairo_paint (cr);
  cairo_set_matrix (cr, &was);
}

void
loom_sprites_put (LoomSprites *self, cairo_t *cr, guint key, double x, double y, double half_width,
                  double half_height, LoomSpriteDraw draw, gconstpointer data)
{
  double scale = loom_sprites_scale (cr);

  if (scale <= 0) {
    cairo_save (cr);
    cairo_translate (cr, x, y);
    draw (cr, data);
    cairo_restore (cr);
    return;
  }
  if (scale != self->scale || g_hash_table_size (self->images) > MAX_SPRITES)
    loom_sprites_clear (self);
  self->scale = scale;

  cairo_surface_t *image = g_hash_table_lookup (self->images, GUINT_TO_POINTER (key));
  if (image == NULL) {
    image = make_image (scale, half_width, half_height, draw, data);
    g_hash_table_insert (self->images, GUINT_TO_POINTER (key), image);
  }
  copy (cr, image, x, y);
}
