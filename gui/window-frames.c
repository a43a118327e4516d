/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is done with the frames of the selected cables: they are listed in the pane "Frames", held
 * in a window of their own, or captured, live into Wireshark or to a file. A capture has a notice
 * as long as it goes on. */

#include "gui/window-private.h"

#include <glib/gi18n-lib.h>

#include "gui/capture.h"
#include "gui/frames-pane.h"
#include "gui/hold-window.h"
#include "gui/words.h"

#define NOTICE_PREFIX "capture:"
#define NOTICE_VIEWER "viewer"
#define VIEWER "wireshark"
#define DECODER "tshark"
/* Of one capture, as the engine has it. */
#define MAX_LINKS 64

/* What there is instead of Wireshark. */
typedef struct {
  LoomWindow *window; /* whose notice it is */
  GStrv links;        /* to capture; or NULL: what is listed is saved */
} Offer;

/* What the window knows of a capture that goes on. */
typedef struct {
  LoomWindow *window; /* weak; NULL when it is gone */
  LoomCapture *capture;
  char *title;         /* of its cables */
  GSubprocess *viewer; /* or NULL */
  gboolean has_notice;
} Watch;

/* --- which cables ---------------------------------------------------------------------------- */

/* "pc1:0 pc2:0", or how many there are. (transfer full) */
static char *
dup_title (const char *const *links)
{
  guint n = g_strv_length ((char **) links);

  return n == 1 ? g_strdup (links[0])
                /* Translators: what is captured */
                : g_strdup_printf (ngettext ("%u cable", "%u cables", n), n);
}

static void
add_id (GPtrArray *ids, const LoomLink *link)
{
  g_autofree char *id = loom_link_dup_id (link);

  if (ids->len < MAX_LINKS && !g_ptr_array_find_with_equal_func (ids, id, g_str_equal, NULL))
    g_ptr_array_add (ids, g_steal_pointer (&id));
}

GStrv
loom_window_dup_links (LoomWindow *self, gboolean or_all)
{
  LoomLab *lab = loom_document_get_lab (self->document);
  g_auto (GStrv) links = loom_canvas_dup_selected_links (self->canvas);
  g_auto (GStrv) nodes = loom_canvas_dup_selected_nodes (self->canvas);
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);
  gboolean is_selected = links[0] != NULL || nodes[0] != NULL;

  for (guint i = 0; links[i] != NULL; i++)
    add_id (ids, loom_lab_get_link (lab, links[i]));
  for (guint i = 0; links[0] == NULL && nodes[i] != NULL; i++) {
    g_autoptr (GPtrArray) of_node = loom_lab_list_links_of (lab, nodes[i]);

    for (guint j = 0; j < of_node->len; j++)
      add_id (ids, of_node->pdata[j]);
  }
  if (!is_selected && or_all) {
    g_autoptr (GPtrArray) all = loom_lab_list_links (lab);

    for (guint i = 0; i < all->len; i++)
      add_id (ids, all->pdata[i]);
  }
  g_ptr_array_add (ids, NULL);
  return (GStrv) g_ptr_array_free (ids, FALSE);
}

LoomClient *
loom_window_get_live_client (LoomWindow *self)
{
  LoomClient *client = loom_session_get_client (self->session);

  if (client != NULL && loom_client_get_proxy (client) != NULL)
    return client;
  loom_window_say (self, _ ("Start the lab first: there are no frames yet."));
  return NULL;
}

/* (transfer full) (nullable): the cables that are meant; says so when there is none, or when no lab
 * runs. */
static GStrv
dup_live_links (LoomWindow *self)
{
  g_auto (GStrv) links = loom_window_dup_links (self, FALSE);

  if (links[0] == NULL)
    loom_window_say (self, _ ("Select a cable first, or a machine for all of its cables."));
  else if (loom_window_get_live_client (self) != NULL)
    return g_steal_pointer (&links);
  return NULL;
}

/* --- captures that have a notice -------------------------------------------------------------- */

static void
free_watch (Watch *watch)
{
  g_clear_weak_pointer (&watch->window);
  g_clear_object (&watch->viewer);
  g_object_unref (watch->capture);
  g_free (watch->title);
  g_free (watch);
}

static char *
dup_notice_id (LoomCapture *capture)
{
  return g_strdup_printf (NOTICE_PREFIX "%p", (gpointer) capture);
}

static void
on_answer (int button, gpointer user_data)
{
  loom_capture_stop (user_data);
}

static void
show_notice (Watch *watch)
{
  const char *const buttons[] = {_ ("_Stop Capturing"), NULL};
  g_autofree char *id = dup_notice_id (watch->capture);
  g_autofree char *path = loom_words_path (loom_capture_get_path (watch->capture));
  g_autofree char *title = watch->viewer != NULL
                               ? g_strdup_printf (_ ("Capturing %s into Wireshark."), watch->title)
                               : g_strdup_printf (_ ("Capturing %s to “%s”."), watch->title, path);

  watch->has_notice = TRUE;
  loom_notices_add (watch->window->notices, id, GTK_MESSAGE_INFO, title, NULL, buttons, on_answer,
                    g_object_ref (watch->capture), g_object_unref);
}

static void
say_counts (Watch *watch)
{
  guint64 frames, dropped;
  g_autofree char *text = NULL;

  loom_capture_get_counts (watch->capture, &frames, &dropped);
  g_autofree char *n_frames = g_strdup_printf ("%" G_GUINT64_FORMAT, frames);
  g_autofree char *n_dropped = g_strdup_printf ("%" G_GUINT64_FORMAT, dropped);
  text = dropped > 0 ? g_strdup_printf (_ ("Captured %s frames; %s more could not be written in "
                                           "time."),
                                        n_frames, n_dropped)
                     : g_strdup_printf (_ ("Captured %s frames."), n_frames);
  loom_window_say (watch->window, text);
}

/* (transfer full): why it ended, and what there is of it nevertheless. */
static char *
dup_reason (Watch *watch)
{
  const char *error = loom_capture_get_error (watch->capture);
  guint64 frames, dropped;

  loom_capture_get_counts (watch->capture, &frames, &dropped);
  if (watch->viewer != NULL || frames == 0)
    return g_strdup (error);
  g_autofree char *kept = g_strdup_printf (ngettext ("What came before is kept: %u frame.",
                                                     "What came before is kept: %u frames.",
                                                     (gulong) frames),
                                           (guint) frames);
  return g_strconcat (error, " ", kept, NULL);
}

static void
say_end (Watch *watch)
{
  g_autofree char *id = dup_notice_id (watch->capture);
  gboolean went_wrong = loom_capture_get_error (watch->capture) != NULL;
  /* Translators: a cable, "pc1:0 pc2:0", or "3 cables" */
  g_autofree char *title = g_strdup_printf (_ ("The capture of %s ended."), watch->title);

  loom_notices_remove (watch->window->notices, id);
  if (went_wrong) {
    g_autofree char *reason = dup_reason (watch);

    loom_window_report (watch->window, id, title, reason);
  } else if (watch->has_notice) {
    say_counts (watch);
  }
}

static void
on_capture_changed (LoomCapture *capture, Watch *watch)
{
  LoomCaptureState state = loom_capture_get_state (capture);

  if (state == LOOM_CAPTURE_RUNNING && watch->window != NULL)
    show_notice (watch);
  if (state != LOOM_CAPTURE_ENDED)
    return;
  g_signal_handlers_disconnect_by_data (capture, watch);
  if (watch->window != NULL)
    say_end (watch);
  if (watch->viewer != NULL && !watch->has_notice)
    g_subprocess_force_exit (watch->viewer); /* it waits for what never comes */
  free_watch (watch);
}

/* Of @links; not begun yet. It looks after itself once it has begun. */
static Watch *
new_watch (LoomWindow *self, const char *const *links)
{
  Watch *watch = g_new0 (Watch, 1);

  g_set_weak_pointer (&watch->window, self);
  watch->capture = loom_capture_new (loom_session_get_client (self->session), links, "");
  watch->title = dup_title (links);
  g_signal_connect (watch->capture, "changed", G_CALLBACK (on_capture_changed), watch);
  return watch;
}

/* --- into Wireshark --------------------------------------------------------------------------- */

static void
on_viewer_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomCapture) capture = user_data;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  loom_capture_stop (capture);
}

static void
capture_live (LoomWindow *self, const char *const *links)
{
  Watch *watch = new_watch (self, links);
  g_autoptr (LoomCapture) capture = g_object_ref (watch->capture);
  g_autoptr (GError) error = NULL;

  if (!loom_capture_start_pipe (capture, &error)) {
    loom_window_report (self, "capture", _ ("The frames were not captured."), error->message);
    g_signal_handlers_disconnect_by_data (capture, watch);
    free_watch (watch);
    return;
  }
  if (loom_capture_get_state (capture) == LOOM_CAPTURE_ENDED)
    return;
  watch->viewer = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error, VIEWER, "-k",
      "-i", loom_capture_get_path (capture), NULL);
  if (watch->viewer != NULL) {
    g_subprocess_wait_async (watch->viewer, NULL, on_viewer_ended, g_object_ref (capture));
    return;
  }
  loom_window_report (self, "capture", _ ("Wireshark did not start."), error->message);
  loom_capture_stop (capture);
}

/* --- to a file -------------------------------------------------------------------------------- */

static void
on_file_chosen (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  LoomWindow *self = user_data;
  g_autofree char *path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (dialog));
  const char *const *links = g_object_get_data (G_OBJECT (dialog), "links");

  if (response == GTK_RESPONSE_ACCEPT && path != NULL && loom_window_get_live_client (self) != NULL)
    loom_capture_start_file (new_watch (self, links)->capture, path);
  g_object_unref (dialog);
}

static void
capture_to_file (LoomWindow *self, const char *const *links)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ ("Capture to a File"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Capture"),
      _ ("_Cancel"));
  g_autofree char *title = dup_title (links);
  g_autofree char *name = g_strconcat (title, ".pcapng", NULL);

  g_strdelimit (name, " :", '-');
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (dialog), TRUE);
  g_object_set_data_full (G_OBJECT (dialog), "links", g_strdupv ((char **) links),
                          (GDestroyNotify) g_strfreev);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_file_chosen), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
on_offer_answered (int button, gpointer user_data)
{
  Offer *offer = user_data;

  if (button != 0)
    return;
  if (offer->links == NULL)
    loom_frames_pane_save (LOOM_FRAMES_PANE (offer->window->frames));
  else if (loom_window_get_live_client (offer->window) != NULL)
    capture_to_file (offer->window, (const char *const *) offer->links);
}

static void
free_offer (gpointer user_data)
{
  Offer *offer = user_data;

  g_strfreev (offer->links);
  g_free (offer);
}

/* @links: (transfer full) (nullable): see Offer. */
static void
offer_file (LoomWindow *self, const char *sentence, const char *label, GStrv links)
{
  const char *const buttons[] = {label, NULL};
  Offer *offer = g_new0 (Offer, 1);

  offer->window = self;
  offer->links = links;
  loom_window_say (self, sentence);
  loom_notices_add (self->notices, NOTICE_VIEWER, GTK_MESSAGE_WARNING, sentence, NULL, buttons,
                    on_offer_answered, offer, free_offer);
}

/* --- holding ---------------------------------------------------------------------------------- */

/* (transfer full) (nullable): the only cable that is selected. */
static char *
dup_only_link (LoomWindow *self)
{
  g_auto (GStrv) links = loom_canvas_dup_selected_links (self->canvas);

  if (g_strv_length (links) != 1) {
    loom_window_say (self, _ ("Select one cable first."));
    return NULL;
  }
  return loom_window_get_live_client (self) != NULL ? g_strdup (links[0]) : NULL;
}

static LoomHoldWindow *
find_hold_window (LoomWindow *self, const char *link)
{
  GList *windows = gtk_window_list_toplevels ();
  LoomHoldWindow *found = NULL;

  for (GList *l = windows; l != NULL && found == NULL; l = l->next) {
    if (LOOM_IS_HOLD_WINDOW (l->data) && gtk_window_get_transient_for (l->data) == GTK_WINDOW (self)
        && g_str_equal (loom_hold_window_get_link (l->data), link))
      found = l->data;
  }
  g_list_free (windows);
  return found;
}

void
loom_window_show_holds (LoomWindow *self, const char *link)
{
  LoomHoldWindow *window = find_hold_window (self, link);
  if (window == NULL) {
    window = LOOM_HOLD_WINDOW (loom_hold_window_new (self->session, link));
    gtk_window_set_transient_for (GTK_WINDOW (window), GTK_WINDOW (self));
    gtk_window_set_destroy_with_parent (GTK_WINDOW (window), TRUE);
  }
  gtk_window_present (GTK_WINDOW (window));
}

/* --- what menus and keys ask for ---------------------------------------------------------------
 */

static void
on_hold_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autofree char *link = dup_only_link (user_data);

  if (link != NULL)
    loom_window_show_holds (user_data, link);
}

static void
on_capture_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autofree char *viewer = g_find_program_in_path (VIEWER);
  g_auto (GStrv) links = dup_live_links (user_data);

  if (links == NULL)
    return;
  if (viewer != NULL) {
    capture_live (user_data, (const char *const *) links);
    return;
  }
  offer_file (user_data,
              _ ("Wireshark is not installed: the package wireshark has it. Without it, frames can "
                 "go to a file, or be listed here (Ctrl+Shift+F)."),
              _ ("Capture to a _File Instead…"), g_steal_pointer (&links));
}

static void
on_capture_file_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_auto (GStrv) links = dup_live_links (user_data);

  if (links != NULL)
    capture_to_file (user_data, (const char *const *) links);
}

static void
on_list_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LoomWindow *self = user_data;
  g_auto (GStrv) links = dup_live_links (self);

  if (links == NULL)
    return;
  loom_window_show_frames (self);
  loom_frames_pane_start (LOOM_FRAMES_PANE (self->frames), (const char *const *) links);
  loom_frames_pane_grab_focus (LOOM_FRAMES_PANE (self->frames));
}

static const GActionEntry entries[] = {
    {"hold", on_hold_activated},
    {"list-frames", on_list_activated},
    {"capture", on_capture_activated},
    {"capture-file", on_capture_file_activated},
};

static void
on_pane_message (LoomFramesPane *pane, const char *severity, const char *text, LoomWindow *self)
{
  loom_window_say (self, text);
}

/* Of the cables whose frames are listed, whatever is selected now. */
static void
on_pane_wants_file (LoomFramesPane *pane, LoomWindow *self)
{
  const char *const *links = loom_frames_pane_get_links (pane);

  if (links != NULL && loom_window_get_live_client (self) != NULL)
    capture_to_file (self, links);
}

static void
on_viewer_missing (LoomFramesPane *pane, LoomWindow *self)
{
  offer_file (self,
              _ ("Wireshark is not installed: the package wireshark has it. Without it, what is "
                 "listed can be saved to a file."),
              _ ("_Save Frames…"), NULL);
}

static void
on_pane_closed (LoomFramesPane *pane, LoomWindow *self)
{
  loom_window_set_pane_shown (self, "show-frames", FALSE);
  gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
}

GtkWidget *
loom_window_build_frames (LoomWindow *self)
{
  self->frames = loom_frames_pane_new (self->session, DECODER);
  g_signal_connect (self->frames, "message", G_CALLBACK (on_pane_message), self);
  g_signal_connect (self->frames, "wants-file", G_CALLBACK (on_pane_wants_file), self);
  g_signal_connect (self->frames, "viewer-missing", G_CALLBACK (on_viewer_missing), self);
  g_signal_connect (self->frames, "closed", G_CALLBACK (on_pane_closed), self);
  return self->frames;
}

void
loom_window_add_frame_actions (LoomWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  loom_window_add_recent_actions (self);
}
