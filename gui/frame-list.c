/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/frame-list.h"

#include <glib/gi18n-lib.h>

#include "gui/frame-class.h"

/* Rows go in lots: GTK walks through those in sight each time. */
#define TRIM_LOT 100

enum {
  COLUMN_NUMBER,
  COLUMN_TIME,
  COLUMN_WAY,
  COLUMN_SOURCE,
  COLUMN_DESTINATION,
  COLUMN_PROTOCOL,
  COLUMN_LENGTH,
  COLUMN_INFO,
  COLUMN_COLOR,
  N_COLUMNS
};

enum {
  SELECTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _LoomFrameList {
  GtkScrolledWindow parent_instance;

  LoomFrames *frames;
  GtkListStore *store;
  GtkTreeView *view;
  GtkTreeViewColumn *extra[2];
  gint64 first_ns; /* the time that others are told from; or 0 */
  gboolean is_following;
  gboolean is_scrolling; /* by ourselves */
};

G_DEFINE_TYPE (LoomFrameList, loom_frame_list, GTK_TYPE_SCROLLED_WINDOW)

static void
on_row (LoomFrames *frames, guint64 number, const LoomDecodedLine *line, LoomFrameList *self)
{
  const LoomKeptFrame *frame = loom_frame_store_get (loom_frames_get_store (frames), number);
  LoomFrameClass class = loom_frame_classify (frame->octets, frame->size);
  g_autofree char *way = loom_frames_dup_way (frames, frame);
  g_autofree char *time = NULL;

  if (self->first_ns == 0)
    self->first_ns = frame->time_ns;
  time = g_strdup_printf ("%.6f", (double) (frame->time_ns - self->first_ns) / 1e9);
  gtk_list_store_insert_with_values (
      self->store, NULL, -1, COLUMN_NUMBER, number, COLUMN_TIME, time, COLUMN_WAY, way,
      COLUMN_SOURCE, line->source, COLUMN_DESTINATION, line->destination, COLUMN_PROTOCOL,
      line->protocol, COLUMN_LENGTH, frame->length, COLUMN_INFO, line->info, COLUMN_COLOR,
      loom_frame_class_get_color (class), -1);
  loom_frame_list_trim (self);
}

static void
on_cleared (LoomFrames *frames, LoomFrameList *self)
{
  gtk_list_store_clear (self->store);
  self->first_ns = 0;
  self->is_following = TRUE;
}

/* --- following ------------------------------------------------------------------------------- */

static void
on_scrolled (GtkAdjustment *adjustment, LoomFrameList *self)
{
  double end = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);

  if (!self->is_scrolling)
    self->is_following = gtk_adjustment_get_value (adjustment) >= end - 4;
}

/* There are more rows, or less room. */
static void
on_room_changed (GtkAdjustment *adjustment, LoomFrameList *self)
{
  if (!self->is_following)
    return;
  self->is_scrolling = TRUE;
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment)
                                            - gtk_adjustment_get_page_size (adjustment));
  self->is_scrolling = FALSE;
}

/* --- selection ------------------------------------------------------------------------------- */

static void
on_selection_changed (GtkTreeSelection *selection, LoomFrameList *self)
{
  GtkTreeIter iter;
  guint64 number = 0;

  if (gtk_tree_selection_get_selected (selection, NULL, &iter))
    gtk_tree_model_get (GTK_TREE_MODEL (self->store), &iter, COLUMN_NUMBER, &number, -1);
  g_signal_emit (self, signals[SELECTED], 0, number);
}

/* --- building -------------------------------------------------------------------------------- */

static GtkTreeViewColumn *
add_column (LoomFrameList *self, const char *title, int column, int width)
{
  GtkCellRenderer *cell = gtk_cell_renderer_text_new ();
  GtkTreeViewColumn *added = gtk_tree_view_column_new_with_attributes (title, cell, "text", column,
                                                                       NULL);

  g_object_set (cell, "ellipsize", PANGO_ELLIPSIZE_END, "ypad", 2, NULL);
  if (column == COLUMN_PROTOCOL) {
    gtk_tree_view_column_add_attribute (added, cell, "background", COLUMN_COLOR);
    g_object_set (cell, "foreground", "white", "xpad", 8, "xalign", 0.5, NULL);
  }
  if (column == COLUMN_TIME || column == COLUMN_LENGTH) {
    g_object_set (cell, "xalign", 1.0, NULL);
    gtk_tree_view_column_set_alignment (added, 1.0f);
  }
  gtk_tree_view_column_set_sizing (added, GTK_TREE_VIEW_COLUMN_FIXED);
  gtk_tree_view_column_set_fixed_width (added, width);
  gtk_tree_view_column_set_resizable (added, TRUE);
  gtk_tree_view_column_set_expand (added, column == COLUMN_INFO);
  gtk_tree_view_append_column (self->view, added);
  return added;
}

static void
loom_frame_list_destroy (GtkWidget *widget)
{
  LoomFrameList *self = LOOM_FRAME_LIST (widget);

  if (self->frames != NULL)
    g_signal_handlers_disconnect_by_data (self->frames, self);
  g_clear_object (&self->frames);
  GTK_WIDGET_CLASS (loom_frame_list_parent_class)->destroy (widget);
}

static void
loom_frame_list_finalize (GObject *object)
{
  g_object_unref (LOOM_FRAME_LIST (object)->store);
  G_OBJECT_CLASS (loom_frame_list_parent_class)->finalize (object);
}

static void
loom_frame_list_class_init (LoomFrameListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = loom_frame_list_finalize;
  GTK_WIDGET_CLASS (klass)->destroy = loom_frame_list_destroy;
  signals[SELECTED] = g_signal_new ("selected", LOOM_TYPE_FRAME_LIST, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT64);
}

static void
loom_frame_list_init (LoomFrameList *self)
{
  self->is_following = TRUE;
  self->store = gtk_list_store_new (N_COLUMNS, G_TYPE_UINT64, G_TYPE_STRING, G_TYPE_STRING,
                                    G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_UINT,
                                    G_TYPE_STRING, G_TYPE_STRING);
  self->view = GTK_TREE_VIEW (gtk_tree_view_new_with_model (GTK_TREE_MODEL (self->store)));
  add_column (self, _ ("Time"), COLUMN_TIME, 86);
  add_column (self, _ ("Way"), COLUMN_WAY, 110);
  add_column (self, _ ("Protocol"), COLUMN_PROTOCOL, 90);
  add_column (self, _ ("What It Says"), COLUMN_INFO, 120);
  self->extra[0] = add_column (self, _ ("Source"), COLUMN_SOURCE, 130);
  self->extra[1] = add_column (self, _ ("Destination"), COLUMN_DESTINATION, 130);
  add_column (self, _ ("Bytes"), COLUMN_LENGTH, 56);
  gtk_tree_view_set_fixed_height_mode (self->view, TRUE);
  gtk_tree_view_set_enable_search (self->view, FALSE);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->view)), _ ("Frames"));
}

static void
build (LoomFrameList *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self));

  gtk_container_add (GTK_CONTAINER (self), GTK_WIDGET (self->view));
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (self->view)),
                               "loom-frames");
  g_signal_connect (adjustment, "value-changed", G_CALLBACK (on_scrolled), self);
  g_signal_connect (adjustment, "changed", G_CALLBACK (on_room_changed), self);
  g_signal_connect (gtk_tree_view_get_selection (self->view), "changed",
                    G_CALLBACK (on_selection_changed), self);
}

GtkWidget *
loom_frame_list_new (LoomFrames *frames)
{
  LoomFrameList *self = g_object_new (LOOM_TYPE_FRAME_LIST, NULL);

  self->frames = g_object_ref (frames);
  build (self);
  g_signal_connect (frames, "row", G_CALLBACK (on_row), self);
  g_signal_connect (frames, "cleared", G_CALLBACK (on_cleared), self);
  return GTK_WIDGET (self);
}

static guint64
get_first_number (LoomFrameList *self, GtkTreeIter *ret_iter)
{
  guint64 number = G_MAXUINT64;

  if (gtk_tree_model_get_iter_first (GTK_TREE_MODEL (self->store), ret_iter))
    gtk_tree_model_get (GTK_TREE_MODEL (self->store), ret_iter, COLUMN_NUMBER, &number, -1);
  return number;
}

void
loom_frame_list_trim (LoomFrameList *self)
{
  guint64 oldest = loom_frame_store_get_oldest (loom_frames_get_store (self->frames));
  GtkTreeIter iter;

  if (oldest < TRIM_LOT || get_first_number (self, &iter) > oldest - TRIM_LOT)
    return;
  while (get_first_number (self, &iter) < oldest)
    gtk_list_store_remove (self->store, &iter);
}

void
loom_frame_list_set_compact (LoomFrameList *self, gboolean compact)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->extra); i++)
    gtk_tree_view_column_set_visible (self->extra[i], !compact);
}

char *
loom_frame_list_dup_selected (LoomFrameList *self)
{
  GtkTreeIter iter;
  g_autofree char *time = NULL;
  g_autofree char *way = NULL;
  g_autofree char *protocol = NULL;
  g_autofree char *info = NULL;

  if (!gtk_tree_selection_get_selected (gtk_tree_view_get_selection (self->view), NULL, &iter))
    return NULL;
  gtk_tree_model_get (GTK_TREE_MODEL (self->store), &iter, COLUMN_TIME, &time, COLUMN_WAY, &way,
                      COLUMN_PROTOCOL, &protocol, COLUMN_INFO, &info, -1);
  return g_strdup_printf ("%s\t%s\t%s\t%s", time, way, protocol, info);
}

void
loom_frame_list_grab_focus (LoomFrameList *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

guint
loom_frame_list_get_n_rows (LoomFrameList *self)
{
  return (guint) gtk_tree_model_iter_n_children (GTK_TREE_MODEL (self->store), NULL);
}
