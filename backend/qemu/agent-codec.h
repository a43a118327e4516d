/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames of the guest's agent, the host's side (backend/guest/protocol.h): bytes in, frames out.
 * No I/O. */

#pragma once

#include <glib.h>

#include "backend/guest/protocol.h"

G_BEGIN_DECLS

typedef struct {
  guint type; /* enum loom_agent_type */
  guint32 id;
  const guint8 *data; /* valid until the next push */
  gsize size;
} LoomAgentFrame;

typedef struct _LoomAgentCodec LoomAgentCodec;

/* (transfer full). Every byte up to the HELLO that returns @cookie is dropped. */
LoomAgentCodec *loom_agent_codec_new (const guint8 cookie[LOOM_AGENT_COOKIE]);
void loom_agent_codec_free (LoomAgentCodec *self);

/* Takes in bytes as they came. Pop all frames before the next push. */
void loom_agent_codec_push (LoomAgentCodec *self, const void *data, gsize size);
/* FALSE: no whole frame there, or, with @error set (LOOM_GUEST_ERROR_PROTOCOL), the guest sent
 * what is no frame, or nothing but noise for long: close the connection. */
gboolean loom_agent_codec_pop (LoomAgentCodec *self, LoomAgentFrame *ret_frame, GError **error);
/* TRUE once the cookie came back. */
gboolean loom_agent_codec_is_synced (LoomAgentCodec *self);

/* (transfer full): one frame. @size: at most LOOM_AGENT_MAX_PAYLOAD. */
GBytes *loom_agent_encode (guint type, guint32 id, const void *data, gsize size);
GBytes *loom_agent_encode_u32 (guint type, guint32 id, guint32 value);
/* (transfer full) (nullable): the payload of EXEC; NULL: too long. */
GBytes *loom_agent_encode_argv (guint32 id, const char *const *argv);
guint32 loom_agent_get_u32 (const guint8 *data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomAgentCodec, loom_agent_codec_free)

G_END_DECLS
