/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Icons (the centre lines of icons/) and badges, as paths: they stay sharp at any zoom and take the
 * theme's colours. Each state
 * has a shape of its own, so that none is told by colour alone. */

#include "canvas/scene/icons.h"

#include "icons/icon-paths.h"

#include <math.h>

#define PATH_GRID 24.0 /* of icons/icon-paths.h */

struct _LoomIcon {
  GArray *numbers; /* of double: operands of the tokens, in order */
  GString *verbs;  /* one letter a token */
  guint number;
};

static const char *
path_for (const char *name, LoomRole role)
{
  static const char *const fallbacks[] = {
      [LOOM_ROLE_MACHINE] = "lanloom-machine",
      [LOOM_ROLE_SWITCH] = "lanloom-switch",
      [LOOM_ROLE_HUB] = "lanloom-hub",
  };
  const char *path = name != NULL ? loom_icon_path_lookup (name) : NULL;

  return path != NULL ? path : loom_icon_path_lookup (fallbacks[role]);
}

static int
n_operands (char verb)
{
  switch (verb) {
  case 'C':
    return 6;
  case 'D':
    return 3;
  case 'Z':
    return 0;
  default:
    return 2;
  }
}

LoomIcon *
loom_icon_new (const char *name, LoomRole role, guint number)
{
  LoomIcon *self = g_new0 (LoomIcon, 1);
  const char *path = path_for (name, role);

  self->number = number;
  self->numbers = g_array_new (FALSE, TRUE, sizeof (double));
  self->verbs = g_string_new (NULL);
  g_return_val_if_fail (path != NULL, self);

  g_auto (GStrv) tokens = g_strsplit (path, " ", -1);
  for (int i = 0; tokens[i] != NULL; i++) {
    if (g_ascii_isalpha (tokens[i][0])) {
      g_string_append_c (self->verbs, tokens[i][0]);
    } else if (tokens[i][0] != '\0') {
      double operand = g_ascii_strtod (tokens[i], NULL);
      g_array_append_val (self->numbers, operand);
    }
  }

  guint n_needed = 0;
  for (gsize i = 0; i < self->verbs->len; i++)
    n_needed += n_operands (self->verbs->str[i]);
  g_warn_if_fail (n_needed == self->numbers->len);
  g_array_set_size (self->numbers, n_needed);
  return self;
}

void
loom_icon_free (LoomIcon *self)
{
  g_array_unref (self->numbers);
  g_string_free (self->verbs, TRUE);
  g_free (self);
}

guint
loom_icon_get_number (const LoomIcon *self)
{
  return self->number;
}

void
loom_icon_draw (const LoomIcon *self, cairo_t *cr)
{
  const double *number = (const double *) (gpointer) self->numbers->data;

  cairo_save (cr);
  cairo_scale (cr, LOOM_ICON_SIZE / PATH_GRID, LOOM_ICON_SIZE / PATH_GRID);
  cairo_translate (cr, -PATH_GRID / 2, -PATH_GRID / 2);
  cairo_set_line_width (cr, 2 * PATH_GRID / LOOM_ICON_SIZE);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  for (const char *verb = self->verbs->str; *verb != '\0'; verb++) {
    switch (*verb) {
    case 'M':
      cairo_move_to (cr, number[0], number[1]);
      break;
    case 'L':
      cairo_line_to (cr, number[0], number[1]);
      break;
    case 'C':
      cairo_curve_to (cr, number[0], number[1], number[2], number[3], number[4], number[5]);
      break;
    case 'D':
      cairo_stroke (cr);
      cairo_arc (cr, number[0], number[1], number[2], 0, 2 * G_PI);
      cairo_fill (cr);
      break;
    default:
      cairo_close_path (cr);
      break;
    }
    number += n_operands (*verb);
  }
  cairo_stroke (cr);
  cairo_restore (cr);
}

const LoomColor *
loom_badge_color (LoomNodeState state, const LoomTheme *theme)
{
  switch (state) {
  case LOOM_NODE_READY:
    return &theme->ok;
  case LOOM_NODE_FAILED:
    return &theme->bad;
  case LOOM_NODE_PREPARING:
  case LOOM_NODE_BOOTING:
  case LOOM_NODE_STOPPING:
  case LOOM_NODE_PAUSED:
    return &theme->wait;
  case LOOM_NODE_OFF:
  default:
    return &theme->off;
  }
}

gboolean
loom_badge_is_still (LoomNodeState state)
{
  return state != LOOM_NODE_PREPARING && state != LOOM_NODE_BOOTING && state != LOOM_NODE_STOPPING;
}

static void
set_color (cairo_t *cr, const LoomColor *color)
{
  cairo_set_source_rgb (cr, color->red, color->green, color->blue);
}

static void
disc (cairo_t *cr, double radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, 0, 0, radius, 0, 2 * G_PI);
}

static void
draw_check (cairo_t *cr)
{
  cairo_set_line_width (cr, 2);
  cairo_move_to (cr, -3.6, 0.3);
  cairo_line_to (cr, -1, 2.9);
  cairo_line_to (cr, 3.8, -2.6);
  cairo_stroke (cr);
}

static void
draw_bars (cairo_t *cr)
{
  cairo_rectangle (cr, -3.4, -3.8, 2.4, 7.6);
  cairo_rectangle (cr, 1.0, -3.8, 2.4, 7.6);
  cairo_fill (cr);
}

static void
draw_triangle (cairo_t *cr, const LoomTheme *theme)
{
  double r = LOOM_BADGE_RADIUS - 0.5;

  cairo_move_to (cr, 0, -r + 0.5);
  cairo_line_to (cr, r, r - 2);
  cairo_line_to (cr, -r, r - 2);
  cairo_close_path (cr);
  set_color (cr, &theme->background);
  cairo_set_line_width (cr, 5);
  cairo_stroke_preserve (cr);
  set_color (cr, &theme->bad);
  cairo_set_line_width (cr, 2);
  cairo_stroke_preserve (cr);
  cairo_fill (cr);

  set_color (cr, &theme->tile);
  cairo_set_line_width (cr, 1.8);
  cairo_move_to (cr, 0, -3);
  cairo_line_to (cr, 0, 1.4);
  cairo_stroke (cr);
  cairo_arc (cr, 0, 4.2, 1.1, 0, 2 * G_PI);
  cairo_fill (cr);
}

/* A track, and on it how far it is; unknown: a third of the circle, turning. */
static void
draw_arc (cairo_t *cr, double progress, double angle, const LoomTheme *theme)
{
  double radius = LOOM_BADGE_RADIUS - 2.5;
  LoomColor track = loom_color_mix (&theme->wait, &theme->tile, 0.72);
  double from = progress >= 0 ? -G_PI_2 : angle;
  double sweep = progress >= 0 ? MAX (progress, 0.02) * 2 * G_PI : 1.3 * G_PI;

  set_color (cr, &theme->tile);
  disc (cr, LOOM_BADGE_RADIUS);
  cairo_fill (cr);
  cairo_set_line_width (cr, 3);
  set_color (cr, &track);
  disc (cr, radius);
  cairo_stroke (cr);
  set_color (cr, &theme->wait);
  cairo_new_sub_path (cr);
  cairo_arc (cr, 0, 0, radius, from, from + sweep);
  cairo_stroke (cr);
}

static void
draw_ring (cairo_t *cr, const LoomTheme *theme)
{
  set_color (cr, &theme->tile);
  disc (cr, LOOM_BADGE_RADIUS);
  cairo_fill (cr);
  set_color (cr, &theme->off);
  cairo_set_line_width (cr, 2);
  disc (cr, LOOM_BADGE_RADIUS - 3);
  cairo_stroke (cr);
}

void
loom_badge_draw (LoomNodeState state, double progress, double angle, const LoomTheme *theme,
                 cairo_t *cr)
{
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  if (state == LOOM_NODE_FAILED) {
    draw_triangle (cr, theme);
    return;
  }

  /* A gap sets the badge off from the tile's edge. */
  set_color (cr, &theme->background);
  disc (cr, LOOM_BADGE_RADIUS + 1.5);
  cairo_fill (cr);
  switch (state) {
  case LOOM_NODE_READY:
  case LOOM_NODE_PAUSED:
    set_color (cr, loom_badge_color (state, theme));
    disc (cr, LOOM_BADGE_RADIUS);
    cairo_fill (cr);
    set_color (cr, &theme->tile);
    if (state == LOOM_NODE_READY)
      draw_check (cr);
    else
      draw_bars (cr);
    break;
  case LOOM_NODE_PREPARING:
  case LOOM_NODE_BOOTING:
  case LOOM_NODE_STOPPING:
    draw_arc (cr, progress, angle, theme);
    break;
  default:
    draw_ring (cr, theme);
    break;
  }
}
