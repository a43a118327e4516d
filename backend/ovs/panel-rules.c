/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From cables to rules, and from the rules there are to those there should be. */

#include "backend/ovs/panel-rules.h"

#define CABLE_PRIORITY 100

/* Ports that have no number yet, 0, get no rule. */
static void
add_rule (GHashTable *rules, guint32 in_port, guint32 out_port, guint64 cookie)
{
  LoomPanelRule rule = {.in_port = in_port, .out_port = out_port, .cookie = cookie};

  if (in_port == 0 || out_port == 0)
    return;
  g_hash_table_insert (rules, GUINT_TO_POINTER (in_port), g_memdup2 (&rule, sizeof rule));
}

static guint32
get_number (GHashTable *ports, const char *key)
{
  return key != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (ports, key)) : 0;
}

/* One direction: @from and @to are the cable's ends, @via_in and @via_out the NICs beside them. */
static void
add_direction (GHashTable *rules, const LoomFabricCable *cable, guint32 from, guint32 to,
               guint32 via_in, guint32 via_out)
{
  gboolean through = cable->route == LOOM_FABRIC_THROUGH;

  add_rule (rules, from, through ? via_in : to, cable->cookie);
  if (cable->route != LOOM_FABRIC_DIRECT)
    add_rule (rules, via_out, to, cable->cookie);
}

GHashTable *
loom_panel_rules_new (const LoomFabric *wanted, GHashTable *ports)
{
  GHashTable *rules = g_hash_table_new_full (NULL, NULL, NULL, g_free);

  for (guint i = 0; wanted != NULL && i < wanted->cables->len; i++) {
    const LoomFabricCable *cable = wanted->cables->pdata[i];
    guint32 a = get_number (ports, cable->end_a);
    guint32 b = get_number (ports, cable->end_b);
    guint32 via_a = get_number (ports, cable->via_a);
    guint32 via_b = get_number (ports, cable->via_b);

    if (a == 0 || b == 0)
      continue;
    if (!cable->cut_from_a)
      add_direction (rules, cable, a, b, via_a, via_b);
    if (!cable->cut_from_b)
      add_direction (rules, cable, b, a, via_b, via_a);
  }
  return rules;
}

/* Deletes what has no successor. */
static guint
delete_rules (GHashTable *old, GHashTable *wanted, LoomOpenFlowBundle *bundle, GHashTable *changed)
{
  GHashTableIter iter;
  gpointer in_port, value;
  guint n_changes = 0;

  g_hash_table_iter_init (&iter, old);
  while (g_hash_table_iter_next (&iter, &in_port, &value)) {
    const LoomPanelRule *rule = value;

    if (g_hash_table_contains (wanted, in_port))
      continue;
    loom_openflow_bundle_delete_rule (bundle, rule->in_port, CABLE_PRIORITY);
    g_hash_table_add (changed, in_port);
    n_changes++;
  }
  return n_changes;
}

static gboolean
rule_equal (const LoomPanelRule *a, const LoomPanelRule *b)
{
  return a != NULL && b != NULL && a->out_port == b->out_port && a->cookie == b->cookie;
}

/* Adding over a rule with the same match replaces it. */
static void
add_to_bundle (LoomOpenFlowBundle *bundle, const LoomPanelRule *rule)
{
  LoomOpenFlowRule added = {.in_port = rule->in_port,
                            .priority = CABLE_PRIORITY,
                            .cookie = rule->cookie,
                            .outputs = &rule->out_port,
                            .n_outputs = 1};

  loom_openflow_bundle_add_rule (bundle, &added);
}

guint
loom_panel_rules_diff (GHashTable *old, GHashTable *wanted, LoomOpenFlowBundle *bundle,
                       GHashTable *changed)
{
  GHashTableIter iter;
  gpointer in_port, rule;
  guint n_changes = 1;

  if (old != NULL)
    n_changes = delete_rules (old, wanted, bundle, changed);
  else
    loom_openflow_bundle_delete_all (bundle);
  g_hash_table_iter_init (&iter, wanted);
  while (g_hash_table_iter_next (&iter, &in_port, &rule)) {
    const LoomPanelRule *before = old != NULL ? g_hash_table_lookup (old, in_port) : NULL;

    if (rule_equal (rule, before))
      continue;
    add_to_bundle (bundle, rule);
    /* The same cable by another way is no other neighbour. */
    if (before != NULL && before->cookie != ((const LoomPanelRule *) rule)->cookie)
      g_hash_table_add (changed, in_port);
    n_changes++;
  }
  return n_changes;
}
