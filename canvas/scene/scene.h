/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The picture of a lab: items made from the model and its live status, drawn with cairo.
 *
 * Coordinates are canvas units: 1 unit is 1 px at 100 %. The scene follows the lab's "changed" and
 * the status's signals and says what to draw again; it never has a timer of its own.
 *
 * The picture has two layers. LOOM_LAYER_STILL (grid, cables, tiles, names) changes with edits;
 * LOOM_LAYER_LIVE (lights, badges, rates) with traffic. A view keeps a copy of the first and lays
 * the second over it ten times a second. LOOM_LAYER_MOTION lies above both and is never kept: a
 * view draws it where loom_scene_list_motion_areas () says it was and is.
 *
 * Signals:
 *  "damage" (int layers, double x, double y, double width, double height)
 *  "damage-all" ()
 *  "selection-changed" ()
 *  "node-added", "node-removed" (const char *name), "node-renamed" (const char *was,
 *  const char *name), "node-changed" (const char *name), "link-added",
 *  "link-removed", "link-changed" (const char *id), "lab-replaced" (): for accessibility
 */

#pragma once

#include <cairo.h>

#include "canvas/model/lab.h"
#include "canvas/model/status.h"
#include "canvas/scene/geometry.h"
#include "canvas/scene/motion.h"
#include "canvas/scene/theme.h"

G_BEGIN_DECLS

#define LOOM_TILE_SIZE 64.0 /* side of a node's tile */
#define LOOM_GRID_STEP 20.0 /* between dots of the grid */

typedef enum {
  LOOM_LAYER_STILL = 1 << 0,
  LOOM_LAYER_LIVE = 1 << 1,
  LOOM_LAYER_BACKGROUND = 1 << 2, /* with STILL: fill behind, and the dots of the grid */
  LOOM_LAYER_MOTION = 1 << 3,     /* frames in motion, and those that are held */
} LoomLayers;

typedef enum {
  LOOM_ITEM_NONE,
  LOOM_ITEM_NODE,
  LOOM_ITEM_LINK,
} LoomItemKind;

/* What is under a point. @id belongs to the scene and lives until the next change. */
typedef struct {
  LoomItemKind kind;
  const char *id; /* node name or link id */
  gboolean label; /* a node, by its name rather than its tile */
  int handle;     /* a node's port handle: 0 … 3 (top, right, bottom, left); -1 none */
  double t;       /* a link: where along it, 0 at end a … 1 at end b */
} LoomHit;

#define LOOM_TYPE_SCENE (loom_scene_get_type ())
G_DECLARE_FINAL_TYPE (LoomScene, loom_scene, LOOM, SCENE, GObject)

LoomScene *loom_scene_new (void);
/* Both nullable; both referenced. */
void loom_scene_set_lab (LoomScene *self, LoomLab *lab);
LoomLab *loom_scene_get_lab (LoomScene *self);
void loom_scene_set_status (LoomScene *self, LoomStatus *status);
LoomStatus *loom_scene_get_status (LoomScene *self);
void loom_scene_set_theme (LoomScene *self, const LoomTheme *theme);
const LoomTheme *loom_scene_get_theme (LoomScene *self);
/* Whether things may move by themselves (arcs turn, lights blink, new nodes fade in). */
void loom_scene_set_animated (LoomScene *self, gboolean animated);

/* Draws the layers of the part inside @clip (canvas units) on @cr, whose matrix maps canvas units
 * to pixels; @zoom is that matrix's scale, for the level of detail. */
void loom_scene_draw (LoomScene *self, cairo_t *cr, LoomLayers layers, const LoomRect *clip,
                      double zoom);
/* What moves by itself moves on to @now_us (monotonic) and says its damage. Returns the time of
 * the next call that is needed, or 0: nothing moves. Call it when something was damaged. */
gint64 loom_scene_tick (LoomScene *self, gint64 now_us);

/* What is at (@x, @y), within @tolerance units. Handles count only on the hovered node. */
LoomHit loom_scene_hit (LoomScene *self, double x, double y, double tolerance);
/* (transfer container): names (owned by the scene) of the nodes whose tile touches @area. */
GPtrArray *loom_scene_list_nodes_in (LoomScene *self, const LoomRect *area);
/* Bounds of everything drawn; FALSE when there is nothing. */
gboolean loom_scene_get_bounds (LoomScene *self, LoomRect *ret_bounds);
gboolean loom_scene_get_item_bounds (LoomScene *self, LoomItemKind kind, const char *id,
                                     LoomRect *ret_bounds);
/* Centre of a node's tile as it is drawn now (a drag counts). */
gboolean loom_scene_get_node_center (LoomScene *self, const char *name, LoomPoint *ret_center);
/* Where the name of a node is drawn. */
gboolean loom_scene_get_label_bounds (LoomScene *self, const char *name, LoomRect *ret_bounds);
/* A spot near (@x, @y) where a new tile and its name cover nothing. */
LoomPoint loom_scene_find_free_spot (LoomScene *self, double x, double y);

/* Selection. (transfer full) lists, NULL-terminated, in canonical order. */
char **loom_scene_dup_selected_nodes (LoomScene *self);
char **loom_scene_dup_selected_links (LoomScene *self);
gboolean loom_scene_is_selected (LoomScene *self, LoomItemKind kind, const char *id);
void loom_scene_select (LoomScene *self, const char *const *nodes, const char *const *links);
void loom_scene_set_selected (LoomScene *self, LoomItemKind kind, const char *id,
                              gboolean selected);

/* The item under the pointer (shows port handles or numbers) and the one with keyboard focus. */
void loom_scene_set_hover (LoomScene *self, LoomItemKind kind, const char *id);
void loom_scene_set_focus (LoomScene *self, LoomItemKind kind, const char *id);
/* Draws these nodes (NULL: none) displaced, while they are dragged; the lab is not touched. */
void loom_scene_set_drag (LoomScene *self, const char *const *nodes, double dx, double dy);

/* A cable being pulled. Nodes in @accepting light up, the others step back. */
void loom_scene_set_pull (LoomScene *self, const char *from, GHashTable *accepting);

/* A handle of the cable under the pointer, that unplugs it. */
typedef enum {
  LOOM_PLUG_NONE,
  LOOM_PLUG_A, /* the carrier of that end */
  LOOM_PLUG_B,
  LOOM_PLUG_MIDDLE, /* the whole cable */
} LoomPlug;

/* (nullable) */
const char *loom_scene_get_hovered_link (LoomScene *self);
/* Which one is there, of the hovered cable. */
LoomPlug loom_scene_hit_plug (LoomScene *self, double x, double y);
/* The one under the pointer. */
void loom_scene_set_hover_plug (LoomScene *self, LoomPlug plug);
/* FALSE: that cable does not have it. */
gboolean loom_scene_get_plug_place (LoomScene *self, const char *link, LoomPlug plug,
                                    LoomPoint *ret_at);
/* (transfer full) (nullable): what a click on it does, as a sentence. */
char *loom_scene_describe_plug (LoomScene *self, const char *link, LoomPlug plug);
/* Whether a click on it makes @link whole, rather than breaking it. */
gboolean loom_plug_mends (LoomPlug plug, const LoomLink *link);
/* Does to @link what a click does. */
void loom_plug_toggle (LoomPlug plug, LoomLink *link);

/* What a frame can be, by number: its colour, and a letter that says the same. */
typedef struct {
  LoomColor color; /* made readable on the theme's ground */
  char letter[4];
} LoomHue;

void loom_scene_set_hues (LoomScene *self, const LoomHue *hues, guint n_hues);
/* Whether frames are going to be seen on all cables: what is written there leaves their way free.
 */
void loom_scene_set_lanes (LoomScene *self, gboolean has_lanes);
/* (transfer none): what moves; it is drawn as it is now, and says no damage. */
LoomMotion *loom_scene_get_motion (LoomScene *self);
/* A frame that is held. */
typedef struct {
  gboolean from_b;
  guint hue;
} LoomHeldDot;
/* The frames held on a cable, the oldest first; @on FALSE: it is not held. No damage either. */
void loom_scene_set_held (LoomScene *self, const char *link, gboolean on, const LoomHeldDot *dots,
                          guint n_dots);
/* (transfer container): of LoomRect: where LOOM_LAYER_MOTION draws now. */
GArray *loom_scene_list_motion_areas (LoomScene *self);
/* (nullable): the cable whose hold mark is there. */
const char *loom_scene_hit_hold_mark (LoomScene *self, double x, double y);

/* (transfer full): the tooltip of a cable: frames, bytes, drops and errors of each direction. */
char *loom_scene_describe_link (LoomScene *self, const char *id);
/* (transfer full): "pc1, machine, ready": the accessible name of an item. */
char *loom_scene_describe_item (LoomScene *self, LoomItemKind kind, const char *id);

G_END_DECLS
