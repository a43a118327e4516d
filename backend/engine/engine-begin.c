/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How an engine begins: with nothing, or with what an engine before it left running. */

#include "backend/engine/engine-private.h"

#include <signal.h>
#include <string.h>

#include "backend/engine/paths.h"
#include "backend/engine/process.h"
#include "backend/qemu/accel.h"
#include "canvas/model/reader.h"

static void
on_accel_probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomEngine) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!loom_accel_probe_finish (result, &self->accel, &error)) {
    self->accel = LOOM_ACCEL_TCG;
    g_signal_emit_by_name (self, "message", "warning", error->message);
  }
  g_message ("accelerator: %s", loom_accel_to_id (self->accel));
  self->accel_known = TRUE;
  g_signal_emit_by_name (self, "state-changed");
  loom_engine_set_wanted (self);
  loom_engine_kick (self);
}

static void
probe_accel (LoomEngine *self)
{
  g_autofree char *kernel = loom_paths_dup_data ("guest/tiny-vmlinuz");
  g_autofree char *initrd = loom_paths_dup_data ("guest/tiny-initrd");

  loom_accel_probe_async ("qemu-system-x86_64", kernel, initrd, NULL, on_accel_probed,
                          g_object_ref (self));
}

/* QEMUs that the engine before us was just starting, or ending: nobody can say what they got told.
 */
static void
kill_strays (LoomEngine *self, GHashTable *running)
{
  g_autofree char *prefix = g_strconcat (self->runtime_folder, "/", NULL);
  g_autoptr (GArray) pids = loom_process_find (prefix);

  for (guint i = 0; i < pids->len; i++) {
    guint pid = g_array_index (pids, guint, i);
    g_autofree char *key = loom_process_dup_between (pid, prefix, ".serial");
    if (key != NULL && !g_hash_table_contains (running, key))
      kill ((pid_t) pid, SIGKILL);
  }
}

static void
adopt (LoomEngine *self, LoomState *state)
{
  GHashTableIter iter;
  gpointer key, value;

  g_message ("adopting generation %" G_GUINT64_FORMAT ", %u machines run", state->generation,
             g_hash_table_size (state->running));
  g_free (self->document);
  self->document = g_steal_pointer (&state->document);
  self->generation = state->generation;
  self->started_unix_us = state->started_unix_us;
  self->accel = state->accel;
  self->accel_known = TRUE;
  loom_record_free (self->record);
  self->record = g_steal_pointer (&state->record);
  state->record = loom_record_new ();

  self->lab = loom_reader_read (self->catalogue, self->document, strlen (self->document), NULL,
                                NULL);
  kill_strays (self, state->running);
  g_hash_table_iter_init (&iter, state->running);
  while (g_hash_table_iter_next (&iter, &key, &value)) {
    const LoomRunning *running = value;
    loom_machine_adopt (loom_engine_add_machine (self, key), running->spec, running->image);
  }
  loom_engine_set_wanted (self);
  for (guint i = 0; i < self->record->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (self->record->instances, i);
    if (instance->role == LOOM_ROLE_MACHINE && !instance->powered)
      loom_machine_set_powered (g_hash_table_lookup (self->machines, instance->key), FALSE);
  }
  loom_engine_step_faults (self);
  loom_engine_set_wire_wanted (self);
  self->fabric_dirty = TRUE;
}

void
loom_engine_begin (LoomEngine *self)
{
  const LoomDeriveContext context = loom_engine_get_derive_context (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (LoomState) state = loom_state_load (self->state_path, &context, &error);
  gboolean adopting = state != NULL;

  if (error != NULL)
    g_warning ("state: %s", error->message);
  guint n_nics = LOOM_SWITCH_MIN_NICS;
  for (guint i = 0; adopting && i < state->record->instances->len; i++)
    n_nics +=
        (guint) ((LoomInstance *) g_ptr_array_index (state->record->instances, i))->node->n_ports;
  self->panel = loom_panel_new (self->runtime_folder, adopting, n_nics);
  loom_engine_watch_panel (self);
  loom_engine_open_wire (self);
  loom_engine_open_totals (self, adopting);
  if (adopting)
    adopt (self, state);
  else
    probe_accel (self);
}
