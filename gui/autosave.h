/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Unsaved work that survives a crash.
 *
 * Each window with unsaved work keeps one file in $XDG_STATE_HOME/lanloom/autosave/: a line with
 * the path of the lab's file (empty: none yet), then the lab's text. The window holds a lock
 * (flock) on it; a file that nobody holds was left by a window that died. At most 64 of those are
 * kept, each at most as large as a project file may be.
 *
 * Signals:
 *  "failed" (const char *sentence): unsaved work could not be written (a full disk); once, until it
 *                                   works again. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define LOOM_TYPE_AUTOSAVE (loom_autosave_get_type ())
G_DECLARE_FINAL_TYPE (LoomAutosave, loom_autosave, LOOM, AUTOSAVE, GObject)

/* @dir is made when the first file is written. */
LoomAutosave *loom_autosave_new (const char *dir);
/* (transfer full): $XDG_STATE_HOME/lanloom/autosave */
char *loom_autosave_dup_default_dir (void);
/* Keeps @text (ends in NUL) as the unsaved work on @path (nullable). Written in a thread; a newer
 * text overtakes one that waits. */
void loom_autosave_keep (LoomAutosave *self, const char *path, const char *text);
/* Nothing unsaved any more. */
void loom_autosave_drop (LoomAutosave *self);

/* What a dead window left. */
typedef struct {
  char *path; /* of the lab's file; or NULL */
  char *text;
  gsize size;
  gint64 saved_unix_us;
  int fd; /* holds the lock, so that two windows do not offer the same */
  char *autosave_path;
} LoomLeftover;

void loom_leftover_free (LoomLeftover *leftover);
/* Deletes the file: it was taken over or thrown away. */
void loom_leftover_discard (LoomLeftover *leftover);
/* Finds what dead windows left in @dir, newest first, at most 16; removes what is too much. Blocks:
 * for a thread. (transfer full): of LoomLeftover. */
GPtrArray *loom_autosave_find_leftovers (const char *dir);
void loom_autosave_find_leftovers_async (const char *dir, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *loom_autosave_find_leftovers_finish (GAsyncResult *result, GError **error);

G_END_DECLS
