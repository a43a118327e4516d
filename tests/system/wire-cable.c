/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See wire-cable.h. */

#include "tests/system/wire-cable.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "tests/scratch.h"

/* After which a frame that has not come counts as gone. */
#define QUIET_NS (50 * WIRE_CABLE_MS)

void
wire_cable_turn (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_usleep (50);
}

void
wire_cable_connect (WireCable *f)
{
  gint64 end_ns = wire_peer_now_ns () + WIRE_CABLE_PATIENCE_NS;

  for (int i = 0; i < 2; i++)
    if (f->peers[i] == NULL)
      f->peers[i] = wire_peer_new (f->paths[i]);
  while (!wire_peer_is_connected (f->peers[0]) || !wire_peer_is_connected (f->peers[1])) {
    wire_cable_turn ();
    g_assert_cmpint (wire_peer_now_ns (), <, end_ns);
  }
}

void
wire_cable_attach (WireCable *f, const char *forward, const char *backward)
{
  wire_process_do (f->wire, "attach",
                   "{'cable': %d, 'key': '" WIRE_CABLE_KEY "', 'seed': 1, 'sockets': ['%s', '%s'],"
                   " 'forward': %s, 'backward': %s}",
                   WIRE_CABLE_COOKIE, f->paths[0], f->paths[1], forward, backward);
  wire_cable_connect (f);
}

void
wire_cable_set (WireCable *f, const char *forward)
{
  wire_process_do (f->wire, "set",
                   "{'cable': %d, 'key': '" WIRE_CABLE_KEY "', 'seed': 1, 'forward': %s}",
                   WIRE_CABLE_COOKIE, forward);
}

void
wire_cable_set_up (WireCable *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("wire-XXXXXX", NULL);
  f->wire = wire_process_new_sized (f->folder, f->n_buffers);
  for (int i = 0; i < 2; i++)
    f->paths[i] = g_strdup_printf ("%s/%d.%d", f->folder, WIRE_CABLE_COOKIE, i);
}

void
wire_cable_tear_down (WireCable *f, gconstpointer data)
{
  g_autofree char *dpdk = g_build_filename (f->folder, "dpdk", NULL);
  g_autofree char *control = g_build_filename (f->folder, "control", NULL);

  for (int i = 0; i < 2; i++)
    g_clear_pointer (&f->peers[i], wire_peer_free);
  wire_process_free (f->wire);
  scratch_remove (dpdk);
  for (int i = 0; i < 2; i++) {
    g_assert_false (g_file_test (f->paths[i], G_FILE_TEST_EXISTS));
    g_free (f->paths[i]);
  }
  g_unlink (control);
  g_assert_no_errno (g_rmdir (f->folder));
  g_free (f->folder);
}

guint64
wire_cable_receive (WireCable *f, int to, gint64 wait_ns, gint64 *ret_delay_ns)
{
  gint64 end_ns = wire_peer_now_ns () + wait_ns;
  guint64 number;

  while (!wire_peer_receive_marked (f->peers[to], &number, ret_delay_ns)) {
    if (wire_peer_now_ns () > end_ns)
      return G_MAXUINT64;
    wire_cable_turn ();
  }
  return number;
}

guint64
wire_cable_receive_next (WireCable *f, int to)
{
  gint64 delay_ns;

  return wire_cable_receive (f, to, WIRE_CABLE_PATIENCE_NS, &delay_ns);
}

gboolean
wire_cable_is_silent (WireCable *f, int end)
{
  gint64 delay_ns;

  return wire_cable_receive (f, end, QUIET_NS, &delay_ns) == G_MAXUINT64;
}

void
wire_cable_send (WireCable *f, int from, guint64 number)
{
  gint64 end_ns = wire_peer_now_ns () + WIRE_CABLE_PATIENCE_NS;

  /* On a busy host the wire may not have laid out its buffers yet. */
  while (!wire_peer_send_marked (f->peers[from], WIRE_CABLE_SIZE, number)) {
    g_assert_cmpint (wire_peer_now_ns (), <, end_ns);
    wire_cable_turn ();
  }
}

void
wire_cable_send_packet (WireCable *f, int from, struct rte_mbuf *packet)
{
  gint64 end_ns = wire_peer_now_ns () + WIRE_CABLE_PATIENCE_NS;

  for (;;) {
    rte_pktmbuf_refcnt_update (packet, 1); /* what the peer takes */
    if (wire_peer_send (f->peers[from], &packet, 1) == 1)
      break;
    g_assert_cmpint (wire_peer_now_ns (), <, end_ns);
    wire_cable_turn ();
  }
  rte_pktmbuf_free (packet);
}

int
wire_cable_run_tests (int argc, char **argv, const WireCableTest *tests, gsize n)
{
  g_autofree char *folder = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  folder = scratch_new ("wire-test");
  if (wire_peer_init_dpdk (folder)) {
    for (gsize i = 0; i < n; i++)
      g_test_add (tests[i].path, WireCable, NULL, wire_cable_set_up, tests[i].run,
                  wire_cable_tear_down);
    status = g_test_run ();
  } else {
    g_print ("1..0 # SKIP DPDK does not start here\n");
    status = 0;
  }
  scratch_remove (folder);
  return status;
}
