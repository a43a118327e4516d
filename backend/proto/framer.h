/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Finds where each JSON message ends in a stream of bytes, and refuses what is too long or nested
 * too deeply, before a parser sees it: json-glib recurses, and 100,000 brackets overflow its stack.
 *
 * A message is one JSON object or array; between messages there may be white space and nothing
 * else. Whether the inside is correct JSON is left to loom_json_parse (). Serves OVSDB (RFC 7047
 * section 4.1: messages back to back) and QMP (one message a line) alike. */

#pragma once

#include <glib.h>

#include "backend/proto/proto-error.h"

G_BEGIN_DECLS

typedef struct _LoomFramer LoomFramer;

/* (transfer full): @max_size in bytes of one message, @max_depth in brackets. */
LoomFramer *loom_framer_new (gsize max_size, guint max_depth);
void loom_framer_free (LoomFramer *self);

/* Takes in @size bytes as they came; take messages out with loom_framer_pop () afterwards.
 * FALSE with LOOM_PROTO_ERROR_LIMIT or _SYNTAX: the stream has no meaning from here on; further
 * pushes fail in the same way. Messages completed before the offending byte can still be popped. */
gboolean loom_framer_push (LoomFramer *self, const void *data, gsize size, GError **error);

/* (transfer full) (nullable): the next whole message, or NULL when more bytes are needed. */
GBytes *loom_framer_pop (LoomFramer *self);

/* Bytes held: of whole messages not popped yet and of the unfinished one. */
gsize loom_framer_get_n_buffered (LoomFramer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomFramer, loom_framer_free)

G_END_DECLS
