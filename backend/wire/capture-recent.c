/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See capture-recent.h. */

#include "backend/wire/capture-recent.h"

#include <glib/gi18n-lib.h>

static gsize
size_of (const LoomWireRecord *record)
{
  return sizeof *record + record->captured;
}

static void
forget_oldest (LoomWireCaptureRecent *self)
{
  LoomWireRecord *record = g_queue_pop_head (&self->records);

  self->n_bytes -= size_of (record);
  g_free (record);
}

static gboolean
has_too_much (LoomWireCaptureRecent *self, gint64 now_ns)
{
  const LoomWireRecord *oldest = g_queue_peek_head (&self->records);

  if (oldest == NULL)
    return FALSE;
  return self->n_bytes > self->max_bytes
         || (self->max_ns > 0 && now_ns - oldest->time_ns > self->max_ns);
}

void
loom_wire_capture_recent_init (LoomWireCaptureRecent *self, guint64 max_bytes, gint64 max_ns)
{
  *self = (LoomWireCaptureRecent){.max_bytes = max_bytes, .max_ns = max_ns};
}

void
loom_wire_capture_recent_clear (LoomWireCaptureRecent *self)
{
  g_queue_clear_full (&self->records, g_free);
  self->n_bytes = 0;
}

void
loom_wire_capture_recent_add (LoomWireCaptureRecent *self, const LoomWireRecord *record)
{
  g_queue_push_tail (&self->records, g_memdup2 (record, size_of (record)));
  self->n_bytes += size_of (record);
  loom_wire_capture_recent_age (self, record->time_ns);
}

void
loom_wire_capture_recent_age (LoomWireCaptureRecent *self, gint64 now_ns)
{
  while (has_too_much (self, now_ns))
    forget_oldest (self);
}

gboolean
loom_wire_capture_recent_save (LoomWireCaptureRecent *self, const char *path,
                               const LoomWireCaptureFormat *format, GError **error)
{
  LoomWireCaptureFormat one_file = *format;
  LoomWireCaptureFile *file;
  gboolean saved;

  one_file.max_bytes = 0;
  one_file.ring_files = 0;
  file = loom_wire_capture_file_new (path, &one_file);
  saved = loom_wire_capture_file_open (file, error);
  if (!saved && error != NULL && *error == NULL)
    g_set_error (error, LOOM_WIRE_CAPTURE_ERROR, LOOM_WIRE_CAPTURE_ERROR_READER,
                 _ ("Nobody reads “%s” any more."), path);
  for (GList *l = self->records.head; saved && l != NULL; l = l->next)
    saved = loom_wire_capture_file_add (file, l->data, error);
  saved = saved && loom_wire_capture_file_flush (file, error);
  if (saved)
    loom_wire_capture_file_close (file, 0);
  loom_wire_capture_file_free (file);
  return saved;
}
