/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A word from a console to the person, at the lower edge of its picture: it goes by itself, or says
 * what is under way until that is done, with a button to give it up.
 *
 * Signals:
 *  "given-up" ():  the button was pressed
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LOOM_TYPE_CONSOLE_WORD (loom_console_word_get_type ())
G_DECLARE_FINAL_TYPE (LoomConsoleWord, loom_console_word, LOOM, CONSOLE_WORD, GtkRevealer)

GtkWidget *loom_console_word_new (void);
void loom_console_word_say (LoomConsoleWord *self, const char *text);
/* Until the next word, or loom_console_word_done (). */
void loom_console_word_begin (LoomConsoleWord *self, const char *text);
void loom_console_word_done (LoomConsoleWord *self);

G_END_DECLS
