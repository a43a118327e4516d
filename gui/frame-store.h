/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The last frames of a capture, in memory: so many, and so many octets, at most. Each has a number,
 * counted from 1 since the capture began, which it keeps. Pure. */

#pragma once

#include "gui/pcapng.h"

G_BEGIN_DECLS

typedef struct {
  guint64 number;
  gint64 time_ns; /* since 1970 */
  guint interface;
  LoomFrameWay way;
  guint length;         /* on the cable */
  const guint8 *octets; /* so many of them as were captured: */
  guint size;
  GBytes *block; /* as it stands in the stream */
} LoomKeptFrame;

typedef struct _LoomFrameStore LoomFrameStore;

LoomFrameStore *loom_frame_store_new (guint max_frames, gsize max_bytes);
void loom_frame_store_free (LoomFrameStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomFrameStore, loom_frame_store_free)

/* Puts in what comes of a pcapng stream; as loom_pcapng_feed (). */
gboolean loom_frame_store_feed (LoomFrameStore *self, const guint8 *octets, gsize size,
                                GError **error);
/* Lets go of all frames; numbers go on. */
void loom_frame_store_clear (LoomFrameStore *self);
/* (nullable): the frame of that number, if it is still there. */
const LoomKeptFrame *loom_frame_store_get (LoomFrameStore *self, guint64 number);
/* The oldest that is there; more than the newest when there is none. */
guint64 loom_frame_store_get_oldest (LoomFrameStore *self);
/* How many there ever were: the number of the newest. */
guint64 loom_frame_store_get_newest (LoomFrameStore *self);
guint loom_frame_store_get_n_interfaces (LoomFrameStore *self);
/* (transfer full): what a stream of these frames begins with; empty before the first was described.
 */
GBytes *loom_frame_store_dup_head (LoomFrameStore *self);
/* (transfer full): a pcapng file of the frames from @first (or the oldest) to @last, those that are
 * there. */
GBytes *loom_frame_store_dup_file (LoomFrameStore *self, guint64 first, guint64 last);

G_END_DECLS
