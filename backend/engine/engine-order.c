/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which machines may start now: those whose forerunners ("after" in the project file) are ready,
 * and of those only so many at a time that the rest of the computer stays usable. Everything is
 * asked anew each time the engine converges; there is no queue that could be out of date. */

#include "backend/engine/engine-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* How soon to look again whether a machine that boots has had its time. */
#define RECHECK_MS 1000

static LoomNodeState
get_state_of (LoomEngine *self, const LoomInstance *instance)
{
  LoomMachine *machine = g_hash_table_lookup (self->machines, instance->key);
  const char *detail;

  if (instance->role != LOOM_ROLE_MACHINE)
    return loom_engine_get_bridge_state (self, instance, &detail);
  return machine != NULL ? loom_machine_get_state (machine) : LOOM_NODE_PREPARING;
}

/* (transfer full): why @name waits for @other, which is in @state. @ret_state: what @name counts as
 * meanwhile. */
static char *
describe_wait (const char *name, const char *other, LoomNodeState state, LoomNodeState *ret_state)
{
  *ret_state = LOOM_NODE_PREPARING;
  switch (state) {
  case LOOM_NODE_FAILED:
    *ret_state = LOOM_NODE_FAILED;
    return g_strdup_printf (_ ("Waits for %1$s, which has failed. Start %1$s again: %2$s follows."),
                            other, name);
  case LOOM_NODE_OFF:
    *ret_state = LOOM_NODE_OFF;
    return g_strdup_printf (_ ("Waits for %1$s, which is off. Power on %1$s: %2$s follows."), other,
                            name);
  case LOOM_NODE_PAUSED:
    return g_strdup_printf (_ ("Waits for %1$s, which is paused. Let %1$s go on: %2$s follows."),
                            other, name);
  default:
    return g_strdup_printf (_ ("Waits until %s is ready."), other);
  }
}

/* (transfer full) (nullable): what @instance waits for; NULL: nothing. */
static char *
find_wait (LoomEngine *self, const LoomInstance *instance, LoomNodeState *ret_state)
{
  const LoomNode *node = instance->node;

  *ret_state = LOOM_NODE_PREPARING;
  for (guint i = 0; node->after != NULL && node->after[i] != NULL; i++) {
    const LoomInstance *other = loom_record_get_by_name (self->record, node->after[i]);
    LoomNodeState state = other != NULL ? get_state_of (self, other) : LOOM_NODE_READY;

    if (state != LOOM_NODE_READY)
      return describe_wait (node->name, node->after[i], state, ret_state);
  }
  return NULL;
}

static guint
count_coming_up (LoomEngine *self, gint64 now_us)
{
  GHashTableIter iter;
  gpointer machine;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->machines);
  while (g_hash_table_iter_next (&iter, NULL, &machine))
    n += loom_machine_is_coming_up (machine, now_us) ? 1 : 0;
  return n;
}

static gboolean
on_recheck (gpointer user_data)
{
  LoomEngine *self = user_data;

  self->order_id = 0;
  loom_engine_kick (self);
  return G_SOURCE_REMOVE;
}

/* A machine that boots keeps a core busy: one more than there are cores only makes all slower. */
static guint
get_limit (void)
{
  return MAX (g_get_num_processors (), 1);
}

void
loom_engine_step_machines (LoomEngine *self)
{
  gint64 now_us = g_get_monotonic_time ();
  guint n_coming = count_coming_up (self, now_us);
  gboolean has_news = FALSE;

  /* The order in which a person added them, for those that wait for their turn. */
  for (guint i = 0; i < self->record->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (self->record->instances, i);
    LoomMachine *machine = g_hash_table_lookup (self->machines, instance->key);
    gboolean was_coming;
    if (machine == NULL)
      continue;

    LoomNodeState state;
    g_autofree char *wait = find_wait (self, instance, &state);
    has_news = loom_machine_set_waiting (machine, state, wait) || has_news;
    was_coming = loom_machine_is_coming_up (machine, now_us);
    loom_machine_step (machine, wait == NULL && n_coming < get_limit ());
    n_coming += !was_coming && loom_machine_is_coming_up (machine, now_us) ? 1 : 0;
  }
  /* Others may wait for those that wait. */
  if (has_news)
    loom_engine_kick (self);
  if (n_coming >= get_limit () && self->order_id == 0)
    self->order_id = g_timeout_add (RECHECK_MS, on_recheck, self);
}

/* @visited: names (of the document) that were tried: many may be behind the same few. */
static void
retry (LoomEngine *self, const char *name, GHashTable *visited)
{
  const LoomInstance *instance = loom_record_get_by_name (self->record, name);
  LoomMachine *machine = instance != NULL ? g_hash_table_lookup (self->machines, instance->key)
                                          : NULL;

  if (machine == NULL || !g_hash_table_add (visited, instance->node->name))
    return;
  for (guint i = 0; instance->node->after != NULL && instance->node->after[i] != NULL; i++) {
    const LoomInstance *other = loom_record_get_by_name (self->record, instance->node->after[i]);
    if (other != NULL && get_state_of (self, other) == LOOM_NODE_FAILED)
      retry (self, other->node->name, visited);
  }
  loom_machine_retry (machine);
}

void
loom_engine_retry_with_forerunners (LoomEngine *self, const char *name)
{
  g_autoptr (GHashTable) visited = g_hash_table_new (g_str_hash, g_str_equal);

  retry (self, name, visited);
}
