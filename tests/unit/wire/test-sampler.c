/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Samples of frames: how many, what they say, and what is counted when there is no room. Built a
 * second time with the thread sanitizer. */

#include "backend/wire/law/sampler.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

#define MS G_GINT64_CONSTANT (1000000)
#define COOKIE 42
#define ROOM 65536
#define N_FRAMES 100000

static const guint8 OCTETS[200] = {1, 2, 3, 4};

static gboolean
take (LoomWireRing *ring, LoomFrameSample *ret_sample)
{
  gsize size;
  const void *record = loom_wire_ring_peek (ring, &size);

  if (record == NULL)
    return FALSE;
  g_assert_cmpuint (size, ==, sizeof *ret_sample);
  memcpy (ret_sample, record, size);
  loom_wire_ring_release (ring);
  return TRUE;
}

/* Frames every @step_ns for a while: how many are told of. */
static guint
count_told (LoomWireSampler *sampler, LoomWireRing *ring, gint64 from_ns, gint64 step_ns, guint n,
            guint *ret_stood_for)
{
  LoomFrameSample sample;
  guint n_told = 0;

  *ret_stood_for = 0;
  for (guint i = 0; i < n; i++) {
    loom_wire_sampler_tell (sampler, LOOM_SAMPLE_PASSES, 0, OCTETS, sizeof OCTETS, 1,
                            from_ns + i * step_ns);
    while (take (ring, &sample)) {
      n_told++;
      *ret_stood_for += sample.n_frames;
    }
  }
  return n_told;
}

static void
test_what (void)
{
  g_autoptr (LoomWireRing) ring = loom_wire_ring_new (ROOM);
  LoomWireSampler sampler = {0};
  LoomFrameSample sample;

  g_assert_false (loom_wire_sampler_is_on (&sampler));
  loom_wire_sampler_set (&sampler, ring, COOKIE, 1, 30);
  g_assert_true (loom_wire_sampler_is_on (&sampler));
  loom_wire_sampler_tell (&sampler, LOOM_SAMPLE_LOST, LOOM_SAMPLE_RELEASED, OCTETS, 200, 0, 5 * MS);
  loom_wire_sampler_tell (&sampler, LOOM_SAMPLE_PASSES, LOOM_SAMPLE_CORRUPTED, OCTETS, 60, 9 * MS,
                          6 * MS);
  g_assert_true (take (ring, &sample));
  g_assert_cmpuint (sample.cable, ==, COOKIE);
  g_assert_cmpuint (sample.direction, ==, 1);
  g_assert_cmpuint (sample.fate, ==, LOOM_SAMPLE_LOST);
  g_assert_cmpuint (sample.marks, ==, LOOM_SAMPLE_RELEASED);
  g_assert_cmpint (sample.arrived_ns, ==, 5 * MS);
  g_assert_cmpint (sample.due_ns, ==, 0);
  g_assert_cmpuint (sample.length, ==, 200);
  g_assert_cmpmem (sample.head, sample.head_size, OCTETS, LOOM_SAMPLE_HEAD);
  g_assert_true (take (ring, &sample));
  g_assert_cmpuint (sample.length, ==, 60);
  g_assert_cmpuint (sample.head_size, ==, 60);
  g_assert_cmpint (sample.due_ns, ==, 9 * MS);
  g_assert_cmpuint (sample.n_frames, ==, 1);
  g_assert_false (take (ring, &sample));
  loom_wire_sampler_set (&sampler, ring, COOKIE, 1, 0);
  g_assert_false (loom_wire_sampler_is_on (&sampler));
}

/* Few frames are all told of; of many, as many as asked, and each says for how many it stands. */
static void
test_how_many (void)
{
  g_autoptr (LoomWireRing) ring = loom_wire_ring_new (ROOM);
  LoomWireSampler sampler = {0};
  guint stood_for;

  loom_wire_sampler_set (&sampler, ring, COOKIE, 0, 50);
  g_assert_cmpuint (count_told (&sampler, ring, 0, 100 * MS, 20, &stood_for), ==, 20);
  g_assert_cmpuint (stood_for, ==, 20);
  g_assert_cmpuint (count_told (&sampler, ring, 5000 * MS, MS / 10, 20000, &stood_for), ==,
                    LOOM_WIRE_SAMPLE_BURST + 2000 / 20 - 1);
  g_assert_cmpuint (stood_for, >, 20000 - 201);
  g_assert_cmpuint (stood_for, <=, 20000);
  /* A burst again once it was silent. */
  g_assert_cmpuint (
      count_told (&sampler, ring, 9000 * MS, 1000, LOOM_WIRE_SAMPLE_BURST + 10, &stood_for), ==,
      LOOM_WIRE_SAMPLE_BURST);
}

static void
test_full (void)
{
  g_autoptr (LoomWireRing) ring = loom_wire_ring_new (1024);
  LoomWireSampler sampler = {0};
  LoomFrameSample sample;
  guint n = 0;

  loom_wire_sampler_set (&sampler, ring, COOKIE, 0, 1000);
  for (guint i = 0; i < 20; i++)
    loom_wire_sampler_tell (&sampler, LOOM_SAMPLE_PASSES, 0, OCTETS, 200, 1, i * MS);
  while (take (ring, &sample))
    n++;
  g_assert_cmpuint (n, ==, 1024 / (sizeof sample + 8));
  loom_wire_sampler_tell (&sampler, LOOM_SAMPLE_PASSES, 0, OCTETS, 200, 1, 30 * MS);
  g_assert_true (take (ring, &sample));
  g_assert_cmpuint (sample.n_missed, ==, 20 - n);
  g_assert_cmpuint (sample.n_frames, ==, 20 - n + 1);
  loom_wire_sampler_tell (&sampler, LOOM_SAMPLE_PASSES, 0, OCTETS, 200, 1, 40 * MS);
  g_assert_true (take (ring, &sample));
  g_assert_cmpuint (sample.n_missed, ==, 0);
}

static int is_written; /* atomic */

static void *
write_all (void *data)
{
  for (guint i = 0; i < N_FRAMES; i++)
    loom_wire_sampler_tell (data, LOOM_SAMPLE_PASSES, 0, OCTETS, 100 + i % 100, 1, i * MS);
  g_atomic_int_set (&is_written, TRUE);
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (LoomWireRing) ring = loom_wire_ring_new (4096);
  LoomWireSampler sampler = {0};
  LoomFrameSample sample;
  guint stood_for = 0;
  pthread_t writer;

  loom_wire_sampler_set (&sampler, ring, COOKIE, 0, 1000);
  g_assert_cmpint (pthread_create (&writer, NULL, write_all, &sampler), ==, 0);
  while (!g_atomic_int_get (&is_written)) {
    if (!take (ring, &sample)) {
      sched_yield ();
      continue;
    }
    stood_for += sample.n_frames;
    g_assert_cmpuint (sample.cable, ==, COOKIE);
    g_assert_cmpmem (sample.head, sample.head_size, OCTETS, LOOM_SAMPLE_HEAD);
    g_assert_cmpuint (sample.length, ==, 100 + (stood_for - 1) % 100);
  }
  g_assert_cmpint (pthread_join (writer, NULL), ==, 0);
  while (take (ring, &sample))
    stood_for += sample.n_frames;
  g_assert_cmpuint (stood_for + sampler.n_frames, ==, N_FRAMES);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/sampler/what", test_what);
  g_test_add_func ("/wire/sampler/how-many", test_how_many);
  g_test_add_func ("/wire/sampler/full", test_full);
  g_test_add_func ("/wire/sampler/threads", test_threads);
  return g_test_run ();
}
