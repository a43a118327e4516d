/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A scene as a picture file, through cairo's surfaces, into memory. */

#include "canvas/scene/export.h"

#include <glib/gi18n-lib.h>
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <math.h>

#define MARGIN 24.0
#define MAX_SIDE_PX 16384.0 /* half of what cairo's images can be */

/* The formatter takes the name for a subtraction. */
/* clang-format off */
G_DEFINE_QUARK (loom-scene-error, loom_scene_error)
/* clang-format on */

static cairo_status_t
append (void *closure, const unsigned char *data, unsigned int size_bytes)
{
  g_byte_array_append (closure, data, size_bytes);
  return CAIRO_STATUS_SUCCESS;
}

static cairo_surface_t *
open_surface (LoomExportFormat format, GByteArray *bytes, double width, double height)
{
  cairo_surface_t *surface;

  switch (format) {
  case LOOM_EXPORT_SVG:
    surface = cairo_svg_surface_create_for_stream (append, bytes, width, height);
    cairo_svg_surface_set_document_unit (surface, CAIRO_SVG_UNIT_PX);
    return surface;
  case LOOM_EXPORT_PDF:
    return cairo_pdf_surface_create_for_stream (append, bytes, width, height);
  case LOOM_EXPORT_PNG:
  default:
    return cairo_image_surface_create (CAIRO_FORMAT_RGB24, ceil (width), ceil (height));
  }
}

static void
paint (LoomScene *scene, cairo_t *cr, const LoomRect *area, double scale)
{
  const LoomColor *background = &loom_scene_get_theme (scene)->background;

  cairo_set_source_rgb (cr, background->red, background->green, background->blue);
  cairo_paint (cr);
  cairo_scale (cr, scale, scale);
  cairo_translate (cr, -area->x, -area->y);
  loom_scene_draw (scene, cr, LOOM_LAYER_STILL | LOOM_LAYER_LIVE | LOOM_LAYER_MOTION, area, 1);
}

/* What was drawn on @surface (transfer full), in @bytes from then on. */
static cairo_status_t
finish (cairo_surface_t *surface, cairo_status_t drawn, LoomExportFormat format, GByteArray *bytes)
{
  cairo_status_t status = drawn;

  if (status == CAIRO_STATUS_SUCCESS && format == LOOM_EXPORT_PNG)
    status = cairo_surface_write_to_png_stream (surface, append, bytes);
  cairo_surface_finish (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  return status;
}

GBytes *
loom_scene_export (LoomScene *scene, LoomExportFormat format, double scale, GError **error)
{
  LoomRect area = {0, 0, LOOM_TILE_SIZE, LOOM_TILE_SIZE};
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  cairo_surface_t *surface;
  cairo_status_t status;
  cairo_t *cr;

  loom_scene_get_bounds (scene, &area);
  area = loom_rect_grown (&area, MARGIN);
  double width = area.width * scale;
  double height = area.height * scale;
  if (!(width <= MAX_SIDE_PX && height <= MAX_SIDE_PX)) {
    g_set_error (error, LOOM_SCENE_ERROR, LOOM_SCENE_ERROR_TOO_LARGE,
                 _ ("The picture would be %.0f by %.0f pixels large, and %.0f is the limit: choose "
                    "a smaller scale."),
                 width, height, MAX_SIDE_PX);
    return NULL;
  }

  surface = open_surface (format, bytes, width, height);
  cr = cairo_create (surface);
  paint (scene, cr, &area, scale);
  status = cairo_status (cr);
  cairo_destroy (cr);
  status = finish (surface, status, format, bytes);
  if (status != CAIRO_STATUS_SUCCESS) {
    g_set_error (error, LOOM_SCENE_ERROR, LOOM_SCENE_ERROR_FAILED,
                 _ ("The picture could not be drawn: %s."), cairo_status_to_string (status));
    return NULL;
  }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}
