/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Text of the clipboard on its way to a machine's keyboard. Pure. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* More than this at once is refused: it is a file, and copied as one. */
#define LOOM_PASTE_MAX_BYTES (64 * 1024)

/* (transfer full): @text as a terminal passes it on: ends of lines are the Return key, and of
 * control characters only Tab is left, since a machine would obey the others. */
char *loom_paste_text_clean (const char *text);
/* Of clean text: how many lines it would enter. 0: none, it ends within the line being typed. */
guint loom_paste_text_count_lines (const char *text);

/* The key of a US keyboard that types @c: a scan code of set 1, as SPICE sends them. */
gboolean loom_paste_text_get_key (gunichar c, guint *ret_scan_code, gboolean *ret_shift);
/* The first character of @text that no such key types; 0: all can be typed. */
gunichar loom_paste_text_find_untypable (const char *text);

G_END_DECLS
