/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One frame in detail: a tshark for it alone, which is given all that is kept of what went before,
 * so that it knows the conversation. */

#include "gui/decoder.h"

#include <glib/gi18n-lib.h>

#include "backend/engine/tool.h"
#include "gui/decoded-tree.h"

#define MAX_OUTPUT_BYTES (4u << 20)

typedef struct {
  LoomTool *tool; /* or NULL: it has ended */
  GByteArray *output;
} Detail;

static void
stop (GTask *task)
{
  Detail *detail = g_task_get_task_data (task);

  if (detail->tool == NULL)
    return;
  g_signal_handlers_disconnect_by_data (detail->tool, task);
  loom_tool_stop (detail->tool);
  g_clear_object (&detail->tool);
  g_object_unref (task); /* that of the tool's signals */
}

static void
free_detail (gpointer data)
{
  g_byte_array_unref (((Detail *) data)->output);
  g_free (data);
}

static void
on_output (LoomTool *tool, GBytes *octets, GTask *task)
{
  Detail *detail = g_task_get_task_data (task);

  if (g_task_return_error_if_cancelled (task)) {
    stop (task);
  } else if (detail->output->len + g_bytes_get_size (octets) > MAX_OUTPUT_BYTES) {
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                             _ ("The details of this frame are too long to be shown."));
    stop (task);
  } else {
    g_byte_array_append (detail->output, g_bytes_get_data (octets, NULL),
                         (guint) g_bytes_get_size (octets));
  }
}

static void
on_ended (LoomTool *tool, const char *said, GTask *task)
{
  Detail *detail = g_task_get_task_data (task);
  GError *error = NULL;
  GNode *tree;

  if (said != NULL) {
    /* Translators: what a program complained of */
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("The decoder failed: %s"),
                             said);
  } else {
    tree = loom_decoded_tree_new ((const char *) detail->output->data, detail->output->len, &error);
    if (tree != NULL)
      g_task_return_pointer (task, tree, (GDestroyNotify) loom_decoded_tree_free);
    else
      g_task_return_error (task, error);
  }
  stop (task);
}

void
loom_decoder_detail_async (const char *program, GBytes *file, guint64 n_frames,
                           GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autofree char *filter = g_strdup_printf ("frame.number==%" G_GUINT64_FORMAT, n_frames);
  const char *const argv[] = {program, "-n", "-r", "-", "-Y", filter, "-T", "pdml", NULL};
  Detail *detail = g_new0 (Detail, 1);
  GError *error = NULL;

  detail->output = g_byte_array_new ();
  g_task_set_task_data (task, detail, free_detail);
  detail->tool = loom_tool_new (argv, &error);
  if (detail->tool == NULL) {
    g_task_return_error (task, error);
    return;
  }
  g_object_ref (task);
  g_signal_connect (detail->tool, "output", G_CALLBACK (on_output), task);
  g_signal_connect (detail->tool, "ended", G_CALLBACK (on_ended), task);
  loom_tool_write (detail->tool, file);
  loom_tool_end_input (detail->tool);
}

GNode *
loom_decoder_detail_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
