/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/frames-export.h"

#include <glib/gi18n-lib.h>

#define VIEWER "wireshark"

typedef struct {
  LoomFrames *frames;
  GtkWidget *pane;
  LoomFramesSayFunc say;
} Saving;

static GBytes *
dup_kept (LoomFrames *frames)
{
  return loom_frame_store_dup_file (loom_frames_get_store (frames), 0, G_MAXUINT64);
}

static void
free_saving (Saving *saving)
{
  g_object_unref (saving->frames);
  g_object_unref (saving->pane);
  g_free (saving);
}

static void
on_saved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Saving *saving = user_data;
  g_autofree char *path = g_file_get_path (G_FILE (source));
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    text = g_strdup_printf (_ ("The frames were saved to “%s”."), path);
  else
    text = g_strdup_printf (_ ("The frames were not saved: %s"), error->message);
  saving->say (saving->pane, error == NULL ? "info" : "warning", text);
  free_saving (saving);
}

static void
on_file_chosen (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  Saving *saving = user_data;
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));

  if (response == GTK_RESPONSE_ACCEPT && file != NULL) {
    g_autoptr (GBytes) kept = dup_kept (saving->frames);

    g_file_replace_contents_bytes_async (file, kept, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL,
                                         on_saved, saving);
  } else {
    free_saving (saving);
  }
  g_object_unref (dialog);
}

void
loom_frames_export_save (LoomFrames *frames, GtkWidget *pane, LoomFramesSayFunc say)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ ("Save Frames"), GTK_WINDOW (gtk_widget_get_toplevel (pane)), GTK_FILE_CHOOSER_ACTION_SAVE,
      _ ("_Save"), _ ("_Cancel"));
  Saving *saving = g_new0 (Saving, 1);

  saving->frames = g_object_ref (frames);
  saving->pane = g_object_ref (pane);
  saving->say = say;
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), _ ("frames.pcapng"));
  gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (dialog), TRUE);
  g_signal_connect (dialog, "response", G_CALLBACK (on_file_chosen), saving);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
on_handed_over (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_subprocess_communicate_finish (G_SUBPROCESS (source), result, NULL, NULL, NULL);
}

void
loom_frames_export_view (LoomFrames *frames, GtkWidget *pane, LoomFramesSayFunc say)
{
  g_autoptr (GSubprocess)
      viewer = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE
                                     | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                                 NULL, VIEWER, "-k", "-i", "-", NULL);
  g_autoptr (GBytes) kept = dup_kept (frames);

  if (viewer != NULL)
    g_subprocess_communicate_async (viewer, kept, NULL, on_handed_over, NULL);
  else
    say (pane, "warning",
         _ ("Wireshark is not installed: the package wireshark has it. Save the frames to a file "
            "instead."));
}
