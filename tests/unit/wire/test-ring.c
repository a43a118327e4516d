/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Records through a ring from one thread to another: all that were taken arrive, in order and
 * whole. Built a second time with the thread sanitizer, which sees what x86 forgives. */

#include "backend/wire/law/ring.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

#define RING_SIZE 4096
#define MAX_RECORD 300
/* Threads take turns for every ring full, some 25 records: on a busy computer, each turn may take
 * some hundredths of a second. */
#define N_RECORDS 10000

static gsize
size_of (guint number)
{
  return sizeof number + number * 7 % (MAX_RECORD - sizeof number);
}

static gboolean
try_put (LoomWireRing *ring, guint number)
{
  gsize size = size_of (number);
  guint8 *place = loom_wire_ring_reserve (ring, size);

  if (place == NULL)
    return FALSE;
  memset (place, (int) (number & 0xff), size);
  memcpy (place, &number, sizeof number);
  loom_wire_ring_commit (ring);
  return TRUE;
}

static gboolean
try_take (LoomWireRing *ring, guint expected)
{
  gsize size;
  const guint8 *record = loom_wire_ring_peek (ring, &size);
  guint number;

  if (record == NULL)
    return FALSE;
  memcpy (&number, record, sizeof number);
  g_assert_cmpuint (number, ==, expected);
  g_assert_cmpuint (size, ==, size_of (number));
  for (gsize i = sizeof number; i < size; i++)
    g_assert_cmpuint (record[i], ==, number & 0xff);
  loom_wire_ring_release (ring);
  return TRUE;
}

static void *
write_all (void *ring)
{
  for (guint i = 0; i < N_RECORDS;)
    if (try_put (ring, i))
      i++;
    else
      sched_yield ();
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (LoomWireRing) ring = loom_wire_ring_new (RING_SIZE);
  pthread_t writer;

  g_assert_cmpint (pthread_create (&writer, NULL, write_all, ring), ==, 0);
  for (guint i = 0; i < N_RECORDS;)
    if (try_take (ring, i))
      i++;
    else
      sched_yield ();
  g_assert_cmpint (pthread_join (writer, NULL), ==, 0);
  g_assert_false (try_take (ring, 0));
}

static void
test_full (void)
{
  g_autoptr (LoomWireRing) ring = loom_wire_ring_new (RING_SIZE);
  guint n_put = 0;
  guint n_taken = 0;

  g_assert_false (try_take (ring, 0));
  g_assert_null (loom_wire_ring_reserve (ring, RING_SIZE));
  for (int round = 0; round < 1000; round++) {
    while (try_put (ring, n_put))
      n_put++;
    g_assert_cmpuint (n_put - n_taken, >, 8);
    for (int i = 0; i <= round % 7; i++)
      g_assert_true (try_take (ring, n_taken++));
  }
  while (n_taken < n_put)
    g_assert_true (try_take (ring, n_taken++));
  g_assert_false (try_take (ring, n_taken));
}

/* Reserved and never committed: as if it had not been. */
static void
test_given_up (void)
{
  g_autoptr (LoomWireRing) ring = loom_wire_ring_new (RING_SIZE);

  g_assert_nonnull (loom_wire_ring_reserve (ring, 10));
  g_assert_false (try_take (ring, 0));
  g_assert_true (try_put (ring, 5));
  g_assert_true (try_take (ring, 5));
  g_assert_false (try_take (ring, 6));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ring/full", test_full);
  g_test_add_func ("/ring/given-up", test_given_up);
  g_test_add_func ("/ring/threads", test_threads);
  return g_test_run ();
}
