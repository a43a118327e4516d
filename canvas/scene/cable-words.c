/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Words for impairments and faults. A label has room for three; the tooltip says all. */

#include "canvas/scene/cable-words.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MAX_PARTS 3
#define SEPARATOR " · "

/* As many decimals as it has, at most three. */
static char *
format (double value)
{
  char *text = g_strdup_printf ("%.3f", value);
  char *end = text + strlen (text);

  while (end[-1] == '0')
    *--end = '\0';
  if (!g_ascii_isdigit (end[-1]))
    end[-1] = '\0';
  return text;
}

/* One number where both directions agree, both where they do not. */
static char *
format_pair (double forward, double backward)
{
  g_autofree char *one = format (forward);
  g_autofree char *other = format (backward);

  if (forward == backward)
    return g_steal_pointer (&one);
  /* Translators: a number for each direction of a cable */
  return g_strdup_printf (_ ("%s / %s"), one, other);
}

static void
add (GPtrArray *parts, char *part)
{
  g_ptr_array_add (parts, part);
}

static void
add_delay (GPtrArray *parts, const LoomImpairment *f, const LoomImpairment *b)
{
  g_autofree char *delay = format_pair (f->delay_ms, b->delay_ms);
  g_autofree char *jitter = format_pair (f->jitter_ms, b->jitter_ms);
  gboolean has_delay = f->delay_ms > 0 || b->delay_ms > 0;

  if (f->jitter_ms > 0 || b->jitter_ms > 0)
    /* Translators: delay and how much it varies, of a cable's label */
    add (parts, g_strdup_printf (_ ("%s ± %s ms"), delay, jitter));
  else if (has_delay)
    /* Translators: delay, of a cable's label */
    add (parts, g_strdup_printf (_ ("%s ms"), delay));
}

static void
add_rate (GPtrArray *parts, const LoomImpairment *f, const LoomImpairment *b)
{
  double most = MAX (f->rate_mbps, b->rate_mbps);
  double scale = most >= 1000 ? 1e-3 : most >= 1 ? 1 : 1e3;
  g_autofree char *pair = NULL;
  g_autofree char *one = format (f->rate_mbps * scale);
  g_autofree char *other = format (b->rate_mbps * scale);

  if (most == 0)
    return;
  if (f->rate_mbps == b->rate_mbps)
    pair = g_steal_pointer (&one);
  else
    pair = g_strdup_printf (_ ("%s / %s"), f->rate_mbps > 0 ? one : "∞",
                            b->rate_mbps > 0 ? other : "∞");
  add (parts, g_strdup_printf (scale < 1   ? _ ("%s Gb/s")
                               : scale > 1 ? _ ("%s kb/s")
                                           : _ ("%s Mb/s"),
                               pair));
}

static void
add_share (GPtrArray *parts, const char *format_text, double forward, double backward)
{
  g_autofree char *pair = NULL;

  if (forward == 0 && backward == 0)
    return;
  pair = format_pair (forward, backward);
  add (parts, g_strdup_printf (format_text, pair));
}

static gboolean
has_bursts (const LoomImpairment *impairment)
{
  return impairment->burst_enter_percent > 0 && impairment->burst_loss_percent > 0;
}

static GPtrArray *
list_parts (const LoomImpairment *f, const LoomImpairment *b)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func (g_free);

  add_delay (parts, f, b);
  add_share (parts, _ ("loss %s %%"), f->loss_percent, b->loss_percent);
  if (has_bursts (f) || has_bursts (b))
    add (parts, g_strdup (_ ("loss in bursts")));
  add_rate (parts, f, b);
  add_share (parts, _ ("duplicates %s %%"), f->duplicate_percent, b->duplicate_percent);
  add_share (parts, _ ("reorders %s %%"), f->reorder_percent, b->reorder_percent);
  if (f->bit_errors_per_billion > 0 || b->bit_errors_per_billion > 0)
    add (parts, g_strdup (_ ("bit errors")));
  return parts;
}

/* (nullable): at most @max of them; the rest is "…". */
static char *
join (GPtrArray *parts, guint max)
{
  GString *text = NULL;

  if (parts->len == 0)
    return NULL;
  text = g_string_new (NULL);
  for (guint i = 0; i < parts->len && i < max; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? SEPARATOR : "", (char *) parts->pdata[i]);
  if (parts->len > max)
    g_string_append (text, SEPARATOR "…");
  return g_string_free (text, FALSE);
}

/* (nullable): what is broken, in a word or two. */
static char *
name_fault (const LoomLink *link)
{
  g_autofree char *period = NULL;

  switch (link->fault) {
  case LOOM_FAULT_UNPLUGGED:
    return g_strdup (C_ ("state of a cable", "unplugged"));
  case LOOM_FAULT_PORT:
    return g_strdup (C_ ("state of a cable", "port fault"));
  case LOOM_FAULT_ONE_WAY:
    return g_strdup (C_ ("state of a cable", "one way"));
  case LOOM_FAULT_FLAPPING:
    period = format (link->period_s);
    /* Translators: a cable that is unplugged and plugged in over and over: period in seconds, and
     * the share of it that the cable is plugged in */
    return g_strdup_printf (_ ("flapping %s s, up %d %%"), period, link->up_percent);
  case LOOM_FAULT_NONE:
  default:
    return NULL;
  }
}

char *
loom_cable_summarize (const LoomLink *link)
{
  g_autoptr (GPtrArray) parts = list_parts (&link->forward, &link->backward);
  char *fault = name_fault (link);

  /* Nothing passes through a cable that is unplugged: what it would do to frames is no news. */
  if (link->fault == LOOM_FAULT_UNPLUGGED || link->fault == LOOM_FAULT_PORT)
    return fault;
  if (fault != NULL)
    g_ptr_array_insert (parts, 0, fault);
  return join (parts, MAX_PARTS);
}

char *
loom_cable_describe_state (const LoomLink *link)
{
  if (link->fault != LOOM_FAULT_NONE)
    return name_fault (link);
  if (loom_link_needs_wire (link))
    return g_strdup (C_ ("state of a cable", "impaired"));
  return NULL;
}

char *
loom_cable_describe_fault (const LoomLink *link)
{
  const char *at = link->fault_end == 0 ? link->a.node : link->b.node;
  const char *other = link->fault_end == 0 ? link->b.node : link->a.node;
  g_autofree char *period = NULL;

  switch (link->fault) {
  case LOOM_FAULT_UNPLUGGED:
    return g_strdup (_ ("Unplugged: no carrier at either end."));
  case LOOM_FAULT_PORT:
    return g_strdup_printf (_ ("Port fault at %s: it has no carrier, and nothing passes."), at);
  case LOOM_FAULT_ONE_WAY:
    return g_strdup_printf (_ ("One way: frames from %s to %s pass, those back are lost. Both have "
                               "a carrier."),
                            at, other);
  case LOOM_FAULT_FLAPPING:
    period = format (link->period_s);
    return g_strdup_printf (_ ("Flapping: plugged in for %d %% of every %s s."), link->up_percent,
                            period);
  case LOOM_FAULT_NONE:
  default:
    return NULL;
  }
}

char *
loom_cable_describe_asked (const LoomImpairment *impairment)
{
  g_autoptr (GPtrArray) parts = list_parts (impairment, impairment);

  return join (parts, G_MAXUINT);
}

char *
loom_cable_describe_measured (const LoomLinkMeasure *measured)
{
  return g_strdup_printf (_ ("%.2f ms ± %.2f, loss %.2f %%"), measured->delay_ms,
                          measured->jitter_ms, measured->loss_percent);
}
