/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A machine's screen. The only file that knows SPICE.
 *
 * The session opens one socket a channel by itself, hence the path instead of a connection. What is
 * copied from and pasted into the guest that ships goes by its agent (text-screen.c); into any
 * other machine it is typed. */

#include "gui/console.h"

#include <glib/gi18n-lib.h>
#include <spice-client-gtk.h>

#include "backend/engine/engine-dbus.h"
#include "gui/console-paste.h"
#include "gui/paste-text.h"
#include "gui/text-screen.h"
#include "gui/typist.h"

#define LOOM_TYPE_DISPLAY_CONSOLE (loom_display_console_get_type ())
G_DECLARE_FINAL_TYPE (LoomDisplayConsole, loom_display_console, LOOM, DISPLAY_CONSOLE, LoomConsole)

struct _LoomDisplayConsole {
  LoomConsole parent_instance;

  GCancellable *cancellable;
  LoomClient *client; /* while connected, or about to be */
  SpiceSession *spice;
  SpiceInputsChannel *inputs; /* or NULL */
  LoomConsoleWord *word;      /* over the picture; or NULL */
  LoomTextScreen *text;       /* of the guest that ships; or NULL */
  LoomTypist *typist;         /* while it types into another; or NULL */
  gboolean is_leaving;        /* Ctrl+Alt is down, and nothing else was pressed with it */
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

  if (loom_console_take_key (LOOM_CONSOLE (self), event))
    return GDK_EVENT_STOP;
  if (self->text != NULL && !event->is_modifier)
    loom_screen_picker_clear (loom_text_screen_get_picker (self->text));
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

/* The guest that ships has no use for a pointer: over its screen it selects text. */

static void
on_typed_text (LoomConsole *console, const char *text)
{
  LoomDisplayConsole *self = LOOM_DISPLAY_CONSOLE (console);

  if (self->text != NULL)
    loom_text_screen_type (self->text, text);
}

static void
on_picker_pressed (LoomScreenPicker *picker, GdkEvent *event, LoomDisplayConsole *self)
{
  loom_console_grab_focus (LOOM_CONSOLE (self));
  if (gdk_event_triggers_context_menu (event))
    loom_console_popup (LOOM_CONSOLE (self), event);
  else if (event->button.button == GDK_BUTTON_MIDDLE && event->type == GDK_BUTTON_PRESS)
    loom_console_paste_text (LOOM_CONSOLE (self), GDK_SELECTION_PRIMARY, self->word, on_typed_text);
}

static void
on_picture_made (SpiceChannel *channel, int format, int width, int height, int stride, int shmid,
                 gpointer data, LoomDisplayConsole *self)
{
  if (self->text != NULL)
    loom_screen_picker_set_picture (loom_text_screen_get_picker (self->text), width, height);
}

static void
add_text_screen (LoomDisplayConsole *self, GtkWidget *stage, SpiceChannel *channel)
{
  LoomScreenPicker *picker;

  self->text = loom_text_screen_new (self->client, loom_console_get_node (LOOM_CONSOLE (self)),
                                     self->word);
  picker = loom_text_screen_get_picker (self->text);
  gtk_overlay_add_overlay (GTK_OVERLAY (stage), GTK_WIDGET (picker));
  g_signal_connect_object (picker, "pressed", G_CALLBACK (on_picker_pressed), self, 0);
  g_signal_connect_object (channel, "display-primary-create", G_CALLBACK (on_picture_made), self,
                           0);
}

/* Any other machine gets keys. */

static void
on_typist_key (guint scan_code, gboolean is_down, gpointer user_data)
{
  LoomDisplayConsole *self = user_data;

  if (is_down)
    spice_inputs_channel_key_press (self->inputs, scan_code);
  else
    spice_inputs_channel_key_release (self->inputs, scan_code);
}

static void
on_typist_done (gpointer user_data)
{
  LoomDisplayConsole *self = user_data;

  g_clear_pointer (&self->typist, loom_typist_free);
  loom_console_word_done (self->word);
}

static void
on_given_up (LoomConsoleWord *word, LoomDisplayConsole *self)
{
  if (self->typist == NULL)
    return;
  g_clear_pointer (&self->typist, loom_typist_free);
  loom_console_word_say (word, _ ("The rest was not pasted."));
}

/* (transfer full) (nullable): why @text cannot be typed. */
static char *
dup_objection (LoomDisplayConsole *self, const char *text)
{
  gunichar c = loom_paste_text_find_untypable (text);
  char utf8[7] = "";

  if (self->typist != NULL)
    return g_strdup (_ ("The last paste is still under way. Try again."));
  if (g_utf8_strlen (text, -1) > LOOM_TYPIST_MAX_CHARACTERS)
    return g_strdup_printf (
        _ ("Nothing was pasted: it would be typed key by key, and has more than %d "
           "characters."),
        LOOM_TYPIST_MAX_CHARACTERS);
  if (c == 0)
    return NULL;
  g_unichar_to_utf8 (c, utf8);
  return g_strdup_printf (_ ("Nothing was pasted: no key of %s types “%s”."),
                          loom_console_get_node (LOOM_CONSOLE (self)), utf8);
}

static void
on_keys_text (LoomConsole *console, const char *text)
{
  LoomDisplayConsole *self = LOOM_DISPLAY_CONSOLE (console);
  g_autofree char *said = NULL;

  if (self->inputs == NULL || self->word == NULL)
    return;
  said = dup_objection (self, text);
  if (said != NULL) {
    loom_console_word_say (self->word, said);
    return;
  }
  said = g_strdup_printf (_ ("Pasting into %s…"), loom_console_get_node (console));
  loom_console_word_begin (self->word, said);
  self->typist = loom_typist_new (text, on_typist_key, on_typist_done, self);
}

static GtkWidget *
make_display (LoomDisplayConsole *self, int id)
{
  SpiceDisplay *display = spice_display_new (self->spice, id);
  g_autofree char *title = loom_console_dup_title (LOOM_CONSOLE (self));

  g_object_set (display, "scaling", TRUE, "only-downscale", FALSE, "resize-guest", FALSE,
                "grab-keyboard", FALSE, "grab-mouse", FALSE, NULL);
  gtk_widget_set_size_request (GTK_WIDGET (display), 1, 1);
  g_signal_connect (display, "notify::width-request", G_CALLBACK (on_size_request_changed), NULL);
  g_signal_connect (display, "notify::height-request", G_CALLBACK (on_size_request_changed), NULL);
  g_signal_connect_object (display, "key-press-event", G_CALLBACK (on_key_pressed), self, 0);
  g_signal_connect_object (display, "key-release-event", G_CALLBACK (on_key_released), self, 0);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (display)), title);
  gtk_widget_set_can_focus (GTK_WIDGET (display), TRUE);
  return GTK_WIDGET (display);
}

static void
on_channel_new (SpiceSession *spice, SpiceChannel *channel, LoomDisplayConsole *self)
{
  GtkWidget *stage;
  int id;

  if (SPICE_IS_MAIN_CHANNEL (channel)) {
    g_signal_connect_object (channel, "channel-event", G_CALLBACK (on_channel_event), self, 0);
    return;
  }
  if (SPICE_IS_INPUTS_CHANNEL (channel))
    g_set_object (&self->inputs, SPICE_INPUTS_CHANNEL (channel));
  if (!SPICE_IS_DISPLAY_CHANNEL (channel))
    return;
  g_object_get (channel, "channel-id", &id, NULL);
  if (id != 0)
    return;
  stage = gtk_overlay_new ();
  self->word = LOOM_CONSOLE_WORD (g_object_ref_sink (loom_console_word_new ()));
  g_signal_connect_object (self->word, "given-up", G_CALLBACK (on_given_up), self, 0);
  gtk_container_add (GTK_CONTAINER (stage), make_display (self, id));
  if (loom_console_has_agent (LOOM_CONSOLE (self)))
    add_text_screen (self, stage, channel);
  gtk_overlay_add_overlay (GTK_OVERLAY (stage), GTK_WIDGET (self->word));
  loom_console_set_content (LOOM_CONSOLE (self), stage);
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
  g_set_object (&self->client, client);
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
  g_clear_object (&self->client);
  if (spice == NULL)
    return;
  g_signal_handlers_disconnect_by_data (spice, self);
  g_clear_pointer (&self->typist, loom_typist_free);
  g_clear_object (&self->inputs);
  if (self->text != NULL)
    loom_text_screen_close (self->text);
  g_clear_object (&self->text);
  loom_console_set_content (console, NULL);
  g_clear_object (&self->word);
  spice_session_disconnect (spice);
  g_object_unref (spice);
}

static void
loom_display_console_copy (LoomConsole *console)
{
  LoomDisplayConsole *self = LOOM_DISPLAY_CONSOLE (console);

  g_autofree char *said = NULL;

  if (self->text != NULL) {
    loom_text_screen_copy (self->text);
  } else if (self->word != NULL) {
    said = g_strdup_printf (_ ("The screen of %s is a picture, from which no text is copied. Its "
                               "serial console has text."),
                            loom_console_get_node (console));
    loom_console_word_say (self->word, said);
  }
}

static void
loom_display_console_paste (LoomConsole *console)
{
  LoomDisplayConsole *self = LOOM_DISPLAY_CONSOLE (console);

  if (self->word != NULL)
    loom_console_paste_text (console, GDK_SELECTION_CLIPBOARD, self->word,
                             self->text != NULL ? on_typed_text : on_keys_text);
}

static void
loom_display_console_class_init (LoomDisplayConsoleClass *klass)
{
  LoomConsoleClass *console_class = LOOM_CONSOLE_CLASS (klass);

  console_class->type = "spice";
  console_class->open = loom_display_console_open;
  console_class->close = loom_display_console_close;
  console_class->copy = loom_display_console_copy;
  console_class->paste = loom_display_console_paste;
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
