/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames: those in motion are dots beside their cable, on the right as seen from where they come;
 * those that are held stand in a row before the hold mark in the middle. A letter says beside the
 * colour what a frame is. */

#include "canvas/scene/painter.h"

#include <math.h>

#define DOT_RADIUS 7.0
#define FAR_RADIUS_PX 3.5
#define CROSS_ARM 6.0
#define READABLE 3.0

typedef struct {
  const Painter *painter;
  const LoomHue *hue;
  gboolean is_corrupted;
} DotLook;

static const LoomHue *
hue_of (const LoomScene *scene, guint hue)
{
  static const LoomHue none = {{0.5, 0.5, 0.5}, ""};

  return hue < scene->hues->len ? &g_array_index (scene->hues, LoomHue, hue) : &none;
}

/* Shaped once for all dots that have it, among the rates. */
static LoomText *
letter_text (LoomScene *scene, const char *letter)
{
  LoomText *text = g_hash_table_lookup (scene->texts, letter);

  if (text == NULL) {
    text = loom_text_new (scene->typesetter, letter, LOOM_TEXT_PORT, 0);
    g_hash_table_insert (scene->texts, (gpointer) loom_text_get_text (text), text);
  }
  return text;
}

static LoomColor
color_on (const LoomColor *ground)
{
  static const LoomColor black = {0, 0, 0};
  static const LoomColor white = {1, 1, 1};

  return loom_color_contrast (ground, &white) >= READABLE ? white : black;
}

/* A crack from top to bottom. */
static void
draw_crack (cairo_t *cr, const LoomTheme *theme)
{
  cairo_move_to (cr, 1.5, -DOT_RADIUS - 1);
  cairo_line_to (cr, -2, -1.5);
  cairo_line_to (cr, 2, 1);
  cairo_line_to (cr, -1.5, DOT_RADIUS + 1);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_BEVEL);
  cairo_set_line_width (cr, 3.5);
  painter_set_color (cr, &theme->background);
  cairo_stroke_preserve (cr);
  cairo_set_line_width (cr, 1.5);
  painter_set_color (cr, &theme->bad);
  cairo_stroke (cr);
}

static void
draw_dot_look (cairo_t *cr, gconstpointer data)
{
  const DotLook *look = data;
  const LoomTheme *theme = look->painter->theme;
  LoomColor fill = loom_color_readable (&look->hue->color, &theme->background, READABLE);
  LoomColor ink = color_on (&fill);

  painter_add_disc (cr, 0, 0, DOT_RADIUS + 1.5);
  painter_set_color (cr, &theme->background);
  cairo_fill (cr);
  painter_add_disc (cr, 0, 0, DOT_RADIUS);
  painter_set_color (cr, &fill);
  cairo_fill (cr);
  if (look->is_corrupted) {
    draw_crack (cr, theme);
  } else if (look->hue->letter[0] != '\0') {
    LoomText *text = letter_text (look->painter->scene, look->hue->letter);

    loom_text_draw (text, cr, -loom_text_get_width (text) / 2, -loom_text_get_height (text) / 2,
                    &ink);
  }
}

/* From far away a dot is a dot. */
static void
draw_far_dot (const Painter *painter, LoomPoint at, const LoomHue *hue)
{
  LoomColor fill = loom_color_readable (&hue->color, &painter->theme->background, READABLE);

  painter_add_disc (painter->cr, at.x, at.y, FAR_RADIUS_PX / painter->zoom);
  painter_set_color (painter->cr, &fill);
  cairo_fill (painter->cr);
}

static void
draw_dot (const Painter *painter, LoomPoint at, guint hue, gboolean is_corrupted)
{
  DotLook look = {painter, hue_of (painter->scene, hue), is_corrupted};
  guint key = SPRITE_MOTION | hue << 1 | (is_corrupted ? 1 : 0);

  if (painter->zoom < ZOOM_DETAILS)
    draw_far_dot (painter, at, look.hue);
  else
    loom_sprites_put (painter->scene->sprites, painter->cr, key, at.x, at.y, DOT_RADIUS + 2,
                      DOT_RADIUS + 2, draw_dot_look, &look);
}

/* Where a frame ended. */
static void
draw_cross (const Painter *painter, LoomPoint at, guint hue, double alpha)
{
  cairo_t *cr = painter->cr;
  const LoomTheme *theme = painter->theme;
  LoomColor pale = loom_color_readable (&hue_of (painter->scene, hue)->color, &theme->background,
                                        READABLE);
  double arm = painter->zoom < ZOOM_DETAILS ? FAR_RADIUS_PX / painter->zoom : CROSS_ARM;

  painter_add_disc (cr, at.x, at.y, arm);
  cairo_set_source_rgba (cr, pale.red, pale.green, pale.blue, alpha * 0.35);
  cairo_fill (cr);
  cairo_move_to (cr, at.x - arm, at.y - arm);
  cairo_line_to (cr, at.x + arm, at.y + arm);
  cairo_move_to (cr, at.x - arm, at.y + arm);
  cairo_line_to (cr, at.x + arm, at.y - arm);
  cairo_set_line_width (cr, arm * 0.42);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_source_rgba (cr, theme->bad.red, theme->bad.green, theme->bad.blue, alpha);
  cairo_stroke (cr);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
}

/* Dots, or the crosses where frames ended. */
static void
draw_moving (const Painter *painter, gboolean crosses)
{
  g_autoptr (GArray) dots = loom_motion_list_dots (painter->scene->motion);

  for (guint i = 0; i < dots->len; i++) {
    const LoomDot *dot = &g_array_index (dots, LoomDot, i);
    SceneLink *link = loom_scene_lookup_link (painter->scene, dot->link);
    LoomPoint at;

    if (link == NULL || dot->is_cross != crosses)
      continue;
    at = loom_scene_lane_at (link, dot->t, dot->from_b);
    if (crosses)
      draw_cross (painter, at, dot->hue, dot->alpha);
    else
      draw_dot (painter, at, dot->hue, dot->is_corrupted);
  }
}

/* A pause sign, and how many wait. */
static void
draw_hold_mark (const Painter *painter, const LoomRect *mark, guint n_held)
{
  cairo_t *cr = painter->cr;
  const LoomTheme *theme = painter->theme;
  double x = mark->x + 11;
  double y = mark->y + mark->height / 2;

  painter_add_rounded (cr, mark, mark->height / 2);
  painter_set_color (cr, &theme->tile);
  cairo_fill_preserve (cr);
  painter_set_color (cr, &theme->wait);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
  cairo_rectangle (cr, x - 4, y - 4.5, 3, 9);
  cairo_rectangle (cr, x + 1, y - 4.5, 3, 9);
  cairo_fill (cr);
  if (n_held > 0) {
    g_autofree char *number = g_strdup_printf ("%u", n_held);
    g_autoptr (LoomText)
        text = loom_text_new (painter->scene->typesetter, number, LOOM_TEXT_PORT, 0);
    double left = mark->x + 18;
    double right = mark->x + mark->width - 4;

    loom_text_draw (text, cr, (left + right - loom_text_get_width (text)) / 2,
                    y - loom_text_get_height (text) / 2, &theme->text);
  }
}

/* One row of those that came from one end. */
static void
draw_queue (const Painter *painter, const SceneLink *link, const SceneHeld *held, gboolean from_b)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (LoomPoint));
  g_autoptr (GArray) hues = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < held->dots->len; i++) {
    const LoomHeldDot *dot = &g_array_index (held->dots, LoomHeldDot, i);
    double t = loom_scene_queue_place (link, held, places->len, from_b);
    LoomPoint at;

    if ((dot->from_b != FALSE) != from_b)
      continue;
    if (t < 0)
      break;
    at = loom_scene_lane_at (link, t, from_b);
    g_array_append_val (places, at);
    g_array_append_val (hues, dot->hue);
  }
  /* The first lies above those behind it. */
  for (guint i = places->len; i-- > 0;)
    draw_dot (painter, g_array_index (places, LoomPoint, i), g_array_index (hues, guint, i), FALSE);
}

static void
draw_held (const Painter *painter, gboolean marks)
{
  GHashTableIter iter;
  gpointer id;
  gpointer held;

  g_hash_table_iter_init (&iter, painter->scene->held);
  while (g_hash_table_iter_next (&iter, &id, &held)) {
    SceneLink *link = loom_scene_lookup_link (painter->scene, id);

    if (link == NULL)
      continue;
    if (marks) {
      LoomRect mark = loom_scene_hold_mark (link, held);

      draw_hold_mark (painter, &mark, ((SceneHeld *) held)->dots->len);
    } else {
      draw_queue (painter, link, held, FALSE);
      draw_queue (painter, link, held, TRUE);
    }
  }
}

/* What is written at cables, where a dot lies over it in the picture below: in a crowded lab there
 * may be no place for it beside the frames. */
static void
draw_labels_over_dots (const Painter *painter)
{
  g_autoptr (GArray) areas = loom_scene_list_motion_areas (painter->scene);
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  g_autoptr (GHashTable) drawn = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < areas->len; i++) {
    g_ptr_array_set_size (found, 0);
    loom_index_query (painter->scene->index, &g_array_index (areas, LoomRect, i), found);
    for (guint j = 0; j < found->len; j++) {
      LoomIndexEntry *entry = g_ptr_array_index (found, j);

      if ((entry->kind != ENTRY_PILLS && entry->kind != ENTRY_NOTE)
          || !g_hash_table_add (drawn, entry))
        continue;
      if (entry->kind == ENTRY_NOTE)
        painter_draw_note (painter, entry->owner);
      else
        painter_draw_pills (painter, entry->owner);
    }
  }
}

/* Crosses lie above all: they are short, and what is written stays. */
void
painter_draw_motion (const Painter *painter)
{
  draw_held (painter, FALSE);
  draw_moving (painter, FALSE);
  if (painter->zoom >= ZOOM_DETAILS) {
    draw_labels_over_dots (painter);
    painter_draw_plugs (painter);
  }
  if (painter->zoom >= ZOOM_NAMES)
    draw_held (painter, TRUE);
  draw_moving (painter, TRUE);
}
