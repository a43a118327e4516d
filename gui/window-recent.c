/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The last seconds of what passes are kept in the wire's memory while a person wishes so, and saved
 * or listed when something happened that nobody had expected. One keeping a window: of the cables
 * that were selected when it began, else of all. */

#include "gui/window-private.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "gui/capture.h"
#include "gui/frames-pane.h"
#include "gui/window-recent.h"

#define MIB (1u << 20)
#define NOTICE_NEW "recent-new"

static GSimpleAction *
get_action (LoomWindow *self, const char *name)
{
  return G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), name));
}

static int
get_number (LoomWindow *self, const char *name)
{
  g_autoptr (GVariant) state = g_action_get_state (G_ACTION (get_action (self, name)));

  return g_variant_get_int32 (state);
}

static gboolean
is_running (LoomWindow *self)
{
  return self->recent != NULL && loom_capture_get_state (self->recent) == LOOM_CAPTURE_RUNNING;
}

static void
update (LoomWindow *self)
{
  g_simple_action_set_state (get_action (self, "keep-recent"),
                             g_variant_new_boolean (self->recent != NULL));
  g_simple_action_set_enabled (get_action (self, "save-recent"), is_running (self));
  g_simple_action_set_enabled (get_action (self, "show-recent"), is_running (self));
}

/* --- keeping ---------------------------------------------------------------------------------- */

static void
say_what_is_kept (LoomWindow *self)
{
  guint n = g_strv_length ((char **) loom_capture_get_links (self->recent));
  guint seconds = (guint) get_number (self, "recent-seconds");
  g_autofree char *last = g_strdup_printf (
      ngettext ("the last second", "the last %u seconds", seconds), seconds);
  /* Translators: "Of 3 cables the last 30 seconds are kept." */
  g_autofree char *text = g_strdup_printf (
      ngettext ("Of %u cable %s are kept.", "Of %u cables %s are kept.", n), n, last);

  loom_window_say (self, text);
}

static void
on_capture_changed (LoomCapture *capture, LoomWindow *self)
{
  LoomCaptureState state = loom_capture_get_state (capture);

  if (capture != self->recent)
    return;
  if (state == LOOM_CAPTURE_RUNNING)
    say_what_is_kept (self);
  if (state == LOOM_CAPTURE_ENDED) {
    if (loom_capture_get_error (capture) != NULL)
      loom_window_report (self, "recent", _ ("The last seconds are not kept any more."),
                          loom_capture_get_error (capture));
    g_clear_object (&self->recent);
  }
  update (self);
}

static void
let_go (LoomWindow *self)
{
  loom_notices_remove (self->notices, NOTICE_NEW);
  if (self->recent == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->recent, self);
  loom_capture_stop (self->recent);
  g_clear_object (&self->recent);
  update (self);
}

static void
keep (LoomWindow *self)
{
  g_auto (GStrv) links = loom_window_dup_links (self, TRUE);
  LoomClient *client = loom_window_get_live_client (self);

  if (client == NULL)
    return;
  if (links[0] == NULL) {
    loom_window_say (self, _ ("There is no cable whose frames could be kept."));
    return;
  }
  self->recent = loom_capture_new (client, (const char *const *) links, "");
  g_signal_connect_object (self->recent, "changed", G_CALLBACK (on_capture_changed), self, 0);
  loom_capture_start_recent (self->recent, get_number (self, "recent-seconds"),
                             (guint64) get_number (self, "recent-mib") * MIB);
}

static gboolean
adds_cable (const LoomChange *change)
{
  for (guint i = 0; i < change->links->len; i++) {
    if (g_array_index (change->links, LoomLinkChange, i).before == NULL)
      return TRUE;
  }
  return FALSE;
}

/* A capture has the cables that it began with: one that is new, or came back by undo, is none of
 * them. */
static void
on_lab_changed (LoomLab *lab, LoomChange *change, LoomWindow *self)
{
  if (self->recent == NULL || !adds_cable (change))
    return;
  loom_notices_add (self->notices, NOTICE_NEW, GTK_MESSAGE_INFO,
                    _ ("What passes on a new cable is not kept: turn Keep the Last Seconds off and "
                       "on again to have it as well."),
                    NULL, NULL, NULL, NULL, NULL);
}

static void
on_replaced (LoomDocument *document, LoomWindow *self)
{
  g_signal_connect_object (loom_document_get_lab (document), "changed", G_CALLBACK (on_lab_changed),
                           self, G_CONNECT_AFTER);
}

static void
on_keep_changed (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  LoomWindow *self = user_data;
  gboolean wanted = g_variant_get_boolean (state);

  if (wanted == (self->recent != NULL))
    return;
  if (wanted) {
    keep (self);
  } else {
    let_go (self);
    loom_window_say (self, _ ("The last seconds are not kept any more."));
  }
  update (self);
}

/* What is kept already was kept by the numbers of before: it begins anew. */
static void
on_number_changed (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  LoomWindow *self = user_data;

  g_simple_action_set_state (action, state);
  loom_settings_set_int (self->settings, g_action_get_name (G_ACTION (action)),
                         g_variant_get_int32 (state));
  if (self->recent == NULL)
    return;
  let_go (self);
  keep (self);
  update (self);
}

/* --- saving ----------------------------------------------------------------------------------- */

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (self->notices == NULL)
    return;
  if (loom_capture_save_finish (LOOM_CAPTURE (source), result, &error))
    loom_window_say (self, _ ("What just happened was saved."));
  else
    loom_window_report (self, "recent", _ ("What just happened was not saved."), error->message);
}

static void
on_file_chosen (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  LoomWindow *self = user_data;
  g_autofree char *path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (dialog));

  if (response == GTK_RESPONSE_ACCEPT && path != NULL && self->recent != NULL)
    loom_capture_save_async (self->recent, path, on_saved, g_object_ref (self));
  g_object_unref (dialog);
}

static void
on_save_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LoomWindow *self = user_data;
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ ("Save What Just Happened"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"),
      _ ("_Cancel"));

  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), _ ("frames.pcapng"));
  gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_file_chosen), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* --- listing ---------------------------------------------------------------------------------- */

static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!loom_capture_save_finish (LOOM_CAPTURE (source), result, &error) && self->notices != NULL)
    loom_window_report (self, "recent", _ ("What just happened cannot be listed."), error->message);
}

/* By a pipe: what is listed is in no file. */
static void
on_show_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LoomWindow *self = user_data;
  LoomClient *client = loom_window_get_live_client (self);
  g_autofree char *name = g_strdup_printf ("recent-%d-%" G_GINT64_FORMAT ".pipe", (int) getpid (),
                                           g_get_monotonic_time ());
  g_autoptr (GError) error = NULL;
  LoomFifo *fifo;

  if (client == NULL || self->recent == NULL)
    return;
  fifo = loom_fifo_new (loom_client_get_runtime_dir (client), name, &error);
  if (fifo == NULL) {
    loom_window_report (self, "recent", _ ("What just happened cannot be listed."), error->message);
    return;
  }
  loom_capture_save_async (self->recent, fifo->path, on_listed, g_object_ref (self));
  loom_window_show_frames (self);
  loom_frames_pane_show_past (LOOM_FRAMES_PANE (self->frames),
                              loom_capture_get_links (self->recent), fifo);
  loom_frames_pane_grab_focus (LOOM_FRAMES_PANE (self->frames));
}

static const GActionEntry entries[] = {
    {"keep-recent", NULL, NULL, "false", on_keep_changed},
    {"recent-seconds", NULL, "i", "30", on_number_changed},
    {"recent-mib", NULL, "i", "16", on_number_changed},
    {"save-recent", on_save_activated},
    {"show-recent", on_show_activated},
};

static void
restore_number (LoomWindow *self, const char *name, int fallback, int min, int max)
{
  g_simple_action_set_state (
      get_action (self, name),
      g_variant_new_int32 (loom_settings_get_int (self->settings, name, fallback, min, max)));
}

void
loom_window_add_recent_actions (LoomWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  restore_number (self, "recent-seconds", LOOM_RECENT_SECONDS, LOOM_RECENT_SECONDS_MIN,
                  LOOM_RECENT_SECONDS_MAX);
  restore_number (self, "recent-mib", LOOM_RECENT_MIB, LOOM_RECENT_MIB_MIN, LOOM_RECENT_MIB_MAX);
  g_signal_connect_object (self->document, "replaced", G_CALLBACK (on_replaced), self, 0);
  on_replaced (self->document, self);
  update (self);
}

void
loom_window_drop_recent (LoomWindow *self)
{
  if (self->recent == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->recent, self);
  loom_capture_stop (self->recent);
  g_clear_object (&self->recent);
}
