/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The live layer, over the still one: lights, badges and rates of a running lab, and what shows
 * near the pointer (port numbers, handles). Everything that repeats is a sprite. */

#include "canvas/scene/painter.h"

#include <math.h>

#define MAX_TEXTS 4096
#define N_ARROWS 32                         /* directions an arrow is drawn in */
#define ARROW_X (-LOOM_PILL_WIDTH / 2 + 13) /* of its middle, in a pill */

static void
draw_port_number (const Painter *painter, const SceneLink *link, gboolean at_b)
{
  double length = loom_curve_length (&link->curve);
  double t = length > 0 ? MIN (16 / length, 0.4) : 0;
  LoomPoint at = loom_curve_at (&link->curve, at_b ? 1 - t : t);
  LoomPoint edge = at_b ? link->curve.end : link->curve.start;
  double dx = at.x - edge.x;
  double dy = at.y - edge.y;
  double norm = MAX (hypot (dx, dy), 1);
  char number[16];

  g_snprintf (number, sizeof number, "%d", at_b ? link->link->b.port : link->link->a.port);
  g_autoptr (LoomText) text = loom_text_new (painter->scene->typesetter, number, LOOM_TEXT_PORT, 0);
  double width = loom_text_get_width (text) + 8;
  double height = loom_text_get_height (text) + 1;
  /* Beside the cable, on its left as seen from the node. */
  double x = at.x + dy / norm * 11;
  double y = at.y - dx / norm * 11;
  LoomRect box = {x - width / 2, y - height / 2, width, height};
  painter_add_rounded (painter->cr, &box, 4);
  painter_set_color (painter->cr, &painter->theme->text);
  cairo_fill (painter->cr);
  loom_text_draw (text, painter->cr, box.x + 4, box.y + 0.5, &painter->theme->background);
}

static gboolean
shows_ports (const LoomScene *scene, const SceneLink *link, const SceneNode *end)
{
  return link->selected || scene_is_hovered (scene, LOOM_ITEM_LINK, link->id)
         || scene_is_hovered (scene, LOOM_ITEM_NODE, end->node->name)
         || scene_is_focused (scene, LOOM_ITEM_LINK, link->id)
         || g_strcmp0 (scene->pull_from, end->node->name) == 0;
}

static void
draw_handles (const Painter *painter, const SceneNode *node)
{
  static const double at[4][2] = {{0, -1}, {1, 0}, {0, 1}, {-1, 0}};
  cairo_t *cr = painter->cr;

  if (painter->zoom < ZOOM_NAMES)
    return;
  for (int i = 0; i < 4; i++) {
    double x = node->center.x + at[i][0] * TILE_HALF;
    double y = node->center.y + at[i][1] * TILE_HALF;
    painter_add_disc (cr, x, y, HANDLE_RADIUS + 1.5);
    painter_set_color (cr, &painter->theme->background);
    cairo_fill (cr);
    painter_add_disc (cr, x, y, HANDLE_RADIUS);
    painter_set_color (cr, &painter->theme->accent);
    cairo_fill (cr);
    painter_set_color (cr, &painter->theme->background);
    cairo_set_line_width (cr, 1.6);
    cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
    cairo_move_to (cr, x - 3, y);
    cairo_line_to (cr, x + 3, y);
    cairo_move_to (cr, x, y - 3);
    cairo_line_to (cr, x, y + 3);
    cairo_stroke (cr);
  }
}

typedef enum {
  LED_HOLLOW, /* no traffic */
  LED_LIT,    /* traffic … */
  LED_PALE,   /* … and the other half of a blink */
  LED_CROSS,  /* no carrier */
} Led;

typedef struct {
  const LoomTheme *theme;
  Led led;
} LedLook;

static void
draw_cross (cairo_t *cr, const LoomTheme *theme)
{
  double arm = LED_RADIUS - 1;

  painter_add_disc (cr, 0, 0, LED_RADIUS + 1);
  painter_set_color (cr, &theme->background);
  cairo_fill (cr);
  cairo_move_to (cr, -arm, -arm);
  cairo_line_to (cr, arm, arm);
  cairo_move_to (cr, -arm, arm);
  cairo_line_to (cr, arm, -arm);
  cairo_set_line_width (cr, 2);
  painter_set_color (cr, &theme->bad);
  cairo_stroke (cr);
}

static void
draw_led_look (cairo_t *cr, gconstpointer data)
{
  const LedLook *look = data;
  const LoomTheme *theme = look->theme;
  LoomColor fill = theme->tile;

  if (look->led == LED_CROSS) {
    draw_cross (cr, theme);
    return;
  }
  if (look->led == LED_LIT)
    fill = theme->ok;
  else if (look->led == LED_PALE)
    fill = loom_color_mix (&theme->ok, &theme->tile, 0.6);
  painter_add_disc (cr, 0, 0, LED_RADIUS - 0.75);
  painter_set_color (cr, &fill);
  cairo_fill_preserve (cr);
  painter_set_color (cr, &theme->ok);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
}

static void
draw_led (const Painter *painter, LoomPoint at, const SceneLink *link, gboolean lit,
          gboolean is_dead)
{
  LedLook look = {painter->theme, LED_HOLLOW};

  if (is_dead)
    look.led = LED_CROSS;
  else if (!link->live)
    return;
  else if (lit)
    look.led = link->blink ? LED_PALE : LED_LIT;
  loom_sprites_put (painter->scene->sprites, painter->cr, SPRITE_LED | look.led, at.x, at.y,
                    LED_RADIUS + 1, LED_RADIUS + 1, draw_led_look, &look);
}

static void
draw_leds (const Painter *painter, const SceneLink *link)
{
  draw_led (painter, link->led_a, link, link->lit_a, scene_link_is_dead (link, FALSE));
  draw_led (painter, link->led_b, link, link->lit_b, scene_link_is_dead (link, TRUE));
}

/* The text of a rate, shaped once for all cables that have it. */
static LoomText *
rate_text (LoomScene *scene, double rate_bps)
{
  g_autofree char *rate = loom_scene_format_rate (rate_bps);
  LoomText *text = g_hash_table_lookup (scene->texts, rate);

  if (text == NULL) {
    if (g_hash_table_size (scene->texts) >= MAX_TEXTS)
      g_hash_table_remove_all (scene->texts);
    text = loom_text_new (scene->typesetter, rate, LOOM_TEXT_RATE, 0);
    g_hash_table_insert (scene->texts, (gpointer) loom_text_get_text (text), text);
  }
  return text;
}

/* A small arrow that points where the frames go. */
static void
draw_arrow (cairo_t *cr, double x, double y, double angle, const LoomColor *color)
{
  double dx = cos (angle);
  double dy = sin (angle);

  cairo_move_to (cr, x - dx * 4.5, y - dy * 4.5);
  cairo_line_to (cr, x + dx * 4.5, y + dy * 4.5);
  cairo_move_to (cr, x + dx * 1.2 - dy * 3.3, y + dy * 1.2 + dx * 3.3);
  cairo_line_to (cr, x + dx * 4.5, y + dy * 4.5);
  cairo_line_to (cr, x + dx * 1.2 + dy * 3.3, y + dy * 1.2 - dx * 3.3);
  painter_set_color (cr, color);
  cairo_set_line_width (cr, 1.4);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke (cr);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
}

typedef struct {
  const LoomTheme *theme;
  double angle;
} PillLook;

static void
draw_pill_look (cairo_t *cr, gconstpointer data)
{
  const PillLook *look = data;
  LoomRect shape = {-LOOM_PILL_WIDTH / 2 + 0.5, -LOOM_PILL_HEIGHT / 2 + 0.5, LOOM_PILL_WIDTH - 1,
                    LOOM_PILL_HEIGHT - 1};

  painter_add_rounded (cr, &shape, shape.height / 2);
  painter_set_color (cr, &look->theme->tile);
  cairo_fill_preserve (cr);
  painter_set_color (cr, &look->theme->border);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  draw_arrow (cr, ARROW_X, 0, look->angle, &look->theme->text);
}

/* All pills are as wide, whatever they say: numbers change without anything moving around them. */
static void
draw_pill (const Painter *painter, const LoomRect *pill, double rate_bps, double angle)
{
  LoomText *text = rate_text (painter->scene, rate_bps);
  double turn = angle / (2 * G_PI) * N_ARROWS;
  guint arrow = ((int) round (turn) + N_ARROWS) % N_ARROWS;
  PillLook look = {painter->theme, arrow * 2 * G_PI / N_ARROWS};
  double x = pill->x + pill->width / 2;
  double y = pill->y + pill->height / 2;
  double left = x + ARROW_X + 8;
  double right = pill->x + pill->width - 7;

  loom_sprites_put (painter->scene->sprites, painter->cr, SPRITE_PILL | arrow, x, y,
                    LOOM_PILL_WIDTH / 2, LOOM_PILL_HEIGHT / 2, draw_pill_look, &look);
  loom_text_draw (text, painter->cr, (left + right - loom_text_get_width (text)) / 2,
                  y - loom_text_get_height (text) / 2, &painter->theme->text);
}

void
painter_draw_pills (const Painter *painter, const SceneLink *link)
{
  double angle = atan2 (link->curve.end.y - link->curve.start.y,
                        link->curve.end.x - link->curve.start.x);

  if (!link->has_pills)
    return;
  if (link->pill_bps[0] > 0 && loom_rect_intersects (&link->pills[0], painter->clip))
    draw_pill (painter, &link->pills[0], link->pill_bps[0], angle);
  if (link->pill_bps[1] > 0 && loom_rect_intersects (&link->pills[1], painter->clip))
    draw_pill (painter, &link->pills[1], link->pill_bps[1], angle + G_PI);
}

typedef struct {
  const Painter *painter;
  const SceneNode *node;
  double scale;
} BadgeLook;

static void
draw_badge_look (cairo_t *cr, gconstpointer data)
{
  const BadgeLook *look = data;

  cairo_scale (cr, look->scale, look->scale);
  loom_badge_draw (look->node->state, look->node->progress, look->painter->scene->angle - G_PI_2,
                   look->painter->theme, cr);
}

static void
draw_badge (const Painter *painter, const SceneNode *node)
{
  LoomPoint at = loom_scene_badge_center (node);
  BadgeLook look = {painter, node, 1};
  double reach = LOOM_BADGE_RADIUS + 2.5;

  if (!loom_scene_node_wants_badge (node))
    return;
  /* From far away the state is what one looks for: the badge shrinks less than the rest. */
  if (painter->zoom < ZOOM_DETAILS)
    look.scale = MIN (ZOOM_DETAILS / painter->zoom, 2);
  if (loom_badge_is_still (node->state)) {
    loom_sprites_put (painter->scene->sprites, painter->cr, SPRITE_BADGE | node->state, at.x, at.y,
                      reach * look.scale, reach * look.scale, draw_badge_look, &look);
    return;
  }
  cairo_save (painter->cr);
  cairo_translate (painter->cr, at.x, at.y);
  draw_badge_look (painter->cr, &look);
  cairo_restore (painter->cr);
}

static void
add_far_led (cairo_t *cr, const SceneLink *link, gboolean at_b, int pass, double side)
{
  const LoomPoint *at = at_b ? &link->led_b : &link->led_a;
  gboolean is_dead = scene_link_is_dead (link, at_b);
  int wanted = is_dead ? 2 : link->blink ? 1 : 0;

  if (wanted == pass && (is_dead || (link->live && (link->lit_a || link->lit_b))))
    cairo_rectangle (cr, at->x - side / 2, at->y - side / 2, side, side);
}

/* Many lights at once, too small for a disc: one path of boxes for each colour. */
static void
draw_far_leds (const Painter *painter)
{
  cairo_t *cr = painter->cr;
  double side = MAX (2.5 / painter->zoom, LED_RADIUS * 1.4);

  cairo_set_antialias (cr, CAIRO_ANTIALIAS_NONE);
  for (int pass = 0; pass < 3; pass++) {
    for (guint i = 0; i < painter->links->len; i++) {
      const SceneLink *link = g_ptr_array_index (painter->links, i);
      add_far_led (cr, link, FALSE, pass, side);
      add_far_led (cr, link, TRUE, pass, side);
    }
    LoomColor pale = loom_color_mix (&painter->theme->ok, &painter->theme->background, 0.6);
    painter_set_color (cr, pass == 0   ? &painter->theme->ok
                           : pass == 1 ? &pale
                                       : &painter->theme->bad);
    cairo_fill (cr);
  }
  cairo_set_antialias (cr, CAIRO_ANTIALIAS_DEFAULT);
}

/* Pills stand away from their cable: they are looked up by their own place. */
static void
draw_all_pills (const Painter *painter)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  loom_index_query (painter->scene->index, painter->clip, found);
  for (guint i = 0; i < found->len; i++) {
    LoomIndexEntry *entry = g_ptr_array_index (found, i);
    if (entry->kind == ENTRY_PILLS)
      painter_draw_pills (painter, entry->owner);
  }
}

static void
draw_ports_and_handles (const Painter *painter)
{
  LoomScene *scene = painter->scene;

  for (guint i = 0; i < painter->links->len; i++) {
    const SceneLink *link = g_ptr_array_index (painter->links, i);
    if (shows_ports (scene, link, link->a))
      draw_port_number (painter, link, FALSE);
    if (shows_ports (scene, link, link->b))
      draw_port_number (painter, link, TRUE);
  }
  if (scene->hover_kind == LOOM_ITEM_NODE && scene->pull_from == NULL
      && g_hash_table_size (scene->dragged) == 0) {
    SceneNode *node = loom_scene_lookup_node (scene, scene->hover_id);
    if (node != NULL)
      draw_handles (painter, node);
  }
}

void
painter_draw_live (const Painter *painter)
{
  if (painter->zoom < ZOOM_DETAILS) {
    draw_far_leds (painter);
  } else {
    for (guint i = 0; i < painter->links->len; i++)
      draw_leds (painter, g_ptr_array_index (painter->links, i));
  }
  for (guint i = 0; i < painter->nodes->len; i++)
    draw_badge (painter, g_ptr_array_index (painter->nodes, i));
  if (painter->zoom >= ZOOM_DETAILS) {
    draw_all_pills (painter);
    draw_ports_and_handles (painter);
    painter_draw_plugs (painter);
  }
}
