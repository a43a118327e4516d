/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is drawn over the scene while the hands are at work: the rubber band, a cable being pulled,
 * the ghost of a tile, the hint beside the pointer. In pixels, whatever the zoom. */

#include "canvas/widget/canvas-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define HINT_MAX_WIDTH_PX 320
#define HINT_PADDING_PX 8

static void
set_color (cairo_t *cr, const LoomColor *color, double alpha)
{
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, alpha);
}

static void
rounded (cairo_t *cr, double x, double y, double width, double height, double radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, x + width - radius, y + height - radius, radius, 0, G_PI_2);
  cairo_arc (cr, x + radius, y + height - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 1.5 * G_PI);
  cairo_close_path (cr);
}

static void
draw_band (LoomCanvas *self, cairo_t *cr, const LoomTheme *theme)
{
  double x = floor (MIN (self->press_px.x, self->pointer_px.x)) + 0.5;
  double y = floor (MIN (self->press_px.y, self->pointer_px.y)) + 0.5;

  cairo_rectangle (cr, x, y, fabs (self->press_px.x - self->pointer_px.x),
                   fabs (self->press_px.y - self->pointer_px.y));
  set_color (cr, &theme->accent, 0.14);
  cairo_fill_preserve (cr);
  set_color (cr, &theme->accent, 1);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

static void
draw_hint (LoomCanvas *self, cairo_t *cr, const LoomTheme *theme, LoomPoint at)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), NULL);
  gboolean refused = self->pull.to != NULL && !self->pull.fits;
  int width;
  int height;

  pango_layout_set_text (layout, self->pull.hint, -1);
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_get_pixel_size (layout, &width, &height);
  if (width > HINT_MAX_WIDTH_PX) {
    pango_layout_set_width (layout, HINT_MAX_WIDTH_PX * PANGO_SCALE);
    pango_layout_get_pixel_size (layout, &width, &height);
  }
  double box_width = width + 2 * HINT_PADDING_PX;
  double box_height = height + HINT_PADDING_PX;
  double x = MIN (at.x + 16, self->view.width_px - box_width - 4);
  double y = MIN (at.y + 20, self->view.height_px - box_height - 4);
  rounded (cr, x, y, box_width, box_height, 6);
  set_color (cr, &theme->tile, 0.97);
  cairo_fill_preserve (cr);
  set_color (cr, refused ? &theme->bad : &theme->border, 1);
  cairo_set_line_width (cr, refused ? 1.5 : 1);
  cairo_stroke (cr);
  cairo_move_to (cr, x + HINT_PADDING_PX, y + HINT_PADDING_PX / 2.0);
  set_color (cr, refused ? &theme->bad : &theme->text, 1);
  pango_cairo_show_layout (cr, layout);
}

static void
draw_pull (LoomCanvas *self, cairo_t *cr, const LoomTheme *theme)
{
  LoomPoint from;
  LoomPoint to = self->pointer_px;

  if (!loom_scene_get_node_center (self->scene, self->pull.from, &from))
    return;
  from = loom_view_to_px (&self->view, from.x, from.y);
  /* A cable that would fit snaps to its node. */
  if (self->pull.to != NULL && self->pull.fits
      && loom_scene_get_node_center (self->scene, self->pull.to, &to))
    to = loom_view_to_px (&self->view, to.x, to.y);

  double half = LOOM_TILE_SIZE / 2 * self->view.zoom;
  LoomPoint out = loom_square_edge (half, 12 * self->view.zoom, to.x - from.x, to.y - from.y);
  LoomPoint end = to;
  if (self->pull.to != NULL && self->pull.fits) {
    LoomPoint in = loom_square_edge (half, 12 * self->view.zoom, from.x - to.x, from.y - to.y);
    end = (LoomPoint){to.x + in.x, to.y + in.y};
  }
  if (hypot (to.x - from.x, to.y - from.y) > hypot (out.x, out.y)) {
    double dashes[] = {6, 5};
    const LoomColor *color = self->pull.to != NULL && !self->pull.fits ? &theme->bad
                                                                       : &theme->accent;
    set_color (cr, color, 1);
    cairo_set_line_width (cr, 2.5);
    cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_dash (cr, dashes, self->pull.fits ? 0 : 2, 0);
    cairo_move_to (cr, from.x + out.x, from.y + out.y);
    cairo_line_to (cr, end.x, end.y);
    cairo_stroke (cr);
    cairo_set_dash (cr, NULL, 0, 0);
    cairo_arc (cr, from.x + out.x, from.y + out.y, 4, 0, 2 * G_PI);
    cairo_fill (cr);
    cairo_arc (cr, end.x, end.y, 4, 0, 2 * G_PI);
    cairo_fill (cr);
  }
  if (self->pull.hint != NULL)
    draw_hint (self, cr, theme, self->pull.held || self->pull.to == NULL ? self->pointer_px : end);
}

static void
draw_ghost (LoomCanvas *self, cairo_t *cr, const LoomTheme *theme)
{
  double x = self->ghost.x;
  double y = self->ghost.y;
  double side = LOOM_TILE_SIZE * self->view.zoom;
  double dashes[] = {5, 4};

  if (self->snap) {
    x = round (x / LOOM_GRID_STEP) * LOOM_GRID_STEP;
    y = round (y / LOOM_GRID_STEP) * LOOM_GRID_STEP;
  }
  LoomPoint at = loom_view_to_px (&self->view, x, y);
  rounded (cr, at.x - side / 2, at.y - side / 2, side, side, 12 * self->view.zoom);
  set_color (cr, &theme->accent, 0.1);
  cairo_fill_preserve (cr);
  set_color (cr, &theme->accent, 1);
  cairo_set_line_width (cr, 2);
  cairo_set_dash (cr, dashes, 2, 0);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

/* The keyboard is here, and at no item yet. */
static void
draw_focus (LoomCanvas *self, cairo_t *cr, const LoomTheme *theme)
{
  cairo_rectangle (cr, 1, 1, self->view.width_px - 2, self->view.height_px - 2);
  set_color (cr, &theme->accent, 1);
  cairo_set_line_width (cr, 2);
  cairo_stroke (cr);
}

void
loom_canvas_draw_marks (LoomCanvas *self, cairo_t *cr)
{
  const LoomTheme *theme = loom_scene_get_theme (self->scene);

  if (self->focus_id == NULL && gtk_widget_has_visible_focus (GTK_WIDGET (self)))
    draw_focus (self, cr, theme);
  if (self->has_ghost)
    draw_ghost (self, cr, theme);
  if (self->hand == HAND_BANDING)
    draw_band (self, cr, theme);
  if (self->pull.from != NULL) {
    loom_canvas_draw_port_marks (self, cr);
    draw_pull (self, cr, theme);
  }
  loom_canvas_draw_minimap (self, cr);
}
