/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where the two rates of a cable stand. */

#pragma once

#include "canvas/scene/geometry.h"

G_BEGIN_DECLS

#define LOOM_PILL_WIDTH 86.0
#define LOOM_PILL_HEIGHT 20.0

/* What it costs to cover @area: INFINITY for what must stay readable (a tile, a name, another
 * pill), about 1 for each other cable. */
typedef double (*LoomPillCost) (const LoomRect *area, gpointer user_data);

/* From a cable's middle line to where labels beside the frames in motion begin. */
#define LOOM_PILL_LANES 16.0

/* Finds the places of both pills of a cable, first that of what leaves the curve's start. FALSE:
 * there is no free place, show none. @has_note: leave room for a label between the two. @has_lanes:
 * frames are seen to pass on both sides of the cable: leave them free, each pill beside those that
 * it counts. Depends on nothing but its arguments, so that pills do not wander while numbers
 * change. */
gboolean loom_pills_place (const LoomCurve *curve, gboolean has_note, gboolean has_lanes,
                           LoomPillCost cost, gpointer user_data, LoomRect ret_pills[2]);
/* The same for the label that says what is set on a cable, @width wide: on the cable if it can. */
gboolean loom_pills_place_note (const LoomCurve *curve, double width, gboolean has_lanes,
                                LoomPillCost cost, gpointer user_data, LoomRect *ret_note);

G_END_DECLS
