/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The ring behind a console. */

#include "backend/engine/scrollback.h"

#include <string.h>

/* (transfer full): all that can be read from *@position on. */
static GByteArray *
read_all (const LoomScrollback *scrollback, guint64 *position)
{
  GByteArray *bytes = g_byte_array_new ();
  const guint8 *data;
  gsize size;

  while ((size = loom_scrollback_peek (scrollback, position, &data)) > 0) {
    g_byte_array_append (bytes, data, (guint) size);
    *position += size;
  }
  return bytes;
}

static void
test_small (void)
{
  LoomScrollback scrollback = {0};
  guint64 position = 0;

  loom_scrollback_append (&scrollback, (const guint8 *) "hello ", 6);
  loom_scrollback_append (&scrollback, (const guint8 *) "world", 5);
  g_autoptr (GByteArray) bytes = read_all (&scrollback, &position);
  g_assert_cmpmem (bytes->data, bytes->len, "hello world", 11);
  g_assert_cmpuint (scrollback.size_bytes, ==, 4096);
  loom_scrollback_clear (&scrollback);
}

/* Every byte says where in the stream it is, in pieces that straddle every edge. */
static void
test_stream (void)
{
  LoomScrollback scrollback = {0};
  guint64 position = 0;
  guint64 written = 0;

  for (guint piece = 1; written < 4 * LOOM_SCROLLBACK_SIZE_BYTES; piece = piece * 7 % 9973) {
    g_autofree guint8 *data = g_malloc (piece);
    for (guint i = 0; i < piece; i++)
      data[i] = (guint8) ((written + i) % 251);
    loom_scrollback_append (&scrollback, data, piece);
    written += piece;

    g_autoptr (GByteArray) bytes = read_all (&scrollback, &position);
    g_assert_cmpuint (bytes->len, ==, piece);
    g_assert_cmpmem (bytes->data, bytes->len, data, piece);
  }
  g_assert_cmpuint (scrollback.size_bytes, ==, LOOM_SCROLLBACK_SIZE_BYTES);

  /* Somebody new gets exactly the last LOOM_SCROLLBACK_SIZE_BYTES. */
  guint64 late = 0;
  g_autoptr (GByteArray) kept = read_all (&scrollback, &late);
  g_assert_cmpuint (kept->len, ==, LOOM_SCROLLBACK_SIZE_BYTES);
  for (guint i = 0; i < kept->len; i++)
    g_assert_cmpuint (kept->data[i], ==, (written - kept->len + i) % 251);
  loom_scrollback_clear (&scrollback);
}

/* One piece larger than all that is kept. */
static void
test_flood (void)
{
  LoomScrollback scrollback = {0};
  gsize size = 3 * LOOM_SCROLLBACK_SIZE_BYTES + 17;
  g_autofree guint8 *data = g_malloc (size);
  guint64 position = 0;

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (i % 241);
  loom_scrollback_append (&scrollback, data, size);
  g_autoptr (GByteArray) bytes = read_all (&scrollback, &position);
  g_assert_cmpmem (bytes->data, bytes->len, data + size - LOOM_SCROLLBACK_SIZE_BYTES,
                   LOOM_SCROLLBACK_SIZE_BYTES);
  loom_scrollback_clear (&scrollback);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scrollback/small", test_small);
  g_test_add_func ("/scrollback/stream", test_stream);
  g_test_add_func ("/scrollback/flood", test_flood);
  return g_test_run ();
}
