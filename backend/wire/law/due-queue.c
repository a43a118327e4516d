/* SPDX-License-Identifier: GPL-3.0-or-later */

/* In the heap a frame's `child` is the first of a list, linked by `next`, of frames that come after
 * it; in the list it is the frame LOOM_WIRE_AHEAD places behind: following `next` alone, the
 * memory could be asked for one frame at a time. */

#include "backend/wire/law/due-queue.h"

static gboolean
is_before (const LoomWireFrame *a, const LoomWireFrame *b)
{
  return a->due_ns < b->due_ns || (a->due_ns == b->due_ns && a->sequence < b->sequence);
}

/* One heap of two (nullable). */
static LoomWireFrame *
meld (LoomWireFrame *a, LoomWireFrame *b)
{
  LoomWireFrame *first;
  LoomWireFrame *second;

  if (a == NULL || b == NULL)
    return a != NULL ? a : b;
  first = is_before (a, b) ? a : b;
  second = first == a ? b : a;
  second->next = first->child;
  first->child = second;
  first->next = NULL;
  return first;
}

/* One heap of a list of them: neighbours in pairs from the left, then the pairs from the right. */
static LoomWireFrame *
meld_all (LoomWireFrame *list)
{
  LoomWireFrame *pairs = NULL;
  LoomWireFrame *heap = NULL;

  while (list != NULL) {
    LoomWireFrame *a = list;
    LoomWireFrame *b = a->next;

    list = b != NULL ? b->next : NULL;
    a->next = NULL;
    if (b != NULL)
      b->next = NULL;
    a = meld (a, b);
    a->next = pairs;
    pairs = a;
  }
  while (pairs != NULL) {
    LoomWireFrame *rest = pairs->next;

    pairs->next = NULL;
    heap = meld (heap, pairs);
    pairs = rest;
  }
  return heap;
}

static LoomWireFrame *
pop_heap (LoomWireDueQueue *self)
{
  LoomWireFrame *frame = self->heap;

  self->heap = meld_all (frame->child);
  frame->child = NULL;
  return frame;
}

static LoomWireFrame *
get_first (const LoomWireDueQueue *self)
{
  LoomWireFrame *head = self->list.head;

  if (head == NULL || self->heap == NULL)
    return head != NULL ? head : self->heap;
  return is_before (head, self->heap) ? head : self->heap;
}

static void
push_list (LoomWireDueQueue *self, LoomWireFrame *frame)
{
  LoomWireFrame **last = &self->last[self->n_listed++ % LOOM_WIRE_AHEAD];

  if (self->n_list >= LOOM_WIRE_AHEAD)
    (*last)->child = frame;
  *last = frame;
  self->n_list++;
  loom_wire_fifo_push (&self->list, frame);
}

static void
pop_list (LoomWireDueQueue *self)
{
  LoomWireFrame *frame = loom_wire_fifo_pop (&self->list);

  __builtin_prefetch (frame->child, 1);
  self->n_list--;
}

void
loom_wire_due_queue_push (LoomWireDueQueue *self, LoomWireFrame *frame, gint64 due_ns)
{
  frame->due_ns = due_ns - self->shift_ns;
  frame->sequence = self->n_pushed++;
  frame->child = NULL;
  frame->next = NULL;
  self->n_frames++;
  if (self->list.tail == NULL || frame->due_ns >= self->list.tail->due_ns)
    push_list (self, frame);
  else
    self->heap = meld (self->heap, frame);
}

gint64
loom_wire_due_queue_peek (const LoomWireDueQueue *self)
{
  const LoomWireFrame *first = get_first (self);

  return first != NULL ? first->due_ns + self->shift_ns : G_MAXINT64;
}

LoomWireFrame *
loom_wire_due_queue_pop (LoomWireDueQueue *self, gint64 now_ns)
{
  LoomWireFrame *frame = get_first (self);

  if (frame == NULL || frame->due_ns + self->shift_ns > now_ns)
    return NULL;
  if (frame == self->list.head)
    pop_list (self);
  else
    pop_heap (self);
  self->n_frames--;
  frame->next = NULL;
  frame->due_ns += self->shift_ns;
  return frame;
}

void
loom_wire_due_queue_shift (LoomWireDueQueue *self, gint64 by_ns)
{
  self->shift_ns += by_ns;
}
