/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Commands in machines over D-Bus: what a client may have run, and whose it is that runs. */

#include "backend/engine/service-exec.h"

#include <gio/gunixfdlist.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "backend/engine/error.h"
#include "backend/engine/peer.h"

#define MAX_ARGUMENTS 4096
#define MAX_ARGUMENTS_BYTES (128 * 1024) /* of one argument Linux takes as much (execve (2)) */

/* What the method needs of the service. */
typedef struct {
  LoomEngine *engine;
  GHashTable *clients; /* GDBusConnection → LoomPeer */
} Exec;

/* One that runs. */
typedef struct {
  GHashTable *clients; /* GDBusConnection → LoomPeer */
  GDBusMethodInvocation *invocation;
} Command;

static void
on_executed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Command *command = user_data;
  g_autoptr (GHashTable) clients = command->clients;
  GDBusMethodInvocation *invocation = command->invocation;
  LoomPeer *peer = g_hash_table_lookup (clients,
                                        g_dbus_method_invocation_get_connection (invocation));
  g_autoptr (GError) error = NULL;
  int status;

  if (peer != NULL)
    loom_peer_end_command (peer);

  if (loom_guest_exec_finish (LOOM_GUEST (source), result, &status, &error))
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(i)", status));
  else if (error->domain == LOOM_ENGINE_ERROR)
    g_dbus_method_invocation_return_gerror (invocation, error);
  else
    g_dbus_method_invocation_return_error_literal (invocation, LOOM_ENGINE_ERROR,
                                                   LOOM_ENGINE_ERROR_FAILED, error->message);
}

/* Takes the three streams that came with a call. FALSE: they are not all there. */
static gboolean
take_streams (GUnixFDList *fds, GVariant *const handles[3], int ret_streams[3])
{
  for (int i = 0; i < 3; i++)
    ret_streams[i] = -1;
  for (int i = 0; i < 3; i++) {
    gint32 index = g_variant_get_handle (handles[i]);
    if (fds == NULL || index < 0 || index >= g_unix_fd_list_get_length (fds))
      return FALSE;
    ret_streams[i] = g_unix_fd_list_get (fds, index, NULL);
    if (ret_streams[i] < 0)
      return FALSE;
  }
  return TRUE;
}

static gboolean
check_arguments (const char *const *argv)
{
  gsize n_bytes = 0;
  guint n = 0;

  for (; argv[n] != NULL && n <= MAX_ARGUMENTS; n++)
    n_bytes += strlen (argv[n]) + 1;
  return n > 0 && n <= MAX_ARGUMENTS && n_bytes <= MAX_ARGUMENTS_BYTES;
}

/* NULL: it may not run, and @error says why. */
static LoomPeer *
admit_command (GHashTable *clients, GDBusMethodInvocation *invocation, const char *const *argv,
               GError **error)
{
  LoomPeer *peer = g_hash_table_lookup (clients,
                                        g_dbus_method_invocation_get_connection (invocation));

  if (!check_arguments (argv)) {
    g_set_error_literal (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_INVALID,
                         _ ("A command of at most 128 KiB and its three streams are needed. Copy "
                            "longer input into the machine as a file."));
    return NULL;
  }
  if (peer == NULL || !loom_peer_begin_command (peer)) {
    g_set_error_literal (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_FAILED,
                         _ ("Too many commands run at once. Wait until one has ended."));
    return NULL;
  }
  return peer;
}

static gboolean
on_handle_exec (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation, GUnixFDList *fds,
                const char *node, const char *const *argv, GVariant *in, GVariant *out,
                GVariant *err, gpointer user_data)
{
  const Exec *self = user_data;
  GVariant *const handles[3] = {in, out, err};
  g_autoptr (GError) error = NULL;
  int streams[3] = {-1, -1, -1};
  LoomGuest *guest = loom_engine_get_guest (self->engine, node, &error);
  LoomPeer *peer = NULL;

  if (guest != NULL && !take_streams (fds, handles, streams))
    g_set_error_literal (&error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_INVALID,
                         _ ("A command and its three streams are needed."));
  else if (guest != NULL)
    peer = admit_command (self->clients, invocation, argv, &error);

  if (peer == NULL) {
    g_dbus_method_invocation_return_gerror (invocation, error);
  } else {
    Command *command = g_new0 (Command, 1);
    command->clients = g_hash_table_ref (self->clients);
    command->invocation = invocation;
    loom_guest_exec_async (guest, argv, streams[0], streams[1], streams[2],
                           loom_peer_get_cancellable (peer), on_executed, command);
  }
  for (int i = 0; i < 3; i++) {
    if (streams[i] >= 0)
      close (streams[i]);
  }
  return TRUE;
}

static void
exec_free (gpointer data, GClosure *closure)
{
  Exec *self = data;

  g_object_unref (self->engine);
  g_hash_table_unref (self->clients);
  g_free (self);
}

void
loom_service_connect_exec (LoomDBusEngine *skeleton, LoomEngine *engine, GHashTable *clients)
{
  Exec *self = g_new0 (Exec, 1);

  self->engine = g_object_ref (engine);
  self->clients = g_hash_table_ref (clients);
  g_signal_connect_data (skeleton, "handle-exec", G_CALLBACK (on_handle_exec), self, exec_free, 0);
}
