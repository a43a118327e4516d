/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/frames-export.h"

#include <glib/gi18n-lib.h>

typedef struct {
  LoomFrames *frames;
  GtkWidget *pane;
  LoomFramesSayFunc say;
} Saving;

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
    LoomFrameStore *store = loom_frames_get_store (saving->frames);
    g_autoptr (GBytes) kept = loom_frame_store_dup_file (store, 0, G_MAXUINT64);

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
