/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A machine's serial line in a terminal. The only file that knows VTE.
 *
 * The terminal has no process behind it: what the socket says is fed to it, what the person types
 * is written to the socket. A guest that floods its line is read in idle time, a piece at a time,
 * so that the window stays alive; a guest that does not read is given up to MAX_UNSENT bytes.
 *
 * A serial line has no size. A guest with our agent is told the terminal's by a command in it, a
 * moment after the last change; at any other guest the person types it (loom_console_fit ()). */

#include "gui/console.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>
#include <vte/vte.h>

#define SCROLLBACK_LINES 10000
#define READ_SIZE 16384
#define MAX_UNSENT (256 * 1024)
#define SIZE_DELAY_MS 300
#define GUEST_LINE "/dev/ttyS0"

#define LOOM_TYPE_SERIAL_CONSOLE (loom_serial_console_get_type ())
G_DECLARE_FINAL_TYPE (LoomSerialConsole, loom_serial_console, LOOM, SERIAL_CONSOLE, LoomConsole)

struct _LoomSerialConsole {
  LoomConsole parent_instance;

  VteTerminal *terminal;
  GCancellable *cancellable;
  GSocketConnection *connection;
  GByteArray *unsent;
  gboolean is_writing;
  LoomClient *client; /* while connected */
  guint size_source;
  long told_rows; /* what the guest knows; 0: nothing */
  long told_columns;
};

G_DEFINE_TYPE (LoomSerialConsole, loom_serial_console, LOOM_TYPE_CONSOLE)

static void read_more (LoomSerialConsole *self);
static void write_more (LoomSerialConsole *self);

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomSerialConsole) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes)
      bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);

  if (self->connection == NULL
      || g_io_stream_get_input_stream (G_IO_STREAM (self->connection)) != (gpointer) source)
    return;
  if (bytes == NULL || g_bytes_get_size (bytes) == 0) {
    loom_console_failed (LOOM_CONSOLE (self), error != NULL ? error->message : NULL);
    return;
  }
  vte_terminal_feed (self->terminal, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  read_more (self);
}

static void
read_more (LoomSerialConsole *self)
{
  g_input_stream_read_bytes_async (g_io_stream_get_input_stream (G_IO_STREAM (self->connection)),
                                   READ_SIZE, G_PRIORITY_DEFAULT_IDLE, self->cancellable, on_read,
                                   g_object_ref (self));
}

static void
on_wrote (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomSerialConsole) self = user_data;
  gssize size = g_output_stream_write_bytes_finish (G_OUTPUT_STREAM (source), result, NULL);

  if (self->connection == NULL
      || g_io_stream_get_output_stream (G_IO_STREAM (self->connection)) != (gpointer) source)
    return;
  self->is_writing = FALSE;
  if (size < 0)
    return; /* the reader notices the end as well and reports it */
  g_byte_array_remove_range (self->unsent, 0, MIN ((guint) size, self->unsent->len));
  write_more (self);
}

static void
write_more (LoomSerialConsole *self)
{
  g_autoptr (GBytes) bytes = NULL;

  if (self->is_writing || self->connection == NULL || self->unsent->len == 0)
    return;
  bytes = g_bytes_new (self->unsent->data, self->unsent->len);
  self->is_writing = TRUE;
  g_output_stream_write_bytes_async (g_io_stream_get_output_stream (G_IO_STREAM (self->connection)),
                                     bytes, G_PRIORITY_DEFAULT, self->cancellable, on_wrote,
                                     g_object_ref (self));
}

static void
send (LoomSerialConsole *self, const char *text, gsize size)
{
  if (self->connection == NULL || self->unsent->len + size > MAX_UNSENT)
    return;
  g_byte_array_append (self->unsent, (const guint8 *) text, size);
  write_more (self);
}

static void
on_commit (VteTerminal *terminal, const char *text, guint size, LoomSerialConsole *self)
{
  send (self, text, size);
}

/* The size */

static void
on_size_told (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomSerialConsole) self = user_data;

  /* A guest without an agent, or without stty: there is nothing to say, Fit Terminal is left. */
  loom_client_exec_finish (LOOM_CLIENT (source), result, NULL);
}

static void
tell_size (LoomSerialConsole *self)
{
  long rows = vte_terminal_get_row_count (self->terminal);
  long columns = vte_terminal_get_column_count (self->terminal);
  g_autofree char *rows_text = g_strdup_printf ("%ld", rows);
  g_autofree char *columns_text = g_strdup_printf ("%ld", columns);
  const char *const argv[] = {"stty",    "-F",   GUEST_LINE,   "rows",
                              rows_text, "cols", columns_text, NULL};
  int null_fd;

  if (self->client == NULL || !loom_console_is_ready (LOOM_CONSOLE (self))
      || (rows == self->told_rows && columns == self->told_columns))
    return;
  null_fd = open ("/dev/null", O_RDWR | O_CLOEXEC);
  if (null_fd < 0)
    return;
  self->told_rows = rows;
  self->told_columns = columns;
  loom_client_exec_async (self->client, loom_console_get_node (LOOM_CONSOLE (self)), argv, null_fd,
                          null_fd, null_fd, self->cancellable, on_size_told, g_object_ref (self));
  close (null_fd);
}

static gboolean
on_size_due (gpointer user_data)
{
  LoomSerialConsole *self = user_data;

  self->size_source = 0;
  tell_size (self);
  return G_SOURCE_REMOVE;
}

static void
on_size_allocated (GtkWidget *terminal, GtkAllocation *allocation, LoomSerialConsole *self)
{
  g_clear_handle_id (&self->size_source, g_source_remove);
  self->size_source = g_timeout_add (SIZE_DELAY_MS, on_size_due, self);
}

static void
loom_serial_console_ready (LoomConsole *console)
{
  tell_size (LOOM_SERIAL_CONSOLE (console));
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomSerialConsole) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection)
      connection = loom_client_open_console_finish (LOOM_CLIENT (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->cancellable == NULL)
    return;
  if (connection == NULL) {
    loom_console_failed (LOOM_CONSOLE (self), error->message);
    return;
  }
  if (self->connection != NULL)
    return;
  self->connection = g_steal_pointer (&connection);
  /* What was said so far is replayed: the old picture would show it twice. */
  vte_terminal_reset (self->terminal, TRUE, TRUE);
  g_set_object (&self->client, LOOM_CLIENT (source));
  loom_console_opened (LOOM_CONSOLE (self));
  tell_size (self);
  read_more (self);
}

static void
loom_serial_console_open (LoomConsole *console, LoomClient *client)
{
  LoomSerialConsole *self = LOOM_SERIAL_CONSOLE (console);

  self->cancellable = g_cancellable_new ();
  loom_client_open_console_async (client, loom_console_get_node (console), "serial",
                                  self->cancellable, on_opened, g_object_ref (self));
}

static void
loom_serial_console_close (LoomConsole *console)
{
  LoomSerialConsole *self = LOOM_SERIAL_CONSOLE (console);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->connection);
  g_clear_object (&self->client);
  self->told_rows = self->told_columns = 0;
  g_byte_array_set_size (self->unsent, 0);
  self->is_writing = FALSE;
}

static void
loom_serial_console_copy (LoomConsole *console)
{
  vte_terminal_copy_clipboard_format (LOOM_SERIAL_CONSOLE (console)->terminal, VTE_FORMAT_TEXT);
}

static void
loom_serial_console_paste (LoomConsole *console)
{
  vte_terminal_paste_clipboard (LOOM_SERIAL_CONSOLE (console)->terminal);
}

static void
loom_serial_console_fit (LoomConsole *console)
{
  LoomSerialConsole *self = LOOM_SERIAL_CONSOLE (console);
  g_autofree char *command = g_strdup_printf ("stty rows %ld cols %ld\r",
                                              vte_terminal_get_row_count (self->terminal),
                                              vte_terminal_get_column_count (self->terminal));

  send (self, command, strlen (command));
}

static gboolean
on_key_press (GtkWidget *widget, GdkEventKey *event, LoomConsole *self)
{
  return loom_console_take_key (self, event);
}

/* VTE takes the button first, for a program in the guest that asked for it. */
static gboolean
on_button_press (GtkWidget *widget, GdkEvent *event, LoomConsole *self)
{
  if (!gdk_event_triggers_context_menu (event))
    return GDK_EVENT_PROPAGATE;
  loom_console_popup (self, event);
  return GDK_EVENT_STOP;
}

static void
loom_serial_console_dispose (GObject *object)
{
  g_clear_handle_id (&LOOM_SERIAL_CONSOLE (object)->size_source, g_source_remove);
  G_OBJECT_CLASS (loom_serial_console_parent_class)->dispose (object);
}

static void
loom_serial_console_finalize (GObject *object)
{
  g_byte_array_unref (LOOM_SERIAL_CONSOLE (object)->unsent);
  G_OBJECT_CLASS (loom_serial_console_parent_class)->finalize (object);
}

static void
loom_serial_console_class_init (LoomSerialConsoleClass *klass)
{
  LoomConsoleClass *console_class = LOOM_CONSOLE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = loom_serial_console_dispose;
  G_OBJECT_CLASS (klass)->finalize = loom_serial_console_finalize;
  console_class->type = "serial";
  console_class->open = loom_serial_console_open;
  console_class->close = loom_serial_console_close;
  console_class->copy = loom_serial_console_copy;
  console_class->paste = loom_serial_console_paste;
  console_class->fit = loom_serial_console_fit;
  console_class->ready = loom_serial_console_ready;
}

static void
loom_serial_console_init (LoomSerialConsole *self)
{
  static const GdkRGBA foreground = {0.83, 0.90, 0.83, 1};
  static const GdkRGBA background = {0.118, 0.118, 0.118, 1};
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *terminal = vte_terminal_new ();
  GtkWidget *bar;

  self->unsent = g_byte_array_new ();
  self->terminal = VTE_TERMINAL (terminal);
  vte_terminal_set_scrollback_lines (self->terminal, SCROLLBACK_LINES);
  vte_terminal_set_scroll_on_keystroke (self->terminal, TRUE);
  vte_terminal_set_audible_bell (self->terminal, FALSE);
  vte_terminal_set_colors (self->terminal, &foreground, &background, NULL, 0);
  gtk_widget_set_hexpand (terminal, TRUE);
  bar = gtk_scrollbar_new (GTK_ORIENTATION_VERTICAL,
                           gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (terminal)));
  gtk_container_add (GTK_CONTAINER (box), terminal);
  gtk_container_add (GTK_CONTAINER (box), bar);
  g_signal_connect (terminal, "commit", G_CALLBACK (on_commit), self);
  g_signal_connect (terminal, "key-press-event", G_CALLBACK (on_key_press), self);
  g_signal_connect_after (terminal, "button-press-event", G_CALLBACK (on_button_press), self);
  g_signal_connect_object (terminal, "size-allocate", G_CALLBACK (on_size_allocated), self, 0);
  loom_console_set_content (LOOM_CONSOLE (self), box);
}

GtkWidget *
loom_serial_console_new (void)
{
  return g_object_new (LOOM_TYPE_SERIAL_CONSOLE, NULL);
}
