/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Two counters of octets that only grow: `head` is written by the writing thread alone, `tail` by
 * the reading thread alone, and each publishes with a release what the other acquires. A record
 * that would not fit before the end of the memory starts at its beginning, behind a mark. */

#include "backend/wire/law/ring.h"

#define ALIGNMENT 8
#define CACHE_LINE 64
#define SKIP G_MAXUINT64 /* in place of a size: go on at the beginning */

struct _LoomWireRing {
  guint8 *memory;
  gsize size;

  /* The writing thread's. */
  gsize head __attribute__ ((aligned (CACHE_LINE))); /* atomic */
  gsize reserved;                                    /* what head becomes at commit */
  gsize known_tail;

  /* The reading thread's. */
  gsize tail __attribute__ ((aligned (CACHE_LINE))); /* atomic */
  gsize peeked;                                      /* what tail becomes at release */
};

static guint64 *
word_at (LoomWireRing *self, gsize position)
{
  return (guint64 *) (self->memory + (position & (self->size - 1)));
}

static gboolean
has_room (LoomWireRing *self, gsize end)
{
  if (end - self->known_tail <= self->size)
    return TRUE;
  self->known_tail = __atomic_load_n (&self->tail, __ATOMIC_ACQUIRE);
  return end - self->known_tail <= self->size;
}

LoomWireRing *
loom_wire_ring_new (gsize size)
{
  LoomWireRing *self = g_aligned_alloc0 (1, sizeof *self, CACHE_LINE);

  g_assert (size >= 4 * ALIGNMENT && (size & (size - 1)) == 0);
  self->size = size;
  self->memory = g_malloc (size);
  return self;
}

void
loom_wire_ring_free (LoomWireRing *self)
{
  if (self == NULL)
    return;
  g_free (self->memory);
  g_aligned_free (self);
}

void *
loom_wire_ring_reserve (LoomWireRing *self, gsize size)
{
  gsize start = self->head;
  gsize to_end = self->size - (start & (self->size - 1));
  gsize needed = ALIGNMENT + ((size + ALIGNMENT - 1) & ~(gsize) (ALIGNMENT - 1));
  gboolean wraps = needed > to_end;

  if (size > self->size / 2)
    return NULL;
  if (wraps)
    start += to_end;
  if (!has_room (self, start + needed))
    return NULL;
  if (wraps)
    *word_at (self, self->head) = SKIP;
  *word_at (self, start) = size;
  self->reserved = start + needed;
  return word_at (self, start) + 1;
}

void
loom_wire_ring_commit (LoomWireRing *self)
{
  __atomic_store_n (&self->head, self->reserved, __ATOMIC_RELEASE);
}

const void *
loom_wire_ring_peek (LoomWireRing *self, gsize *ret_size)
{
  gsize at = self->tail;
  guint64 size;

  if (at == __atomic_load_n (&self->head, __ATOMIC_ACQUIRE))
    return NULL;
  size = *word_at (self, at);
  if (size == SKIP) {
    at += self->size - (at & (self->size - 1));
    size = *word_at (self, at);
  }
  self->peeked = at + ALIGNMENT + ((size + ALIGNMENT - 1) & ~(gsize) (ALIGNMENT - 1));
  *ret_size = size;
  return word_at (self, at) + 1;
}

void
loom_wire_ring_release (LoomWireRing *self)
{
  __atomic_store_n (&self->tail, self->peeked, __ATOMIC_RELEASE);
}
