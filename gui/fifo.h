/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A named pipe in a folder of ours, by which a program of the lab hands over octets. It has a
 * reader from the start, so that nobody waits for one; it is removed when it is let go of. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
  char *path;
  int fd; /* reads without waiting */
} LoomFifo;

LoomFifo *loom_fifo_new (const char *folder, const char *name, GError **error);
void loom_fifo_free (LoomFifo *fifo);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomFifo, loom_fifo_free)

G_END_DECLS
