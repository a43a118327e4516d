/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The packet list without its widgets: takes what a capture writes, keeps the last of it, and has
 * each frame decoded. Where there is no decoder, or it fails, frames are told in words of our own
 * (backend/engine/frame-words.h).
 *
 * Signals:
 *  "row" (guint64 number, LoomDecodedLine *line):  a frame that matches the filter
 *  "cleared" ():  rows are told anew, or are gone
 *  "changed" ():  counts, what is wrong
 *  "grown" ():  there are more frames, or no more will come
 *  "begins" ():  those that are kept are let go of, for another capture
 */

#pragma once

#include "gui/decoded-line.h"
#include "gui/frame-store.h"

G_BEGIN_DECLS

#define LOOM_FRAMES_MAX 5000
#define LOOM_FRAMES_MAX_BYTES (16u << 20)

#define LOOM_TYPE_FRAMES (loom_frames_get_type ())
G_DECLARE_FINAL_TYPE (LoomFrames, loom_frames, LOOM, FRAMES, GObject)

/* @program: the decoder, "tshark". */
LoomFrames *loom_frames_new (const char *program);
/* Another capture. @links: the cable of each interface, "pc1:0 pc2:0", seen from its first end. */
void loom_frames_begin (LoomFrames *self, const char *const *links);
/* Takes a piece of it. FALSE: it is no capture. */
gboolean loom_frames_feed (LoomFrames *self, const guint8 *octets, gsize size, GError **error);
/* No more of it will come. */
void loom_frames_end (LoomFrames *self);
gboolean loom_frames_is_over (LoomFrames *self);
/* Forgets the frames there are. */
void loom_frames_clear (LoomFrames *self);
/* Nobody looks any more: the decoder ends. The next frame, or filter, starts it again. */
void loom_frames_rest (LoomFrames *self);
/* Wireshark's display filter; "": all. Rows are told anew. */
void loom_frames_set_filter (LoomFrames *self, const char *filter);
/* (nullable): what the decoder has against the filter that was set last; the one before is still in
 * force. */
const char *loom_frames_get_filter_error (LoomFrames *self);
/* (nullable): why frames are told in our own words. */
const char *loom_frames_get_decoder_error (LoomFrames *self);
/* Whether the decoder is not there at all. */
gboolean loom_frames_is_decoder_missing (LoomFrames *self);

LoomFrameStore *loom_frames_get_store (LoomFrames *self);
/* How many frames came, how many of them are not kept any more, and how many went by untold. */
void loom_frames_count (LoomFrames *self, guint64 *ret_all, guint64 *ret_forgotten,
                        guint64 *ret_untold);
/* (transfer full): where a frame comes from and goes, "pc1 → pc2". */
char *loom_frames_dup_way (LoomFrames *self, const LoomKeptFrame *frame);

/* As loom_decoder_detail_async (), of a frame that is kept. */
void loom_frames_detail_async (LoomFrames *self, guint64 number, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);

G_END_DECLS
