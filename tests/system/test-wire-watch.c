/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Cables that are watched: what the samples say of frames that pass, are lost, held, doubled or
 * wait for a rate; that a reader who is slow or gone costs nobody else anything. */

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/proto/frame-sample.h"
#include "tests/system/wire-cable.h"

#define COOKIE WIRE_CABLE_COOKIE
#define MS WIRE_CABLE_MS
#define PATIENCE_NS WIRE_CABLE_PATIENCE_NS

/* The reading end; @id names pipe and watch. */
static int
watch (WireCable *f, const char *id, guint per_second)
{
  g_autofree char *path = g_build_filename (f->folder, id, NULL);
  int fd;

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  g_assert_cmpint (fd, >=, 0);
  wire_process_do (f->wire, "watch",
                   "{'id': '%s', 'path': '%s', 'cables': [%d, 99], 'per_second': %u}", id, path,
                   COOKIE, per_second);
  g_unlink (path);
  return fd;
}

/* The next sample; FALSE: none came in time. */
static gboolean
read_sample (int fd, gint64 patience_ns, LoomFrameSample *ret_sample)
{
  gint64 end_ns = wire_peer_now_ns () + patience_ns;

  for (;;) {
    gssize size = read (fd, ret_sample, sizeof *ret_sample);

    if (size > 0) {
      g_assert_cmpint (size, ==, sizeof *ret_sample);
      g_assert_cmpuint (ret_sample->cable, ==, COOKIE);
      return TRUE;
    }
    if (wire_peer_now_ns () > end_ns)
      return FALSE;
    wire_cable_turn ();
  }
}

static LoomFrameSample
expect (int fd, guint direction, LoomSampleFate fate, guint marks)
{
  LoomFrameSample sample;

  g_assert_true (read_sample (fd, PATIENCE_NS, &sample));
  g_assert_cmpuint (sample.direction, ==, direction);
  g_assert_cmpuint (sample.fate, ==, fate);
  g_assert_cmpuint (sample.marks, ==, marks);
  return sample;
}

static void
test_passing (WireCable *f, gconstpointer data)
{
  gint64 before_ns = wire_peer_now_ns ();
  int fd = watch (f, "one", 100);
  LoomFrameSample sample;
  /* Watched before it comes. */
  wire_cable_attach (f, "{'delay_ms': 40}", "{}");
  wire_cable_send (f, 0, 1);
  sample = expect (fd, 0, LOOM_SAMPLE_PASSES, 0);
  g_assert_cmpint (sample.arrived_ns, >, before_ns);
  g_assert_cmpint (sample.due_ns - sample.arrived_ns, ==, 40 * MS);
  g_assert_cmpuint (sample.length, ==, WIRE_CABLE_SIZE);
  g_assert_cmpuint (sample.n_frames, ==, 1);
  g_assert_cmpuint (sample.head_size, ==, LOOM_SAMPLE_HEAD);
  g_assert_cmpuint (sample.head[12], ==, 0x88);
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 1);
  wire_cable_send (f, 1, 2);
  expect (fd, 1, LOOM_SAMPLE_PASSES, 0);
  close (fd);
}

static void
test_fates (WireCable *f, gconstpointer data)
{
  int fd = watch (f, "one", 100);
  LoomFrameSample sample;

  wire_cable_attach (f, "{'loss_percent': 100}", "{'duplicate_percent': 100}");
  wire_cable_send (f, 0, 1);
  sample = expect (fd, 0, LOOM_SAMPLE_LOST, 0);
  g_assert_cmpint (sample.due_ns, ==, 0);
  wire_cable_send (f, 1, 2);
  expect (fd, 1, LOOM_SAMPLE_PASSES, LOOM_SAMPLE_DUPLICATED);
  wire_cable_set (f, "{'bit_errors_per_billion': 100000000}");
  wire_cable_send (f, 0, 3);
  expect (fd, 0, LOOM_SAMPLE_PASSES, LOOM_SAMPLE_CORRUPTED);
  wire_cable_set (f, "{'delay_ms': 10, 'reorder_percent': 100}");
  wire_cable_send (f, 0, 4);
  expect (fd, 0, LOOM_SAMPLE_PASSES, LOOM_SAMPLE_REORDERED);

  wire_cable_set (f, "{}");
  wire_process_do (f->wire, "hold",
                   "{'cable': %d, 'direction': 'forward', 'on': true, 'filter': ''}", COOKIE);
  wire_cable_send (f, 0, 5);
  wire_cable_send (f, 0, 6);
  expect (fd, 0, LOOM_SAMPLE_HELD, 0);
  expect (fd, 0, LOOM_SAMPLE_HELD, 0);
  wire_process_do (f->wire, "act", "{'cable': %d, 'ids': [], 'what': 'release'}", COOKIE);
  expect (fd, 0, LOOM_SAMPLE_PASSES, LOOM_SAMPLE_RELEASED);
  wire_process_do (f->wire, "act", "{'cable': %d, 'ids': [], 'what': 'drop'}", COOKIE);
  expect (fd, 0, LOOM_SAMPLE_DROPPED, LOOM_SAMPLE_RELEASED);
  close (fd);
}

/* 200 octets and 24 around them at 1 Mbit/s: 1.792 ms each. */
static void
test_foreseen (WireCable *f, gconstpointer data)
{
  int fd = watch (f, "one", 1000);
  gint64 foreseen_ns[5];
  gint64 arrived_ns[5];

  wire_cable_attach (f, "{'delay_ms': 20, 'rate_mbps': 1, 'queue_frames': 100}", "{}");
  for (guint i = 0; i < 5; i++)
    wire_cable_send (f, 0, i);
  for (guint i = 0; i < 5; i++) {
    LoomFrameSample sample = expect (fd, 0, LOOM_SAMPLE_PASSES, 0);

    foreseen_ns[i] = sample.due_ns;
    arrived_ns[i] = sample.arrived_ns;
  }
  for (guint i = 1; i < 5; i++) {
    gint64 queued_ns = MAX (arrived_ns[i], foreseen_ns[i - 1] - 20 * MS);

    g_assert_cmpint (ABS (foreseen_ns[i] - queued_ns - 20 * MS - 1792000), <, 20);
  }
  close (fd);
}

static void
wait_watchers (WireCable *f, guint n)
{
  gint64 end_ns = wire_peer_now_ns () + PATIENCE_NS;

  for (;;) {
    g_autoptr (JsonNode) stats = wire_process_call (f->wire, "stats", "{}");
    JsonArray *cables = json_object_get_array_member (json_node_get_object (stats), "cables");
    JsonArray *ids = json_object_get_array_member (json_array_get_object_element (cables, 0),
                                                   "watches");

    if (json_array_get_length (ids) == n)
      return;
    g_assert_cmpint (wire_peer_now_ns (), <, end_ns);
    wire_cable_turn ();
  }
}

static void
test_readers (WireCable *f, gconstpointer data)
{
  int slow, quick;
  guint n_sent = 0;
  guint64 stood_for = 0;
  guint32 n_missed = 0;
  LoomFrameSample sample;
  gssize n;

  wire_cable_attach (f, "{}", "{}");
  slow = watch (f, "slow", 1000);
  quick = watch (f, "quick", 1000);
  wait_watchers (f, 2);
  /* More than a pipe of 64 KiB takes. */
  while (n_sent < 1500) {
    wire_cable_send (f, 0, n_sent++);
    g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, n_sent - 1);
    if (n_sent % 20 == 0)
      g_usleep (20000);
    while (read (quick, &sample, sizeof sample) == sizeof sample) {
      g_assert_cmpuint (sample.n_missed, ==, 0);
      stood_for += sample.n_frames;
    }
  }
  while (stood_for < n_sent && read_sample (quick, PATIENCE_NS, &sample))
    stood_for += sample.n_frames;
  g_assert_cmpuint (stood_for, ==, n_sent);
  /* The first for which there is room again tells it, which may be one of these. */
  while (read_sample (slow, 100 * MS, &sample))
    n_missed += sample.n_missed;
  wire_cable_send (f, 0, n_sent);
  while (n_missed == 0 && read_sample (slow, PATIENCE_NS, &sample))
    n_missed += sample.n_missed;
  g_assert_cmpuint (n_missed, >, 0);

  close (quick);
  wait_watchers (f, 1);
  g_assert_cmpuint (wire_process_count_notifications (f->wire, "watch-ended"), ==, 1);
  wire_process_do (f->wire, "unwatch", "{'id': 'slow'}");
  wait_watchers (f, 0);
  while ((n = read (slow, &sample, sizeof sample)) == sizeof sample)
    ;
  g_assert_cmpint (n, ==, 0);
  close (slow);
}

static void
test_refused (WireCable *f, gconstpointer data)
{
  static const char *const BAD[] = {
      "{}",
      "{'id': 'a', 'path': '/nowhere/at/all', 'cables': [1], 'per_second': 10}",
      "{'id': 'a', 'path': '/dev/null', 'cables': [], 'per_second': 10}",
      "{'id': 'a', 'path': '/dev/null', 'cables': ['x'], 'per_second': 10}",
      "{'id': 'a', 'path': '/dev/null', 'cables': [1], 'per_second': 0}",
      "{'id': 'a', 'path': '/dev/null', 'cables': [1], 'per_second': 1001}",
      "{'id': '', 'path': '/dev/null', 'cables': [1], 'per_second': 10}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (BAD); i++)
    g_free (wire_process_call_failing (f->wire, "watch", BAD[i]));
  g_free (wire_process_call_failing (f->wire, "unwatch", "{'id': 'a'}"));
}

int
main (int argc, char **argv)
{
  static const WireCableTest TESTS[] = {
      {"/wire-watch/passing", test_passing},   {"/wire-watch/fates", test_fates},
      {"/wire-watch/foreseen", test_foreseen}, {"/wire-watch/readers", test_readers},
      {"/wire-watch/refused", test_refused},
  };

  return wire_cable_run_tests (argc, argv, TESTS, G_N_ELEMENTS (TESTS));
}
