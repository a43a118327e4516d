/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Captures are read in pieces of any size, frames are kept up to a limit, and nothing that is no
 * capture is taken for one. */

#include "gui/frame-store.h"

#include "tests/unit/gui/capture-bytes.h"

static gboolean
feed (LoomFrameStore *store, const GByteArray *bytes, gsize piece)
{
  for (gsize at = 0; at < bytes->len; at += piece) {
    if (!loom_frame_store_feed (store, bytes->data + at, MIN (piece, bytes->len - at), NULL))
      return FALSE;
  }
  return TRUE;
}

static void
test_pieces (void)
{
  const gsize pieces[] = {1, 7, 64, 100000};

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++) {
    g_autoptr (LoomFrameStore) store = loom_frame_store_new (10, 10000);
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    const LoomKeptFrame *frame;

    add_head (bytes, 2, 9);
    add_ping (bytes, 0, G_GUINT64_CONSTANT (1700000000123456789), 2, 1);
    add_ping (bytes, 1, G_GUINT64_CONSTANT (1700000000123456790), 1, 2);
    g_assert_true (feed (store, bytes, pieces[i]));
    g_assert_cmpuint (loom_frame_store_get_newest (store), ==, 2);
    g_assert_cmpuint (loom_frame_store_get_n_interfaces (store), ==, 2);
    frame = loom_frame_store_get (store, 1);
    g_assert_cmpint (frame->time_ns, ==, G_GINT64_CONSTANT (1700000000123456789));
    g_assert_cmpint (frame->way, ==, LOOM_FRAME_OUTBOUND);
    g_assert_cmpuint (frame->size, ==, PING_BYTES);
    g_assert_cmpuint (frame->octets[34], ==, 8);
    frame = loom_frame_store_get (store, 2);
    g_assert_cmpuint (frame->interface, ==, 1);
    g_assert_cmpint (frame->way, ==, LOOM_FRAME_INBOUND);
    g_assert_null (loom_frame_store_get (store, 3));
  }
}

static void
test_microseconds (void)
{
  g_autoptr (LoomFrameStore) store = loom_frame_store_new (10, 10000);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  add_head (bytes, 1, 6);
  add_ping (bytes, 0, 1234567, 2, 1);
  g_assert_true (feed (store, bytes, bytes->len));
  g_assert_cmpint (loom_frame_store_get (store, 1)->time_ns, ==, 1234567000);
}

static void
test_bounds (void)
{
  g_autoptr (LoomFrameStore) by_number = loom_frame_store_new (3, 100000);
  g_autoptr (LoomFrameStore) by_size = loom_frame_store_new (100, 300);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GBytes) file = NULL;
  g_autoptr (LoomFrameStore) again = loom_frame_store_new (100, 100000);

  add_head (bytes, 1, 9);
  for (guint i = 1; i <= 10; i++)
    add_ping (bytes, 0, i, 2, i);
  g_assert_true (feed (by_number, bytes, 50));
  g_assert_true (feed (by_size, bytes, 50));
  g_assert_cmpuint (loom_frame_store_get_oldest (by_number), ==, 8);
  g_assert_null (loom_frame_store_get (by_number, 7));
  g_assert_cmpuint (loom_frame_store_get (by_number, 8)->octets[41], ==, 8);
  /* A block has 88 octets. */
  g_assert_cmpuint (loom_frame_store_get_oldest (by_size), ==, 8);

  file = loom_frame_store_dup_file (by_number, 9, G_MAXUINT64);
  g_assert_true (
      loom_frame_store_feed (again, g_bytes_get_data (file, NULL), g_bytes_get_size (file), NULL));
  g_assert_cmpuint (loom_frame_store_get_newest (again), ==, 2);
  g_assert_cmpuint (loom_frame_store_get (again, 1)->octets[41], ==, 9);

  loom_frame_store_clear (by_number);
  g_assert_null (loom_frame_store_get (by_number, 10));
  g_assert_cmpuint (loom_frame_store_get_newest (by_number), ==, 10);
  g_assert_cmpuint (loom_frame_store_get_oldest (by_number), ==, 11);
}

/* What follows a broken block is not read: nobody knows where the next begins. */
static void
test_garbage (void)
{
  static const struct {
    gsize at;
    guint8 value;
  } wrongs[] = {
      {0, 0x0b},  /* not a section */
      {8, 0},     /* another byte order */
      {4, 0x1d},  /* a length that no block has */
      {36, 113},  /* an interface that is no Ethernet */
      {60, 0x89}, /* times in powers of two */
      {80, 1},    /* of an interface that there is not */
      {93, 0xff}, /* longer than its block */
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrongs); i++) {
    g_autoptr (LoomFrameStore) store = loom_frame_store_new (10, 10000);
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    g_autoptr (GError) error = NULL;

    add_head (bytes, 1, 9);
    add_ping (bytes, 0, 1, 2, 1);
    bytes->data[wrongs[i].at] = wrongs[i].value;
    g_test_message ("octet %u", (guint) wrongs[i].at);
    g_assert_false (loom_frame_store_feed (store, bytes->data, bytes->len, &error));
    g_assert_nonnull (error);
    g_assert_cmpuint (loom_frame_store_get_newest (store), ==, 0);
    g_assert_false (feed (store, bytes, bytes->len));
  }
}

/* Any octet of a capture may be any other, and any may be the last. */
static void
test_any (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  add_head (bytes, 1, 9);
  add_ping (bytes, 0, 1, 2, 1);
  for (guint at = 0; at < bytes->len; at++) {
    for (guint value = 0; value < 256; value += 51) {
      g_autoptr (LoomFrameStore) store = loom_frame_store_new (10, 10000);
      guint8 before = bytes->data[at];

      bytes->data[at] = (guint8) value;
      loom_frame_store_feed (store, bytes->data, bytes->len - at % 5, NULL);
      bytes->data[at] = before;
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frame-store/pieces", test_pieces);
  g_test_add_func ("/frame-store/microseconds", test_microseconds);
  g_test_add_func ("/frame-store/bounds", test_bounds);
  g_test_add_func ("/frame-store/garbage", test_garbage);
  g_test_add_func ("/frame-store/any", test_any);
  return g_test_run ();
}
