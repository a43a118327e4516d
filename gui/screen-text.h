/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a machine's text screen shows, as text, and parts of it as a person selects them. Pure: the
 * machine is asked by guest-screen.c, the pointer is followed by screen-picker.c. */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* The most that a kernel's console can have. */
#define LOOM_SCREEN_TEXT_MAX_COLUMNS 255
#define LOOM_SCREEN_TEXT_MAX_ROWS 255

/* A place between two characters: @column is 0 before the first and n_columns after the last. */
typedef struct {
  int row;
  int column;
} LoomScreenPlace;

typedef enum {
  LOOM_SCREEN_CHARACTERS,
  LOOM_SCREEN_WORDS, /* a double click */
  LOOM_SCREEN_ROWS,  /* a triple click */
} LoomScreenUnit;

typedef struct _LoomScreenText LoomScreenText;

/* Reads what `lanloom-screen copy` wrote (backend/guest/screen.c): "COLUMNS ROWS", then the rows.
 * Nothing in it is trusted. NULL: it is something else. */
LoomScreenText *loom_screen_text_parse (const char *data, gsize size);
void loom_screen_text_free (LoomScreenText *self);
int loom_screen_text_get_n_columns (const LoomScreenText *self);
int loom_screen_text_get_n_rows (const LoomScreenText *self);

/* The place nearest to a point of the picture, whose size @width × @height is in the same unit. */
LoomScreenPlace loom_screen_text_get_place (const LoomScreenText *self, double x, double y,
                                            double width, double height);
/* Orders the two places, and moves them apart until whole units lie between. */
void loom_screen_text_extend (const LoomScreenText *self, LoomScreenUnit unit,
                              LoomScreenPlace *start, LoomScreenPlace *end);
/* (transfer full): what lies between two ordered places, as lines without the spaces at their ends;
 * "" for nothing. Control and format characters have become spaces. */
char *loom_screen_text_dup_range (const LoomScreenText *self, LoomScreenPlace start,
                                  LoomScreenPlace end);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomScreenText, loom_screen_text_free)

G_END_DECLS
