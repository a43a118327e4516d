/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A pane of glass over the picture of a text screen, on which a person selects text with the
 * pointer: drag, double click for words, triple click for rows.
 *
 * The text is asked for when the button goes down, and is the screen as it was then: what comes
 * afterwards moves the picture and not what is selected.
 *
 * Signals:
 *  "asked" ():  loom_screen_picker_set_text () is wanted
 *  "picked" ():  a selection was made, and may be empty
 *  "pressed" (GdkEventButton *):  a button went down; the other buttons are the owner's
 */

#pragma once

#include <gtk/gtk.h>

#include "gui/screen-text.h"

G_BEGIN_DECLS

#define LOOM_TYPE_SCREEN_PICKER (loom_screen_picker_get_type ())
G_DECLARE_FINAL_TYPE (LoomScreenPicker, loom_screen_picker, LOOM, SCREEN_PICKER, GtkDrawingArea)

GtkWidget *loom_screen_picker_new (void);
/* The picture's own size, in any unit; it is shown as large as there is room, in the middle. */
void loom_screen_picker_set_picture (LoomScreenPicker *self, int width, int height);
/* @text: (transfer full) (nullable): the answer to "asked". */
void loom_screen_picker_set_text (LoomScreenPicker *self, LoomScreenText *text);
void loom_screen_picker_clear (LoomScreenPicker *self);
/* Whether something is being selected whose text is not here yet: "picked" follows. */
gboolean loom_screen_picker_is_waiting (LoomScreenPicker *self);
/* (transfer full) (nullable): what is selected. */
char *loom_screen_picker_dup_selected (LoomScreenPicker *self);

G_END_DECLS
