/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a cable costs as it is in a lab, through a real Open vSwitch with one switching thread: two
 * rules from card to card, four rules with the wire in between, and dpdk-testpmd in the wire's
 * place. The test is both cards, sends as many frames as are taken, and gives each contestant a
 * moment in turn. Prints "wire: what: value unit" lines for bench.py; inside of namespaces of its
 * own. */

#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "tests/bench/testpmd.h"
#include "tests/system/inside.h"
#include "tests/system/wire-switch.h"

#define N_ROUNDS 15
#define ROUND_US (G_USEC_PER_SEC / 5)
#define WARM_US (G_USEC_PER_SEC / 10)
#define PATIENCE_US (10 * G_USEC_PER_SEC)
/* More than there is. */
#define ROOM 1024
#define NAP_NS 10000

enum {
  DIRECT,
  WIRE,
  DELAYED,
  TESTPMD,
  N_CONTESTANTS,
};

static const struct {
  const char *name;
  const char *through;
  const char *settings;
} CONTESTANTS[N_CONTESTANTS] = {
    {"direct cable", NULL, NULL},
    {"the wire, no effect", "w1", "{}"},
    {"the wire, 1 ms of delay", "w1", "{'delay_ms': 1}"},
    {"dpdk-testpmd", "t1", NULL},
};

/* How many frames came within @length_us. */
static guint64
flood (WireSwitch *f, guint size, gint64 length_us)
{
  guint8 frame[1514] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5};
  gint64 end_us = g_get_monotonic_time () + length_us;
  guint64 n = 0;

  while (g_get_monotonic_time () < end_us) {
    vhost_peer_send_many (f->guests[0], frame, size, ROOM);
    n += vhost_peer_discard (f->guests[1]);
    nanosleep (&(struct timespec){0, NAP_NS}, NULL);
  }
  return n;
}

/* Plugs the cable and waits until frames pass; FALSE: none did. */
static gboolean
choose (WireSwitch *f, guint contestant)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_US;
  const char *settings = CONTESTANTS[contestant].settings;

  if (settings != NULL)
    wire_process_do (f->wire, "set", "{'cable': %d, 'forward': %s}", WIRE_SWITCH_CABLE, settings);
  wire_switch_plug (f, CONTESTANTS[contestant].through);
  flood (f, 60, WARM_US);
  while (flood (f, 60, WARM_US) == 0) {
    while (g_main_context_iteration (NULL, FALSE))
      ;
    if (g_get_monotonic_time () > end_us)
      return FALSE;
  }
  return TRUE;
}

/* Frames a second. */
static double
measure (WireSwitch *f, guint contestant, guint size)
{
  gint64 start_us;
  guint64 n;

  if (!choose (f, contestant))
    return 0;
  flood (f, size, WARM_US);
  start_us = g_get_monotonic_time ();
  n = flood (f, size, ROUND_US);
  return (double) n * G_USEC_PER_SEC / (double) (g_get_monotonic_time () - start_us);
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
median (double values[N_ROUNDS])
{
  qsort (values, N_ROUNDS, sizeof *values, compare);
  return values[N_ROUNDS / 2];
}

static void
print (guint contestant, guint size, double rates[N_ROUNDS], double ratios[N_ROUNDS])
{
  double rate = median (rates);

  g_print ("wire: through the switch, %u octets, %s: %.2f Mpps, %.2f Gbit/s, %.2f of direct\n",
           size + 4, CONTESTANTS[contestant].name, rate / 1e6, rate * (size + 4) * 8 / 1e9,
           median (ratios));
}

static void
bench_size (WireSwitch *f, Testpmd *testpmd, guint size)
{
  double rates[N_CONTESTANTS][N_ROUNDS];
  double ratios[N_CONTESTANTS][N_ROUNDS];
  guint n = testpmd != NULL ? N_CONTESTANTS : TESTPMD;

  for (guint round = 0; round < N_ROUNDS; round++)
    for (guint i = 0; i < n; i++) {
      if (i == TESTPMD)
        testpmd_resume (testpmd);
      rates[i][round] = measure (f, i, size);
      ratios[i][round] = rates[i][round] / rates[DIRECT][round];
      if (i == TESTPMD)
        testpmd_pause (testpmd);
    }
  for (guint i = 0; i < n; i++)
    print (i, size, rates[i], ratios[i]);
}

/* (nullable): paused, with the switch at both of its ends. */
static Testpmd *
start_testpmd (WireSwitch *f)
{
  g_autofree char *reason = NULL;
  Testpmd *testpmd = testpmd_new (f->folder, CONTESTANTS[TESTPMD].through, &reason);

  if (testpmd != NULL && choose (f, TESTPMD)) {
    testpmd_pause (testpmd);
    return testpmd;
  }
  g_print ("wire: through the switch, dpdk-testpmd: not measured: %s\n",
           reason != NULL ? reason : "nothing passes");
  testpmd_free (testpmd);
  return NULL;
}

/* This thread needs little of a processor, but in time; the switch and what is in between need all
 * of the two that most hosts of this project have. At real-time priority it goes before them. */
static void
go_first (void)
{
  struct sched_param param;

  prctl (PR_SET_TIMERSLACK, 1);
  if (sched_getscheduler (0) != SCHED_FIFO || sched_getparam (0, &param) != 0)
    return;
  param.sched_priority++;
  sched_setscheduler (0, SCHED_FIFO, &param);
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) missing = loom_switch_check_host ();
  WireSwitch f = {0};
  Testpmd *testpmd;
  int status;

  if (missing[0] != NULL) {
    g_print ("wire: through the switch: not measured: %s\n", missing[0]);
    return 0;
  }
  if (!inside_enter (argv, &status))
    return status;
  wire_switch_set_up (&f, NULL);
  wire_switch_attach (&f, "{}");
  testpmd = start_testpmd (&f);
  go_first ();
  bench_size (&f, testpmd, 60);
  bench_size (&f, testpmd, 1514);
  testpmd_free (testpmd);
  wire_switch_tear_down (&f, NULL);
  return 0;
}
