/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads a pipe of captured frames into the packet list, at a pace that leaves the window time for
 * everything else: what comes faster is lost to the capture, which counts it, and never to the
 * cable. */

#pragma once

#include "gui/frames.h"

G_BEGIN_DECLS

typedef struct _LoomFrameFeed LoomFrameFeed;

/* @fd: reads without waiting, and must stay open. @on_broken: what comes is no capture; nothing
 * more is read. */
LoomFrameFeed *loom_frame_feed_new (LoomFrames *frames, int fd,
                                    void (*on_broken) (const char *why, gpointer user_data),
                                    gpointer user_data);
/* Reads what is there to be read, and stops. */
void loom_frame_feed_free (LoomFrameFeed *self);

G_END_DECLS
