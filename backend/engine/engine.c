/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The engine of one lab.
 *
 * loom_engine_apply () makes the plan and takes its outcome as the new record at once; from then on
 * everything is level-triggered: converge () runs whenever anything may have changed (a document,
 * an order that ended, a guest or the switch that changed state) and begins what can be begun:
 *
 *   1. each machine's next order (backend/engine/machine.h), in the order that engine-order.c
 * knows;
 *   2. when ports or cables differ from what the switch has, one update of its fabric
 *      (backend/engine/panel.h); machines whose ports exist by then may start;
 *   3. the state file.
 *
 * So an edit, a crash and a repair need no code of their own. */

#include "backend/engine/engine-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "backend/engine/error.h"
#include "backend/engine/private-socket.h"
#include "backend/engine/runtime.h"
#include "canvas/model/reader.h"

G_DEFINE_FINAL_TYPE (LoomEngine, loom_engine, G_TYPE_OBJECT)

enum {
  SIGNAL_NODE_CHANGED,
  SIGNAL_NODE_GONE,
  SIGNAL_DOCUMENT_CHANGED,
  SIGNAL_STATE_CHANGED,
  SIGNAL_MESSAGE,
  SIGNAL_HELD_CHANGED,
  SIGNAL_HANGS_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

LoomDeriveContext
loom_engine_get_derive_context (LoomEngine *self)
{
  return (LoomDeriveContext){
      .catalogue = self->catalogue,
      .runtime_folder = self->runtime_folder,
      .disk_folder = self->disk_folder,
      .accel = self->accel,
  };
}

static void
on_machine_changed (LoomMachine *machine, gpointer user_data)
{
  loom_engine_report_machine (user_data, machine);
}

static void
on_machine_ports_changed (LoomMachine *machine, gpointer user_data)
{
  LoomEngine *self = user_data;

  self->fabric_dirty = TRUE;
  loom_engine_kick (self);
}

static void
on_machine_stepped (LoomMachine *machine, gpointer user_data)
{
  LoomEngine *self = user_data;

  self->state_dirty = TRUE;
  loom_engine_kick (self);
}

LoomMachine *
loom_engine_add_machine (LoomEngine *self, const char *key)
{
  LoomMachine *machine = loom_machine_new (key);

  g_signal_connect_object (machine, "changed", G_CALLBACK (on_machine_changed), self, 0);
  g_signal_connect_object (machine, "ports-changed", G_CALLBACK (on_machine_ports_changed), self,
                           0);
  g_signal_connect_object (machine, "stepped", G_CALLBACK (on_machine_stepped), self, 0);
  g_hash_table_insert (self->machines, g_strdup (key), machine);
  return machine;
}

void
loom_engine_set_wanted (LoomEngine *self)
{
  const LoomDeriveContext context = loom_engine_get_derive_context (self);

  for (guint i = 0; i < self->record->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (self->record->instances, i);
    if (instance->role != LOOM_ROLE_MACHINE)
      continue;
    LoomMachine *machine = g_hash_table_lookup (self->machines, instance->key);
    g_autoptr (LoomGuestSpec) spec = loom_derive_spec (&context, self->record, instance);
    spec->image = loom_derive_image (instance->node, self->lab_folder);
    if (machine == NULL)
      machine = loom_engine_add_machine (self, instance->key);
    loom_machine_set_wanted (machine, spec);
  }
}

static void
step_leavers (LoomEngine *self)
{
  g_autoptr (GList) keys = g_hash_table_get_keys (self->gone);

  for (GList *l = keys; l != NULL; l = l->next) {
    const char *key = l->data;
    LoomMachine *machine = g_hash_table_lookup (self->machines, key);
    if (machine != NULL && loom_machine_step (machine, FALSE) != LOOM_MACHINE_GONE)
      continue;

    g_autofree char *name = g_strdup (g_hash_table_lookup (self->gone, key));
    if (machine != NULL)
      g_signal_handlers_disconnect_by_data (machine, self);
    g_hash_table_remove (self->machines, key);
    g_hash_table_remove (self->gone, key);
    self->fabric_dirty = TRUE;
    self->state_dirty = TRUE;
    if (loom_record_get_by_name (self->record, name) == NULL)
      g_signal_emit (self, signals[SIGNAL_NODE_GONE], 0, name);
  }
}

/* Puts into the record what only the machines know. */
static void
observe (LoomEngine *self)
{
  self->record->switch_running = loom_panel_is_up (self->panel);
  for (guint i = 0; i < self->record->instances->len; i++) {
    LoomInstance *instance = g_ptr_array_index (self->record->instances, i);
    LoomMachine *machine = g_hash_table_lookup (self->machines, instance->key);
    instance->failed = machine != NULL && loom_machine_get_failed (machine);
    instance->powered = machine == NULL || loom_machine_get_powered (machine);
  }
}

void
loom_engine_save_state (LoomEngine *self)
{
  g_autoptr (LoomState) state = loom_state_new ();
  g_autoptr (GError) error = NULL;

  self->state_dirty = FALSE;
  observe (self);
  loom_engine_keep_need (self);
  /* Something came or went: sockets may have come with it. */
  loom_private_socket_tighten (self->runtime_folder);
  state->generation = self->generation;
  state->started_unix_us = self->started_unix_us;
  state->accel = self->accel;
  g_free (state->document);
  state->document = g_strdup (self->document);
  loom_record_free (state->record);
  state->record = loom_record_copy (self->record);

  for (guint i = 0; i < self->record->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (self->record->instances, i);
    LoomMachine *machine = g_hash_table_lookup (self->machines, instance->key);
    LoomGuestSpec *spec = machine != NULL ? loom_machine_get_running_spec (machine) : NULL;
    if (spec != NULL)
      loom_state_add_running (state, instance->key, spec, loom_machine_get_running_image (machine));
  }
  g_clear_pointer (&self->state_failure, g_free);
  if (!loom_state_save (state, self->state_path, &error))
    self->state_failure = g_strdup (error->message); /* told, and tried again: engine-pulse.c */
}

static gboolean
converge (gpointer user_data)
{
  LoomEngine *self = user_data;

  self->converge_id = 0;
  if (self->state == LOOM_LAB_STOPPING)
    return G_SOURCE_REMOVE;
  if (self->accel_known) {
    loom_engine_step_machines (self);
    step_leavers (self);
    loom_engine_step_wire (self);
    loom_engine_step_switch (self);
  }
  loom_engine_report_bridges (self);
  loom_engine_step_repairs (self);
  if (self->state == LOOM_LAB_STARTING && loom_engine_has_settled (self))
    loom_engine_set_state (self, LOOM_LAB_RUNNING);
  if (self->state_dirty && self->generation > 0)
    loom_engine_save_state (self);
  return G_SOURCE_REMOVE;
}

void
loom_engine_kick (LoomEngine *self)
{
  if (self->converge_id == 0)
    self->converge_id = g_idle_add_full (G_PRIORITY_DEFAULT, converge, self, NULL);
}

static LoomLab *
read_document (LoomEngine *self, const char *document, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  LoomLab *lab = loom_reader_read (self->catalogue, document, strlen (document), NULL,
                                   &local_error);

  if (lab == NULL)
    g_set_error_literal (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_INVALID, local_error->message);
  return lab;
}

static GVariant *
renames_to_variant (GHashTable *renames)
{
  GVariantBuilder builder;
  GHashTableIter iter;
  gpointer old_name, new_name;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  if (renames != NULL) {
    g_hash_table_iter_init (&iter, renames);
    while (g_hash_table_iter_next (&iter, &old_name, &new_name))
      g_variant_builder_add (&builder, "{ss}", old_name, new_name);
  }
  return g_variant_builder_end (&builder);
}

/* Machines that came and are not among those that were asked for stay off. */
static void
hold_back (LoomEngine *self, const LoomRecord *before)
{
  g_autoptr (GHashTable) only = g_steal_pointer (&self->only);

  for (guint i = 0; only != NULL && i < self->record->instances->len; i++) {
    LoomInstance *instance = g_ptr_array_index (self->record->instances, i);
    LoomMachine *machine = g_hash_table_lookup (self->machines, instance->key);
    if (machine == NULL || loom_record_get (before, instance->key) != NULL
        || g_hash_table_contains (only, instance->node->name))
      continue;
    loom_machine_set_powered (machine, FALSE);
    instance->powered = FALSE;
  }
}

/* Takes the plan's outcome as the record; says which names are no more. */
static void
take_record (LoomEngine *self, LoomPlan *plan)
{
  g_autoptr (LoomRecord) before = g_steal_pointer (&self->record);

  self->record = g_steal_pointer (&plan->after);
  plan->after = loom_record_new ();
  loom_engine_set_wanted (self);
  hold_back (self, before);
  for (guint i = 0; i < before->instances->len; i++) {
    const LoomInstance *old = g_ptr_array_index (before->instances, i);
    const LoomInstance *now = loom_record_get (self->record, old->key);
    const char *name = old->node->name;
    LoomMachine *machine = g_hash_table_lookup (self->machines, old->key);

    if (now == NULL && machine != NULL) {
      g_hash_table_insert (self->gone, g_strdup (old->key), g_strdup (name));
      loom_machine_remove (machine);
      continue;
    }
    if (now != NULL && g_str_equal (now->node->name, name))
      continue;
    g_hash_table_remove (self->reported, name);
    if (loom_record_get_by_name (self->record, name) == NULL)
      g_signal_emit (self, signals[SIGNAL_NODE_GONE], 0, name);
    if (now != NULL && machine != NULL)
      loom_engine_report_machine (self, machine);
  }
  loom_engine_step_faults (self);
  loom_engine_set_wire_wanted (self);
  self->fabric_dirty = TRUE;
  self->state_dirty = TRUE;
}

gboolean
loom_engine_apply (LoomEngine *self, const char *document, guint64 base, GHashTable *renames,
                   guint64 *ret_generation, GError **error)
{
  if (self->state == LOOM_LAB_STOPPING) {
    g_set_error_literal (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_CLOSED,
                         _ ("The lab is being stopped."));
    return FALSE;
  }
  if (base != self->generation) {
    g_set_error_literal (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_CONFLICT,
                         _ ("Somebody else changed the lab meanwhile. Look at it and try again."));
    return FALSE;
  }
  g_autoptr (LoomLab) lab = read_document (self, document, error);
  if (lab == NULL)
    return FALSE;

  observe (self);
  g_autoptr (LoomPlan) plan = loom_plan_make (lab, self->record, renames, FALSE);
  g_set_object (&self->lab, lab);
  g_free (self->document);
  self->document = g_strdup (document);
  self->generation++;
  g_message ("document %" G_GUINT64_FORMAT ": %u steps", self->generation, plan->steps->len);
  g_signal_emit (self, signals[SIGNAL_DOCUMENT_CHANGED], 0, renames_to_variant (renames));
  take_record (self, plan);
  /* Before the answer: what was taken must outlive us. */
  loom_engine_save_state (self);
  loom_engine_kick (self);
  *ret_generation = self->generation;
  return TRUE;
}

void
loom_engine_start_only (LoomEngine *self, const char *const *names)
{
  g_clear_pointer (&self->only, g_hash_table_unref);
  self->only = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; names[i] != NULL; i++)
    g_hash_table_add (self->only, g_strdup (names[i]));
}

LoomPlan *
loom_engine_plan (LoomEngine *self, const char *document, GHashTable *renames, GError **error)
{
  g_autoptr (LoomLab) lab = read_document (self, document, error);
  if (lab == NULL)
    return NULL;

  observe (self);
  return loom_plan_make (lab, self->record, renames, FALSE);
}

static void
loom_engine_dispose (GObject *object)
{
  LoomEngine *self = LOOM_ENGINE (object);

  g_clear_handle_id (&self->converge_id, g_source_remove);
  g_clear_handle_id (&self->sample_id, g_source_remove);
  g_clear_handle_id (&self->order_id, g_source_remove);
  g_clear_handle_id (&self->reassert_id, g_source_remove);
  g_clear_handle_id (&self->repair_timeout_id, g_source_remove);
  g_clear_handle_id (&self->wire_timer_id, g_source_remove);
  g_clear_handle_id (&self->flap_id, g_source_remove);
  g_clear_object (&self->wire);
  g_hash_table_remove_all (self->machines);
  g_clear_object (&self->panel);
  G_OBJECT_CLASS (loom_engine_parent_class)->dispose (object);
}

static void
loom_engine_finalize (GObject *object)
{
  LoomEngine *self = LOOM_ENGINE (object);

  g_clear_object (&self->catalogue);
  g_clear_object (&self->lab);
  g_clear_pointer (&self->only, g_hash_table_unref);
  g_hash_table_unref (self->machines);
  g_hash_table_unref (self->gone);
  g_hash_table_unref (self->reported);
  g_hash_table_unref (self->bridges_up);
  g_hash_table_unref (self->detours);
  g_hash_table_unref (self->measures);
  g_ptr_array_unref (self->taps);
  g_ptr_array_unref (self->tap_tasks);
  g_clear_pointer (&self->submitted_bridges, g_hash_table_unref);
  g_clear_pointer (&self->submitted, g_hash_table_unref);
  g_clear_pointer (&self->hangs, g_variant_unref);
  g_ptr_array_unref (self->waiting);
  g_ptr_array_unref (self->repairs);
  loom_meters_free (self->meters);
  loom_record_free (self->record);
  g_free (self->file);
  g_free (self->lab_folder);
  g_free (self->runtime_folder);
  g_free (self->disk_folder);
  g_free (self->state_path);
  g_free (self->document);
  g_free (self->fabric_failure);
  g_free (self->state_failure);
  g_clear_pointer (&self->totals, g_bytes_unref);
  if (self->totals_fd >= 0)
    close (self->totals_fd);
  G_OBJECT_CLASS (loom_engine_parent_class)->finalize (object);
}

static void
loom_engine_class_init (LoomEngineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = loom_engine_dispose;
  object_class->finalize = loom_engine_finalize;
  signals[SIGNAL_NODE_CHANGED] = g_signal_new ("node-changed", LOOM_TYPE_ENGINE, G_SIGNAL_RUN_LAST,
                                               0, NULL, NULL, NULL, G_TYPE_NONE, 4, G_TYPE_STRING,
                                               G_TYPE_STRING, G_TYPE_STRING, G_TYPE_DOUBLE);
  signals[SIGNAL_NODE_GONE] = g_signal_new ("node-gone", LOOM_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0,
                                            NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_DOCUMENT_CHANGED] = g_signal_new ("document-changed", LOOM_TYPE_ENGINE,
                                                   G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                   G_TYPE_NONE, 1, G_TYPE_VARIANT);
  signals[SIGNAL_STATE_CHANGED] = g_signal_new (
      "state-changed", LOOM_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_HANGS_CHANGED] = g_signal_new (
      "hangs-changed", LOOM_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_MESSAGE] = g_signal_new ("message", LOOM_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  signals[SIGNAL_HELD_CHANGED] = g_signal_new ("held-changed", LOOM_TYPE_ENGINE, G_SIGNAL_RUN_LAST,
                                               0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                                               G_TYPE_UINT);
}

static void
loom_engine_init (LoomEngine *self)
{
  self->document = g_strdup ("");
  self->totals_fd = -1;
  self->state = LOOM_LAB_STARTING;
  self->started_unix_us = g_get_real_time ();
  self->record = loom_record_new ();
  self->machines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->gone = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->reported = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->bridges_up = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->meters = loom_meters_new ();
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  self->repairs = g_ptr_array_new_with_free_func (g_object_unref);
}

LoomEngine *
loom_engine_new (LoomCatalogue *catalogue, const char *file, const char *runtime_folder,
                 const char *disk_folder)
{
  LoomEngine *self = g_object_new (LOOM_TYPE_ENGINE, NULL);

  self->catalogue = g_object_ref (catalogue);
  self->file = g_strdup (file);
  self->lab_folder = g_path_get_dirname (file);
  self->runtime_folder = g_strdup (runtime_folder);
  self->disk_folder = g_strdup (disk_folder);
  self->state_path = g_build_filename (runtime_folder, LOOM_RUNTIME_STATE, NULL);
  loom_engine_begin (self);
  loom_engine_begin_sampling (self);
  loom_engine_kick (self);
  return self;
}

const char *
loom_engine_get_file (LoomEngine *self)
{
  return self->file;
}

const char *
loom_engine_get_document (LoomEngine *self)
{
  return self->document;
}

guint64
loom_engine_get_generation (LoomEngine *self)
{
  return self->generation;
}

LoomLabState
loom_engine_get_state (LoomEngine *self)
{
  return self->state;
}

LoomAccel
loom_engine_get_accel (LoomEngine *self)
{
  return self->accel;
}

gboolean
loom_engine_has_lost_folder (LoomEngine *self)
{
  g_autofree char *path = g_build_filename (self->runtime_folder, LOOM_RUNTIME_SOCKET, NULL);

  /* The folder is mounted here, and so there even when it was deleted: empty. */
  return access (path, F_OK) < 0 && errno == ENOENT;
}

gint64
loom_engine_get_started_unix_us (LoomEngine *self)
{
  return self->started_unix_us;
}
