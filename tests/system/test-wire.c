/* SPDX-License-Identifier: GPL-3.0-or-later */

/* lanloom-wire with the test at both ends of its cable, where the switch would be: frames, settings
 * that change under traffic, segments that are cut, ends that go and come again. */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/wire-cable.h"

/* Longer than whoever else uses the processors keeps a thread from its turn. */
#define SLACK_NS (50 * WIRE_CABLE_MS)
/* Frames that wait at a switch that does not look: backend/wire/vring.h. */
#define RING_SIZE 1024

static void
test_pass (WireCable *f, gconstpointer data)
{
  gint64 delay_ns;

  wire_cable_attach (f, "{}", "{}");
  for (guint64 i = 0; i < 1000; i++) {
    wire_cable_send (f, i % 2, i);
    g_assert_cmpuint (wire_cable_receive (f, 1 - i % 2, WIRE_CABLE_PATIENCE_NS, &delay_ns), ==, i);
  }
  g_assert_cmpint (wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "forward", "frames_in"),
                   ==, 500);
  g_assert_cmpint (wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "forward", "frames_out"),
                   ==, 500);
  g_assert_cmpint (wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "backward", "bytes_out"),
                   ==, 500 * WIRE_CABLE_SIZE);
  g_assert_cmpuint (wire_process_count_notifications (f->wire, "connected"), ==, 2);
}

static void
test_delay (WireCable *f, gconstpointer data)
{
  gint64 delay_ns;
  double measured_ms;

  wire_cable_attach (f, "{'delay_ms': 20}", "{}");
  for (guint64 i = 0; i < 20; i++) {
    wire_cable_send (f, 0, i);
    g_assert_cmpuint (wire_cable_receive (f, 1, WIRE_CABLE_PATIENCE_NS, &delay_ns), ==, i);
    g_assert_cmpint (delay_ns, >=, 20 * WIRE_CABLE_MS);
    g_assert_cmpint (delay_ns, <, 20 * WIRE_CABLE_MS + SLACK_NS);
  }
  measured_ms = wire_process_read_measured (f->wire, WIRE_CABLE_COOKIE, "forward", "delay_ms");
  g_test_message ("asked 20 ms, the last took %.3f ms, measured %.3f ms",
                  (double) delay_ns / WIRE_CABLE_MS, measured_ms);
  g_assert_cmpfloat (measured_ms, >=, 20);
  g_assert_cmpfloat (measured_ms, <, 70);
  wire_cable_send (f, 1, 77);
  g_assert_cmpuint (wire_cable_receive (f, 0, WIRE_CABLE_PATIENCE_NS, &delay_ns), ==, 77);
  g_assert_cmpint (delay_ns, <, 20 * WIRE_CABLE_MS);
}

static void
test_loss (WireCable *f, gconstpointer data)
{
  gint64 delay_ns;

  wire_cable_attach (f, "{'loss_percent': 100}", "{}");
  for (guint64 i = 0; i < 50; i++)
    wire_cable_send (f, 0, i);
  g_assert_cmpuint (wire_cable_receive (f, 1, 100 * WIRE_CABLE_MS, &delay_ns), ==, G_MAXUINT64);
  g_assert_cmpint (wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "forward", "lost"), ==,
                   50);
  g_assert_cmpfloat (
      wire_process_read_measured (f->wire, WIRE_CABLE_COOKIE, "forward", "loss_percent"), ==, 100);
  wire_cable_set (f, "{'duplicate_percent': 100}");
  wire_cable_send (f, 0, 99);
  g_assert_cmpuint (wire_cable_receive (f, 1, WIRE_CABLE_PATIENCE_NS, &delay_ns), ==, 99);
  g_assert_cmpuint (wire_cable_receive (f, 1, WIRE_CABLE_PATIENCE_NS, &delay_ns), ==, 99);
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
      n_sent += wire_peer_send_marked (f->peers[0], WIRE_CABLE_SIZE, n_sent);
    while (wire_peer_receive_marked (f->peers[1], &number, &delay_ns))
      g_assert_cmpuint (number, ==, n_received++);
  }
  while (n_received < n_sent && wire_peer_now_ns () < end_ns) {
    number = wire_cable_receive (f, 1, WIRE_CABLE_PATIENCE_NS, &delay_ns);
    g_assert_cmpuint (number, ==, n_received++);
  }
  g_assert_cmpuint (n_sent, ==, 2000);
  g_assert_cmpuint (n_received, ==, n_sent);
}

static void
test_reconnect (WireCable *f, gconstpointer data)
{
  gint64 delay_ns;

  wire_cable_attach (f, "{}", "{}");
  wire_cable_send (f, 0, 1);
  g_assert_cmpuint (wire_cable_receive (f, 1, WIRE_CABLE_PATIENCE_NS, &delay_ns), ==, 1);
  for (guint i = 0; i < 2; i++) {
    guint n = wire_process_count_notifications (f->wire, "connected");

    g_clear_pointer (&f->peers[i], wire_peer_free);
    while (wire_process_count_notifications (f->wire, "connected") == n)
      wire_cable_turn ();
    wire_cable_send (f, 1 - i, 2);
    g_usleep (20000);
    wire_cable_connect (f);
    wire_cable_send (f, 0, 3);
    g_assert_cmpuint (wire_cable_receive (f, 1, WIRE_CABLE_PATIENCE_NS, &delay_ns), ==, 3);
    wire_cable_send (f, 1, 4);
    g_assert_cmpuint (wire_cable_receive (f, 0, WIRE_CABLE_PATIENCE_NS, &delay_ns), ==, 4);
  }
  g_assert_cmpint (
      wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "backward", "unconnected_drops"), ==,
      1);
  g_assert_cmpint (
      wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "forward", "unconnected_drops"), ==,
      1);
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
  while (wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "forward", "frames_in") < 10
         || wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "backward", "frames_in") < 10)
    wire_cable_turn ();
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
  g_assert_cmpuint (wire_cable_receive (f, 1, WIRE_CABLE_PATIENCE_NS, &(gint64){0}), ==, 5);
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
  gint64 end_ns, delay_ns;

  wire_cable_attach (f, "{'delay_ms': 200}", "{}");
  wire_cable_send (f, 0, 1);
  wire_process_hang_up (f->wire);
  g_assert_cmpuint (wire_cable_receive (f, 1, WIRE_CABLE_PATIENCE_NS, &delay_ns), ==, 1);
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

/* An end that takes nothing any more, as a switch that hangs: what its ring does not hold is
 * dropped after a moment, all of it at once, and the cable goes on when the end does. */
static void
test_not_taken (WireCable *f, gconstpointer data)
{
  const gint64 n = 3000;
  gint64 end_ns;
  gint64 n_dropped = 0;
  gint64 delay_ns;

  wire_cable_attach (f, "{'delay_ms': 1}", "{}");
  for (gint64 i = 0; i < n; i++)
    wire_cable_send (f, 0, (guint64) i);
  end_ns = wire_peer_now_ns () + 1000 * WIRE_CABLE_MS;
  while (n_dropped < n - RING_SIZE && wire_peer_now_ns () < end_ns) {
    wire_cable_turn ();
    n_dropped = wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "forward",
                                           "unconnected_drops");
  }
  g_assert_cmpint (n_dropped, ==, n - RING_SIZE);
  for (guint64 i = 0; i < RING_SIZE; i++)
    g_assert_cmpuint (wire_cable_receive (f, 1, WIRE_CABLE_PATIENCE_NS, &delay_ns), ==, i);
  wire_cable_send (f, 0, 77777);
  g_assert_cmpuint (wire_cable_receive (f, 1, WIRE_CABLE_PATIENCE_NS, &delay_ns), ==, 77777);
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
  gint64 delay_ns;
  const int seconds = 3;

  wire_cable_attach (f, "{'delay_ms': 5}", "{'rate_mbps': 10}");
  wire_cable_send (f, 0, 1);
  g_assert_cmpuint (wire_cable_receive (f, 1, WIRE_CABLE_PATIENCE_NS, &delay_ns), ==, 1);
  ticks = read_cpu_ticks (f->wire);
  g_usleep (seconds * G_USEC_PER_SEC);
  ticks = read_cpu_ticks (f->wire) - ticks;
  g_test_message ("%.2f %% of a core", 100.0 * ticks / sysconf (_SC_CLK_TCK) / seconds);
  g_assert_cmpfloat (100.0 * ticks / sysconf (_SC_CLK_TCK) / seconds, <=, 1);
}

/* Of a frame that a guest sends in one piece. */
typedef struct {
  guint ip_version;
  gboolean tagged;
  guint payload;
} Segment;

static guint
put_headers (const Segment *segment, guint8 *at)
{
  static const guint8 MACS[12] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
  static const guint8 TAG[4] = {0x81, 0, 0, 42};
  static const guint8 IPV4[22] = {8, 0, 0x45, 0,  0, 0, 0x12, 0x34, 0x40, 0, 64,
                                  6, 0, 0,    10, 0, 0, 1,    10,   0,    0, 2};
  static const guint8 IPV6[42] = {0x86, 0xdd, 0x60, 0, 0, 0, 0, 0, 6, 64, 0xfd, 0, 0,   0,
                                  0,    0,    0,    0, 0, 0, 0, 0, 0, 0,  0,    1, 0xfd};
  static const guint8 TCP[32] = {0x12, 0x34, 0,    80,   0xff, 0xff, 0xff, 0xf0, 0, 0, 0,
                                 1,    0x80, 0x99, 0xff, 0xff, 0,    0,    0,    0, 1, 1};
  guint size = 0;

#define PUT(from) (memcpy (at + size, from, sizeof (from)), size += sizeof (from))
  PUT (MACS);
  if (segment->tagged)
    PUT (TAG);
  if (segment->ip_version == 4)
    PUT (IPV4);
  else
    PUT (IPV6);
  PUT (TCP);
#undef PUT
  return size;
}

/* @ret_octets: the whole of it. The IP lengths and checksums are left wrong, as a guest's are. */
static void
send_segment (WireCable *f, const Segment *segment, guint segment_size, guint8 *ret_octets)
{
  guint headers = put_headers (segment, ret_octets);
  guint size = headers + segment->payload;
  struct rte_mbuf *first = wire_peer_alloc (f->peers[0]);
  guint l2 = segment->tagged ? 18 : 14;

  for (guint i = headers; i < size; i++)
    ret_octets[i] = (guint8) (i * 7 + i / 251);
  for (guint done = 0; done < size;) {
    struct rte_mbuf *part = done == 0 ? first : wire_peer_alloc (f->peers[0]);
    guint n = MIN (size - done, rte_pktmbuf_tailroom (part));

    memcpy (rte_pktmbuf_append (part, (uint16_t) n), ret_octets + done, n);
    if (done > 0)
      g_assert_cmpint (rte_pktmbuf_chain (first, part), ==, 0);
    done += n;
  }
  first->l2_len = l2;
  first->l3_len = segment->ip_version == 4 ? 20 : 40;
  first->l4_len = 32;
  first->tso_segsz = (uint16_t) segment_size;
  first->ol_flags = RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_TCP_CKSUM
                    | (segment->ip_version == 4 ? RTE_MBUF_F_TX_IPV4 : RTE_MBUF_F_TX_IPV6);
  wire_cable_send_packet (f, 0, first);
}

/* By the book and not by the code under test. */
static guint
sum_16 (guint sum, const guint8 *data, guint size)
{
  for (guint i = 0; i < size; i++)
    sum += i % 2 == 0 ? data[i] << 8 : data[i];
  while (sum >> 16 != 0)
    sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

static void
check_checksums (const Segment *segment, const guint8 *frame, guint size)
{
  guint ip = segment->tagged ? 18 : 14;
  guint tcp = ip + (segment->ip_version == 4 ? 20 : 40);
  guint sum = 6 + (size - tcp);

  if (segment->ip_version == 4) {
    g_assert_cmpuint (sum_16 (0, frame + ip, 20), ==, 0xffff);
    g_assert_cmpuint (frame[ip + 2] << 8 | frame[ip + 3], ==, size - ip);
    sum = sum_16 (sum, frame + ip + 12, 8);
  } else {
    g_assert_cmpuint (frame[ip + 4] << 8 | frame[ip + 5], ==, size - tcp);
    sum = sum_16 (sum, frame + ip + 8, 32);
  }
  g_assert_cmpuint (sum_16 (sum, frame + tcp, size - tcp), ==, 0xffff);
}

static void
check_segment (WireCable *f, const Segment *segment)
{
  const guint segment_size = 1448;
  g_autofree guint8 *octets = g_malloc0 (70000);
  guint headers = put_headers (segment, octets);
  guint tcp = headers - 32;
  guint n_frames = (segment->payload + segment_size - 1) / segment_size;
  gint64 end_ns = wire_peer_now_ns () + WIRE_CABLE_PATIENCE_NS;
  guint done = 0;

  send_segment (f, segment, segment_size, octets);
  for (guint i = 0; i < n_frames;) {
    struct rte_mbuf *packet;
    const guint8 *frame;
    guint n = MIN (segment_size, segment->payload - done);
    guint sequence;

    g_assert_cmpint (wire_peer_now_ns (), <, end_ns);
    if (wire_peer_receive (f->peers[1], &packet, 1) == 0)
      continue;
    frame = rte_pktmbuf_mtod (packet, const guint8 *);
    g_assert_cmpuint (packet->pkt_len, ==, headers + n);
    check_checksums (segment, frame, packet->pkt_len);
    sequence = GUINT32_FROM_BE (*(const guint32 *) (frame + tcp + 4));
    g_assert_cmpuint (sequence, ==, 0xfffffff0u + done);
    g_assert_cmpmem (frame + headers, n, octets + headers + done, n);
    /* FIN and PSH with the last, CWR with the first. */
    g_assert_cmpuint (frame[tcp + 13], ==,
                      0x10 | (i == 0 ? 0x80 : 0) | (i + 1 == n_frames ? 0x09 : 0));
    rte_pktmbuf_free (packet);
    done += n;
    i++;
  }
}

static void
test_segments (WireCable *f, gconstpointer data)
{
  static const Segment SEGMENTS[] = {
      {4, FALSE, 64000}, {6, FALSE, 65000}, {4, TRUE, 2000}, {6, TRUE, 1449}, {4, FALSE, 100},
  };

  wire_cable_attach (f, "{}", "{}");
  for (guint i = 0; i < G_N_ELEMENTS (SEGMENTS); i++)
    check_segment (f, &SEGMENTS[i]);
  g_assert_cmpint (wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "forward", "segmented"),
                   ==, G_N_ELEMENTS (SEGMENTS));
  g_assert_cmpint (wire_process_read_counter (f->wire, WIRE_CABLE_COOKIE, "forward", "refused"), ==,
                   0);
}

/* A guest's checksum field holds the sum of the pseudo header; the rest is for the card to add. */
static void
test_unfinished_checksum (WireCable *f, gconstpointer data)
{
  const Segment segment = {4, FALSE, 501};
  struct rte_mbuf *packet = wire_peer_alloc (f->peers[0]);
  gint64 end_ns = wire_peer_now_ns () + WIRE_CABLE_PATIENCE_NS;
  guint8 *frame;
  guint headers;
  guint pseudo;

  wire_cable_attach (f, "{}", "{}");
  frame = (guint8 *) rte_pktmbuf_append (packet, 54 + 12 + 501);
  headers = put_headers (&segment, frame);
  memset (frame + headers, 0x5a, segment.payload);
  frame[16] = (guint8) ((20 + 32 + segment.payload) >> 8);
  frame[17] = (guint8) (20 + 32 + segment.payload);
  pseudo = sum_16 (6 + 32 + segment.payload, frame + 26, 8);
  frame[50] = (guint8) (pseudo >> 8);
  frame[51] = (guint8) pseudo;
  packet->l2_len = 14;
  packet->l3_len = 20;
  packet->ol_flags = RTE_MBUF_F_TX_TCP_CKSUM | RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
  wire_cable_send_packet (f, 0, packet);
  while (wire_peer_receive (f->peers[1], &packet, 1) == 0)
    g_assert_cmpint (wire_peer_now_ns (), <, end_ns);
  check_checksums (&segment, rte_pktmbuf_mtod (packet, const guint8 *), packet->pkt_len);
  rte_pktmbuf_free (packet);
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
  g_test_add (path, WireCable, NULL, wire_cable_set_up, func, wire_cable_tear_down)
  ADD ("/wire/pass", test_pass);
  ADD ("/wire/delay", test_delay);
  ADD ("/wire/loss", test_loss);
  ADD ("/wire/set-loses-nothing", test_set_loses_nothing);
  ADD ("/wire/reconnect", test_reconnect);
  ADD ("/wire/detach", test_detach);
  ADD ("/wire/refused", test_refused);
  ADD ("/wire/hang-up", test_hang_up);
  ADD ("/wire/not-taken", test_not_taken);
  ADD ("/wire/busy-neighbour", test_busy_neighbour);
  ADD ("/wire/quiet", test_quiet);
  ADD ("/wire/segments", test_segments);
  ADD ("/wire/unfinished-checksum", test_unfinished_checksum);
#undef ADD
  status = g_test_run ();
  g_spawn_sync (NULL, (char **) remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                NULL);
  return status;
}
