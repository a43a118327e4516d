/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A wire that does not answer is late, once, and up again when it does; the test is the wire at the
 * other end of the socket, and a child of it the process. */

#include "backend/engine/wire.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>

#include "backend/proto/json-rpc.h"
#include "backend/proto/pulse.h"

#define S G_USEC_PER_SEC
#define T0 (1000 * S)

typedef struct {
  char *folder;
  char *control;
  GSocketService *service;
  LoomJsonRpc *rpc; /* the wire's end */
  JsonNode *asked;  /* the question that has no answer yet; or NULL */
  GPid child;
  LoomWire *wire;
  guint n_changes;
} Fixture;

static void
on_call (LoomJsonRpc *rpc, const char *method, JsonArray *params, JsonNode *id, gpointer user_data)
{
  Fixture *f = user_data;

  g_assert_cmpstr (method, ==, "stats");
  g_assert_null (f->asked);
  f->asked = json_node_copy (id);
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source, Fixture *f)
{
  g_autoptr (LoomChannel) channel = loom_channel_new (G_IO_STREAM (connection), 1 << 20);

  f->rpc = loom_json_rpc_new (channel, 1 << 20, 8);
  loom_json_rpc_set_handler (f->rpc, on_call, f);
  return TRUE;
}

static void
on_changed (LoomWire *wire, Fixture *f)
{
  f->n_changes++;
}

static void
write_pid_file (Fixture *f)
{
  g_autofree char *path = g_build_filename (f->folder, LOOM_WIRE_FOLDER, "wire.pid", NULL);
  g_autofree char *text = g_strdup_printf ("%d\n", (int) f->child);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *sockets = NULL;
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  f->folder = g_dir_make_tmp ("llt-wire-XXXXXX", &error);
  g_assert_no_error (error);
  sockets = g_build_filename (f->folder, LOOM_WIRE_FOLDER, NULL);
  g_assert_cmpint (g_mkdir (sockets, 0700), ==, 0);
  f->control = g_build_filename (sockets, "control", NULL);
  f->service = g_socket_service_new ();
  address = g_unix_socket_address_new (f->control);
  g_assert_true (g_socket_listener_add_address (G_SOCKET_LISTENER (f->service), address,
                                                G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT,
                                                NULL, NULL, &error));
  g_signal_connect (f->service, "incoming", G_CALLBACK (on_incoming), f);
  /* The path among its arguments is what a wire is known by. */
  char *argv[] = {"/bin/sh", "-c", "read line", f->control, NULL};
  g_assert_true (g_spawn_async_with_pipes (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                           &f->child, &(int){0}, NULL, NULL, &error));
  write_pid_file (f);
  f->wire = loom_wire_new (f->folder);
  g_signal_connect (f->wire, "changed", G_CALLBACK (on_changed), f);
  while (!loom_wire_is_up (f->wire) || f->rpc == NULL)
    g_main_context_iteration (NULL, TRUE);
  f->n_changes = 0;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *sockets = g_build_filename (f->folder, LOOM_WIRE_FOLDER, NULL);
  g_autofree char *pid_file = g_build_filename (sockets, "wire.pid", NULL);

  loom_wire_set_needed (f->wire, FALSE);
  g_clear_pointer (&f->asked, json_node_unref);
  loom_json_rpc_close (f->rpc);
  while (loom_wire_is_up (f->wire) || loom_wire_is_late (f->wire))
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (f->wire);
  g_assert_cmpint (waitpid (f->child, NULL, 0), ==, f->child); /* it ended its process */
  g_object_unref (f->rpc);
  g_socket_service_stop (f->service);
  g_socket_listener_close (G_SOCKET_LISTENER (f->service));
  g_object_unref (f->service);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_unlink (f->control);
  g_unlink (pid_file);
  g_rmdir (sockets);
  g_assert_cmpint (g_rmdir (f->folder), ==, 0);
  g_free (f->control);
  g_free (f->folder);
}

static void
wait_for_question (Fixture *f)
{
  while (f->asked == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
answer (Fixture *f)
{
  loom_json_rpc_answer (f->rpc, f->asked, json_from_string ("{\"cables\": []}", NULL), NULL);
  g_clear_pointer (&f->asked, json_node_unref);
}

static void
test_late (Fixture *f, gconstpointer data)
{
  guint epoch;

  loom_wire_tick (f->wire, T0);
  wait_for_question (f);
  epoch = loom_wire_get_epoch (f->wire);
  loom_wire_tick (f->wire, T0 + 2 * S);
  loom_wire_tick (f->wire, T0 + 4 * S);
  g_assert_true (loom_wire_is_up (f->wire));
  loom_wire_tick (f->wire, T0 + 6 * S);
  loom_wire_tick (f->wire, T0 + 8 * S);
  g_assert_true (loom_wire_is_late (f->wire));
  g_assert_false (loom_wire_is_up (f->wire));
  g_assert_cmpuint (f->n_changes, ==, 1);
  /* What was asked before is of another time. */
  g_assert_cmpuint (loom_wire_get_epoch (f->wire), !=, epoch);
  answer (f);
  while (loom_wire_is_late (f->wire))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (loom_wire_is_up (f->wire));
  g_assert_cmpuint (f->n_changes, ==, 2);
  loom_wire_tick (f->wire, T0 + 10 * S);
  wait_for_question (f);
}

/* An answer at any time begins the patience anew. */
static void
test_answers (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < 5; i++) {
    loom_wire_tick (f->wire, T0 + 4 * i * S);
    wait_for_question (f);
    loom_wire_tick (f->wire, T0 + (4 * i + 2) * S);
    answer (f);
    for (int turn = 0; turn < 50; turn++) {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (100);
    }
  }
  g_assert_true (loom_wire_is_up (f->wire));
  g_assert_cmpuint (f->n_changes, ==, 0);
}

static void
make_late (Fixture *f)
{
  for (int i = 0; i <= 6; i += 2)
    loom_wire_tick (f->wire, T0 + i * S);
  g_assert_true (loom_wire_is_late (f->wire));
}

static void
test_wake_stopped (Fixture *f, gconstpointer data)
{
  int status;

  g_assert_cmpint (kill (f->child, SIGSTOP), ==, 0);
  g_assert_cmpint (waitpid (f->child, &status, WUNTRACED), ==, f->child);
  make_late (f);
  loom_wire_wake (f->wire);
  g_assert_cmpint (waitpid (f->child, &status, WCONTINUED), ==, f->child);
  g_assert_true (WIFCONTINUED (status));
  /* It has not answered yet. */
  g_assert_true (loom_wire_is_late (f->wire));
}

static void
test_wake_hung (Fixture *f, gconstpointer data)
{
  siginfo_t info;

  loom_wire_wake (f->wire); /* nothing: it is not late */
  make_late (f);
  loom_wire_set_needed (f->wire, FALSE); /* or it would be started again */
  loom_wire_wake (f->wire);
  g_assert_cmpint (waitid (P_PID, (id_t) f->child, &info, WEXITED | WNOWAIT), ==, 0);
  g_assert_cmpint (info.si_status, ==, SIGKILL);
  while (loom_wire_is_late (f->wire))
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (loom_wire_is_up (f->wire));
  g_assert_cmpint (loom_wire_get_pid (f->wire), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/wire/late", Fixture, NULL, set_up, test_late, tear_down);
  g_test_add ("/wire/answers", Fixture, NULL, set_up, test_answers, tear_down);
  g_test_add ("/wire/wake-stopped", Fixture, NULL, set_up, test_wake_stopped, tear_down);
  g_test_add ("/wire/wake-hung", Fixture, NULL, set_up, test_wake_hung, tear_down);
  return g_test_run ();
}
