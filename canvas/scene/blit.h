/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Small images laid over a large one, pixel on pixel. cairo can do it, too, and takes 6 µs for a
 * light of 12 × 12 pixels, most of it to find out that nothing is to be transformed. */

#pragma once

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

/* Both give the pixels that cairo gives. @x, @y: where the upper left corner of the small image
 * goes, in whole pixels of the image that @cr draws on, however far outside; the clip has to be a
 * rectangle of whole pixels. FALSE: @cr draws on something else, nothing was done. */

/* @image: CAIRO_FORMAT_ARGB32. */
gboolean loom_blit_image (cairo_t *cr, cairo_surface_t *image, double x, double y);
/* @mask: CAIRO_FORMAT_A8, painted in an opaque colour, each part 0 … 255. */
gboolean loom_blit_mask (cairo_t *cr, cairo_surface_t *mask, double x, double y,
                         const guint8 rgb[3]);

G_END_DECLS
