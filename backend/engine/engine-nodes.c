/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One node at a time: power, repair, consoles, commands, and lists of what there is. */

#include "backend/engine/engine-private.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "backend/engine/error.h"
#include "backend/engine/process.h"

static LoomInstance *
find_instance (LoomEngine *self, const char *node, GError **error)
{
  LoomInstance *instance = loom_record_get_by_name (self->record, node);

  if (instance == NULL)
    g_set_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NO_NODE,
                 _ ("The running lab has no node “%s”."), node);
  return instance;
}

static LoomMachine *
find_machine (LoomEngine *self, const char *node, LoomInstance **ret_instance, GError **error)
{
  LoomInstance *instance = find_instance (self, node, error);
  if (instance == NULL)
    return NULL;
  if (instance->role != LOOM_ROLE_MACHINE) {
    g_set_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_UNSUPPORTED,
                 _ ("“%s” is not a machine."), node);
    return NULL;
  }
  if (ret_instance != NULL)
    *ret_instance = instance;
  return g_hash_table_lookup (self->machines, instance->key);
}

static void
on_paused (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!loom_guest_pause_finish (LOOM_GUEST (source), result, &error))
    g_warning ("pause: %s", error->message);
}

static void
on_resumed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!loom_guest_resume_finish (LOOM_GUEST (source), result, &error))
    g_warning ("resume: %s", error->message);
}

static const char *const ACTIONS[] = {"start", "stop", "restart", "pause", "resume", NULL};

/* @instance's machine runs, if the action is one for machines that run. */
static void
give_power_order (LoomInstance *instance, LoomMachine *machine, const char *action)
{
  LoomGuest *guest = loom_machine_get_guest (machine);

  if (g_str_equal (action, "pause")) {
    loom_guest_pause_async (guest, NULL, on_paused, NULL);
    return;
  }
  if (g_str_equal (action, "resume")) {
    loom_guest_resume_async (guest, NULL, on_resumed, NULL);
    return;
  }
  if (g_str_equal (action, "restart"))
    loom_machine_restart (machine);
  else
    loom_machine_set_powered (machine, g_str_equal (action, "start"));
  instance->powered = !g_str_equal (action, "stop");
}

static gboolean
needs_running (const char *action)
{
  return g_str_equal (action, "pause") || g_str_equal (action, "resume");
}

/* Pausing or resuming what is off means nothing. What is paused already is for QEMU to say, which
 * takes orders in turn: a machine that was told to pause a moment ago does not know of it yet. */
static gboolean
is_meant (LoomMachine *machine, const char *action)
{
  return !needs_running (action) || loom_machine_get_running_spec (machine) != NULL;
}

static void
power_all (LoomEngine *self, const char *action)
{
  for (guint i = 0; i < self->record->instances->len; i++) {
    LoomInstance *instance = g_ptr_array_index (self->record->instances, i);
    LoomMachine *machine = g_hash_table_lookup (self->machines, instance->key);
    if (machine != NULL && is_meant (machine, action))
      give_power_order (instance, machine, action);
  }
}

static gboolean
power_one (LoomEngine *self, const char *node, const char *action, GError **error)
{
  LoomInstance *instance;
  LoomMachine *machine = find_machine (self, node, &instance, error);
  if (machine == NULL)
    return FALSE;

  if (needs_running (action) && loom_machine_get_running_spec (machine) == NULL) {
    g_set_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NOT_READY,
                 _ ("“%s” does not run. Power it on first."), node);
    return FALSE;
  }
  if (is_meant (machine, action))
    give_power_order (instance, machine, action);
  return TRUE;
}

gboolean
loom_engine_power (LoomEngine *self, const char *node, const char *action, GError **error)
{
  if (!g_strv_contains (ACTIONS, action)) {
    g_set_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_INVALID,
                 _ ("“%s” is none of start, stop, restart, pause, resume."), action);
    return FALSE;
  }
  loom_engine_wake_switch (self);
  if (node[0] == '\0')
    power_all (self, action);
  else if (!power_one (self, node, action, error))
    return FALSE;
  self->state_dirty = TRUE;
  loom_engine_kick (self);
  return TRUE;
}

/* Somebody is about to look at @instance's screen, which QEMU serves itself. */
static void
rouse (LoomEngine *self, const LoomInstance *instance)
{
  LoomMachine *machine = g_hash_table_lookup (self->machines, instance->key);
  LoomGuest *guest = machine != NULL ? loom_machine_get_guest (machine) : NULL;

  if (guest != NULL)
    loom_guest_rouse (guest);
}

char *
loom_engine_dup_console (LoomEngine *self, const char *node, const char *type, GError **error)
{
  LoomInstance *instance = find_instance (self, node, error);
  if (instance == NULL)
    return NULL;

  const char *suffix = g_str_equal (type, "serial")  ? "console"
                       : g_str_equal (type, "spice") ? "spice"
                                                     : NULL;
  if (instance->role != LOOM_ROLE_MACHINE || suffix == NULL)
    return g_strdup ("");

  g_autofree char *path = g_strdup_printf ("%s/%s.%s", self->runtime_folder, instance->key, suffix);
  if (!g_file_test (path, G_FILE_TEST_EXISTS)) {
    g_set_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NOT_READY,
                 _ ("“%s” has not started: it has no console yet."), node);
    return NULL;
  }
  if (g_str_equal (type, "spice"))
    rouse (self, instance);
  return g_steal_pointer (&path);
}

LoomGuest *
loom_engine_get_guest (LoomEngine *self, const char *node, GError **error)
{
  LoomMachine *machine = find_machine (self, node, NULL, error);
  if (machine == NULL)
    return NULL;

  LoomGuestSpec *spec = loom_machine_get_running_spec (machine);
  if (spec != NULL && !spec->has_agent) {
    g_set_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_UNSUPPORTED,
                 _ ("“%s” boots an image of its own: commands cannot be run in it from outside."),
                 node);
    return NULL;
  }
  if (spec == NULL || loom_machine_get_state (machine) != LOOM_NODE_READY) {
    g_set_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NOT_READY,
                 _ ("“%s” is not ready yet. Wait until it is, or power it on."), node);
    return NULL;
  }
  return loom_machine_get_guest (machine);
}

void
loom_engine_begin_stop (LoomEngine *self)
{
  loom_engine_set_state (self, LOOM_LAB_STOPPING);
}

GVariant *
loom_engine_list_nodes (LoomEngine *self)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sssd)"));
  for (guint i = 0; i < self->record->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (self->record->instances, i);
    LoomMachine *machine = g_hash_table_lookup (self->machines, instance->key);
    const char *detail;
    if (machine != NULL) {
      g_variant_builder_add (&builder, "(sssd)", instance->node->name,
                             loom_node_state_to_id (loom_machine_get_state (machine)),
                             loom_machine_get_detail (machine),
                             loom_machine_get_progress (machine));
    } else {
      LoomNodeState state = loom_engine_get_bridge_state (self, instance, &detail);
      g_variant_builder_add (&builder, "(sssd)", instance->node->name,
                             loom_node_state_to_id (state), detail, -1.0);
    }
  }
  return g_variant_builder_end (&builder);
}

static void
add_process (GVariantBuilder *builder, const char *role, const char *node, guint pid)
{
  guint64 resident_kib, cpu_ms;

  if (pid != 0 && loom_process_read (pid, &resident_kib, &cpu_ms))
    g_variant_builder_add (builder, "(ssutt)", role, node, pid, resident_kib, cpu_ms);
}

GVariant *
loom_engine_list_processes (LoomEngine *self)
{
  g_autoptr (GArray) of_switch = loom_switch_list_processes (loom_panel_get_switch (self->panel));
  GVariantBuilder builder;
  GHashTableIter iter;
  gpointer value;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(ssutt)"));
  add_process (&builder, "init", "", 1);
  add_process (&builder, "engine", "", (guint) getpid ());
  for (guint i = 0; i < of_switch->len; i++) {
    const LoomSwitchProcess *process = &g_array_index (of_switch, LoomSwitchProcess, i);
    add_process (&builder, process->role, "", (guint) process->pid);
  }
  add_process (&builder, "wire", "", (guint) loom_wire_get_pid (self->wire));
  g_hash_table_iter_init (&iter, self->machines);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    LoomGuest *guest = loom_machine_get_guest (value);
    const char *name = loom_engine_get_machine_name (self, value);
    if (guest != NULL && name != NULL)
      add_process (&builder, "qemu", name, (guint) loom_guest_get_pid (guest));
  }
  return g_variant_builder_end (&builder);
}
