/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Says of frames what they are, a line each, as they come: a tshark that runs beside, and sees
 * nothing but those frames (backend/engine/tool.h). It remembers conversations, so that it is
 * started anew once in a while.
 *
 * Signals:
 *  "line" (guint64 number, LoomDecodedLine *line):  @number as it was pushed with
 *  "failed" (const char *why):  it ended; nothing more comes until it is started again
 */

#pragma once

#include <gio/gio.h>

#include "gui/decoded-line.h"

G_BEGIN_DECLS

#define LOOM_TYPE_DECODER (loom_decoder_get_type ())
G_DECLARE_FINAL_TYPE (LoomDecoder, loom_decoder, LOOM, DECODER, GObject)

/* @program: "tshark", or the path of one. */
LoomDecoder *loom_decoder_new (const char *program);
/* Starts it, or starts it anew. @head: what a pcapng stream of the frames begins with. @filter:
 * Wireshark's display filter; "": all. */
gboolean loom_decoder_start (LoomDecoder *self, GBytes *head, const char *filter, GError **error);
gboolean loom_decoder_is_running (LoomDecoder *self);
/* FALSE: it cannot keep up, and this frame was left out. @block: of the stream. */
gboolean loom_decoder_push (LoomDecoder *self, guint64 number, GBytes *block);
void loom_decoder_stop (LoomDecoder *self);

/* Decodes one frame in detail: the last of @file, which also has what went before. */
void loom_decoder_detail_async (const char *program, GBytes *file, guint64 n_frames,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data);
/* (transfer full): as loom_decoded_tree_new (). */
GNode *loom_decoder_detail_finish (GAsyncResult *result, GError **error);

G_END_DECLS
