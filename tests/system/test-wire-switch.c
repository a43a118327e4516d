/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A real switch with a cable that goes through a real wire: frames, delays, segments, and the
 * switch killed and started again. */

#include <string.h>

#include "tests/system/wire-switch.h"

#define CABLE WIRE_SWITCH_CABLE
#define PATIENCE_US (30 * G_USEC_PER_SEC)
#define MAX_SIZE 2000
#define MARKER_SIZE 77

static void
attach (WireSwitch *f, const char *settings)
{
  wire_switch_attach (f, settings);
  wire_switch_plug (f, "w1");
}

/* (transfer full) (nullable): what comes to guest @to within @wait_us. */
static GBytes *
receive (WireSwitch *f, int to, gint64 wait_us)
{
  gint64 end_us = g_get_monotonic_time () + wait_us;
  GBytes *frame;

  while ((frame = vhost_peer_receive (f->guests[to])) == NULL && g_get_monotonic_time () < end_us) {
    g_main_context_iteration (NULL, FALSE);
    g_usleep (50);
  }
  return frame;
}

/* How long a frame takes from one guest to the other, in ms. The first may get lost while ports
 * connect: sends until one came. */
static double
pass (WireSwitch *f, int from)
{
  static guint32 mark;
  gint64 end_us = g_get_monotonic_time () + PATIENCE_US;

  while (g_get_monotonic_time () < end_us) {
    guint8 octets[100] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xb5};
    gint64 start_us = g_get_monotonic_time ();
    GBytes *bytes;

    mark++;
    memcpy (octets + 50, &mark, sizeof mark);
    vhost_peer_send (f->guests[from], octets, sizeof octets);
    while ((bytes = receive (f, 1 - from, 300000)) != NULL) {
      g_autoptr (GBytes) frame = bytes;

      if (memcmp ((const guint8 *) g_bytes_get_data (frame, NULL) + 50, &mark, sizeof mark) == 0)
        return (double) (g_get_monotonic_time () - start_us) / 1000;
    }
  }
  g_assert_not_reached ();
}

static void
test_frames (WireSwitch *f, gconstpointer data)
{
  double direct_ms = G_MAXDOUBLE;
  double delayed_ms = G_MAXDOUBLE;

  attach (f, "{}");
  pass (f, 0);
  pass (f, 1);
  for (int i = 0; i < 20; i++)
    direct_ms = MIN (direct_ms, pass (f, i % 2));
  wire_process_do (f->wire, "set",
                   "{'cable': %d, 'forward': {'delay_ms': 50}, 'backward': {'delay_ms': 50}}",
                   CABLE);
  for (int i = 0; i < 20; i++)
    delayed_ms = MIN (delayed_ms, pass (f, i % 2));
  g_test_message ("fastest of 20: %.3f ms through a clean wire, %.3f ms with 50 ms of delay",
                  direct_ms, delayed_ms);
  g_assert_cmpfloat (delayed_ms, >=, 50);
  g_assert_cmpfloat (delayed_ms - direct_ms, <, 60);
  g_assert_cmpint (wire_process_read_counter (f->wire, CABLE, "forward", "refused"), ==, 0);
}

/* Whether a frame of @size octets that guest 0 sends comes to guest 1. One that is known to pass
 * behind it tells when it did not. */
static gboolean
passes (WireSwitch *f, gsize size)
{
  guint8 octets[MAX_SIZE] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5};
  gboolean came = FALSE;

  while (vhost_peer_discard (f->guests[1]) > 0)
    ;
  g_assert_true (vhost_peer_send (f->guests[0], octets, size));
  g_assert_true (vhost_peer_send (f->guests[0], octets, MARKER_SIZE));
  for (;;) {
    g_autoptr (GBytes) frame = receive (f, 1, PATIENCE_US);

    g_assert_nonnull (frame);
    came |= g_bytes_get_size (frame) == size;
    if (g_bytes_get_size (frame) == MARKER_SIZE)
      return came;
  }
}

/* Frames that the switch lets through from port to port go through the wire as well, and the wire's
 * limit is never met: the switch's own is lower. */
static void
test_lengths (WireSwitch *f, gconstpointer data)
{
  static const struct {
    gsize size;
    gboolean passes;
  } CASES[] = {{14, TRUE}, {60, TRUE}, {1514, TRUE}, {1518, TRUE}, {1519, FALSE}, {2000, FALSE}};

  wire_switch_attach (f, "{}");
  for (guint through = 0; through < 2; through++) {
    wire_switch_plug (f, through == 0 ? NULL : "w1");
    pass (f, 0);
    for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
      g_assert_cmpint (passes (f, CASES[i].size), ==, CASES[i].passes);
  }
  g_assert_cmpint (wire_process_read_counter (f->wire, CABLE, "forward", "refused"), ==, 0);
}

#define HEADERS 54
#define PAYLOAD 60000
#define SEGMENT_SIZE 1460

/* The switch hands the segment over whole, since the wire takes it; the wire cuts it. */
static void
test_segment (WireSwitch *f, gconstpointer data)
{
  static const guint8 HEADER[HEADERS] = {
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,    0, 0,  0, 0, 1, 8,    0, /* Ethernet */
      0x45, 0,    0xea, 0x88, 1,    2,    0x40, 0, 64, 6, 0, 0, 10,   0,    0,    1,
      10,   0,    0,    2,                                                              /* IPv4 */
      0x12, 0x34, 0,    80,   0,    0,    0,    0, 0,  0, 0, 0, 0x50, 0x10, 0xff, 0xff, /* TCP */
  };
  g_autofree guint8 *segment = g_malloc (HEADERS + PAYLOAD);
  guint done = 0;

  attach (f, "{}");
  pass (f, 0);
  memcpy (segment, HEADER, HEADERS);
  for (guint i = 0; i < PAYLOAD; i++)
    segment[HEADERS + i] = (guint8) (i * 3 + i / 251);
  g_assert_true (vhost_peer_send_segment (f->guests[0], segment, HEADERS + PAYLOAD, 34, HEADERS,
                                          SEGMENT_SIZE, FALSE));
  while (done < PAYLOAD) {
    g_autoptr (GBytes) frame = receive (f, 1, PATIENCE_US);
    const guint8 *octets;
    gsize size;

    g_assert_nonnull (frame);
    octets = g_bytes_get_data (frame, &size);
    if (octets[12] != 8)
      continue; /* a frame of pass () */
    g_assert_cmpuint (size, ==, HEADERS + MIN (SEGMENT_SIZE, PAYLOAD - done));
    g_assert_cmpmem (octets + HEADERS, size - HEADERS, segment + HEADERS + done, size - HEADERS);
    done += (guint) size - HEADERS;
  }
  g_assert_cmpint (wire_process_read_counter (f->wire, CABLE, "forward", "segmented"), ==, 1);
}

static void
test_switch_killed (WireSwitch *f, gconstpointer data)
{
  attach (f, "{'delay_ms': 1}");
  pass (f, 0);
  real_switch_kill (f->switch_, "ovs-vswitchd");
  while (loom_switch_get_state (f->switch_) != LOOM_SWITCH_FAILED)
    g_main_context_iteration (NULL, TRUE);
  real_switch_run (f->switch_, loom_switch_restart_async, loom_switch_restart_finish);
  pass (f, 0);
  pass (f, 1);
}

static void
test_wire_killed (WireSwitch *f, gconstpointer data)
{
  attach (f, "{}");
  pass (f, 0);
  wire_process_hang_up (f->wire);
  wire_process_free (f->wire);
  f->wire = wire_process_new (f->folder);
  attach (f, "{}");
  pass (f, 0);
  pass (f, 1);
}

int
main (int argc, char **argv)
{
  int status;

  if (!real_switch_enter (argv, &status))
    return status;
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func)                                                                            \
  g_test_add (path, WireSwitch, NULL, wire_switch_set_up, func, wire_switch_tear_down)
  ADD ("/wire-switch/frames", test_frames);
  ADD ("/wire-switch/lengths", test_lengths);
  ADD ("/wire-switch/segment", test_segment);
  ADD ("/wire-switch/switch-killed", test_switch_killed);
  ADD ("/wire-switch/wire-killed", test_wire_killed);
#undef ADD
  return g_test_run ();
}
