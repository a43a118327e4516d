/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A capture: the datapath thread puts frames into its sink, a thread of its own takes them out and
 * writes them, or keeps the last of them. The main thread starts it, asks it to save, and ends it;
 * none of the three waits for another. */

#pragma once

#include "backend/wire/capture-file.h"

G_BEGIN_DECLS

typedef struct _LoomWireCapture LoomWireCapture;

typedef struct {
  guint64 frames;
  guint64 dropped;
  guint64 bytes;
} LoomWireCaptureCounts;

/* @path (nullable): NULL keeps the last of it in memory. @format (transfer full) is taken over, its
 * strings too, and so is @filter (nullable). @seconds: how long it is to go on, or how much of it
 * is kept; 0: no limit. @on_ended: it ended by itself, and why (LOOM_WIRE_CAPTURE_ERROR); in the
 * main thread, once; stop () is still to be called. */
LoomWireCapture *loom_wire_capture_new (const char *path, LoomWireCaptureFormat *format,
                                        LoomWireFilter *filter, double seconds,
                                        void (*on_ended) (gpointer user_data, const GError *why),
                                        gpointer user_data);

LoomWireSink *loom_wire_capture_get_sink (LoomWireCapture *self);

/* Writes what is kept to @path; @on_saved is called in the main thread, @error NULL when it is
 * there. FALSE: this capture keeps nothing. */
gboolean loom_wire_capture_save (LoomWireCapture *self, const char *path,
                                 void (*on_saved) (gpointer user_data, const GError *error),
                                 gpointer user_data);

/* No tap leads to the sink any more. What is in it is still written; then @on_stopped is called in
 * the main thread, and the capture is gone. */
void loom_wire_capture_stop (LoomWireCapture *self,
                             void (*on_stopped) (gpointer user_data,
                                                 const LoomWireCaptureCounts *counts),
                             gpointer user_data);

G_END_DECLS
