/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The last frames of a capture, kept in memory until somebody wants them in a file. Used by the
 * capture's own thread. */

#pragma once

#include "backend/wire/capture-file.h"

G_BEGIN_DECLS

typedef struct {
  GQueue records; /* of LoomWireRecord with their octets */
  guint64 n_bytes;
  guint64 max_bytes;
  gint64 max_ns; /* 0: no limit */
} LoomWireCaptureRecent;

void loom_wire_capture_recent_init (LoomWireCaptureRecent *self, guint64 max_bytes, gint64 max_ns);
void loom_wire_capture_recent_clear (LoomWireCaptureRecent *self);

/* Keeps a copy of @record, and forgets what is too old or too much. */
void loom_wire_capture_recent_add (LoomWireCaptureRecent *self, const LoomWireRecord *record);

/* Forgets what is too old by now: frames age also while no new ones come. */
void loom_wire_capture_recent_age (LoomWireCaptureRecent *self, gint64 now_ns);

/* Writes what is kept to the file @path; it stays kept. */
gboolean loom_wire_capture_recent_save (LoomWireCaptureRecent *self, const char *path,
                                        const LoomWireCaptureFormat *format, GError **error);

G_END_DECLS
