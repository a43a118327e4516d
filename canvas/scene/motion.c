/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The film is at a moment of the past, film_us, which moves 1/slowness as fast as time does. Frames
 * that came by then set out. It jumps when nothing moves, and when it is too far behind. */

#include "canvas/scene/motion.h"

/* Further away than this, the next frame is jumped to. */
#define PAUSE_US (300 * 1000)
/* As old as this at a pause, a frame is not shown any more. */
#define OLD_US G_USEC_PER_SEC
#define MAX_BEHIND_US (60 * G_USEC_PER_SEC)
/* Later than it came by so much, a frame of a row is left out. */
#define MAX_ROW 8
#define STOP_LOST 0.5
#define STOP_REFUSED 0.12
#define MIDDLE 0.5
/* How far behind its original a copy travels. */
#define COPY_BEHIND 0.09

/* One direction of a cable. */
typedef struct {
  char *link;
  gboolean from_b;
  gint64 last_us; /* when a dot set out last */
} Lane;

typedef struct {
  Lane *lane;
  guint hue;
  LoomMotionFate fate;
  LoomMotionMarks marks;
  gint64 came_us;
  gint64 travel_us;
  gint64 start_us; /* of its journey as it is shown; 0: it waits */
  gint64 journey_us;
} Actor;

struct _LoomMotion {
  GHashTable *lanes; /* "link>" or "link<" → Lane */
  GQueue waiting;    /* of Actor, by came_us */
  GQueue acting;     /* of Actor, by start_us */
  double slowness;
  gboolean one_by_one;
  gboolean plays;
  double film_us;
  gint64 now_us;
};

static void
lane_free (gpointer data)
{
  Lane *lane = data;

  g_free (lane->link);
  g_free (lane);
}

static Lane *
ensure_lane (LoomMotion *self, const char *link, gboolean from_b)
{
  g_autofree char *key = g_strconcat (link, from_b ? "<" : ">", NULL);
  Lane *lane = g_hash_table_lookup (self->lanes, key);

  if (lane == NULL) {
    lane = g_new0 (Lane, 1);
    lane->link = g_strdup (link);
    lane->from_b = from_b;
    g_hash_table_insert (self->lanes, g_steal_pointer (&key), lane);
  }
  return lane;
}

LoomMotion *
loom_motion_new (void)
{
  LoomMotion *self = g_new0 (LoomMotion, 1);

  self->lanes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, lane_free);
  self->slowness = 1;
  return self;
}

void
loom_motion_free (LoomMotion *self)
{
  loom_motion_clear (self);
  g_hash_table_unref (self->lanes);
  g_free (self);
}

void
loom_motion_clear (LoomMotion *self)
{
  g_queue_clear_full (&self->waiting, g_free);
  g_queue_clear_full (&self->acting, g_free);
  g_hash_table_remove_all (self->lanes);
  self->plays = FALSE;
}

void
loom_motion_set_pace (LoomMotion *self, double slowness, gboolean one_by_one)
{
  loom_motion_clear (self);
  self->slowness = MAX (slowness, 1);
  self->one_by_one = one_by_one;
}

void
loom_motion_add (LoomMotion *self, const LoomMotionFrame *frame)
{
  Actor *actor;

  if (self->waiting.length >= LOOM_MOTION_MAX_WAITING)
    return;
  actor = g_new0 (Actor, 1);
  actor->lane = ensure_lane (self, frame->link, frame->from_b);
  actor->hue = frame->hue;
  actor->fate = frame->fate;
  actor->marks = frame->marks;
  actor->came_us = frame->came_us;
  actor->travel_us = MAX (frame->travel_us, 0);
  g_queue_push_tail (&self->waiting, actor);
}

/* The part of the cable that is travelled. */
static double
start_of (const Actor *actor)
{
  return actor->marks & LOOM_MOTION_RELEASED ? MIDDLE : 0;
}

static double
stop_of (const Actor *actor)
{
  switch (actor->fate) {
  case LOOM_MOTION_LOST:
    return MAX (STOP_LOST, start_of (actor) * 1.5);
  case LOOM_MOTION_REFUSED:
    return start_of (actor) + STOP_REFUSED;
  case LOOM_MOTION_HELD:
  case LOOM_MOTION_DROPPED:
    return MIDDLE;
  case LOOM_MOTION_PASSES:
  default:
    return 1;
  }
}

static gboolean
ends_in_cross (const Actor *actor)
{
  return actor->fate != LOOM_MOTION_PASSES && actor->fate != LOOM_MOTION_HELD;
}

/* How long it is on its way. */
static gint64
moving_us (const Actor *actor)
{
  double part = stop_of (actor) - start_of (actor);

  if (actor->marks & LOOM_MOTION_DOUBLED)
    part += COPY_BEHIND;
  return (gint64) (actor->journey_us * part);
}

static gint64
end_us (const Actor *actor)
{
  return actor->start_us + moving_us (actor) + (ends_in_cross (actor) ? LOOM_MOTION_FADE_US : 0);
}

static void
drop_finished (LoomMotion *self)
{
  GList *next;

  for (GList *l = self->acting.head; l != NULL; l = next) {
    next = l->next;
    if (end_us (l->data) > self->now_us)
      continue;
    g_free (l->data);
    g_queue_delete_link (&self->acting, l);
  }
}

/* Whether one that was there before @actor came is still seen to travel elsewhere. */
static gboolean
must_wait (LoomMotion *self, const Actor *actor)
{
  for (GList *l = self->acting.head; self->one_by_one && l != NULL; l = l->next) {
    const Actor *other = l->data;

    if (other->lane != actor->lane && other->came_us + other->travel_us <= actor->came_us
        && other->start_us + moving_us (other) > self->now_us)
      return TRUE;
  }
  return FALSE;
}

static void
set_out (LoomMotion *self, Actor *actor)
{
  gint64 at_us = self->now_us - (gint64) ((self->film_us - actor->came_us) * self->slowness);
  gint64 start_us = MAX (at_us, actor->lane->last_us + LOOM_MOTION_SPACE_US);

  if (start_us - at_us > MAX_ROW * LOOM_MOTION_SPACE_US) {
    g_free (actor);
    return;
  }
  actor->start_us = actor->lane->last_us = start_us;
  actor->journey_us = MAX ((gint64) (actor->travel_us * self->slowness), LOOM_MOTION_MIN_US);
  g_queue_push_tail (&self->acting, actor);
  if (self->acting.length > LOOM_MOTION_MAX_DOTS)
    g_free (g_queue_pop_head (&self->acting));
}

static void
start_due (LoomMotion *self)
{
  Actor *actor;

  while ((actor = g_queue_peek_head (&self->waiting)) != NULL && actor->came_us <= self->film_us) {
    if (must_wait (self, actor)) {
      /* The film stands still meanwhile. */
      self->film_us = actor->came_us;
      return;
    }
    set_out (self, g_queue_pop_head (&self->waiting));
  }
}

static void
forget_older (LoomMotion *self, double than_us)
{
  Actor *actor;

  while ((actor = g_queue_peek_head (&self->waiting)) != NULL && actor->came_us < than_us)
    g_free (g_queue_pop_head (&self->waiting));
}

/* Where the film goes on when nothing is to be seen, or it is too late. */
static void
cut (LoomMotion *self)
{
  double present_us = (double) self->now_us - LOOM_MOTION_LAG_US;
  double limit_us = MIN (OLD_US * self->slowness, MAX_BEHIND_US);
  const Actor *next;

  if (!self->plays || self->now_us - self->film_us > limit_us) {
    if (self->plays)
      forget_older (self, present_us);
    self->film_us = present_us;
    self->plays = TRUE;
  }
  next = g_queue_peek_head (&self->waiting);
  if (self->acting.length > 0 || next == NULL
      || next->came_us - self->film_us <= PAUSE_US / self->slowness)
    return;
  forget_older (self, (double) self->now_us - OLD_US);
  next = g_queue_peek_head (&self->waiting);
  self->film_us = next != NULL ? MIN (next->came_us, present_us) : present_us;
}

gboolean
loom_motion_advance (LoomMotion *self, gint64 now_us)
{
  gint64 passed_us = self->plays ? CLAMP (now_us - self->now_us, 0, G_USEC_PER_SEC) : 0;

  self->now_us = now_us;
  self->film_us += passed_us / self->slowness;
  drop_finished (self);
  cut (self);
  start_due (self);
  if (loom_motion_is_idle (self))
    self->plays = FALSE;
  return self->plays;
}

static void
add_dot (GArray *dots, const Actor *actor, double along, double alpha, gboolean is_cross)
{
  LoomDot dot = {
      .link = actor->lane->link,
      .t = actor->lane->from_b ? 1 - along : along,
      .from_b = actor->lane->from_b,
      .hue = actor->hue,
      .alpha = alpha,
      .is_cross = is_cross,
      .is_corrupted = (actor->marks & LOOM_MOTION_CORRUPTED) != 0 && along >= MIDDLE,
  };

  g_array_append_val (dots, dot);
}

static void
add_dots (GArray *dots, const Actor *actor, gint64 now_us)
{
  gint64 passed_us = now_us - actor->start_us;
  double along = start_of (actor) + (double) passed_us / actor->journey_us;
  double stop = stop_of (actor);

  if (passed_us < 0)
    return;
  if (along < stop)
    add_dot (dots, actor, along, 1, FALSE);
  else if (ends_in_cross (actor))
    add_dot (dots, actor, stop, 1 - (double) (passed_us - moving_us (actor)) / LOOM_MOTION_FADE_US,
             TRUE);
  /* The copy leaves its original in the middle, and falls behind. */
  if ((actor->marks & LOOM_MOTION_DOUBLED) && along - COPY_BEHIND >= MIDDLE
      && along - COPY_BEHIND < stop)
    add_dot (dots, actor, along - COPY_BEHIND, 1, FALSE);
}

GArray *
loom_motion_list_dots (LoomMotion *self)
{
  GArray *dots = g_array_new (FALSE, FALSE, sizeof (LoomDot));

  for (GList *l = self->acting.head; l != NULL; l = l->next)
    add_dots (dots, l->data, self->now_us);
  return dots;
}

gboolean
loom_motion_is_idle (LoomMotion *self)
{
  return self->waiting.length == 0 && self->acting.length == 0;
}
