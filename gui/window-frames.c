/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is done with the frames of the selected cable: they are held, in a window of their own, or
 * captured, live into Wireshark or to a file. A capture has a notice as long as it goes on. */

#include "gui/window-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/engine/engine-dbus.h"
#include "gui/hold-window.h"

#define NOTICE_PREFIX "capture:"
#define VIEWER "wireshark"

/* A capture that goes on. It lives until it has been stopped. */
typedef struct {
  gatomicrefcount ref_count;
  LoomWindow *window; /* weak; NULL when it is gone */
  LoomDBusEngine *proxy;
  char *id;
  char *link;
  char *path;
  gboolean is_pipe;
  int pipe_fd; /* keeps the pipe open until the viewer is there; or -1 */
  GSubprocess *viewer;
  gboolean is_over;
} Capture;

static Capture *
capture_ref (Capture *capture)
{
  g_atomic_ref_count_inc (&capture->ref_count);
  return capture;
}

static void
capture_unref (gpointer data)
{
  Capture *capture = data;

  if (!g_atomic_ref_count_dec (&capture->ref_count))
    return;
  g_clear_weak_pointer (&capture->window);
  if (capture->pipe_fd >= 0)
    close (capture->pipe_fd);
  if (capture->is_pipe)
    g_unlink (capture->path);
  g_clear_object (&capture->viewer);
  g_object_unref (capture->proxy);
  g_free (capture->id);
  g_free (capture->link);
  g_free (capture->path);
  g_free (capture);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Capture, capture_unref)

static char *
dup_notice_id (const Capture *capture)
{
  return g_strconcat (NOTICE_PREFIX, capture->id, NULL);
}

/* @detail: (nullable) why, if it did not end as asked. */
static void
finish (Capture *capture, const char *detail)
{
  g_autofree char *notice = dup_notice_id (capture);
  /* Translators: a cable, "pc1:0 pc2:0" */
  g_autofree char *title = g_strdup_printf (_ ("The capture of %s ended."), capture->link);

  if (capture->is_over)
    return;
  capture->is_over = TRUE;
  g_signal_handlers_disconnect_by_data (capture->proxy, capture);
  if (capture->window != NULL) {
    loom_notices_remove (capture->window->notices, notice);
    if (detail != NULL && detail[0] != '\0')
      loom_window_report (capture->window, notice, title, detail);
  }
  capture_unref (capture);
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Capture) capture = user_data;
  g_autoptr (GError) error = NULL;
  guint64 frames, dropped, bytes;

  if (!loom_dbus_engine_call_stop_capture_finish (LOOM_DBUS_ENGINE (source), &frames, &dropped,
                                                  &bytes, result, &error)) {
    loom_engine_error_strip (error);
    finish (capture, error->message);
    return;
  }
  if (capture->window != NULL && !capture->is_over) {
    g_autofree char *n_frames = g_strdup_printf ("%" G_GUINT64_FORMAT, frames);
    g_autofree char *n_dropped = g_strdup_printf ("%" G_GUINT64_FORMAT, dropped);
    g_autofree char *text = dropped > 0
                                ? g_strdup_printf (_ ("Captured %s frames; %s more could not be "
                                                      "written in time."),
                                                   n_frames, n_dropped)
                                : g_strdup_printf (_ ("Captured %s frames."), n_frames);
    loom_window_say (capture->window, text);
  }
  finish (capture, NULL);
}

static void
stop (Capture *capture)
{
  if (!capture->is_over)
    loom_dbus_engine_call_stop_capture (capture->proxy, capture->id, NULL, on_stopped,
                                        capture_ref (capture));
}

static void
on_answer (int button, gpointer user_data)
{
  stop (user_data);
}

static void
on_viewer_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Capture) capture = user_data;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  stop (capture);
}

static void
on_capture_ended (LoomDBusEngine *proxy, const char *id, const char *reason, gpointer user_data)
{
  Capture *capture = user_data;

  if (g_str_equal (id, capture->id))
    finish (capture, reason);
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Capture) capture = user_data;
  const char *const buttons[] = {_ ("_Stop Capturing"), NULL};
  g_autoptr (GError) error = NULL;

  if (!loom_dbus_engine_call_start_capture_finish (LOOM_DBUS_ENGINE (source), result, &error)) {
    loom_engine_error_strip (error);
    if (capture->viewer != NULL)
      g_subprocess_force_exit (capture->viewer);
    finish (capture, error->message);
    return;
  }
  if (capture->window == NULL) {
    stop (capture);
    return;
  }
  g_autofree char *notice = dup_notice_id (capture);
  g_autofree char *title = capture->is_pipe
                               ? g_strdup_printf (_ ("Capturing %s into Wireshark."), capture->link)
                               : g_strdup_printf (_ ("Capturing %s to “%s”."), capture->link,
                                                  capture->path);
  loom_notices_add (capture->window->notices, notice, GTK_MESSAGE_INFO, title, NULL, buttons,
                    on_answer, capture_ref (capture), capture_unref);
}

static void
start (Capture *capture)
{
  g_auto (GStrv) ends = g_strsplit (capture->link, " ", 2);
  /* One end sees both directions. */
  const char *const first[] = {ends[0], NULL};
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_signal_connect (capture->proxy, "capture-ended", G_CALLBACK (on_capture_ended), capture);
  loom_dbus_engine_call_start_capture (capture->proxy, capture->id, first, capture->path,
                                       g_variant_builder_end (&options), NULL, on_started,
                                       capture_ref (capture));
}

/* (transfer full): not begun yet. @path: (transfer full). */
static Capture *
new_capture (LoomWindow *self, const char *link, char *path)
{
  static guint n_captures;
  Capture *capture = g_new0 (Capture, 1);

  g_atomic_ref_count_init (&capture->ref_count);
  g_set_weak_pointer (&capture->window, self);
  capture->proxy = g_object_ref (loom_client_get_proxy (loom_session_get_client (self->session)));
  capture->id = g_strdup_printf ("window-%d-%u", (int) getpid (), ++n_captures);
  capture->link = g_strdup (link);
  capture->path = path;
  capture->pipe_fd = -1;
  return capture;
}

/* Opened for both, a pipe has a reader from the start, and the wire need not wait for one. */
static gboolean
open_pipe (Capture *capture, GError **error)
{
  capture->is_pipe = TRUE;
  if (mkfifo (capture->path, 0600) == 0)
    capture->pipe_fd = open (capture->path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (capture->pipe_fd >= 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", capture->path,
               g_strerror (errno));
  return FALSE;
}

static void
capture_live (LoomWindow *self, const char *link)
{
  LoomClient *client = loom_session_get_client (self->session);
  g_autofree char *name = g_strdup_printf ("capture-%d-%" G_GINT64_FORMAT ".pipe", (int) getpid (),
                                           g_get_monotonic_time ());
  Capture *capture = new_capture (
      self, link, g_build_filename (loom_client_get_runtime_dir (client), name, NULL));
  g_autoptr (GError) error = NULL;

  if (open_pipe (capture, &error))
    capture->viewer = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE
                                            | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                                        &error, VIEWER, "-k", "-i", capture->path, NULL);
  if (capture->viewer == NULL) {
    finish (capture, error->message);
    return;
  }
  g_subprocess_wait_async (capture->viewer, NULL, on_viewer_ended, capture_ref (capture));
  start (capture);
}

static void
on_file_chosen (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  LoomWindow *self = user_data;
  g_autofree char *path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (dialog));
  const char *link = g_object_get_data (G_OBJECT (dialog), "link");

  if (response == GTK_RESPONSE_ACCEPT && path != NULL
      && loom_session_get_client (self->session) != NULL)
    start (new_capture (self, link, g_steal_pointer (&path)));
  g_object_unref (dialog);
}

static void
capture_to_file (LoomWindow *self, const char *link)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ ("Capture to a File"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Capture"),
      _ ("_Cancel"));
  g_autofree char *name = g_strconcat (link, ".pcapng", NULL);

  g_strdelimit (name, " :", '-');
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (dialog), TRUE);
  g_object_set_data_full (G_OBJECT (dialog), "link", g_strdup (link), g_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_file_chosen), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* (transfer full) (nullable): the only cable that is selected; says so when there is none, or when
 * no lab runs. */
static char *
dup_link (LoomWindow *self)
{
  g_auto (GStrv) links = loom_canvas_dup_selected_links (self->canvas);

  if (g_strv_length (links) != 1) {
    loom_window_say (self, _ ("Select one cable first."));
    return NULL;
  }
  if (loom_session_get_client (self->session) == NULL
      || loom_client_get_proxy (loom_session_get_client (self->session)) == NULL) {
    loom_window_say (self, _ ("Start the lab first: there are no frames yet."));
    return NULL;
  }
  return g_strdup (links[0]);
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

static void
on_hold_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  LoomWindow *self = user_data;
  g_autofree char *link = dup_link (self);
  if (link == NULL)
    return;

  LoomHoldWindow *window = find_hold_window (self, link);
  if (window == NULL) {
    window = LOOM_HOLD_WINDOW (loom_hold_window_new (self->session, link));
    gtk_window_set_transient_for (GTK_WINDOW (window), GTK_WINDOW (self));
    gtk_window_set_destroy_with_parent (GTK_WINDOW (window), TRUE);
  }
  gtk_window_present (GTK_WINDOW (window));
}

static void
on_capture_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autofree char *viewer = g_find_program_in_path (VIEWER);
  g_autofree char *link = dup_link (user_data);
  if (link == NULL)
    return;

  if (viewer != NULL) {
    capture_live (user_data, link);
  } else {
    loom_window_say (user_data, _ ("Wireshark is not installed: the capture goes to a file."));
    capture_to_file (user_data, link);
  }
}

static void
on_capture_file_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autofree char *link = dup_link (user_data);

  if (link != NULL)
    capture_to_file (user_data, link);
}

static const GActionEntry entries[] = {
    {"hold", on_hold_activated},
    {"capture", on_capture_activated},
    {"capture-file", on_capture_file_activated},
};

void
loom_window_add_frame_actions (LoomWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}
