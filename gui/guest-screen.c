/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See guest-screen.h. Both directions are a command with a pipe; it is over when the pipe is done
 * and the command has ended, in either order. */

#include "gui/guest-screen.h"

#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

/* A head, and four bytes a character. */
#define MAX_READ (16 + LOOM_SCREEN_TEXT_MAX_ROWS * (4 * LOOM_SCREEN_TEXT_MAX_COLUMNS + 1))

typedef struct {
  char *node;
  char *text;            /* to be typed; NULL: the screen is read */
  GOutputStream *screen; /* what was read, in memory */
  int n_waited_for;      /* the pipe and the command */
  int status;            /* of the command */
  gboolean has_failed;   /* and that was said */
} Run;

static void
run_free (gpointer data)
{
  Run *run = data;

  g_free (run->node);
  g_free (run->text);
  g_clear_object (&run->screen);
  g_free (run);
}

static void
finish_read (GTask *task, Run *run)
{
  GMemoryOutputStream *memory = G_MEMORY_OUTPUT_STREAM (run->screen);
  LoomScreenText *text = loom_screen_text_parse (g_memory_output_stream_get_data (memory),
                                                 g_memory_output_stream_get_data_size (memory));

  if (text != NULL)
    g_task_return_pointer (task, text, (GDestroyNotify) loom_screen_text_free);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                             _ ("What %s says is on its screen is not text. Nothing was copied."),
                             run->node);
}

/* One of the two is done. */
static void
count_down (GTask *task, GError *error)
{
  Run *run = g_task_get_task_data (task);

  if (error != NULL && !run->has_failed) {
    run->has_failed = TRUE;
    g_task_return_error (task, g_error_copy (error));
  }
  if (--run->n_waited_for > 0 || run->has_failed)
    return;
  if (run->status != 0)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED,
                             run->text != NULL
                                 ? _ ("%s does not take what is pasted into its screen. Use its "
                                      "serial console.")
                                 : _ ("%s cannot say what is on its screen. Use its serial "
                                      "console."),
                             run->node);
  else if (run->text != NULL)
    g_task_return_boolean (task, TRUE);
  else
    finish_read (task, run);
}

static void
on_exec_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Run *run = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  run->status = loom_client_exec_finish (LOOM_CLIENT (source), result, &error);
  count_down (task, error);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Run *run = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes)
      bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  gsize size = bytes != NULL ? g_bytes_get_size (bytes) : 0;

  if (size > 0)
    g_output_stream_write (run->screen, g_bytes_get_data (bytes, NULL), size, NULL, NULL);
  /* One byte more than there can be makes it no screen. */
  if (size > 0
      && g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (run->screen)) <= MAX_READ)
    g_input_stream_read_bytes_async (G_INPUT_STREAM (source), MAX_READ + 1, G_PRIORITY_DEFAULT,
                                     g_task_get_cancellable (task), on_read, g_object_ref (task));
  else
    count_down (task, error);
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  /* A command that takes no more has ended, and says why. */
  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
  g_output_stream_close (G_OUTPUT_STREAM (source), NULL, NULL);
  count_down (task, NULL);
}

/* @ours is the window's end of the pipe; closed by its stream. */
static void
start_pipe (GTask *task, Run *run, int ours)
{
  g_unix_set_fd_nonblocking (ours, TRUE, NULL);
  if (run->text != NULL) {
    g_autoptr (GOutputStream) stream = g_unix_output_stream_new (ours, TRUE);

    g_output_stream_write_all_async (stream, run->text, strlen (run->text), G_PRIORITY_DEFAULT,
                                     g_task_get_cancellable (task), on_written,
                                     g_object_ref (task));
  } else {
    g_autoptr (GInputStream) stream = g_unix_input_stream_new (ours, TRUE);

    run->screen = g_memory_output_stream_new_resizable ();
    g_input_stream_read_bytes_async (stream, MAX_READ + 1, G_PRIORITY_DEFAULT,
                                     g_task_get_cancellable (task), on_read, g_object_ref (task));
  }
}

static void
start (GTask *task, LoomClient *client)
{
  Run *run = g_task_get_task_data (task);
  gboolean types = run->text != NULL;
  const char *const argv[] = {"lanloom-screen", types ? "paste" : "copy", NULL};
  int null_fd = open ("/dev/null", O_RDWR | O_CLOEXEC);
  g_autoptr (GError) error = NULL;
  int pipe_fds[2];

  if (null_fd < 0 || !g_unix_open_pipe (pipe_fds, FD_CLOEXEC, &error)) {
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED,
                             _ ("The screen of %s could not be reached: %s"), run->node,
                             error != NULL ? error->message : g_strerror (errno));
    if (null_fd >= 0)
      close (null_fd);
    return;
  }
  run->n_waited_for = 2;
  loom_client_exec_async (client, run->node, argv, types ? pipe_fds[0] : null_fd,
                          types ? null_fd : pipe_fds[1], null_fd, g_task_get_cancellable (task),
                          on_exec_ready, g_object_ref (task));
  close (pipe_fds[types ? 0 : 1]);
  close (null_fd);
  start_pipe (task, run, pipe_fds[types ? 1 : 0]);
}

void
loom_guest_screen_read_async (LoomClient *client, const char *node, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (client, cancellable, callback, user_data);
  Run *run = g_new0 (Run, 1);

  run->node = g_strdup (node);
  g_task_set_task_data (task, run, run_free);
  start (task, client);
}

LoomScreenText *
loom_guest_screen_read_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
loom_guest_screen_type_async (LoomClient *client, const char *node, const char *text,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (client, cancellable, callback, user_data);
  Run *run = g_new0 (Run, 1);

  run->node = g_strdup (node);
  run->text = g_strdup (text);
  g_task_set_task_data (task, run, run_free);
  start (task, client);
}

gboolean
loom_guest_screen_type_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
