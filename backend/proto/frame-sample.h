/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What lanloom-wire tells of a frame to those who watch a cable: a record of 128 octets, written to
 * a pipe as it lies in memory. Both ends run on one host, and their clock is CLOCK_MONOTONIC. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define LOOM_SAMPLE_HEAD 84

typedef enum {
  LOOM_SAMPLE_PASSES,
  LOOM_SAMPLE_LOST,       /* by chance */
  LOOM_SAMPLE_QUEUE_DROP, /* no room before the rate */
  LOOM_SAMPLE_RED_DROP,
  LOOM_SAMPLE_HELD,    /* it waits for somebody's decision */
  LOOM_SAMPLE_DROPPED, /* that decision was to drop it */
} LoomSampleFate;

typedef enum {
  LOOM_SAMPLE_DUPLICATED = 1 << 0,
  LOOM_SAMPLE_CORRUPTED = 1 << 1,
  LOOM_SAMPLE_REORDERED = 1 << 2, /* it overtakes */
  LOOM_SAMPLE_RELEASED = 1 << 3,  /* it was held until now */
} LoomSampleMarks;

typedef struct {
  guint64 cable; /* the cookie it was attached by */
  gint64 arrived_ns;
  gint64 due_ns; /* when it leaves, as far as is known then; 0: it does not */
  /* How many frames of its direction it stands for, itself and those that were not told of. */
  guint32 n_frames;
  guint32 n_missed; /* records that this reader did not take in time, since the last one */
  guint32 length;   /* octets, without the FCS */
  guint8 direction; /* 0: forward */
  guint8 fate;      /* LoomSampleFate */
  guint8 marks;     /* LoomSampleMarks */
  guint8 head_size;
  guint8 head[LOOM_SAMPLE_HEAD]; /* its first octets, before any bit went wrong */
  guint32 reserved;
} LoomFrameSample;

G_STATIC_ASSERT (sizeof (LoomFrameSample) == 128);

G_END_DECLS
