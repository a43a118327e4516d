/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The colours and the font of a drawing. The two built-in palettes are for export and tests; the
 * window takes most colours from the GTK theme and makes the states readable on it. */

#include "canvas/scene/theme.h"

#include <math.h>

#define HEX(rgb)                                                                                   \
  ((LoomColor){(((rgb) >> 16) & 0xff) / 255.0, (((rgb) >> 8) & 0xff) / 255.0,                      \
               ((rgb) &0xff) / 255.0})

/* Luminance of one sRGB channel (WCAG 2.1, "relative luminance"). */
static double
linear (double channel)
{
  return channel <= 0.04045 ? channel / 12.92 : pow ((channel + 0.055) / 1.055, 2.4);
}

static double
luminance (const LoomColor *color)
{
  return 0.2126 * linear (color->red) + 0.7152 * linear (color->green)
         + 0.0722 * linear (color->blue);
}

void
loom_theme_init_light (LoomTheme *theme)
{
  *theme = (LoomTheme){
      .background = HEX (0xffffff),
      .grid = HEX (0xe0e0e5),
      .tile = HEX (0xffffff),
      .border = HEX (0xc4c4ca),
      .icon = HEX (0x2e3436),
      .text = HEX (0x241f31),
      .quiet = HEX (0x68686e),
      .cable = HEX (0x5e5c64),
      .ok = HEX (0x15795a),
      .wait = HEX (0x9a5b00),
      .bad = HEX (0xc01c28),
      .off = HEX (0x707076),
      .accent = HEX (0x1a5fb4),
      .font = "Sans",
      .text_scale = 1.0,
  };
}

void
loom_theme_init_dark (LoomTheme *theme)
{
  *theme = (LoomTheme){
      .background = HEX (0x1c1c1f),
      .grid = HEX (0x38383d),
      .tile = HEX (0x2c2c30),
      .border = HEX (0x505056),
      .icon = HEX (0xf4f4f6),
      .text = HEX (0xf4f4f6),
      .quiet = HEX (0xacacb4),
      .cable = HEX (0xb2b2b8),
      .ok = HEX (0x5fdfb0),
      .wait = HEX (0xf5c211),
      .bad = HEX (0xff8087),
      .off = HEX (0x9d9da5),
      .accent = HEX (0x78aeed),
      .font = "Sans",
      .text_scale = 1.0,
  };
}

double
loom_color_contrast (const LoomColor *a, const LoomColor *b)
{
  double one = luminance (a);
  double other = luminance (b);

  return (MAX (one, other) + 0.05) / (MIN (one, other) + 0.05);
}

LoomColor
loom_color_mix (const LoomColor *a, const LoomColor *b, double t)
{
  return (LoomColor){a->red + (b->red - a->red) * t, a->green + (b->green - a->green) * t,
                     a->blue + (b->blue - a->blue) * t};
}

LoomColor
loom_color_readable (const LoomColor *color, const LoomColor *background, double ratio)
{
  LoomColor white = {1, 1, 1};
  LoomColor black = {0, 0, 0};
  const LoomColor *far = loom_color_contrast (&white, background)
                                 > loom_color_contrast (&black, background)
                             ? &white
                             : &black;

  for (int step = 0; step <= 20; step++) {
    LoomColor mixed = loom_color_mix (color, far, step / 20.0);
    if (loom_color_contrast (&mixed, background) >= ratio)
      return mixed;
  }
  return *far;
}
