/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The ring behind a console. */

#include "backend/engine/scrollback.h"

#include <glib/gstdio.h>
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

/* What was said is there for whoever opens the file next, however much it was. */
static void
test_file (void)
{
  static const guint sizes[] = {1, 4095, 4097, LOOM_SCROLLBACK_SIZE_BYTES,
                                3 * LOOM_SCROLLBACK_SIZE_BYTES + 17};
  g_autofree char *folder = g_dir_make_tmp ("lanloom-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "said", NULL);

  for (gsize s = 0; s < G_N_ELEMENTS (sizes); s++) {
    LoomScrollback first = {0}, second = {0};
    guint64 position = 0, again = 0;

    g_assert_true (loom_scrollback_open (&first, path));
    for (guint i = 0; i < sizes[s];) {
      guint8 piece[1000];
      guint n = MIN (sizeof piece, sizes[s] - i);
      for (guint k = 0; k < n; k++)
        piece[k] = (guint8) ((i + k) % 251);
      loom_scrollback_append (&first, piece, n);
      i += n;
    }
    g_autoptr (GByteArray) said = read_all (&first, &position);
    g_assert_true (loom_scrollback_open (&second, path));
    g_assert_cmpuint (second.end, ==, first.end);
    g_autoptr (GByteArray) kept = read_all (&second, &again);
    g_assert_cmpmem (kept->data, kept->len, said->data, said->len);

    /* And it goes on. */
    loom_scrollback_append (&second, (const guint8 *) "more", 4);
    g_autoptr (GByteArray) more = read_all (&second, &again);
    g_assert_cmpmem (more->data, more->len, "more", 4);
    loom_scrollback_clear (&first);
    loom_scrollback_clear (&second);
    g_unlink (path);
  }
  g_rmdir (folder);
}

static void
test_file_of_others (void)
{
  g_autofree char *folder = g_dir_make_tmp ("lanloom-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "said", NULL);
  static const char *const contents[] = {"", "lanloom", "lanloom\1\377\377\377\377\377\377\377\177",
                                         "lanloom\2........hello"};

  for (gsize i = 0; i < G_N_ELEMENTS (contents); i++) {
    LoomScrollback scrollback = {0};

    g_assert_true (g_file_set_contents (path, contents[i], -1, NULL));
    g_assert_true (loom_scrollback_open (&scrollback, path));
    g_assert_cmpuint (scrollback.end, ==, 0);
    loom_scrollback_clear (&scrollback);
  }
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scrollback/small", test_small);
  g_test_add_func ("/scrollback/stream", test_stream);
  g_test_add_func ("/scrollback/flood", test_flood);
  g_test_add_func ("/scrollback/file", test_file);
  g_test_add_func ("/scrollback/file-of-others", test_file_of_others);
  return g_test_run ();
}
