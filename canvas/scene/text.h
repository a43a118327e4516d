/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lines of text, shaped once and drawn often. */

#pragma once

#include <pango/pangocairo.h>

#include "canvas/scene/theme.h"

G_BEGIN_DECLS

typedef enum {
  LOOM_TEXT_NAME,  /* bold, under a tile */
  LOOM_TEXT_QUIET, /* the line below it */
  LOOM_TEXT_RATE,  /* in a pill; digits keep their width */
  LOOM_TEXT_PORT,  /* a port number beside a cable's end */
} LoomTextStyle;

typedef struct _LoomTypesetter LoomTypesetter;
typedef struct _LoomText LoomText;

LoomTypesetter *loom_typesetter_new (const LoomTheme *theme);
void loom_typesetter_free (LoomTypesetter *self);

/* One line of @text, cut with an ellipsis at @max_width units (0: never). */
LoomText *loom_text_new (LoomTypesetter *typesetter, const char *text, LoomTextStyle style,
                         double max_width);
void loom_text_free (LoomText *self);
double loom_text_get_width (const LoomText *self);
double loom_text_get_height (const LoomText *self);
const char *loom_text_get_text (const LoomText *self);
/* (@x, @y): the top left corner. */
void loom_text_draw (LoomText *self, cairo_t *cr, double x, double y, const LoomColor *color);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomText, loom_text_free)

G_END_DECLS
