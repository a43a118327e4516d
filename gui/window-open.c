/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Opening: a file by its name, one of a dialog, of the recent ones, of those that ship; and the
 * work that a former run had not saved. Reading is by callback (document.c). Saving is in
 * window-save.c. */

#include "gui/window-private.h"

#include <glib/gi18n-lib.h>

#include "backend/engine/paths.h"
#include "gui/words.h"

#define MAX_RECENT 8
#define NOTICE_AUTOSAVE "autosave"

/* What the dialogs of both files need */

void
loom_window_remember_recent (const char *path)
{
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);

  if (uri != NULL)
    gtk_recent_manager_add_item (gtk_recent_manager_get_default (), uri);
}

void
loom_window_add_lab_filter (GtkFileChooser *chooser)
{
  GtkFileFilter *filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _ ("Lanloom labs"));
  gtk_file_filter_add_pattern (filter, "*" LOOM_LAB_SUFFIX);
  gtk_file_chooser_add_filter (chooser, filter);
}

/* Opening */

static char *
describe_problems (GPtrArray *problems, const GError *error)
{
  GString *text = g_string_new (NULL);

  if (problems == NULL || problems->len == 0)
    return g_string_free (g_string_append (text, error->message), FALSE);
  for (guint i = 0; i < problems->len; i++) {
    const LoomProblem *problem = g_ptr_array_index (problems, i);

    if (i > 0)
      g_string_append_c (text, '\n');
    if (problem->line > 0)
      /* Translators: a line of a file, and what is wrong there */
      g_string_append_printf (text, _ ("Line %d: %s"), problem->line, problem->message);
    else
      g_string_append (text, problem->message);
  }
  return g_string_free (text, FALSE);
}

typedef struct {
  LoomWindow *window;
  LoomWindow *asked_by; /* or NULL */
  char *path;
} Opening;

static void
opening_free (Opening *opening)
{
  g_object_unref (opening->window);
  g_clear_object (&opening->asked_by);
  g_free (opening->path);
  g_free (opening);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Opening, opening_free)

/* In the window that is on the screen. */
static void
report_not_opened (const Opening *opening, GPtrArray *problems, const GError *error)
{
  LoomWindow *shown = opening->asked_by != NULL ? opening->asked_by : opening->window;
  g_autofree char *name = loom_words_file_name (opening->path);
  g_autofree char *detail = describe_problems (problems, error);
  g_autofree char *title = g_strdup_printf (_ ("%s was not opened. What was open is as it was."),
                                            name);

  if (!g_cancellable_is_cancelled (shown->cancellable))
    loom_window_report (shown, LOOM_NOTICE_OPEN, title, detail);
  if (opening->asked_by != NULL)
    gtk_widget_destroy (GTK_WIDGET (opening->window));
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Opening) opening = user_data;
  LoomWindow *self = opening->window;
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GError) error = NULL;
  gboolean done = loom_document_load_finish (LOOM_DOCUMENT (source), result, &problems, &error);
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (!done) {
    report_not_opened (opening, problems, error);
    return;
  }
  loom_notices_remove (self->notices, LOOM_NOTICE_OPEN);
  loom_notices_remove (self->notices, LOOM_NOTICE_OUTSIDE);
  if (opening->asked_by != NULL)
    gtk_window_present (GTK_WINDOW (self));
  loom_window_remember_recent (loom_document_get_path (self->document));
  loom_session_attach (self->session);
  name = loom_words_file_name (loom_document_get_path (self->document));
  text = g_strdup_printf (_ ("Opened %s."), name);
  loom_window_say (self, text);
}

void
loom_window_open (LoomWindow *self, const char *path, LoomWindow *asked_by)
{
  Opening *opening = g_new0 (Opening, 1);

  opening->window = g_object_ref (self);
  if (asked_by != NULL)
    opening->asked_by = g_object_ref (asked_by);
  opening->path = g_strdup (path);
  loom_document_load_async (self->document, path, self->cancellable, on_loaded, opening);
}

static void
on_open_response (GtkNativeDialog *dialog, int response, LoomWindow *self)
{
  g_autofree char *path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (dialog));

  if (response == GTK_RESPONSE_ACCEPT && path != NULL)
    loom_application_open_path (LOOM_APPLICATION (gtk_window_get_application (GTK_WINDOW (self))),
                                GTK_WINDOW (self), path);
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

void
loom_window_choose_and_open (LoomWindow *self)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (_ ("Open a Lab"), GTK_WINDOW (self),
                                                              GTK_FILE_CHOOSER_ACTION_OPEN,
                                                              _ ("_Open"), _ ("_Cancel"));

  loom_window_add_lab_filter (GTK_FILE_CHOOSER (dialog));
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_open_response), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
append_path (GMenu *menu, const char *label, const char *path)
{
  g_autofree char *shown = loom_words_menu_label (label);
  g_autoptr (GMenuItem) item = g_menu_item_new (shown, NULL);

  g_menu_item_set_action_and_target (item, "win.open-path", "s", path);
  g_menu_append_item (menu, item);
}

/* (transfer full): the files of the labs that were open last, newest first. */
static GPtrArray *
list_recent (void)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  GList *items = gtk_recent_manager_get_items (gtk_recent_manager_get_default ());

  for (GList *item = items; item != NULL && paths->len < MAX_RECENT; item = item->next) {
    g_autofree char *path = g_filename_from_uri (gtk_recent_info_get_uri (item->data), NULL, NULL);

    if (path != NULL && g_str_has_suffix (path, LOOM_LAB_SUFFIX))
      g_ptr_array_add (paths, g_steal_pointer (&path));
  }
  g_list_free_full (items, (GDestroyNotify) gtk_recent_info_unref);
  return paths;
}

/* (transfer full): the name of @path, and its folder if others of @paths have the same name. */
static char *
dup_recent_label (GPtrArray *paths, const char *path)
{
  g_autofree char *name = loom_words_file_name (path);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *shown_folder = loom_words_path (folder);
  guint n_same = 0;

  for (guint i = 0; i < paths->len; i++) {
    g_autofree char *other = loom_words_file_name (g_ptr_array_index (paths, i));

    n_same += g_str_equal (name, other);
  }
  if (n_same < 2)
    return g_steal_pointer (&name);
  return g_strdup_printf ("%s (%s)", name, shown_folder);
}

/* (transfer full): the labs that were open last, newest first. */
static GMenu *
build_recent (void)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GPtrArray) paths = list_recent ();

  for (guint i = 0; i < paths->len; i++) {
    const char *path = g_ptr_array_index (paths, i);
    g_autofree char *label = dup_recent_label (paths, path);

    append_path (menu, label, path);
  }
  return menu;
}

/* (transfer full): the labs that ship. */
static GMenu *
build_shipped (void)
{
  static const char *const labs[][2] = {
      {"two-machines.lanloom", N_ ("Two Machines")},
      {"one-switch.lanloom", N_ ("One Switch")},
      {"two-switches.lanloom", N_ ("Two Switches")},
  };
  GMenu *menu = g_menu_new ();

  for (guint i = 0; i < G_N_ELEMENTS (labs); i++) {
    g_autofree char *relative = g_build_filename ("labs", labs[i][0], NULL);
    g_autofree char *path = loom_paths_dup_data (relative);

    append_path (menu, _ (labs[i][1]), path);
  }
  return menu;
}

void
loom_window_update_recent (LoomWindow *self)
{
  g_autoptr (GMenu) recent = build_recent ();
  g_autoptr (GMenu) shipped = build_shipped ();

  g_menu_remove_all (self->recent_menu);
  if (g_menu_model_get_n_items (G_MENU_MODEL (recent)) > 0)
    g_menu_append_section (self->recent_menu, _ ("Recent"), G_MENU_MODEL (recent));
  g_menu_append_section (self->recent_menu, _ ("Labs That Ship"), G_MENU_MODEL (shipped));
}

/* Unsaved work of a former run */

void
loom_window_on_autosave_failed (LoomWindow *self, const char *sentence)
{
  loom_window_report (self, NOTICE_AUTOSAVE, sentence, NULL);
}

typedef struct {
  LoomWindow *window; /* weak: the notice is a part of it */
  LoomLeftover *leftover;
} Offer;

static void
offer_free (Offer *offer)
{
  loom_leftover_free (offer->leftover);
  g_free (offer);
}

static void
on_offer_answer (int button, gpointer user_data)
{
  Offer *offer = user_data;
  LoomWindow *self = offer->window;
  const LoomLeftover *leftover = offer->leftover;
  g_autoptr (GError) error = NULL;

  if (button < 0)
    return; /* asked again next time */
  if (button == 0 && !loom_document_is_blank (self->document)) {
    self = LOOM_WINDOW (
        loom_window_new (LOOM_APPLICATION (gtk_window_get_application (GTK_WINDOW (self)))));
    gtk_window_present (GTK_WINDOW (self));
  }
  if (button == 0
      && !loom_document_recover (self->document, leftover->path, leftover->text, leftover->size,
                                 &error)) {
    loom_window_report (self, LOOM_NOTICE_OPEN, _ ("The unsaved work could not be read."),
                        error->message);
    return;
  }
  loom_leftover_discard (offer->leftover);
  if (button == 0) {
    loom_window_say (self, _ ("The unsaved work is back. Save it to keep it."));
    loom_session_attach (self->session);
  }
}

void
loom_window_offer_leftover (LoomWindow *self, LoomLeftover *leftover)
{
  const char *const buttons[] = {_ ("_Restore"), _ ("_Discard"), NULL};
  g_autoptr (GDateTime)
      time = g_date_time_new_from_unix_local (leftover->saved_unix_us / G_USEC_PER_SEC);
  g_autofree char *when = g_date_time_format (time, "%c");
  g_autofree char *name = leftover->path != NULL ? loom_words_file_name (leftover->path)
                                                 : g_strdup (_ ("a new lab"));
  g_autofree char *title = g_strdup_printf (
      _ ("Lanloom ended before %s was saved. Its last state is of %s."), name, when);
  Offer *offer = g_new0 (Offer, 1);

  offer->window = self;
  offer->leftover = leftover;
  loom_notices_add (self->notices, leftover->autosave_path, GTK_MESSAGE_QUESTION, title, NULL,
                    buttons, on_offer_answer, offer, (GDestroyNotify) offer_free);
}
