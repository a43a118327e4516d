/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A machine's screen. The only file that knows SPICE.
 *
 * The session opens one socket a channel by itself, hence the path instead of a connection. */

#include "gui/console.h"

#include <glib/gi18n-lib.h>
#include <spice-client-gtk.h>

#include "backend/engine/engine-dbus.h"

#define LOOM_TYPE_DISPLAY_CONSOLE (loom_display_console_get_type ())
G_DECLARE_FINAL_TYPE (LoomDisplayConsole, loom_display_console, LOOM, DISPLAY_CONSOLE, LoomConsole)

struct _LoomDisplayConsole {
  LoomConsole parent_instance;

  GCancellable *cancellable;
  SpiceSession *spice;
  gboolean is_leaving; /* Ctrl+Alt is down, and nothing else was pressed with it */
};

G_DEFINE_TYPE (LoomDisplayConsole, loom_display_console, LOOM_TYPE_CONSOLE)

static void
on_channel_event (SpiceChannel *channel, SpiceChannelEvent event, LoomDisplayConsole *self)
{
  g_autoptr (GObject) spice = NULL;

  g_object_get (channel, "spice-session", &spice, NULL);
  if (spice == NULL || spice != (gpointer) self->spice)
    return; /* of a connection that was let go */
  switch (event) {
  case SPICE_CHANNEL_CLOSED:
  case SPICE_CHANNEL_ERROR_CONNECT:
  case SPICE_CHANNEL_ERROR_LINK:
  case SPICE_CHANNEL_ERROR_AUTH:
  case SPICE_CHANNEL_ERROR_IO:
    loom_console_failed (LOOM_CONSOLE (self), _ ("The screen went away. Trying again…"));
    break;
  default:
    break;
  }
}

/* SPICE asks for 640 x 480 whenever it scales; the dock may be smaller, and the picture scales. */
static void
on_size_request_changed (GtkWidget *display, GParamSpec *pspec, gpointer user_data)
{
  int width, height;

  gtk_widget_get_size_request (display, &width, &height);
  if (width > 1 || height > 1)
    gtk_widget_set_size_request (display, 1, 1);
}

/* Ctrl+Alt by itself, when it is let go: Ctrl+Alt+Delete is the guest's. */

static gboolean
on_key_pressed (GtkWidget *display, GdkEventKey *event, LoomDisplayConsole *self)
{
  gboolean is_alt = event->keyval == GDK_KEY_Alt_L || event->keyval == GDK_KEY_Meta_L;
  gboolean is_control = event->keyval == GDK_KEY_Control_L;

  self->is_leaving = (is_alt && (event->state & GDK_CONTROL_MASK) != 0)
                     || (is_control && (event->state & GDK_MOD1_MASK) != 0);
  return GDK_EVENT_PROPAGATE;
}

static gboolean
on_free_due (gpointer user_data)
{
  loom_console_free_keyboard (LOOM_CONSOLE (user_data));
  return G_SOURCE_REMOVE;
}

/* Not before SPICE has told the guest that the key is up. */
static gboolean
on_key_released (GtkWidget *display, GdkEventKey *event, LoomDisplayConsole *self)
{
  if (self->is_leaving)
    g_idle_add_full (G_PRIORITY_HIGH_IDLE, on_free_due, g_object_ref (self), g_object_unref);
  self->is_leaving = FALSE;
  return GDK_EVENT_PROPAGATE;
}

static void
on_channel_new (SpiceSession *spice, SpiceChannel *channel, LoomDisplayConsole *self)
{
  SpiceDisplay *display;
  AtkObject *accessible;
  g_autofree char *title = NULL;
  int id;

  if (SPICE_IS_MAIN_CHANNEL (channel)) {
    g_signal_connect_object (channel, "channel-event", G_CALLBACK (on_channel_event), self, 0);
    return;
  }
  if (!SPICE_IS_DISPLAY_CHANNEL (channel))
    return;
  g_object_get (channel, "channel-id", &id, NULL);
  if (id != 0)
    return;
  display = spice_display_new (spice, id);
  g_object_set (display, "scaling", TRUE, "only-downscale", FALSE, "resize-guest", FALSE,
                "grab-keyboard", FALSE, "grab-mouse", FALSE, NULL);
  gtk_widget_set_size_request (GTK_WIDGET (display), 1, 1);
  g_signal_connect (display, "notify::width-request", G_CALLBACK (on_size_request_changed), NULL);
  g_signal_connect (display, "notify::height-request", G_CALLBACK (on_size_request_changed), NULL);
  g_signal_connect_object (display, "key-press-event", G_CALLBACK (on_key_pressed), self, 0);
  g_signal_connect_object (display, "key-release-event", G_CALLBACK (on_key_released), self, 0);
  title = loom_console_dup_title (LOOM_CONSOLE (self));
  accessible = gtk_widget_get_accessible (GTK_WIDGET (display));
  atk_object_set_name (accessible, title);
  gtk_widget_set_can_focus (GTK_WIDGET (display), TRUE);
  loom_console_set_content (LOOM_CONSOLE (self), GTK_WIDGET (display));
  loom_console_opened (LOOM_CONSOLE (self));
}

static void
on_path_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomDisplayConsole) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  loom_dbus_engine_call_get_console_finish (LOOM_DBUS_ENGINE (source), &path, result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->cancellable == NULL
      || self->spice != NULL)
    return;
  if (error != NULL || path[0] == '\0') {
    g_autofree char *why = error != NULL ? g_strdup (error->message)
                                         : g_strdup_printf (
                                             _ ("%s has no screen. Its serial console is beside."),
                                             loom_console_get_node (LOOM_CONSOLE (self)));

    loom_console_failed (LOOM_CONSOLE (self), why);
    return;
  }
  self->spice = spice_session_new ();
  g_object_set (self->spice, "unix-path", path, "enable-audio", FALSE, "enable-usbredir", FALSE,
                "enable-smartcard", FALSE, NULL);
  g_signal_connect_object (self->spice, "channel-new", G_CALLBACK (on_channel_new), self, 0);
  if (!spice_session_connect (self->spice))
    loom_console_failed (LOOM_CONSOLE (self), _ ("The screen could not be reached."));
}

static void
loom_display_console_open (LoomConsole *console, LoomClient *client)
{
  LoomDisplayConsole *self = LOOM_DISPLAY_CONSOLE (console);

  self->cancellable = g_cancellable_new ();
  loom_dbus_engine_call_get_console (loom_client_get_proxy (client),
                                     loom_console_get_node (console), "spice", self->cancellable,
                                     on_path_ready, g_object_ref (self));
}

static void
loom_display_console_close (LoomConsole *console)
{
  LoomDisplayConsole *self = LOOM_DISPLAY_CONSOLE (console);
  SpiceSession *spice = g_steal_pointer (&self->spice);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (spice == NULL)
    return;
  g_signal_handlers_disconnect_by_data (spice, self);
  loom_console_set_content (console, NULL);
  spice_session_disconnect (spice);
  g_object_unref (spice);
}

/* The guest's text mode has no clipboard to share. */
static void
loom_display_console_copy (LoomConsole *console)
{
}

static void
loom_display_console_class_init (LoomDisplayConsoleClass *klass)
{
  LoomConsoleClass *console_class = LOOM_CONSOLE_CLASS (klass);

  console_class->type = "spice";
  console_class->open = loom_display_console_open;
  console_class->close = loom_display_console_close;
  console_class->copy = loom_display_console_copy;
  console_class->paste = loom_display_console_copy;
}

static void
loom_display_console_init (LoomDisplayConsole *self)
{
}

GtkWidget *
loom_display_console_new (void)
{
  return g_object_new (LOOM_TYPE_DISPLAY_CONSOLE, NULL);
}
