/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See agent-codec.h. What a guest sends is a stranger's: every number is checked. */

#include "backend/qemu/agent-codec.h"

#include "backend/qemu/error.h"

#include <glib/gi18n-lib.h>

#include <string.h>

/* What a predecessor's connection can have left in flight, several times over. */
#define MAX_NOISE_BYTES (4 * 1024 * 1024)

struct _LoomAgentCodec {
  guint8 cookie[LOOM_AGENT_COOKIE];
  gboolean synced;
  gboolean broken;
  GByteArray *buffer;
  gsize at; /* what was popped of it */
  gsize n_noise;
};

LoomAgentCodec *
loom_agent_codec_new (const guint8 cookie[LOOM_AGENT_COOKIE])
{
  LoomAgentCodec *self = g_new0 (LoomAgentCodec, 1);

  memcpy (self->cookie, cookie, LOOM_AGENT_COOKIE);
  self->buffer = g_byte_array_new ();
  return self;
}

void
loom_agent_codec_free (LoomAgentCodec *self)
{
  g_byte_array_unref (self->buffer);
  g_free (self);
}

guint32
loom_agent_get_u32 (const guint8 *data)
{
  guint32 value;

  memcpy (&value, data, sizeof value);
  return GUINT32_FROM_LE (value);
}

void
loom_agent_codec_push (LoomAgentCodec *self, const void *data, gsize size)
{
  if (self->at > 0)
    g_byte_array_remove_range (self->buffer, 0, self->at);
  self->at = 0;
  if (!self->broken)
    g_byte_array_append (self->buffer, data, size);
}

/* Drops everything before the frame that holds the cookie. */
static gboolean
find_cookie (LoomAgentCodec *self)
{
  const gsize wanted = LOOM_AGENT_HEADER + LOOM_AGENT_COOKIE;
  const guint8 *found;
  gsize n_noise;

  if (self->buffer->len < wanted)
    return FALSE;
  found = memmem (self->buffer->data, self->buffer->len, self->cookie, LOOM_AGENT_COOKIE);
  if (found != NULL && found - self->buffer->data >= LOOM_AGENT_HEADER) {
    self->at = (gsize) (found - self->buffer->data) - LOOM_AGENT_HEADER;
    self->synced = TRUE;
    return TRUE;
  }
  n_noise = self->buffer->len - (wanted - 1);
  g_byte_array_remove_range (self->buffer, 0, n_noise);
  self->n_noise += n_noise;
  return FALSE;
}

static void
set_broken (LoomAgentCodec *self, GError **error)
{
  self->broken = TRUE;
  g_set_error_literal (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_PROTOCOL,
                       _ ("The program inside the guest that talks to Lanloom sent nonsense."));
}

gboolean
loom_agent_codec_pop (LoomAgentCodec *self, LoomAgentFrame *ret_frame, GError **error)
{
  const guint8 *header;
  guint32 size;

  if (!self->broken && !self->synced && !find_cookie (self)) {
    if (self->n_noise > MAX_NOISE_BYTES)
      set_broken (self, error);
    return FALSE;
  }
  if (self->broken || self->buffer->len - self->at < LOOM_AGENT_HEADER)
    return FALSE;
  header = self->buffer->data + self->at;
  size = loom_agent_get_u32 (header);
  if (size > LOOM_AGENT_MAX_PAYLOAD || header[6] != 0 || header[7] != 0) {
    set_broken (self, error);
    return FALSE;
  }
  if (self->buffer->len - self->at - LOOM_AGENT_HEADER < size)
    return FALSE;
  ret_frame->type = loom_agent_get_u32 (header + 4);
  ret_frame->id = loom_agent_get_u32 (header + 8);
  ret_frame->data = header + LOOM_AGENT_HEADER;
  ret_frame->size = size;
  self->at += LOOM_AGENT_HEADER + size;
  return TRUE;
}

gboolean
loom_agent_codec_is_synced (LoomAgentCodec *self)
{
  return self->synced;
}

GBytes *
loom_agent_encode (guint type, guint32 id, const void *data, gsize size)
{
  GByteArray *frame = g_byte_array_sized_new ((guint) (LOOM_AGENT_HEADER + size));
  guint32 header[] = {GUINT32_TO_LE (size), GUINT32_TO_LE (type), GUINT32_TO_LE (id)};

  g_assert (size <= LOOM_AGENT_MAX_PAYLOAD);
  g_byte_array_append (frame, (const guint8 *) header, sizeof header);
  if (size > 0)
    g_byte_array_append (frame, data, (guint) size);
  return g_byte_array_free_to_bytes (frame);
}

GBytes *
loom_agent_encode_u32 (guint type, guint32 id, guint32 value)
{
  value = GUINT32_TO_LE (value);
  return loom_agent_encode (type, id, &value, sizeof value);
}

GBytes *
loom_agent_encode_argv (guint32 id, const char *const *argv)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();

  for (guint i = 0; argv[i] != NULL; i++) {
    gsize size = strlen (argv[i]) + 1;

    if (size > LOOM_AGENT_MAX_PAYLOAD - payload->len)
      return NULL;
    g_byte_array_append (payload, (const guint8 *) argv[i], (guint) size);
  }
  return loom_agent_encode (LOOM_AGENT_EXEC, id, payload->data, payload->len);
}
