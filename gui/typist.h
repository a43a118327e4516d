/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Types text on a US keyboard, a key every few milliseconds: a machine's keyboard holds few keys
 * that nobody read yet, and loses the others. Knows nothing of how keys get to the machine. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* So much takes a minute. */
#define LOOM_TYPIST_MAX_CHARACTERS 2048

typedef struct _LoomTypist LoomTypist;

/* @scan_code: of set 1, as in loom_paste_text_get_key (). */
typedef void (*LoomTypistKeyFunc) (guint scan_code, gboolean is_down, gpointer user_data);
typedef void (*LoomTypistDoneFunc) (gpointer user_data);

/* Begins at once. @text: all of it can be typed. @done is called when it was, and not when the
 * typist is freed before. */
LoomTypist *loom_typist_new (const char *text, LoomTypistKeyFunc key, LoomTypistDoneFunc done,
                             gpointer user_data);
void loom_typist_free (LoomTypist *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomTypist, loom_typist_free)

G_END_DECLS
