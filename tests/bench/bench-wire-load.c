/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a capture takes, and what many impaired cables cost. */

#include "tests/bench/bench-wire.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/wire-flow.h"

#define CAPTURE_NS (FLOW_SECOND / 2)
#define NAP_NS 20000
#define MAX_TURN_NS FLOW_MS
#define MAX_CABLES 100
#define QUIET_S 3
#define N_ROUNDS 5

/* At @rate frames a second, in bursts as a switch brings them. */
static void
offer (Flow *flow, double rate, gint64 length_ns, guint size)
{
  gint64 start_ns = wire_peer_now_ns ();
  gint64 napped_ns = start_ns;
  gint64 now_ns;

  while ((now_ns = wire_peer_now_ns ()) < start_ns + length_ns) {
    double due = (double) (now_ns - start_ns) * rate / FLOW_SECOND - (double) flow->n_sent;

    if (due >= 1)
      flow_send (flow, (guint) MIN (due, FLOW_BURST), size);
    /* The thread that writes needs a processor, too. */
    if ((!flow_receive (flow) && due < 1) || now_ns - napped_ns > MAX_TURN_NS) {
      nanosleep (&(struct timespec){0, NAP_NS}, NULL);
      napped_ns = now_ns;
    }
  }
  flow_drain (flow, 50 * FLOW_MS);
}

typedef struct {
  double rate; /* frames a second, as they really came */
  gint64 n_lost;
  gint64 n_missing; /* neither in the file nor counted as lost */
} Captured;

static Captured
capture_once (WireCable *f, const char *path, double rate, guint size)
{
  Flow flow = {.from = f->peers[0], .to = f->peers[1]};
  g_autoptr (JsonNode) answer = NULL;
  JsonObject *counts;
  gint64 n_lost;

  wire_process_do (f->wire, "capture", "{'id': 'c', 'cables': [%d], 'path': '%s'}",
                   WIRE_CABLE_COOKIE, path);
  offer (&flow, rate, CAPTURE_NS, size);
  answer = wire_process_call (f->wire, "capture-stop", "{'id': 'c'}");
  g_unlink (path);
  counts = json_node_get_object (answer);
  n_lost = json_object_get_int_member (counts, "dropped");
  return (Captured){.rate = (double) flow.n_sent * FLOW_SECOND / CAPTURE_NS,
                    .n_lost = n_lost,
                    .n_missing = (gint64) flow.n_sent - n_lost
                                 - json_object_get_int_member (counts, "frames")};
}

/* The highest rate of a row of steps at which nothing was lost, and what is lost at full speed. */
static void
bench_capture (WireCable *f, const char *where, const char *path, guint size)
{
  static const double STEP = 1.25;
  Captured best = {0};
  Captured full;

  for (double rate = 50000; rate < 2e7; rate *= STEP) {
    Captured found = capture_once (f, path, rate, size);

    if (found.n_lost > 0 && (found = capture_once (f, path, rate, size)).n_lost > 0)
      break; /* twice: not by a moment without a processor */
    if (found.rate < best.rate * 1.05)
      break; /* no more can be offered */
    best = found;
  }
  full = capture_once (f, path, 1e9, size);
  g_print ("wire: capture to %s, %u octets, none lost up to: %.2f Mpps, %.2f Gbit/s\n", where,
           size + 4, best.rate / 1e6, best.rate * (size + 4) * 8 / 1e9);
  g_print ("wire: capture to %s, %u octets, at %.2f Mpps: %.1f %% lost and counted, %d not "
           "counted\n",
           where, size + 4, full.rate / 1e6,
           100.0 * (double) full.n_lost / (full.rate * CAPTURE_NS / FLOW_SECOND),
           (int) full.n_missing);
}

void
bench_wire_capture (WireCable *f)
{
  static const guint SIZES[] = {FLOW_SMALL, FLOW_LARGE};
  g_autofree char *on_disk = g_build_filename (f->folder, "c.pcapng", NULL);
  g_autofree char *name = g_strdup_printf ("lanloom-bench-%d.pcapng", (int) getpid ());
  g_autofree char *in_memory = g_build_filename ("/dev/shm", name, NULL);

  prctl (PR_SET_TIMERSLACK, 1);
  for (guint i = 0; i < G_N_ELEMENTS (SIZES); i++) {
    bench_capture (f, "tmpfs", in_memory, SIZES[i]);
    bench_capture (f, "a disk", on_disk, SIZES[i]);
  }
}

/* The line of /proc/PID/status that begins with @name. */
static double
read_status_mib (pid_t pid, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", (int) pid);
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents (path, &text, NULL, NULL) || (line = strstr (text, name)) == NULL)
    return 0;
  return (double) g_ascii_strtoull (line + strlen (name), NULL, 10) / 1024;
}

/* What all threads of @pid have had of the processors. */
static gint64
read_cpu_ns (pid_t pid)
{
  g_autofree char *folder = g_strdup_printf ("/proc/%d/task", (int) pid);
  g_autoptr (GDir) tasks = g_dir_open (folder, 0, NULL);
  const char *task;
  gint64 sum_ns = 0;

  while (tasks != NULL && (task = g_dir_read_name (tasks)) != NULL) {
    g_autofree char *path = g_build_filename (folder, task, "schedstat", NULL);
    g_autofree char *text = NULL;

    if (g_file_get_contents (path, &text, NULL, NULL))
      sum_ns += g_ascii_strtoll (text, NULL, 10);
  }
  return sum_ns;
}

static double
measure_cpu_percent (pid_t pid, guint seconds)
{
  gint64 before_ns = read_cpu_ns (pid);
  gint64 start_ns = wire_peer_now_ns ();

  g_usleep (seconds * G_USEC_PER_SEC);
  return 100.0 * (double) (read_cpu_ns (pid) - before_ns)
         / (double) (wire_peer_now_ns () - start_ns);
}

typedef struct {
  WireCable *f;
  WirePeer *peers[MAX_CABLES][2];
  guint n;
} Many;

static void
attach_one (Many *many)
{
  const int cookie = 1000 + (int) many->n;
  WirePeer **peers = many->peers[many->n++];
  g_autofree char *from = g_strdup_printf ("%s/%d.0", many->f->folder, cookie);
  g_autofree char *to = g_strdup_printf ("%s/%d.1", many->f->folder, cookie);

  wire_process_do (many->f->wire, "attach",
                   "{'cable': %d, 'key': '%d', 'seed': 1, 'sockets': ['%s', '%s'],"
                   " 'forward': {'delay_ms': 1}, 'backward': {'delay_ms': 1}}",
                   cookie, cookie, from, to);
  peers[0] = wire_peer_new (from);
  peers[1] = wire_peer_new (to);
  while (!wire_peer_is_connected (peers[0]) || !wire_peer_is_connected (peers[1]))
    wire_cable_turn ();
}

static void
detach_all (Many *many)
{
  for (guint i = 0; i < many->n; i++)
    for (int j = 0; j < 2; j++)
      wire_peer_free (many->peers[i][j]);
  for (guint i = 0; i < many->n; i++)
    wire_process_do (many->f->wire, "detach", "{'cable': %d}", 1000 + (int) i);
}

/* A frame every 10 ms into each of the cables; what the wire takes of a core meanwhile. */
static double
measure_ticking (Many *many, pid_t pid)
{
  const guint n_turns = 200;
  gint64 before_ns = read_cpu_ns (pid);
  gint64 start_ns = wire_peer_now_ns ();

  for (guint turn = 0; turn < n_turns; turn++) {
    for (guint i = 0; i < many->n; i++) {
      Flow flow = {.from = many->peers[i][0], .to = many->peers[i][1]};

      flow_receive (&flow);
      flow_send (&flow, 1, FLOW_SMALL);
    }
    g_usleep (10000);
  }
  return 100.0 * (double) (read_cpu_ns (pid) - before_ns)
         / (double) (wire_peer_now_ns () - start_ns);
}

static void
bench_cables (Many *many, guint n)
{
  pid_t pid = wire_process_get_pid (many->f->wire);
  double rates[N_ROUNDS];
  double quiet;
  double ticking;

  while (many->n < n)
    attach_one (many);
  quiet = measure_cpu_percent (pid, QUIET_S);
  ticking = measure_ticking (many, pid);
  for (guint i = 0; i < N_ROUNDS; i++)
    rates[i] = flow_measure_speed (many->peers[0][0], many->peers[0][1], FLOW_SECOND / 4,
                                   FLOW_SMALL);
  g_print ("wire: %u cables of 1 ms, quiet / 100 frames a second each: %.2f / %.1f %% of a core\n",
           n, quiet, ticking);
  g_print ("wire: %u cables of 1 ms, memory: %.1f MiB\n", n, read_status_mib (pid, "VmRSS:"));
  g_print ("wire: %u cables of 1 ms, 64 octets through one of them: %.2f Mpps\n", n,
           flow_median (rates, N_ROUNDS) / 1e6);
}

void
bench_wire_cables (WireCable *f)
{
  static const guint NUMBERS[] = {1, 10, MAX_CABLES};
  Many many = {.f = f};

  for (guint i = 0; i < G_N_ELEMENTS (NUMBERS); i++)
    bench_cables (&many, NUMBERS[i]);
  detach_all (&many);
}
