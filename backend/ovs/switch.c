/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The life of a switch: which state, which operation is under way, who waits for it. How it comes
 * up is in switch-boot.c, how it is changed in switch-sync.c, what one that runs is asked in
 * switch-running.c. */

#include "backend/ovs/switch-private.h"

#include <glib/gi18n-lib.h>

#include "backend/ovs/fabric-diff.h"

G_DEFINE_FINAL_TYPE (LoomSwitch, loom_switch, G_TYPE_OBJECT)

enum {
  SIGNAL_FAILED,
  SIGNAL_REFUSED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* From each state, the states it may go to. */
static const guint TRANSITIONS[] = {
    [LOOM_SWITCH_OFF] = 1 << LOOM_SWITCH_STARTING | 1 << LOOM_SWITCH_STOPPING,
    [LOOM_SWITCH_STARTING] = 1 << LOOM_SWITCH_RUNNING | 1 << LOOM_SWITCH_OFF
                             | 1 << LOOM_SWITCH_STOPPING,
    [LOOM_SWITCH_RUNNING] = 1 << LOOM_SWITCH_FAILED | 1 << LOOM_SWITCH_STOPPING
                            | 1 << LOOM_SWITCH_OFF,
    [LOOM_SWITCH_FAILED] = 1 << LOOM_SWITCH_STARTING | 1 << LOOM_SWITCH_STOPPING
                           | 1 << LOOM_SWITCH_OFF,
    [LOOM_SWITCH_STOPPING] = 1 << LOOM_SWITCH_OFF,
};

static void begin_boot (LoomSwitch *self, GTask *task);
static void start_sync (LoomSwitch *self);
static void begin_end (LoomSwitch *self);

static void
set_state (LoomSwitch *self, LoomSwitchState state)
{
  g_assert (TRANSITIONS[self->state] & 1u << state);
  self->state = state;
}

GError *
loom_switch_new_gone_error (void)
{
  return g_error_new_literal (LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_GONE,
                              _ ("The lab's switch does not run."));
}

/* Answers every task of @tasks with @error (nullable) and forgets them. */
static void
answer_all (GPtrArray *tasks, const GError *error)
{
  g_autoptr (GPtrArray)
      answered = g_ptr_array_copy (tasks, (GCopyFunc) (void (*) (void)) g_object_ref, NULL);

  g_ptr_array_set_size (tasks, 0);
  for (guint i = 0; i < answered->len; i++) {
    if (error != NULL)
      g_task_return_error (answered->pdata[i], g_error_copy (error));
    else
      g_task_return_boolean (answered->pdata[i], TRUE);
  }
}

static void
disconnect_parts (LoomSwitch *self)
{
  g_signal_handlers_disconnect_by_data (self->parts->database, self);
  g_signal_handlers_disconnect_by_data (self->parts->vswitchd, self);
  g_signal_handlers_disconnect_by_data (self->parts->ovsdb, self);
  g_signal_handlers_disconnect_by_data (self->parts->panel, self);
}

/* A process died or hung up. Connections are closed at once, so that an update in flight fails
 * rather than waits. */
static void
fail_running (LoomSwitch *self, const char *what)
{
  g_autoptr (LoomSwitch) alive = g_object_ref (self);
  g_autoptr (GError) error = NULL;

  if (self->state != LOOM_SWITCH_RUNNING)
    return;
  set_state (self, LOOM_SWITCH_FAILED);
  disconnect_parts (self);
  loom_ovsdb_client_close (self->parts->ovsdb);
  loom_openflow_client_close (self->parts->panel);
  error = g_error_new (LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_GONE,
                       _ ("The lab's switch stopped working: %s ended. Cables carry nothing until "
                          "it is started again."),
                       what);
  g_signal_emit (self, signals[SIGNAL_FAILED], 0, error);
}

static void
on_daemon_exited (LoomDaemon *daemon, LoomSwitch *self)
{
  fail_running (self, loom_daemon_get_role (daemon));
}

static void
on_ovsdb_closed (LoomOvsdbClient *client, const GError *error, LoomSwitch *self)
{
  fail_running (self, "ovsdb-server");
}

static void
on_panel_closed (LoomOpenFlowClient *client, const GError *error, LoomSwitch *self)
{
  fail_running (self, "ovs-vswitchd");
}

/* An update can be the first to fail when a process dies: who asked for it is to find the switch
 * failed. */
static void
notice_closed (LoomSwitch *self)
{
  if (self->state != LOOM_SWITCH_RUNNING)
    return;
  if (!loom_ovsdb_client_is_open (self->parts->ovsdb))
    fail_running (self, "ovsdb-server");
  else if (!loom_openflow_client_is_open (self->parts->panel))
    fail_running (self, "ovs-vswitchd");
}

/* Whether the last fabric wanted has a NIC @key. */
static gboolean
wants_nic (LoomSwitch *self, const char *key)
{
  for (guint i = 0; self->wanted != NULL && i < self->wanted->nics->len; i++)
    if (g_str_equal (((LoomFabricNic *) self->wanted->nics->pdata[i])->key, key))
      return TRUE;
  return FALSE;
}

/* Which of the ports that went should not have; an update removes ports itself. */
static void
judge_removed (LoomSwitch *self)
{
  GHashTableIter iter;
  gpointer key;
  gboolean lost = FALSE;

  g_hash_table_iter_init (&iter, self->removed);
  while (g_hash_table_iter_next (&iter, &key, NULL)) {
    if (!wants_nic (self, key))
      continue;
    g_hash_table_insert (self->lost, g_strdup (key), loom_switch_dup_loss (self->folder, key));
    lost = TRUE;
  }
  g_hash_table_remove_all (self->removed);
  if (lost)
    g_signal_emit (self, signals[SIGNAL_REFUSED], 0);
}

/* Open vSwitch makes the buffers of a NIC when its guest connects. When it cannot, it drops the
 * port; its database goes on saying that all is well, and only here is it heard. */
static void
on_port_changed (LoomOpenFlowClient *panel, const char *name, gboolean is_there, LoomSwitch *self)
{
  if (is_there)
    g_hash_table_remove (self->removed, name);
  else
    g_hash_table_add (self->removed, g_strdup (name));
  if (!self->syncing)
    judge_removed (self);
}

static void
take_parts (LoomSwitch *self, LoomSwitchParts *parts)
{
  self->parts = parts;
  g_signal_connect (parts->database, "exited", G_CALLBACK (on_daemon_exited), self);
  g_signal_connect (parts->vswitchd, "exited", G_CALLBACK (on_daemon_exited), self);
  g_signal_connect (parts->ovsdb, "closed", G_CALLBACK (on_ovsdb_closed), self);
  g_signal_connect (parts->panel, "closed", G_CALLBACK (on_panel_closed), self);
  g_signal_connect (parts->panel, "port-changed", G_CALLBACK (on_port_changed), self);
  loom_openflow_client_watch_ports (parts->panel);
  g_hash_table_remove_all (self->lost);
  g_hash_table_remove_all (self->removed);
  g_clear_pointer (&self->installed, loom_switch_installed_free);
  self->installed = loom_switch_installed_new ();
  loom_counter_book_restarted (self->counters);
}

/* Whether a start may have failed for the memory it was given. Without the huge pages that it was
 * to have ovs-vswitchd does not say so, it ends. */
static gboolean
is_of_memory (LoomSwitch *self, const GError *error)
{
  return g_error_matches (error, LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_NO_POOL)
         || (self->options.memory.hugepages
             && g_error_matches (error, LOOM_SWITCH_ERROR, LOOM_SWITCH_ERROR_GONE));
}

static void
on_boot_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomSwitch) self = user_data;
  g_autoptr (GTask) task = g_steal_pointer (&self->boot_task);
  GError *error = NULL;
  LoomSwitchParts *parts = loom_switch_boot_finish (result, &error);
  gboolean attached = GPOINTER_TO_INT (g_task_get_task_data (task));

  g_clear_object (&self->boot_cancellable);
  if (self->state == LOOM_SWITCH_STOPPING) {
    self->parts = parts;
    g_clear_error (&error);
    g_task_return_error (task, loom_switch_new_gone_error ());
    begin_end (self);
    return;
  }
  if (parts == NULL && !attached && is_of_memory (self, error)
      && loom_switch_plan_next_memory (&self->options.memory, self->options.n_nics)) {
    g_message ("switch: starting with other memory (%s)", error->message);
    g_clear_error (&error);
    set_state (self, LOOM_SWITCH_OFF);
    begin_boot (self, g_steal_pointer (&task));
    return;
  }
  if (parts == NULL) {
    set_state (self, LOOM_SWITCH_OFF);
    g_task_return_error (task, error);
    return;
  }
  set_state (self, LOOM_SWITCH_RUNNING);
  take_parts (self, parts);
  if (attached || self->wanted == NULL) {
    g_task_return_boolean (task, TRUE);
    return;
  }
  /* A restart is over when the fabric stands again. */
  g_ptr_array_add (self->waiting_tasks, g_steal_pointer (&task));
  start_sync (self);
}

/* Starts, or attaches when the task's data says so. */
static void
begin_boot (LoomSwitch *self, GTask *task)
{
  gboolean attach = GPOINTER_TO_INT (g_task_get_task_data (task));

  set_state (self, LOOM_SWITCH_STARTING);
  self->boot_task = task;
  self->boot_cancellable = g_cancellable_new ();
  loom_switch_boot_async (self->folder, &self->options, attach, self->boot_cancellable,
                          on_boot_ready, g_object_ref (self));
}

static void
on_boot_task_cancelled (GCancellable *cancellable, LoomSwitch *self)
{
  if (self->boot_cancellable != NULL)
    g_cancellable_cancel (self->boot_cancellable);
}

static GTask *
new_boot_task (LoomSwitch *self, GCancellable *cancellable, GAsyncReadyCallback callback,
               gpointer user_data, gpointer tag, gboolean attach)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, GINT_TO_POINTER (attach), NULL);
  if (cancellable != NULL)
    g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (on_boot_task_cancelled), self,
                             0);
  return task;
}

static GHashTable *
map_keys (const LoomFabric *fabric)
{
  GHashTable *keys = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < fabric->nics->len; i++)
    g_hash_table_add (keys, ((LoomFabricNic *) fabric->nics->pdata[i])->key);
  for (guint i = 0; i < fabric->bridges->len; i++) {
    const LoomFabricBridge *bridge = fabric->bridges->pdata[i];

    for (guint j = 0; j < bridge->ports->len; j++)
      g_hash_table_add (keys, ((LoomFabricPort *) bridge->ports->pdata[j])->key);
  }
  return keys;
}

static void
on_sync_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomSwitch) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) keys = map_keys (self->wanted);
  /* Whoever stops or restarts it from an answer below finds no update under way. */
  gboolean ends = self->state == LOOM_SWITCH_STOPPING || self->end_task != NULL;

  self->syncing = FALSE;
  if (!loom_switch_sync_finish (result, &error))
    notice_closed (self);
  loom_counter_book_retain (self->counters, keys);
  if (self->waiting_tasks->len > 0 && self->state == LOOM_SWITCH_RUNNING) {
    /* A newer fabric came meanwhile: its outcome is everybody's. */
    start_sync (self);
    return;
  }
  answer_all (self->sync_tasks, error);
  answer_all (self->waiting_tasks, error);
  if (self->state == LOOM_SWITCH_RUNNING && !self->syncing)
    judge_removed (self);
  if (ends)
    begin_end (self);
}

static void
start_sync (LoomSwitch *self)
{
  for (guint i = 0; i < self->waiting_tasks->len; i++)
    g_ptr_array_add (self->sync_tasks, g_object_ref (self->waiting_tasks->pdata[i]));
  g_ptr_array_set_size (self->waiting_tasks, 0);
  self->syncing = TRUE;
  /* Open vSwitch tries again to make what is missing at each change. */
  g_hash_table_remove_all (self->lost);
  loom_switch_sync_async (self->parts, self->installed, self->folder, self->wanted, on_sync_ready,
                          g_object_ref (self));
}

static void
on_end_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomSwitch) self = user_data;
  GTask *restart = g_steal_pointer (&self->end_task);

  loom_switch_end_finish (result);
  if (self->state != LOOM_SWITCH_STOPPING) {
    begin_boot (self, restart);
    return;
  }
  if (restart != NULL) {
    g_task_return_error (restart, loom_switch_new_gone_error ());
    g_object_unref (restart);
  }
  set_state (self, LOOM_SWITCH_OFF);
  answer_all (self->stop_tasks, NULL);
}

/* Ends the processes; no update is under way any more. */
static void
begin_end (LoomSwitch *self)
{
  LoomSwitchParts *parts = g_steal_pointer (&self->parts);

  loom_switch_end_async (parts, self->folder, on_end_ready, g_object_ref (self));
}

static void
loom_switch_dispose (GObject *object)
{
  LoomSwitch *self = LOOM_SWITCH (object);

  if (self->parts != NULL)
    disconnect_parts (self);
  g_clear_pointer (&self->parts, loom_switch_parts_free);
  G_OBJECT_CLASS (loom_switch_parent_class)->dispose (object);
}

static void
loom_switch_finalize (GObject *object)
{
  LoomSwitch *self = LOOM_SWITCH (object);

  g_free (self->folder);
  loom_switch_installed_free (self->installed);
  loom_counter_book_free (self->counters);
  g_hash_table_unref (self->lost);
  g_hash_table_unref (self->removed);
  g_clear_pointer (&self->wanted, loom_fabric_unref);
  g_ptr_array_unref (self->sync_tasks);
  g_ptr_array_unref (self->waiting_tasks);
  g_ptr_array_unref (self->stop_tasks);
  G_OBJECT_CLASS (loom_switch_parent_class)->finalize (object);
}

static void
loom_switch_class_init (LoomSwitchClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = loom_switch_dispose;
  object_class->finalize = loom_switch_finalize;

  signals[SIGNAL_FAILED] = g_signal_new ("failed", LOOM_TYPE_SWITCH, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1,
                                         G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
  signals[SIGNAL_REFUSED] = g_signal_new ("refused", LOOM_TYPE_SWITCH, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
}

static void
loom_switch_init (LoomSwitch *self)
{
  self->counters = loom_counter_book_new ();
  self->removed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->lost = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->sync_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  self->waiting_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  self->stop_tasks = g_ptr_array_new_with_free_func (g_object_unref);
}

LoomSwitch *
loom_switch_new (const char *runtime_folder, const LoomSwitchOptions *options)
{
  LoomSwitch *self = g_object_new (LOOM_TYPE_SWITCH, NULL);

  self->folder = g_build_filename (runtime_folder, LOOM_SWITCH_FOLDER, NULL);
  self->options = *options;
  return self;
}

LoomSwitchState
loom_switch_get_state (LoomSwitch *self)
{
  return self->state;
}

const LoomSwitchOptions *
loom_switch_get_options (LoomSwitch *self)
{
  return &self->options;
}

void
loom_switch_start_async (LoomSwitch *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_return_if_fail (self->state == LOOM_SWITCH_OFF);

  begin_boot (
      self, new_boot_task (self, cancellable, callback, user_data, loom_switch_start_async, FALSE));
}

gboolean
loom_switch_start_finish (LoomSwitch *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
loom_switch_attach_async (LoomSwitch *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_return_if_fail (self->state == LOOM_SWITCH_OFF);

  begin_boot (
      self, new_boot_task (self, cancellable, callback, user_data, loom_switch_attach_async, TRUE));
}

gboolean
loom_switch_attach_finish (LoomSwitch *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
loom_switch_update_async (LoomSwitch *self, LoomFabric *wanted, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  GError *error = NULL;

  g_task_set_source_tag (task, loom_switch_update_async);
  if (!loom_fabric_check (wanted, &error)) {
    g_task_return_error (task, error);
    return;
  }
  loom_fabric_ref (wanted);
  g_clear_pointer (&self->wanted, loom_fabric_unref);
  self->wanted = wanted;
  if (self->state != LOOM_SWITCH_RUNNING) {
    /* Remembered: a restart establishes it. */
    g_task_return_error (task, loom_switch_new_gone_error ());
    return;
  }
  g_ptr_array_add (self->waiting_tasks, g_steal_pointer (&task));
  if (!self->syncing)
    start_sync (self);
}

gboolean
loom_switch_update_finish (LoomSwitch *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
loom_switch_restart_async (LoomSwitch *self, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;

  g_return_if_fail (self->state == LOOM_SWITCH_FAILED || self->state == LOOM_SWITCH_OFF);

  task = new_boot_task (self, cancellable, callback, user_data, loom_switch_restart_async, FALSE);
  if (self->end_task != NULL) {
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING,
                             "the switch is being started again already");
    g_object_unref (task);
    return;
  }
  self->end_task = task;
  if (!self->syncing)
    begin_end (self);
}

gboolean
loom_switch_restart_finish (LoomSwitch *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
loom_switch_stop_async (LoomSwitch *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  LoomSwitchState before = self->state;

  g_task_set_source_tag (task, loom_switch_stop_async);
  g_ptr_array_add (self->stop_tasks, task);
  if (before == LOOM_SWITCH_STOPPING)
    return;
  set_state (self, LOOM_SWITCH_STOPPING);
  if (before == LOOM_SWITCH_RUNNING) {
    disconnect_parts (self);
    loom_ovsdb_client_close (self->parts->ovsdb);
    loom_openflow_client_close (self->parts->panel);
  }
  /* A boot under way, an update in flight, a restart's clean-up: each goes on to the end by itself
   * when it is over. */
  if (self->boot_cancellable != NULL)
    g_cancellable_cancel (self->boot_cancellable);
  else if (!self->syncing && self->end_task == NULL)
    begin_end (self);
}

gboolean
loom_switch_stop_finish (LoomSwitch *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
loom_switch_detach (LoomSwitch *self)
{
  g_return_if_fail (!self->syncing && self->boot_task == NULL);

  if (self->parts == NULL)
    return;
  if (self->state == LOOM_SWITCH_RUNNING)
    disconnect_parts (self);
  g_clear_pointer (&self->parts, loom_switch_parts_free);
  set_state (self, LOOM_SWITCH_OFF);
}
