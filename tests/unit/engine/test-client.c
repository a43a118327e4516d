/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The client against an engine played by the test: a peer-to-peer D-Bus server in this process, in
 * a runtime folder whose lock the test holds. */

#include "backend/engine/client.h"
#include "backend/engine/engine-dbus.h"
#include "backend/engine/runtime.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <unistd.h>

typedef struct {
  char *folder;
  char *file;
  int lock_fd;
  LoomClient *client;
  GDBusServer *server;
  LoomDBusEngine *skeleton;
  GPtrArray *connections;
  GString *log;   /* what the client signalled */
  char *conflict; /* Apply fails with this; or NULL */
} Fixture;

/* --- the engine -------------------------------------------------------------------------------*/

static gboolean
on_new_connection (GDBusServer *server, GDBusConnection *connection, gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autoptr (GError) error = NULL;

  g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (fixture->skeleton), connection,
                                    "/org/lanloom/Engine", &error);
  g_assert_no_error (error);
  g_ptr_array_add (fixture->connections, g_object_ref (connection));
  return TRUE;
}

static gboolean
on_get_nodes (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation, gpointer user_data)
{
  loom_dbus_engine_complete_get_nodes (
      skeleton, invocation,
      g_variant_new_parsed ("[('pc2', 'ready', '', -1.0), ('pc1', 'booting', 'kernel', 0.5)]"));
  return TRUE;
}

static gboolean
on_apply (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation, const char *document,
          guint64 base, GVariant *renames, gpointer user_data)
{
  Fixture *fixture = user_data;
  guint64 generation = loom_dbus_engine_get_generation (skeleton) + 1;

  if (fixture->conflict != NULL) {
    g_dbus_method_invocation_return_error_literal (invocation, LOOM_ENGINE_ERROR,
                                                   LOOM_ENGINE_ERROR_CONFLICT, fixture->conflict);
    return TRUE;
  }
  g_assert_cmpuint (base, ==, generation - 1);
  loom_dbus_engine_set_document (skeleton, document);
  loom_dbus_engine_set_generation (skeleton, generation);
  loom_dbus_engine_emit_document_changed (skeleton, document, generation, renames);
  loom_dbus_engine_complete_apply (skeleton, invocation, generation);
  return TRUE;
}

static void
start_engine (Fixture *fixture)
{
  const char *runtime = loom_client_get_runtime_dir (fixture->client);
  g_autofree char *path = g_build_filename (runtime, LOOM_RUNTIME_SOCKET, NULL);
  g_autofree char *address = g_strdup_printf ("unix:path=%s", path);
  g_autofree char *guid = g_dbus_generate_guid ();
  g_autoptr (GError) error = NULL;

  g_unlink (path);
  fixture->skeleton = loom_dbus_engine_skeleton_new ();
  loom_dbus_engine_set_document (fixture->skeleton, "one");
  loom_dbus_engine_set_generation (fixture->skeleton, 1);
  loom_dbus_engine_set_state (fixture->skeleton, "running");
  g_signal_connect (fixture->skeleton, "handle-get-nodes", G_CALLBACK (on_get_nodes), fixture);
  g_signal_connect (fixture->skeleton, "handle-apply", G_CALLBACK (on_apply), fixture);
  fixture->server = g_dbus_server_new_sync (
      address, G_DBUS_SERVER_FLAGS_AUTHENTICATION_ALLOW_ANONYMOUS, guid, NULL, NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (fixture->server, "new-connection", G_CALLBACK (on_new_connection), fixture);
  g_dbus_server_start (fixture->server);
}

static void
stop_engine (Fixture *fixture)
{
  if (fixture->server == NULL)
    return;
  g_dbus_server_stop (fixture->server);
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (fixture->skeleton));
  for (guint i = 0; i < fixture->connections->len; i++)
    g_dbus_connection_close_sync (fixture->connections->pdata[i], NULL, NULL);
  g_ptr_array_set_size (fixture->connections, 0);
  g_clear_object (&fixture->server);
  g_clear_object (&fixture->skeleton);
}

/* --- the fixture ------------------------------------------------------------------------------*/

static void
on_node_changed (LoomClient *client, const char *name, int state, const char *detail,
                 double progress, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_string_append_printf (fixture->log, "%s %s %s;", name, loom_node_state_to_id (state), detail);
}

static void
on_node_gone (LoomClient *client, const char *name, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_string_append_printf (fixture->log, "%s gone;", name);
}

static void
on_document_changed (LoomClient *client, const char *document, guint64 generation,
                     GHashTable *renames, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_string_append_printf (fixture->log, "document %s %u %u;", document, (guint) generation,
                          g_hash_table_size (renames));
}

static void
on_reconnected (LoomClient *client, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_string_append (fixture->log, "reconnected;");
}

static void
on_closed (LoomClient *client, const GError *reason, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_string_append_printf (fixture->log, "closed %s;", reason != NULL ? "unexpectedly" : "asked");
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("loom-XXXXXX", &error);
  g_assert_no_error (error);
  g_setenv ("XDG_RUNTIME_DIR", fixture->folder, TRUE);
  fixture->file = g_build_filename (fixture->folder, "a.lanloom", NULL);
  g_file_set_contents (fixture->file, "{}", -1, &error);
  g_assert_no_error (error);
  fixture->client = loom_client_new (fixture->file, &error);
  g_assert_no_error (error);
  fixture->connections = g_ptr_array_new_with_free_func (g_object_unref);
  fixture->log = g_string_new (NULL);
  fixture->lock_fd = -1;
  g_signal_connect (fixture->client, "node-changed", G_CALLBACK (on_node_changed), fixture);
  g_signal_connect (fixture->client, "node-gone", G_CALLBACK (on_node_gone), fixture);
  g_signal_connect (fixture->client, "document-changed", G_CALLBACK (on_document_changed), fixture);
  g_signal_connect (fixture->client, "reconnected", G_CALLBACK (on_reconnected), fixture);
  g_signal_connect (fixture->client, "closed", G_CALLBACK (on_closed), fixture);
}

/* Makes the runtime folder and takes its lock, as the keeper does. */
static void
take_lock (Fixture *fixture)
{
  const char *runtime = loom_client_get_runtime_dir (fixture->client);

  g_assert_cmpint (g_mkdir_with_parents (runtime, 0700), ==, 0);
  fixture->lock_fd = open (runtime, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_assert_cmpint (flock (fixture->lock_fd, LOCK_EX | LOCK_NB), ==, 0);
}

static void
release_lock (Fixture *fixture)
{
  if (fixture->lock_fd >= 0)
    close (fixture->lock_fd);
  fixture->lock_fd = -1;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  const char *runtime = loom_client_get_runtime_dir (fixture->client);
  g_autofree char *socket = g_build_filename (runtime, LOOM_RUNTIME_SOCKET, NULL);
  g_autofree char *base = g_path_get_dirname (runtime);

  stop_engine (fixture);
  release_lock (fixture);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_unlink (socket);
  g_rmdir (runtime);
  g_rmdir (base);
  g_unlink (fixture->file);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_object_add_weak_pointer (G_OBJECT (fixture->client), (gpointer *) &fixture->client);
  g_object_unref (fixture->client);
  while (fixture->client != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_ptr_array_unref (fixture->connections);
  g_string_free (fixture->log, TRUE);
  g_free (fixture->file);
  g_free (fixture->folder);
}

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **slot)
{
  while (*slot == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (slot);
}

static void
wait_for_log (Fixture *fixture, const char *wanted)
{
  gint64 deadline_us = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (g_strcmp0 (fixture->log->str, wanted) != 0) {
    if (g_get_monotonic_time () > deadline_us)
      g_error ("got “%s”, wanted “%s”", fixture->log->str, wanted);
    g_main_context_iteration (NULL, FALSE);
    g_usleep (1000);
  }
  g_string_truncate (fixture->log, 0);
}

static gboolean
attach (Fixture *fixture, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;

  loom_client_attach_async (fixture->client, NULL, on_ready, &slot);
  result = wait_for (&slot);
  return loom_client_attach_finish (fixture->client, result, error);
}

static guint64
apply (Fixture *fixture, const char *document, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *slot = NULL;
  guint64 generation = 0;

  loom_client_apply_async (fixture->client, document, loom_client_get_generation (fixture->client),
                           NULL, NULL, on_ready, &slot);
  result = wait_for (&slot);
  loom_client_apply_finish (fixture->client, result, &generation, error);
  return generation;
}

/* An engine that runs, and the client at it. */
static void
attach_to_engine (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  take_lock (fixture);
  start_engine (fixture);
  g_assert_true (attach (fixture, &error));
  g_assert_no_error (error);
  wait_for_log (fixture, "pc2 ready ;pc1 booting kernel;");
}

/* --- tests ------------------------------------------------------------------------------------*/

static void
test_not_running (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (attach (fixture, &error));
  g_assert_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NOT_RUNNING);
  g_assert_cmpint (loom_client_get_state (fixture->client), ==, LOOM_CLIENT_DETACHED);
  g_clear_error (&error);
  g_assert_cmpuint (apply (fixture, "x", &error), ==, 0);
  g_assert_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_NOT_RUNNING);
}

static void
test_missing_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (loom_client_new ("/no/such/file", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_attach (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) nodes = NULL;

  attach_to_engine (fixture);
  nodes = loom_client_list_nodes (fixture->client);
  g_assert_cmpuint (nodes->len, ==, 2);
  g_assert_cmpstr (((LoomClientNode *) nodes->pdata[0])->name, ==, "pc1");
  g_assert_cmpstr (loom_client_get_document (fixture->client), ==, "one");
  g_assert_cmpuint (loom_client_get_generation (fixture->client), ==, 1);
  g_assert_cmpint (loom_client_get_lab_state (fixture->client), ==, LOOM_LAB_RUNNING);

  loom_dbus_engine_emit_node_gone (fixture->skeleton, "pc2");
  wait_for_log (fixture, "pc2 gone;");
}

static void
test_documents (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  attach_to_engine (fixture);

  /* What we apply ourselves is not reported back … */
  g_assert_cmpuint (apply (fixture, "two", &error), ==, 2);
  g_assert_no_error (error);
  g_assert_cmpuint (loom_client_get_generation (fixture->client), ==, 2);
  g_assert_cmpstr (loom_client_get_document (fixture->client), ==, "two");

  /* … and what others apply is. */
  loom_dbus_engine_emit_document_changed (fixture->skeleton, "three", 3,
                                          g_variant_new_parsed ("{'pc1': 'pc9'}"));
  wait_for_log (fixture, "document three 3 1;");
  g_assert_cmpuint (loom_client_get_generation (fixture->client), ==, 3);
}

static void
test_conflict (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  attach_to_engine (fixture);
  fixture->conflict = (char *) "Another client was faster.";
  g_assert_cmpuint (apply (fixture, "two", &error), ==, 0);
  g_assert_error (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_CONFLICT);
  g_assert_cmpstr (error->message, ==, "Another client was faster.");
  g_assert_cmpuint (loom_client_get_generation (fixture->client), ==, 1);
}

static void
test_reconnect (Fixture *fixture, gconstpointer data)
{
  attach_to_engine (fixture);
  stop_engine (fixture);
  while (loom_client_get_state (fixture->client) != LOOM_CLIENT_RECONNECTING)
    g_main_context_iteration (NULL, TRUE);
  start_engine (fixture);
  wait_for_log (fixture, "pc2 ready ;pc1 booting kernel;reconnected;");
  g_assert_cmpint (loom_client_get_state (fixture->client), ==, LOOM_CLIENT_ATTACHED);
}

static void
test_closed (Fixture *fixture, gconstpointer data)
{
  attach_to_engine (fixture);
  stop_engine (fixture);
  release_lock (fixture);
  wait_for_log (fixture, "closed unexpectedly;");
  g_assert_cmpint (loom_client_get_state (fixture->client), ==, LOOM_CLIENT_DETACHED);
  g_assert_null (loom_client_get_document (fixture->client));
}

static void
test_stopped_by_another (Fixture *fixture, gconstpointer data)
{
  attach_to_engine (fixture);
  loom_dbus_engine_set_state (fixture->skeleton, "stopping");
  while (loom_client_get_lab_state (fixture->client) != LOOM_LAB_STOPPING)
    g_main_context_iteration (NULL, TRUE);
  stop_engine (fixture);
  release_lock (fixture);
  wait_for_log (fixture, "closed asked;");
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GAsyncResult *slot = NULL;

  /* Locked, and no engine: attaching would wait for it. */
  take_lock (fixture);
  loom_client_attach_async (fixture->client, cancellable, on_ready, &slot);
  for (int i = 0; i < 5; i++)
    g_main_context_iteration (NULL, FALSE);
  g_cancellable_cancel (cancellable);
  result = wait_for (&slot);
  g_assert_false (loom_client_attach_finish (fixture->client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (loom_client_get_state (fixture->client), ==, LOOM_CLIENT_DETACHED);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/client/not-running", test_not_running);
  ADD ("/client/missing-file", test_missing_file);
  ADD ("/client/attach", test_attach);
  ADD ("/client/documents", test_documents);
  ADD ("/client/conflict", test_conflict);
  ADD ("/client/reconnect", test_reconnect);
  ADD ("/client/closed", test_closed);
  ADD ("/client/stopped-by-another", test_stopped_by_another);
  ADD ("/client/cancelled", test_cancelled);
  return g_test_run ();
}
