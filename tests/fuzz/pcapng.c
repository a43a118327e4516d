/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A captured stream on its way into the packet list, cut in two at any place: the frames that are
 * kept, and the file that is made of them. */

#include "gui/frame-store.h"

#define MAX_FRAMES 16
#define MAX_BYTES 65536

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Reads every octet of what it is told. */
static guint
sum_up (LoomFrameStore *store)
{
  guint sum = 0;

  for (guint64 number = loom_frame_store_get_oldest (store);
       number <= loom_frame_store_get_newest (store); number++) {
    const LoomKeptFrame *frame = loom_frame_store_get (store, number);

    for (guint i = 0; i < frame->size; i++)
      sum += frame->octets[i];
    g_assert_cmpuint (frame->interface, <, loom_frame_store_get_n_interfaces (store));
  }
  return sum;
}

static LoomFrameStore *
read_stream (const guint8 *data, gsize size, gsize cut)
{
  LoomFrameStore *store = loom_frame_store_new (MAX_FRAMES, MAX_BYTES);

  if (loom_frame_store_feed (store, data, cut, NULL))
    loom_frame_store_feed (store, data + cut, size - cut, NULL);
  return store;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (LoomFrameStore) store = NULL;
  g_autoptr (LoomFrameStore) again = NULL;
  g_autoptr (GBytes) file = NULL;
  const guint8 *octets;
  gsize n_octets;

  if (size == 0)
    return 0;
  store = read_stream (data + 1, size - 1, (size - 1) * data[0] / 255);
  file = loom_frame_store_dup_file (store, 0, G_MAXUINT64);
  octets = g_bytes_get_data (file, &n_octets);
  again = read_stream (octets, n_octets, n_octets);
  g_assert_cmpuint (sum_up (again), ==, sum_up (store));
  return 0;
}
