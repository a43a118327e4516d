/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames that are held, looked at and dealt with one by one, and frames that are captured: to
 * files, to pipes, within limits, after the fact. What was captured is read back by tshark, if
 * there. */

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/system/wire-cable.h"

#define COOKIE WIRE_CABLE_COOKIE
#define PATIENCE_NS WIRE_CABLE_PATIENCE_NS
#define QUIET_NS (50 * WIRE_CABLE_MS)
#define NOTHING G_MAXUINT64

/* Waits for @n frames to be held. (transfer full) */
static JsonNode *
wait_held (WireCable *f, guint n)
{
  gint64 end_ns = wire_peer_now_ns () + PATIENCE_NS;

  for (;;) {
    JsonNode *held = wire_process_call (f->wire, "held", "{'cable': %d}", COOKIE);

    if (json_array_get_length (json_node_get_array (held)) == n)
      return held;
    json_node_unref (held);
    g_assert_cmpint (wire_peer_now_ns (), <, end_ns);
    wire_cable_turn ();
  }
}

static void
hold (WireCable *f, const char *direction, const char *on, const char *filter)
{
  wire_process_do (f->wire, "hold", "{'cable': %d, 'direction': '%s', 'on': %s, 'filter': '%s'}",
                   COOKIE, direction, on, filter);
}

/* How many frames were concerned. */
static gint64
act (WireCable *f, const char *ids, const char *what)
{
  g_autoptr (JsonNode) answer = wire_process_call (
      f->wire, "act", "{'cable': %d, 'ids': %s, 'what': '%s', 'delay_ms': 100}", COOKIE, ids, what);

  return json_object_get_int_member (json_node_get_object (answer), "n");
}

static guint64
receive (WireCable *f, int to)
{
  gint64 delay_ns;

  return wire_cable_receive (f, to, PATIENCE_NS, &delay_ns);
}

static gboolean
is_silent (WireCable *f, int end)
{
  gint64 delay_ns;

  return wire_cable_receive (f, end, QUIET_NS, &delay_ns) == NOTHING;
}

static void
test_hold (WireCable *f, gconstpointer data)
{
  g_autoptr (JsonNode) held = NULL;
  JsonObject *first;

  wire_cable_attach (f, "{}", "{}");
  hold (f, "both", "true", "");
  for (guint64 i = 0; i < 3; i++)
    wire_cable_send (f, 0, i);
  held = wait_held (f, 3);
  wire_cable_send (f, 1, 10);
  json_node_unref (wait_held (f, 4));
  first = json_array_get_object_element (json_node_get_array (held), 0);
  g_assert_cmpstr (json_object_get_string_member (first, "direction"), ==, "forward");
  g_assert_cmpint (json_object_get_int_member (first, "length"), ==, WIRE_CABLE_SIZE);
  g_assert_true (g_str_has_prefix (json_object_get_string_member (first, "bytes_hex"),
                                   "ffffffffffff02000000000188b5"));
  g_assert_cmpuint (strlen (json_object_get_string_member (first, "bytes_hex")), ==, 2 * 96);
  g_assert_true (is_silent (f, 1));

  /* The oldest of either direction; then by name. */
  g_assert_cmpint (act (f, "[]", "release"), ==, 1);
  g_assert_cmpuint (receive (f, 1), ==, 0);
  g_assert_cmpint (act (f, "[4]", "release"), ==, 1);
  g_assert_cmpuint (receive (f, 0), ==, 10);
  g_assert_cmpint (act (f, "[4]", "release"), ==, 0);
  g_assert_cmpint (act (f, "[3, 2]", "release"), ==, 2);
  g_assert_cmpuint (receive (f, 1), ==, 2);
  g_assert_cmpuint (receive (f, 1), ==, 1);
  json_node_unref (wait_held (f, 0));

  wire_cable_send (f, 0, 20);
  json_node_unref (wait_held (f, 1));
  hold (f, "forward", "false", "");
  g_assert_cmpuint (receive (f, 1), ==, 20);
  wire_cable_send (f, 0, 21);
  g_assert_cmpuint (receive (f, 1), ==, 21);
  wire_cable_send (f, 1, 22);
  g_assert_true (is_silent (f, 0));
  g_assert_cmpint (act (f, "'all'", "release"), ==, 1);
  g_assert_cmpuint (receive (f, 0), ==, 22);
  g_assert_cmpuint (wire_process_count_notifications (f->wire, "held"), >, 0);
}

static guint
count_wrong_bits (WireCable *f)
{
  gint64 end_ns = wire_peer_now_ns () + PATIENCE_NS;
  struct rte_mbuf *packet;
  struct rte_mbuf *expected = wire_peer_alloc (f->peers[0]);
  const guint8 *a;
  const guint8 *b;
  guint n = 0;

  memset (rte_pktmbuf_mtod (expected, void *), 0, WIRE_CABLE_SIZE);
  while (wire_peer_receive (f->peers[1], &packet, 1) == 0)
    g_assert_cmpint (wire_peer_now_ns (), <, end_ns);
  a = rte_pktmbuf_mtod (packet, const guint8 *);
  b = rte_pktmbuf_mtod (expected, const guint8 *);
  g_assert_cmpuint (packet->pkt_len, ==, WIRE_CABLE_SIZE);
  for (guint i = 0; i < WIRE_CABLE_SIZE; i++)
    n += (guint) __builtin_popcount (a[i] ^ b[i]);
  rte_pktmbuf_free (packet);
  rte_pktmbuf_free (expected);
  return n;
}

static void
test_acts (WireCable *f, gconstpointer data)
{
  struct rte_mbuf *zeros;
  gint64 start_ns;

  wire_cable_attach (f, "{}", "{}");
  hold (f, "forward", "true", "");
  for (guint64 i = 1; i <= 4; i++)
    wire_cable_send (f, 0, i);
  json_node_unref (wait_held (f, 4));
  g_assert_cmpint (act (f, "[1]", "drop"), ==, 1);
  g_assert_cmpint (act (f, "[2]", "duplicate"), ==, 1);
  g_assert_cmpuint (receive (f, 1), ==, 2);
  g_assert_cmpuint (receive (f, 1), ==, 2);
  start_ns = wire_peer_now_ns ();
  g_assert_cmpint (act (f, "[3]", "delay"), ==, 1);
  g_assert_cmpint (act (f, "[4]", "release"), ==, 1);
  g_assert_cmpuint (receive (f, 1), ==, 4);
  g_assert_cmpuint (receive (f, 1), ==, 3);
  g_assert_cmpint (wire_peer_now_ns () - start_ns, >=, 100 * WIRE_CABLE_MS);

  zeros = wire_peer_alloc (f->peers[0]);
  memset (rte_pktmbuf_append (zeros, WIRE_CABLE_SIZE), 0, WIRE_CABLE_SIZE);
  wire_cable_send_packet (f, 0, zeros);
  json_node_unref (wait_held (f, 1));
  g_assert_cmpint (act (f, "[]", "corrupt"), ==, 1);
  g_assert_cmpuint (count_wrong_bits (f), ==, 1);
}

static void
test_hold_filter (WireCable *f, gconstpointer data)
{
  g_autofree char *error = NULL;

  wire_cable_attach (f, "{}", "{}");
  hold (f, "both", "true", "ether proto 0x88b5 and greater 500");
  wire_cable_send (f, 0, 1);
  g_assert_true (wire_peer_send_marked (f->peers[0], 600, 2));
  wire_cable_send (f, 0, 3);
  g_assert_cmpuint (receive (f, 1), ==, 1);
  g_assert_cmpuint (receive (f, 1), ==, 3);
  json_node_unref (wait_held (f, 1));
  error = wire_process_call_failing (
      f->wire, "hold", "{'cable': 7, 'direction': 'both', 'on': true, 'filter': 'tcp sny'}");
  g_test_message ("%s", error);
  g_assert_nonnull (strstr (error, "syntax"));
}

static void
test_hold_limit (WireCable *f, gconstpointer data)
{
  g_autoptr (JsonNode) answer = NULL;

  wire_cable_attach (f, "{}", "{}");
  hold (f, "forward", "true", "");
  for (guint64 i = 0; i < 1100; i++) {
    wire_cable_send (f, 0, i);
    if (i % 50 == 0)
      json_node_unref (wait_held (f, (guint) MIN (i + 1, 1000)));
  }
  while (wire_process_read_counter (f->wire, COOKIE, "forward", "frames_in") < 1100)
    wire_cable_turn ();
  json_node_unref (wait_held (f, 1000));
  g_assert_cmpint (wire_process_read_counter (f->wire, COOKIE, "forward", "queue_drops"), ==, 100);
  answer = wire_process_call (f->wire, "detach", "{'cable': %d}", COOKIE);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (answer), "dropped"), ==, 1000);
}

/* (transfer full) (nullable): what tshark says of the file's frames: interface, direction, length.
 */
static char *
read_back (const char *path)
{
  const char *argv[] = {"tshark",
                        "-r",
                        path,
                        "-T",
                        "fields",
                        "-E",
                        "separator=/s",
                        "-e",
                        "frame.interface_name",
                        "-e",
                        "frame.packet_flags_direction",
                        "-e",
                        "frame.len",
                        "-e",
                        "frame.cap_len",
                        NULL};
  g_autofree char *errors = NULL;
  char *output = NULL;
  int status;

  if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, &errors,
                     &status, NULL)) {
    g_test_message ("tshark is not installed: the file is not read back");
    return NULL;
  }
  if (status != 0)
    g_test_message ("tshark: %s", errors);
  g_assert_cmpint (status, ==, 0);
  return output;
}

static void
assert_read_back (const char *path, const char *expected)
{
  g_autofree char *output = read_back (path);

  if (output != NULL)
    g_assert_cmpstr (output, ==, expected);
}

static guint
count_lines (const char *path)
{
  g_autofree char *output = read_back (path);
  guint n = 0;

  for (const char *c = output; c != NULL && *c != '\0'; c++)
    n += *c == '\n';
  return n;
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
    g_assert_cmpuint (receive (f, 1 - from), ==, i);
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
  g_assert_true (is_silent (f, 1));
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
  g_assert_cmpuint (receive (f, 1), ==, 9);
  stop (f, &frames, &dropped, &bytes);
  g_assert_cmpint (frames, ==, 1);
  assert_read_back (path, "pc1:0 0x00000002 600 600\n");
  g_assert_no_errno (g_unlink (path));
}

static void
wait_ended (WireCable *f)
{
  gint64 end_ns = wire_peer_now_ns () + PATIENCE_NS;

  while (wire_process_count_notifications (f->wire, "capture-ended") == 0) {
    g_assert_cmpint (wire_peer_now_ns (), <, end_ns);
    wire_cable_turn ();
  }
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
  wait_ended (f);
  stop (f, &frames, &dropped, &bytes);
  g_assert_cmpint (bytes, >, 9000);
  g_assert_cmpint (bytes, <=, 10100);
  g_assert_true (count_lines (path) == 0 || count_lines (path) == 9800 / 244);
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
    g_assert_cmpint (status.st_size, <=, 4100);
    count_lines (name);
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
  wait_ended (f);
  pass (f, 0, 10);
  stop (f, &frames, &dropped, &bytes);
  g_assert_cmpint (bytes, ==, 0);
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
  wait_ended (f);
  stop (f, &frames, &dropped, &bytes);
  g_assert_cmpint (frames, ==, 11);
  g_assert_no_errno (g_unlink (path));
}

static void
test_capture_recent (WireCable *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "a.pcapng", NULL);
  g_autofree char *error = NULL;
  gint64 frames, dropped, bytes;
  guint n;

  wire_cable_attach (f, "{}", "{}");
  wire_process_do (f->wire, "capture",
                   "{'id': 'c', 'mode': 'recent', 'cables': [%d], 'max_bytes': 10000}", COOKIE);
  pass (f, 0, 100);
  wire_process_do (f->wire, "capture-save", "{'id': 'c', 'path': '%s'}", path);
  n = count_lines (path);
  g_assert_true (n == 0 || n == 10000 / (WIRE_CABLE_SIZE + 24));
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
  wait_ended (f);
  /* What comes later is not in it; the cable may go before its capture. */
  pass (f, 0, 5);
  wire_process_do (f->wire, "detach", "{'cable': %d}", COOKIE);
  stop (f, &frames, &dropped, &bytes);
  g_assert_cmpint (frames, ==, 5);
  g_assert_no_errno (g_unlink (path));
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("wire-test-XXXXXX", NULL);
  const char *remove[] = {"rm", "-rf", "--", folder, NULL};
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!wire_peer_init_dpdk (folder)) {
    g_print ("1..0 # SKIP DPDK does not start here\n");
    return 0;
  }
#define ADD(path, func)                                                                            \
  g_test_add ("/wire-taps/" path, WireCable, NULL, wire_cable_set_up, func, wire_cable_tear_down)
  ADD ("hold", test_hold);
  ADD ("acts", test_acts);
  ADD ("hold-filter", test_hold_filter);
  ADD ("hold-limit", test_hold_limit);
  ADD ("capture", test_capture);
  ADD ("capture-filter", test_capture_filter);
  ADD ("capture-limit", test_capture_limit);
  ADD ("capture-in-turn", test_capture_in_turn);
  ADD ("capture-full", test_capture_full);
  ADD ("capture-pipe", test_capture_pipe);
  ADD ("capture-recent", test_capture_recent);
  ADD ("capture-seconds", test_capture_seconds);
#undef ADD
  status = g_test_run ();
  g_spawn_sync (NULL, (char **) remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                NULL);
  return status;
}
