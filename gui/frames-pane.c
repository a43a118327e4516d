/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pane: its bar above, rows and details beside each other, a line of counts below.
 * What it shows is LoomFrames; what it does to the lab is one LoomCapture at a time. */

#include "gui/frames-pane.h"

#include <glib/gi18n-lib.h>

#include "gui/capture.h"
#include "gui/frame-details.h"
#include "gui/frame-feed.h"
#include "gui/frame-list.h"
#include "gui/frames-bar.h"
#include "gui/frames-export.h"
#include "gui/frames-viewer.h"
#include "gui/frames-words.h"

#define COUNT_MS 250
#define DETAILS_WIDTH 400

enum {
  MESSAGE,
  WANTS_FILE,
  VIEWER_MISSING,
  CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _LoomFramesPane {
  GtkBox parent_instance;

  LoomSession *session;
  LoomFrames *frames;
  GStrv links;
  LoomCapture *capture; /* the last one; or NULL */
  LoomFifo *fifo;       /* of what passed before; or NULL */
  LoomFrameFeed *feed;  /* while something is read; or NULL */
  gboolean start_again; /* when the capture has ended */
  char *trouble;        /* why it does not go on; or NULL */
  guint count_source;

  LoomFramesBar *bar;
  LoomFrameList *list;
  GtkWidget *details;
  GtkLabel *counts;
  GtkWidget *advice;
};

G_DEFINE_TYPE (LoomFramesPane, loom_frames_pane, GTK_TYPE_BOX)

static gboolean
is_running (LoomFramesPane *self)
{
  LoomCaptureState state = self->capture != NULL ? loom_capture_get_state (self->capture)
                                                 : LOOM_CAPTURE_NEW;

  return state == LOOM_CAPTURE_STARTING || state == LOOM_CAPTURE_RUNNING;
}

/* --- what it says ---------------------------------------------------------------------------- */

/* (transfer full): what is wrong, what goes on, or how much there is. */
static char *
dup_status (LoomFramesPane *self)
{
  gboolean is_filtered = loom_frames_bar_get_show_only (self->bar)[0] != '\0';
  g_autofree char *counts = loom_frames_words_counts (self->frames, is_filtered,
                                                      loom_frame_list_get_n_rows (self->list));
  g_autofree char *wrong = loom_frames_words_wrong (self->frames);

  if (self->links == NULL)
    return g_strdup (_ ("Nothing is listed. Select a cable or a machine, and press Ctrl+Shift+F."));
  if (self->trouble != NULL)
    return g_strconcat (self->trouble, " ", counts, NULL);
  if (self->capture != NULL && loom_capture_get_state (self->capture) == LOOM_CAPTURE_STARTING)
    return g_strdup (_ ("A moment…"));
  if (loom_frames_get_filter_error (self->frames) != NULL)
    return g_steal_pointer (&wrong);
  if (wrong != NULL)
    return g_strconcat (counts, " ", wrong, NULL);
  return g_steal_pointer (&counts);
}

static void
update_run (LoomFramesPane *self)
{
  gboolean running = is_running (self);

  loom_frames_bar_set_running (
      self->bar, running,
      running || (self->links != NULL && loom_session_get_client (self->session) != NULL));
}

static void
set_counts (LoomFramesPane *self, const char *text, gboolean is_bad)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self->counts));

  gtk_label_set_text (self->counts, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->counts), text);
  if (is_bad)
    gtk_style_context_add_class (style, "loom-bad");
  else
    gtk_style_context_remove_class (style, "loom-bad");
}

static void
update (LoomFramesPane *self)
{
  g_autofree char *status = dup_status (self);
  gboolean bad_filter = loom_frames_get_filter_error (self->frames) != NULL;
  gboolean missing = loom_frames_is_decoder_missing (self->frames);
  guint64 all, forgotten, untold;

  loom_frames_count (self->frames, &all, &forgotten, &untold);
  update_run (self);
  set_counts (self, status, bad_filter || self->trouble != NULL);
  gtk_widget_set_visible (self->advice, missing);
  loom_frames_bar_set_show_only_state (
      self->bar, loom_frames_get_decoder_error (self->frames) == NULL, bad_filter);
  loom_frames_bar_set_has_frames (self->bar, all > 0);
}

static gboolean
on_count_due (gpointer user_data)
{
  LoomFramesPane *self = user_data;

  self->count_source = 0;
  loom_frame_list_trim (self->list);
  update (self);
  return G_SOURCE_REMOVE;
}

/* Numbers that change with each frame are told four times a second. */
static void
update_soon (LoomFramesPane *self)
{
  if (self->count_source == 0)
    self->count_source = g_timeout_add (COUNT_MS, on_count_due, self);
}

static void
set_trouble (LoomFramesPane *self, const char *why)
{
  g_free (self->trouble);
  self->trouble = g_strdup (why);
}

/* --- capturing ------------------------------------------------------------------------------- */

static void begin (LoomFramesPane *self);

static void
on_broken (const char *why, gpointer user_data)
{
  set_trouble (user_data, why);
  update (user_data);
}

static void
on_capture_ended (LoomFramesPane *self)
{
  const char *error = loom_capture_get_error (self->capture);

  g_clear_pointer (&self->feed, loom_frame_feed_free);
  loom_frames_end (self->frames);
  if (self->start_again) {
    self->start_again = FALSE;
    begin (self);
    return;
  }
  if (error == NULL)
    return;
  set_trouble (self, error);
  /* Of one that never ran, the filter is what may be wrong with it. */
  loom_frames_bar_set_catch_only_bad (
      self->bar, loom_frames_bar_get_catch_only (self->bar)[0] != '\0'
                     && loom_frame_store_get_newest (loom_frames_get_store (self->frames)) == 0);
  g_signal_emit (self, signals[MESSAGE], 0, "warning", error);
}

static void
on_capture_changed (LoomCapture *capture, LoomFramesPane *self)
{
  if (capture != self->capture)
    return;
  if (loom_capture_get_state (capture) == LOOM_CAPTURE_ENDED)
    on_capture_ended (self);
  update (self);
}

static void
drop_capture (LoomFramesPane *self)
{
  g_clear_pointer (&self->feed, loom_frame_feed_free);
  g_clear_pointer (&self->fifo, loom_fifo_free);
  if (self->frames != NULL)
    loom_frames_end (self->frames);
  if (self->capture == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->capture, self);
  loom_capture_stop (self->capture);
  g_clear_object (&self->capture);
}

static void
begin (LoomFramesPane *self)
{
  LoomClient *client = loom_session_get_client (self->session);
  g_autoptr (GError) error = NULL;

  drop_capture (self);
  set_trouble (self, NULL);
  loom_frames_bar_set_catch_only_bad (self->bar, FALSE);
  loom_frames_begin (self->frames, (const char *const *) self->links);
  if (client == NULL)
    return;
  self->capture = loom_capture_new (client, (const char *const *) self->links,
                                    loom_frames_bar_get_catch_only (self->bar));
  g_signal_connect (self->capture, "changed", G_CALLBACK (on_capture_changed), self);
  if (!loom_capture_start_pipe (self->capture, &error))
    set_trouble (self, error->message);
  else if (loom_capture_get_state (self->capture) != LOOM_CAPTURE_ENDED)
    self->feed = loom_frame_feed_new (self->frames, loom_capture_get_fd (self->capture), on_broken,
                                      self);
  update (self);
}

/* --- buttons and filters --------------------------------------------------------------------- */

static void
on_run (LoomFramesBar *bar, LoomFramesPane *self)
{
  if (is_running (self))
    loom_capture_stop (self->capture);
  else if (self->links != NULL)
    begin (self);
}

static void
say_exported (GtkWidget *pane, const char *severity, const char *text)
{
  g_signal_emit (pane, signals[MESSAGE], 0, severity, text);
}

static void
on_clear (LoomFramesBar *bar, LoomFramesPane *self)
{
  loom_frames_clear (self->frames);
}

static void
on_save (LoomFramesBar *bar, LoomFramesPane *self)
{
  loom_frames_pane_save (self);
}

static void
on_viewer_missed (guint64 n_missed, gpointer pane)
{
  g_autofree char *text = g_strdup_printf (
      ngettext ("Wireshark did not keep up: %u frame is missing there.",
                "Wireshark did not keep up: %u frames are missing there.", (gulong) n_missed),
      (guint) n_missed);

  g_signal_emit (pane, signals[MESSAGE], 0, "warning", text);
}

/* What passed before is all there. */
static void
on_view (LoomFramesBar *bar, LoomFramesPane *self)
{
  g_autoptr (GError) error = NULL;

  if (!is_running (self))
    loom_frames_end (self->frames);
  if (loom_frames_viewer_open (self->frames, on_viewer_missed, G_OBJECT (self), &error))
    return;
  if (g_error_matches (error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT))
    g_signal_emit (self, signals[VIEWER_MISSING], 0);
  else
    g_signal_emit (self, signals[MESSAGE], 0, "warning", error->message);
}

static void
on_close (LoomFramesBar *bar, LoomFramesPane *self)
{
  drop_capture (self);
  loom_frames_rest (self->frames);
  update (self);
  g_signal_emit (self, signals[CLOSED], 0);
}

static void
on_advice_clicked (GtkButton *button, LoomFramesPane *self)
{
  g_signal_emit (self, signals[WANTS_FILE], 0);
}

static void
on_show_only (LoomFramesBar *bar, LoomFramesPane *self)
{
  loom_frames_set_filter (self->frames, loom_frames_bar_get_show_only (bar));
}

/* What was caught by another filter is not what was asked for. */
static void
on_catch_only (LoomFramesBar *bar, LoomFramesPane *self)
{
  if (self->links == NULL)
    return;
  if (is_running (self)) {
    self->start_again = TRUE;
    loom_capture_stop (self->capture);
  } else {
    begin (self);
  }
}

/* --- rows ------------------------------------------------------------------------------------ */

static void
on_selected (LoomFrameList *list, guint64 number, LoomFramesPane *self)
{
  gtk_widget_set_visible (self->details, number != 0);
  loom_frame_list_set_compact (list, number != 0);
  loom_frame_details_show (LOOM_FRAME_DETAILS (self->details), number);
}

static void
on_row (LoomFrames *frames, guint64 number, LoomDecodedLine *line, LoomFramesPane *self)
{
  update_soon (self);
}

static void
on_frames_changed (LoomFrames *frames, LoomFramesPane *self)
{
  update (self);
}

static void
on_session_changed (LoomSession *session, LoomFramesPane *self)
{
  update_run (self);
}

/* --- building -------------------------------------------------------------------------------- */

static GtkWidget *
build_bar (LoomFramesPane *self)
{
  GtkWidget *bar = loom_frames_bar_new ();

  self->bar = LOOM_FRAMES_BAR (bar);
  g_signal_connect (bar, "run", G_CALLBACK (on_run), self);
  g_signal_connect (bar, "show-only", G_CALLBACK (on_show_only), self);
  g_signal_connect (bar, "catch-only", G_CALLBACK (on_catch_only), self);
  g_signal_connect (bar, "clear", G_CALLBACK (on_clear), self);
  g_signal_connect (bar, "save", G_CALLBACK (on_save), self);
  g_signal_connect (bar, "view", G_CALLBACK (on_view), self);
  g_signal_connect (bar, "close", G_CALLBACK (on_close), self);
  return bar;
}

static GtkWidget *
build_rows (LoomFramesPane *self)
{
  GtkWidget *paned = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL);

  self->list = LOOM_FRAME_LIST (loom_frame_list_new (self->frames));
  self->details = loom_frame_details_new (self->frames);
  gtk_widget_set_size_request (GTK_WIDGET (self->list), 200, 80);
  gtk_widget_set_size_request (self->details, DETAILS_WIDTH, -1);
  gtk_paned_pack1 (GTK_PANED (paned), GTK_WIDGET (self->list), TRUE, FALSE);
  gtk_paned_pack2 (GTK_PANED (paned), self->details, FALSE, TRUE);
  gtk_widget_show_all (self->details);
  gtk_widget_hide (self->details);
  gtk_widget_set_no_show_all (self->details, TRUE);
  g_signal_connect (self->list, "selected", G_CALLBACK (on_selected), self);
  return paned;
}

static GtkWidget *
build_foot (LoomFramesPane *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->counts = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->counts, 0);
  gtk_label_set_ellipsize (self->counts, PANGO_ELLIPSIZE_END);
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (self->counts)),
                               "loom-note");
  self->advice = gtk_button_new_with_mnemonic (_ ("Capture to a _File Instead…"));
  gtk_widget_set_no_show_all (self->advice, TRUE);
  g_signal_connect (self->advice, "clicked", G_CALLBACK (on_advice_clicked), self);
  gtk_box_pack_start (GTK_BOX (box), GTK_WIDGET (self->counts), TRUE, TRUE, 4);
  gtk_box_pack_start (GTK_BOX (box), self->advice, FALSE, FALSE, 0);
  return box;
}

static void
loom_frames_pane_destroy (GtkWidget *widget)
{
  LoomFramesPane *self = LOOM_FRAMES_PANE (widget);

  g_clear_handle_id (&self->count_source, g_source_remove);
  if (self->frames != NULL)
    g_signal_handlers_disconnect_by_data (self->frames, self);
  drop_capture (self);
  g_clear_object (&self->frames);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  GTK_WIDGET_CLASS (loom_frames_pane_parent_class)->destroy (widget);
}

static void
loom_frames_pane_finalize (GObject *object)
{
  LoomFramesPane *self = LOOM_FRAMES_PANE (object);

  g_strfreev (self->links);
  g_free (self->trouble);
  G_OBJECT_CLASS (loom_frames_pane_parent_class)->finalize (object);
}

static void
loom_frames_pane_class_init (LoomFramesPaneClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = loom_frames_pane_finalize;
  GTK_WIDGET_CLASS (klass)->destroy = loom_frames_pane_destroy;
  signals[MESSAGE] = g_signal_new ("message", LOOM_TYPE_FRAMES_PANE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  signals[WANTS_FILE] = g_signal_new ("wants-file", LOOM_TYPE_FRAMES_PANE, G_SIGNAL_RUN_LAST, 0,
                                      NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[VIEWER_MISSING] = g_signal_new ("viewer-missing", LOOM_TYPE_FRAMES_PANE,
                                          G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[CLOSED] = g_signal_new ("closed", LOOM_TYPE_FRAMES_PANE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
}

static void
loom_frames_pane_init (LoomFramesPane *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 4);
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (self)), "loom-dock");
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)), _ ("Frames"));
  atk_object_set_role (gtk_widget_get_accessible (GTK_WIDGET (self)), ATK_ROLE_PANEL);
}

GtkWidget *
loom_frames_pane_new (LoomSession *session, const char *decoder)
{
  LoomFramesPane *self = g_object_new (LOOM_TYPE_FRAMES_PANE, NULL);

  self->session = g_object_ref (session);
  self->frames = loom_frames_new (decoder);
  gtk_box_pack_start (GTK_BOX (self), build_bar (self), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (self), build_rows (self), TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (self), build_foot (self), FALSE, FALSE, 0);
  g_signal_connect (self->frames, "row", G_CALLBACK (on_row), self);
  g_signal_connect (self->frames, "changed", G_CALLBACK (on_frames_changed), self);
  g_signal_connect (session, "changed", G_CALLBACK (on_session_changed), self);
  update (self);
  return GTK_WIDGET (self);
}

static void
set_links (LoomFramesPane *self, const char *const *links)
{
  GStrv own = g_strdupv ((char **) links); /* @links may be the ones there are */
  g_autofree char *title = NULL;

  g_strfreev (self->links);
  self->links = own;
  title = loom_frames_words_title ((const char *const *) own);
  loom_frames_bar_set_title (self->bar, title);
}

void
loom_frames_pane_start (LoomFramesPane *self, const char *const *links)
{
  set_links (self, links);
  begin (self);
}

void
loom_frames_pane_stop (LoomFramesPane *self)
{
  self->start_again = FALSE;
  if (self->capture != NULL)
    loom_capture_stop (self->capture);
}

void
loom_frames_pane_show_past (LoomFramesPane *self, const char *const *links, LoomFifo *fifo)
{
  set_links (self, links);
  drop_capture (self);
  set_trouble (self, NULL);
  loom_frames_bar_set_catch_only_bad (self->bar, FALSE);
  loom_frames_begin (self->frames, (const char *const *) self->links);
  self->fifo = fifo;
  self->feed = loom_frame_feed_new (self->frames, fifo->fd, on_broken, self);
  update (self);
}

void
loom_frames_pane_save (LoomFramesPane *self)
{
  loom_frames_export_save (self->frames, GTK_WIDGET (self), say_exported);
}

const char *const *
loom_frames_pane_get_links (LoomFramesPane *self)
{
  return (const char *const *) self->links;
}

LoomFrames *
loom_frames_pane_get_frames (LoomFramesPane *self)
{
  return self->frames;
}

void
loom_frames_pane_grab_focus (LoomFramesPane *self)
{
  loom_frame_list_grab_focus (self->list);
}
