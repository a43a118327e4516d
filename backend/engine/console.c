/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The hub of a machine's serial console. All sockets are non-blocking and driven by sources; there
 * is no queue a client: each has a position in the scrollback (backend/engine/scrollback.h). */

#include "backend/engine/console.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "backend/engine/scrollback.h"
#include "backend/proto/acceptor.h"

#define MAX_CLIENTS 16
#define CHUNK_SIZE_BYTES (32 * 1024)
#define FLOOD_PAUSE_MS 5
#define MAX_INPUT_BYTES 4096

typedef struct {
  LoomConsole *console; /* weak: the console owns its clients */
  GSocket *socket;
  GSource *readable;
  GSource *writable; /* while there is something it has not been sent */
  guint64 position;
} Client;

struct _LoomConsole {
  GObject parent;
  char *path;
  char *scrollback_path; /* or NULL */
  LoomAcceptor *acceptor;
  GSocket *serial; /* NULL: QEMU does not run */
  GSource *serial_readable;
  GSource *serial_writable;
  guint resume_id;   /* pause after a full chunk */
  GByteArray *input; /* from clients to the guest, not yet taken by it */
  GPtrArray *clients;
  LoomScrollback scrollback;
};

G_DEFINE_FINAL_TYPE (LoomConsole, loom_console, G_TYPE_OBJECT)

static void
clear_source (GSource **source)
{
  if (*source != NULL) {
    g_source_destroy (*source);
    g_clear_pointer (source, g_source_unref);
  }
}

static GSource *
add_source (GSocket *socket, GIOCondition condition, GSocketSourceFunc callback, gpointer data)
{
  GSource *source = g_socket_create_source (socket, condition, NULL);

  g_source_set_callback (source, G_SOURCE_FUNC (callback), data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

static void
free_client (gpointer data)
{
  Client *client = data;

  clear_source (&client->readable);
  clear_source (&client->writable);
  g_socket_close (client->socket, NULL);
  g_object_unref (client->socket);
  g_free (client);
}

static void
drop_client (Client *client)
{
  g_ptr_array_remove_fast (client->console->clients, client);
}

static gboolean on_client_writable (GSocket *socket, GIOCondition condition, gpointer user_data);

/* Sends what the client lacks. FALSE: the client is gone. */
static gboolean
feed_client (Client *client)
{
  const LoomScrollback *scrollback = &client->console->scrollback;
  const guint8 *data;
  gsize size;

  while ((size = loom_scrollback_peek (scrollback, &client->position, &data)) > 0) {
    g_autoptr (GError) error = NULL;
    gssize n = g_socket_send (client->socket, (const char *) data, size, NULL, &error);
    if (n >= 0) {
      client->position += (guint64) n;
      continue;
    }
    if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
      drop_client (client);
      return FALSE;
    }
    if (client->writable == NULL)
      client->writable = add_source (client->socket, G_IO_OUT, on_client_writable, client);
    return TRUE;
  }
  clear_source (&client->writable);
  return TRUE;
}

static gboolean
on_client_writable (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  feed_client (user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean on_serial_writable (GSocket *socket, GIOCondition condition, gpointer user_data);

static void
flush_input (LoomConsole *self)
{
  while (self->serial != NULL && self->input->len > 0) {
    g_autoptr (GError) error = NULL;
    gssize n = g_socket_send (self->serial, (const char *) self->input->data, self->input->len,
                              NULL, &error);
    if (n > 0) {
      g_byte_array_remove_range (self->input, 0, (guint) n);
      continue;
    }
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
      if (self->serial_writable == NULL)
        self->serial_writable = add_source (self->serial, G_IO_OUT, on_serial_writable, self);
      return;
    }
    break;
  }
  /* Nobody to take it: what is typed at a machine that is off is lost, as on a real one. */
  g_byte_array_set_size (self->input, 0);
  clear_source (&self->serial_writable);
}

static gboolean
on_serial_writable (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  flush_input (user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_client_readable (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Client *client = user_data;
  LoomConsole *self = client->console;
  char bytes[MAX_INPUT_BYTES];
  g_autoptr (GError) error = NULL;

  gssize n = g_socket_receive (socket, bytes, sizeof bytes, NULL, &error);
  if (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;
  if (n <= 0) {
    drop_client (client);
    return G_SOURCE_REMOVE;
  }
  /* A guest that does not take its input loses what is typed meanwhile, as a real UART does. */
  gsize room = MAX_INPUT_BYTES - MIN (self->input->len, MAX_INPUT_BYTES);
  g_byte_array_append (self->input, (const guint8 *) bytes, (guint) MIN (room, (gsize) n));
  flush_input (self);
  return G_SOURCE_CONTINUE;
}

static void
on_somebody (int fd, gpointer user_data)
{
  LoomConsole *self = user_data;
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, NULL);

  g_assert (socket != NULL);
  if (self->clients->len >= MAX_CLIENTS)
    return;

  Client *client = g_new0 (Client, 1);
  client->console = self;
  client->socket = g_steal_pointer (&socket);
  g_socket_set_blocking (client->socket, FALSE);
  client->readable = add_source (client->socket, G_IO_IN, on_client_readable, client);
  g_ptr_array_add (self->clients, client);
  feed_client (client);
}

static void
disconnect_serial (LoomConsole *self)
{
  clear_source (&self->serial_readable);
  clear_source (&self->serial_writable);
  g_clear_handle_id (&self->resume_id, g_source_remove);
  g_byte_array_set_size (self->input, 0);
  if (self->serial != NULL)
    g_socket_close (self->serial, NULL);
  g_clear_object (&self->serial);
}

static gboolean on_serial_readable (GSocket *socket, GIOCondition condition, gpointer user_data);

static gboolean
on_resume (gpointer user_data)
{
  LoomConsole *self = user_data;

  self->resume_id = 0;
  self->serial_readable = add_source (self->serial, G_IO_IN, on_serial_readable, self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_serial_readable (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  LoomConsole *self = user_data;
  guint8 bytes[CHUNK_SIZE_BYTES];
  g_autoptr (GError) error = NULL;
  gssize n = g_socket_receive (socket, (char *) bytes, sizeof bytes, NULL, &error);

  if (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;
  if (n <= 0) {
    disconnect_serial (self);
    return G_SOURCE_REMOVE;
  }

  loom_scrollback_append (&self->scrollback, bytes, (gsize) n);
  /* Backwards: a client that is gone is replaced by the last one, which was fed. */
  for (guint i = self->clients->len; i > 0; i--)
    feed_client (g_ptr_array_index (self->clients, i - 1));
  if (n < CHUNK_SIZE_BYTES)
    return G_SOURCE_CONTINUE;

  /* A flood: QEMU holds the guest back while we rest. */
  clear_source (&self->serial_readable);
  self->resume_id = g_timeout_add (FLOOD_PAUSE_MS, on_resume, self);
  return G_SOURCE_REMOVE;
}

static void
loom_console_dispose (GObject *object)
{
  loom_console_close (LOOM_CONSOLE (object));
  G_OBJECT_CLASS (loom_console_parent_class)->dispose (object);
}

static void
loom_console_finalize (GObject *object)
{
  LoomConsole *self = LOOM_CONSOLE (object);

  g_ptr_array_unref (self->clients);
  g_byte_array_unref (self->input);
  loom_scrollback_clear (&self->scrollback);
  g_free (self->path);
  g_free (self->scrollback_path);
  G_OBJECT_CLASS (loom_console_parent_class)->finalize (object);
}

static void
loom_console_class_init (LoomConsoleClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = loom_console_dispose;
  G_OBJECT_CLASS (klass)->finalize = loom_console_finalize;
}

static void
loom_console_init (LoomConsole *self)
{
  self->clients = g_ptr_array_new_with_free_func (free_client);
  self->input = g_byte_array_new ();
}

static GSocket *
open_socket (GError **error)
{
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM,
                                  G_SOCKET_PROTOCOL_DEFAULT, error);

  if (socket != NULL)
    g_socket_set_blocking (socket, FALSE);
  return socket;
}

LoomConsole *
loom_console_new (const char *path, const char *scrollback, GError **error)
{
  g_autoptr (LoomConsole) self = g_object_new (LOOM_TYPE_CONSOLE, NULL);

  self->path = g_strdup (path);
  self->scrollback_path = g_strdup (scrollback);
  if (scrollback != NULL && !loom_scrollback_open (&self->scrollback, scrollback))
    g_warning ("“%s” cannot be written: what this console says is lost with the engine",
               scrollback);
  g_unlink (path);
  self->acceptor = loom_acceptor_new (path, on_somebody, self, error);
  return self->acceptor != NULL ? g_steal_pointer (&self) : NULL;
}

gboolean
loom_console_connect (LoomConsole *self, const char *serial_path, GError **error)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (serial_path);

  disconnect_serial (self);
  self->serial = open_socket (error);
  /* A UNIX socket that listens takes the connection at once: this does not block. */
  if (self->serial == NULL || !g_socket_connect (self->serial, address, NULL, error)) {
    disconnect_serial (self);
    return FALSE;
  }
  self->serial_readable = add_source (self->serial, G_IO_IN, on_serial_readable, self);
  return TRUE;
}

void
loom_console_close (LoomConsole *self)
{
  disconnect_serial (self);
  g_ptr_array_set_size (self->clients, 0);
  if (self->acceptor != NULL) {
    g_unlink (self->path);
    if (self->scrollback_path != NULL)
      g_unlink (self->scrollback_path);
  }
  g_clear_pointer (&self->acceptor, loom_acceptor_free);
}
