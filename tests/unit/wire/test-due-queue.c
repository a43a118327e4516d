/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The queue against sorting: whatever is put in comes out by time, and in the order it came. */

#include "backend/wire/law/due-queue.h"
#include "backend/wire/law/random.h"

#include <string.h>

#define N_FRAMES 2000

static int
compare (gconstpointer a, gconstpointer b)
{
  const LoomWireFrame *x = *(LoomWireFrame *const *) a;
  const LoomWireFrame *y = *(LoomWireFrame *const *) b;

  if (x->arrived_ns != y->arrived_ns)
    return x->arrived_ns < y->arrived_ns ? -1 : 1;
  return x->id < y->id ? -1 : 1;
}

/* Frames due within @spread of their turn; 0: in order. arrived_ns remembers the time, id the
 * turn. */
static void
check_sorts (guint64 spread)
{
  g_autofree LoomWireFrame *frames = g_new0 (LoomWireFrame, N_FRAMES);
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  LoomWireDueQueue queue = {0};
  LoomWireRandom random;

  loom_wire_random_init (&random, spread, "due-queue");
  for (guint i = 0; i < N_FRAMES; i++) {
    frames[i].id = i;
    frames[i].arrived_ns = i / 4 + (spread > 0 ? loom_wire_random_next (&random) % spread : 0);
    loom_wire_due_queue_push (&queue, &frames[i], frames[i].arrived_ns);
    g_ptr_array_add (sorted, &frames[i]);
  }
  g_ptr_array_sort (sorted, compare);
  g_assert_cmpuint (queue.n_frames, ==, N_FRAMES);
  for (guint i = 0; i < N_FRAMES; i++) {
    LoomWireFrame *expected = sorted->pdata[i];

    g_assert_cmpint (loom_wire_due_queue_peek (&queue), ==, expected->arrived_ns);
    g_assert_null (loom_wire_due_queue_pop (&queue, expected->arrived_ns - 1));
    g_assert_true (loom_wire_due_queue_pop (&queue, expected->arrived_ns) == expected);
    g_assert_cmpint (expected->due_ns, ==, expected->arrived_ns);
  }
  g_assert_cmpint (loom_wire_due_queue_peek (&queue), ==, G_MAXINT64);
  g_assert_null (loom_wire_due_queue_pop (&queue, G_MAXINT64));
  g_assert_cmpuint (queue.n_frames, ==, 0);
}

static void
test_sorts (void)
{
  check_sorts (0);
  check_sorts (2);
  check_sorts (50);
  check_sorts (100000);
}

/* Pushes and pops in turns: the heap's shape changes all the time. */
static void
test_mixed (void)
{
  g_autofree LoomWireFrame *frames = g_new0 (LoomWireFrame, N_FRAMES);
  LoomWireDueQueue queue = {0};
  LoomWireRandom random;
  guint n_out = 0;

  loom_wire_random_init (&random, 1, "mixed");
  for (guint now = 0; n_out < N_FRAMES; now++) {
    LoomWireFrame *frame;

    if (now < N_FRAMES)
      loom_wire_due_queue_push (&queue, &frames[now], now + loom_wire_random_next (&random) % 300);
    while ((frame = loom_wire_due_queue_pop (&queue, now)) != NULL) {
      g_assert_cmpint (frame->due_ns, ==, now);
      n_out++;
    }
    g_assert_cmpuint (queue.n_frames, ==, MIN (now + 1, N_FRAMES) - n_out);
  }
}

/* What has left the queue is somebody else's, who may do with it what he likes: the queue does not
 * write to it any more. With fewer and with more in the list than are fetched ahead. */
static void
test_lets_go (void)
{
  LoomWireFrame frames[3 * LOOM_WIRE_AHEAD];
  const guint n = G_N_ELEMENTS (frames);

  for (guint n_under_way = 1; n_under_way < n; n_under_way++) {
    LoomWireDueQueue queue = {0};

    for (guint i = 0; i < n + n_under_way; i++) {
      LoomWireFrame *frame = &frames[i % n];

      loom_wire_due_queue_push (&queue, frame, i);
      if (i < n_under_way)
        continue;
      frame = loom_wire_due_queue_pop (&queue, i);
      g_assert_true (frame == &frames[(i - n_under_way) % n]);
      memset (frame, 0x5a, sizeof *frame);
    }
    /* Those that left first and were not used again. */
    for (guint i = n_under_way; i < n; i++)
      for (gsize j = 0; j < sizeof frames[i]; j++)
        g_assert_cmphex (((const guint8 *) &frames[i])[j], ==, 0x5a);
  }
}

static void
test_shift (void)
{
  LoomWireFrame frames[3] = {0};
  LoomWireDueQueue queue = {0};

  loom_wire_due_queue_push (&queue, &frames[0], 100);
  loom_wire_due_queue_push (&queue, &frames[1], 200);
  loom_wire_due_queue_shift (&queue, 1000);
  g_assert_cmpint (loom_wire_due_queue_peek (&queue), ==, 1100);
  loom_wire_due_queue_push (&queue, &frames[2], 1150);
  g_assert_true (loom_wire_due_queue_pop (&queue, 1100) == &frames[0]);
  g_assert_true (loom_wire_due_queue_pop (&queue, 2000) == &frames[2]);
  g_assert_cmpint (frames[2].due_ns, ==, 1150);
  loom_wire_due_queue_shift (&queue, -1100);
  g_assert_true (loom_wire_due_queue_pop (&queue, 100) == &frames[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/due-queue/sorts", test_sorts);
  g_test_add_func ("/due-queue/mixed", test_mixed);
  g_test_add_func ("/due-queue/lets-go", test_lets_go);
  g_test_add_func ("/due-queue/shift", test_shift);
  return g_test_run ();
}
