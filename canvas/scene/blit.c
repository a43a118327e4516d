/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See blit.h. The arithmetic is pixman's operator OVER on parts of 8 bits: a product is divided by
 * 255 and rounded. */

#include "canvas/scene/blit.h"

#include <math.h>

/* No image is as large as that, and sums of a few such numbers are still an int. */
#define FAR_AWAY (1 << 28)

/* What of the small image lands on the large one. */
typedef struct {
  cairo_surface_t *target;
  guint8 *pixels; /* of the target, at the corner */
  int target_stride;
  int from_x; /* in the small image */
  int from_y;
  int to_x; /* in the target */
  int to_y;
  int width;
  int height;
} Area;

static gboolean
is_plain_image (cairo_t *cr, cairo_surface_t *target)
{
  double x, y;
  cairo_format_t format;

  if (cairo_surface_get_type (target) != CAIRO_SURFACE_TYPE_IMAGE
      || target != cairo_get_target (cr))
    return FALSE;
  format = cairo_image_surface_get_format (target);
  cairo_surface_get_device_offset (target, &x, &y);
  return (format == CAIRO_FORMAT_RGB24 || format == CAIRO_FORMAT_ARGB32) && x == 0 && y == 0;
}

static void
get_clip (cairo_t *cr, cairo_surface_t *target, int *ret_left, int *ret_top, int *ret_right,
          int *ret_bottom)
{
  double scale_x, scale_y, left, top, right, bottom;
  cairo_matrix_t was;

  cairo_get_matrix (cr, &was);
  cairo_identity_matrix (cr);
  cairo_clip_extents (cr, &left, &top, &right, &bottom);
  cairo_set_matrix (cr, &was);
  cairo_surface_get_device_scale (target, &scale_x, &scale_y);
  *ret_left = (int) floor (left * scale_x);
  *ret_top = (int) floor (top * scale_y);
  *ret_right = (int) ceil (right * scale_x);
  *ret_bottom = (int) ceil (bottom * scale_y);
}

/* FALSE: cairo has to do it. An area of no size is fine. */
static gboolean
find_area (cairo_t *cr, cairo_surface_t *image, double image_x, double image_y, Area *ret_area)
{
  cairo_surface_t *target = cairo_get_group_target (cr);
  int left, top, right, bottom;

  if (!is_plain_image (cr, target))
    return FALSE;
  *ret_area = (Area){.target = target};
  /* Also where it is not a number. */
  if (!(fabs (image_x) < FAR_AWAY && fabs (image_y) < FAR_AWAY))
    return TRUE;
  const int x = (int) image_x;
  const int y = (int) image_y;
  get_clip (cr, target, &left, &top, &right, &bottom);
  left = MAX (MAX (left, x), 0);
  top = MAX (MAX (top, y), 0);
  right = MIN (MIN (right, x + cairo_image_surface_get_width (image)),
               cairo_image_surface_get_width (target));
  bottom = MIN (MIN (bottom, y + cairo_image_surface_get_height (image)),
                cairo_image_surface_get_height (target));
  if (right <= left || bottom <= top)
    return TRUE;
  *ret_area = (Area){.target = target,
                     .from_x = left - x,
                     .from_y = top - y,
                     .to_x = left,
                     .to_y = top,
                     .width = right - left,
                     .height = bottom - top};
  cairo_surface_flush (target);
  ret_area->target_stride = cairo_image_surface_get_stride (target);
  ret_area->pixels = cairo_image_surface_get_data (target)
                     + (gsize) top * (gsize) ret_area->target_stride + (gsize) left * 4;
  return TRUE;
}

static inline guint32
multiply (guint32 a, guint32 b)
{
  guint32 product = a * b + 0x80;

  return (product + (product >> 8)) >> 8;
}

/* @pixel: premultiplied. */
static inline guint32
over (guint32 pixel, guint32 below)
{
  guint32 rest = 255 - (pixel >> 24);

  return pixel
         + (multiply (below >> 24, rest) << 24 | multiply (below >> 16 & 0xff, rest) << 16
            | multiply (below >> 8 & 0xff, rest) << 8 | multiply (below & 0xff, rest));
}

gboolean
loom_blit_image (cairo_t *cr, cairo_surface_t *image, double x, double y)
{
  int stride = cairo_image_surface_get_stride (image);
  const guint8 *from = cairo_image_surface_get_data (image);
  Area area;

  if (!find_area (cr, image, x, y, &area))
    return FALSE;
  for (int row = 0; row < area.height; row++) {
    const guint32 *pixels = (const void *) (from + (gsize) (area.from_y + row) * (gsize) stride);
    guint32 *to = (void *) (area.pixels + (gsize) row * (gsize) area.target_stride);

    pixels += area.from_x;
    for (int i = 0; i < area.width; i++)
      if (pixels[i] != 0)
        to[i] = over (pixels[i], to[i]);
  }
  if (area.height > 0)
    cairo_surface_mark_dirty_rectangle (area.target, area.to_x, area.to_y, area.width, area.height);
  return TRUE;
}

gboolean
loom_blit_mask (cairo_t *cr, cairo_surface_t *mask, double x, double y, const guint8 rgb[3])
{
  int stride = cairo_image_surface_get_stride (mask);
  const guint8 *from = cairo_image_surface_get_data (mask);
  Area area;

  if (!find_area (cr, mask, x, y, &area))
    return FALSE;
  for (int row = 0; row < area.height; row++) {
    const guint8 *covers = from + (gsize) (area.from_y + row) * (gsize) stride + area.from_x;
    guint32 *to = (void *) (area.pixels + (gsize) row * (gsize) area.target_stride);

    for (int i = 0; i < area.width; i++)
      if (covers[i] != 0)
        to[i] = over ((guint32) covers[i] << 24 | multiply (rgb[0], covers[i]) << 16
                          | multiply (rgb[1], covers[i]) << 8 | multiply (rgb[2], covers[i]),
                      to[i]);
  }
  if (area.height > 0)
    cairo_surface_mark_dirty_rectangle (area.target, area.to_x, area.to_y, area.width, area.height);
  return TRUE;
}
