/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The last bytes that a console said. Readers have positions in the endless stream; one that falls
 * behind what is kept goes on at the oldest byte that is.
 *
 * With a file behind it, which costs as much disk at most, it survives the process: whatever was
 * appended before a crash is there for the next one that opens the file. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define LOOM_SCROLLBACK_SIZE_BYTES (256 * 1024)

typedef struct {
  guint8 *bytes;    /* ring; grows to LOOM_SCROLLBACK_SIZE_BYTES, NULL while empty */
  gsize size_bytes; /* of the ring: a power of two */
  guint64 end;      /* position after the last byte; the stream's length so far */
  int file;         /* 1 + descriptor, or 0: none */
} LoomScrollback;

/* Takes up what the file at @path holds, if it is a scrollback's, and writes to it from now on. To
 * be called while nothing has been appended. FALSE: there is no such file and none can be made;
 * then all stays in memory. */
gboolean loom_scrollback_open (LoomScrollback *scrollback, const char *path);

void loom_scrollback_clear (LoomScrollback *scrollback);
void loom_scrollback_append (LoomScrollback *scrollback, const guint8 *data, gsize size_bytes);
/* Position of the oldest byte kept. */
guint64 loom_scrollback_get_start (const LoomScrollback *scrollback);
/* Points *@ret_data at the bytes that follow *@position as far as they lie together; returns how
 * many (0: nothing new). *@position moves forward if what it named is no longer kept; the caller
 * adds what it used. */
gsize loom_scrollback_peek (const LoomScrollback *scrollback, guint64 *position,
                            const guint8 **ret_data);

G_END_DECLS
