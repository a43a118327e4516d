/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A cable, as it was asked for and as it is: for people and for programs. */

#include "backend/cli/link.h"

static void
add_name (JsonBuilder *builder, const char *name)
{
  json_builder_set_member_name (builder, name);
}

static void
add_double (JsonBuilder *builder, const char *name, double value)
{
  add_name (builder, name);
  json_builder_add_double_value (builder, value);
}

static void
add_int (JsonBuilder *builder, const char *name, guint64 value)
{
  add_name (builder, name);
  json_builder_add_int_value (builder, (gint64) value);
}

static void
add_asked (JsonBuilder *builder, const LoomImpairment *impairment)
{
  guint n_members;
  const LoomImpairmentMember *members = loom_impairment_list_members (&n_members);

  add_name (builder, "asked");
  json_builder_begin_object (builder);
  for (guint i = 0; i < n_members; i++) {
    g_autofree char *text = loom_impairment_dup_json (impairment, &members[i]);
    add_name (builder, members[i].name);
    json_builder_add_value (builder, json_from_string (text, NULL));
  }
  json_builder_end_object (builder);
}

static void
add_measured (JsonBuilder *builder, const LoomLinkMeasure *measure)
{
  add_name (builder, "measured");
  if (!measure->known) {
    json_builder_add_null_value (builder);
    return;
  }
  json_builder_begin_object (builder);
  add_double (builder, "delay_ms", measure->delay_ms);
  add_double (builder, "jitter_ms", measure->jitter_ms);
  add_double (builder, "loss_percent", measure->loss_percent);
  add_double (builder, "rate_bps", measure->rate_bps);
  add_int (builder, "duplicated", measure->duplicated);
  add_int (builder, "reordered", measure->reordered);
  add_int (builder, "corrupted", measure->corrupted);
  add_int (builder, "late", measure->late);
  add_int (builder, "held", measure->held);
  json_builder_end_object (builder);
}

static void
add_direction (JsonBuilder *builder, const LoomEnd *from, const LoomEnd *to,
               const LoomImpairment *asked, const LoomLinkMeasure *measured)
{
  g_autofree char *from_name = loom_end_to_string (from);
  g_autofree char *to_name = loom_end_to_string (to);

  json_builder_begin_object (builder);
  add_name (builder, "from");
  json_builder_add_string_value (builder, from_name);
  add_name (builder, "to");
  json_builder_add_string_value (builder, to_name);
  add_asked (builder, asked);
  add_measured (builder, measured);
  json_builder_end_object (builder);
}

static void
add_fault (JsonBuilder *builder, const LoomLink *link)
{
  add_name (builder, "fault");
  json_builder_add_string_value (builder, loom_fault_to_id (link->fault));
  if (link->fault == LOOM_FAULT_PORT || link->fault == LOOM_FAULT_ONE_WAY) {
    g_autofree char *at = loom_end_to_string (link->fault_end == 0 ? &link->a : &link->b);
    add_name (builder, "at");
    json_builder_add_string_value (builder, at);
  }
  if (link->fault == LOOM_FAULT_FLAPPING) {
    add_double (builder, "period_s", link->period_s);
    add_int (builder, "up_percent", (guint64) link->up_percent);
  }
}

void
loom_cli_print_link_json (const LoomLink *link, const LoomClientCounters *live)
{
  static const LoomLinkMeasure unknown;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *id = loom_link_dup_id (link);

  json_builder_begin_object (builder);
  add_name (builder, "id");
  json_builder_add_string_value (builder, id);
  add_name (builder, "running");
  json_builder_add_boolean_value (builder, live != NULL);
  if (live != NULL) {
    add_name (builder, "carrier");
    json_builder_add_boolean_value (builder, live->status.carrier);
    add_name (builder, "wire");
    json_builder_add_string_value (builder, live->wire_state);
  }
  add_int (builder, "seed", link->seed);
  add_fault (builder, link);
  add_name (builder, "directions");
  json_builder_begin_array (builder);
  add_direction (builder, &link->a, &link->b, &link->forward,
                 live != NULL ? &live->status.measured[0] : &unknown);
  add_direction (builder, &link->b, &link->a, &link->backward,
                 live != NULL ? &live->status.measured[1] : &unknown);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  loom_cli_print_json (builder, TRUE);
}

/* (transfer full) (nullable): what was measured of @member; NULL: nothing is. */
static char *
dup_measured (const LoomImpairmentMember *member, const LoomLinkMeasure *measure)
{
  gboolean is_time = g_str_equal (member->name, "delay_ms")
                     || g_str_equal (member->name, "jitter_ms");

  if (!measure->known)
    return NULL;
  if (is_time && measure->rate_bps <= 0) /* nothing has arrived that could have taken time */
    return g_strdup ("–");
  if (g_str_equal (member->name, "delay_ms"))
    return g_strdup_printf ("%.3f", measure->delay_ms);
  if (g_str_equal (member->name, "jitter_ms"))
    return g_strdup_printf ("%.3f", measure->jitter_ms);
  if (g_str_equal (member->name, "loss_percent"))
    return g_strdup_printf ("%.2f", measure->loss_percent);
  if (g_str_equal (member->name, "rate_mbps"))
    return g_strdup_printf ("%.3f", measure->rate_bps / 1e6);
  if (g_str_equal (member->name, "duplicate_percent"))
    return g_strdup_printf ("%" G_GUINT64_FORMAT, measure->duplicated);
  if (g_str_equal (member->name, "reorder_percent"))
    return g_strdup_printf ("%" G_GUINT64_FORMAT, measure->reordered);
  if (g_str_equal (member->name, "bit_errors_per_billion"))
    return g_strdup_printf ("%" G_GUINT64_FORMAT, measure->corrupted);
  return NULL;
}

/* What is asked for, and what is measured whether it is or not. */
static void
print_direction (const LoomEnd *from, const LoomEnd *to, const LoomImpairment *asked,
                 const LoomLinkMeasure *measure)
{
  g_autofree char *from_name = loom_end_to_string (from);
  g_autofree char *to_name = loom_end_to_string (to);
  g_autofree char *direction = g_strdup_printf ("%s → %s", from_name, to_name);
  guint n_members;
  const LoomImpairmentMember *members = loom_impairment_list_members (&n_members);
  LoomImpairment clean;

  loom_impairment_init (&clean);
  g_print ("%-28s %14s %14s\n", direction, _ ("ASKED"), _ ("MEASURED"));
  for (guint i = 0; i < n_members; i++) {
    g_autofree char *value = loom_impairment_dup_json (asked, &members[i]);
    g_autofree char *measured = dup_measured (&members[i], measure);
    if (measured == NULL
        && loom_impairment_get (asked, &members[i]) == loom_impairment_get (&clean, &members[i]))
      continue;
    g_print ("  %-26s %14s %14s\n", members[i].name, value, measured != NULL ? measured : "–");
  }
  if (measure->late > 0)
    g_print ("  %-26s %14s %14" G_GUINT64_FORMAT "\n", _ ("frames sent late"), "0", measure->late);
}

void
loom_cli_print_link (const LoomLink *link, const LoomClientCounters *live)
{
  static const LoomLinkMeasure unknown;

  if (link->fault != LOOM_FAULT_NONE)
    g_print ("%s: %s\n", _ ("Fault"), loom_fault_to_id (link->fault));
  print_direction (&link->a, &link->b, &link->forward,
                   live != NULL ? &live->status.measured[0] : &unknown);
  print_direction (&link->b, &link->a, &link->backward,
                   live != NULL ? &live->status.measured[1] : &unknown);
}
