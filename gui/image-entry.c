/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "gui/image-entry.h"

#include <glib/gi18n-lib.h>

#include "gui/form.h"
#include "gui/image-library.h"
#include "gui/words.h"

enum {
  CHOSEN,
  MESSAGE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _LoomImageEntry {
  GtkBox parent_instance;

  LoomDocument *document;
  GtkEntry *entry;
  char *image; /* of the node; or NULL */
};

G_DEFINE_TYPE (LoomImageEntry, loom_image_entry, GTK_TYPE_BOX)

static char *
dup_lab_folder (LoomImageEntry *self)
{
  const char *file = loom_document_get_path (self->document);

  return file != NULL ? g_path_get_dirname (file) : NULL;
}

static void
on_image_linked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomImageEntry) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = loom_image_library_link_finish (result, &error);

  if (gtk_widget_in_destruction (GTK_WIDGET (self)))
    return;
  if (name != NULL)
    g_signal_emit (self, signals[CHOSEN], 0, name);
  else
    g_signal_emit (self, signals[MESSAGE], 0, error->message);
}

static void
on_link_response (GtkDialog *dialog, int response, LoomImageEntry *self)
{
  g_autofree char *library = loom_image_library_dup_folder ();
  g_autofree char *lab_folder = dup_lab_folder (self);
  g_autofree char *path = g_strdup (g_object_get_data (G_OBJECT (dialog), "loom-path"));

  gtk_widget_destroy (GTK_WIDGET (dialog));
  if (response == GTK_RESPONSE_YES)
    loom_image_library_link_async (library, lab_folder, path, NULL, on_image_linked,
                                   g_object_ref (self));
  else
    loom_form_set_entry (self->entry, self->image);
}

static void
ask_link (LoomImageEntry *self, const char *path)
{
  GtkWidget *top = gtk_widget_get_toplevel (GTK_WIDGET (self));
  g_autofree char *shown = loom_words_file_name (path);
  GtkWidget *dialog = gtk_message_dialog_new (
      GTK_WINDOW (top), GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT, GTK_MESSAGE_QUESTION,
      GTK_BUTTONS_NONE, _ ("Link “%s” into your image library?"), shown);

  gtk_message_dialog_format_secondary_text (
      GTK_MESSAGE_DIALOG (dialog),
      _ ("It lies outside of the lab's folder, and a lab names its images by plain name. The image "
         "itself stays where it is and is never written."));
  gtk_dialog_add_buttons (GTK_DIALOG (dialog), _ ("_Cancel"), GTK_RESPONSE_CANCEL, _ ("_Link"),
                          GTK_RESPONSE_YES, NULL);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_YES);
  g_object_set_data_full (G_OBJECT (dialog), "loom-path", g_strdup (path), g_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_link_response), self, 0);
  gtk_widget_show (dialog);
}

/* An image beside the lab's file is named relative to it, so that the folder can move. */
static void
choose_image (LoomImageEntry *self, const char *path)
{
  g_autofree char *library = loom_image_library_dup_folder ();
  g_autofree char *lab_folder = dup_lab_folder (self);
  g_autofree char *name = loom_image_library_dup_name (library, lab_folder, path);

  if (name != NULL)
    g_signal_emit (self, signals[CHOSEN], 0, name);
  else
    ask_link (self, path);
}

static void
commit (LoomImageEntry *self)
{
  g_autofree char *text = g_strdup (gtk_entry_get_text (self->entry));

  if (gtk_widget_in_destruction (GTK_WIDGET (self))
      || g_str_equal (text, self->image != NULL ? self->image : ""))
    return;
  if (g_path_is_absolute (text)) {
    /* Losing the focus to the question must not ask again. */
    loom_form_set_entry (self->entry, self->image);
    choose_image (self, text);
  } else {
    g_signal_emit (self, signals[CHOSEN], 0, text);
  }
}

static void
on_activate (GtkEntry *entry, LoomImageEntry *self)
{
  commit (self);
}

static gboolean
on_focus_out (GtkWidget *widget, GdkEvent *event, LoomImageEntry *self)
{
  commit (self);
  return GDK_EVENT_PROPAGATE;
}

static void
on_file_chosen (GtkNativeDialog *dialog, int response, LoomImageEntry *self)
{
  g_autofree char *path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (dialog));

  gtk_native_dialog_hide (dialog);
  if (response == GTK_RESPONSE_ACCEPT && path != NULL)
    choose_image (self, path);
  g_object_unref (dialog);
}

static void
on_browse_clicked (GtkButton *button, LoomImageEntry *self)
{
  GtkWidget *top = gtk_widget_get_toplevel (GTK_WIDGET (self));
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _ ("Choose a Disk Image"), GTK_WINDOW (top), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Choose"),
      _ ("_Cancel"));
  GtkFileFilter *filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _ ("qcow2 disk images"));
  gtk_file_filter_add_pattern (filter, "*.qcow2");
  gtk_file_filter_add_pattern (filter, "*.img");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_file_chosen), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
loom_image_entry_finalize (GObject *object)
{
  LoomImageEntry *self = LOOM_IMAGE_ENTRY (object);

  g_clear_object (&self->document);
  g_free (self->image);
  G_OBJECT_CLASS (loom_image_entry_parent_class)->finalize (object);
}

static void
loom_image_entry_class_init (LoomImageEntryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = loom_image_entry_finalize;
  signals[CHOSEN] = g_signal_new ("chosen", LOOM_TYPE_IMAGE_ENTRY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[MESSAGE] = g_signal_new ("message", LOOM_TYPE_IMAGE_ENTRY, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
loom_image_entry_init (LoomImageEntry *self)
{
  GtkWidget *entry = gtk_entry_new ();
  GtkWidget *browse = gtk_button_new_from_icon_name ("document-open-symbolic", GTK_ICON_SIZE_MENU);

  self->entry = GTK_ENTRY (entry);
  gtk_entry_set_placeholder_text (self->entry, _ ("a qcow2 file"));
  gtk_entry_set_width_chars (self->entry, 10);
  gtk_widget_set_hexpand (entry, TRUE);
  atk_object_set_name (gtk_widget_get_accessible (entry), _ ("Disk Image"));
  gtk_widget_set_tooltip_text (browse, _ ("Choose a Disk Image"));
  atk_object_set_name (gtk_widget_get_accessible (browse), _ ("Choose a Disk Image"));
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (self)),
                               GTK_STYLE_CLASS_LINKED);
  gtk_container_add (GTK_CONTAINER (self), entry);
  gtk_container_add (GTK_CONTAINER (self), browse);
  g_signal_connect (entry, "activate", G_CALLBACK (on_activate), self);
  g_signal_connect (entry, "focus-out-event", G_CALLBACK (on_focus_out), self);
  g_signal_connect (browse, "clicked", G_CALLBACK (on_browse_clicked), self);
}

GtkWidget *
loom_image_entry_new (LoomDocument *document)
{
  LoomImageEntry *self = g_object_new (LOOM_TYPE_IMAGE_ENTRY, NULL);

  self->document = g_object_ref (document);
  return GTK_WIDGET (self);
}

void
loom_image_entry_set (LoomImageEntry *self, const char *image)
{
  g_free (self->image);
  self->image = g_strdup (image);
  loom_form_set_entry (self->entry, image);
}
