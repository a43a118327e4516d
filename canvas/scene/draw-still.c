/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The still layer: grid, tiles and names, and the cables of draw-cables.c. It is drawn again only
 * where an edit, the pointer or the view changed it. */

#include "canvas/scene/painter.h"

#include <math.h>

#define DASH_GAP 4.0

/* The steps double as the grid gets dense, and the dots fade on the way to the next step. */
void
painter_draw_grid (const Painter *painter)
{
  cairo_t *cr = painter->cr;
  double step = LOOM_GRID_STEP;
  double fade;

  if (painter->zoom < 0.35)
    return;
  fade = CLAMP ((painter->zoom - 0.35) / 0.4, 0, 1);
  if (painter->zoom < 0.6)
    step *= 2;

  LoomColor color = loom_color_mix (&painter->theme->background, &painter->theme->grid, fade);
  double size = MAX (1.6, 1 / painter->zoom);
  double left = floor (painter->clip->x / step) * step;
  double top = floor (painter->clip->y / step) * step;
  painter_set_color (cr, &color);
  for (double x = left; x <= painter->clip->x + painter->clip->width + step; x += step) {
    for (double y = top; y <= painter->clip->y + painter->clip->height + step; y += step)
      cairo_rectangle (cr, x - size / 2, y - size / 2, size, size);
  }
  /* Squares this small need no smooth edges, and go through cairo's path for boxes. */
  cairo_set_antialias (cr, CAIRO_ANTIALIAS_NONE);
  cairo_fill (cr);
  cairo_set_antialias (cr, CAIRO_ANTIALIAS_DEFAULT);
}

/* How far a node steps back while a cable is pulled that it would not take. */
static double
presence_of (const LoomScene *scene, const SceneNode *node)
{
  if (scene->pull_from == NULL || scene->accepting == NULL
      || g_str_equal (scene->pull_from, node->node->name)
      || g_hash_table_contains (scene->accepting, node->node->name))
    return node->appearance;
  return 0.35 * node->appearance;
}

static void
draw_halo (const Painter *painter, const SceneNode *node)
{
  cairo_t *cr = painter->cr;
  const LoomTheme *theme = painter->theme;
  gboolean accepts = painter->scene->accepting != NULL
                     && g_hash_table_contains (painter->scene->accepting, node->node->name);
  gboolean focused = scene_is_focused (painter->scene, LOOM_ITEM_NODE, node->node->name);

  if (!node->selected && !accepts && !focused)
    return;

  LoomRect ring = loom_rect_grown (&node->tile, HALO_GAP);
  painter_add_rounded (cr, &ring, TILE_RADIUS + HALO_GAP - 1);
  LoomColor wash = loom_color_mix (&theme->background, &theme->accent, 0.12);
  painter_set_color (cr, &wash);
  cairo_fill_preserve (cr);
  painter_set_color (cr, &theme->accent);
  cairo_set_line_width (cr, painter_at_least_px (painter, node->selected ? HALO_WIDTH : 2));
  double dashes[] = {5, DASH_GAP};
  if (!node->selected)
    cairo_set_dash (cr, dashes, focused && !accepts ? 2 : 0, 0);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

static void
draw_texts (const Painter *painter, const SceneNode *node)
{
  const LoomTheme *theme = painter->theme;
  double y = node->label.y + 6;

  if (painter->zoom < ZOOM_NAMES)
    return;

  /* A cable that passes below the tile goes behind its words. */
  LoomRect behind = {node->label.x - 3, y, node->label.width + 6, node->label.height - 5};
  if (painter->zoom < ZOOM_DETAILS)
    behind.height = loom_text_get_height (node->name);
  painter_add_rounded (painter->cr, &behind, 5);
  cairo_set_source_rgba (painter->cr, theme->background.red, theme->background.green,
                         theme->background.blue, 0.92);
  cairo_fill (painter->cr);
  loom_text_draw (node->name, painter->cr, node->center.x - loom_text_get_width (node->name) / 2, y,
                  &theme->text);
  if (node->second == NULL || painter->zoom < ZOOM_DETAILS)
    return;
  loom_text_draw (
      node->second, painter->cr, node->center.x - loom_text_get_width (node->second) / 2,
      y + loom_text_get_height (node->name), node->second_is_bad ? &theme->bad : &theme->quiet);
}

typedef struct {
  const Painter *painter;
  const LoomIcon *icon;
  gboolean hovered;
  gboolean is_off;
} TileLook;

static void
draw_tile_look (cairo_t *cr, gconstpointer data)
{
  const TileLook *look = data;
  const LoomTheme *theme = look->painter->theme;
  LoomRect square = {-TILE_HALF, -TILE_HALF, LOOM_TILE_SIZE, LOOM_TILE_SIZE};

  painter_add_rounded (cr, &square, TILE_RADIUS);
  painter_set_color (cr, &theme->tile);
  cairo_fill_preserve (cr);
  painter_set_color (cr, look->hovered ? &theme->quiet : &theme->border);
  cairo_set_line_width (cr, painter_at_least_px (look->painter, 1.5));
  cairo_stroke (cr);
  if (look->painter->zoom < ZOOM_ICONS)
    return;
  LoomColor icon = look->is_off ? loom_color_mix (&theme->tile, &theme->icon, 0.55) : theme->icon;
  painter_set_color (cr, &icon);
  loom_icon_draw (look->icon, cr);
}

static void
draw_tile (const Painter *painter, const SceneNode *node)
{
  TileLook look = {painter, node->icon,
                   scene_is_hovered (painter->scene, LOOM_ITEM_NODE, node->node->name),
                   node->live && node->state == LOOM_NODE_OFF};
  guint key = SPRITE_TILE | (loom_icon_get_number (node->icon) << 8) | (look.hovered ? 1 : 0)
              | (look.is_off ? 2 : 0);

  loom_sprites_put (painter->scene->sprites, painter->cr, key, node->center.x, node->center.y,
                    TILE_HALF + 1 / painter->zoom, TILE_HALF + 1 / painter->zoom, draw_tile_look,
                    &look);
}

static void
draw_node (const Painter *painter, const SceneNode *node)
{
  cairo_t *cr = painter->cr;
  double presence = presence_of (painter->scene, node);

  if (presence < 1)
    cairo_push_group (cr);
  draw_halo (painter, node);
  draw_tile (painter, node);
  draw_texts (painter, node);
  if (presence < 1) {
    cairo_pop_group_to_source (cr);
    cairo_paint_with_alpha (cr, presence);
  }
}

void
painter_draw_still (const Painter *painter)
{
  for (guint i = 0; i < painter->links->len; i++)
    painter_draw_cable (painter, g_ptr_array_index (painter->links, i));
  for (guint i = 0; i < painter->nodes->len; i++)
    draw_node (painter, g_ptr_array_index (painter->nodes, i));
  if (painter->zoom >= ZOOM_DETAILS)
    painter_draw_notes (painter);
}
