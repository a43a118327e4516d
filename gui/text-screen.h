/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Copying from and pasting into the text screen of the guest that ships: the pane on which text is
 * selected, and the orders to the guest. Knows nothing of how the picture comes. */

#pragma once

#include "backend/engine/client.h"
#include "gui/console-word.h"
#include "gui/screen-picker.h"

G_BEGIN_DECLS

#define LOOM_TYPE_TEXT_SCREEN (loom_text_screen_get_type ())
G_DECLARE_FINAL_TYPE (LoomTextScreen, loom_text_screen, LOOM, TEXT_SCREEN, GObject)

/* Of the machine @node; @word says how it goes. */
LoomTextScreen *loom_text_screen_new (LoomClient *client, const char *node, LoomConsoleWord *word);
/* (transfer none): to be laid over the picture. */
LoomScreenPicker *loom_text_screen_get_picker (LoomTextScreen *self);
/* What is selected goes to the clipboard, or all there is when nothing is selected. */
void loom_text_screen_copy (LoomTextScreen *self);
/* @text: as of loom_paste_text_clean (). */
void loom_text_screen_type (LoomTextScreen *self, const char *text);
/* Gives up what is under way, for good. */
void loom_text_screen_close (LoomTextScreen *self);

G_END_DECLS
