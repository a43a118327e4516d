/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The items of a scene, shared by its files: scene.c (the object), scene-follow.c (the lab),
 * scene-status.c (the run), scene-items.c (geometry), scene-notes.c (labels of cables),
 * scene-draw.c, scene-motion.c (frames), scene-query.c (hit test, selection, words). */

#pragma once

#include "canvas/scene/icons.h"
#include "canvas/scene/index.h"
#include "canvas/scene/pills.h"
#include "canvas/scene/scene.h"
#include "canvas/scene/sprites.h"
#include "canvas/scene/text.h"

G_BEGIN_DECLS

#define TILE_HALF (LOOM_TILE_SIZE / 2)
#define TILE_RADIUS 12.0
#define LED_RADIUS 4.5
#define HALO_WIDTH 3.0
#define HALO_GAP 5.0
#define HANDLE_RADIUS 6.0
#define MOTION_LANE 6.0 /* of a frame's middle from that of its cable */
#define HOLD_MARK_HEIGHT 20.0
#define HOLD_GAP 9.0   /* between the mark and the first that waits … */
#define HOLD_STEP 12.0 /* … and from one to the next */

/* Zoom below which a detail falls away. */
#define ZOOM_DETAILS 0.5 /* pills, second lines */
#define ZOOM_NAMES 0.3
#define ZOOM_ICONS 0.15

typedef enum {
  ENTRY_NODE,
  ENTRY_LINK,
  ENTRY_PILLS, /* owned by a link */
  ENTRY_NOTE,  /* so is this one */
} EntryKind;

typedef struct {
  LoomIndexEntry entry;
  guint serial; /* drawing order: later is above */
  LoomNode *node;
  const LoomKind *kind; /* of the catalogue; NULL: unknown */
  const LoomIcon *icon; /* the scene's */
  GPtrArray *links;     /* of SceneLink, not owned */

  LoomPoint offset; /* by which a drag displaces it */
  LoomPoint center;
  LoomRect tile;
  LoomRect label;  /* name and second line, for pills and hits */
  LoomRect bounds; /* everything, halo and badge too */
  LoomText *name;
  LoomText *second; /* or NULL */
  gboolean second_is_bad;

  gboolean live; /* the lab runs: state is worth showing */
  LoomNodeState state;
  double progress;

  gboolean selected;
  gint64 appeared_us; /* when it was first ticked; 0: not yet */
  double appearance;  /* 0 … 1; 1: fully there */
} SceneNode;

typedef struct {
  LoomIndexEntry entry;
  LoomIndexEntry pills_entry;
  LoomIndexEntry note_entry;
  guint serial;
  LoomLink *link;
  char *id;
  SceneNode *a;
  SceneNode *b;
  LoomCurve curve;
  LoomPoint led_a; /* on the curve, where its end is, or clear of the badge there */
  LoomPoint led_b;
  LoomRect bounds;      /* halo and port numbers too, pills and note not */
  LoomText *note;       /* what is set on it, in a few words; NULL: nothing */
  gboolean note_is_cut; /* for want of room */
  gboolean has_note_place;
  LoomRect note_at;

  gboolean live;
  LoomLinkStatus status;
  double width;   /* units; grows with the load */
  gboolean lit_a; /* traffic in the last second at end a … */
  gboolean lit_b;
  gboolean blink;     /* … and the dark half of a blink */
  gboolean moved;     /* frames went by since the last half of a blink began */
  gboolean has_pills; /* placed */
  gboolean no_room;   /* tried in vain */
  LoomRect pills[2];
  double pill_bps[2]; /* what they say, from a and from b */
  gboolean selected;
} SceneLink;

/* What is held on a cable. */
typedef struct {
  GArray *dots; /* of LoomHeldDot */
} SceneHeld;

struct _LoomScene {
  GObject parent;

  LoomLab *lab;
  LoomStatus *status;
  LoomTheme theme;
  LoomTypesetter *typesetter;
  LoomSprites *sprites;
  GHashTable *texts; /* rate → LoomText, bounded */
  GHashTable *icons; /* id of a kind → LoomIcon */
  gboolean animated;

  GHashTable *nodes;    /* name → SceneNode, owned */
  GHashTable *links;    /* id → SceneLink, owned */
  GHashTable *bundles;  /* "a b" → GPtrArray of SceneLink between the same two nodes */
  GHashTable *unplaced; /* set of SceneLink whose pills or note want a place */
  LoomIndex *index;
  guint next_serial;
  GHashTable *moving; /* set of SceneNode that tick moves */
  gint64 blinked_us;  /* monotonic: when the last half of a blink began */
  double angle;       /* of turning arcs */

  LoomMotion *motion;
  gboolean has_lanes; /* frames are seen to pass: labels leave them free */
  GHashTable *held;   /* link id → SceneHeld, owned */
  GArray *hues;       /* of LoomHue */

  LoomItemKind hover_kind;
  char *hover_id;
  LoomPlug hover_plug;
  LoomPoint plug_places[LOOM_PLUG_MIDDLE + 1]; /* of the hovered cable … */
  gboolean has_plug[LOOM_PLUG_MIDDLE + 1];     /* … those that it has */
  LoomItemKind focus_kind;
  char *focus_id;
  GHashTable *dragged;   /* set of SceneNode */
  char *pull_from;       /* or NULL */
  GHashTable *accepting; /* set of names */
};

/* scene-items.c */
void scene_node_free (SceneNode *node);
void scene_link_free (SceneLink *link);
void loom_scene_update_texts (LoomScene *self, SceneNode *node);
void loom_scene_place_node (LoomScene *self, SceneNode *node);
void loom_scene_place_link (LoomScene *self, SceneLink *link);
/* Places every link of the bundle @link is in. */
void loom_scene_place_bundle (LoomScene *self, SceneLink *link);
/* Gives unplaced notes and pills their places. */
void loom_scene_settle (LoomScene *self);
char *loom_scene_bundle_key (const LoomLink *link);
LoomPoint loom_scene_badge_center (const SceneNode *node);

/* Whether an end of a cable has no carrier, as far as is known: it shows a cross. */
gboolean scene_link_is_dead (const SceneLink *link, gboolean at_b);

/* scene-notes.c */
/* Sets what the note says by what is set on the cable; it wants a place then. */
void loom_scene_update_note (LoomScene *self, SceneLink *link);
/* Places it; @cost is that of a pill. */
void loom_scene_place_note (LoomScene *self, SceneLink *link, LoomPillCost cost,
                            gpointer user_data);
/* Says its damage, and frees its place. */
void loom_scene_lift_note (LoomScene *self, SceneLink *link);

/* scene.c */
void loom_scene_damage (LoomScene *self, LoomLayers layers, const LoomRect *area);
void loom_scene_damage_node (LoomScene *self, SceneNode *node);
void loom_scene_damage_link (LoomScene *self, SceneLink *link);
SceneNode *loom_scene_lookup_node (LoomScene *self, const char *name);
SceneLink *loom_scene_lookup_link (LoomScene *self, const char *id);

/* plugs.c */
/* The hovered cable is another one, or lies elsewhere, or what lies beside it does. */
void loom_scene_place_plugs (LoomScene *self);

/* scene-motion.c */
void scene_held_free (gpointer data);
/* Whether frames are drawn beside that cable, and labels leave them free. */
gboolean scene_link_has_lanes (const LoomScene *self, const SceneLink *link);
/* Where a frame is drawn that is at @t. */
LoomPoint loom_scene_lane_at (const SceneLink *link, double t, gboolean from_b);
LoomRect loom_scene_hold_mark (const SceneLink *link, const SceneHeld *held);
/* Where the @i-th waits of those that came from one end; -1: there is no room. */
double loom_scene_queue_place (const SceneLink *link, const SceneHeld *held, guint i,
                               gboolean from_b);

/* scene-follow.c: the node moved, or its texts changed their size: it and its cables lie elsewhere.
 */
void loom_scene_move_node (LoomScene *self, SceneNode *node);

/* scene-status.c */
void loom_scene_read_node_status (LoomScene *self, SceneNode *node);
/* Reads the counters of a link; damages what they change on the screen. */
/* @turns: a half of a blink ends, and another may begin. */
void loom_scene_read_link_status (LoomScene *self, SceneLink *link, gboolean turns);
gboolean loom_scene_node_wants_badge (const SceneNode *node);

/* scene-words.c: (transfer full) "94.1 Mb/s", in the person's locale. */
char *loom_scene_format_rate (double rate_bps);
/* How much its last digit stands for. */
double loom_scene_get_rate_step (double rate_bps);

G_END_DECLS
