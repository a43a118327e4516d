/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A client that asks and never reads is hung up on; one that reads is not, however much it asks. */

#include "backend/engine/peer.h"

#include <sys/socket.h>
#include <unistd.h>

#define N_CALLS 20000
#define BATCH 100
#define N_PROPERTIES (LOOM_PEER_MAX_OWED / 8)

typedef struct {
  GDBusConnection *server;
  LoomPeer *peer;
  int client; /* raw */
} Fixture;

static GBytes *
make_call (guint32 serial, const char *interface, const char *method)
{
  g_autoptr (GDBusMessage) message = g_dbus_message_new_method_call (NULL, "/", interface, method);
  gsize size;

  g_dbus_message_set_serial (message, serial);
  guchar *blob = g_dbus_message_to_blob (message, &size, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  return g_bytes_new_take (blob, size);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  int fds[2];
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), ==, 0);
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fds[0], &error);
  g_assert_no_error (error);
  g_autoptr (GSocketConnection) stream = g_socket_connection_factory_create_connection (socket);
  fixture->server = g_dbus_connection_new_sync (G_IO_STREAM (stream), NULL,
                                                G_DBUS_CONNECTION_FLAGS_NONE, NULL, NULL, &error);
  g_assert_no_error (error);
  fixture->peer = loom_peer_new (fixture->server);
  fixture->client = fds[1];
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  loom_peer_close (fixture->peer);
  g_dbus_connection_close_sync (fixture->server, NULL, NULL);
  g_object_unref (fixture->server);
  close (fixture->client);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* Ping () stands for any call: every connection answers it by itself. All or nothing, as messages
 * are small. */
static gboolean
send_call (Fixture *fixture, guint32 serial)
{
  g_autoptr (GBytes) call = make_call (serial, "org.freedesktop.DBus.Peer", "Ping");
  gssize n = send (fixture->client, g_bytes_get_data (call, NULL), g_bytes_get_size (call),
                   MSG_NOSIGNAL);

  g_assert_true (n < 0 || n == (gssize) g_bytes_get_size (call));
  return n > 0;
}

/* Octets of answers that have come by now. */
static gsize
take_answers (Fixture *fixture)
{
  char answers[4096];
  gsize size = 0;
  gssize n;

  while ((n = recv (fixture->client, answers, sizeof answers, 0)) > 0)
    size += (gsize) n;
  return size;
}

static void
on_flushed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

/* Answers are known to be written when a flush has ended, which has a thread of its own: one that
 * is asked for now gives the peer's, asked for before, its turn. */
static void
wait_flushed (Fixture *fixture)
{
  gboolean is_over = FALSE;

  g_dbus_connection_flush (fixture->server, NULL, on_flushed, &is_over);
  while (!is_over)
    g_main_context_iteration (NULL, TRUE);
}

/* Waits for the answer to each call of a batch before the next: however busy the computer is, no
 * more are owed. */
static void
test_reads (Fixture *fixture, gconstpointer data)
{
  gsize answer_size = 0; /* all are alike; that of the first, once it is known */
  gsize size = 0;

  for (guint32 serial = 1; serial <= N_CALLS; serial++) {
    while (!send_call (fixture, serial))
      g_main_context_iteration (NULL, FALSE);
    while (serial == 1 && (answer_size = take_answers (fixture)) == 0)
      g_main_context_iteration (NULL, FALSE);
    size = serial == 1 ? answer_size : size;
    while (serial % BATCH == 0 && size < serial * answer_size) {
      g_main_context_iteration (NULL, FALSE);
      size += take_answers (fixture);
      g_assert_false (g_dbus_connection_is_closed (fixture->server));
    }
    if (serial % BATCH == 0)
      wait_flushed (fixture);
  }
}

static void
test_never_reads (Fixture *fixture, gconstpointer data)
{
  for (guint32 serial = 1; !g_dbus_connection_is_closed (fixture->server);) {
    g_assert_cmpuint (serial, <=, N_CALLS);
    if (send_call (fixture, serial))
      serial++;
    while (g_main_context_iteration (NULL, FALSE))
      ;
  }
}

/* Answers with all properties, the document among them, weigh more: so few calls of another kind
 * would be far from too many. The main loop stands still meanwhile, so that none is answered. */
static void
test_properties (Fixture *fixture, gconstpointer data)
{
  gint64 end_us;

  for (guint32 serial = 1; serial <= N_PROPERTIES; serial++) {
    g_autoptr (GBytes) call = make_call (serial, "org.freedesktop.DBus.Properties", "GetAll");

    g_assert_cmpint (send (fixture->client, g_bytes_get_data (call, NULL), g_bytes_get_size (call),
                           MSG_NOSIGNAL),
                     ==, g_bytes_get_size (call));
  }
  g_usleep (100000);
  end_us = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  while (!g_dbus_connection_is_closed (fixture->server)) {
    g_assert_cmpint (g_get_monotonic_time (), <, end_us);
    g_main_context_iteration (NULL, FALSE);
  }
}

static void
test_commands (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < LOOM_PEER_MAX_COMMANDS; i++)
    g_assert_true (loom_peer_begin_command (fixture->peer));
  g_assert_false (loom_peer_begin_command (fixture->peer));
  loom_peer_end_command (fixture->peer);
  g_assert_true (loom_peer_begin_command (fixture->peer));
}

/* Documents that nobody took: as many bytes as the bound says, and not one more. */
static void
test_owed (Fixture *fixture, gconstpointer data)
{
  loom_peer_owe (fixture->peer, (gsize) LOOM_PEER_UNIT_BYTES * LOOM_PEER_MAX_OWED);
  while (!g_dbus_connection_is_closed (fixture->server))
    g_main_context_iteration (NULL, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/peer/reads", Fixture, NULL, set_up, test_reads, tear_down);
  g_test_add ("/peer/never-reads", Fixture, NULL, set_up, test_never_reads, tear_down);
  g_test_add ("/peer/properties", Fixture, NULL, set_up, test_properties, tear_down);
  g_test_add ("/peer/commands", Fixture, NULL, set_up, test_commands, tear_down);
  g_test_add ("/peer/owed", Fixture, NULL, set_up, test_owed, tear_down);
  return g_test_run ();
}
