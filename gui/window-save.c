/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Saving and closing, and what is asked when the file is not what was loaded. Nothing here waits:
 * dialogs answer by signal, files by callback, and what was meant to happen afterwards is kept in
 * the window (LoomNext). Opening is in window-open.c. */

#include "gui/window-private.h"

#include <glib/gi18n-lib.h>

#include <stdlib.h>

#include "backend/engine/project-file.h"
#include "gui/words.h"

#define NOTICE_SAVE "save"

static GtkWidget *
make_question (LoomWindow *self, const char *title, const char *text)
{
  GtkWidget *dialog = gtk_message_dialog_new (GTK_WINDOW (self),
                                              GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
                                              GTK_MESSAGE_QUESTION, GTK_BUTTONS_NONE, "%s", title);

  gtk_message_dialog_format_secondary_text (GTK_MESSAGE_DIALOG (dialog), "%s", text);
  return dialog;
}

/* What @response does cannot be undone. */
static void
mark_destructive (GtkWidget *dialog, int response)
{
  GtkWidget *button = gtk_dialog_get_widget_for_response (GTK_DIALOG (dialog), response);

  gtk_style_context_add_class (gtk_widget_get_style_context (button),
                               GTK_STYLE_CLASS_DESTRUCTIVE_ACTION);
}

/* Saving */

static void
go_on (LoomWindow *self)
{
  LoomNext next = self->after_save;

  self->after_save = LOOM_NEXT_NOTHING;
  if (next == LOOM_NEXT_START)
    loom_session_start (self->session);
  else if (next == LOOM_NEXT_CLOSE)
    gtk_window_close (GTK_WINDOW (self));
}

static void
on_conflict_response (GtkDialog *dialog, int response, LoomWindow *self)
{
  LoomNext next = self->after_save;

  gtk_widget_destroy (GTK_WIDGET (dialog));
  self->after_save = LOOM_NEXT_NOTHING;
  if (response == GTK_RESPONSE_YES) {
    loom_document_accept_outside (self->document);
    loom_window_save (self, FALSE, next);
  } else if (response == GTK_RESPONSE_APPLY) {
    loom_window_save (self, TRUE, next);
  } else if (response == GTK_RESPONSE_NO) {
    loom_window_open (self, loom_document_get_path (self->document), NULL);
  }
}

/* The file is not the one that was loaded: nothing was written yet. */
static void
ask_conflict (LoomWindow *self)
{
  g_autofree char *name = loom_words_file_name (loom_document_get_path (self->document));
  g_autofree char *title = g_strdup_printf (_ ("%s was changed by another program."), name);
  GtkWidget *dialog = make_question (
      self, title,
      _ ("It was not saved yet. Overwriting gives up what the other program wrote; reloading gives "
         "up your unsaved changes."));

  gtk_dialog_add_buttons (GTK_DIALOG (dialog), _ ("_Cancel"), GTK_RESPONSE_CANCEL, _ ("_Reload"),
                          GTK_RESPONSE_NO, _ ("_Overwrite"), GTK_RESPONSE_YES, _ ("Save _As…"),
                          GTK_RESPONSE_APPLY, NULL);
  mark_destructive (dialog, GTK_RESPONSE_YES);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_APPLY);
  g_signal_connect (dialog, "response", G_CALLBACK (on_conflict_response), self);
  gtk_widget_show (dialog);
}

static void
on_save_again_answer (int button, gpointer user_data)
{
  if (button >= 0)
    loom_window_save (user_data, button == 1, LOOM_NEXT_NOTHING);
}

static void
report_not_saved (LoomWindow *self, const char *why)
{
  const char *const buttons[] = {_ ("_Save Again"), _ ("Save _As…"), NULL};
  const char *title = _ ("The lab was not saved. Your work is still here; try another place.");

  loom_window_say (self, title);
  loom_notices_add (self->notices, NOTICE_SAVE, GTK_MESSAGE_ERROR, title, why, buttons,
                    on_save_again_answer, self, NULL);
}

static char *
make_saved_sentence (LoomWindow *self, const char *name)
{
  LoomClient *client = loom_session_get_client (self->session);
  g_autofree char *running = NULL;
  char *real;
  gboolean is_copy;

  if (client == NULL)
    return g_strdup_printf (_ ("Saved %s."), name);
  /* A lab runs under the file it was started from. */
  real = realpath (loom_document_get_path (self->document), NULL);
  is_copy = g_strcmp0 (real, loom_client_get_file (client)) != 0;
  free (real);
  if (!is_copy)
    return g_strdup_printf (_ ("Saved %s."), name);
  running = loom_words_file_name (loom_client_get_file (client));
  return g_strdup_printf (_ ("Saved %s. What runs still belongs to %s, until it is stopped."), name,
                          running);
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;

  if (!loom_document_save_finish (LOOM_DOCUMENT (source), result, &error)) {
    if (g_cancellable_is_cancelled (self->cancellable))
      return;
    if (g_error_matches (error, LOOM_PROJECT_FILE_ERROR, LOOM_PROJECT_FILE_ERROR_CHANGED)) {
      ask_conflict (self);
      return;
    }
    self->after_save = LOOM_NEXT_NOTHING;
    report_not_saved (self, error->message);
    return;
  }
  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  loom_notices_remove (self->notices, NOTICE_SAVE);
  loom_notices_remove (self->notices, LOOM_NOTICE_OUTSIDE);
  loom_window_remember_recent (loom_document_get_path (self->document));
  name = loom_words_file_name (loom_document_get_path (self->document));
  text = make_saved_sentence (self, name);
  loom_window_say (self, text);
  go_on (self);
}

static void
save_to (LoomWindow *self, const char *path)
{
  loom_document_save_async (self->document, path, NULL, on_saved, g_object_ref (self));
}

static void
on_save_response (GtkNativeDialog *dialog, int response, LoomWindow *self)
{
  g_autofree char *path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (dialog));

  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
  if (response != GTK_RESPONSE_ACCEPT || path == NULL) {
    self->after_save = LOOM_NEXT_NOTHING;
    return;
  }
  if (!g_str_has_suffix (path, LOOM_LAB_SUFFIX)) {
    g_autofree char *longer = g_strconcat (path, LOOM_LAB_SUFFIX, NULL);

    save_to (self, longer);
  } else {
    save_to (self, path);
  }
}

static char *
suggest_file_name (LoomWindow *self)
{
  g_autofree char *title = loom_document_dup_title (self->document);
  GString *name = g_string_new (NULL);

  for (const char *c = title; *c != '\0'; c++) {
    if (g_ascii_isalnum (*c))
      g_string_append_c (name, g_ascii_tolower (*c));
    else if (name->len > 0 && name->str[name->len - 1] != '-')
      g_string_append_c (name, '-');
  }
  if (name->len == 0)
    g_string_append (name, "lab");
  g_string_append (name, LOOM_LAB_SUFFIX);
  return g_string_free (name, FALSE);
}

/* Beside the file that is open, if that is the person's own. */
static char *
suggest_folder (LoomWindow *self)
{
  const char *path = loom_document_get_path (self->document);
  const char *documents = g_get_user_special_dir (G_USER_DIRECTORY_DOCUMENTS);

  if (path != NULL && !loom_document_is_template (self->document))
    return g_path_get_dirname (path);
  return g_strdup (documents != NULL ? documents : g_get_home_dir ());
}

/* A lab that ships, or one that the person may not write to. */
static void
say_read_only (LoomWindow *self)
{
  g_autofree char *name = loom_words_file_name (loom_document_get_path (self->document));
  g_autofree char *text = g_strdup_printf (_ ("%s is read-only: save your own copy of it."), name);

  loom_window_say (self, text);
}

void
loom_window_save (LoomWindow *self, gboolean choose, LoomNext next)
{
  GtkFileChooserNative *dialog;
  g_autofree char *name = NULL;
  g_autofree char *folder = NULL;

  /* What is being typed belongs to what is saved. */
  gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
  self->after_save = next;
  if (!choose && loom_document_get_path (self->document) != NULL
      && !loom_document_is_template (self->document)) {
    save_to (self, NULL);
    return;
  }
  if (!choose && loom_document_get_path (self->document) != NULL)
    say_read_only (self);
  name = suggest_file_name (self);
  folder = suggest_folder (self);
  dialog = gtk_file_chooser_native_new (_ ("Save the Lab"), GTK_WINDOW (self),
                                        GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), _ ("_Cancel"));
  loom_window_add_lab_filter (GTK_FILE_CHOOSER (dialog));
  gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (dialog), TRUE);
  gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog), folder);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_save_response), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

void
loom_window_start (LoomWindow *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
  if (loom_document_get_path (self->document) != NULL && !loom_document_is_lost (self->document)) {
    loom_session_start (self->session);
  } else {
    loom_window_say (self, _ ("A lab is known by its file: choose a name for it, and it starts."));
    loom_window_save (self, TRUE, LOOM_NEXT_START);
  }
}

/* Closing */

static void
on_unsaved_response (GtkDialog *dialog, int response, LoomWindow *self)
{
  gtk_widget_destroy (GTK_WIDGET (dialog));
  if (response == GTK_RESPONSE_YES) {
    loom_window_save (self, FALSE, LOOM_NEXT_CLOSE);
  } else if (response == GTK_RESPONSE_NO) {
    self->may_discard = TRUE;
    gtk_window_close (GTK_WINDOW (self));
  }
}

static void
ask_unsaved (LoomWindow *self)
{
  g_autofree char *name = loom_document_dup_title (self->document);
  g_autofree char *title = g_strdup_printf (_ ("Save the changes of “%s”?"), name);
  GtkWidget *dialog = make_question (self, title, _ ("What is not saved is lost otherwise."));

  gtk_dialog_add_buttons (GTK_DIALOG (dialog), _ ("_Discard"), GTK_RESPONSE_NO, _ ("_Cancel"),
                          GTK_RESPONSE_CANCEL, _ ("_Save"), GTK_RESPONSE_YES, NULL);
  mark_destructive (dialog, GTK_RESPONSE_NO);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_YES);
  g_signal_connect (dialog, "response", G_CALLBACK (on_unsaved_response), self);
  gtk_widget_show (dialog);
}

static void
on_running_response (GtkDialog *dialog, int response, LoomWindow *self)
{
  gtk_widget_destroy (GTK_WIDGET (dialog));
  if (response == GTK_RESPONSE_YES) {
    self->may_keep_running = TRUE;
    gtk_window_close (GTK_WINDOW (self));
  } else if (response == GTK_RESPONSE_NO) {
    self->close_when_off = TRUE;
    if (loom_session_is_live (self->session))
      loom_session_stop (self->session);
    else
      gtk_window_close (GTK_WINDOW (self));
  } else {
    self->may_discard = FALSE;
  }
}

static void
ask_running (LoomWindow *self)
{
  g_autofree char *name = loom_document_dup_title (self->document);
  g_autofree char *title = g_strdup_printf (_ ("“%s” is running. Keep it running?"), name);
  gboolean starting = loom_session_get_client (self->session) == NULL;
  GtkWidget *dialog = make_question (
      self, title,
      starting ? _ ("It is still starting: it cannot go on without the window yet.")
               : _ ("Opening its file again shows it again."));

  gtk_dialog_add_buttons (GTK_DIALOG (dialog), _ ("_Stop the Lab"), GTK_RESPONSE_NO, _ ("_Cancel"),
                          GTK_RESPONSE_CANCEL, _ ("_Keep Running"), GTK_RESPONSE_YES, NULL);
  mark_destructive (dialog, GTK_RESPONSE_NO);
  gtk_dialog_set_response_sensitive (GTK_DIALOG (dialog), GTK_RESPONSE_YES, !starting);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog),
                                   starting ? GTK_RESPONSE_CANCEL : GTK_RESPONSE_YES);
  g_signal_connect (dialog, "response", G_CALLBACK (on_running_response), self);
  gtk_widget_show (dialog);
}

gboolean
loom_window_may_close (LoomWindow *self)
{
  if (loom_document_get_modified (self->document) && !self->may_discard) {
    ask_unsaved (self);
    return FALSE;
  }
  if (loom_session_is_live (self->session) && !self->may_keep_running) {
    if (self->close_when_off)
      return FALSE; /* stopping: closes by itself */
    ask_running (self);
    return FALSE;
  }
  return TRUE;
}

/* What others did to the file */

static void
on_outside_answer (int button, gpointer user_data)
{
  LoomWindow *self = user_data;

  if (button == 0)
    loom_window_open (self, loom_document_get_path (self->document), NULL);
  else if (button == 1)
    loom_document_accept_outside (self->document);
}

static void
tell_changed (LoomWindow *self, const char *name)
{
  const char *const buttons[] = {_ ("_Reload"), _ ("_Keep Mine"), NULL};
  g_autofree char *title = g_strdup_printf (_ ("%s was changed by another program."), name);

  loom_notices_add (self->notices, LOOM_NOTICE_OUTSIDE, GTK_MESSAGE_WARNING, title,
                    loom_document_get_modified (self->document)
                        ? _ ("Reloading gives up the changes you have not saved.")
                        : NULL,
                    buttons, on_outside_answer, self, NULL);
}

static void
on_save_elsewhere_answer (int button, gpointer user_data)
{
  if (button >= 0)
    loom_window_save (user_data, TRUE, LOOM_NEXT_NOTHING);
}

/* What is drawn is in no file now. @again: it can be saved where it was. */
static void
tell_lost (LoomWindow *self, const char *title, gboolean again)
{
  const char *const buttons[] = {_ ("_Save Again"), _ ("Save _As…"), NULL};

  loom_window_say (self, title);
  loom_notices_add (self->notices, LOOM_NOTICE_OUTSIDE, GTK_MESSAGE_WARNING, title,
                    again ? _ ("Your work is still in this window. Save it again, or choose "
                               "another place.")
                          : _ ("Your work is still in this window. Choose another place."),
                    again ? buttons : buttons + 1,
                    again ? on_save_again_answer : on_save_elsewhere_answer, self, NULL);
}

static void
tell_gone (LoomWindow *self, const char *name)
{
  g_autofree char *folder = g_path_get_dirname (loom_document_get_path (self->document));
  gboolean has_folder = g_file_test (folder, G_FILE_TEST_IS_DIR);
  g_autofree char *title = g_strdup_printf (
      has_folder ? _ ("%s is gone: another program deleted or moved it.")
                 : _ ("%s is gone, and its folder too: another program deleted or moved them."),
      name);

  tell_lost (self, title, has_folder);
}

static void
tell_no_lab (LoomWindow *self, const char *name)
{
  gboolean is_file = g_file_test (loom_document_get_path (self->document), G_FILE_TEST_IS_REGULAR);
  g_autofree char *title = g_strdup_printf (
      is_file ? _ ("%s is no lab any more: another program made it larger than a lab may be.")
              : _ ("%s is no file any more: another program put a folder, or something else, in "
                   "its place."),
      name);

  tell_lost (self, title, is_file);
}

void
loom_window_on_changed_outside (LoomWindow *self)
{
  LoomOutside outside = loom_document_get_outside (self->document);
  g_autofree char *name = loom_words_file_name (loom_document_get_path (self->document));

  if (outside == LOOM_OUTSIDE_CHANGED)
    tell_changed (self, name);
  else if (outside == LOOM_OUTSIDE_GONE)
    tell_gone (self, name);
  else if (outside == LOOM_OUTSIDE_NO_LAB)
    tell_no_lab (self, name);
  else
    loom_notices_remove (self->notices, LOOM_NOTICE_OUTSIDE);
}
