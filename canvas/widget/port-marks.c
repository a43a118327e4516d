/* SPDX-License-Identifier: GPL-3.0-or-later */

/* While a cable is pulled, every tile in sight shows its ports: those that would take the cable are
 * lit, the one it would get is filled, the others are grey; a tile with none says so. */

#include "canvas/widget/canvas-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define MAX_MARKS 8
#define MARK_PX 6.0
#define MARK_GAP_PX 3.0
/* Below this zoom details fall away. */
#define MIN_ZOOM 0.5
#define PADDING_PX 5

static void
set_color (cairo_t *cr, const LoomColor *color, double alpha)
{
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, alpha);
}

/* A word on the lower edge of a tile, whose middle is at @at. */
static void
draw_word (LoomCanvas *self, cairo_t *cr, LoomPoint at, const char *text, const LoomColor *color)
{
  const LoomTheme *theme = loom_scene_get_theme (self->scene);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
  int width, height;

  pango_attr_list_insert (attributes, pango_attr_scale_new (PANGO_SCALE_SMALL));
  pango_layout_set_attributes (layout, attributes);
  pango_layout_get_pixel_size (layout, &width, &height);
  at.x = floor (at.x) + 0.5;
  at.y = floor (at.y) + 0.5;
  cairo_rectangle (cr, at.x - width / 2 - PADDING_PX, at.y - height / 2 - 1, width + 2 * PADDING_PX,
                   height + 2);
  set_color (cr, &theme->tile, 0.97);
  cairo_fill_preserve (cr);
  set_color (cr, color, 1);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  cairo_move_to (cr, at.x - width / 2, at.y - height / 2);
  pango_cairo_show_layout (cr, layout);
}

static void
draw_mark (LoomCanvas *self, cairo_t *cr, LoomPoint at, gboolean is_free, gboolean is_next)
{
  const LoomTheme *theme = loom_scene_get_theme (self->scene);

  cairo_rectangle (cr, at.x - MARK_PX / 2, at.y - MARK_PX / 2, MARK_PX, MARK_PX);
  set_color (cr, is_free ? (is_next ? &theme->accent : &theme->tile) : &theme->off, 1);
  cairo_fill_preserve (cr);
  set_color (cr, is_free ? &theme->accent : &theme->off, 1);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
}

static int
count_free (LoomLab *lab, const LoomNode *node)
{
  int n_free = 0;

  for (int port = 0; port < node->n_ports; port++)
    n_free += loom_lab_get_link_at (lab, node->name, port) == NULL;
  return n_free;
}

static void
draw_node (LoomCanvas *self, cairo_t *cr, const LoomNode *node)
{
  const LoomTheme *theme = loom_scene_get_theme (self->scene);
  LoomLab *lab = loom_canvas_get_lab (self);
  int next = loom_lab_get_free_port (lab, node->name);
  LoomPoint at = {node->x, node->y};

  loom_scene_get_node_center (self->scene, node->name, &at);
  at = loom_view_to_px (&self->view, at.x, at.y + LOOM_TILE_SIZE / 2);
  if (next < 0) {
    draw_word (self, cr, at, node->n_ports > 0 ? _ ("all ports taken") : _ ("no ports"),
               &theme->bad);
  } else if (node->n_ports > MAX_MARKS) {
    int n_free = count_free (lab, node);
    /* Translators: ports of a switch */
    g_autofree char *text = g_strdup_printf (ngettext ("%d port free", "%d ports free", n_free),
                                             n_free);

    draw_word (self, cr, at, text, &theme->accent);
  } else {
    double step = MARK_PX + MARK_GAP_PX;

    at.x -= (node->n_ports - 1) * step / 2;
    for (int port = 0; port < node->n_ports; port++, at.x += step)
      draw_mark (self, cr, at, loom_lab_get_link_at (lab, node->name, port) == NULL, port == next);
  }
}

void
loom_canvas_draw_port_marks (LoomCanvas *self, cairo_t *cr)
{
  LoomRect sight = {self->view.origin.x, self->view.origin.y, self->view.width_px / self->view.zoom,
                    self->view.height_px / self->view.zoom};
  LoomLab *lab = loom_canvas_get_lab (self);
  g_autoptr (GPtrArray) names = NULL;

  if (self->view.zoom < MIN_ZOOM)
    return;
  names = loom_scene_list_nodes_in (self->scene, &sight);
  for (guint i = 0; i < names->len; i++) {
    const LoomNode *node = loom_lab_get_node (lab, g_ptr_array_index (names, i));

    if (node != NULL)
      draw_node (self, cr, node);
  }
}
