/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What others do to the file of a document: whoever wrote something else there, or took it away, is
 * told of. The file is told apart by an etag of its contents, since a file that is touched, or
 * written as it was, has not changed. */

#include "gui/document-private.h"

#include "backend/engine/atomic-write.h"
#include "canvas/model/writer.h"

#define OUTSIDE_DELAY_MS 400
#define LOOKED_AT G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_SIZE

/* Someone wrote what is drawn here: lanloomctl applied the file, or two windows saved the same. */
static gboolean
is_what_we_have (LoomDocument *self, const char *text, gsize size)
{
  g_autoptr (LoomLab) theirs = loom_reader_read (self->catalogue, text, size, NULL, NULL);
  g_autofree char *their_text = theirs != NULL ? loom_writer_write (theirs, NULL) : NULL;
  g_autofree char *our_text = loom_writer_write (loom_document_get_lab (self), NULL);

  return g_strcmp0 (their_text, our_text) == 0;
}

static gboolean
is_loss (LoomOutside outside)
{
  return outside == LOOM_OUTSIDE_GONE || outside == LOOM_OUTSIDE_NO_LAB;
}

/* What @self knows of its file was @before: tells if it is another now. */
static void
tell (LoomDocument *self, LoomOutside before)
{
  LoomOutside now = loom_document_get_outside (self);

  if (now != before || now == LOOM_OUTSIDE_CHANGED)
    g_signal_emit_by_name (self, "changed-outside");
  if (is_loss (now) != is_loss (before))
    loom_document_update_modified (self);
}

static void
note_lost (LoomDocument *self, LoomOutside how)
{
  LoomOutside before = loom_document_get_outside (self);

  g_clear_pointer (&self->outside_etag, g_free);
  self->lost = how;
  tell (self, before);
}

static void
note_contents (LoomDocument *self, const char *contents, gsize size)
{
  LoomOutside before = loom_document_get_outside (self);
  g_autofree char *etag = loom_atomic_write_etag (contents, size);

  self->lost = LOOM_OUTSIDE_SAME;
  if (self->etag == NULL || g_str_equal (self->etag, etag)) {
    loom_document_set_etag (self, g_steal_pointer (&etag));
  } else if (is_what_we_have (self, contents, size)) {
    loom_document_set_etag (self, g_steal_pointer (&etag));
    self->is_recovered = FALSE;
    loom_history_mark_saved (self->history);
    loom_document_forget_autosave (self);
  } else if (g_strcmp0 (self->outside_etag, etag) != 0) {
    g_free (self->outside_etag);
    self->outside_etag = g_steal_pointer (&etag);
  } else {
    return; /* told of already */
  }
  tell (self, before);
}

static void
on_contents_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomDocument) self = user_data;
  g_autofree char *contents = NULL;
  gsize size;

  if (g_file_load_contents_finish (G_FILE (source), result, &contents, &size, NULL, NULL)
      && !self->is_saving)
    note_contents (self, contents, size);
}

static gboolean
may_be_lab (GFileInfo *info)
{
  return g_file_info_get_file_type (info) == G_FILE_TYPE_REGULAR
         && g_file_info_get_size (info) <= LOOM_READER_MAX_SIZE_BYTES;
}

static void
on_info_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomDocument) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (source), result, &error);

  if (info != NULL && may_be_lab (info))
    g_file_load_contents_async (G_FILE (source), self->look, on_contents_ready,
                                g_object_ref (self));
  else if (info != NULL && !self->is_saving)
    note_lost (self, LOOM_OUTSIDE_NO_LAB);
  else if (!self->is_saving
           && (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)
               || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY)))
    note_lost (self, LOOM_OUTSIDE_GONE);
}

static void
stop_looking (LoomDocument *self)
{
  g_cancellable_cancel (self->look);
  g_clear_object (&self->look);
}

void
loom_document_look_at_file (LoomDocument *self)
{
  g_autoptr (GFile) file = NULL;

  if (self->path == NULL)
    return;
  file = g_file_new_for_path (self->path);
  stop_looking (self);
  self->look = g_cancellable_new ();
  g_file_query_info_async (file, LOOKED_AT, G_FILE_QUERY_INFO_NONE, G_PRIORITY_DEFAULT, self->look,
                           on_info_ready, g_object_ref (self));
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
  stop_looking (self);
  if (self->monitor != NULL)
    g_file_monitor_cancel (self->monitor);
  g_clear_object (&self->monitor);
}

void
loom_document_set_etag (LoomDocument *self, char *etag)
{
  stop_looking (self); /* what it was before is no news */
  g_free (self->etag);
  self->etag = etag;
  g_clear_pointer (&self->outside_etag, g_free);
  self->lost = LOOM_OUTSIDE_SAME;
}

LoomOutside
loom_document_get_outside (LoomDocument *self)
{
  if (is_loss (self->lost))
    return self->lost;
  return self->outside_etag != NULL ? LOOM_OUTSIDE_CHANGED : LOOM_OUTSIDE_SAME;
}

gboolean
loom_document_is_lost (LoomDocument *self)
{
  return is_loss (loom_document_get_outside (self));
}
