/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See text-screen.h. The guest is asked when the person presses the button over its screen and
 * when all is copied: what it answers goes to the clipboard by no other way. */

#include "gui/text-screen.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "gui/guest-screen.h"

struct _LoomTextScreen {
  GObject parent_instance;

  LoomClient *client;
  char *node;
  LoomConsoleWord *word;
  LoomScreenPicker *picker;
  GCancellable *reading;        /* the screen, for a selection or for all of it */
  gboolean is_copied_when_here; /* what is selected, whose text is still on its way */
  GCancellable *typing;
};

G_DEFINE_TYPE (LoomTextScreen, loom_text_screen, G_TYPE_OBJECT)

static void
cancel (GCancellable **cancellable)
{
  if (*cancellable != NULL)
    g_cancellable_cancel (*cancellable);
  g_clear_object (cancellable);
}

static void
say_error (LoomTextScreen *self, const GError *error)
{
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    loom_console_word_say (self->word, error->message);
}

static guint
count_lines (const char *text)
{
  guint n = 1;

  for (; *text != '\0'; text++)
    n += *text == '\n';
  return n;
}

static void
put_on_clipboard (LoomTextScreen *self, const char *text, gboolean is_all)
{
  GtkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self->picker),
                                                      GDK_SELECTION_CLIPBOARD);
  guint n = count_lines (text);
  g_autofree char *said =
      is_all
          ? g_strdup_printf (_ ("Nothing was selected: all of %s’s screen was copied."), self->node)
          : g_strdup_printf (ngettext ("Copied %u line from %s.", "Copied %u lines from %s.", n), n,
                             self->node);

  gtk_clipboard_set_text (clipboard, text, -1);
  gtk_clipboard_set_can_store (clipboard, NULL, 0);
  loom_console_word_say (self->word, said);
}

/* Selecting */

static void
on_text_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomTextScreen) self = user_data;
  g_autoptr (GError) error = NULL;
  LoomScreenText *text = loom_guest_screen_read_finish (result, &error);

  if (text == NULL)
    say_error (self, error);
  else
    loom_screen_picker_set_text (self->picker, text);
}

static void
on_asked (LoomScreenPicker *picker, LoomTextScreen *self)
{
  cancel (&self->reading);
  self->is_copied_when_here = FALSE;
  self->reading = g_cancellable_new ();
  loom_guest_screen_read_async (self->client, self->node, self->reading, on_text_read,
                                g_object_ref (self));
}

/* As terminals do: the middle button pastes it. */
static void
on_picked (LoomScreenPicker *picker, LoomTextScreen *self)
{
  g_autofree char *text = loom_screen_picker_dup_selected (picker);

  if (text != NULL)
    gtk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (picker), GDK_SELECTION_PRIMARY),
                            text, -1);
  if (text != NULL && self->is_copied_when_here)
    put_on_clipboard (self, text, FALSE);
  self->is_copied_when_here = FALSE;
}

/* All of it */

/* Without the empty rows at the end. */
static char *
dup_all (const LoomScreenText *text)
{
  LoomScreenPlace start = {0, 0};
  LoomScreenPlace end = {loom_screen_text_get_n_rows (text) - 1,
                         loom_screen_text_get_n_columns (text)};
  char *all = loom_screen_text_dup_range (text, start, end);
  gsize size = strlen (all);

  while (size > 0 && all[size - 1] == '\n')
    all[--size] = '\0';
  return all;
}

static void
on_all_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomTextScreen) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LoomScreenText) text = loom_guest_screen_read_finish (result, &error);
  g_autofree char *all = NULL;

  if (text == NULL) {
    say_error (self, error);
    return;
  }
  all = dup_all (text);
  put_on_clipboard (self, all, TRUE);
}

/* Typing */

static void
on_typed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomTextScreen) self = user_data;
  g_autoptr (GError) error = NULL;

  if (loom_guest_screen_type_finish (result, &error))
    loom_console_word_done (self->word);
  else
    say_error (self, error);
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_clear_object (&self->typing);
}

static void
on_given_up (LoomConsoleWord *word, LoomTextScreen *self)
{
  if (self->typing == NULL)
    return;
  cancel (&self->typing);
  loom_console_word_say (word, _ ("The rest was not pasted."));
}

static void
loom_text_screen_dispose (GObject *object)
{
  LoomTextScreen *self = LOOM_TEXT_SCREEN (object);

  loom_text_screen_close (self);
  g_clear_object (&self->client);
  g_clear_object (&self->word);
  g_clear_object (&self->picker);
  G_OBJECT_CLASS (loom_text_screen_parent_class)->dispose (object);
}

static void
loom_text_screen_finalize (GObject *object)
{
  g_free (LOOM_TEXT_SCREEN (object)->node);
  G_OBJECT_CLASS (loom_text_screen_parent_class)->finalize (object);
}

static void
loom_text_screen_class_init (LoomTextScreenClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = loom_text_screen_dispose;
  G_OBJECT_CLASS (klass)->finalize = loom_text_screen_finalize;
}

static void
loom_text_screen_init (LoomTextScreen *self)
{
  self->picker = LOOM_SCREEN_PICKER (g_object_ref_sink (loom_screen_picker_new ()));
  g_signal_connect_object (self->picker, "asked", G_CALLBACK (on_asked), self, 0);
  g_signal_connect_object (self->picker, "picked", G_CALLBACK (on_picked), self, 0);
}

LoomTextScreen *
loom_text_screen_new (LoomClient *client, const char *node, LoomConsoleWord *word)
{
  LoomTextScreen *self = g_object_new (LOOM_TYPE_TEXT_SCREEN, NULL);

  self->client = g_object_ref (client);
  self->node = g_strdup (node);
  self->word = g_object_ref (word);
  g_signal_connect_object (word, "given-up", G_CALLBACK (on_given_up), self, 0);
  return self;
}

LoomScreenPicker *
loom_text_screen_get_picker (LoomTextScreen *self)
{
  return self->picker;
}

void
loom_text_screen_copy (LoomTextScreen *self)
{
  g_autofree char *text = loom_screen_picker_dup_selected (self->picker);

  if (text != NULL) {
    put_on_clipboard (self, text, FALSE);
    return;
  }
  self->is_copied_when_here = loom_screen_picker_is_waiting (self->picker);
  if (self->is_copied_when_here)
    return;
  cancel (&self->reading);
  self->reading = g_cancellable_new ();
  loom_guest_screen_read_async (self->client, self->node, self->reading, on_all_read,
                                g_object_ref (self));
}

void
loom_text_screen_type (LoomTextScreen *self, const char *text)
{
  g_autofree char *said = NULL;

  if (self->typing != NULL) {
    loom_console_word_say (self->word, _ ("The last paste is still under way. Try again."));
    return;
  }
  said = g_strdup_printf (_ ("Pasting into %s…"), self->node);
  self->typing = g_cancellable_new ();
  loom_console_word_begin (self->word, said);
  loom_screen_picker_clear (self->picker);
  loom_guest_screen_type_async (self->client, self->node, text, self->typing, on_typed,
                                g_object_ref (self));
}

void
loom_text_screen_close (LoomTextScreen *self)
{
  cancel (&self->reading);
  cancel (&self->typing);
}
