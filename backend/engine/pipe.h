/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A pipe between the wire and a client: made here under a name, by which the wire opens its writing
 * end; then the reading end is handed to the client, and the name goes. Whether the client is there
 * still, the wire sees by the pipe itself: one that was killed, or an engine that was started anew,
 * need nothing else. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  char *path;
  int fd; /* its reading end; -1: handed out */
} LoomPipe;

/* (transfer full): NULL with LOOM_ENGINE_ERROR_FAILED. */
LoomPipe *loom_pipe_new (const char *folder, const char *name, GError **error);
/* The reading end, the caller's from now on. */
int loom_pipe_take (LoomPipe *self);
/* Takes the name away: who has an end of it keeps that. */
void loom_pipe_free (LoomPipe *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomPipe, loom_pipe_free)

G_END_DECLS
