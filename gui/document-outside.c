/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What others do to the file of a document: whoever wrote something else there is told of. The file
 * is told apart by an etag of its contents, since a file that is touched, or written as it was, has
 * not changed. */

#include "gui/document-private.h"

#include "backend/engine/atomic-write.h"
#include "canvas/model/writer.h"

#define OUTSIDE_DELAY_MS 400

/* Someone wrote what is drawn here: lanloomctl applied the file, or two windows saved the same. */
static gboolean
is_what_we_have (LoomDocument *self, const char *text, gsize size)
{
  g_autoptr (LoomLab) theirs = loom_reader_read (self->catalogue, text, size, NULL, NULL);
  g_autofree char *their_text = theirs != NULL ? loom_writer_write (theirs, NULL) : NULL;
  g_autofree char *our_text = loom_writer_write (loom_document_get_lab (self), NULL);

  return g_strcmp0 (their_text, our_text) == 0;
}

static void
on_contents_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomDocument) self = user_data;
  g_autofree char *path = g_file_get_path (G_FILE (source));
  g_autofree char *contents = NULL;
  g_autofree char *etag = NULL;
  gsize size;

  if (!g_file_load_contents_finish (G_FILE (source), result, &contents, &size, NULL, NULL)
      || g_strcmp0 (path, self->path) != 0 || self->is_saving)
    return; /* deleted, or another document by now */
  etag = loom_atomic_write_etag (contents, size);
  if (self->etag == NULL) {
    self->etag = g_steal_pointer (&etag);
  } else if (is_what_we_have (self, contents, size)) {
    loom_document_set_etag (self, g_steal_pointer (&etag));
    self->is_recovered = FALSE;
    loom_history_mark_saved (self->history);
    loom_document_forget_autosave (self);
  } else if (!g_str_equal (self->etag, etag) && g_strcmp0 (self->outside_etag, etag) != 0) {
    g_free (self->outside_etag);
    self->outside_etag = g_steal_pointer (&etag);
    g_signal_emit_by_name (self, "changed-outside");
  }
}

static void
on_size_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomDocument) self = user_data;
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (source), result, NULL);

  if (info != NULL && g_file_info_get_size (info) <= LOOM_READER_MAX_SIZE_BYTES)
    g_file_load_contents_async (G_FILE (source), NULL, on_contents_ready, g_object_ref (self));
}

void
loom_document_look_at_file (LoomDocument *self)
{
  g_autoptr (GFile) file = g_file_new_for_path (self->path);

  g_file_query_info_async (file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE,
                           G_PRIORITY_DEFAULT, NULL, on_size_ready, g_object_ref (self));
}

static gboolean
on_outside_due (gpointer user_data)
{
  LoomDocument *self = user_data;

  self->outside_source = 0;
  loom_document_look_at_file (self);
  return G_SOURCE_REMOVE;
}

static void
on_file_changed (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event,
                 LoomDocument *self)
{
  if (self->is_saving)
    return;
  g_clear_handle_id (&self->outside_source, g_source_remove);
  self->outside_source = g_timeout_add (OUTSIDE_DELAY_MS, on_outside_due, self);
}

void
loom_document_watch (LoomDocument *self)
{
  g_autoptr (GFile) file = g_file_new_for_path (self->path);

  self->monitor = g_file_monitor_file (file, G_FILE_MONITOR_NONE, NULL, NULL);
  if (self->monitor != NULL)
    g_signal_connect (self->monitor, "changed", G_CALLBACK (on_file_changed), self);
  if (self->etag == NULL)
    loom_document_look_at_file (self);
}

void
loom_document_unwatch (LoomDocument *self)
{
  g_clear_handle_id (&self->outside_source, g_source_remove);
  if (self->monitor != NULL)
    g_file_monitor_cancel (self->monitor);
  g_clear_object (&self->monitor);
}

void
loom_document_set_etag (LoomDocument *self, char *etag)
{
  g_free (self->etag);
  self->etag = etag;
  g_clear_pointer (&self->outside_etag, g_free);
}
