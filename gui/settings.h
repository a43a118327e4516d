/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the window remembers between runs: sizes and panes. A key file, so that nothing has to be
 * installed first. */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define LOOM_TYPE_SETTINGS (loom_settings_get_type ())
G_DECLARE_FINAL_TYPE (LoomSettings, loom_settings, LOOM, SETTINGS, GObject)

/* Reads @path; a file that is missing or broken counts as empty. @path NULL: nothing is kept. */
LoomSettings *loom_settings_new (const char *path);
/* (transfer full): $XDG_STATE_HOME/lanloom/window.ini */
char *loom_settings_dup_default_path (void);

/* Values outside @min … @max count as not set. */
int loom_settings_get_int (LoomSettings *self, const char *key, int fallback, int min, int max);
void loom_settings_set_int (LoomSettings *self, const char *key, int value);
gboolean loom_settings_get_boolean (LoomSettings *self, const char *key, gboolean fallback);
void loom_settings_set_boolean (LoomSettings *self, const char *key, gboolean value);
/* Writes what is not written yet, now: at the end of the program. */
void loom_settings_flush (LoomSettings *self);

G_END_DECLS
