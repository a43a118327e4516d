/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The colours and the font of a drawing. */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* sRGB, 0.0 … 1.0. */
typedef struct {
  double red;
  double green;
  double blue;
} LoomColor;

typedef struct {
  LoomColor background;
  LoomColor grid;   /* dots of the grid */
  LoomColor tile;   /* inside of a tile and of a pill */
  LoomColor border; /* outline of both */
  LoomColor icon;
  LoomColor text;
  LoomColor quiet; /* second lines */
  LoomColor cable;
  /* States. Each reads at 4.5 : 1 on background and tile, and differs from the others for people
   * who do not tell red from green. */
  LoomColor ok;
  LoomColor wait;
  LoomColor bad;
  LoomColor off;
  LoomColor accent;  /* selection, what accepts a cable */
  char font[64];     /* Pango family */
  double text_scale; /* 1.0: 10 pt names at 96 dpi */
  gboolean greek;    /* text as bars, as typesetters do: same picture with any font installed */
} LoomTheme;

void loom_theme_init_light (LoomTheme *theme);
void loom_theme_init_dark (LoomTheme *theme);
/* Contrast ratio of two colours, 1 … 21 (WCAG 2.1, "contrast ratio"). */
double loom_color_contrast (const LoomColor *a, const LoomColor *b);
/* @t of the way from @a to @b. */
LoomColor loom_color_mix (const LoomColor *a, const LoomColor *b, double t);
/* Moves @color towards black or white until it reads at @ratio on @background. */
LoomColor loom_color_readable (const LoomColor *color, const LoomColor *background, double ratio);

G_END_DECLS
