/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See wire-process.h. */

#include "tests/system/wire-process.h"

#include <gio/gunixsocketaddress.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define CONNECT_TRIES 2000
#define CALL_TIMEOUT_MS 20000
#define MAX_MESSAGE (16u << 20)

struct _WireProcess {
  GSubprocess *process;
  char *control; /* where it listens */
  LoomJsonRpc *rpc;
  GHashTable *notifications; /* name -> how often */
  GHashTable *last;          /* name -> JsonObject of the last of them */
  gboolean was_shut_down;
};

static void
on_notification (LoomJsonRpc *rpc, const char *method, JsonArray *params, WireProcess *self)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->notifications, method));

  g_hash_table_insert (self->notifications, g_strdup (method), GUINT_TO_POINTER (n + 1));
  g_hash_table_insert (self->last, g_strdup (method),
                       json_object_ref (json_array_get_object_element (params, 0)));
}

/* Until it listens: DPDK takes its time. */
static GSocketConnection *
connect_to (const char *path)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  GSocketConnection *connection = NULL;

  for (int i = 0; i < CONNECT_TRIES && connection == NULL; i++) {
    connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, NULL);
    if (connection == NULL)
      g_usleep (10000);
  }
  g_assert_nonnull (connection);
  return connection;
}

void
wire_process_connect (WireProcess *self)
{
  g_autoptr (GSocketConnection) connection = connect_to (self->control);
  g_autoptr (LoomChannel) channel = loom_channel_new (G_IO_STREAM (connection), MAX_MESSAGE);

  g_clear_object (&self->rpc);
  self->rpc = loom_json_rpc_new (channel, MAX_MESSAGE, 16);
  g_signal_connect (self->rpc, "notification", G_CALLBACK (on_notification), self);
}

/* Without a client it goes on for as long as it has a cable: not beyond the test, whatever becomes
 * of that. */
static void
on_child_set_up (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

WireProcess *
wire_process_new (const char *folder)
{
  return wire_process_new_sized (folder, 0);
}

WireProcess *
wire_process_new_sized (const char *folder, guint n_buffers)
{
  WireProcess *self = g_new0 (WireProcess, 1);
  g_autofree char *program = g_build_filename (g_getenv ("LANLOOM_BUILD"), "backend", "wire",
                                               "lanloom-wire", NULL);
  g_autofree char *buffers = g_strdup_printf ("%u", n_buffers);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GError) error = NULL;

  self->control = g_build_filename (folder, "control", NULL);
  unlink (self->control);
  g_subprocess_launcher_set_child_setup (launcher, on_child_set_up, NULL, NULL);
  self->process = g_subprocess_launcher_spawn (launcher, &error, program, "--folder", folder,
                                               "--control", self->control, "--idle", "1",
                                               n_buffers > 0 ? "--buffers" : NULL, buffers, NULL);
  g_assert_no_error (error);
  self->notifications = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->last = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                      (GDestroyNotify) json_object_unref);
  wire_process_connect (self);
  return self;
}

void
wire_process_shut_down (WireProcess *self)
{
  wire_process_do (self, "shutdown", "{}");
  self->was_shut_down = TRUE;
}

void
wire_process_free (WireProcess *self)
{
  g_autoptr (GError) error = NULL;

  if (!self->was_shut_down && loom_json_rpc_is_open (self->rpc))
    wire_process_shut_down (self);
  else if (!self->was_shut_down)
    g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (!self->was_shut_down || g_subprocess_get_successful (self->process));
  g_object_unref (self->process);
  g_object_unref (self->rpc);
  g_hash_table_unref (self->notifications);
  g_hash_table_unref (self->last);
  g_free (self->control);
  g_free (self);
}

pid_t
wire_process_get_pid (WireProcess *self)
{
  return (pid_t) g_ascii_strtoll (g_subprocess_get_identifier (self->process), NULL, 10);
}

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* (transfer full) */
static JsonNode *
call (WireProcess *self, const char *method, char *params, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *text = g_strdup_printf ("[%s]", g_strdelimit (params, "'", '"'));
  JsonNode *node = json_from_string (text, NULL);

  g_assert_nonnull (node);
  loom_json_rpc_call_async (self->rpc, method, node, CALL_TIMEOUT_MS, NULL, on_ready, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return loom_json_rpc_call_finish (self->rpc, result, error);
}

static JsonNode *
call_or_abort (WireProcess *self, const char *method, char *params)
{
  g_autoptr (GError) error = NULL;
  JsonNode *answer = call (self, method, params, &error);

  g_assert_no_error (error);
  return answer;
}

JsonNode *
wire_process_call (WireProcess *self, const char *method, const char *params, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, params);
  text = g_strdup_vprintf (params, arguments);
  va_end (arguments);
  return call_or_abort (self, method, text);
}

void
wire_process_do (WireProcess *self, const char *method, const char *params, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, params);
  text = g_strdup_vprintf (params, arguments);
  va_end (arguments);
  json_node_unref (call_or_abort (self, method, text));
}

char *
wire_process_call_failing (WireProcess *self, const char *method, const char *params)
{
  g_autofree char *text = g_strdup (params);
  g_autoptr (GError) error = NULL;

  g_assert_null (call (self, method, text, &error));
  g_assert_error (error, LOOM_PROTO_ERROR, LOOM_PROTO_ERROR_REMOTE);
  return g_strdup (error->message);
}

guint
wire_process_count_notifications (WireProcess *self, const char *method)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->notifications, method));
}

JsonObject *
wire_process_get_notification (WireProcess *self, const char *method)
{
  return g_hash_table_lookup (self->last, method);
}

void
wire_process_hang_up (WireProcess *self)
{
  loom_json_rpc_close (self->rpc);
}

gboolean
wire_process_has_ended (WireProcess *self)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return g_subprocess_get_identifier (self->process) == NULL;
}

/* (transfer none): the direction's object inside of @answer. */
static JsonObject *
find_direction (JsonNode *answer, gint64 cookie, const char *direction)
{
  JsonArray *cables = loom_json_get_array (loom_json_node_object (answer), "cables");

  for (guint i = 0; i < json_array_get_length (cables); i++) {
    JsonObject *cable = json_array_get_object_element (cables, i);

    if (json_object_get_int_member (cable, "cable") == cookie)
      return json_object_get_object_member (cable, direction);
  }
  g_assert_not_reached ();
}

gint64
wire_process_read_counter (WireProcess *self, gint64 cookie, const char *direction,
                           const char *name)
{
  g_autoptr (JsonNode) answer = wire_process_call (self, "stats", "{}");

  return json_object_get_int_member (find_direction (answer, cookie, direction), name);
}

double
wire_process_read_measured (WireProcess *self, gint64 cookie, const char *direction,
                            const char *name)
{
  g_autoptr (JsonNode) answer = wire_process_call (self, "stats", "{}");

  return json_object_get_double_member (find_direction (answer, cookie, direction), name);
}
