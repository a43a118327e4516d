/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files about taps share: engine-taps.c (the list of taps, orders that wait for their
 * cables), engine-hold.c, engine-capture.c, engine-watch.c. */

#pragma once

#include "backend/engine/engine-private.h"

G_BEGIN_DECLS

/* Reasons are "hold forward", "hold backward", "capture ID", "watch ID". @cookie 0: of all cables.
 */
void loom_taps_add (LoomEngine *self, guint64 cookie, const char *reason);
void loom_taps_remove (LoomEngine *self, const char *reason, guint64 cookie);
/* FALSE with a sentence: there are too many to add @n. */
gboolean loom_taps_check_room (LoomEngine *self, guint n, GError **error);
gboolean loom_taps_is_held (LoomEngine *self, guint64 cookie);
/* @direction: "forward", "backward", "both". */
void loom_taps_set_hold (LoomEngine *self, guint64 cookie, const char *direction, gboolean on);
/* Cables come into the wire, and leave it, by the taps that there are. */
void loom_taps_follow (LoomEngine *self);

/* Tells clients that so many frames wait. */
void loom_taps_note_held (LoomEngine *self, guint64 cookie, guint n);

/* engine-watch.c: the reader of a watch is gone. */
void loom_watches_note_ended (LoomEngine *self, JsonObject *params);

/* (transfer none): NULL with a sentence. @link: "pc1:0 pc2:0"; @name: "pc1:0". */
LoomCable *loom_taps_find_cable (LoomEngine *self, const char *link, GError **error);
LoomCable *loom_taps_find_cable_at (LoomEngine *self, const char *name, int *ret_end,
                                    GError **error);
/* 0: end a; -1: @name is no end of @cable. */
int loom_taps_find_end (LoomEngine *self, const LoomCable *cable, const char *name);

/* (transfer full): to be answered with what the wire answers. */
GTask *loom_taps_new_task (LoomEngine *self, GAsyncReadyCallback callback, gpointer user_data);
/* What such a task calls when another (@task, transfer full) waits for it: that returns TRUE, or
 * the error. */
void loom_taps_pass_on (GObject *source, GAsyncResult *result, gpointer task);
/* Tells the wire @method once the cables (guint64) are through. @params, @undone: (transfer full);
 * @undone: (nullable) the reason that goes again if that fails. */
void loom_taps_queue (GTask *task, const char *method, JsonObject *params, GArray *cookies,
                      char *undone);
void loom_taps_queue_about (GTask *task, const char *method, JsonObject *params, guint64 cookie,
                            char *undone);

G_END_DECLS
