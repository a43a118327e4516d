/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The canvas's own state, shared by its files: canvas.c (widget, document), view.c (zoom and
 * scrolling), show.c (when it draws), tips.c (what hovering says), motion.c (frames), plug.c
 * (handles of cables), hands.c (pointer), wheel.c (wheel, touchpad, pinch), edge.c (scrolling while
 * dragging), keys.c (keyboard), marks.c (what is drawn over the scene), edits.c (what changes the
 * lab), cables.c (what is set on cables). */

#pragma once

#include "canvas/model/edit.h"
#include "canvas/scene/frame.h"
#include "canvas/widget/canvas.h"

G_BEGIN_DECLS

#define ZOOM_MIN 0.1
#define ZOOM_MAX 4.0
#define HIT_TOLERANCE_PX 6.0

/* What the pointer is in the middle of. */
typedef enum {
  HAND_IDLE,     /* nothing is pressed */
  HAND_PLUGGING, /* on a handle of a cable: it is used if released there */
  HAND_PRESSED,  /* on an item, not yet far enough for a drag: a click if released */
  HAND_MOVING,   /* the selected nodes follow; release moves them, Escape puts them back */
  HAND_BANDING,  /* a rubber band from the press to the pointer */
  HAND_PANNING,  /* the view follows */
  HAND_MAPPING,  /* the view goes to where the map is pressed */
} HandState;

/* A cable being pulled, by pointer or keyboard, whatever the hand does: from a node until it is
 * plugged in, refused or cancelled. */
typedef struct {
  char *from;    /* NULL: none is pulled */
  char *to;      /* the node under the pointer or the focus; or NULL */
  gboolean fits; /* it would be accepted */
  gboolean held; /* by a pressed button: the release decides. Else the next click or Enter does */
  char *hint;    /* what would happen, or why not */
  GHashTable *accepting; /* set of names */
} Pull;

struct _LoomCanvas {
  GtkFixed parent;

  LoomHistory *history;
  LoomStatus *status;
  LoomScene *scene;
  LoomFrame *frame;
  LoomView view;
  gboolean has_fixed_theme;
  gboolean fit_pending; /* zoom to fit at the first allocation */
  guint tick_id;        /* one frame of the frame clock */
  guint wake_id;        /* the next scene tick */
  gulong animations_id; /* GtkSettings */

  guint motion_id;      /* every frame of the frame clock, while frames are in motion */
  GArray *motion_areas; /* of LoomRect: where they were drawn last */

  LoomTool tool;
  gboolean snap;
  char *place_kind;   /* with LOOM_TOOL_PLACE */
  gboolean has_ghost; /* a tile to be placed, at ghost */
  LoomPoint ghost;

  HandState hand;
  guint button;
  LoomPoint press_px;
  LoomPoint pointer_px;
  LoomItemKind pressed_kind;
  char *pressed_id;
  LoomPlug pressed_plug;     /* with HAND_PLUGGING; none: the hold mark */
  gboolean pressed_selected; /* it was, before the press */
  GdkModifierType press_modifiers;
  GdkModifierType modifiers; /* of the last motion */
  LoomPoint press_origin;    /* of the view, to pan from */
  char **band_nodes;         /* selected before the band */
  double drag_x;             /* units the selection is displaced by */
  double drag_y;
  char **dragged;
  gboolean space_down;
  gboolean space_used;
  Pull pull;
  LoomRect map_world;   /* what the map shows, as long as it is pressed */
  guint edge_id;        /* steps of scrolling while a drag pushes against the edge … */
  gint64 edge_since_us; /* … since then */
  GtkGesture *pinch;
  double pinch_zoom;

  LoomItemKind focus_kind; /* keyboard's item */
  char *focus_id;

  char *tip_id;        /* the cable whose tooltip is asked for … */
  gint64 tip_since_us; /* … since then */

  GtkWidget *entry; /* a name being edited; or NULL */
  char *entry_name;
};

/* canvas.c */
void loom_canvas_say (LoomCanvas *self, const char *text);
void loom_canvas_hint (LoomCanvas *self, const char *text);
LoomLab *loom_canvas_get_lab (LoomCanvas *self);
void loom_canvas_emit_activated (LoomCanvas *self, LoomItemKind kind, const char *id);
gboolean loom_canvas_emit_context_menu (LoomCanvas *self, GdkEvent *event, LoomItemKind kind,
                                        const char *id);
void loom_canvas_update_cursor (LoomCanvas *self);

/* view.c */
void loom_canvas_set_view (LoomCanvas *self, double zoom, LoomPoint origin);
void loom_canvas_zoom_at (LoomCanvas *self, double zoom, double x_px, double y_px);
LoomPoint loom_canvas_to_unit (LoomCanvas *self, double x_px, double y_px);
LoomHit loom_canvas_hit (LoomCanvas *self, double x_px, double y_px);

/* show.c */
void loom_canvas_show_init (LoomCanvas *self);
void loom_canvas_show_class_init (GtkWidgetClass *widget_class);
void loom_canvas_stop_ticking (LoomCanvas *self);

/* motion.c */
void loom_canvas_draw_motion (LoomCanvas *self, cairo_t *cr);
void loom_canvas_stop_motion (LoomCanvas *self);

/* plug.c: the handles that unplug a cable, and the mark of one that is held. */
/* What is under the pointer: (nullable) the cable; none and @ret_plug LOOM_PLUG_NONE: nothing. */
const char *loom_canvas_find_plug (LoomCanvas *self, double x_px, double y_px, LoomPlug *ret_plug);
void loom_canvas_use_plug (LoomCanvas *self, const char *link, LoomPlug plug);

/* tips.c */
void loom_canvas_tips_class_init (GtkWidgetClass *widget_class);
/* The tooltip of a cable counts along while it is shown. */
void loom_canvas_refresh_tip (LoomCanvas *self);

/* edits.c */
gboolean loom_canvas_do (LoomCanvas *self, LoomChange *change, GError *error, const char *merge_key,
                         const char *message);
char *loom_canvas_place (LoomCanvas *self, const char *kind, double x, double y);
void loom_canvas_move (LoomCanvas *self, char **nodes, double dx, double dy, const char *merge_key);
void loom_canvas_pull_begin (LoomCanvas *self, const char *from, gboolean held);
void loom_canvas_pull_aim (LoomCanvas *self, const char *to);
void loom_canvas_pull_end (LoomCanvas *self, gboolean plug);
void loom_canvas_end_rename (LoomCanvas *self, gboolean keep);

/* hands.c */
void loom_canvas_hands_class_init (GtkWidgetClass *widget_class);
gboolean loom_canvas_hands_cancel (LoomCanvas *self);

/* wheel.c */
void loom_canvas_wheel_init (LoomCanvas *self);
void loom_canvas_wheel_class_init (GtkWidgetClass *widget_class);
/* What is in the hand goes to where the pointer is on the plane now. */
void loom_canvas_follow_pointer (LoomCanvas *self);

/* edge.c: scrolls for as long as a drag pushes against the edge. */
void loom_canvas_watch_edge (LoomCanvas *self);

/* keys.c */
void loom_canvas_keys_class_init (GtkWidgetClass *widget_class);
void loom_canvas_focus_item (LoomCanvas *self, LoomItemKind kind, const char *id);

/* drop.c */
void loom_canvas_drop_init (LoomCanvas *self);
void loom_canvas_drop_class_init (GtkWidgetClass *widget_class);

/* minimap.c */
void loom_canvas_draw_minimap (LoomCanvas *self, cairo_t *cr);
void loom_canvas_queue_minimap (LoomCanvas *self);
/* Whether the pointer is on the map: it is held then, and followed until it is let go. */
gboolean loom_canvas_minimap_press (LoomCanvas *self);
void loom_canvas_minimap_follow (LoomCanvas *self);

/* port-marks.c */
void loom_canvas_draw_port_marks (LoomCanvas *self, cairo_t *cr);

/* marks.c */
void loom_canvas_draw_marks (LoomCanvas *self, cairo_t *cr);

G_END_DECLS
