/* SPDX-License-Identifier: GPL-3.0-or-later */

/* lanloom-wire with the test at both ends of its cable, where the switch would be: frames, settings
 * that change under traffic, ends that go and come again. Segments are in test-wire-segments.c,
 * what is held in test-wire-hold.c, captured in test-wire-capture.c, watched in test-wire-watch.c.
 */

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/system/wire-cable.h"

#define BURST 32
#define N_BURSTS 40
/* Fewer than the wire has, and more than it waits for, or poll (2) would refuse; for how long. */
#define N_DESCRIPTORS 12
#define FULL_NS (2000 * WIRE_CABLE_MS)
/* Frames that wait at a switch that does not look: backend/wire/vring.h. */
#define RING_SIZE 1024

static void
test_pass (WireCable *f, gconstpointer data)
{
  wire_cable_attach (f, "{}", "{}");
  for (guint64 i = 0; i < 1000; i++) {
    wire_cable_send (f, i % 2, i);
    g_assert_cmpuint (wire_cable_receive_next (f, 1 - i % 2), ==, i);
  }
  g_assert_cmpint (wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "forward", "frames_in"),
                   ==, 500);
  g_assert_cmpint (wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "forward", "frames_out"),
                   ==, 500);
  g_assert_cmpint (wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "backward", "bytes_out"),
                   ==, 500 * WIRE_CABLE_SIZE);
  g_assert_cmpuint (wire_process_count_notifications (f->wire, "connected"), ==, 2);
}

#define DELAY_NS (20 * WIRE_CABLE_MS)
/* A wire that is right is late only when it is kept from its turn, and not with each of so many. */
#define N_TRIES 50
#define SLACK_NS (5 * WIRE_CABLE_MS)

/* Sends frames one at a time until one took less than @limit_ns; none may take less than
 * @least_ns. */
static void
send_until_timely (WireCable *f, int from, gint64 least_ns, gint64 limit_ns)
{
  gint64 delay_ns = limit_ns;

  for (guint64 i = 0; delay_ns >= limit_ns; i++) {
    g_assert_cmpuint (i, <, N_TRIES);
    wire_cable_send (f, from, i);
    g_assert_cmpuint (wire_cable_receive (f, 1 - from, WIRE_CABLE_PATIENCE_NS, &delay_ns), ==, i);
    g_assert_cmpint (delay_ns, >=, least_ns);
  }
}

static void
test_delay (WireCable *f, gconstpointer data)
{
  double measured_ms;

  wire_cable_attach (f, "{'delay_ms': 20}", "{}");
  for (int i = 0; i < 10; i++)
    send_until_timely (f, 0, DELAY_NS, DELAY_NS + SLACK_NS);
  measured_ms = wire_process_read_measured (f->wire, WIRE_CABLE_COOKIE, "forward", "delay_ms");
  g_test_message ("asked 20 ms, measured %.3f ms", measured_ms);
  g_assert_cmpfloat (measured_ms, >=, 20);
  /* Of all frames, the late ones as well. */
  g_assert_cmpfloat (measured_ms, <, 70);
  send_until_timely (f, 1, 0, DELAY_NS);
}

static void
test_loss (WireCable *f, gconstpointer data)
{
  wire_cable_attach (f, "{'loss_percent': 100}", "{}");
  for (guint64 i = 0; i < 50; i++)
    wire_cable_send (f, 0, i);
  g_assert_true (wire_cable_is_silent (f, 1));
  g_assert_cmpint (wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "forward", "lost"), ==,
                   50);
  g_assert_cmpfloat (
      wire_process_read_measured (f->wire, WIRE_CABLE_COOKIE, "forward", "loss_percent"), ==, 100);
  wire_cable_set (f, "{'duplicate_percent': 100}");
  wire_cable_send (f, 0, 99);
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 99);
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 99);
  g_assert_cmpint (wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "forward", "duplicated"),
                   ==, 1);
}

/* A hundred changes while frames are under way: every frame arrives, in order. */
static void
test_set_loses_nothing (WireCable *f, gconstpointer data)
{
  guint64 n_sent = 0;
  guint64 n_received = 0;
  gint64 end_ns = wire_peer_now_ns () + 2 * WIRE_CABLE_PATIENCE_NS;
  gint64 delay_ns;
  guint64 number;

  wire_cable_attach (f, "{}", "{}");
  for (int change = 0; change < 100; change++) {
    g_autofree char *settings = g_strdup_printf ("{'delay_ms': %d, 'rate_mbps': %d}",
                                                 change * 7 % 20, change % 3 * 100);

    wire_cable_set (f, settings);
    for (int i = 0; i < 20; i++)
      wire_cable_send (f, 0, n_sent++);
    while (wire_peer_receive_marked (f->peers[1], &number, &delay_ns))
      g_assert_cmpuint (number, ==, n_received++);
  }
  while (n_received < n_sent && wire_peer_now_ns () < end_ns)
    g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, n_received++);
  g_assert_cmpuint (n_sent, ==, 2000);
  g_assert_cmpuint (n_received, ==, n_sent);
}

static void
wait_for_counter (WireCable *f, const char *direction, const char *name, gint64 n)
{
  gint64 end_ns = wire_peer_now_ns () + WIRE_CABLE_PATIENCE_NS;

  while (wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, direction, name) < n) {
    g_assert_cmpint (wire_peer_now_ns (), <, end_ns);
    wire_cable_turn ();
  }
}

/* Waits until so many ends were said to have come or gone. */
static void
wait_connected (WireCable *f, guint n)
{
  gint64 end_ns = wire_peer_now_ns () + WIRE_CABLE_PATIENCE_NS;

  while (wire_process_count_notifications (f->wire, "connected") < n) {
    g_assert_cmpint (wire_peer_now_ns (), <, end_ns);
    wire_cable_turn ();
  }
}

static void
test_reconnect (WireCable *f, gconstpointer data)
{
  static const char *const TO[] = {"backward", "forward"};

  wire_cable_attach (f, "{}", "{}");
  wire_cable_send (f, 0, 1);
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 1);
  for (guint i = 0; i < 2; i++) {
    guint n = wire_process_count_notifications (f->wire, "connected");

    g_clear_pointer (&f->peers[i], wire_peer_free);
    wait_connected (f, n + 1);
    wire_cable_send (f, 1 - i, 2);
    wait_for_counter (f, TO[i], "unconnected_drops", 1);
    wire_cable_connect (f);
    wire_cable_send (f, 0, 3);
    g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 3);
    wire_cable_send (f, 1, 4);
    g_assert_cmpuint (wire_cable_receive_next (f, 0), ==, 4);
  }
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (
        wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, TO[i], "unconnected_drops"), ==, 1);
}

static void
test_detach (WireCable *f, gconstpointer data)
{
  g_autoptr (JsonNode) answer = NULL;
  g_autofree char *error = NULL;

  wire_cable_attach (f, "{'delay_ms': 60000}", "{'rate_mbps': 0.001}");
  for (guint64 i = 0; i < 10; i++) {
    wire_cable_send (f, 0, i);
    wire_cable_send (f, 1, i);
  }
  wait_for_counter (f, "forward", "frames_in", 10);
  wait_for_counter (f, "backward", "frames_in", 10);
  answer = wire_process_call (f->wire, "detach", "{'cable': %d}", WIRE_CABLE_COOKIE);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (answer), "dropped"), ==, 20);
  g_assert_false (g_file_test (f->paths[0], G_FILE_TEST_EXISTS));
  error = wire_process_call_failing (f->wire, "detach", "{'cable': 7}");
  g_test_message ("%s", error);
  for (int i = 0; i < 2; i++)
    g_clear_pointer (&f->peers[i], wire_peer_free);
  /* And again, with the same name. */
  wire_cable_attach (f, "{}", "{}");
  wire_cable_send (f, 0, 5);
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 5);
}

/* An engine whose first attempt was answered too late asks again. */
static void
test_attach_again (WireCable *f, gconstpointer data)
{
  wire_cable_attach (f, "{'loss_percent': 100}", "{}");
  wait_connected (f, 2);
  wire_cable_attach (f, "{}", "{}");
  wait_connected (f, 4);
  wire_cable_send (f, 0, 5);
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 5);
}

/* Sends as many frames at once as the wire takes at a time, and lets them through. */
static void
pass_burst (WireCable *f, int from)
{
  struct rte_mbuf *packets[BURST];
  guint n_sent = 0;

  for (guint i = 0; i < BURST; i++) {
    packets[i] = wire_peer_alloc (f->peers[from]);
    wire_peer_mark (packets[i], WIRE_CABLE_SIZE, i, wire_peer_now_ns ());
  }
  while (n_sent < BURST)
    n_sent += wire_peer_send (f->peers[from], packets + n_sent, BURST - n_sent);
  for (guint i = 0; i < BURST; i++)
    g_assert_cmpuint (wire_cable_receive_next (f, 1 - from), ==, i);
}

/* Each port fills up by as much as comes at once; 1024 frames are what one ring takes. */
static void
test_room_for_others (WireCable *unused, gconstpointer data)
{
  WireCable f = {.n_buffers = 1024};
  WirePeer *first[2];
  char *paths[2];

  wire_cable_set_up (&f, NULL);
  wire_cable_attach (&f, "{}", "{}");
  for (guint i = 0; i < N_BURSTS; i++)
    pass_burst (&f, i % 2);
  for (int i = 0; i < 2; i++) {
    first[i] = g_steal_pointer (&f.peers[i]);
    paths[i] = f.paths[i];
    f.paths[i] = g_strdup_printf ("%s/other.%d", f.folder, i);
  }
  wire_process_do (f.wire, "attach",
                   "{'cable': %d, 'key': 'pc3:0 pc4:0', 'seed': 1, 'sockets': ['%s', '%s'],"
                   " 'forward': {}, 'backward': {}}",
                   WIRE_CABLE_COOKIE + 1, f.paths[0], f.paths[1]);
  wire_cable_connect (&f);
  for (int i = 0; i < 2; i++) {
    wire_cable_send (&f, i, 1);
    g_assert_cmpuint (wire_cable_receive_next (&f, 1 - i), ==, 1);
  }
  for (int i = 0; i < 2; i++) {
    wire_peer_free (first[i]);
    g_free (paths[i]);
  }
  wire_cable_tear_down (&f, NULL);
}

/* Somebody floods a long cable: another one, here the way back, has room left. */
static void
test_flood_alone (WireCable *unused, gconstpointer data)
{
  WireCable f = {.n_buffers = 4096};

  wire_cable_set_up (&f, NULL);
  wire_cable_attach (&f, "{'delay_ms': 60000}", "{'delay_ms': 1}");
  for (guint64 i = 0; i < f.n_buffers; i++)
    wire_cable_send (&f, 0, i);
  wait_for_counter (&f, "forward", "frames_in", f.n_buffers);
  g_assert_cmpint (wire_process_read_counter (f.wire, WIRE_CABLE_COOKIE, "forward", "queue_drops"),
                   >, 0);
  for (guint64 i = 0; i < 100; i++) {
    wire_cable_send (&f, 1, i);
    g_assert_cmpuint (wire_cable_receive_next (&f, 0), ==, i);
  }
  wire_cable_tear_down (&f, NULL);
}

static void
test_refused (WireCable *f, gconstpointer data)
{
  static const char *const BAD[][2] = {
      {"attach", "{}"},
      {"attach", "{'cable': 1, 'key': 'a:0 b:0', 'sockets': ['/nowhere/x']}"},
      {"attach", "{'cable': 1, 'key': 'a:0 b:0', 'sockets': ['/nowhere/x', '/nowhere/y']}"},
      {"attach", "{'cable': 1, 'key': 'a:0 b:0', 'sockets': [1, 2]}"},
      {"attach", "{'cable': 1, 'key': 'a:0 b:0', 'sockets': ['', '']}"},
      {"attach", "{'cable': 1, 'key': 'a:0 b:0', 'sockets': ['', ''], 'forward': {'delay': 1}}"},
      {"set", "{'cable': 1}"},
      {"set", "{'cable': 'x'}"},
      {"detach", "[]"},
      {"fly", "{}"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (BAD); i++) {
    g_autofree char *error = wire_process_call_failing (f->wire, BAD[i][0], BAD[i][1]);

    g_test_message ("%s %s: %s", BAD[i][0], BAD[i][1], error);
  }
  wire_process_do (f->wire, "stats", "{}");
}

/* The engine crashes: frames go on, and the next engine finds the cable. With neither engine nor
 * cable the process has no reason to stay. */
static void
test_hang_up (WireCable *f, gconstpointer data)
{
  gint64 end_ns;

  wire_cable_attach (f, "{'delay_ms': 200}", "{}");
  wire_cable_send (f, 0, 1);
  wire_process_hang_up (f->wire);
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 1);
  wire_process_connect (f->wire);
  g_assert_cmpint (wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "forward", "frames_out"),
                   ==, 1);
  wire_process_do (f->wire, "detach", "{'cable': %d}", WIRE_CABLE_COOKIE);
  wire_process_hang_up (f->wire);
  end_ns = wire_peer_now_ns () + WIRE_CABLE_PATIENCE_NS;
  while (!wire_process_has_ended (f->wire)) {
    g_assert_cmpint (wire_peer_now_ns (), <, end_ns);
    wire_cable_turn ();
  }
}

static gint64
read_cpu_ticks (WireProcess *wire)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", wire_process_get_pid (wire));
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  words = g_strsplit (strrchr (text, ')'), " ", -1);
  /* utime and stime are the 14th and 15th of all, the name being the second. */
  return g_ascii_strtoll (words[12], NULL, 10) + g_ascii_strtoll (words[13], NULL, 10);
}

static void
set_max_descriptors (WireProcess *wire, rlim_t n)
{
  struct rlimit limit;

  g_assert_no_errno (prlimit (wire_process_get_pid (wire), RLIMIT_NOFILE, NULL, &limit));
  limit.rlim_cur = n == 0 ? limit.rlim_max : n;
  g_assert_no_errno (prlimit (wire_process_get_pid (wire), RLIMIT_NOFILE, &limit, NULL));
}

/* Without descriptors no cable comes, which is said, and no end comes back, which costs nothing;
 * the rest goes on, and all of it does when there are some again. */
static void
test_no_descriptors (WireCable *f, gconstpointer data)
{
  g_autofree char *error = NULL;
  gint64 end_ns;
  gint64 ticks;

  wire_cable_attach (f, "{}", "{}");
  wait_connected (f, 2);
  set_max_descriptors (f->wire, N_DESCRIPTORS);
  error = wire_process_call_failing (f->wire, "attach",
                                     "{'cable': 8, 'key': 'a:0 b:0', 'sockets': ['x', 'y']}");
  g_assert_nonnull (strstr (error, g_strerror (EMFILE)));
  wire_cable_send (f, 0, 1);
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 1);
  g_clear_pointer (&f->peers[1], wire_peer_free);
  wait_connected (f, 3);
  f->peers[1] = wire_peer_new (f->paths[1]);
  ticks = read_cpu_ticks (f->wire);
  end_ns = wire_peer_now_ns () + FULL_NS;
  while (wire_peer_now_ns () < end_ns)
    wire_cable_turn ();
  ticks = read_cpu_ticks (f->wire) - ticks;
  g_test_message ("%d ticks of the processor in 2 s", (int) ticks);
  g_assert_cmpint (ticks, <, sysconf (_SC_CLK_TCK) / 5);
  g_assert_cmpuint (wire_process_count_notifications (f->wire, "connected"), ==, 3);
  set_max_descriptors (f->wire, 0);
  wait_connected (f, 4);
  wire_cable_send (f, 0, 2);
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 2);
}

/* An end that takes nothing any more, as a switch that hangs: what its ring does not hold is
 * dropped after a moment, all of it at once, and the cable goes on when the end does. */
static void
test_not_taken (WireCable *f, gconstpointer data)
{
  const gint64 n = 3000;

  wire_cable_attach (f, "{'delay_ms': 1}", "{}");
  for (gint64 i = 0; i < n; i++)
    wire_cable_send (f, 0, (guint64) i);
  wait_for_counter (f, "forward", "unconnected_drops", n - RING_SIZE);
  for (guint64 i = 0; i < RING_SIZE; i++)
    g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, i);
  wire_cable_send (f, 0, 77777);
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 77777);
}

#define BUSY_COOKIE 8
/* 2.9 µs a frame: too little to sleep in between. */
#define BUSY_MBPS 230
#define BUSY_SIZE 60
#define BUSY_BURST 32
#define BUSY_BACKLOG 20000

typedef struct {
  WirePeer *peers[2];
  gint64 n_sent;
  gint64 n_received;
} Busy;

static void
busy_set_up (Busy *busy, WireCable *f)
{
  g_autofree char *from = g_build_filename (f->folder, "busy.0", NULL);
  g_autofree char *to = g_build_filename (f->folder, "busy.1", NULL);

  wire_process_do (f->wire, "attach",
                   "{'cable': %d, 'key': 'a b', 'seed': 1, 'sockets': ['%s', '%s'],"
                   " 'forward': {'rate_mbps': %d, 'queue_frames': 100000}, 'backward': {}}",
                   BUSY_COOKIE, from, to, BUSY_MBPS);
  *busy = (Busy){.peers = {wire_peer_new (from), wire_peer_new (to)}};
  while (!wire_peer_is_connected (busy->peers[0]) || !wire_peer_is_connected (busy->peers[1]))
    wire_cable_turn ();
}

static void
busy_tear_down (Busy *busy, WireCable *f)
{
  for (int i = 0; i < 2; i++)
    wire_peer_free (busy->peers[i]);
  wire_process_do (f->wire, "detach", "{'cable': %d}", BUSY_COOKIE);
}

static void
busy_turn (Busy *busy)
{
  struct rte_mbuf *packets[BUSY_BURST];
  guint n;

  for (guint i = 0; i < BUSY_BURST; i++) {
    packets[i] = wire_peer_alloc (busy->peers[0]);
    wire_peer_mark (packets[i], BUSY_SIZE, 0, 0);
  }
  busy->n_sent += wire_peer_send (busy->peers[0], packets, BUSY_BURST);
  n = wire_peer_receive (busy->peers[1], packets, BUSY_BURST);
  rte_pktmbuf_free_bulk (packets, n);
  busy->n_received += n;
}

/* A cable that always has something to send, and one that was silent for long: what comes to that
 * is not left waiting until the other is through. */
static void
test_busy_neighbour (WireCable *f, gconstpointer data)
{
  gint64 end_ns = wire_peer_now_ns () + WIRE_CABLE_PATIENCE_NS;
  Busy busy;
  gint64 delay_ns;
  guint64 number;

  wire_cable_attach (f, "{}", "{}");
  busy_set_up (&busy, f);
  while (busy.n_sent - busy.n_received < BUSY_BACKLOG) {
    g_assert_cmpint (wire_peer_now_ns (), <, end_ns);
    busy_turn (&busy);
  }
  wire_cable_send (f, 0, 1);
  busy.n_received = 0;
  while (!wire_peer_receive_marked (f->peers[1], &number, &delay_ns))
    busy_turn (&busy);
  g_test_message ("came after %.3f ms, with %d frames of the other cable",
                  (double) delay_ns / WIRE_CABLE_MS, (int) busy.n_received);
  g_assert_cmpint (busy.n_received, <, 10 * BUSY_BURST);
  busy_tear_down (&busy, f);
}

/* Connected, impaired, and nobody says anything. */
static void
test_quiet (WireCable *f, gconstpointer data)
{
  gint64 ticks;
  const int seconds = 3;

  wire_cable_attach (f, "{'delay_ms': 5}", "{'rate_mbps': 10}");
  wire_cable_send (f, 0, 1);
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 1);
  ticks = read_cpu_ticks (f->wire);
  g_usleep (seconds * G_USEC_PER_SEC);
  ticks = read_cpu_ticks (f->wire) - ticks;
  g_test_message ("%.2f %% of a core", 100.0 * ticks / sysconf (_SC_CLK_TCK) / seconds);
  g_assert_cmpfloat (100.0 * ticks / sysconf (_SC_CLK_TCK) / seconds, <=, 1);
}

int
main (int argc, char **argv)
{
  static const WireCableTest TESTS[] = {
      {"/wire/pass", test_pass},
      {"/wire/delay", test_delay},
      {"/wire/loss", test_loss},
      {"/wire/set-loses-nothing", test_set_loses_nothing},
      {"/wire/reconnect", test_reconnect},
      {"/wire/detach", test_detach},
      {"/wire/attach-again", test_attach_again},
      {"/wire/room-for-others", test_room_for_others},
      {"/wire/flood-alone", test_flood_alone},
      {"/wire/refused", test_refused},
      {"/wire/hang-up", test_hang_up},
      {"/wire/no-descriptors", test_no_descriptors},
      {"/wire/not-taken", test_not_taken},
      {"/wire/busy-neighbour", test_busy_neighbour},
      {"/wire/quiet", test_quiet},
  };

  return wire_cable_run_tests (argc, argv, TESTS, G_N_ELEMENTS (TESTS));
}
