/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The file, files or pipe that a capture is written to. Used by the capture's own thread. */

#pragma once

#include <gio/gio.h>

#include "backend/wire/sink.h"

G_BEGIN_DECLS

typedef struct {
  char **names;      /* of the interfaces */
  char *filter;      /* as text */
  guint snaplen;     /* 0: no limit */
  guint64 max_bytes; /* of a file; 0: no limit */
  guint ring_files;  /* so many files in turn; 0: one, and the limit is the end */
  gint64 wall_ns;    /* what is added to a record's time */
} LoomWireCaptureFormat;

/* Why nothing more can be written. */
#define LOOM_WIRE_CAPTURE_ERROR (loom_wire_capture_error_quark ())
typedef enum {
  LOOM_WIRE_CAPTURE_ERROR_LIMIT,  /* there is as much as was asked for */
  LOOM_WIRE_CAPTURE_ERROR_FULL,   /* the disk is full */
  LOOM_WIRE_CAPTURE_ERROR_READER, /* of a pipe: gone, or it takes nothing any more */
  LOOM_WIRE_CAPTURE_ERROR_FAILED, /* anything else */
} LoomWireCaptureError;
GQuark loom_wire_capture_error_quark (void);

typedef struct _LoomWireCaptureFile LoomWireCaptureFile;

/* (transfer full): opens nothing yet: a pipe may have nobody at its other end. @format outlives it.
 */
LoomWireCaptureFile *loom_wire_capture_file_new (const char *path,
                                                 const LoomWireCaptureFormat *format);
void loom_wire_capture_file_free (LoomWireCaptureFile *self);

/* TRUE when it is open. FALSE without an error: try again, nobody reads the pipe yet. */
gboolean loom_wire_capture_file_open (LoomWireCaptureFile *self, GError **error);

/* Appends a record; it may wait in memory until flush (). Errors, as those of all that is here:
 * LOOM_WIRE_CAPTURE_ERROR. */
gboolean loom_wire_capture_file_add (LoomWireCaptureFile *self, const LoomWireRecord *record,
                                     GError **error);
gboolean loom_wire_capture_file_flush (LoomWireCaptureFile *self, GError **error);

/* Ends the file with the interfaces' statistics. */
void loom_wire_capture_file_close (LoomWireCaptureFile *self, guint64 n_dropped);

/* Frames that are in the files: not those that a full disk had no room for. */
guint64 loom_wire_capture_file_get_n_frames (LoomWireCaptureFile *self);
/* Octets written to all files so far. */
guint64 loom_wire_capture_file_get_n_bytes (LoomWireCaptureFile *self);

G_END_DECLS
