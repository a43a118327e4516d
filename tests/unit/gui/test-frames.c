/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The packet list behind its widgets: rows come from tshark (if it is there), and from programs
 * that stand in for one that dies, says garbage, refuses a filter, or is not there. */

#include "gui/frames.h"

#include <glib/gstdio.h>
#include <signal.h>

#include "backend/engine/tool.h"
#include "gui/decoded-tree.h"
#include "gui/decoder.h"
#include "tests/unit/gui/capture-bytes.h"

#define WAIT_S 30
#define MANY_BYTES (1u << 20)

typedef struct {
  LoomFrames *frames;
  GPtrArray *rows; /* of "protocol|info" */
  char *script;    /* what stands in; or NULL */
  char *folder;
} Fixture;

static void
on_row (LoomFrames *frames, guint64 number, LoomDecodedLine *line, Fixture *fixture)
{
  g_assert_nonnull (loom_frame_store_get (loom_frames_get_store (frames), number));
  g_ptr_array_add (fixture->rows, g_strdup_printf ("%s|%s", line->protocol, line->info));
}

static void
on_cleared (LoomFrames *frames, Fixture *fixture)
{
  g_ptr_array_set_size (fixture->rows, 0);
}

/* @script: what stands in for tshark; NULL: tshark. */
static Fixture *
open_fixture (const char *script)
{
  const char *const links[] = {"pc1:0 pc2:0", NULL};
  Fixture *fixture = g_new0 (Fixture, 1);

  fixture->rows = g_ptr_array_new_with_free_func (g_free);
  if (script != NULL) {
    g_autofree char *text = g_strconcat ("#!/bin/sh\n", script, "\n", NULL);

    fixture->folder = g_dir_make_tmp ("loom-frames-XXXXXX", NULL);
    fixture->script = g_build_filename (fixture->folder, "decoder", NULL);
    g_assert_true (
        g_file_set_contents_full (fixture->script, text, -1, G_FILE_SET_CONTENTS_NONE, 0700, NULL));
  }
  fixture->frames = loom_frames_new (script != NULL ? fixture->script : "tshark");
  g_signal_connect (fixture->frames, "row", G_CALLBACK (on_row), fixture);
  g_signal_connect (fixture->frames, "cleared", G_CALLBACK (on_cleared), fixture);
  loom_frames_begin (fixture->frames, links);
  return fixture;
}

static void
close_fixture (Fixture *fixture)
{
  g_signal_handlers_disconnect_by_data (fixture->frames, fixture);
  g_object_unref (fixture->frames);
  g_ptr_array_unref (fixture->rows);
  if (fixture->script != NULL)
    g_unlink (fixture->script);
  if (fixture->folder != NULL)
    g_rmdir (fixture->folder);
  g_free (fixture->script);
  g_free (fixture->folder);
  g_free (fixture);
}

static void
feed_pings (Fixture *fixture, guint n, gboolean with_head)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  if (with_head)
    add_head (bytes, 1, 9);
  for (guint i = 0; i < n; i++)
    add_ping (bytes, 0, 1000 * i, i % 2 == 0 ? 2 : 1, i / 2);
  g_assert_true (loom_frames_feed (fixture->frames, bytes->data, bytes->len, NULL));
}

static void
wait_for_rows (Fixture *fixture, guint n)
{
  gint64 deadline_us = g_get_monotonic_time () + WAIT_S * G_USEC_PER_SEC;

  while (fixture->rows->len < n) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  }
}

static gboolean
skip_without_tshark (void)
{
  g_autofree char *path = g_find_program_in_path ("tshark");

  if (path == NULL)
    g_test_skip ("tshark is not installed");
  return path == NULL;
}

static void
test_tshark (void)
{
  Fixture *fixture;
  g_autofree char *way = NULL;
  const LoomKeptFrame *frame;

  if (skip_without_tshark ())
    return;
  fixture = open_fixture (NULL);
  feed_pings (fixture, 4, TRUE);
  wait_for_rows (fixture, 4);
  g_assert_true (g_str_has_prefix (fixture->rows->pdata[0], "ICMP|Echo (ping) request"));
  g_assert_true (g_str_has_prefix (fixture->rows->pdata[1], "ICMP|Echo (ping) reply"));
  frame = loom_frame_store_get (loom_frames_get_store (fixture->frames), 2);
  way = loom_frames_dup_way (fixture->frames, frame);
  g_assert_cmpstr (way, ==, "pc2 → pc1");

  loom_frames_set_filter (fixture->frames, "icmp.type == 0");
  g_assert_cmpuint (fixture->rows->len, ==, 0);
  wait_for_rows (fixture, 2);
  loom_frames_set_filter (fixture->frames, "foo bar");
  wait_for_rows (fixture, 2);
  g_assert_nonnull (strstr (loom_frames_get_filter_error (fixture->frames), "bar"));
  g_assert_null (loom_frames_get_decoder_error (fixture->frames));
  feed_pings (fixture, 2, FALSE);
  wait_for_rows (fixture, 3);
  close_fixture (fixture);
}

static void
on_detail (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  GNode **tree = user_data;

  *tree = loom_decoder_detail_finish (result, &error);
  g_assert_no_error (error);
}

static void
test_detail (void)
{
  Fixture *fixture;
  GNode *tree = NULL;
  gint64 deadline_us = g_get_monotonic_time () + WAIT_S * G_USEC_PER_SEC;

  if (skip_without_tshark ())
    return;
  fixture = open_fixture (NULL);
  feed_pings (fixture, 4, TRUE);
  loom_frames_detail_async (fixture->frames, 3, NULL, on_detail, &tree);
  while (tree == NULL) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline_us);
    g_main_context_iteration (NULL, FALSE);
  }
  g_assert_cmpuint (g_node_n_children (tree), ==, 4);
  g_assert_true (g_str_has_prefix (((LoomDecodedItem *) tree->children->data)->label, "Frame 3:"));
  loom_decoded_tree_free (tree);
  close_fixture (fixture);
}

/* All that is kept is told, however much comes at once; the rest is counted. */
static void
test_flood (void)
{
  Fixture *fixture;
  guint64 all, forgotten, untold;

  if (skip_without_tshark ())
    return;
  fixture = open_fixture (NULL);
  feed_pings (fixture, 60000, TRUE);
  wait_for_rows (fixture, LOOM_FRAMES_MAX);
  loom_frames_count (fixture->frames, &all, &forgotten, &untold);
  g_assert_cmpuint (all, ==, 60000);
  g_assert_cmpuint (forgotten, ==, 60000 - LOOM_FRAMES_MAX);
  g_assert_cmpuint (untold, ==, forgotten);
  loom_frames_clear (fixture->frames);
  loom_frames_count (fixture->frames, &all, &forgotten, &untold);
  g_assert_cmpuint (all + forgotten + untold, ==, 0);
  close_fixture (fixture);
}

static void
test_missing (void)
{
  Fixture *fixture = open_fixture (NULL);
  const char *const links[] = {"pc1:0 pc2:0", NULL};

  g_clear_object (&fixture->frames);
  fixture->frames = loom_frames_new ("/nowhere/tshark");
  g_signal_connect (fixture->frames, "row", G_CALLBACK (on_row), fixture);
  loom_frames_begin (fixture->frames, links);
  feed_pings (fixture, 2, TRUE);
  wait_for_rows (fixture, 2);
  g_assert_true (loom_frames_is_decoder_missing (fixture->frames));
  g_assert_true (g_str_has_prefix (fixture->rows->pdata[0], "ICMP|"));
  close_fixture (fixture);
}

/* It is started again some times, and then done without. */
static void
test_dying (void)
{
  Fixture *fixture = open_fixture ("head -c 10 > /dev/null; echo out of ideas >&2; exit 3");

  feed_pings (fixture, 1, TRUE);
  for (guint i = 0; loom_frames_get_decoder_error (fixture->frames) == NULL; i++) {
    g_assert_cmpuint (i, <, WAIT_S * 1000);
    feed_pings (fixture, 1, FALSE);
    while (g_main_context_iteration (NULL, FALSE))
      ;
    g_usleep (1000);
  }
  g_assert_cmpstr (loom_frames_get_decoder_error (fixture->frames), ==, "out of ideas");
  feed_pings (fixture, 3, FALSE);
  wait_for_rows (fixture, 3);
  close_fixture (fixture);
}

/* One that reads nothing, and is given more than a pipe has room for: nobody waits for it. */
static void
test_stalled (void)
{
  Fixture *fixture = open_fixture ("exec sleep 1000");
  const char *const argv[] = {fixture->script, NULL};
  g_autoptr (GBytes) octets = g_bytes_new_take (g_malloc0 (MANY_BYTES), MANY_BYTES);
  g_autoptr (GError) error = NULL;
  g_autoptr (LoomTool) tool = loom_tool_new (argv, &error);

  g_assert_no_error (error);
  loom_tool_write (tool, octets);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (loom_tool_get_backlog (tool), ==, MANY_BYTES);
  loom_tool_stop (tool);
  close_fixture (fixture);
}

static void
test_garbage (void)
{
  Fixture *fixture = open_fixture (
      "head -c 100000 /dev/zero; echo; echo 'who knows'; printf '99999\\tno\\tsuch\\tframe\\t!\\n';"
      "printf '1\\ta\\tICMP\\tb\\tfine\\n'; cat > /dev/null");

  feed_pings (fixture, 2, TRUE);
  wait_for_rows (fixture, 1);
  g_assert_cmpstr (fixture->rows->pdata[0], ==, "ICMP|fine");
  close_fixture (fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  g_test_add_func ("/frames/tshark", test_tshark);
  g_test_add_func ("/frames/detail", test_detail);
  g_test_add_func ("/frames/flood", test_flood);
  g_test_add_func ("/frames/missing", test_missing);
  g_test_add_func ("/frames/dying", test_dying);
  g_test_add_func ("/frames/stalled", test_stalled);
  g_test_add_func ("/frames/garbage", test_garbage);
  return g_test_run ();
}
