/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What becomes of a frame that came to a cable: a function of the settings, the state, the time and
 * the frame's length, and of nothing else. Every random number of a frame is drawn here, in a fixed
 * order, so that the same seed and the same frames have the same fate again. Early drops depend on
 * when frames come and draw from a stream of their own. */

#pragma once

#include "backend/wire/law/random.h"
#include "backend/wire/law/red.h"
#include "backend/wire/law/settings.h"

G_BEGIN_DECLS

typedef enum {
  LOOM_WIRE_PASS,
  LOOM_WIRE_LOST,       /* by chance */
  LOOM_WIRE_QUEUE_FULL, /* no room before the rate */
  LOOM_WIRE_RED_DROP,
} LoomWireFate;

typedef struct {
  LoomWireFate fate;
  /* Of a frame that passes: */
  gboolean duplicate;
  gboolean reorder;        /* travels in no time */
  gint64 delay_ns;         /* how long it travels; never negative */
  guint64 first_bit_error; /* counted from its first bit; G_MAXUINT64: none */
} LoomWireVerdict;

typedef struct {
  gboolean in_burst; /* Gilbert and Elliott's bad state */
  LoomWireRed red;
  LoomWireRandom random;
  LoomWireRandom red_random;
  LoomWireRandom bit_random; /* bit errors behind the first of a frame */
} LoomWireState;

/* What waits for the cable's rate. */
typedef struct {
  guint n_frames;
  guint64 n_bytes;
} LoomWireBacklog;

/* @key names the cable, @direction "forward" or "backward": each has streams of its own. */
void loom_wire_state_init (LoomWireState *self, guint64 seed, const char *key,
                           const char *direction);

LoomWireVerdict loom_wire_decide (const LoomWireSettings *settings, LoomWireState *state,
                                  const LoomWireBacklog *backlog, gint64 now_ns, guint length);

/* Flips the bits of @frame that went wrong: @first and, drawn now, those behind it. */
void loom_wire_corrupt (const LoomWireSettings *settings, LoomWireState *state, guint64 first,
                        guint8 *frame, guint length);

G_END_DECLS
