/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames that are held, looked at, and dealt with one by one. */

#include <string.h>

#include "tests/system/wire-cable.h"

#define COOKIE WIRE_CABLE_COOKIE
#define PATIENCE_NS WIRE_CABLE_PATIENCE_NS

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
  g_assert_true (wire_cable_is_silent (f, 1));

  /* The oldest of either direction; then by name. */
  g_assert_cmpint (act (f, "[]", "release"), ==, 1);
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 0);
  g_assert_cmpint (act (f, "[4]", "release"), ==, 1);
  g_assert_cmpuint (wire_cable_receive_next (f, 0), ==, 10);
  g_assert_cmpint (act (f, "[4]", "release"), ==, 0);
  g_assert_cmpint (act (f, "[3, 2]", "release"), ==, 2);
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 2);
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 1);
  json_node_unref (wait_held (f, 0));

  wire_cable_send (f, 0, 20);
  json_node_unref (wait_held (f, 1));
  hold (f, "forward", "false", "");
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 20);
  wire_cable_send (f, 0, 21);
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 21);
  wire_cable_send (f, 1, 22);
  g_assert_true (wire_cable_is_silent (f, 0));
  g_assert_cmpint (act (f, "'all'", "release"), ==, 1);
  g_assert_cmpuint (wire_cable_receive_next (f, 0), ==, 22);
  g_assert_cmpuint (wire_process_count_notifications (f->wire, "held"), >, 0);
}

/* The switch hands over what is no frame: nothing can be done with it, least of all to one of its
 * bits. */
static void
test_runt (WireCable *f, gconstpointer data)
{
  struct rte_mbuf *runt;

  wire_cable_attach (f, "{}", "{}");
  hold (f, "forward", "true", "");
  runt = wire_peer_alloc (f->peers[0]);
  rte_pktmbuf_trim (runt, (guint16) runt->pkt_len);
  wire_cable_send_packet (f, 0, runt);
  wire_cable_send (f, 0, 1);
  json_node_unref (wait_held (f, 1));
  g_assert_cmpint (act (f, "'all'", "corrupt"), ==, 1);
  g_assert_cmpint (wire_process_read_counter (f->wire, COOKIE, "forward", "refused"), ==, 1);
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
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 2);
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 2);
  start_ns = wire_peer_now_ns ();
  g_assert_cmpint (act (f, "[3]", "delay"), ==, 1);
  g_assert_cmpint (act (f, "[4]", "release"), ==, 1);
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 4);
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 3);
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
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 1);
  g_assert_cmpuint (wire_cable_receive_next (f, 1), ==, 3);
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

int
main (int argc, char **argv)
{
  static const WireCableTest TESTS[] = {
      {"/wire-hold/hold", test_hold},        {"/wire-hold/acts", test_acts},
      {"/wire-hold/runt", test_runt},        {"/wire-hold/filter", test_hold_filter},
      {"/wire-hold/limit", test_hold_limit},
  };

  return wire_cable_run_tests (argc, argv, TESTS, G_N_ELEMENTS (TESTS));
}
