/* SPDX-License-Identifier: GPL-3.0-or-later */

/* TCP segments that guests hand over to be cut, and checksums that they leave to be finished. The
 * first four octets are what comes beside the frame: segment size, start and place of the sum. */

#include "backend/wire/law/checksum.h"
#include "backend/wire/law/segment.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
cut_all (const guint8 *frame, gsize size, guint segment_size)
{
  LoomWireCut cut;
  gsize payload = 0;

  if (!loom_wire_cut_init (&cut, frame, size, segment_size))
    return;
  for (guint i = 0; i < cut.n_frames; i++) {
    gsize frame_size = loom_wire_cut_get_size (&cut, i);
    g_autofree guint8 *copy = g_malloc (frame_size);

    loom_wire_cut_write (&cut, i, copy);
    payload += frame_size - cut.payload;
  }
  g_assert_cmpuint (payload, ==, size - cut.payload);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  /* A copy of just that size, so that a read past its end is seen. */
  g_autofree guint8 *copy = NULL;

  if (size < 4)
    return 0;
  copy = g_memdup2 (data + 4, size - 4);
  cut_all (copy, size - 4, (guint) (data[0] << 8 | data[1]));
  loom_wire_checksum_complete (copy, size - 4, data[2], data[3]);
  return 0;
}
