/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A decoder is started for each frame that is looked at for longer than a moment: who walks through
 * the list by the arrow keys starts none. */

#include "gui/frame-details.h"

#include <glib/gi18n-lib.h>

#include "gui/decoded-tree.h"
#include "gui/decoder.h"
#include "gui/frame-bytes.h"

#define PAUSE_MS 120
#define BYTES_HEIGHT 76 /* four lines */
#define PAGE_TREE "tree"
#define PAGE_WORDS "words"

enum {
  COLUMN_LABEL,
  COLUMN_FIRST,
  COLUMN_SIZE,
  N_COLUMNS
};

struct _LoomFrameDetails {
  GtkPaned parent_instance;

  LoomFrames *frames;
  guint64 number;
  guint pause_source;
  GCancellable *cancellable; /* of what is under way; or NULL */
  GtkStack *stack;
  GtkLabel *words;
  GtkTreeStore *store;
  GtkTreeView *view;
  LoomFrameBytes *bytes;
};

G_DEFINE_TYPE (LoomFrameDetails, loom_frame_details, GTK_TYPE_PANED)

static void
say (LoomFrameDetails *self, const char *text)
{
  gtk_label_set_text (self->words, text);
  gtk_stack_set_visible_child_name (self->stack, PAGE_WORDS);
}

static void
add_items (LoomFrameDetails *self, GNode *parent, GtkTreeIter *parent_iter)
{
  for (GNode *node = parent->children; node != NULL; node = node->next) {
    const LoomDecodedItem *item = node->data;
    GtkTreeIter iter;

    gtk_tree_store_insert_with_values (self->store, &iter, parent_iter, -1, COLUMN_LABEL,
                                       item->label, COLUMN_FIRST, item->first, COLUMN_SIZE,
                                       item->size, -1);
    add_items (self, node, &iter);
  }
}

/* The last layer is what most frames are about. */
static void
open_last_layer (LoomFrameDetails *self)
{
  int n = gtk_tree_model_iter_n_children (GTK_TREE_MODEL (self->store), NULL);
  GtkTreePath *path;

  if (n == 0)
    return;
  path = gtk_tree_path_new_from_indices (n - 1, -1);
  gtk_tree_view_expand_row (self->view, path, FALSE);
  gtk_tree_path_free (path);
}

static void
on_decoded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomFrameDetails) self = user_data;
  g_autoptr (GError) error = NULL;
  GNode *tree = loom_decoder_detail_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->cancellable);
  if (tree == NULL) {
    say (self, error->message);
    return;
  }
  gtk_tree_store_clear (self->store);
  add_items (self, tree, NULL);
  loom_decoded_tree_free (tree);
  open_last_layer (self);
  gtk_stack_set_visible_child_name (self->stack, PAGE_TREE);
}

static gboolean
on_pause_over (gpointer user_data)
{
  LoomFrameDetails *self = user_data;

  self->pause_source = 0;
  self->cancellable = g_cancellable_new ();
  loom_frames_detail_async (self->frames, self->number, self->cancellable, on_decoded,
                            g_object_ref (self));
  return G_SOURCE_REMOVE;
}

static void
give_up (LoomFrameDetails *self)
{
  g_clear_handle_id (&self->pause_source, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static void
on_item_selected (GtkTreeSelection *selection, LoomFrameDetails *self)
{
  GtkTreeIter iter;
  guint first = 0;
  guint size = 0;

  if (gtk_tree_selection_get_selected (selection, NULL, &iter))
    gtk_tree_model_get (GTK_TREE_MODEL (self->store), &iter, COLUMN_FIRST, &first, COLUMN_SIZE,
                        &size, -1);
  loom_frame_bytes_mark (self->bytes, first, size);
}

static void
loom_frame_details_destroy (GtkWidget *widget)
{
  LoomFrameDetails *self = LOOM_FRAME_DETAILS (widget);

  give_up (self);
  g_clear_object (&self->frames);
  GTK_WIDGET_CLASS (loom_frame_details_parent_class)->destroy (widget);
}

static void
loom_frame_details_class_init (LoomFrameDetailsClass *klass)
{
  GTK_WIDGET_CLASS (klass)->destroy = loom_frame_details_destroy;
}

static void
loom_frame_details_init (LoomFrameDetails *self)
{
}

static GtkWidget *
build_tree (LoomFrameDetails *self)
{
  GtkWidget *scroll = gtk_scrolled_window_new (NULL, NULL);
  GtkCellRenderer *cell = gtk_cell_renderer_text_new ();

  self->store = gtk_tree_store_new (N_COLUMNS, G_TYPE_STRING, G_TYPE_UINT, G_TYPE_UINT);
  self->view = GTK_TREE_VIEW (gtk_tree_view_new_with_model (GTK_TREE_MODEL (self->store)));
  g_object_unref (self->store);
  gtk_tree_view_insert_column_with_attributes (self->view, -1, NULL, cell, "text", COLUMN_LABEL,
                                               NULL);
  gtk_tree_view_set_headers_visible (self->view, FALSE);
  gtk_tree_view_set_enable_search (self->view, FALSE);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self->view)),
                       _ ("Details of the Frame"));
  g_signal_connect (gtk_tree_view_get_selection (self->view), "changed",
                    G_CALLBACK (on_item_selected), self);
  gtk_container_add (GTK_CONTAINER (scroll), GTK_WIDGET (self->view));
  return scroll;
}

static GtkWidget *
build_words (LoomFrameDetails *self)
{
  self->words = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_line_wrap (self->words, TRUE);
  gtk_label_set_max_width_chars (self->words, 40);
  return GTK_WIDGET (self->words);
}

GtkWidget *
loom_frame_details_new (LoomFrames *frames)
{
  LoomFrameDetails *self = g_object_new (LOOM_TYPE_FRAME_DETAILS, "orientation",
                                         GTK_ORIENTATION_VERTICAL, NULL);

  self->frames = g_object_ref (frames);
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, build_words (self), PAGE_WORDS);
  gtk_stack_add_named (self->stack, build_tree (self), PAGE_TREE);
  self->bytes = LOOM_FRAME_BYTES (loom_frame_bytes_new ());
  gtk_paned_pack1 (GTK_PANED (self), GTK_WIDGET (self->stack), TRUE, FALSE);
  gtk_paned_pack2 (GTK_PANED (self), GTK_WIDGET (self->bytes), FALSE, FALSE);
  gtk_widget_set_size_request (GTK_WIDGET (self->bytes), -1, BYTES_HEIGHT);
  return GTK_WIDGET (self);
}

void
loom_frame_details_show (LoomFrameDetails *self, guint64 number)
{
  const LoomKeptFrame *frame = loom_frame_store_get (loom_frames_get_store (self->frames), number);

  give_up (self);
  self->number = number;
  gtk_tree_store_clear (self->store);
  loom_frame_bytes_show (self->bytes, frame != NULL ? frame->octets : NULL,
                         frame != NULL ? frame->size : 0);
  if (frame == NULL)
    return;
  if (loom_frames_get_decoder_error (self->frames) != NULL) {
    say (self, loom_frames_is_decoder_missing (self->frames)
                   ? _ ("Details need tshark, of the package of that name.")
                   : loom_frames_get_decoder_error (self->frames));
    return;
  }
  say (self, _ ("Decoding…"));
  self->pause_source = g_timeout_add (PAUSE_MS, on_pause_over, self);
}
