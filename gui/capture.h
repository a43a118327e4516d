/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One capture of a running lab, of one cable or several: to a file, into a pipe, or of the last
 * seconds alone. It goes on when the engine is another one, and when machines start anew; it ends
 * when it is told to, when it cannot go on, or with the lab.
 *
 * Its life: new, starting, running, stopping, ended. It keeps itself alive until it has ended.
 *
 * Signals:
 *  "changed" ():  its state is another
 */

#pragma once

#include "backend/engine/client.h"

G_BEGIN_DECLS

typedef enum {
  LOOM_CAPTURE_NEW,
  LOOM_CAPTURE_STARTING, /* waits for the engine; to RUNNING or ENDED */
  LOOM_CAPTURE_RUNNING,  /* to STOPPING, by either side */
  LOOM_CAPTURE_STOPPING, /* waits until all is written; to ENDED */
  LOOM_CAPTURE_ENDED,
} LoomCaptureState;

#define LOOM_TYPE_CAPTURE (loom_capture_get_type ())
G_DECLARE_FINAL_TYPE (LoomCapture, loom_capture, LOOM, CAPTURE, GObject)

/* @links: "pc1:0 pc2:0"; each becomes an interface, seen from its first end. @filter: of
 * pcap-filter(7); "": all. */
LoomCapture *loom_capture_new (LoomClient *client, const char *const *links, const char *filter);
void loom_capture_start_file (LoomCapture *self, const char *path);
/* Into a pipe of the lab's own folder, which goes when the capture is let go of; see get_path ()
 * and get_fd (). */
gboolean loom_capture_start_pipe (LoomCapture *self, GError **error);
/* Keeps the last of it, see save_async (). */
void loom_capture_start_recent (LoomCapture *self, double seconds, guint64 max_bytes);
/* Writes what is kept to @path. */
void loom_capture_save_async (LoomCapture *self, const char *path, GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean loom_capture_save_finish (LoomCapture *self, GAsyncResult *result, GError **error);
/* Ends it, whatever it does. */
void loom_capture_stop (LoomCapture *self);

LoomCaptureState loom_capture_get_state (LoomCapture *self);
const char *const *loom_capture_get_links (LoomCapture *self);
/* (nullable) */
const char *loom_capture_get_path (LoomCapture *self);
/* What reads the pipe without waiting; it stays open as long as the capture is there. */
int loom_capture_get_fd (LoomCapture *self);
/* (nullable): why it ended, if nobody asked for that. */
const char *loom_capture_get_error (LoomCapture *self);
/* Of one that has ended: frames written, and frames that could not be written in time. */
void loom_capture_get_counts (LoomCapture *self, guint64 *ret_frames, guint64 *ret_dropped);

G_END_DECLS
