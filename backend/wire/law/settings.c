/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One table drives the reader; what is not a number is read by hand. */

#include "backend/wire/law/settings.h"

#include "backend/proto/json.h"

#include <math.h>
#include <stddef.h>

#define FRAME_OVERHEAD 24
#define NS_PER_MS 1e6
#define PERCENT 0.01
#define PER_BILLION 1e-9

typedef struct {
  const char *name;
  gsize offset;
  double min;
  double max;
  double usual;
  double unit; /* the member in the file times this is the member of the struct */
} Member;

#define MEMBER(name, field, min, max, usual, unit)                                                 \
  {                                                                                                \
    name, offsetof (LoomWireSettings, field), min, max, usual, unit                                \
  }

static const Member MEMBERS[] = {
    MEMBER ("delay_ms", delay_ns, 0, 60000, 0, NS_PER_MS),
    MEMBER ("jitter_ms", jitter_ns, 0, 10000, 0, NS_PER_MS),
    MEMBER ("loss_percent", loss, 0, 100, 0, PERCENT),
    MEMBER ("burst_enter_percent", burst_enter, 0, 100, 0, PERCENT),
    MEMBER ("burst_leave_percent", burst_leave, 0, 100, 100, PERCENT),
    MEMBER ("burst_loss_percent", burst_loss, 0, 100, 100, PERCENT),
    MEMBER ("duplicate_percent", duplicate, 0, 100, 0, PERCENT),
    MEMBER ("reorder_percent", reorder, 0, 100, 0, PERCENT),
    MEMBER ("bit_errors_per_billion", bit_error, 0, 1e9, 0, PER_BILLION),
    MEMBER ("rate_mbps", rate_mbps, 0, 1e6, 0, 1),
    MEMBER ("queue_frames", queue_frames, 1, 100000, 1000, 1),
    MEMBER ("queue_kib", queue_bytes, 0, 65536, 0, 1024),
    MEMBER ("red_min_percent", red_min, 0, 100, 0, PERCENT),
    MEMBER ("red_max_percent", red_max, 0, 100, 0, PERCENT),
    MEMBER ("red_drop_percent", red_drop, 0, 100, 10, PERCENT),
};

static const char *const LAWS[] = {
    [LOOM_WIRE_JITTER_UNIFORM] = "uniform",
    [LOOM_WIRE_JITTER_NORMAL] = "normal",
    [LOOM_WIRE_JITTER_PARETO] = "pareto",
};

/* The smallest rate other than none, 1 kbit/s. */
#define MIN_RATE_MBPS 0.001

static double *
field_of (LoomWireSettings *settings, const Member *member)
{
  return (double *) ((char *) settings + member->offset);
}

static const Member *
find_member (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (MEMBERS); i++)
    if (g_str_equal (MEMBERS[i].name, name))
      return &MEMBERS[i];
  return NULL;
}

static gboolean
read_number (JsonNode *node, double *ret_value)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    return FALSE;
  *ret_value = json_node_get_double (node);
  return TRUE;
}

static gboolean
parse_number (const Member *member, JsonNode *node, LoomWireSettings *settings, GError **error)
{
  double value;

  /* Written so that what is not a number is out of range, too. */
  if (!read_number (node, &value) || !(value >= member->min && value <= member->max)) {
    g_set_error (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_SYNTAX,
                 "“%s” must be a number from %g to %g", member->name, member->min, member->max);
    return FALSE;
  }
  *field_of (settings, member) = value * member->unit;
  return TRUE;
}

static gboolean
parse_law (JsonNode *node, LoomWireSettings *settings, GError **error)
{
  const char *name = loom_json_node_string (node);

  for (guint i = 0; i < G_N_ELEMENTS (LAWS); i++)
    if (g_strcmp0 (name, LAWS[i]) == 0) {
      settings->jitter_law = (LoomWireJitterLaw) i;
      return TRUE;
    }
  g_set_error_literal (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_SYNTAX,
                       "“jitter_law” must be “uniform”, “normal” or “pareto”");
  return FALSE;
}

static gboolean
parse_member (JsonObject *object, const char *name, LoomWireSettings *settings, GError **error)
{
  const Member *member = find_member (name);
  JsonNode *node = json_object_get_member (object, name);

  if (member != NULL)
    return parse_number (member, node, settings, error);
  if (g_str_equal (name, "jitter_law"))
    return parse_law (node, settings, error);
  if (!g_str_equal (name, "keep_order")) {
    g_set_error (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_SYNTAX, "there is no setting “%.80s”",
                 name);
    return FALSE;
  }
  if (!loom_json_get_boolean (object, name, &settings->keep_order)) {
    g_set_error_literal (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_SYNTAX,
                         "“keep_order” must be true or false");
    return FALSE;
  }
  return TRUE;
}

/* What is wrong between members that are fine by themselves; or NULL. */
static const char *
find_contradiction (const LoomWireSettings *settings)
{
  if (settings->burst_leave <= 0)
    return "“burst_leave_percent” must be above 0, or a burst never ends";
  if (settings->rate_mbps > 0 && settings->rate_mbps < MIN_RATE_MBPS)
    return "“rate_mbps” must be 0 or at least 0.001";
  if (settings->queue_frames != floor (settings->queue_frames))
    return "“queue_frames” must be a whole number";
  if (settings->red_max > 0 && settings->red_min >= settings->red_max)
    return "“red_min_percent” must be below “red_max_percent”";
  if (settings->red_max <= 0 && settings->red_min > 0)
    return "“red_min_percent” needs “red_max_percent”";
  return NULL;
}

void
loom_wire_settings_init (LoomWireSettings *ret_settings)
{
  *ret_settings = (LoomWireSettings){.keep_order = TRUE};
  for (guint i = 0; i < G_N_ELEMENTS (MEMBERS); i++)
    *field_of (ret_settings, &MEMBERS[i]) = MEMBERS[i].usual * MEMBERS[i].unit;
}

gboolean
loom_wire_settings_parse (JsonObject *object, LoomWireSettings *ret_settings, GError **error)
{
  g_autoptr (GList) names = object != NULL ? json_object_get_members (object) : NULL;
  LoomWireSettings settings;
  const char *contradiction;

  loom_wire_settings_init (&settings);
  for (GList *l = names; l != NULL; l = l->next)
    if (!parse_member (object, l->data, &settings, error))
      return FALSE;
  contradiction = find_contradiction (&settings);
  if (contradiction != NULL) {
    g_set_error_literal (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_SYNTAX, contradiction);
    return FALSE;
  }
  *ret_settings = settings;
  return TRUE;
}

double
loom_wire_settings_busy_ns (const LoomWireSettings *settings, guint length)
{
  const double ns_per_octet = 8000;

  if (settings->rate_mbps <= 0)
    return 0;
  return (length + FRAME_OVERHEAD) * ns_per_octet / settings->rate_mbps;
}
