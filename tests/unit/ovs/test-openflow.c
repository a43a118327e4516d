/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Messages against bytes written out by hand from the OpenFlow 1.3.5 specification. */

#include <string.h>

#include "backend/ovs/openflow.h"

static void
assert_bytes (GByteArray *out, const char *hex)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < out->len; i++)
    g_string_append_printf (text, "%02x", out->data[i]);
  g_assert_cmpstr (text->str, ==, hex);
  g_byte_array_set_size (out, 0);
}

static void
test_write (void)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  const guint32 output = 2;
  LoomOpenFlowRule rule = {
      .in_port = 1, .priority = 100, .cookie = 7, .outputs = &output, .n_outputs = 1};

  loom_openflow_put_hello (out, 9);
  assert_bytes (out, "0400001000000009"
                     "0001000800000010");
  loom_openflow_put_port_stats_request (out, 1);
  assert_bytes (out, "0412001800000001"
                     "0004000000000000"
                     "ffffffff00000000");
  loom_openflow_put_bundle_control (out, 3, 5, LOOM_BUNDLE_COMMIT_REQUEST);
  assert_bytes (out, "04040018000000034f4e4600000008fc"
                     "0000000500040003");
  loom_openflow_put_add_rule (out, 3, 0, &rule);
  assert_bytes (out, "040e005800000003" /* header, 88 bytes */
                     "0000000000000007"
                     "0000000000000000"
                     "0000000000000064"                 /* table, add, timeouts, priority */
                     "ffffffffffffffffffffffff00000000" /* buffer, port, group, flags */
                     "0001000c80000004"
                     "0000000100000000" /* in_port 1 */
                     "0004001800000000" /* apply actions */
                     "0000001000000002"
                     "0000000000000000"); /* output 2 */
  loom_openflow_put_delete_rule (out, 3, 5, 1, 100);
  assert_bytes (out, "04040058000000034f4e4600000008fd"
                     "0000000500000003"
                     "040e004000000003"
                     "0000000000000000"
                     "0000000000000000"
                     "0004000000000064"
                     "ffffffffffffffffffffffff00000000"
                     "0001000c80000004"
                     "0000000100000000");
}

static void
test_port_stats (void)
{
  guint8 message[16 + 112] = {4, 19, 0, 128, 0, 0, 0, 1, 0, 4, 0, 1};
  g_autoptr (GArray) stats = g_array_new (FALSE, FALSE, sizeof (LoomOpenFlowPortStats));
  const LoomOpenFlowPortStats *port;
  gboolean more = FALSE;

  message[16 + 3] = 5;      /* port 5 */
  message[16 + 15] = 11;    /* rx_packets */
  message[16 + 8 + 16] = 1; /* rx_bytes: 2^56 */
  for (guint i = 0; i < 8; i++)
    message[16 + 40 + i] = 0xff; /* rx_dropped: not counted */
  g_assert_true (loom_openflow_read_port_stats (message, sizeof message, stats, &more));
  g_assert_true (more);
  g_assert_cmpuint (stats->len, ==, 1);
  port = &g_array_index (stats, LoomOpenFlowPortStats, 0);
  g_assert_cmpuint (port->port_no, ==, 5);
  g_assert_cmpuint (port->rx_frames, ==, 11);
  g_assert_cmpuint (port->rx_bytes, ==, G_GUINT64_CONSTANT (1) << 56);
  g_assert_cmpuint (port->rx_drops, ==, 0);
  for (gsize size = 0; size < sizeof message; size++)
    g_assert_false (loom_openflow_read_port_stats (message, size, stats, &more));
}

static void
test_port_status (void)
{
  guint8 message[80] = {4, LOOM_OPENFLOW_PORT_STATUS, 0, 80, 0, 0, 0, 1, 1};
  char name[LOOM_OPENFLOW_NAME_SIZE];
  gboolean removed = FALSE;

  memset (message + 32, 'm', 16);
  g_assert_true (loom_openflow_read_port_status (message, sizeof message, name, &removed));
  g_assert_true (removed);
  g_assert_cmpstr (name, ==, "mmmmmmmmmmmmmmmm");
  memcpy (message + 32, "m3.0", 5);
  message[8] = 0;
  g_assert_true (loom_openflow_read_port_status (message, sizeof message, name, &removed));
  g_assert_false (removed);
  g_assert_cmpstr (name, ==, "m3.0");
  g_assert_false (loom_openflow_read_port_status (message, 79, name, &removed));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openflow/write", test_write);
  g_test_add_func ("/openflow/port-stats", test_port_stats);
  g_test_add_func ("/openflow/port-status", test_port_status);
  return g_test_run ();
}
