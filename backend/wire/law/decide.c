/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See decide.h. Bursts are those of E. Gilbert, "Capacity of a burst-noise channel", Bell System
 * Technical Journal 39, 1960, and E. Elliott, the same 42, 1963: two states, each with its own
 * loss. */

#include "backend/wire/law/decide.h"

static gboolean
is_lost (const LoomWireSettings *settings, LoomWireState *state)
{
  double change = state->in_burst ? settings->burst_leave : settings->burst_enter;

  if (loom_wire_random_chance (&state->random, change))
    state->in_burst = !state->in_burst;
  return loom_wire_random_chance (&state->random,
                                  state->in_burst ? settings->burst_loss : settings->loss);
}

/* Around 0. */
static double
draw_jitter_ns (const LoomWireSettings *settings, LoomWireRandom *random)
{
  switch (settings->jitter_law) {
  case LOOM_WIRE_JITTER_NORMAL:
    return settings->jitter_ns * loom_wire_random_normal (random);
  case LOOM_WIRE_JITTER_PARETO:
    return settings->jitter_ns * loom_wire_random_pareto (random);
  case LOOM_WIRE_JITTER_UNIFORM:
  default:
    return settings->jitter_ns * (2 * loom_wire_random_unit (random) - 1);
  }
}

static gint64
draw_delay_ns (const LoomWireSettings *settings, LoomWireRandom *random)
{
  double delay_ns = settings->delay_ns;

  if (settings->jitter_ns > 0)
    delay_ns += draw_jitter_ns (settings, random);
  return (gint64) MAX (delay_ns, 0);
}

static guint64
draw_bit_error (const LoomWireSettings *settings, LoomWireRandom *random, guint length)
{
  guint64 n_bits = (guint64) length * 8;
  guint64 bit;

  if (settings->bit_error <= 0)
    return G_MAXUINT64;
  bit = loom_wire_random_failures (random, settings->bit_error, n_bits);
  return bit < n_bits ? bit : G_MAXUINT64;
}

/* How full the queue is, of whichever limit is nearer. */
static double
get_share (const LoomWireSettings *settings, const LoomWireBacklog *backlog)
{
  double share = backlog->n_frames / settings->queue_frames;

  if (settings->queue_bytes > 0)
    share = MAX (share, (double) backlog->n_bytes / settings->queue_bytes);
  return share;
}

static gboolean
has_room (const LoomWireSettings *settings, const LoomWireBacklog *backlog, guint length)
{
  if (backlog->n_frames == 0)
    return TRUE; /* or a frame larger than the queue could never pass */
  return backlog->n_frames + 1 <= settings->queue_frames
         && (settings->queue_bytes <= 0
             || (double) (backlog->n_bytes + length) <= settings->queue_bytes);
}

static LoomWireFate
try_queue (const LoomWireSettings *settings, LoomWireState *state, const LoomWireBacklog *backlog,
           gint64 now_ns, guint length)
{
  if (settings->rate_mbps <= 0)
    return LOOM_WIRE_PASS;
  if (loom_wire_red_drops (&state->red, settings, get_share (settings, backlog), now_ns,
                           &state->red_random))
    return LOOM_WIRE_RED_DROP;
  return has_room (settings, backlog, length) ? LOOM_WIRE_PASS : LOOM_WIRE_QUEUE_FULL;
}

void
loom_wire_state_init (LoomWireState *self, guint64 seed, const char *key, const char *direction)
{
  g_autofree char *name = g_strdup_printf ("%s %s", key, direction);
  g_autofree char *red_name = g_strconcat (name, " red", NULL);
  g_autofree char *bit_name = g_strconcat (name, " bits", NULL);

  self->in_burst = FALSE;
  loom_wire_red_init (&self->red);
  loom_wire_random_init (&self->random, seed, name);
  loom_wire_random_init (&self->red_random, seed, red_name);
  loom_wire_random_init (&self->bit_random, seed, bit_name);
}

LoomWireVerdict
loom_wire_decide (const LoomWireSettings *settings, LoomWireState *state,
                  const LoomWireBacklog *backlog, gint64 now_ns, guint length)
{
  LoomWireVerdict verdict = {.fate = LOOM_WIRE_PASS, .first_bit_error = G_MAXUINT64};

  if (is_lost (settings, state)) {
    verdict.fate = LOOM_WIRE_LOST;
    return verdict;
  }
  verdict.duplicate = loom_wire_random_chance (&state->random, settings->duplicate);
  verdict.reorder = loom_wire_random_chance (&state->random, settings->reorder);
  verdict.delay_ns = draw_delay_ns (settings, &state->random);
  verdict.first_bit_error = draw_bit_error (settings, &state->random, length);
  if (verdict.reorder)
    verdict.delay_ns = 0;
  verdict.fate = try_queue (settings, state, backlog, now_ns, length);
  return verdict;
}

void
loom_wire_corrupt (const LoomWireSettings *settings, LoomWireState *state, guint64 first,
                   guint8 *frame, guint length)
{
  guint64 n_bits = (guint64) length * 8;

  for (guint64 bit = first; bit < n_bits; bit++) {
    frame[bit / 8] ^= (guint8) (0x80 >> bit % 8);
    if (settings->bit_error <= 0)
      return; /* somebody wanted just this one */
    bit += loom_wire_random_failures (&state->bit_random, settings->bit_error, n_bits);
  }
}
