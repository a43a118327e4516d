/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who connects is a guest of the gate until he has said what D-Bus wants to hear first (D-Bus
 * specification, "Authentication Protocol"). GDBus waits for that in a thread of GLib's pool, so
 * only a few may take their time, and not for long; others wait outside meanwhile. */

#include "backend/engine/gate.h"

#include <glib/gstdio.h>

#include "backend/proto/acceptor.h"
#include "backend/proto/awake.h"

#define MAX_GUESTS 8
#define PATIENCE_S 5

struct _LoomGate {
  char *path;
  char *guid;
  GDBusAuthObserver *observer;
  LoomAcceptor *acceptor;
  LoomGateFunc func;
  gpointer user_data;
  GPtrArray *guests; /* of Guest, which end by themselves */
};

typedef struct {
  LoomGate *gate; /* NULL: there is none any more */
  GCancellable *cancellable;
  guint timeout_id;
} Guest;

/* EXTERNAL cannot work inside of a user namespace, DBUS_COOKIE_SHA1 leaves files in people's homes,
 * and who the peer is was decided by the kernel. Runs in GDBus's thread. */
static gboolean
on_allow_mechanism (GDBusAuthObserver *observer, const char *mechanism, gpointer user_data)
{
  return g_str_equal (mechanism, "ANONYMOUS");
}

static gboolean
on_timeout (gpointer user_data)
{
  Guest *guest = user_data;

  guest->timeout_id = 0;
  g_warning ("a client was turned away: it said nothing for %d s", PATIENCE_S);
  g_cancellable_cancel (guest->cancellable);
  return G_SOURCE_REMOVE;
}

/* (nullable): the gate that @guest was at. */
static LoomGate *
end_guest (Guest *guest)
{
  LoomGate *gate = guest->gate;

  if (gate != NULL) {
    g_ptr_array_remove_fast (gate->guests, guest);
    loom_acceptor_set_open (gate->acceptor, TRUE);
  }
  g_clear_handle_id (&guest->timeout_id, g_source_remove);
  g_object_unref (guest->cancellable);
  g_free (guest);
  return gate;
}

static void
on_connection_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LoomGate *gate = end_guest (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = g_dbus_connection_new_finish (result, &error);

  if (connection == NULL)
    g_debug ("somebody is no client: %s", error->message);
  else if (gate != NULL && gate->func (connection, gate->user_data))
    g_dbus_connection_start_message_processing (connection);
  else
    g_dbus_connection_close (connection, NULL, NULL, NULL);
}

static void
on_somebody (int fd, gpointer user_data)
{
  LoomGate *self = user_data;
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, NULL);
  g_autoptr (GSocketConnection) connection = NULL;
  Guest *guest = g_new0 (Guest, 1);

  g_assert (socket != NULL);
  connection = g_socket_connection_factory_create_connection (socket);
  guest->gate = self;
  guest->cancellable = g_cancellable_new ();
  guest->timeout_id = loom_awake_timeout_add (PATIENCE_S, on_timeout, guest);
  g_ptr_array_add (self->guests, guest);
  loom_acceptor_set_open (self->acceptor, self->guests->len < MAX_GUESTS);
  g_dbus_connection_new (G_IO_STREAM (connection), self->guid,
                         G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER
                             | G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_ALLOW_ANONYMOUS
                             | G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING,
                         self->observer, guest->cancellable, on_connection_ready, guest);
}

LoomGate *
loom_gate_new (const char *path, LoomGateFunc func, gpointer user_data, GError **error)
{
  g_autoptr (LoomGate) self = g_new0 (LoomGate, 1);

  self->path = g_strdup (path);
  self->guid = g_dbus_generate_guid ();
  self->observer = g_dbus_auth_observer_new ();
  g_signal_connect (self->observer, "allow-mechanism", G_CALLBACK (on_allow_mechanism), NULL);
  self->guests = g_ptr_array_new ();
  self->func = func;
  self->user_data = user_data;
  self->acceptor = loom_acceptor_new (path, on_somebody, self, error);
  return self->acceptor != NULL ? g_steal_pointer (&self) : NULL;
}

void
loom_gate_free (LoomGate *self)
{
  if (self == NULL)
    return;
  if (self->acceptor != NULL)
    g_unlink (self->path);
  loom_acceptor_free (self->acceptor);
  for (guint i = 0; i < self->guests->len; i++) {
    Guest *guest = self->guests->pdata[i];

    guest->gate = NULL;
    g_cancellable_cancel (guest->cancellable);
  }
  g_ptr_array_unref (self->guests);
  g_object_unref (self->observer);
  g_free (self->guid);
  g_free (self->path);
  g_free (self);
}
