/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a client may cost. Calls are counted where they come in, which is GDBus's thread; all else
 * happens in the main one. */

#include "backend/engine/peer.h"

#define FLUSH_AT 128 /* units */
/* An answer that holds all properties, the document among them. */
#define PROPERTIES_UNITS 16

struct _LoomPeer {
  GDBusConnection *connection;
  GCancellable *cancellable;
  guint filter_id;
  gint n_owed;  /* atomic: GDBus's thread adds, both read */
  gint waiting; /* atomic: a flush is asked for or under way */
  guint n_commands;
};

static void
clear (gpointer data)
{
  LoomPeer *peer = data;

  g_object_unref (peer->connection);
  g_object_unref (peer->cancellable);
}

static void
on_flushed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LoomPeer *peer = user_data;

  g_dbus_connection_flush_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_atomic_int_set (&peer->n_owed, 0);
  g_atomic_int_set (&peer->waiting, FALSE);
  g_atomic_rc_box_release_full (peer, clear);
}

/* The flush ends when all that was queued before it has been written: when the client reads. */
static gboolean
flush (gpointer user_data)
{
  LoomPeer *peer = user_data;

  g_dbus_connection_flush (peer->connection, peer->cancellable, on_flushed, peer);
  return G_SOURCE_REMOVE;
}

static gboolean
hang_up (gpointer user_data)
{
  LoomPeer *peer = user_data;

  g_message ("a client that does not read is hung up on");
  g_dbus_connection_close (peer->connection, NULL, NULL, NULL);
  g_atomic_rc_box_release_full (peer, clear);
  return G_SOURCE_REMOVE;
}

/* Runs in either thread. FALSE: enough. */
static gboolean
add_units (LoomPeer *peer, gint n_units)
{
  gint before = g_atomic_int_add (&peer->n_owed, n_units);

  if (before < LOOM_PEER_MAX_OWED && before + n_units >= LOOM_PEER_MAX_OWED)
    g_idle_add (hang_up, g_atomic_rc_box_acquire (peer));
  else if (before + n_units >= FLUSH_AT
           && g_atomic_int_compare_and_exchange (&peer->waiting, FALSE, TRUE))
    g_idle_add (flush, g_atomic_rc_box_acquire (peer));
  return before + n_units < LOOM_PEER_MAX_OWED;
}

/* Runs in GDBus's thread. */
static GDBusMessage *
on_message (GDBusConnection *connection, GDBusMessage *message, gboolean incoming,
            gpointer user_data)
{
  const char *interface = g_dbus_message_get_interface (message);

  if (!incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return message;
  if (add_units (user_data, g_strcmp0 (interface, "org.freedesktop.DBus.Properties") == 0
                                ? PROPERTIES_UNITS
                                : 1))
    return message;
  g_object_unref (message);
  return NULL;
}

static void
release (gpointer data)
{
  g_atomic_rc_box_release_full (data, clear);
}

LoomPeer *
loom_peer_new (GDBusConnection *connection)
{
  LoomPeer *peer = g_atomic_rc_box_new0 (LoomPeer);

  peer->connection = g_object_ref (connection);
  peer->cancellable = g_cancellable_new ();
  peer->filter_id = g_dbus_connection_add_filter (connection, on_message,
                                                  g_atomic_rc_box_acquire (peer), release);
  return peer;
}

void
loom_peer_close (LoomPeer *peer)
{
  g_cancellable_cancel (peer->cancellable);
  g_dbus_connection_remove_filter (peer->connection, peer->filter_id);
  g_atomic_rc_box_release_full (peer, clear);
}

GCancellable *
loom_peer_get_cancellable (LoomPeer *peer)
{
  return peer->cancellable;
}

void
loom_peer_owe (LoomPeer *peer, gsize size_bytes)
{
  add_units (peer, (gint) MIN (size_bytes / LOOM_PEER_UNIT_BYTES + 1, LOOM_PEER_MAX_OWED));
}

gboolean
loom_peer_begin_command (LoomPeer *peer)
{
  if (peer->n_commands >= LOOM_PEER_MAX_COMMANDS)
    return FALSE;
  peer->n_commands++;
  return TRUE;
}

void
loom_peer_end_command (LoomPeer *peer)
{
  peer->n_commands--;
}
