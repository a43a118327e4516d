/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pixel for pixel what cairo makes, wherever the small image lies and whatever the clip is. */

#include "canvas/scene/blit.h"

#include <math.h>
#include <string.h>

#define SIDE 40

static cairo_surface_t *
make_ground (cairo_format_t format, double scale)
{
  cairo_surface_t *ground = cairo_image_surface_create (format, SIDE, SIDE);
  guint8 *data = cairo_image_surface_get_data (ground);
  int size = SIDE * cairo_image_surface_get_stride (ground);

  for (int i = 0; i < size; i++)
    data[i] = format == CAIRO_FORMAT_ARGB32 && i % 4 != 3 ? 60 : (guint8) (i * 37);
  for (int i = 3; format == CAIRO_FORMAT_ARGB32 && i < size; i += 4)
    data[i] = (guint8) (60 + i * 5 % 196); /* premultiplied: no part is above it */
  cairo_surface_mark_dirty (ground);
  cairo_surface_set_device_scale (ground, scale, scale);
  return ground;
}

/* Every cover there is. */
static cairo_surface_t *
make_image (cairo_format_t format)
{
  cairo_surface_t *image = cairo_image_surface_create (format, 16, 17);
  cairo_t *cr = cairo_create (image);

  for (int i = 0; i < 16 * 16; i++) {
    cairo_set_source_rgba (cr, i % 7 / 6.0, i % 5 / 4.0, i % 3 / 2.0, i / 255.0);
    cairo_rectangle (cr, i % 16, i / 16, 1, 1);
    cairo_fill (cr);
  }
  cairo_destroy (cr);
  cairo_surface_flush (image);
  return image;
}

static void
clip (cairo_t *cr, const cairo_rectangle_int_t *rect, double scale)
{
  cairo_rectangle (cr, rect->x / scale, rect->y / scale, rect->width / scale, rect->height / scale);
  cairo_clip (cr);
  cairo_scale (cr, 3, 3); /* the view's zoom changes nothing */
}

static void
check (cairo_format_t format, gboolean is_mask, int x, int y, const cairo_rectangle_int_t *rect,
       double scale)
{
  static const guint8 rgb[] = {200, 17, 99};
  cairo_surface_t *image = make_image (is_mask ? CAIRO_FORMAT_A8 : CAIRO_FORMAT_ARGB32);
  cairo_surface_t *ours = make_ground (format, scale);
  cairo_surface_t *theirs = make_ground (format, scale);
  cairo_t *cr = cairo_create (ours);

  clip (cr, rect, scale);
  g_assert_true (is_mask ? loom_blit_mask (cr, image, x, y, rgb)
                         : loom_blit_image (cr, image, x, y));
  cairo_destroy (cr);
  cr = cairo_create (theirs);
  clip (cr, rect, scale);
  cairo_identity_matrix (cr);
  cairo_scale (cr, 1 / scale, 1 / scale);
  if (is_mask) {
    cairo_set_source_rgb (cr, rgb[0] / 255.0, rgb[1] / 255.0, rgb[2] / 255.0);
    cairo_mask_surface (cr, image, x, y);
  } else {
    cairo_set_source_surface (cr, image, x, y);
    cairo_paint (cr);
  }
  cairo_destroy (cr);
  cairo_surface_flush (theirs);
  for (int row = 0; row < SIDE; row++)
    for (int i = 0; i < SIDE * 4; i++) {
      gsize at = (gsize) row * (gsize) cairo_image_surface_get_stride (ours) + (gsize) i;

      if (format == CAIRO_FORMAT_RGB24 && i % 4 == 3)
        continue; /* means nothing there */
      g_assert_cmpuint (cairo_image_surface_get_data (ours)[at], ==,
                        cairo_image_surface_get_data (theirs)[at]);
    }
  cairo_surface_destroy (image);
  cairo_surface_destroy (ours);
  cairo_surface_destroy (theirs);
}

static void
check_everywhere (gboolean is_mask)
{
  static const cairo_rectangle_int_t clips[] = {
      {0, 0, SIDE, SIDE}, {6, 8, 12, 10}, {-5, -5, 14, 60}, {30, 2, 4, 4}, {0, 0, 0, 0}};
  static const int places[][2] = {{10, 9}, {-5, -7}, {33, 31}, {60, 0}, {0, -40}};

  for (guint i = 0; i < G_N_ELEMENTS (clips); i++)
    for (guint j = 0; j < G_N_ELEMENTS (places); j++) {
      check (CAIRO_FORMAT_RGB24, is_mask, places[j][0], places[j][1], &clips[i], 1);
      check (CAIRO_FORMAT_ARGB32, is_mask, places[j][0], places[j][1], &clips[i], 1);
      check (CAIRO_FORMAT_RGB24, is_mask, places[j][0], places[j][1], &clips[i], 2);
    }
}

static void
test_image (void)
{
  check_everywhere (FALSE);
}

static void
test_mask (void)
{
  check_everywhere (TRUE);
}

/* What lies beyond any image changes nothing, and is no reason to bother cairo. */
static void
test_far_away (void)
{
  static const double far[] = {G_MAXINT, G_MININT, 1e300, -1e300, G_MAXDOUBLE, NAN, INFINITY};
  cairo_surface_t *image = make_image (CAIRO_FORMAT_ARGB32);
  cairo_surface_t *ground = make_ground (CAIRO_FORMAT_RGB24, 1);
  cairo_surface_t *was = make_ground (CAIRO_FORMAT_RGB24, 1);
  cairo_t *cr = cairo_create (ground);
  gsize size = (gsize) cairo_image_surface_get_stride (was) * SIDE;

  for (guint i = 0; i < G_N_ELEMENTS (far); i++) {
    g_assert_true (loom_blit_image (cr, image, far[i], 3));
    g_assert_true (loom_blit_image (cr, image, 3, far[i]));
  }
  g_assert_cmpmem (cairo_image_surface_get_data (ground), size, cairo_image_surface_get_data (was),
                   size);
  cairo_destroy (cr);
  cairo_surface_destroy (was);
  cairo_surface_destroy (ground);
  cairo_surface_destroy (image);
}

static void
test_other_surface (void)
{
  cairo_surface_t *image = make_image (CAIRO_FORMAT_ARGB32);
  cairo_surface_t *recording = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
  cairo_t *cr = cairo_create (recording);

  g_assert_false (loom_blit_image (cr, image, 0, 0));
  cairo_destroy (cr);
  cairo_surface_destroy (recording);
  cairo_surface_destroy (image);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/blit/image", test_image);
  g_test_add_func ("/blit/mask", test_mask);
  g_test_add_func ("/blit/far-away", test_far_away);
  g_test_add_func ("/blit/other-surface", test_other_surface);
  return g_test_run ();
}
