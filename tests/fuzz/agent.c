/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames of a guest. The first byte says how the stream is cut; half of the inputs start where the
 * cookie has come back already. */

#include "backend/qemu/agent-codec.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const guint8 cookie[LOOM_AGENT_COOKIE] = "0123456789abcdef";
  g_autoptr (LoomAgentCodec) codec = loom_agent_codec_new (cookie);
  LoomAgentFrame frame;
  gsize step;

  if (size == 0)
    return 0;
  step = 1 + data[0] / 2;
  if (data[0] % 2 == 0) {
    g_autoptr (GBytes) hello = loom_agent_encode (LOOM_AGENT_HELLO, 0, cookie, sizeof cookie);

    loom_agent_codec_push (codec, g_bytes_get_data (hello, NULL), g_bytes_get_size (hello));
    g_assert_true (loom_agent_codec_pop (codec, &frame, NULL));
    g_assert_true (loom_agent_codec_is_synced (codec));
  }
  for (gsize at = 1; at < size; at += step) {
    g_autoptr (GError) error = NULL;

    loom_agent_codec_push (codec, data + at, MIN (step, size - at));
    while (loom_agent_codec_pop (codec, &frame, &error)) {
      g_autofree guint8 *copy = g_memdup2 (frame.data, frame.size);

      g_assert_cmpuint (frame.size, <=, LOOM_AGENT_MAX_PAYLOAD);
    }
  }
  return 0;
}
