/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "tests/unit/engine/fake-engine.h"

#include "backend/engine/error.h"
#include "backend/engine/runtime.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <unistd.h>

static gboolean
on_new_connection (GDBusServer *server, GDBusConnection *connection, gpointer user_data)
{
  FakeEngine *self = user_data;
  g_autoptr (GError) error = NULL;

  g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (self->skeleton), connection,
                                    "/org/lanloom/Engine", &error);
  g_assert_no_error (error);
  g_ptr_array_add (self->connections, g_object_ref (connection));
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
on_die (gpointer user_data)
{
  fake_engine_stop (user_data);
  return G_SOURCE_REMOVE;
}

static void
take (FakeEngine *self, const char *document)
{
  g_free (self->document);
  self->document = g_strdup (document);
  self->generation++;
}

static void
tell (FakeEngine *self, GVariant *renames)
{
  loom_dbus_engine_set_document (self->skeleton, self->document);
  loom_dbus_engine_set_generation (self->skeleton, self->generation);
  loom_dbus_engine_emit_document_changed (self->skeleton, self->document, self->generation,
                                          renames);
}

static gboolean
on_apply (LoomDBusEngine *skeleton, GDBusMethodInvocation *invocation, const char *document,
          guint64 base, GVariant *renames, gpointer user_data)
{
  FakeEngine *self = user_data;

  self->n_applies++;
  if (self->apply == FAKE_ENGINE_REFUSE || base != self->generation) {
    g_dbus_method_invocation_return_error_literal (
        invocation, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_CONFLICT, "Another client was faster.");
    return TRUE;
  }
  if (self->apply != FAKE_ENGINE_DIE)
    take (self, document);
  if (self->apply != FAKE_ENGINE_ANSWER) {
    g_idle_add (on_die, self);
    g_object_unref (invocation);
    return TRUE;
  }
  tell (self, renames);
  loom_dbus_engine_complete_apply (skeleton, invocation, self->generation);
  return TRUE;
}

void
fake_engine_edit (FakeEngine *self, const char *document)
{
  take (self, document);
  tell (self, g_variant_new ("a{ss}", NULL));
}

void
fake_engine_start (FakeEngine *self)
{
  g_autofree char *path = g_build_filename (self->runtime, LOOM_RUNTIME_SOCKET, NULL);
  g_autofree char *address = g_strdup_printf ("unix:path=%s", path);
  g_autofree char *guid = g_dbus_generate_guid ();
  g_autoptr (GError) error = NULL;

  g_unlink (path);
  self->skeleton = loom_dbus_engine_skeleton_new ();
  loom_dbus_engine_set_document (self->skeleton, self->document);
  loom_dbus_engine_set_generation (self->skeleton, self->generation);
  loom_dbus_engine_set_state (self->skeleton, "running");
  g_signal_connect (self->skeleton, "handle-get-nodes", G_CALLBACK (on_get_nodes), self);
  g_signal_connect (self->skeleton, "handle-apply", G_CALLBACK (on_apply), self);
  self->server = g_dbus_server_new_sync (
      address, G_DBUS_SERVER_FLAGS_AUTHENTICATION_ALLOW_ANONYMOUS, guid, NULL, NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (self->server, "new-connection", G_CALLBACK (on_new_connection), self);
  g_dbus_server_start (self->server);
}

void
fake_engine_stop (FakeEngine *self)
{
  if (self->server == NULL)
    return;
  g_dbus_server_stop (self->server);
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->skeleton));
  for (guint i = 0; i < self->connections->len; i++)
    g_dbus_connection_close_sync (self->connections->pdata[i], NULL, NULL);
  g_ptr_array_set_size (self->connections, 0);
  g_clear_object (&self->server);
  g_clear_object (&self->skeleton);
}

void
fake_engine_take_lock (FakeEngine *self)
{
  g_assert_cmpint (g_mkdir_with_parents (self->runtime, 0700), ==, 0);
  self->lock_fd = open (self->runtime, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_assert_cmpint (flock (self->lock_fd, LOCK_EX | LOCK_NB), ==, 0);
}

void
fake_engine_release_lock (FakeEngine *self)
{
  if (self->lock_fd >= 0)
    close (self->lock_fd);
  self->lock_fd = -1;
}

void
fake_engine_set_up (FakeEngine *self, const char *text)
{
  g_autoptr (GError) error = NULL;

  *self = (FakeEngine){.lock_fd = -1, .generation = 1};
  self->folder = g_dir_make_tmp ("loom-XXXXXX", &error);
  g_assert_no_error (error);
  g_setenv ("XDG_RUNTIME_DIR", self->folder, TRUE);
  self->file = g_build_filename (self->folder, "a.lanloom", NULL);
  g_file_set_contents (self->file, text, -1, &error);
  g_assert_no_error (error);
  self->runtime = loom_runtime_dup_folder (self->file, &error);
  g_assert_no_error (error);
  self->document = g_strdup ("one");
  self->connections = g_ptr_array_new_with_free_func (g_object_unref);
}

void
fake_engine_tear_down (FakeEngine *self)
{
  g_autofree char *socket = g_build_filename (self->runtime, LOOM_RUNTIME_SOCKET, NULL);
  g_autofree char *base = g_path_get_dirname (self->runtime);

  fake_engine_stop (self);
  fake_engine_release_lock (self);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_unlink (socket);
  g_rmdir (self->runtime);
  g_rmdir (base);
  g_unlink (self->file);
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_ptr_array_unref (self->connections);
  g_free (self->document);
  g_free (self->runtime);
  g_free (self->file);
  g_free (self->folder);
}
