/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Each way is a list of QMP commands, sent one after the other; a plugging that fails half way
 * runs the commands that undo it. Links are set on the device and not on its backend: the latter
 * would stop vhost, and the switch's counters with it. */

#include "backend/qemu/nic-plug.h"

#include "backend/qemu/argv.h"
#include "backend/qemu/error.h"

#include <glib/gi18n-lib.h>

#include <stdlib.h>

#define UNPLUG_TIMEOUT_S 10

typedef struct {
  LoomQmpClient *qmp;
  guint index;
  LoomGuestSpec *spec;
  LoomGuestNic *nic;
  LoomPlaceholder *placeholder;
  guint step;
  GError *failure; /* plugging: why it is being undone */
  gulong event_handler;
  guint timeout;
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  if (work->event_handler != 0)
    g_signal_handler_disconnect (work->qmp, work->event_handler);
  if (work->timeout != 0)
    g_source_remove (work->timeout);
  g_clear_pointer (&work->spec, loom_guest_spec_unref);
  g_clear_pointer (&work->nic, loom_guest_nic_free);
  g_clear_error (&work->failure);
  g_object_unref (work->qmp);
  g_free (work);
}

static JsonNode *
take_object (JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  return node;
}

/* {member: "<prefix><index>"} */
static JsonNode *
name_argument (const char *member, const char *prefix, guint index)
{
  JsonObject *object = json_object_new ();
  g_autofree char *name = g_strdup_printf ("%s%u", prefix, index);

  json_object_set_string_member (object, member, name);
  return take_object (object);
}

JsonNode *
loom_nic_set_link_arguments (guint index, gboolean up)
{
  JsonNode *node = name_argument ("name", "nic", index);

  json_object_set_boolean_member (json_node_get_object (node), "up", up);
  return node;
}

static JsonNode *
chardev_arguments (const Work *work)
{
  JsonNode *node = name_argument ("id", "vhost", work->index);
  JsonObject *backend = json_object_new ();
  JsonObject *data = json_object_new ();
  JsonObject *address = json_object_new ();
  JsonObject *path = json_object_new ();

  json_object_set_string_member (path, "path", work->nic->vhost_path);
  json_object_set_string_member (address, "type", "unix");
  json_object_set_object_member (address, "data", path);
  json_object_set_object_member (data, "addr", address);
  json_object_set_boolean_member (data, "server", TRUE);
  json_object_set_boolean_member (data, "wait", FALSE);
  json_object_set_string_member (backend, "type", "socket");
  json_object_set_object_member (backend, "data", data);
  json_object_set_object_member (json_node_get_object (node), "backend", backend);
  return node;
}

static JsonNode *
netdev_arguments (guint index)
{
  JsonNode *node = name_argument ("id", "net", index);
  g_autofree char *chardev = g_strdup_printf ("vhost%u", index);

  json_object_set_string_member (json_node_get_object (node), "type", "vhost-user");
  json_object_set_string_member (json_node_get_object (node), "chardev", chardev);
  return node;
}

static JsonNode *
device_arguments (const Work *work)
{
  g_auto (GStrv) pairs = loom_qemu_nic_properties (work->spec, work->index, work->nic->mac);
  JsonObject *object = json_object_new ();

  for (guint i = 0; pairs[i] != NULL; i += 2)
    if (g_strcmp0 (pairs[i], "vectors") == 0)
      json_object_set_int_member (object, pairs[i], atoi (pairs[i + 1]));
    else
      json_object_set_string_member (object, pairs[i], pairs[i + 1]);
  return take_object (object);
}

static void plug_next (GTask *task);

static void
on_undone_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (JsonNode)
      node = loom_qmp_client_execute_finish (LOOM_QMP_CLIENT (source), result, NULL);
}

/* QEMU executes in order: what is given now is done before anything given later. A vhost-user
 * netdev takes its character device with it. */
static void
undo_plug (const Work *work)
{
  if (work->step > 1)
    loom_qmp_client_execute_async (work->qmp, "netdev_del",
                                   name_argument ("id", "net", work->index), NULL, on_undone_ready,
                                   NULL);
  else if (work->step > 0)
    loom_qmp_client_execute_async (work->qmp, "chardev-remove",
                                   name_argument ("id", "vhost", work->index), NULL,
                                   on_undone_ready, NULL);
}

static void
on_plug_step_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Work *work = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode)
      node = loom_qmp_client_execute_finish (LOOM_QMP_CLIENT (source), result, &error);

  if (node == NULL) {
    undo_plug (work);
    g_task_return_error (task, g_steal_pointer (&error));
    return;
  }
  work->step++;
  plug_next (g_steal_pointer (&task));
}

/* @task: (transfer full) */
static void
plug_next (GTask *task)
{
  Work *work = g_task_get_task_data (task);
  const char *command = NULL;
  JsonNode *arguments = NULL;

  switch (work->step) {
  case 0:
    command = "chardev-add";
    arguments = chardev_arguments (work);
    break;
  case 1:
    loom_placeholder_close (work->placeholder); /* the switch comes over to QEMU's socket */
    command = "netdev_add";
    arguments = netdev_arguments (work->index);
    break;
  case 2:
    command = "device_add";
    arguments = device_arguments (work);
    break;
  case 3:
    command = "set_link";
    arguments = loom_nic_set_link_arguments (work->index, work->nic->link_up);
    break;
  default:
    g_task_return_boolean (task, TRUE);
    g_object_unref (task);
    return;
  }
  /* Not cancellable half way: the answer says what there is to undo. */
  loom_qmp_client_execute_async (work->qmp, command, arguments, NULL, on_plug_step_ready, task);
}

void
loom_nic_plug_async (LoomQmpClient *qmp, const LoomGuestSpec *spec, guint index,
                     const LoomGuestNic *nic, LoomPlaceholder *placeholder,
                     GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (qmp, cancellable, callback, user_data);
  Work *work = g_new0 (Work, 1);

  work->qmp = g_object_ref (qmp);
  work->index = index;
  work->spec = loom_guest_spec_copy (spec);
  work->nic = loom_guest_nic_copy (nic);
  work->placeholder = placeholder;
  g_task_set_source_tag (task, loom_nic_plug_async);
  g_task_set_task_data (task, work, work_free);
  plug_next (task);
}

gboolean
loom_nic_plug_finish (LoomQmpClient *qmp, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
stop_waiting (Work *work)
{
  if (work->event_handler != 0)
    g_signal_handler_disconnect (work->qmp, work->event_handler);
  if (work->timeout != 0)
    g_source_remove (work->timeout);
  work->event_handler = 0;
  work->timeout = 0;
}

static void
on_netdev_deleted_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode)
      node = loom_qmp_client_execute_finish (LOOM_QMP_CLIENT (source), result, &error);

  if (node == NULL && !g_error_matches (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_NOT_FOUND))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_event (LoomQmpClient *qmp, const char *name, JsonObject *data, gpointer user_data)
{
  GTask *task = user_data;
  Work *work = g_task_get_task_data (task);
  g_autofree char *device = g_strdup_printf ("nic%u", work->index);

  if (g_strcmp0 (name, "DEVICE_DELETED") != 0
      || g_strcmp0 (loom_json_get_string (data, "device"), device) != 0)
    return;
  stop_waiting (work);
  loom_qmp_client_execute_async (qmp, "netdev_del", name_argument ("id", "net", work->index), NULL,
                                 on_netdev_deleted_ready, task);
}

static gboolean
on_unplug_timeout (gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Work *work = g_task_get_task_data (task);

  work->timeout = 0;
  stop_waiting (work);
  g_task_return_new_error (task, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_COMMAND,
                           _ ("the guest does not let go of its network card eth%u; restart it"),
                           work->index);
  return G_SOURCE_REMOVE;
}

static void
on_qmp_closed (LoomQmpClient *qmp, GError *reason, gpointer user_data)
{
  GTask *task = user_data;
  Work *work = g_task_get_task_data (task);

  if (work->timeout == 0)
    return; /* a command is in flight, and fails by itself */
  stop_waiting (work);
  g_task_return_error (task, g_error_copy (reason));
  g_object_unref (task);
}

static void
on_device_del_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data; /* one of two references: the other waits for the event */
  Work *work = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode)
      node = loom_qmp_client_execute_finish (LOOM_QMP_CLIENT (source), result, &error);

  if (node != NULL || work->event_handler == 0)
    return;
  stop_waiting (work);
  /* An engine before us took it out and was killed before it could write that down. */
  if (g_error_matches (error, LOOM_GUEST_ERROR, LOOM_GUEST_ERROR_NOT_FOUND)) {
    loom_qmp_client_execute_async (work->qmp, "netdev_del",
                                   name_argument ("id", "net", work->index), NULL,
                                   on_netdev_deleted_ready, task);
    return;
  }
  g_task_return_error (task, g_steal_pointer (&error));
  g_object_unref (task);
}

void
loom_nic_unplug_async (LoomQmpClient *qmp, guint index, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (qmp, cancellable, callback, user_data);
  Work *work = g_new0 (Work, 1);

  work->qmp = g_object_ref (qmp);
  work->index = index;
  g_task_set_source_tag (task, loom_nic_unplug_async);
  g_task_set_task_data (task, work, work_free);
  work->event_handler = g_signal_connect (qmp, "event", G_CALLBACK (on_event), task);
  g_signal_connect_object (qmp, "closed", G_CALLBACK (on_qmp_closed), task, 0);
  work->timeout = g_timeout_add_seconds (UNPLUG_TIMEOUT_S, on_unplug_timeout, task);
  loom_qmp_client_execute_async (qmp, "device_del", name_argument ("id", "nic", index), NULL,
                                 on_device_del_ready, g_object_ref (task));
}

gboolean
loom_nic_unplug_finish (LoomQmpClient *qmp, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
