/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Switching machines on and off, pausing them, and trying again what failed. What is offered is
 * what would do something: each order has the states that it is for. */

#include "gui/window-private.h"

#include <glib/gi18n-lib.h>

#include "gui/words.h"

#define BIT(state) (1u << (state))
#define RUNS (BIT (LOOM_NODE_BOOTING) | BIT (LOOM_NODE_READY) | BIT (LOOM_NODE_PAUSED))

typedef struct {
  const char *action;
  const char *order; /* to the engine; NULL: repair */
  guint states;      /* of the nodes it is for, as bits */
} Power;

static const Power powers[] = {
    {"power-on", "start", BIT (LOOM_NODE_OFF)},
    {"power-off", "stop", RUNS},
    {"restart", "restart", RUNS},
    {"try-again", NULL, BIT (LOOM_NODE_FAILED)},
};

static LoomNodeState
get_state (LoomWindow *self, const char *node)
{
  return loom_status_get_node (loom_session_get_status (self->session), node);
}

/* A switch has no power; it can be tried again. */
static gboolean
is_for (LoomWindow *self, const Power *power, const char *node)
{
  const LoomKind *kind = loom_session_get_kind (self->session, node);

  return kind != NULL && (kind->role == LOOM_ROLE_MACHINE || power->order == NULL)
         && (BIT (get_state (self, node)) & power->states) != 0;
}

static void
on_power_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LoomWindow *self = user_data;
  g_auto (GStrv) nodes = loom_canvas_dup_selected_nodes (self->canvas);
  const Power *power = powers;

  while (!g_str_equal (power->action, g_action_get_name (G_ACTION (action))))
    power++;
  for (guint i = 0; nodes[i] != NULL; i++) {
    if (!is_for (self, power, nodes[i]))
      continue;
    if (power->order != NULL)
      loom_session_power (self->session, nodes[i], power->order);
    else
      loom_session_repair (self->session, nodes[i]);
  }
}

/* Of the whole lab: goes on when nothing runs that could be paused. */
static void
on_pause_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LoomWindow *self = user_data;
  guint n_running, n_paused;

  loom_words_count_power (loom_document_get_lab (self->document),
                          loom_session_get_status (self->session), &n_running, &n_paused);
  loom_session_power (self->session, "", n_running > 0 ? "pause" : "resume");
  loom_window_say (self, n_running > 0 ? _ ("Every machine is held where it is.")
                                       : _ ("Every machine goes on."));
}

static void
on_repair_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  loom_session_repair (LOOM_WINDOW (user_data)->session, NULL);
}

static const GActionEntry entries[] = {
    {"power-on", on_power_activated}, {"power-off", on_power_activated},
    {"restart", on_power_activated},  {"try-again", on_power_activated},
    {"pause", on_pause_activated},    {"repair", on_repair_activated},
};

void
loom_window_add_power_actions (LoomWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}

static void
set_enabled (LoomWindow *self, const char *name, gboolean enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

void
loom_window_update_power_actions (LoomWindow *self)
{
  gboolean attached = loom_session_get_client (self->session) != NULL;
  g_auto (GStrv) nodes = loom_canvas_dup_selected_nodes (self->canvas);
  guint n_running, n_paused;

  loom_words_count_power (loom_document_get_lab (self->document),
                          loom_session_get_status (self->session), &n_running, &n_paused);
  set_enabled (self, "pause", attached && n_running + n_paused > 0);
  set_enabled (self, "repair", loom_session_has_failed (self->session));
  set_enabled (self, "console",
               attached && g_strv_length (nodes) == 1
                   && get_state (self, nodes[0]) != LOOM_NODE_FAILED);
  for (guint i = 0; i < G_N_ELEMENTS (powers); i++) {
    gboolean enabled = FALSE;

    for (guint j = 0; attached && nodes[j] != NULL; j++)
      enabled = enabled || is_for (self, &powers[i], nodes[j]);
    set_enabled (self, powers[i].action, enabled);
  }
}
