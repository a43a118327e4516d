/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How a machine comes to run: its sockets and files, QEMU, what QEMU is told before the guest's
 * first instruction; and how one that runs already is found again. */

#include "backend/proto/awake.h"
#include "backend/qemu/argv.h"
#include "backend/qemu/confine.h"
#include "backend/qemu/disk.h"
#include "backend/qemu/guest-private.h"
#include "backend/qemu/nic-plug.h"

#include <glib/gi18n-lib.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define START_TIMEOUT_S 30
#define REPLACE_TICK_MS 4

/* (transfer full) (nullable): a connection to @path; at once, as UNIX sockets are. */
static GSocketConnection *
connect_socket (const char *path, GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM,
                                             G_SOCKET_PROTOCOL_DEFAULT, error);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);

  if (socket == NULL)
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  if (!g_socket_connect (socket, address, NULL, error))
    return NULL;
  return g_socket_connection_factory_create_connection (socket);
}

static void
run_guest (LoomGuest *self)
{
  GTask *task = g_steal_pointer (&self->start_task);

  self->running_state = self->spec->has_agent ? LOOM_GUEST_BOOTING : LOOM_GUEST_READY;
  if (!self->spec->has_agent)
    loom_guest_change_state (self, LOOM_GUEST_READY, NULL, -1);
  if (task != NULL) {
    g_task_return_boolean (task, TRUE);
    g_object_unref (task);
  }
}

static void
on_cont_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomGuest) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode)
      node = loom_qmp_client_execute_finish (LOOM_QMP_CLIENT (source), result, &error);

  if (LOOM_QMP_CLIENT (source) != self->qmp || self->state != LOOM_GUEST_BOOTING)
    return;
  if (node == NULL) {
    if (loom_qmp_client_is_open (self->qmp)) { /* else the process tells */
      g_autoptr (GError)
          failure = g_error_new (LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_START,
                                 _ ("%s was not started. %s"), self->spec->name, error->message);

      loom_guest_abort_run (self, failure);
    }
    return;
  }
  run_guest (self);
}

static void
on_status_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomGuest) self = user_data;
  g_autoptr (JsonNode)
      node = loom_qmp_client_execute_finish (LOOM_QMP_CLIENT (source), result, NULL);

  if (LOOM_QMP_CLIENT (source) != self->qmp || self->state != LOOM_GUEST_PREPARING || node == NULL)
    return;
  loom_guest_remove_timeout (&self->start_timeout);
  loom_guest_remove_timeout (&self->replace_timeout);
  loom_guest_close_listeners (self); /* QEMU has its own */
  loom_guest_change_state (self, LOOM_GUEST_BOOTING, NULL, 0.3);
  if (self->state != LOOM_GUEST_BOOTING) /* somebody stopped it at once */
    return;
  loom_qmp_client_execute_async (self->qmp, "cont", NULL, NULL, on_cont_ready, g_object_ref (self));
  loom_guest_connect_agent (self);
}

/* Everything that has to be so when the guest looks for the first time. */
static void
prepare_qemu (LoomGuest *self)
{
  for (guint i = 0; i < self->spec->nics->len; i++) {
    const LoomGuestNic *nic = self->spec->nics->pdata[i];

    if (!nic->link_up)
      loom_qmp_client_execute_async (self->qmp, "set_link", loom_nic_set_link_arguments (i, FALSE),
                                     NULL, loom_guest_ignore_answer, NULL);
  }
  loom_qmp_client_execute_async (self->qmp, "query-status", NULL, NULL, on_status_ready,
                                 g_object_ref (self));
}

static gboolean
on_start_timeout (gpointer user_data)
{
  LoomGuest *self = user_data;
  g_autoptr (GError) error = g_error_new (
      LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_START,
      _ ("%s was not started: the switch did not connect to its network cards. Start it again."),
      self->spec->name);

  self->start_timeout = 0;
  loom_guest_abort_run (self, error);
  return G_SOURCE_REMOVE;
}

/* Lets the switch go from the place holders to QEMU's sockets as these appear. A tick later than
 * they are seen: between bind () and listen () QEMU would refuse. */
static gboolean
on_replace_tick (gpointer user_data)
{
  LoomGuest *self = user_data;
  gboolean waiting = FALSE;

  for (guint i = 0; i < self->spec->nics->len; i++) {
    const LoomGuestNic *nic = self->spec->nics->pdata[i];

    if (self->nics[i].fd < 0)
      continue;
    waiting = TRUE;
    if (self->nics[i].inode == 0)
      loom_placeholder_close (&self->nics[i]);
    else if (loom_placeholder_is_replaced (&self->nics[i], nic->vhost_path))
      self->nics[i].inode = 0;
  }
  if (waiting)
    return G_SOURCE_CONTINUE;
  self->replace_timeout = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
write_config (LoomGuest *self, GError **error)
{
  g_autofree char *path = loom_guest_spec_dup_path (self->spec, "conf");
  g_autofree char *text = NULL;

  if (!self->spec->has_agent)
    return TRUE;
  text = loom_guest_spec_dup_config (self->spec, TRUE);
  return g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, error);
}

/* Memory is given out as it is used, so a guest larger than the computer would start, and be killed
 * in the middle of something. */
static gboolean
check_memory (LoomGuest *self, GError **error)
{
  gint64 host_mib = (gint64) sysconf (_SC_PHYS_PAGES) * sysconf (_SC_PAGESIZE) / (1024 * 1024);

  if (host_mib <= 0 || self->spec->memory_mib <= host_mib)
    return TRUE;
  g_set_error (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_START,
               _ ("%s was not started. It wants %d MiB of memory, and this computer has %d MiB. "
                  "Give it less."),
               self->spec->name, self->spec->memory_mib, (int) host_mib);
  return FALSE;
}

/* (transfer full): rules for the files that this machine's QEMU may open. What its disk is an
 * overlay of says the engine and not the overlay, which QEMU can write. */
static int
open_confinement (LoomGuest *self)
{
  const LoomGuestSpec *spec = self->spec;
  g_autoptr (GPtrArray) readable = g_ptr_array_new ();
  g_autofree char *config = loom_guest_spec_dup_path (spec, "conf");
  g_auto (GStrv) layers = spec->image != NULL ? loom_disk_list_layers (spec->image) : NULL;
  const char *writable[] = {spec->disk, NULL};
  const char *socket_folders[] = {spec->runtime_folder, NULL};

  if (spec->has_agent)
    g_ptr_array_add (readable, config);
  if (spec->kernel != NULL)
    g_ptr_array_add (readable, spec->kernel);
  if (spec->initrd != NULL)
    g_ptr_array_add (readable, spec->initrd);
  for (guint i = 0; layers != NULL && layers[i] != NULL; i++)
    g_ptr_array_add (readable, layers[i]);
  g_ptr_array_add (readable, NULL);
  return loom_confine_open ((const char *const *) readable->pdata, writable, socket_folders);
}

static gboolean
spawn_qemu (LoomGuest *self, GError **error)
{
  g_auto (GStrv) argv = loom_qemu_argv (self->spec);
  g_autofree char *log = loom_guest_spec_dup_path (self->spec, "log");
  g_autofree char *qmp = loom_guest_spec_dup_path (self->spec, "qmp");
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (LoomProcess) process = NULL;
  int confinement;

  self->qmp_listener = loom_listener_open (qmp, error);
  if (self->qmp_listener < 0 || !write_config (self, error))
    return FALSE;
  connection = connect_socket (qmp, error); /* waits in the backlog until QEMU takes it */
  if (connection == NULL)
    return FALSE;
  confinement = open_confinement (self);
  process = loom_process_spawn ((const char *const *) argv, log, &self->qmp_listener, 1,
                                confinement, error);
  if (confinement >= 0)
    close (confinement);
  if (process == NULL)
    return FALSE;
  loom_listener_close (&self->qmp_listener);
  loom_guest_adopt_process (self, process);
  loom_guest_adopt_qmp (self, connection);
  return TRUE;
}

static gboolean
on_start_cancelled (GCancellable *cancellable, gpointer user_data)
{
  GTask *task = user_data;
  LoomGuest *self = g_task_get_source_object (task);

  if (self->start_task == task && !loom_guest_is_down (self))
    loom_guest_stop_async (self, 0, NULL, NULL, NULL);
  return G_SOURCE_REMOVE;
}

static void
on_start_completed (GTask *task, GParamSpec *pspec, gpointer user_data)
{
  g_source_destroy (user_data);
}

static void
unref_source (gpointer source, GClosure *closure)
{
  g_source_unref (source);
}

static void
watch_start_cancellable (GTask *task)
{
  g_autoptr (GSource) source = NULL;

  if (g_task_get_cancellable (task) == NULL)
    return;
  source = g_cancellable_source_new (g_task_get_cancellable (task));
  g_source_set_callback (source, G_SOURCE_FUNC (on_start_cancelled), g_object_ref (task),
                         g_object_unref);
  g_source_attach (source, g_task_get_context (task));
  g_signal_connect_data (task, "notify::completed", G_CALLBACK (on_start_completed),
                         g_source_ref (source), unref_source, 0);
}

static gboolean
claim_start (LoomGuest *self, GTask *task)
{
  if (loom_guest_is_down (self) && self->start_task == NULL)
    return TRUE;
  g_task_return_new_error (task, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_STATE,
                           _ ("%s is not switched off. Stop it first."), self->spec->name);
  return FALSE;
}

gboolean
loom_guest_prepare (LoomGuest *self, GError **error)
{
  g_return_val_if_fail (loom_guest_is_down (self) || self->state == LOOM_GUEST_PREPARING, FALSE);

  if (!loom_guest_spec_check (self->spec, error))
    return FALSE;
  for (guint i = 0; i < self->spec->nics->len; i++) {
    const LoomGuestNic *nic = self->spec->nics->pdata[i];

    if (self->nics[i].fd < 0 && !loom_placeholder_open (&self->nics[i], nic->vhost_path, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
loom_guest_prepare_nic (LoomGuest *self, const LoomGuestNic *nic, GError **error)
{
  guint index = self->spec->nics->len;

  if (index >= LOOM_GUEST_MAX_NICS) {
    g_set_error (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_INVALID,
                 _ ("%s cannot have more than %d network cards."), self->spec->name,
                 LOOM_GUEST_MAX_NICS);
    return FALSE;
  }
  loom_placeholder_close (&self->nics[index]);
  return loom_placeholder_open (&self->nics[index], nic->vhost_path, error);
}

void
loom_guest_start_async (LoomGuest *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;

  g_task_set_source_tag (task, loom_guest_start_async);
  if (!claim_start (self, task))
    return;
  self->start_task = g_object_ref (task);
  self->powered_off = FALSE;
  self->connecting = g_cancellable_new ();
  loom_guest_change_state (self, LOOM_GUEST_PREPARING, NULL, 0.1);
  if (!loom_guest_prepare (self, &error) || !check_memory (self, &error)
      || !spawn_qemu (self, &error)) {
    g_autoptr (GError) failure = NULL;

    if (error->domain == LOOM_GUEST_ERROR)
      failure = g_error_copy (error);
    else if (g_error_matches (error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT))
      failure = g_error_new (LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_START,
                             _ ("%s was not started: QEMU is missing. Install the package "
                                "qemu-system-x86."),
                             self->spec->name);
    else
      failure = g_error_new (LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_START, _ ("%s was not started. %s"),
                             self->spec->name, error->message);
    loom_guest_fail_run (self, failure);
    return;
  }
  self->start_timeout = loom_awake_timeout_add (START_TIMEOUT_S, on_start_timeout, self);
  self->replace_timeout = g_timeout_add (REPLACE_TICK_MS, on_replace_tick, self);
  prepare_qemu (self);
  watch_start_cancellable (task);
}

gboolean
loom_guest_start_finish (LoomGuest *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* What only QEMU knows; it may be long in coming, and the machine counts as running before. */
static void
on_attach_status_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomGuest) self = user_data;
  g_autoptr (JsonNode)
      node = loom_qmp_client_execute_finish (LOOM_QMP_CLIENT (source), result, NULL);
  JsonObject *status = loom_json_node_object (node);
  gboolean runs = self->state == LOOM_GUEST_BOOTING || self->state == LOOM_GUEST_READY;
  const char *word;

  if (LOOM_QMP_CLIENT (source) != self->qmp || status == NULL || !runs)
    return;
  word = loom_json_get_string (status, "status");
  if (g_strcmp0 (word, "prelaunch") == 0) { /* the engine died before it said "cont" */
    prepare_qemu (self);
    loom_qmp_client_execute_async (self->qmp, "cont", NULL, NULL, loom_guest_ignore_answer, NULL);
  } else if (g_strcmp0 (word, "paused") == 0) {
    loom_guest_change_state (self, LOOM_GUEST_PAUSED, NULL, -1);
  }
}

static gboolean
find_qemu (LoomGuest *self, GError **error)
{
  g_autofree char *path = loom_guest_spec_dup_path (self->spec, "qmp");
  g_autoptr (GSocketConnection) connection = connect_socket (path, error);
  g_autoptr (LoomProcess) process = NULL;
  g_autoptr (GCredentials) credentials = NULL;
  pid_t pid;

  if (connection == NULL)
    return FALSE;
  /* Whoever listens: QEMU, since it has called listen () on the socket that it was given. */
  credentials = g_socket_get_credentials (g_socket_connection_get_socket (connection), error);
  pid = credentials != NULL ? g_credentials_get_unix_pid (credentials, error) : -1;
  if (pid <= 0)
    return FALSE;
  process = loom_process_adopt (pid, error);
  if (process == NULL)
    return FALSE;
  self->connecting = g_cancellable_new ();
  loom_guest_adopt_process (self, process);
  loom_process_kill (process, SIGCONT); /* it may doze since before */
  loom_guest_adopt_qmp (self, connection);
  return TRUE;
}

gboolean
loom_guest_attach (LoomGuest *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  g_return_val_if_fail (self->state == LOOM_GUEST_OFF && self->start_task == NULL, FALSE);

  self->powered_off = FALSE;
  if (!find_qemu (self, &local_error)) {
    loom_guest_drop_run (self);
    g_debug ("%s: %s", self->spec->key, local_error->message);
    g_set_error (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_DIED,
                 _ ("%s does not run any more. Start it again."), self->spec->name);
    return FALSE;
  }
  loom_qmp_client_execute_async (self->qmp, "query-status", NULL, NULL, on_attach_status_ready,
                                 g_object_ref (self));
  self->running_state = self->spec->has_agent ? LOOM_GUEST_BOOTING : LOOM_GUEST_READY;
  loom_guest_change_state (self, self->running_state, NULL, -1);
  loom_guest_connect_agent (self);
  return TRUE;
}
