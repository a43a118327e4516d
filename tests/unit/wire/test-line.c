/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One direction of a cable with the test as its clock. */

#include "backend/wire/law/line.h"

#define LENGTH 1000
#define MS 1000000

typedef struct {
  LoomWireLine line;
  LoomWireFrame frames[3000];
  guint n_sent;
  guint n_dropped;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  LoomWireSettings settings;

  loom_wire_settings_init (&settings);
  loom_wire_line_init (&f->line, &settings, 1, "pc1:0 pc2:0", "forward", 0);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  while (loom_wire_line_take_any (&f->line) != NULL)
    ;
  g_assert_cmpuint (loom_wire_line_get_n_frames (&f->line), ==, 0);
  g_assert_cmpint (loom_wire_line_next_ns (&f->line), ==, G_MAXINT64);
}

static void
send (Fixture *f, gint64 now_ns, guint length)
{
  LoomWireVerdict verdict = loom_wire_line_decide (&f->line, now_ns, length);
  LoomWireFrame *frame = &f->frames[f->n_sent];

  if (verdict.fate != LOOM_WIRE_PASS) {
    f->n_dropped++;
    return;
  }
  *frame = (LoomWireFrame){.arrived_ns = now_ns, .length = length, .id = f->n_sent++};
  loom_wire_line_push (&f->line, frame, &verdict, now_ns);
}

static void
change (Fixture *f, gint64 now_ns, double delay_ms, double rate_mbps)
{
  LoomWireSettings settings = f->line.settings;

  settings.delay_ns = delay_ms * MS;
  settings.rate_mbps = rate_mbps;
  loom_wire_line_set (&f->line, &settings, now_ns);
}

static void
expect (Fixture *f, gint64 due_ns, guint id)
{
  LoomWireFrame *frame;

  while ((frame = loom_wire_line_pop (&f->line, due_ns - 1)) == NULL
         && loom_wire_line_next_ns (&f->line) < due_ns)
    ;
  g_assert_null (frame);
  frame = loom_wire_line_pop (&f->line, due_ns);
  g_assert_nonnull (frame);
  g_assert_cmpint (frame->due_ns, ==, due_ns);
  g_assert_cmpuint (frame->id, ==, id);
}

static void
test_delay (Fixture *f, gconstpointer data)
{
  change (f, 0, 20, 0);
  send (f, 5 * MS, LENGTH);
  send (f, 5 * MS, LENGTH);
  send (f, 6 * MS, LENGTH);
  g_assert_cmpint (loom_wire_line_next_ns (&f->line), ==, 25 * MS);
  expect (f, 25 * MS, 0);
  expect (f, 25 * MS, 1);
  expect (f, 26 * MS, 2);
}

/* 1024 octets on the cable at 8.192 Mbit/s: 1 ms each; then 10 ms of delay. */
static void
test_rate (Fixture *f, gconstpointer data)
{
  change (f, 0, 10, 8.192);
  send (f, 0, LENGTH);
  send (f, 0, LENGTH);
  send (f, 5 * MS, LENGTH);
  expect (f, 11 * MS, 0);
  expect (f, 12 * MS, 1);
  expect (f, 16 * MS, 2);
}

/* Offered twice as much as the rate for a while: what comes out is the rate, to the frame. */
static void
check_rate (Fixture *f, double rate_mbps, guint length)
{
  const int n = 2000;
  double busy_ns = (length + 24) * 8e3 / rate_mbps;
  LoomWireFrame *frame;
  gint64 last_ns = 0;
  int n_out = 0;

  set_up (f, NULL);
  f->n_sent = 0;
  f->line.settings.queue_frames = 100000;
  change (f, 0, 0, rate_mbps);
  for (int i = 0; i < n; i++)
    send (f, (gint64) (i * busy_ns / 2), length);
  while ((frame = loom_wire_line_pop (&f->line, G_MAXINT64 / 2)) != NULL) {
    last_ns = frame->due_ns;
    n_out++;
  }
  g_assert_cmpint (n_out, ==, n);
  g_test_message ("%g Mbit/s, %u octets: %.4f of it", rate_mbps, length,
                  n * busy_ns / (double) last_ns);
  g_assert_cmpfloat_with_epsilon (n * busy_ns / (double) last_ns, 1, 0.001);
}

static void
test_rates (Fixture *f, gconstpointer data)
{
  static const double RATES[] = {0.064, 1, 10, 100, 1000, 100000, 1000000};

  for (guint i = 0; i < G_N_ELEMENTS (RATES); i++) {
    check_rate (f, RATES[i], 60);
    check_rate (f, RATES[i], 1514);
  }
}

static void
test_tail_drop (Fixture *f, gconstpointer data)
{
  f->line.settings.queue_frames = 10;
  change (f, 0, 0, 8.192);
  for (int i = 0; i < 30; i++)
    send (f, 0, LENGTH);
  g_assert_cmpuint (f->n_dropped, ==, 20);
  /* By then two have been sent. */
  for (int i = 0; i < 3; i++)
    send (f, 2 * MS + 1, LENGTH);
  g_assert_cmpuint (f->n_dropped, ==, 21);
}

/* A delay is no queue: any number of frames can be under way. */
static void
test_delay_holds_many (Fixture *f, gconstpointer data)
{
  f->line.settings.queue_frames = 1;
  change (f, 0, 1000, 0);
  for (int i = 0; i < 3000; i++)
    send (f, i, LENGTH);
  g_assert_cmpuint (f->n_dropped, ==, 0);
  g_assert_cmpuint (loom_wire_line_get_n_frames (&f->line), ==, 3000);
}

static void
test_set_delay (Fixture *f, gconstpointer data)
{
  change (f, 0, 1000, 0);
  send (f, 0, LENGTH);
  send (f, 10 * MS, LENGTH);
  change (f, 20 * MS, 100, 0);
  send (f, 30 * MS, LENGTH);
  expect (f, 100 * MS, 0);
  expect (f, 110 * MS, 1);
  change (f, 120 * MS, 500, 0);
  expect (f, 530 * MS, 2);
}

/* Half a frame is sent at the old rate, the rest at the new. */
static void
test_set_rate (Fixture *f, gconstpointer data)
{
  change (f, 0, 0, 8.192);
  for (int i = 0; i < 4; i++)
    send (f, 0, LENGTH);
  change (f, MS / 2, 0, 0.8192);
  expect (f, MS / 2 + 5 * MS, 0);
  expect (f, MS / 2 + 15 * MS, 1);
  change (f, 16 * MS, 0, 0);
  expect (f, 16 * MS, 2);
  expect (f, 16 * MS, 3);
  g_assert_cmpuint (f->n_dropped, ==, 0);
}

static guint
count_overtakings (Fixture *f)
{
  LoomWireFrame *frame;
  guint last_id = 0;
  guint n = 0;

  f->line.settings.jitter_ns = 5 * MS;
  change (f, 0, 10, 0);
  for (int i = 0; i < 1000; i++)
    send (f, i * MS / 10, LENGTH);
  while ((frame = loom_wire_line_pop (&f->line, G_MAXINT64 / 2)) != NULL) {
    n += frame->id < last_id;
    last_id = frame->id;
  }
  return n;
}

static void
test_keeps_order (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (count_overtakings (f), ==, 0);
}

static void
test_overtakes (Fixture *f, gconstpointer data)
{
  f->line.settings.keep_order = FALSE;
  g_assert_cmpuint (count_overtakings (f), >, 100);
}

static void
test_reorder (Fixture *f, gconstpointer data)
{
  change (f, 0, 10, 0);
  send (f, 0, LENGTH);
  f->line.settings.reorder = 1;
  send (f, MS, LENGTH);
  f->line.settings.reorder = 0;
  send (f, 2 * MS, LENGTH);
  expect (f, MS, 1);
  expect (f, 10 * MS, 0);
  expect (f, 12 * MS, 2);
}

/* What is foreseen when a frame comes is when it leaves: in a queue for the rate too, and behind
 * changes of the delay. */
static void
test_foresee (Fixture *f, gconstpointer data)
{
  static const double delays_ms[] = {50, 5, 20};
  gint64 now_ns = 0;

  for (guint round = 0; round < 6; round++) {
    guint first = f->n_sent;
    gint64 foreseen_ns[4];

    now_ns += 500 * MS;
    change (f, now_ns, delays_ms[round % 3], round < 3 ? 0 : 0.8);
    for (guint i = 0; i < G_N_ELEMENTS (foreseen_ns); i++) {
      send (f, now_ns + i * MS, 76 + 100 * i);
      foreseen_ns[i] = loom_wire_line_foresee_ns (&f->line, &f->frames[first + i]);
    }
    for (guint i = 0; i < G_N_ELEMENTS (foreseen_ns); i++) {
      LoomWireFrame *frame;

      while ((frame = loom_wire_line_pop (&f->line, loom_wire_line_next_ns (&f->line))) == NULL)
        ;
      g_assert_true (frame == &f->frames[first + i]);
      g_assert_cmpint (ABS (frame->due_ns - foreseen_ns[i]), <=, 1);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/line/delay", test_delay);
  ADD ("/line/rate", test_rate);
  ADD ("/line/rates", test_rates);
  ADD ("/line/tail-drop", test_tail_drop);
  ADD ("/line/delay-holds-many", test_delay_holds_many);
  ADD ("/line/set-delay", test_set_delay);
  ADD ("/line/set-rate", test_set_rate);
  ADD ("/line/keeps-order", test_keeps_order);
  ADD ("/line/overtakes", test_overtakes);
  ADD ("/line/reorder", test_reorder);
  ADD ("/line/foresee", test_foresee);
#undef ADD
  return g_test_run ();
}
