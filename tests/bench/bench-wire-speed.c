/* SPDX-License-Identifier: GPL-3.0-or-later */

/* As many frames as are taken, for a moment with each contestant in turn, so that what else goes on
 * meets all of them; medians, and medians of the ratios of neighbours. dpdk-testpmd forwards
 * between two of DPDK's own virtio-user ports on the same sockets' other side: what a frame costs
 * that nothing is done to. */

#include "tests/bench/bench-wire.h"

#include "tests/bench/wire-flow.h"
#include "tests/bench/testpmd.h"

#define N_ROUNDS 25
#define ROUND_NS (FLOW_SECOND / 10)

typedef struct {
  Testpmd *testpmd;
  WirePeer *peers[2];
} Other;

/* FALSE: it ended. */
static gboolean
connect_other (Other *other)
{
  for (int i = 0; i < 2; i++)
    other->peers[i] = wire_peer_new (other->testpmd->paths[i]);
  while (!wire_peer_is_connected (other->peers[0]) || !wire_peer_is_connected (other->peers[1])) {
    if (testpmd_has_ended (other->testpmd))
      return FALSE;
    g_usleep (1000);
  }
  return TRUE;
}

static void
print (const char *what, guint size, double *rates, double *ratios)
{
  double rate = flow_median (rates, N_ROUNDS);

  g_print ("wire: %u octets, %s: %.2f Mpps, %.2f Gbit/s", size + 4, what, rate / 1e6,
           rate * (size + 4) * 8 / 1e9);
  if (ratios != NULL)
    g_print (", %.2f of no effect", flow_median (ratios, N_ROUNDS));
  g_print ("\n");
}

static double
measure (WireCable *f, const char *settings, guint size)
{
  wire_cable_set (f, settings);
  return flow_measure_speed (f->peers[0], f->peers[1], ROUND_NS, size);
}

static void
bench_size (WireCable *f, Other *testpmd, guint size)
{
  double clean[N_ROUNDS];
  double delayed[N_ROUNDS];
  double delayed_ratio[N_ROUNDS];
  double other[N_ROUNDS];
  double other_ratio[N_ROUNDS];

  for (guint i = 0; i < N_ROUNDS; i++) {
    clean[i] = measure (f, "{}", size);
    delayed[i] = measure (f, "{'delay_ms': 1}", size);
    delayed_ratio[i] = delayed[i] / clean[i];
    if (testpmd == NULL)
      continue;
    testpmd_resume (testpmd->testpmd);
    other[i] = flow_measure_speed (testpmd->peers[0], testpmd->peers[1], ROUND_NS, size);
    other_ratio[i] = other[i] / clean[i];
    testpmd_pause (testpmd->testpmd);
  }
  print ("no effect", size, clean, NULL);
  print ("1 ms of delay", size, delayed, delayed_ratio);
  if (testpmd != NULL)
    print ("dpdk-testpmd in its place", size, other, other_ratio);
}

void
bench_wire_speed (WireCable *f)
{
  g_autofree char *reason = NULL;
  Other other = {.testpmd = testpmd_new (f->folder, "testpmd", &reason)};
  gboolean is_there = other.testpmd != NULL && connect_other (&other);

  if (!is_there)
    g_print ("wire: dpdk-testpmd in its place: not measured: %s\n",
             reason != NULL ? reason : "it ended");
  bench_size (f, is_there ? &other : NULL, FLOW_SMALL);
  bench_size (f, is_there ? &other : NULL, FLOW_LARGE);
  for (int i = 0; i < 2; i++)
    if (other.peers[i] != NULL)
      wire_peer_free (other.peers[i]);
  testpmd_free (other.testpmd);
}
