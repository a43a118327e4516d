/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The wire by itself: a generator and a sink on DPDK's vhost ports at the two ends of a cable, one
 * clock, no guest and no switch in the way.
 *
 *   bench-wire PART…     (truth stands for delay, loss and rate) */

#include "tests/bench/bench-wire.h"

#include "tests/scratch.h"

#include <glib/gstdio.h>
#include <locale.h>

/* Room for 64 ms of the shortest frames at 1 Gbit/s; elsewhere as in a lab. */
#define MANY_BUFFERS 262144

static const struct {
  const char *name;
  const char *group;
  void (*func) (WireCable *f);
  guint n_buffers;
} PARTS[] = {
    {"delay", "truth", bench_wire_delay},
    {"loss", "truth", bench_wire_loss},
    {"rate", "truth", bench_wire_rate, MANY_BUFFERS},
    {"speed", "speed", bench_wire_speed},
    {"capture", "capture", bench_wire_capture},
    {"cables", "cables", bench_wire_cables},
};

/* Each part has a wire of its own. */
static void
run (guint part)
{
  WireCable f = {.n_buffers = PARTS[part].n_buffers};

  wire_cable_set_up (&f, NULL);
  wire_cable_attach (&f, "{}", "{}");
  PARTS[part].func (&f);
  wire_cable_tear_down (&f, NULL);
}

static guint
run_matching (const char *name)
{
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (PARTS); i++)
    if (g_str_equal (name, PARTS[i].name) || g_str_equal (name, PARTS[i].group)) {
      run (i);
      n++;
    }
  return n;
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = scratch_new ("bench-wire");
  int status = argc > 1 ? 0 : 2;

  setlocale (LC_CTYPE, "C.UTF-8");
  if (!wire_peer_init_dpdk (folder))
    return 1;
  for (int i = 1; i < argc; i++)
    if (run_matching (argv[i]) == 0)
      status = 2;
  if (status != 0)
    g_printerr ("usage: bench-wire truth|delay|loss|rate|speed|capture|cables…\n");
  scratch_remove (folder);
  return status;
}
