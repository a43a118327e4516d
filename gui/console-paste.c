/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See console-paste.h. */

#include "gui/console-paste.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "gui/paste-text.h"

typedef struct {
  LoomConsole *console;
  LoomConsoleWord *word;
  LoomConsolePasteFunc func;
  char *text; /* clean */
} Paste;

static void
paste_free (Paste *paste)
{
  g_object_unref (paste->console);
  g_object_unref (paste->word);
  g_free (paste->text);
  g_free (paste);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Paste, paste_free)

static void
on_response (GtkDialog *dialog, int response, gpointer user_data)
{
  g_autoptr (Paste) paste = user_data;

  gtk_widget_destroy (GTK_WIDGET (dialog));
  if (response == GTK_RESPONSE_ACCEPT && !gtk_widget_in_destruction (GTK_WIDGET (paste->console))) {
    paste->func (paste->console, paste->text);
    loom_console_grab_focus (paste->console);
  }
}

static void
ask (Paste *paste, guint n_lines)
{
  GtkWidget *top = gtk_widget_get_toplevel (GTK_WIDGET (paste->console));
  GtkWidget *dialog;

  dialog = gtk_message_dialog_new (
      GTK_IS_WINDOW (top) ? GTK_WINDOW (top) : NULL,
      GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT, GTK_MESSAGE_QUESTION, GTK_BUTTONS_NONE,
      ngettext ("Paste %u line into %s?", "Paste %u lines into %s?", n_lines), n_lines,
      loom_console_get_node (paste->console));
  gtk_message_dialog_format_secondary_text (
      GTK_MESSAGE_DIALOG (dialog),
      _ ("Each is carried out there at once, as if the Return key were pressed at its end."));
  gtk_dialog_add_buttons (GTK_DIALOG (dialog), _ ("_Cancel"), GTK_RESPONSE_CANCEL, _ ("_Paste"),
                          GTK_RESPONSE_ACCEPT, NULL);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_ACCEPT);
  g_signal_connect (dialog, "response", G_CALLBACK (on_response), paste);
  gtk_widget_show (dialog);
}

static void
on_text_received (GtkClipboard *clipboard, const char *text, gpointer user_data)
{
  g_autoptr (Paste) paste = user_data;
  guint n_lines;

  if (gtk_widget_in_destruction (GTK_WIDGET (paste->console)))
    return;
  if (text == NULL || text[0] == '\0') {
    loom_console_word_say (paste->word, _ ("Nothing was pasted: the clipboard holds no text."));
    return;
  }
  if (strlen (text) > LOOM_PASTE_MAX_BYTES) {
    g_autofree char *said = g_strdup_printf (
        _ ("Nothing was pasted: the text is longer than %d KiB. Copy it as a file "
           "with “lanloomctl copy”."),
        LOOM_PASTE_MAX_BYTES / 1024);

    loom_console_word_say (paste->word, said);
    return;
  }
  paste->text = loom_paste_text_clean (text);
  n_lines = loom_paste_text_count_lines (paste->text);
  if (n_lines == 0)
    paste->func (paste->console, paste->text);
  else
    ask (g_steal_pointer (&paste), n_lines);
}

void
loom_console_paste_text (LoomConsole *console, GdkAtom selection, LoomConsoleWord *word,
                         LoomConsolePasteFunc func)
{
  Paste *paste = g_new0 (Paste, 1);

  paste->console = g_object_ref (console);
  paste->word = g_object_ref (word);
  paste->func = func;
  gtk_clipboard_request_text (gtk_widget_get_clipboard (GTK_WIDGET (console), selection),
                              on_text_received, paste);
}
