/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The canvas of a window: a lab drawn, and the hands that change it.
 *
 * Every edit made here goes through the document's history. The canvas scrolls and zooms by itself:
 * put it in no scrolled window.
 *
 * Properties:
 *  "zoom" (double, 0.1 … 4.0):  1.0 is 100 %
 *  "tool" (int, LoomTool):      what a press does
 *  "snap" (boolean):            moves stop on the grid (the Shift key does the opposite)
 *
 * Signals:
 *  "selection-changed" ()
 *  "node-activated" (const char *name):  double click or Enter: the node's most useful action
 *  "link-activated" (const char *id)
 *  "hold-activated" (const char *id):  a click on the mark of a cable whose frames are held
 *  "context-menu" (GdkEvent *event, int kind, const char *id): kind is a LoomItemKind; id is the
 *      node's name, the link's id, or NULL for the empty canvas. From the keyboard @event is a key
 *      event: pop up at loom_canvas_get_item_area () of the item.
 *  "message" (const char *text):   a sentence for the status line: what was done or refused
 *  "drag-hint" (const char *text): what a release would do now ("pc1 port 0 → sw1 port 3", or why
 *      not); NULL when the drag ends. The canvas shows it beside the pointer too.
 */

#pragma once

#include <gtk/gtk.h>

#include "canvas/model/history.h"
#include "canvas/model/preset.h"
#include "canvas/model/status.h"
#include "canvas/scene/scene.h"

G_BEGIN_DECLS

/* Drag target of the palette: the data is the id of a kind, format 8, same application. */
#define LOOM_CANVAS_DROP_TARGET "application/x-lanloom-kind"

typedef enum {
  LOOM_TOOL_SELECT, /* move, select, pull a cable from a port handle */
  LOOM_TOOL_CABLE,  /* every node is a place to pull a cable from */
  LOOM_TOOL_PLACE,  /* the next click puts a node, see loom_canvas_begin_place () */
} LoomTool;

#define LOOM_TYPE_CANVAS (loom_canvas_get_type ())
G_DECLARE_FINAL_TYPE (LoomCanvas, loom_canvas, LOOM, CANVAS, GtkFixed)

GtkWidget *loom_canvas_new (void);

/* Shows the lab of @history (nullable: empty) with the live state @status (nullable: all off).
 * References both. The view fits the lab when it is another one. */
void loom_canvas_set_document (LoomCanvas *self, LoomHistory *history, LoomStatus *status);
/* (transfer none): for export (loom_scene_export ()) and minimaps. */
LoomScene *loom_canvas_get_scene (LoomCanvas *self);
/* Follows the GTK theme's colours by itself; a fixed @theme (copied) overrides, NULL follows. */
void loom_canvas_set_theme (LoomCanvas *self, const LoomTheme *theme);

/* Selection. Lists are NULL-terminated (transfer full), in canonical order. */
char **loom_canvas_dup_selected_nodes (LoomCanvas *self);
char **loom_canvas_dup_selected_links (LoomCanvas *self);
/* Replaces the selection; either list may be NULL; unknown names are ignored. */
void loom_canvas_select (LoomCanvas *self, const char *const *nodes, const char *const *links);
void loom_canvas_select_all (LoomCanvas *self);
void loom_canvas_clear_selection (LoomCanvas *self);
/* Goes to an item as Tab and arrows do: it is selected too, as in a list, and scrolled to. While a
 * cable is pulled, the cable goes there. */
void loom_canvas_go_to (LoomCanvas *self, LoomItemKind kind, const char *id);
/* Scrolls, if needed, so that the item is seen. */
void loom_canvas_reveal (LoomCanvas *self, LoomItemKind kind, const char *id);

double loom_canvas_get_zoom (LoomCanvas *self);
/* Zooms around the middle of the view. */
void loom_canvas_set_zoom (LoomCanvas *self, double zoom);
void loom_canvas_zoom_in (LoomCanvas *self);
void loom_canvas_zoom_out (LoomCanvas *self);
void loom_canvas_zoom_fit (LoomCanvas *self); /* never above 100 % */
void loom_canvas_zoom_reset (LoomCanvas *self);

LoomTool loom_canvas_get_tool (LoomCanvas *self);
void loom_canvas_set_tool (LoomCanvas *self, LoomTool tool);
/* The next click on the canvas puts a node of @kind there; Escape or NULL ends it. */
void loom_canvas_begin_place (LoomCanvas *self, const char *kind);

/* Puts a node of @kind at a free spot in view, selects it, and returns its name (transfer full);
 * NULL when it was refused ("message" says why). */
char *loom_canvas_add_kind (LoomCanvas *self, const char *kind);
/* Turns the name of a node into an entry; Enter renames, Escape leaves it. */
void loom_canvas_begin_rename (LoomCanvas *self, const char *name);
/* Deletes what is selected; undo brings it back. */
void loom_canvas_delete_selection (LoomCanvas *self);
/* Starts a cable from @node by keyboard: Tab walks what accepts it, Enter plugs it in. */
void loom_canvas_begin_cable (LoomCanvas *self, const char *node);
/* On the selected cables, else the one with the keyboard's focus; FALSE: there is none. */
gboolean loom_canvas_set_fault (LoomCanvas *self, LoomFault fault, int end);
/* Unplugs all, or, when each has a fault already, makes all whole. */
gboolean loom_canvas_toggle_plugged (LoomCanvas *self);
/* NULL: perfect cables. Faults stay. */
gboolean loom_canvas_apply_preset (LoomCanvas *self, const LoomPreset *preset);
/* Which end of @link is near a point of the widget: 0: a, 1: b, -1: neither. */
int loom_canvas_get_end_at (LoomCanvas *self, const char *link, double x_px, double y_px);
/* A frame for the animation; ignored where the desktop wants nothing to move. Draws at each frame
 * of the frame clock until nothing moves any more. */
void loom_canvas_show_frame (LoomCanvas *self, const LoomMotionFrame *frame);
/* FALSE: the desktop wants nothing to move. */
gboolean loom_canvas_may_animate (LoomCanvas *self);
void loom_canvas_set_pace (LoomCanvas *self, double slowness, gboolean one_by_one);
/* Whether frames are going to be seen: what is written at cables leaves their way free. */
void loom_canvas_set_lanes (LoomCanvas *self, gboolean has_lanes);
/* Forgets the frames in motion. */
void loom_canvas_clear_motion (LoomCanvas *self);
/* As loom_scene_set_held (), and draws it. */
void loom_canvas_set_held (LoomCanvas *self, const char *link, gboolean on, const LoomHeldDot *dots,
                           guint n_dots);
/* Ends whatever is being dragged, placed or plugged, without doing it; FALSE if nothing was. */
gboolean loom_canvas_cancel (LoomCanvas *self);

/* Where an item is, in the widget's coordinates; FALSE if there is no such item. */
gboolean loom_canvas_get_item_area (LoomCanvas *self, LoomItemKind kind, const char *id,
                                    GdkRectangle *ret_area);

G_END_DECLS
