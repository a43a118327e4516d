/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The engine of one lab.
 *
 * loom_engine_apply () makes the plan and takes its outcome as the new record at once; from then on
 * everything is level-triggered: converge () runs whenever anything may have changed (a document,
 * an order that ended, a guest or the switch that changed state) and begins what can be begun:
 *
 *   1. each machine's next order (backend/engine/machine.h), at most MAX_STARTING QEMUs at a time;
 *   2. when ports or cables differ from what the switch has, one update of its fabric
 *      (backend/engine/panel.h); machines whose ports exist by then may start;
 *   3. the state file.
 *
 * So an edit, a crash and a repair need no code of their own. */

#include "backend/engine/engine.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "backend/engine/error.h"
#include "backend/engine/machine.h"
#include "backend/engine/meters.h"
#include "backend/engine/panel.h"
#include "backend/engine/paths.h"
#include "backend/engine/process.h"
#include "backend/engine/runtime.h"
#include "backend/engine/state.h"
#include "backend/qemu/accel.h"
#include "canvas/model/reader.h"

#define MAX_STARTING 8
#define MIN_NICS 32 /* what the switch is prepared for at least */
#define SAMPLE_PERIOD_MS 1000
#define REASSERT_DELAY_MS 1500
#define SAMPLE_SHARE_US (20 * 1000)

struct _LoomEngine {
  GObject parent;
  LoomCatalogue *catalogue;
  char *file;
  char *lab_folder;
  char *runtime_folder;
  char *disk_folder;
  char *state_path;

  char *document;
  guint64 generation;
  gint64 started_unix_us;
  LoomLabState state;
  LoomAccel accel;
  gboolean accel_known;

  LoomRecord *record;
  GHashTable *machines; /* key → LoomMachine; also those on their way out */
  GHashTable *gone;     /* key → name, of machines on their way out */
  GHashTable *reported; /* name → state and detail of bridges as last reported */
  LoomPanel *panel;
  gboolean panel_was_up;
  guint reassert_id;
  gboolean fabric_dirty;
  GHashTable *submitted;         /* key → number of ports, of the fabric under way */
  GHashTable *submitted_bridges; /* keys of bridges of the fabric under way */
  GHashTable *bridges_up;        /* keys of bridges that the switch has */
  char *fabric_failure;          /* why the last update failed; or NULL */

  LoomMeters *meters;
  gint64 sampled_us;
  GPtrArray *waiting; /* of GTask: for the reading under way */
  guint sample_id;
  guint converge_id;
  gboolean state_dirty;
};

G_DEFINE_FINAL_TYPE (LoomEngine, loom_engine, G_TYPE_OBJECT)

enum {
  SIGNAL_NODE_CHANGED,
  SIGNAL_NODE_GONE,
  SIGNAL_DOCUMENT_CHANGED,
  SIGNAL_STATE_CHANGED,
  SIGNAL_MESSAGE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void kick (LoomEngine *self);

static LoomDeriveContext
get_derive_context (LoomEngine *self)
{
  return (LoomDeriveContext){
      .catalogue = self->catalogue,
      .runtime_folder = self->runtime_folder,
      .disk_folder = self->disk_folder,
      .accel = self->accel,
  };
}

/* --- reports --------------------------------------------------------------------------------- */

static const char *
get_machine_name (LoomEngine *self, LoomMachine *machine)
{
  const char *key = loom_machine_get_key (machine);
  const LoomInstance *instance = loom_record_get (self->record, key);

  return instance != NULL ? instance->node->name : g_hash_table_lookup (self->gone, key);
}

static void
report_machine (LoomEngine *self, LoomMachine *machine)
{
  const char *name = get_machine_name (self, machine);

  /* One on its way out whose name is another's by now: nobody wants to know. */
  if (name == NULL
      || (loom_record_get (self->record, loom_machine_get_key (machine)) == NULL
          && loom_record_get_by_name (self->record, name) != NULL))
    return;
  g_message ("%s: %s %s", name, loom_node_state_to_id (loom_machine_get_state (machine)),
             loom_machine_get_detail (machine));
  g_signal_emit (self, signals[SIGNAL_NODE_CHANGED], 0, name,
                 loom_node_state_to_id (loom_machine_get_state (machine)),
                 loom_machine_get_detail (machine), loom_machine_get_progress (machine));
}

static LoomNodeState
get_bridge_state (LoomEngine *self, const LoomInstance *bridge, const char **ret_detail)
{
  const char *failure = loom_panel_get_failure (self->panel);

  *ret_detail = "";
  if (failure == NULL && !g_hash_table_contains (self->bridges_up, bridge->key))
    failure = self->fabric_failure;
  if (failure != NULL) {
    *ret_detail = failure;
    return LOOM_NODE_FAILED;
  }
  if (!loom_panel_is_up (self->panel)) {
    *ret_detail = _ ("Waits for Open vSwitch.");
    return LOOM_NODE_PREPARING;
  }
  return g_hash_table_contains (self->bridges_up, bridge->key) ? LOOM_NODE_READY
                                                               : LOOM_NODE_PREPARING;
}

static void
report_bridges (LoomEngine *self)
{
  for (guint i = 0; i < self->record->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (self->record->instances, i);
    const char *detail;
    if (instance->role == LOOM_ROLE_MACHINE)
      continue;

    LoomNodeState state = get_bridge_state (self, instance, &detail);
    g_autofree char *report = g_strdup_printf ("%s %s", loom_node_state_to_id (state), detail);
    if (g_strcmp0 (g_hash_table_lookup (self->reported, instance->node->name), report) == 0)
      continue;
    g_hash_table_insert (self->reported, g_strdup (instance->node->name),
                         g_steal_pointer (&report));
    g_signal_emit (self, signals[SIGNAL_NODE_CHANGED], 0, instance->node->name,
                   loom_node_state_to_id (state), detail, -1.0);
  }
}

static void
set_state (LoomEngine *self, LoomLabState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_signal_emit (self, signals[SIGNAL_STATE_CHANGED], 0);
}

/* Whether every node has come to what it will be for now. */
static gboolean
has_settled (LoomEngine *self)
{
  for (guint i = 0; i < self->record->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (self->record->instances, i);
    const char *detail;
    LoomNodeState state = instance->role == LOOM_ROLE_MACHINE
                              ? loom_machine_get_state (
                                  g_hash_table_lookup (self->machines, instance->key))
                              : get_bridge_state (self, instance, &detail);
    if (state == LOOM_NODE_PREPARING || state == LOOM_NODE_BOOTING)
      return FALSE;
  }
  return self->generation > 0;
}

/* --- machines -------------------------------------------------------------------------------- */

static void
on_machine_changed (LoomMachine *machine, gpointer user_data)
{
  report_machine (user_data, machine);
}

static void
on_machine_ports_changed (LoomMachine *machine, gpointer user_data)
{
  LoomEngine *self = user_data;

  self->fabric_dirty = TRUE;
  kick (self);
}

static void
on_machine_stepped (LoomMachine *machine, gpointer user_data)
{
  LoomEngine *self = user_data;

  self->state_dirty = TRUE;
  kick (self);
}

static LoomMachine *
add_machine (LoomEngine *self, const char *key)
{
  LoomMachine *machine = loom_machine_new (key);

  g_signal_connect_object (machine, "changed", G_CALLBACK (on_machine_changed), self, 0);
  g_signal_connect_object (machine, "ports-changed", G_CALLBACK (on_machine_ports_changed), self,
                           0);
  g_signal_connect_object (machine, "stepped", G_CALLBACK (on_machine_stepped), self, 0);
  g_hash_table_insert (self->machines, g_strdup (key), machine);
  return machine;
}

/* Hands every machine what it is to be by the record. */
static void
set_wanted (LoomEngine *self)
{
  const LoomDeriveContext context = get_derive_context (self);

  for (guint i = 0; i < self->record->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (self->record->instances, i);
    if (instance->role != LOOM_ROLE_MACHINE)
      continue;
    LoomMachine *machine = g_hash_table_lookup (self->machines, instance->key);
    g_autoptr (LoomGuestSpec) spec = loom_derive_spec (&context, self->record, instance);
    g_autofree char *image = loom_derive_image (instance->node, self->lab_folder);
    if (machine == NULL)
      machine = add_machine (self, instance->key);
    loom_machine_set_wanted (machine, spec, image);
  }
}

static void
step_machines (LoomEngine *self)
{
  g_autoptr (GList) machines = g_hash_table_get_values (self->machines);
  guint n_starting = 0;

  for (GList *l = machines; l != NULL; l = l->next)
    n_starting += loom_machine_is_starting (l->data) ? 1 : 0;
  /* The order in which a person added them, for those that wait for their turn. */
  for (guint i = 0; i < self->record->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (self->record->instances, i);
    LoomMachine *machine = g_hash_table_lookup (self->machines, instance->key);
    if (machine == NULL)
      continue;
    loom_machine_step (machine, n_starting < MAX_STARTING);
    n_starting += loom_machine_is_starting (machine) ? 1 : 0;
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

/* --- the switch ------------------------------------------------------------------------------ */

static void
note_connected (LoomEngine *self)
{
  GHashTableIter iter;
  gpointer key, n_ports;

  g_hash_table_iter_init (&iter, self->submitted);
  while (g_hash_table_iter_next (&iter, &key, &n_ports)) {
    LoomMachine *machine = g_hash_table_lookup (self->machines, key);
    if (machine != NULL)
      loom_machine_set_n_connected (machine, GPOINTER_TO_UINT (n_ports));
  }
}

/* The switch refused: machines that wait for ports cannot start. */
static void
note_refused (LoomEngine *self, const char *reason)
{
  GHashTableIter iter;
  gpointer machine;

  g_signal_emit (self, signals[SIGNAL_MESSAGE], 0, "error", reason);
  g_hash_table_iter_init (&iter, self->machines);
  while (g_hash_table_iter_next (&iter, NULL, &machine)) {
    if (loom_machine_get_state (machine) == LOOM_NODE_PREPARING
        && !loom_machine_is_starting (machine))
      loom_machine_fail (machine, reason);
  }
}

static void
on_fabric_updated (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomEngine) self = user_data;
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->fabric_failure, g_free);
  if (loom_panel_update_finish (LOOM_PANEL (source), result, &error)) {
    g_hash_table_unref (self->bridges_up);
    self->bridges_up = g_hash_table_ref (self->submitted_bridges);
    note_connected (self);
  } else if (loom_panel_is_up (self->panel)) {
    g_warning ("switch: %s", error->message);
    g_hash_table_remove_all (self->bridges_up);
    self->fabric_failure = g_strdup (error->message);
    note_refused (self, error->message);
  } else {
    self->fabric_dirty = TRUE; /* it died under the update: once more when it is back */
  }
  kick (self);
}

static GHashTable *
collect_n_ports (LoomEngine *self)
{
  GHashTable *n_ports = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer key, machine;

  g_hash_table_iter_init (&iter, self->machines);
  while (g_hash_table_iter_next (&iter, &key, &machine)) {
    guint n = loom_machine_get_n_ports (machine);
    if (n > 0)
      g_hash_table_insert (n_ports, g_strdup (key), GUINT_TO_POINTER (n));
  }
  return n_ports;
}

static GHashTable *
collect_bridges (LoomEngine *self)
{
  GHashTable *bridges = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < self->record->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (self->record->instances, i);
    if (instance->role != LOOM_ROLE_MACHINE)
      g_hash_table_add (bridges, g_strdup (instance->key));
  }
  return bridges;
}

static void
step_switch (LoomEngine *self)
{
  if (!self->fabric_dirty || !loom_panel_is_idle (self->panel))
    return;

  self->fabric_dirty = FALSE;
  g_clear_pointer (&self->submitted, g_hash_table_unref);
  self->submitted = collect_n_ports (self);
  g_clear_pointer (&self->submitted_bridges, g_hash_table_unref);
  self->submitted_bridges = collect_bridges (self);
  g_autoptr (LoomFabric)
      fabric = loom_derive_fabric (self->runtime_folder, self->record, self->submitted);
  loom_panel_update_async (self->panel, fabric, on_fabric_updated, g_object_ref (self));
}

static gboolean
on_reassert_due (gpointer user_data)
{
  LoomEngine *self = user_data;
  GHashTableIter iter;
  gpointer machine;

  self->reassert_id = 0;
  g_hash_table_iter_init (&iter, self->machines);
  while (g_hash_table_iter_next (&iter, NULL, &machine))
    loom_machine_reassert_links (machine);
  kick (self);
  return G_SOURCE_REMOVE;
}

static void
on_panel_changed (LoomPanel *panel, gpointer user_data)
{
  LoomEngine *self = user_data;
  gboolean up = loom_panel_is_up (panel);

  /* A switch that came back: its ports reconnect within the second, which raises carriers. */
  if (up && !self->panel_was_up && self->generation > 0 && self->reassert_id == 0)
    self->reassert_id = g_timeout_add (REASSERT_DELAY_MS, on_reassert_due, self);
  self->panel_was_up = up;
  kick (self);
}

static void
on_panel_message (LoomPanel *panel, const char *severity, const char *text, gpointer user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_MESSAGE], 0, severity, text);
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

/* --- convergence ----------------------------------------------------------------------------- */

static void
save_state (LoomEngine *self)
{
  g_autoptr (LoomState) state = loom_state_new ();
  g_autoptr (GError) error = NULL;

  self->state_dirty = FALSE;
  observe (self);
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
  if (!loom_state_save (state, self->state_path, &error))
    g_warning ("state: %s", error->message);
}

static gboolean
converge (gpointer user_data)
{
  LoomEngine *self = user_data;

  self->converge_id = 0;
  if (self->state == LOOM_LAB_STOPPING)
    return G_SOURCE_REMOVE;
  if (self->accel_known) {
    step_machines (self);
    step_leavers (self);
    step_switch (self);
  }
  report_bridges (self);
  if (self->state == LOOM_LAB_STARTING && has_settled (self))
    set_state (self, LOOM_LAB_RUNNING);
  if (self->state_dirty && self->generation > 0)
    save_state (self);
  return G_SOURCE_REMOVE;
}

static void
kick (LoomEngine *self)
{
  if (self->converge_id == 0)
    self->converge_id = g_idle_add_full (G_PRIORITY_DEFAULT, converge, self, NULL);
}

/* --- documents ------------------------------------------------------------------------------- */

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

/* Takes the plan's outcome as the record; says which names are no more. */
static void
take_record (LoomEngine *self, LoomPlan *plan)
{
  g_autoptr (LoomRecord) before = g_steal_pointer (&self->record);

  self->record = g_steal_pointer (&plan->after);
  plan->after = loom_record_new ();
  set_wanted (self);
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
      report_machine (self, machine);
  }
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
  g_free (self->document);
  self->document = g_strdup (document);
  self->generation++;
  g_message ("document %" G_GUINT64_FORMAT ": %u steps", self->generation, plan->steps->len);
  g_signal_emit (self, signals[SIGNAL_DOCUMENT_CHANGED], 0, renames_to_variant (renames));
  take_record (self, plan);
  kick (self);
  *ret_generation = self->generation;
  return TRUE;
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

/* --- one node at a time ---------------------------------------------------------------------- */

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

gboolean
loom_engine_repair (LoomEngine *self, const char *const *nodes, GError **error)
{
  for (const char *const *node = nodes; node != NULL && *node != NULL; node++) {
    if (find_instance (self, *node, error) == NULL)
      return FALSE;
  }
  loom_panel_retry (self->panel);
  for (guint i = 0; i < self->record->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (self->record->instances, i);
    LoomMachine *machine = g_hash_table_lookup (self->machines, instance->key);
    gboolean meant = nodes == NULL || *nodes == NULL
                     || g_strv_contains (nodes, instance->node->name);
    if (machine != NULL && meant)
      loom_machine_retry (machine);
  }
  self->fabric_dirty = TRUE;
  kick (self);
  return TRUE;
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

gboolean
loom_engine_power (LoomEngine *self, const char *node, const char *action, GError **error)
{
  LoomInstance *instance;
  LoomMachine *machine = find_machine (self, node, &instance, error);
  if (machine == NULL)
    return FALSE;

  LoomGuest *guest = loom_machine_get_guest (machine);
  gboolean runs = loom_machine_get_running_spec (machine) != NULL;
  gboolean is_pausing = g_str_equal (action, "pause") || g_str_equal (action, "resume");
  if (is_pausing && !runs) {
    g_set_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NOT_READY,
                 _ ("“%s” does not run. Power it on first."), node);
    return FALSE;
  }
  if (g_str_equal (action, "start")) {
    loom_machine_set_powered (machine, TRUE);
  } else if (g_str_equal (action, "stop")) {
    loom_machine_set_powered (machine, FALSE);
  } else if (g_str_equal (action, "restart")) {
    loom_machine_restart (machine);
  } else if (g_str_equal (action, "pause")) {
    loom_guest_pause_async (guest, NULL, on_paused, NULL);
  } else if (g_str_equal (action, "resume")) {
    loom_guest_resume_async (guest, NULL, on_resumed, NULL);
  } else {
    g_set_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_INVALID,
                 _ ("“%s” is none of start, stop, restart, pause, resume."), action);
    return FALSE;
  }
  if (!is_pausing)
    instance->powered = !g_str_equal (action, "stop");
  self->state_dirty = TRUE;
  kick (self);
  return TRUE;
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
  set_state (self, LOOM_LAB_STOPPING);
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
      LoomNodeState state = get_bridge_state (self, instance, &detail);
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
  g_hash_table_iter_init (&iter, self->machines);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    LoomGuest *guest = loom_machine_get_guest (value);
    const char *name = get_machine_name (self, value);
    if (guest != NULL && name != NULL)
      add_process (&builder, "qemu", name, (guint) loom_guest_get_pid (guest));
  }
  return g_variant_builder_end (&builder);
}

/* --- counters -------------------------------------------------------------------------------- */

static void
answer_waiting (LoomEngine *self)
{
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&self->waiting);

  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < waiting->len; i++)
    g_task_return_boolean (g_ptr_array_index (waiting, i), TRUE);
}

static void
on_counters_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomEngine) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable)
      counters = loom_switch_counters_finish (LOOM_SWITCH (source), result, &error);

  if (counters != NULL) {
    self->sampled_us = g_get_monotonic_time ();
    loom_meters_update (self->meters, self->record, counters, self->sampled_us);
  } else {
    g_debug ("counters: %s", error->message);
  }
  answer_waiting (self);
}

static void
sample (LoomEngine *self, GTask *task)
{
  gboolean under_way = self->waiting->len > 0;

  g_ptr_array_add (self->waiting, g_object_ref (task));
  if (!under_way)
    loom_switch_counters_async (loom_panel_get_switch (self->panel), NULL, on_counters_read,
                                g_object_ref (self));
}

static gboolean
on_sample_due (gpointer user_data)
{
  LoomEngine *self = user_data;
  gint64 age_us = g_get_monotonic_time () - self->sampled_us;

  /* Somebody reads often already. */
  if (age_us < SAMPLE_PERIOD_MS * 900 || self->record->cables->len == 0
      || !loom_panel_is_up (self->panel))
    return G_SOURCE_CONTINUE;
  g_autoptr (GTask) task = g_task_new (self, NULL, NULL, NULL);
  sample (self, task);
  return G_SOURCE_CONTINUE;
}

void
loom_engine_counters_async (LoomEngine *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, loom_engine_counters_async);
  if (!loom_panel_is_up (self->panel)
      || g_get_monotonic_time () - self->sampled_us < SAMPLE_SHARE_US)
    g_task_return_boolean (task, TRUE);
  else
    sample (self, task);
}

static gboolean
is_end_up (LoomEngine *self, const char *key, int port)
{
  const LoomInstance *instance = loom_record_get (self->record, key);
  if (instance == NULL)
    return FALSE;
  if (instance->role != LOOM_ROLE_MACHINE)
    return loom_panel_is_up (self->panel) && g_hash_table_contains (self->bridges_up, key);

  LoomMachine *machine = g_hash_table_lookup (self->machines, key);
  LoomGuestSpec *spec = machine != NULL ? loom_machine_get_running_spec (machine) : NULL;
  if (spec == NULL || (guint) port >= spec->nics->len)
    return FALSE;
  return ((const LoomGuestNic *) g_ptr_array_index (spec->nics, port))->link_up;
}

GVariant *
loom_engine_counters_finish (LoomEngine *self, GAsyncResult *result, gint64 *ret_time_us)
{
  GVariantBuilder builder;

  g_task_propagate_boolean (G_TASK (result), NULL);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sb(ttttdd)(ttttdd))"));
  for (guint i = 0; i < self->record->cables->len; i++) {
    const LoomCable *cable = g_ptr_array_index (self->record->cables, i);
    gboolean swapped;
    LoomLinkStatus status;
    g_autofree char *id = loom_record_dup_link_id (self->record, cable, &swapped);
    if (id == NULL)
      continue;

    loom_meters_get (self->meters, cable->cookie, &status);
    status.carrier = is_end_up (self, cable->key_a, cable->port_a)
                     && is_end_up (self, cable->key_b, cable->port_b);
    const LoomFlow *a = swapped ? &status.from_b : &status.from_a;
    const LoomFlow *b = swapped ? &status.from_a : &status.from_b;
    g_variant_builder_add (&builder, "(sb(ttttdd)(ttttdd))", id, status.carrier, a->n_frames,
                           a->n_bytes, a->n_drops, a->n_errors, a->rate_bps, a->rate_fps,
                           b->n_frames, b->n_bytes, b->n_drops, b->n_errors, b->rate_bps,
                           b->rate_fps);
  }
  *ret_time_us = self->sampled_us;
  return g_variant_builder_end (&builder);
}

/* --- beginning ------------------------------------------------------------------------------- */

static void
on_accel_probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomEngine) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!loom_accel_probe_finish (result, &self->accel, &error)) {
    self->accel = LOOM_ACCEL_TCG;
    g_signal_emit (self, signals[SIGNAL_MESSAGE], 0, "warning", error->message);
  }
  g_message ("accelerator: %s", loom_accel_to_id (self->accel));
  self->accel_known = TRUE;
  g_signal_emit (self, signals[SIGNAL_STATE_CHANGED], 0);
  set_wanted (self);
  kick (self);
}

static void
probe_accel (LoomEngine *self)
{
  g_autofree char *kernel = loom_paths_dup_data ("guest/tiny-vmlinuz");
  g_autofree char *initrd = loom_paths_dup_data ("guest/tiny-initrd");

  loom_accel_probe_async ("qemu-system-x86_64", kernel, initrd, NULL, on_accel_probed,
                          g_object_ref (self));
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

  g_hash_table_iter_init (&iter, state->running);
  while (g_hash_table_iter_next (&iter, &key, &value)) {
    const LoomRunning *running = value;
    loom_machine_adopt (add_machine (self, key), running->spec, running->image);
  }
  set_wanted (self);
  for (guint i = 0; i < self->record->instances->len; i++) {
    const LoomInstance *instance = g_ptr_array_index (self->record->instances, i);
    if (instance->role == LOOM_ROLE_MACHINE && !instance->powered)
      loom_machine_set_powered (g_hash_table_lookup (self->machines, instance->key), FALSE);
  }
  self->fabric_dirty = TRUE;
}

static void
load_state (LoomEngine *self)
{
  const LoomDeriveContext context = get_derive_context (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (LoomState) state = loom_state_load (self->state_path, &context, &error);
  gboolean adopting = state != NULL;

  if (error != NULL)
    g_warning ("state: %s", error->message);
  guint n_nics = MIN_NICS;
  for (guint i = 0; adopting && i < state->record->instances->len; i++)
    n_nics +=
        (guint) ((LoomInstance *) g_ptr_array_index (state->record->instances, i))->node->n_ports;
  self->panel = loom_panel_new (self->runtime_folder, adopting, n_nics);
  g_signal_connect_object (self->panel, "changed", G_CALLBACK (on_panel_changed), self, 0);
  g_signal_connect_object (self->panel, "message", G_CALLBACK (on_panel_message), self, 0);
  if (adopting)
    adopt (self, state);
  else
    probe_accel (self);
}

static void
loom_engine_dispose (GObject *object)
{
  LoomEngine *self = LOOM_ENGINE (object);

  g_clear_handle_id (&self->converge_id, g_source_remove);
  g_clear_handle_id (&self->sample_id, g_source_remove);
  g_clear_handle_id (&self->reassert_id, g_source_remove);
  g_hash_table_remove_all (self->machines);
  g_clear_object (&self->panel);
  G_OBJECT_CLASS (loom_engine_parent_class)->dispose (object);
}

static void
loom_engine_finalize (GObject *object)
{
  LoomEngine *self = LOOM_ENGINE (object);

  g_clear_object (&self->catalogue);
  g_hash_table_unref (self->machines);
  g_hash_table_unref (self->gone);
  g_hash_table_unref (self->reported);
  g_hash_table_unref (self->bridges_up);
  g_clear_pointer (&self->submitted_bridges, g_hash_table_unref);
  g_clear_pointer (&self->submitted, g_hash_table_unref);
  g_ptr_array_unref (self->waiting);
  loom_meters_free (self->meters);
  loom_record_free (self->record);
  g_free (self->file);
  g_free (self->lab_folder);
  g_free (self->runtime_folder);
  g_free (self->disk_folder);
  g_free (self->state_path);
  g_free (self->document);
  g_free (self->fabric_failure);
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
  signals[SIGNAL_MESSAGE] = g_signal_new ("message", LOOM_TYPE_ENGINE, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
loom_engine_init (LoomEngine *self)
{
  self->document = g_strdup ("");
  self->state = LOOM_LAB_STARTING;
  self->started_unix_us = g_get_real_time ();
  self->record = loom_record_new ();
  self->machines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->gone = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->reported = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->bridges_up = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->meters = loom_meters_new ();
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
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
  load_state (self);
  self->sample_id = g_timeout_add (SAMPLE_PERIOD_MS, on_sample_due, self);
  kick (self);
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

gint64
loom_engine_get_started_unix_us (LoomEngine *self)
{
  return self->started_unix_us;
}
