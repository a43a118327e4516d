/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Why a capture ends. The wire writes one line into the pipe of whoever wants the capture: a
 * reason, a tab, and a sentence (backend/wire/PROTOCOL.md). No engine is needed to read it. */

#include "backend/engine/client-private.h"

#include <gio/gunixinputstream.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_LINE_BYTES 8192
/* The reason for what ended as was asked for. */
#define REASON_LIMIT "limit"

/* The wire's end of the pipe is gone, and with it every capture: those who end by themselves say so
 * first. */
static const char *
get_end_of_wire (LoomClient *self)
{
  gboolean goes_on = (self->state == LOOM_CLIENT_ATTACHED
                      || self->state == LOOM_CLIENT_RECONNECTING)
                     && self->lab_state != LOOM_LAB_STOPPING;

  return goes_on ? _ ("The wire ended: what it held is lost, and captures end here.")
                 : _ ("The lab has ended, and the capture with it.");
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (GBytes)
      line = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  gsize size;
  const char *data;

  if (line == NULL) {
    g_task_return_error (task, error);
    return;
  }
  data = g_bytes_get_data (line, &size);
  g_task_return_pointer (task,
                         size > 0 ? g_strstrip (g_utf8_make_valid (data, (gssize) size))
                                  : g_strdup (get_end_of_wire (g_task_get_source_object (task))),
                         g_free);
}

void
loom_client_hear_capture_end_async (LoomClient *self, GUnixFDList *owner, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  int fd = g_unix_fd_list_peek_fds (owner, NULL)[0];
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (fd, FALSE);

  g_task_set_task_data (task, g_object_ref (owner), g_object_unref);
  g_input_stream_read_bytes_async (stream, MAX_LINE_BYTES, G_PRIORITY_DEFAULT, cancellable, on_read,
                                   task);
}

char *
loom_client_hear_capture_end_finish (LoomClient *self, GAsyncResult *result,
                                     gboolean *ret_was_limit, GError **error)
{
  g_autofree char *line = g_task_propagate_pointer (G_TASK (result), error);
  const char *tab;

  if (line == NULL)
    return NULL;
  *ret_was_limit = g_str_has_prefix (line, REASON_LIMIT "\t");
  tab = strchr (line, '\t');
  return g_strdup (tab != NULL ? tab + 1 : line);
}
