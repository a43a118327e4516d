/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The plan: (lab that is wanted, what is set up) → ordered steps and what is set up after them.
 *
 * Cables go before nodes when things are taken away and after them when things are added, so that
 * no step ever speaks of an end that does not exist. Layout is not looked at: moving a node on the
 * canvas is no step. */

#include "backend/engine/plan.h"

#include <glib/gi18n-lib.h>

typedef struct {
  LoomLab *wanted;
  const LoomRecord *before;
  GHashTable *keys;  /* name in the wanted lab → key of the instance that it keeps or gets */
  GHashTable *names; /* the reverse, of instances that there are already */
  LoomPlan *plan;
  gboolean repair;
} Planner;

static void
free_step (gpointer data)
{
  LoomStep *step = data;

  g_free (step->item);
  g_free (step->sentence);
  g_free (step);
}

const char *
loom_step_action_to_id (LoomStepAction action)
{
  static const char *const ids[] = {
      [LOOM_STEP_START_SWITCH] = "start-switch",
      [LOOM_STEP_UNPLUG] = "unplug",
      [LOOM_STEP_REMOVE_NODE] = "remove-node",
      [LOOM_STEP_RENAME_NODE] = "rename-node",
      [LOOM_STEP_ADD_PORTS] = "add-ports",
      [LOOM_STEP_REMOVE_PORTS] = "remove-ports",
      [LOOM_STEP_CONFIGURE_NODE] = "configure-node",
      [LOOM_STEP_RESTART_NEEDED] = "restart-needed",
      [LOOM_STEP_ADD_NODE] = "add-node",
      [LOOM_STEP_PLUG] = "plug",
      [LOOM_STEP_START_NODE] = "start-node",
      [LOOM_STEP_CONFIGURE_LINK] = "configure-link",
  };

  return ids[action];
}

/* @sentence: (transfer full). */
static void
add_step (Planner *planner, LoomStepAction action, const char *item, char *sentence)
{
  LoomStep *step = g_new0 (LoomStep, 1);

  step->action = action;
  step->item = g_strdup (item);
  step->sentence = sentence;
  g_ptr_array_add (planner->plan->steps, step);
}

/* The node of the wanted lab that @instance goes on as; NULL if it has to go. A node of another
 * kind is another thing, whatever its name. */
static LoomNode *
find_successor (LoomLab *wanted, const LoomInstance *instance, GHashTable *renames)
{
  const char *name = instance->node->name;
  const char *new_name = renames != NULL ? g_hash_table_lookup (renames, name) : NULL;
  LoomNode *node = loom_lab_get_node (wanted, new_name != NULL ? new_name : name);

  if (node == NULL || g_strcmp0 (node->kind, instance->node->kind) != 0)
    return NULL;
  return node;
}

static void
match_instances (Planner *planner, GHashTable *renames)
{
  const LoomRecord *before = planner->before;

  for (guint i = 0; i < before->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (before->instances, i);
    LoomNode *node = find_successor (planner->wanted, instance, renames);
    /* Two instances cannot go on as one node: the first one does. */
    if (node == NULL || g_hash_table_contains (planner->keys, node->name))
      continue;
    g_hash_table_insert (planner->keys, g_strdup (node->name), g_strdup (instance->key));
    g_hash_table_insert (planner->names, g_strdup (instance->key), g_strdup (node->name));
  }
}

/* The name that the instance called @key has in the wanted lab; NULL if it goes. */
static const char *
find_name_of_key (Planner *planner, const char *key)
{
  return g_hash_table_lookup (planner->names, key);
}

/* (transfer none) (nullable): the link of the wanted lab that @cable goes on as. */
static LoomLink *
find_link (Planner *planner, const LoomCable *cable)
{
  const char *a = find_name_of_key (planner, cable->key_a);
  const char *b = find_name_of_key (planner, cable->key_b);
  if (a == NULL || b == NULL)
    return NULL;

  LoomLink *link = loom_lab_get_link_at (planner->wanted, a, cable->port_a);
  const LoomEnd end_a = {(char *) a, cable->port_a};
  const LoomEnd end_b = {(char *) b, cable->port_b};
  if (link == NULL
      || (!(loom_end_compare (&link->a, &end_a) == 0 && loom_end_compare (&link->b, &end_b) == 0)
          && !(loom_end_compare (&link->a, &end_b) == 0
               && loom_end_compare (&link->b, &end_a) == 0)))
    return NULL;
  return link;
}

static void
plan_unplugging (Planner *planner)
{
  const LoomRecord *before = planner->before;

  for (guint i = 0; i < before->cables->len; i++) {
    const LoomCable *cable = g_ptr_array_index (before->cables, i);
    if (find_link (planner, cable) != NULL) {
      loom_cable_take_over (loom_record_add_cable (planner->plan->after, cable->cookie,
                                                   cable->key_a, cable->port_a, cable->key_b,
                                                   cable->port_b),
                            cable);
      continue;
    }
    g_autofree char *id = loom_record_dup_link_id (before, cable, NULL);
    add_step (planner, LOOM_STEP_UNPLUG, id,
              /* Translators: a cable, "pc1:0 pc2:0". */
              g_strdup_printf (_ ("Unplug the cable %s."), id));
  }
}

static void
plan_removals (Planner *planner)
{
  const LoomRecord *before = planner->before;

  for (guint i = 0; i < before->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (before->instances, i);
    const char *name = instance->node->name;
    if (find_name_of_key (planner, instance->key) == NULL)
      add_step (planner, LOOM_STEP_REMOVE_NODE, name,
                instance->role == LOOM_ROLE_MACHINE
                    ? g_strdup_printf (_ ("Stop and remove the machine %s."), name)
                    : g_strdup_printf (_ ("Remove %s."), name));
  }
}

gboolean
loom_plan_needs_restart (const LoomNode *before, const LoomNode *after)
{
  return before->memory_mib != after->memory_mib || before->n_cpus != after->n_cpus
         || g_strcmp0 (before->image, after->image) != 0
         || g_strcmp0 (before->boot, after->boot) != 0;
}

/* Whether ports that both have are set differently. A changed MAC needs a restart of the machine
 * and is told apart by the caller. */
static gboolean
have_ports_changed (const LoomNode *before, const LoomNode *after, gboolean *ret_macs)
{
  int n_common = MIN (before->n_ports, after->n_ports);
  gboolean changed = FALSE;

  *ret_macs = FALSE;
  for (int i = 0; i < n_common; i++) {
    LoomPort without_mac = after->ports[i];
    without_mac.mac = before->ports[i].mac;
    if (!loom_port_equal (&before->ports[i], &without_mac))
      changed = TRUE;
    if (g_strcmp0 (before->ports[i].mac, after->ports[i].mac) != 0)
      *ret_macs = TRUE;
  }
  return changed;
}

static void
plan_port_count (Planner *planner, const LoomNode *before, const LoomNode *after)
{
  int n_more = after->n_ports - before->n_ports;

  if (n_more > 0)
    add_step (planner, LOOM_STEP_ADD_PORTS, after->name,
              /* Translators: a node and how many ports. */
              g_strdup_printf (
                  ngettext ("Give %s %d more port.", "Give %s %d more ports.", (gulong) n_more),
                  after->name, n_more));
  else if (n_more < 0)
    add_step (planner, LOOM_STEP_REMOVE_PORTS, after->name,
              g_strdup_printf (ngettext ("Take %2$d port from %1$s.", "Take %2$d ports from %1$s.",
                                         (gulong) -n_more),
                               after->name, -n_more));
}

static void
plan_change (Planner *planner, const LoomInstance *instance, const LoomNode *after)
{
  const LoomNode *before = instance->node;
  gboolean macs;

  if (!g_str_equal (before->name, after->name))
    add_step (planner, LOOM_STEP_RENAME_NODE, before->name,
              g_strdup_printf (_ ("Rename %s to %s."), before->name, after->name));
  plan_port_count (planner, before, after);
  if (have_ports_changed (before, after, &macs))
    add_step (planner, LOOM_STEP_CONFIGURE_NODE, after->name,
              instance->role == LOOM_ROLE_MACHINE
                  ? g_strdup_printf (_ ("Give %s its new addresses."), after->name)
                  : g_strdup_printf (_ ("Set the VLANs of %s."), after->name));
  if (macs || loom_plan_needs_restart (before, after))
    add_step (planner, LOOM_STEP_RESTART_NEEDED, after->name,
              g_strdup_printf (_ ("Some changes take effect after a restart of %s."), after->name));
}

static void
plan_changes (Planner *planner)
{
  const LoomRecord *before = planner->before;

  for (guint i = 0; i < before->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (before->instances, i);
    const char *name = find_name_of_key (planner, instance->key);
    if (name == NULL)
      continue;

    LoomNode *node = loom_lab_get_node (planner->wanted, name);
    LoomInstance *after = loom_record_add_instance (planner->plan->after, instance->key,
                                                    instance->role, node);
    after->powered = instance->powered;
    after->failed = instance->failed && !planner->repair;
    plan_change (planner, instance, node);
  }
}

/* (transfer full): "Start the machine pc1 when router is ready." */
static char *
describe_start (const LoomNode *node)
{
  g_autofree char *names = NULL;

  if (node->after == NULL)
    return g_strdup_printf (_ ("Start the machine %s."), node->name);
  names = g_strjoinv (", ", node->after);
  return g_strdup_printf (ngettext (
                              /* Translators: a machine, and another, or several with commas */
                              "Start the machine %s when %s is ready.",
                              "Start the machine %s when %s are ready.",
                              g_strv_length (node->after)),
                          node->name, names);
}

static void
plan_addition (Planner *planner, LoomNode *node)
{
  LoomRecord *after = planner->plan->after;
  LoomRole role = loom_lab_get_kind (planner->wanted, node)->role;
  g_autofree char *key = role == LOOM_ROLE_MACHINE ? g_strdup_printf ("m%u", after->next_machine++)
                                                   : g_strdup_printf ("b%u", after->next_bridge++);

  loom_record_add_instance (after, key, role, node);
  g_hash_table_insert (planner->keys, g_strdup (node->name), g_steal_pointer (&key));
  switch (role) {
  case LOOM_ROLE_MACHINE:
    add_step (planner, LOOM_STEP_ADD_NODE, node->name, describe_start (node));
    break;
  case LOOM_ROLE_SWITCH:
    add_step (planner, LOOM_STEP_ADD_NODE, node->name,
              g_strdup_printf (_ ("Set up the switch %s."), node->name));
    break;
  case LOOM_ROLE_HUB:
    add_step (planner, LOOM_STEP_ADD_NODE, node->name,
              g_strdup_printf (_ ("Set up the hub %s."), node->name));
    break;
  }
}

static void
plan_additions (Planner *planner)
{
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (planner->wanted);

  for (guint i = 0; i < nodes->len; i++) {
    LoomNode *node = g_ptr_array_index (nodes, i);
    if (!g_hash_table_contains (planner->keys, node->name))
      plan_addition (planner, node);
  }
}

/* Whether a cable that is called otherwise now, or whose ends changed places, does the same. */
static gboolean
has_same_settings (const LoomCable *before, const LoomLink *link, gboolean swapped)
{
  g_autoptr (LoomLink) plain = before->link == NULL ? loom_link_new (&link->a, &link->b) : NULL;
  const LoomLink *old = before->link != NULL ? before->link : plain;
  gboolean turned = before->link != NULL && before->swapped != swapped;
  gboolean has_end = link->fault == LOOM_FAULT_PORT || link->fault == LOOM_FAULT_ONE_WAY;

  return loom_impairment_equal (&old->forward, turned ? &link->backward : &link->forward)
         && loom_impairment_equal (&old->backward, turned ? &link->forward : &link->backward)
         && old->seed == link->seed && old->fault == link->fault && old->period_s == link->period_s
         && old->up_percent == link->up_percent
         && (!has_end || (old->fault_end ^ (turned ? 1 : 0)) == link->fault_end);
}

/* Cables that stay. They come after the nodes, by whose names their ends are told apart. */
static void
plan_settings (Planner *planner)
{
  LoomRecord *after = planner->plan->after;

  for (guint i = 0; i < after->cables->len; i++) {
    LoomCable *cable = g_ptr_array_index (after->cables, i);
    LoomLink *link = find_link (planner, cable);
    g_autofree char *id = loom_link_dup_id (link);
    const LoomCable before = *cable;
    g_autoptr (LoomLink) kept = cable->link != NULL ? loom_link_ref (cable->link) : NULL;

    loom_record_set_link (after, cable, link);
    if (!has_same_settings (&before, link, cable->swapped))
      add_step (planner, LOOM_STEP_CONFIGURE_LINK, id,
                /* Translators: a cable, "pc1:0 pc2:0". */
                g_strdup_printf (_ ("Change what the cable %s does to frames."), id));
  }
}

static void
plan_plugging (Planner *planner)
{
  g_autoptr (GPtrArray) links = loom_lab_list_links (planner->wanted);
  LoomRecord *after = planner->plan->after;
  g_autoptr (GHashTable) plugged = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < after->cables->len; i++) {
    const LoomCable *cable = g_ptr_array_index (after->cables, i);
    g_hash_table_add (plugged, loom_record_dup_end_key (cable->key_a, cable->port_a));
  }
  for (guint i = 0; i < links->len; i++) {
    LoomLink *link = g_ptr_array_index (links, i);
    const char *key_a = g_hash_table_lookup (planner->keys, link->a.node);
    const char *key_b = g_hash_table_lookup (planner->keys, link->b.node);
    g_autofree char *end_a = loom_record_dup_end_key (key_a, link->a.port);
    g_autofree char *end_b = loom_record_dup_end_key (key_b, link->b.port);
    if (g_hash_table_contains (plugged, end_a) || g_hash_table_contains (plugged, end_b))
      continue;

    g_autofree char *id = loom_link_dup_id (link);
    loom_record_set_link (after,
                          loom_record_add_cable (after, after->next_cookie++, key_a, link->a.port,
                                                 key_b, link->b.port),
                          link);
    add_step (planner, LOOM_STEP_PLUG, id, g_strdup_printf (_ ("Plug in the cable %s."), id));
  }
}

static void
plan_repairs (Planner *planner)
{
  const LoomRecord *before = planner->before;

  for (guint i = 0; i < before->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (before->instances, i);
    const char *name = find_name_of_key (planner, instance->key);
    if (name != NULL && instance->failed)
      add_step (planner, LOOM_STEP_START_NODE, name,
                g_strdup_printf (_ ("Start the machine %s again."), name));
  }
}

LoomPlan *
loom_plan_make (LoomLab *wanted, const LoomRecord *record, GHashTable *renames, gboolean repair)
{
  LoomPlan *plan = g_new0 (LoomPlan, 1);
  g_autoptr (GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Planner planner = {
      .wanted = wanted,
      .before = record,
      .keys = keys,
      .names = names,
      .plan = plan,
      .repair = repair,
  };

  plan->steps = g_ptr_array_new_with_free_func (free_step);
  plan->after = loom_record_new ();
  plan->after->switch_running = TRUE;
  plan->after->next_machine = record->next_machine;
  plan->after->next_bridge = record->next_bridge;
  plan->after->next_cookie = record->next_cookie;

  if (!record->switch_running)
    add_step (&planner, LOOM_STEP_START_SWITCH, "", g_strdup (_ ("Start Open vSwitch.")));
  match_instances (&planner, renames);
  plan_unplugging (&planner);
  plan_removals (&planner);
  plan_changes (&planner);
  plan_additions (&planner);
  plan_settings (&planner);
  plan_plugging (&planner);
  if (repair)
    plan_repairs (&planner);
  return plan;
}

void
loom_plan_free (LoomPlan *plan)
{
  g_ptr_array_unref (plan->steps);
  loom_record_free (plan->after);
  g_free (plan);
}
