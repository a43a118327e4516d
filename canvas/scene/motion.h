/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames in motion: which dots are where on which cables, as a function of time, which comes in as
 * an argument. What is told of frames is a film that is played a moment later, at its own pace or
 * slower.
 *
 * The film keeps up with what happens: what it has no room for is left out, and when nothing moves
 * it goes on to the present. A journey takes as long as the frame really travelled (times the
 * slowness), but never less than can be seen. Frames of one direction keep a distance. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define LOOM_MOTION_MIN_US (400 * 1000)  /* a journey that can be seen */
#define LOOM_MOTION_LAG_US (100 * 1000)  /* so much later than real it is played */
#define LOOM_MOTION_FADE_US (500 * 1000) /* a cross stays so long */
#define LOOM_MOTION_SPACE_US (60 * 1000) /* between two of one direction */
#define LOOM_MOTION_MAX_DOTS 300
#define LOOM_MOTION_MAX_WAITING 512

typedef enum {
  LOOM_MOTION_PASSES,
  LOOM_MOTION_LOST,    /* on its way */
  LOOM_MOTION_REFUSED, /* no room: it does not set out */
  LOOM_MOTION_HELD,    /* goes as far as the middle, where it waits */
  LOOM_MOTION_DROPPED, /* held until now, and then dropped */
} LoomMotionFate;

typedef enum {
  LOOM_MOTION_DOUBLED = 1 << 0,
  LOOM_MOTION_CORRUPTED = 1 << 1,
  LOOM_MOTION_RELEASED = 1 << 2, /* it starts in the middle */
} LoomMotionMarks;

typedef struct {
  char *link; /* id; copied */
  gboolean from_b;
  guint hue; /* what it is: a number of the scene's hues */
  LoomMotionFate fate;
  LoomMotionMarks marks;
  gint64 came_us;   /* monotonic: when it came to the cable … */
  gint64 travel_us; /* … and how long it takes */
} LoomMotionFrame;

/* A dot as it is now. */
typedef struct {
  const char *link;
  double t; /* where on the cable: 0 at end a … 1 at end b */
  gboolean from_b;
  guint hue;
  double alpha;
  gboolean is_cross; /* it is gone, and this says where */
  gboolean is_corrupted;
} LoomDot;

typedef struct _LoomMotion LoomMotion;

LoomMotion *loom_motion_new (void);
void loom_motion_free (LoomMotion *self);
/* How many times slower than real: 1 … . @one_by_one: no frame sets out before those that were
 * there before it are seen to arrive. What is under way is forgotten. */
void loom_motion_set_pace (LoomMotion *self, double slowness, gboolean one_by_one);
/* In the order in which they came. */
void loom_motion_add (LoomMotion *self, const LoomMotionFrame *frame);
/* Forgets all. */
void loom_motion_clear (LoomMotion *self);
/* Goes on to @now_us (monotonic). FALSE: nothing moves nor waits to. */
gboolean loom_motion_advance (LoomMotion *self, gint64 now_us);
/* (transfer container): of LoomDot, the older below; valid until the next change. */
GArray *loom_motion_list_dots (LoomMotion *self);
/* Whether there is something to move. */
gboolean loom_motion_is_idle (LoomMotion *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LoomMotion, loom_motion_free)

G_END_DECLS
