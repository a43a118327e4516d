/* SPDX-License-Identifier: GPL-3.0-or-later */

/* lanloom-wire as a network card: segments that a guest sends in one piece are cut, and checksums
 * that it left unfinished are added. */

#include <gio/gio.h>
#include <string.h>

#include "tests/system/wire-cable.h"

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
  static const WireCableTest TESTS[] = {
      {"/wire-segments/segments", test_segments},
      {"/wire-segments/unfinished-checksum", test_unfinished_checksum},
  };

  return wire_cable_run_tests (argc, argv, TESTS, G_N_ELEMENTS (TESTS));
}
