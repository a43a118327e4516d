/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Copy, cut, paste and duplicate of nodes. What goes over the clipboard is the text of a project
 * file: it pastes into another window, and into a mail. */

#include "gui/window-private.h"

#include <glib/gi18n-lib.h>

#include <string.h>

#include "canvas/model/edit.h"
#include "canvas/model/writer.h"

#define STEP_PX 80
#define MAX_STEPS 50

static gboolean
is_taken (LoomLab *lab, double x, double y)
{
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);

  for (guint i = 0; i < nodes->len; i++) {
    const LoomNode *node = nodes->pdata[i];

    if (ABS (node->x - x) < STEP_PX / 2 && ABS (node->y - y) < STEP_PX / 2)
      return TRUE;
  }
  return FALSE;
}

/* How far from the originals the copies stand, so that they lie on nothing. */
static double
find_offset (LoomLab *lab, LoomLab *source)
{
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (source);
  const LoomNode *first = nodes->pdata[0];
  int step = 0;

  while (step < MAX_STEPS && is_taken (lab, first->x + step * STEP_PX, first->y + step * STEP_PX))
    step++;
  return step * STEP_PX;
}

/* The names that are in the lab now and were not among @before. */
static char **
list_new_nodes (LoomLab *lab, GHashTable *before)
{
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < nodes->len; i++) {
    const LoomNode *node = nodes->pdata[i];

    if (!g_hash_table_contains (before, node->name))
      g_ptr_array_add (names, g_strdup (node->name));
  }
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_steal (names, NULL);
}

static void
paste_lab (LoomWindow *self, LoomLab *source)
{
  LoomLab *lab = loom_document_get_lab (self->document);
  g_autoptr (GHashTable) before = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) nodes = loom_lab_list_nodes (lab);
  g_autoptr (GError) error = NULL;
  g_autoptr (LoomChange) change = NULL;
  double offset;

  if (loom_lab_get_n_nodes (source) == 0)
    return;
  for (guint i = 0; i < nodes->len; i++)
    g_hash_table_add (before, g_strdup (((const LoomNode *) nodes->pdata[i])->name));
  offset = find_offset (lab, source);
  change = loom_edit_paste (lab, source, offset, offset, &error);
  loom_history_break (loom_document_get_history (self->document));
  if (change == NULL) {
    loom_window_say (self, error->message);
    return;
  }
  loom_history_do (loom_document_get_history (self->document), change, NULL);
  {
    g_auto (GStrv) names = list_new_nodes (lab, before);
    g_autofree char *list = g_strjoinv (", ", names);
    g_autofree char *text = g_strdup_printf (_ ("Pasted %s."), list);

    loom_canvas_select (self->canvas, (const char *const *) names, NULL);
    loom_window_say (self, text);
  }
}

/* (transfer full) (nullable): the nodes that are selected, with the cables among them. */
static LoomLab *
copy_selection (LoomWindow *self)
{
  g_auto (GStrv) names = loom_canvas_dup_selected_nodes (self->canvas);

  return names[0] != NULL ? loom_edit_copy_part (loom_document_get_lab (self->document),
                                                 (const char *const *) names)
                          : NULL;
}

gboolean
loom_window_copy (LoomWindow *self)
{
  GtkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self), GDK_SELECTION_CLIPBOARD);
  g_autoptr (LoomLab) part = copy_selection (self);
  g_autofree char *text = NULL;
  g_autofree char *said = NULL;
  guint n_nodes;
  gsize size;

  if (part == NULL)
    return FALSE;
  text = loom_writer_write (part, &size);
  if (size > LOOM_READER_MAX_SIZE_BYTES)
    return FALSE;
  gtk_clipboard_set_text (clipboard, text, (int) size);
  /* It may be pasted after this program has ended. */
  gtk_clipboard_set_can_store (clipboard, NULL, 0);
  n_nodes = loom_lab_get_n_nodes (part);
  said = g_strdup_printf (ngettext ("Copied %u node.", "Copied %u nodes.", n_nodes), n_nodes);
  loom_window_say (self, said);
  return TRUE;
}

static void
on_text_received (GtkClipboard *clipboard, const char *text, gpointer user_data)
{
  g_autoptr (LoomWindow) self = user_data;
  gsize size = text != NULL ? strlen (text) : 0;
  g_autoptr (LoomLab) source = NULL;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (size > 0 && size <= LOOM_READER_MAX_SIZE_BYTES)
    source = loom_reader_read (loom_document_get_catalogue (self->document), text, size, NULL,
                               NULL);
  if (source != NULL)
    paste_lab (self, source);
  else
    loom_window_say (self, _ ("Nothing was pasted: what was copied last is no part of a lab."));
}

void
loom_window_paste (LoomWindow *self)
{
  gtk_clipboard_request_text (gtk_widget_get_clipboard (GTK_WIDGET (self), GDK_SELECTION_CLIPBOARD),
                              on_text_received, g_object_ref (self));
}

void
loom_window_duplicate (LoomWindow *self)
{
  g_autoptr (LoomLab) part = copy_selection (self);

  if (part != NULL)
    paste_lab (self, part);
}
