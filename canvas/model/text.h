/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Text that strangers wrote: which of it is plain, and how the rest is shown without harm. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether @text holds no control characters, no line separators and none of the characters that
 * turn the direction of writing (Unicode 15, section 23.9): what is shown is then what is there.
 * With @multi_line, line feeds and tabs may be in it. */
gboolean loom_text_is_plain (const char *text, gboolean multi_line);
/* (transfer full): @text for a sentence: at most 40 characters, and what is not plain as \uXXXX.
 * Takes any bytes. */
char *loom_text_for_display (const char *text);
/* (transfer full): the same of all of @text, however long it is. With @multi_line, line feeds and
 * tabs stay. */
char *loom_text_escape (const char *text, gboolean multi_line);

G_END_DECLS
