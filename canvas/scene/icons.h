/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The line icons of the tiles and the badges of states: one family, strokes of 2 units. */

#pragma once

#include <cairo.h>

#include "canvas/model/kind.h"
#include "canvas/model/status.h"
#include "canvas/scene/theme.h"

G_BEGIN_DECLS

#define LOOM_ICON_SIZE 44.0
#define LOOM_BADGE_RADIUS 9.0

typedef struct _LoomIcon LoomIcon;

/* (transfer full): the icon called @name in the catalogue ("lanloom-switch"), whose drawing is that
 * of icons/; without one: by @role. @number, below 2^16, is its owner's, to tell icons apart. */
LoomIcon *loom_icon_new (const char *name, LoomRole role, guint number);
void loom_icon_free (LoomIcon *self);
guint loom_icon_get_number (const LoomIcon *self);
/* Draws the icon around the origin, LOOM_ICON_SIZE wide, with the source that is set. */
void loom_icon_draw (const LoomIcon *self, cairo_t *cr);
/* Draws the badge of a state around the origin. @progress 0 … 1, or -1: an arc turned by @angle
 * (radians). */
void loom_badge_draw (LoomNodeState state, double progress, double angle, const LoomTheme *theme,
                      cairo_t *cr);
/* Whether the badge of a state looks the same every time. */
gboolean loom_badge_is_still (LoomNodeState state);
/* The colour that stands for a state. */
const LoomColor *loom_badge_color (LoomNodeState state, const LoomTheme *theme);

G_END_DECLS
