/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the laws know of a frame. Queues of frames are made of the frames themselves, so that
 * nothing is allocated on the way. One cache line: a frame that was under way for long is not in
 * any cache, and this is all of it that is touched when it leaves. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _LoomWireFrame LoomWireFrame;

struct _LoomWireFrame {
  LoomWireFrame *next;  /* the one behind it in whichever queue it is in */
  LoomWireFrame *child; /* in a heap: the first of those that come after it */
  guint8 *octets;       /* where they are, for good */
  guint64 sequence;     /* in a queue: how many were put there before */
  gint64 due_ns;        /* when it leaves the cable */
  gint64 arrived_ns;    /* when it came to the cable */
  gint64 delay_ns;      /* how long it travels after it was sent at the cable's rate */
  guint32 length;       /* octets, without the FCS */
  guint32 id;           /* while held: its name for the control connection */
};

G_STATIC_ASSERT (sizeof (LoomWireFrame) <= 64);

/* First in, first out. */
typedef struct {
  LoomWireFrame *head;
  LoomWireFrame *tail;
} LoomWireFifo;

static inline void
loom_wire_fifo_push (LoomWireFifo *fifo, LoomWireFrame *frame)
{
  frame->next = NULL;
  if (fifo->tail != NULL)
    fifo->tail->next = frame;
  else
    fifo->head = frame;
  fifo->tail = frame;
}

/* (nullable): the oldest. */
static inline LoomWireFrame *
loom_wire_fifo_pop (LoomWireFifo *fifo)
{
  LoomWireFrame *frame = fifo->head;

  if (frame == NULL)
    return NULL;
  fifo->head = frame->next;
  /* Frames that travelled for long are out of the caches; the next one can be on its way already.
   */
  __builtin_prefetch (fifo->head);
  if (fifo->head == NULL)
    fifo->tail = NULL;
  return frame;
}

G_END_DECLS
