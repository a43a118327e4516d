/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The clipboard's text on its way to a console that types it. */

#pragma once

#include "gui/console-word.h"
#include "gui/console.h"

G_BEGIN_DECLS

/* @text: as of loom_paste_text_clean (). */
typedef void (*LoomConsolePasteFunc) (LoomConsole *console, const char *text);

/* Reads the text of @selection, cleans it, asks the person when it has several lines, since each of
 * them is carried out, and calls @func. When there is nothing to type, @word says why instead. */
void loom_console_paste_text (LoomConsole *console, GdkAtom selection, LoomConsoleWord *word,
                              LoomConsolePasteFunc func);

G_END_DECLS
