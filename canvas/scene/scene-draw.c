/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Draws a scene. Two passes over what the index finds inside the clip: the still layer (grid,
 * cables, tiles, names; draw-still.c) and the live one (lights, badges, rates; draw-live.c). Below
 * ZOOM_* details fall away. */

#include "canvas/scene/painter.h"

static int
compare_nodes (gconstpointer a, gconstpointer b)
{
  guint one = (*(SceneNode *const *) a)->serial;
  guint other = (*(SceneNode *const *) b)->serial;

  return one < other ? -1 : one > other;
}

static int
compare_links (gconstpointer a, gconstpointer b)
{
  guint one = (*(SceneLink *const *) a)->serial;
  guint other = (*(SceneLink *const *) b)->serial;

  return one < other ? -1 : one > other;
}

static void
collect (Painter *painter)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  /* Lights, and badges seen from far away, reach beyond what is indexed. */
  LoomRect area = loom_rect_grown (painter->clip, LED_RADIUS + LOOM_BADGE_RADIUS);

  loom_index_query (painter->scene->index, &area, found);
  for (guint i = 0; i < found->len; i++) {
    LoomIndexEntry *entry = g_ptr_array_index (found, i);
    SceneLink *link = entry->owner;
    SceneNode *node = entry->owner;
    if (entry->kind == ENTRY_NODE && loom_rect_intersects (&node->bounds, &area))
      g_ptr_array_add (painter->nodes, node);
    else if (entry->kind == ENTRY_LINK && loom_rect_intersects (&link->bounds, &area))
      g_ptr_array_add (painter->links, link);
  }
  g_ptr_array_sort (painter->nodes, compare_nodes);
  g_ptr_array_sort (painter->links, compare_links);
}

void
loom_scene_draw (LoomScene *self, cairo_t *cr, LoomLayers layers, const LoomRect *clip, double zoom)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new ();
  g_autoptr (GPtrArray) links = g_ptr_array_new ();
  Painter painter = {self, &self->theme, cr, clip, zoom, nodes, links};

  g_return_if_fail (LOOM_IS_SCENE (self));

  cairo_save (cr);
  if (layers & LOOM_LAYER_BACKGROUND) {
    painter_set_color (cr, &self->theme.background);
    cairo_rectangle (cr, clip->x, clip->y, clip->width, clip->height);
    cairo_fill (cr);
    painter_draw_grid (&painter);
  }
  if (layers & (LOOM_LAYER_STILL | LOOM_LAYER_LIVE))
    collect (&painter);
  if (layers & LOOM_LAYER_STILL)
    painter_draw_still (&painter);
  if (layers & LOOM_LAYER_LIVE)
    painter_draw_live (&painter);
  if (layers & LOOM_LAYER_MOTION)
    painter_draw_motion (&painter);
  cairo_restore (cr);
}
