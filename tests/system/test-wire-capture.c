/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames that are captured: to files, to pipes, within limits, after the fact. What was captured is
 * read back by tshark, if there. */

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/system/wire-cable.h"
#include "tests/unit/wire/tshark.h"

#define COOKIE WIRE_CABLE_COOKIE
#define PATIENCE_NS WIRE_CABLE_PATIENCE_NS
/* More than a pipe has room for; and how often the wire looks how many frames are held. */
#define PIPE_FRAMES 600
#define HELD_PERIOD_US 100000
/* What a recent capture keeps. */
#define RECENT_S 0.3

/* (transfer full) (nullable): interface, direction, lengths of each frame; NULL: no tshark. */
static char *
read_back (const char *path)
{
  static const char *const FIELDS[] = {"frame.interface_name", "frame.packet_flags_direction",
                                       "frame.len", "frame.cap_len", NULL};

  return tshark_read (path, FIELDS);
}

static void
assert_read_back (const char *path, const char *expected)
{
  g_autofree char *output = read_back (path);

  if (output != NULL)
    g_assert_cmpstr (output, ==, expected);
}

/* Between @min and @max frames. */
static void
assert_n_frames (const char *path, guint min, guint max)
{
  g_autofree char *output = read_back (path);
  guint n = 0;

  if (output == NULL)
    return;
  for (const char *c = output; *c != '\0'; c++)
    n += *c == '\n';
  g_assert_cmpuint (n, >=, min);
  g_assert_cmpuint (n, <=, max);
}

/* The counts that capture-stop answers. */
static void
stop (WireCable *f, gint64 *ret_frames, gint64 *ret_dropped, gint64 *ret_bytes)
{
  g_autoptr (JsonNode) answer = wire_process_call (f->wire, "capture-stop", "{'id': 'c'}");
  JsonObject *object = json_node_get_object (answer);

  *ret_frames = json_object_get_int_member (object, "frames");
  *ret_dropped = json_object_get_int_member (object, "dropped");
  *ret_bytes = json_object_get_int_member (object, "bytes");
}

static void
pass (WireCable *f, int from, guint64 n)
{
  for (guint64 i = 0; i < n; i++) {
    wire_cable_send (f, from, i);
    g_assert_cmpuint (wire_cable_receive_next (f, 1 - from), ==, i);
  }
}

static void
test_capture (WireCable *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "a.pcapng", NULL);
  gint64 frames, dropped, bytes;
  struct stat status;

  wire_cable_attach (f, "{}", "{}");
  wire_process_do (f->wire, "capture",
                   "{'id': 'c', 'cables': [{'cable': %d, 'end': 0}, {'cable': %d, 'end': 1}],"
                   " 'path': '%s', 'snaplen': 96}",
                   COOKIE, COOKIE, path);
  pass (f, 0, 1);
  wire_process_do (f->wire, "set", "{'cable': %d, 'forward': {'loss_percent': 100}}", COOKIE);
  wire_cable_send (f, 0, 7);
  g_assert_true (wire_cable_is_silent (f, 1));
  pass (f, 1, 1);
  stop (f, &frames, &dropped, &bytes);
  g_assert_cmpint (frames, ==, 5);
  g_assert_cmpint (dropped, ==, 0);
  g_assert_no_errno (stat (path, &status));
  g_assert_cmpint (status.st_size, ==, bytes);
  /* 1 is in, 2 is out. A frame that was lost left its end and came to no other. */
  assert_read_back (path, "pc1:0 0x00000002 200 96\npc2:0 0x00000001 200 96\n"
                          "pc1:0 0x00000002 200 96\n"
                          "pc2:0 0x00000002 200 96\npc1:0 0x00000001 200 96\n");
  g_assert_no_errno (g_unlink (path));
}

static void
test_capture_filter (WireCable *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "a.pcapng", NULL);
  g_autofree char *error = NULL;
  gint64 frames, dropped, bytes;

  wire_cable_attach (f, "{}", "{}");
  error = wire_process_call_failing (
      f->wire, "capture", "{'id': 'c', 'cables': [7], 'path': '/x', 'filter': 'nonsense here'}");
  wire_process_do (f->wire, "capture",
                   "{'id': 'c', 'cables': [%d], 'path': '%s', 'filter': 'greater 500'}", COOKIE,
                   path);
  pass (f, 0, 3);
  g_assert_true (wire_peer_send_marked (f->peers[0], 600, 9));
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 9);
  stop (f, &frames, &dropped, &bytes);
  g_assert_cmpint (frames, ==, 1);
  assert_read_back (path, "pc1:0 0x00000002 600 600\n");
  g_assert_no_errno (g_unlink (path));
}

/* @reason: "limit", … */
static void
wait_ended (WireCable *f, const char *reason)
{
  gint64 end_ns = wire_peer_now_ns () + PATIENCE_NS;

  while (wire_process_count_notifications (f->wire, "capture-ended") == 0) {
    g_assert_cmpint (wire_peer_now_ns (), <, end_ns);
    wire_cable_turn ();
  }
  g_assert_cmpstr (
      loom_json_get_string (wire_process_get_notification (f->wire, "capture-ended"), "reason"), ==,
      reason);
}

static void
test_capture_limit (WireCable *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "a.pcapng", NULL);
  gint64 frames, dropped, bytes;

  wire_cable_attach (f, "{}", "{}");
  wire_process_do (f->wire, "capture",
                   "{'id': 'c', 'cables': [%d], 'path': '%s', 'max_bytes': 10000}", COOKIE, path);
  pass (f, 0, 100);
  wait_ended (f, "limit");
  stop (f, &frames, &dropped, &bytes);
  g_assert_cmpint (bytes, >, 9000);
  g_assert_cmpint (bytes, <=, 10000);
  assert_n_frames (path, 9800 / 244, 9800 / 244);
  g_assert_no_errno (g_unlink (path));
}

static void
test_capture_in_turn (WireCable *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "a.pcapng", NULL);
  gint64 frames, dropped, bytes;

  wire_cable_attach (f, "{}", "{}");
  wire_process_do (f->wire, "capture",
                   "{'id': 'c', 'cables': [%d], 'path': '%s', 'max_bytes': 4000, 'ring_files': 3}",
                   COOKIE, path);
  pass (f, 0, 100);
  stop (f, &frames, &dropped, &bytes);
  g_assert_cmpint (frames, ==, 100);
  for (int i = 1; i <= 4; i++) {
    g_autofree char *name = g_strdup_printf ("%s/a-%d.pcapng", f->folder, i);
    struct stat status;

    g_assert_cmpint (stat (name, &status), ==, i <= 3 ? 0 : -1);
    if (i > 3)
      continue;
    g_assert_cmpint (status.st_size, <=, 4000);
    assert_n_frames (name, 1, 4100 / WIRE_CABLE_SIZE);
    g_assert_no_errno (g_unlink (name));
  }
}

static void
test_capture_full (WireCable *f, gconstpointer data)
{
  gint64 frames, dropped, bytes;

  wire_cable_attach (f, "{}", "{}");
  wire_process_do (f->wire, "capture", "{'id': 'c', 'cables': [%d], 'path': '/dev/full'}", COOKIE);
  pass (f, 0, 10);
  wait_ended (f, "full");
  pass (f, 0, 10);
  stop (f, &frames, &dropped, &bytes);
  g_assert_cmpint (frames, ==, 0);
  g_assert_cmpint (bytes, ==, 0);
}

static void
test_capture_nowhere (WireCable *f, gconstpointer data)
{
  wire_cable_attach (f, "{}", "{}");
  wire_process_do (f->wire, "capture", "{'id': 'c', 'cables': [%d], 'path': '/nowhere/at/all'}",
                   COOKIE);
  wait_ended (f, "failed");
}

/* As Wireshark reads: it comes later, and goes when it likes. */
static void
test_capture_pipe (WireCable *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "pipe", NULL);
  gint64 frames, dropped, bytes;
  guint8 octets[65536];
  gint64 end_ns;
  gssize n = 0;
  int fd;

  wire_cable_attach (f, "{}", "{}");
  g_assert_no_errno (mkfifo (path, 0600));
  wire_process_do (f->wire, "capture", "{'id': 'c', 'cables': [%d], 'path': '%s'}", COOKIE, path);
  pass (f, 0, 10);
  fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  end_ns = wire_peer_now_ns () + PATIENCE_NS;
  while (n < 10 * WIRE_CABLE_SIZE) {
    gssize more = read (fd, octets + n, sizeof octets - (gsize) n);

    n += MAX (more, 0);
    g_assert_cmpint (wire_peer_now_ns (), <, end_ns);
  }
  g_assert_cmpuint (*(guint32 *) octets, ==, 0x0a0d0d0a);
  close (fd);
  pass (f, 0, 1);
  wait_ended (f, "reader");
  stop (f, &frames, &dropped, &bytes);
  g_assert_cmpint (frames, ==, 10); /* the last was for nobody */
  g_assert_no_errno (g_unlink (path));
}

/* Told to end, the wire waits for the last octets of a capture whose reader is stuck. What else its
 * clock would do meanwhile (a cable is held, and watched) has no datapath any more. */
static void
test_end_stuck (WireCable *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "pipe", NULL);
  int fd;

  wire_cable_attach (f, "{}", "{}");
  g_assert_no_errno (mkfifo (path, 0600));
  fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  wire_process_do (f->wire, "capture", "{'id': 'c', 'cables': [%d], 'path': '%s'}", COOKIE, path);
  wire_process_do (f->wire, "hold",
                   "{'cable': %d, 'direction': 'backward', 'on': true, 'filter': ''}", COOKIE);
  pass (f, 0, PIPE_FRAMES);
  wire_process_shut_down (f->wire);
  g_usleep (3 * HELD_PERIOD_US);
  close (fd);
  g_assert_no_errno (g_unlink (path));
}

static void
test_capture_recent (WireCable *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "a.pcapng", NULL);
  g_autofree char *error = NULL;
  gint64 frames, dropped, bytes;

  wire_cable_attach (f, "{}", "{}");
  wire_process_do (f->wire, "capture",
                   "{'id': 'c', 'mode': 'recent', 'cables': [%d], 'max_bytes': 10000}", COOKIE);
  pass (f, 0, 100);
  wire_process_do (f->wire, "capture-save", "{'id': 'c', 'path': '%s'}", path);
  assert_n_frames (path, 10000 / (WIRE_CABLE_SIZE + 24), 10000 / (WIRE_CABLE_SIZE + 24));
  error = wire_process_call_failing (f->wire, "capture-save",
                                     "{'id': 'c', 'path': '/nowhere/at/all'}");
  stop (f, &frames, &dropped, &bytes);
  g_assert_cmpint (frames, ==, 100);
  g_assert_no_errno (g_unlink (path));
}

static void
test_capture_seconds (WireCable *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "a.pcapng", NULL);
  gint64 frames, dropped, bytes;

  wire_cable_attach (f, "{}", "{}");
  wire_process_do (f->wire, "capture", "{'id': 'c', 'cables': [%d], 'path': '%s', 'seconds': 0.2}",
                   COOKIE, path);
  pass (f, 0, 5);
  wait_ended (f, "limit");
  /* What comes later is not in it; the cable may go before its capture. */
  pass (f, 0, 5);
  wire_process_do (f->wire, "detach", "{'cable': %d}", COOKIE);
  stop (f, &frames, &dropped, &bytes);
  g_assert_cmpint (frames, ==, 5);
  g_assert_no_errno (g_unlink (path));
}

/* Without a frame that pushes them out. */
static void
test_recent_ages (WireCable *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "a.pcapng", NULL);
  gint64 frames, dropped, bytes;

  wire_cable_attach (f, "{}", "{}");
  wire_process_do (f->wire, "capture",
                   "{'id': 'c', 'mode': 'recent', 'cables': [%d], 'seconds': %g}", COOKIE,
                   RECENT_S);
  pass (f, 0, 5);
  g_usleep ((gulong) (2 * RECENT_S * G_USEC_PER_SEC));
  wire_process_do (f->wire, "capture-save", "{'id': 'c', 'path': '%s'}", path);
  assert_n_frames (path, 0, 0);
  stop (f, &frames, &dropped, &bytes);
  g_assert_cmpint (frames, ==, 5);
  g_assert_cmpint (bytes, ==, 0); /* of memory */
  g_assert_no_errno (g_unlink (path));
}

static void
detach (WireCable *f)
{
  wire_process_do (f->wire, "detach", "{'cable': %d}", COOKIE);
  for (int i = 0; i < 2; i++)
    g_clear_pointer (&f->peers[i], wire_peer_free);
}

static void
capture_into_memory (WireCable *f, const char *id)
{
  wire_process_do (f->wire, "capture", "{'id': '%s', 'mode': 'recent', 'cables': [%d]}", id,
                   COOKIE);
}

/* How many captures the wire says the cable has. */
static guint
count_captures (WireCable *f)
{
  g_autoptr (JsonNode) answer = wire_process_call (f->wire, "stats", "{}");
  JsonArray *cables = loom_json_get_array (loom_json_node_object (answer), "cables");

  g_assert_cmpuint (json_array_get_length (cables), ==, 1);
  return json_array_get_length (
      loom_json_get_array (json_array_get_object_element (cables, 0), "captures"));
}

/* A capture is of the cable that there was, not of the next that is called the same. */
static void
test_attached_again (WireCable *f, gconstpointer data)
{
  static const char *const ids[] = {"1", "2", "3", "4"};
  g_autofree char *error = NULL;
  gint64 frames, dropped, bytes;

  wire_cable_attach (f, "{}", "{}");
  capture_into_memory (f, "c");
  pass (f, 0, 2);
  g_assert_cmpuint (count_captures (f), ==, 1);
  detach (f);
  wire_cable_attach (f, "{}", "{}");
  g_assert_cmpuint (count_captures (f), ==, 0);
  pass (f, 0, 2);
  stop (f, &frames, &dropped, &bytes);
  g_assert_cmpint (frames, ==, 2);
  /* There is room for as many as before. */
  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    capture_into_memory (f, ids[i]);
  error = wire_process_call_failing (f->wire, "capture",
                                     "{'id': '5', 'mode': 'recent', 'cables': [7]}");
  g_assert_true (g_str_has_suffix (error, "too many captures at this end of the cable"));
}

/* Who wants it goes, and tells nobody. */
static void
test_owner (WireCable *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "a.pcapng", NULL);
  g_autofree char *pipe = g_build_filename (f->folder, "owner", NULL);
  g_autofree char *error = NULL;
  struct stat before, after;
  int fd;

  wire_cable_attach (f, "{}", "{}");
  g_assert_no_errno (mkfifo (pipe, 0600));
  fd = open (pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  wire_process_do (f->wire, "capture", "{'id': 'c', 'cables': [%d], 'path': '%s', 'owner': '%s'}",
                   COOKIE, path, pipe);
  pass (f, 0, 5);
  g_assert_cmpuint (wire_process_count_notifications (f->wire, "capture-ended"), ==, 0);
  close (fd);
  wait_ended (f, "owner");
  g_assert_cmpuint (count_captures (f), ==, 0);
  assert_n_frames (path, 5, 5);
  g_assert_no_errno (stat (path, &before));
  pass (f, 0, 5);
  error = wire_process_call_failing (f->wire, "capture-stop", "{'id': 'c'}");
  g_assert_no_errno (stat (path, &after));
  g_assert_cmpint (before.st_size, ==, after.st_size);
  g_assert_no_errno (g_unlink (path));
  g_assert_no_errno (g_unlink (pipe));
}

/* It hears why the capture ended by itself, whoever else does. */
static void
test_owner_told (WireCable *f, gconstpointer data)
{
  g_autofree char *pipe = g_build_filename (f->folder, "owner", NULL);
  char line[512];
  gssize size;
  int fd;

  wire_cable_attach (f, "{}", "{}");
  g_assert_no_errno (mkfifo (pipe, 0600));
  fd = open (pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  wire_process_do (f->wire, "capture",
                   "{'id': 'c', 'cables': [%d], 'path': '/dev/full', 'owner': '%s'}", COOKIE, pipe);
  pass (f, 0, 5);
  wait_ended (f, "full");
  size = read (fd, line, sizeof line - 1);
  g_assert_cmpint (size, >, 0);
  line[size] = '\0';
  g_assert_true (g_str_has_prefix (line, "full\t"));
  g_assert_true (g_str_has_suffix (line, ".\n"));
  wire_process_do (f->wire, "capture-stop", "{'id': 'c'}");
  close (fd);
  g_assert_no_errno (g_unlink (pipe));
}

static void
test_owner_gone_before (WireCable *f, gconstpointer data)
{
  g_autofree char *pipe = g_build_filename (f->folder, "owner", NULL);
  g_autofree char *params = g_strdup_printf (
      "{'id': 'c', 'mode': 'recent', 'cables': [%d], 'owner': '%s'}", COOKIE, pipe);
  g_autofree char *error = NULL;

  wire_cable_attach (f, "{}", "{}");
  g_assert_no_errno (mkfifo (pipe, 0600));
  error = wire_process_call_failing (f->wire, "capture", params);
  g_assert_true (g_str_has_suffix (error, "who wants the capture is gone"));
  g_assert_cmpuint (count_captures (f), ==, 0);
  g_assert_no_errno (g_unlink (pipe));
}

int
main (int argc, char **argv)
{
  static const WireCableTest TESTS[] = {
      {"/wire-capture/capture", test_capture},
      {"/wire-capture/filter", test_capture_filter},
      {"/wire-capture/limit", test_capture_limit},
      {"/wire-capture/in-turn", test_capture_in_turn},
      {"/wire-capture/full", test_capture_full},
      {"/wire-capture/nowhere", test_capture_nowhere},
      {"/wire-capture/pipe", test_capture_pipe},
      {"/wire-capture/end-stuck", test_end_stuck},
      {"/wire-capture/recent", test_capture_recent},
      {"/wire-capture/recent-ages", test_recent_ages},
      {"/wire-capture/seconds", test_capture_seconds},
      {"/wire-capture/attached-again", test_attached_again},
      {"/wire-capture/owner", test_owner},
      {"/wire-capture/owner-told", test_owner_told},
      {"/wire-capture/owner-gone-before", test_owner_gone_before},
  };

  return wire_cable_run_tests (argc, argv, TESTS, G_N_ELEMENTS (TESTS));
}
