/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How items are called, for tooltips and for those who listen. */

#include "canvas/scene/scene-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "canvas/scene/cable-words.h"

static const char *const rate_units[] = {"b/s", "kb/s", "Mb/s", "Gb/s", "Tb/s"};

/* Scales @rate_bps to the unit it is shown in. */
static guint
find_unit (double *rate_bps)
{
  guint unit = 0;

  while (*rate_bps >= 999.5 && unit < G_N_ELEMENTS (rate_units) - 1) {
    *rate_bps /= 1000;
    unit++;
  }
  return unit;
}

static gboolean
has_decimal (double scaled, guint unit)
{
  return scaled < 99.95 && unit > 0;
}

char *
loom_scene_format_rate (double rate_bps)
{
  guint unit = find_unit (&rate_bps);

  return g_strdup_printf (has_decimal (rate_bps, unit) ? "%.1f %s" : "%.0f %s", rate_bps,
                          rate_units[unit]);
}

double
loom_scene_get_rate_step (double rate_bps)
{
  double scaled = rate_bps;
  guint unit = find_unit (&scaled);

  return pow (1000, unit) * (has_decimal (scaled, unit) ? 0.1 : 1);
}

static char *
describe_flow (const char *from, const char *to, const LoomFlow *flow)
{
  g_autofree char *rate = loom_scene_format_rate (flow->rate_bps);
  g_autofree char *frames = g_strdup_printf ("%'" G_GUINT64_FORMAT, flow->n_frames);
  g_autofree char *size = g_format_size_full (flow->n_bytes, G_FORMAT_SIZE_IEC_UNITS);

  g_autofree char *drops = g_strdup_printf ("%'" G_GUINT64_FORMAT, flow->n_drops);
  g_autofree char *errors = g_strdup_printf ("%'" G_GUINT64_FORMAT, flow->n_errors);

  /* Translators: one direction of a cable: from, to, rate, frames, bytes, drops, errors */
  return g_strdup_printf (_ ("%s → %s: %s, %s frames, %s, %s dropped, %s errors"), from, to, rate,
                          frames, size, drops, errors);
}

/* What a direction is asked for, and did: a line, if there is anything to say. */
static void
append_direction (GString *text, const char *from, const char *to, const LoomImpairment *impairment,
                  const LoomLinkMeasure *measured)
{
  g_autofree char *asked = loom_cable_describe_asked (impairment);
  g_autofree char *done = measured->known ? loom_cable_describe_measured (measured) : NULL;

  if (asked == NULL && done == NULL)
    return;
  /* Translators: one direction of a cable: from, to, what is asked of it */
  g_string_append_printf (text, _ ("\n%s → %s: %s"), from, to, asked != NULL ? asked : "0 ms");
  if (done != NULL)
    /* Translators: what was measured, beside what was asked */
    g_string_append_printf (text, _ ("; measured %s"), done);
}

static void
append_settings (GString *text, const SceneLink *link)
{
  const LoomLink *ends = link->link;
  g_autofree char *fault = loom_cable_describe_fault (ends);

  if (fault != NULL)
    g_string_append_printf (text, "\n%s", fault);
  append_direction (text, ends->a.node, ends->b.node, &ends->forward, &link->status.measured[0]);
  append_direction (text, ends->b.node, ends->a.node, &ends->backward, &link->status.measured[1]);
}

char *
loom_scene_describe_link (LoomScene *self, const char *id)
{
  SceneLink *link = loom_scene_lookup_link (self, id);
  GString *text = g_string_new (NULL);

  if (link == NULL)
    return g_string_free (text, FALSE);

  const LoomLink *ends = link->link;
  g_string_printf (text, _ ("%s port %d ↔ %s port %d"), ends->a.node, ends->a.port, ends->b.node,
                   ends->b.port);
  append_settings (text, link);
  if (link->live) {
    g_autofree char *from_a = describe_flow (ends->a.node, ends->b.node, &link->status.from_a);
    g_autofree char *from_b = describe_flow (ends->b.node, ends->a.node, &link->status.from_b);
    if (!link->status.carrier && ends->fault == LOOM_FAULT_NONE)
      g_string_append_printf (text, "\n%s", _ ("No carrier."));
    g_string_append_printf (text, "\n%s\n%s", from_a, from_b);
  }
  return g_string_free (text, FALSE);
}

static char *
describe_node (LoomScene *self, const SceneNode *node)
{
  const char *kind = node->kind != NULL ? node->kind->label : node->node->kind;
  g_autofree char *lower = g_utf8_strdown (kind, -1);

  if (!loom_scene_node_wants_badge (node))
    /* Translators: accessible name of a node: "pc1, machine" */
    return g_strdup_printf (_ ("%s, %s"), node->node->name, lower);
  /* Translators: accessible name of a node: "pc1, machine, ready" */
  return g_strdup_printf (_ ("%s, %s, %s"), node->node->name, lower,
                          loom_node_state_to_label (node->state));
}

static char *
describe_cable (const LoomLink *link)
{
  /* Translators: accessible name of a cable between two nodes and their ports */
  g_autofree char *ends = g_strdup_printf (_ ("cable from %s port %d to %s port %d"), link->a.node,
                                           link->a.port, link->b.node, link->b.port);
  g_autofree char *state = loom_cable_describe_state (link);

  if (state == NULL)
    return g_steal_pointer (&ends);
  /* Translators: accessible name of a cable, and its state: "…, unplugged" */
  return g_strdup_printf (_ ("%s, %s"), ends, state);
}

char *
loom_scene_describe_item (LoomScene *self, LoomItemKind kind, const char *id)
{
  SceneNode *node = kind == LOOM_ITEM_NODE ? loom_scene_lookup_node (self, id) : NULL;
  SceneLink *link = kind == LOOM_ITEM_LINK ? loom_scene_lookup_link (self, id) : NULL;

  if (node != NULL)
    return describe_node (self, node);
  if (link == NULL)
    return NULL;
  return describe_cable (link->link);
}
