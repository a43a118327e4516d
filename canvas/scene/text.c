/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lines of text. Shaping is the dear part: a LoomText keeps its layout and its measures. */

#include "canvas/scene/text.h"

#include "canvas/scene/blit.h"
#include "canvas/scene/sprites.h"

#include <math.h>

#define N_STYLES (LOOM_TEXT_PORT + 1)
/* A greeked letter: near the mean of a sans-serif face. */
#define GREEK_ADVANCE 0.56
#define GREEK_HEIGHT 1.36
#define MAX_RATE_SIZE 11.5

static const double style_size_px[N_STYLES] = {13.0, 11.0, 10.5, 9.5};

struct _LoomTypesetter {
  PangoFontMap *font_map; /* our own: the default one is shared by the whole thread */
  PangoContext *context;
  PangoFontDescription *fonts[N_STYLES];
  double sizes[N_STYLES];
  gboolean greek;
};

struct _LoomText {
  char *text;
  PangoLayout *layout; /* NULL: greek */
  double width;
  double height;
  cairo_surface_t *mask; /* its shape on an image of mask_scale pixels a unit; NULL: not yet */
  double mask_scale;
};

LoomTypesetter *
loom_typesetter_new (const LoomTheme *theme)
{
  LoomTypesetter *self = g_new0 (LoomTypesetter, 1);
  cairo_font_options_t *options = cairo_font_options_create ();

  self->greek = theme->greek;
  for (int i = 0; i < N_STYLES; i++)
    self->sizes[i] = style_size_px[i] * theme->text_scale;
  /* Pills keep their size. */
  self->sizes[LOOM_TEXT_RATE] = MIN (self->sizes[LOOM_TEXT_RATE], MAX_RATE_SIZE);
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_SLIGHT);
  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);

  if (!self->greek) {
    self->font_map = pango_cairo_font_map_new ();
    self->context = pango_font_map_create_context (self->font_map);
    pango_cairo_context_set_resolution (self->context, 96);
    pango_cairo_context_set_font_options (self->context, options);
    pango_context_set_round_glyph_positions (self->context, FALSE);
    for (int i = 0; i < N_STYLES; i++) {
      self->fonts[i] = pango_font_description_new ();
      pango_font_description_set_family (self->fonts[i], theme->font);
      pango_font_description_set_absolute_size (self->fonts[i], self->sizes[i] * PANGO_SCALE);
    }
    pango_font_description_set_weight (self->fonts[LOOM_TEXT_NAME], PANGO_WEIGHT_BOLD);
  }
  cairo_font_options_destroy (options);
  return self;
}

void
loom_typesetter_free (LoomTypesetter *self)
{
  for (int i = 0; i < N_STYLES; i++)
    g_clear_pointer (&self->fonts[i], pango_font_description_free);
  g_clear_object (&self->context);
  g_clear_object (&self->font_map);
  g_free (self);
}

LoomText *
loom_text_new (LoomTypesetter *typesetter, const char *text, LoomTextStyle style, double max_width)
{
  LoomText *self = g_new0 (LoomText, 1);
  PangoRectangle logical;

  self->text = g_strdup (text);
  if (typesetter->greek) {
    self->width = g_utf8_strlen (text, -1) * typesetter->sizes[style] * GREEK_ADVANCE;
    if (max_width > 0)
      self->width = MIN (self->width, max_width);
    self->height = typesetter->sizes[style] * GREEK_HEIGHT;
    return self;
  }

  self->layout = pango_layout_new (typesetter->context);
  pango_layout_set_font_description (self->layout, typesetter->fonts[style]);
  pango_layout_set_single_paragraph_mode (self->layout, TRUE);
  if (max_width > 0) {
    pango_layout_set_width (self->layout, max_width * PANGO_SCALE);
    pango_layout_set_ellipsize (self->layout, PANGO_ELLIPSIZE_END);
  }
  pango_layout_set_text (self->layout, text, -1);
  pango_layout_get_extents (self->layout, NULL, &logical);
  self->width = (double) logical.width / PANGO_SCALE;
  self->height = (double) logical.height / PANGO_SCALE;
  return self;
}

void
loom_text_free (LoomText *self)
{
  g_free (self->text);
  g_clear_object (&self->layout);
  g_clear_pointer (&self->mask, cairo_surface_destroy);
  g_free (self);
}

double
loom_text_get_width (const LoomText *self)
{
  return self->width;
}

double
loom_text_get_height (const LoomText *self)
{
  return self->height;
}

const char *
loom_text_get_text (const LoomText *self)
{
  return self->text;
}

static void
draw_shape (const LoomText *self, cairo_t *cr)
{
  if (self->layout == NULL) {
    cairo_rectangle (cr, 0, self->height * 0.3, self->width, self->height * 0.45);
    cairo_fill (cr);
    return;
  }
  cairo_move_to (cr, 0, 0);
  pango_cairo_show_layout (cr, self->layout);
}

static void
ensure_mask (LoomText *self, double scale)
{
  if (self->mask != NULL && self->mask_scale == scale)
    return;
  g_clear_pointer (&self->mask, cairo_surface_destroy);
  self->mask_scale = scale;
  self->mask = cairo_image_surface_create (CAIRO_FORMAT_A8, ceil (self->width * scale) + 4,
                                           ceil (self->height * scale) + 4);
  cairo_t *cr = cairo_create (self->mask);
  cairo_translate (cr, 2, 2);
  cairo_scale (cr, scale, scale);
  draw_shape (self, cr);
  cairo_destroy (cr);
  cairo_surface_flush (self->mask);
}

void
loom_text_draw (LoomText *self, cairo_t *cr, double x, double y, const LoomColor *color)
{
  double scale = loom_sprites_scale (cr);
  cairo_matrix_t was;
  cairo_matrix_t device_pixels;
  double device;
  const guint8 rgb[] = {(guint8) (color->red * 255 + 0.5), (guint8) (color->green * 255 + 0.5),
                        (guint8) (color->blue * 255 + 0.5)};

  cairo_set_source_rgb (cr, color->red, color->green, color->blue);
  cairo_get_matrix (cr, &was);
  if (scale <= 0) {
    cairo_translate (cr, x, y);
    draw_shape (self, cr);
    cairo_set_matrix (cr, &was);
    return;
  }
  ensure_mask (self, scale);
  cairo_surface_get_device_scale (cairo_get_group_target (cr), &device, &device);
  cairo_user_to_device (cr, &x, &y);
  x = round (x * device) - 2;
  y = round (y * device) - 2;
  if (loom_blit_mask (cr, self->mask, x, y, rgb))
    return;
  cairo_matrix_init_scale (&device_pixels, 1 / device, 1 / device);
  cairo_set_matrix (cr, &device_pixels);
  cairo_mask_surface (cr, self->mask, x, y);
  cairo_set_matrix (cr, &was);
}
