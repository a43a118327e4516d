/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The program. Each run is a process of its own: two people on one display, or two versions, do not
 * meet; what they share is the running lab, through its engine. */

#include "gui/application.h"

#include <glib/gi18n-lib.h>

#include "backend/engine/project-file.h"
#include "gui/autosave.h"
#include "gui/doctor-dialog.h"
#include "gui/presets.h"
#include "gui/window-private.h"
#include "lanloom-config.h"

struct _LoomApplication {
  GtkApplication parent_instance;

  LoomCatalogue *catalogue;
  GPtrArray *presets; /* of LoomPreset */
  LoomSettings *settings;
};

G_DEFINE_TYPE (LoomApplication, loom_application, GTK_TYPE_APPLICATION)

static void
on_quit_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (user_data));

  for (GList *window = windows; window != NULL; window = window->next) {
    if (LOOM_IS_WINDOW (window->data))
      gtk_window_close (window->data);
  }
}

static void
on_shortcuts_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWidget *window = loom_shortcuts_new ();

  gtk_window_set_transient_for (GTK_WINDOW (window), gtk_application_get_active_window (user_data));
  gtk_window_present (GTK_WINDOW (window));
}

static void
on_doctor_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWidget *window = loom_doctor_dialog_new (gtk_application_get_active_window (user_data));

  gtk_window_present (GTK_WINDOW (window));
}

static void
on_about_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  gtk_show_about_dialog (gtk_application_get_active_window (user_data), "program-name", "Lanloom",
                         "version", LOOM_VERSION, "logo-icon-name", LOOM_APPLICATION_ID, "comments",
                         _ ("Draws network labs and runs them: real machines, real switches, real "
                            "frames."),
                         "license-type", GTK_LICENSE_GPL_3_0, "translator-credits",
                         /* Translators: your names, one a line */
                         _ ("translator-credits"), NULL);
}

static const GActionEntry entries[] = {
    {"quit", on_quit_activated},
    {"doctor", on_doctor_activated},
    {"shortcuts", on_shortcuts_activated},
    {"about", on_about_activated},
};

static void
load_style (void)
{
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();

  gtk_css_provider_load_from_resource (provider, "/org/lanloom/Lanloom/style.css");
  gtk_style_context_add_provider_for_screen (gdk_screen_get_default (),
                                             GTK_STYLE_PROVIDER (provider),
                                             GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_default (), "/org/lanloom/icons");
  gtk_window_set_default_icon_name (LOOM_APPLICATION_ID);
}

/* A window without them is better than none. */
static void
load_presets (LoomApplication *self)
{
  g_autoptr (GError) error = NULL;

  self->presets = loom_presets_load (&error);
  if (self->presets != NULL)
    return;
  g_warning ("%s", error->message);
  self->presets = g_ptr_array_new ();
}

static void
loom_application_startup (GApplication *application)
{
  LoomApplication *self = LOOM_APPLICATION (application);
  g_autofree char *path = loom_settings_dup_default_path ();
  g_autoptr (GError) error = NULL;

  G_APPLICATION_CLASS (loom_application_parent_class)->startup (application);
  self->settings = loom_settings_new (path);
  self->catalogue = loom_catalogue_load (&error);
  if (self->catalogue == NULL) {
    g_warning ("%s", error->message);
    self->catalogue = loom_catalogue_new ();
  }
  load_presets (self);
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  loom_shortcuts_set_accels (GTK_APPLICATION (self));
  load_style ();
}

static void
on_leftovers_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomApplication) self = user_data;
  g_autoptr (GPtrArray) leftovers = loom_autosave_find_leftovers_finish (result, NULL);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  g_application_release (G_APPLICATION (self));
  if (leftovers == NULL || !LOOM_IS_WINDOW (window))
    return;
  g_ptr_array_set_free_func (leftovers, NULL);
  for (guint i = 0; i < leftovers->len; i++)
    loom_window_offer_leftover (LOOM_WINDOW (window), g_ptr_array_index (leftovers, i));
}

/* Once a run, when there is a window to say it in. */
static void
look_for_leftovers (LoomApplication *self)
{
  g_autofree char *dir = loom_autosave_dup_default_dir ();

  if (g_object_get_data (G_OBJECT (self), "loom-looked") != NULL)
    return;
  g_object_set_data (G_OBJECT (self), "loom-looked", self);
  g_application_hold (G_APPLICATION (self));
  loom_autosave_find_leftovers_async (dir, NULL, on_leftovers_ready, g_object_ref (self));
}

static void
loom_application_activate (GApplication *application)
{
  LoomApplication *self = LOOM_APPLICATION (application);

  gtk_window_present (GTK_WINDOW (loom_window_new (self)));
  look_for_leftovers (self);
}

static void
loom_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  LoomApplication *self = LOOM_APPLICATION (application);

  for (int i = 0; i < n_files; i++) {
    g_autofree char *path = g_file_get_path (files[i]);

    if (path != NULL)
      loom_application_open_path (self, NULL, path);
  }
  look_for_leftovers (self);
}

static void
loom_application_shutdown (GApplication *application)
{
  LoomApplication *self = LOOM_APPLICATION (application);

  if (self->settings != NULL)
    loom_settings_flush (self->settings);
  g_clear_object (&self->settings);
  g_clear_object (&self->catalogue);
  g_clear_pointer (&self->presets, g_ptr_array_unref);
  G_APPLICATION_CLASS (loom_application_parent_class)->shutdown (application);
}

static int
loom_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  if (g_variant_dict_contains (options, "version")) {
    g_print ("Lanloom %s\n", LOOM_VERSION);
    return 0;
  }
  return -1;
}

static void
loom_application_class_init (LoomApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->startup = loom_application_startup;
  application_class->activate = loom_application_activate;
  application_class->open = loom_application_open;
  application_class->shutdown = loom_application_shutdown;
  application_class->handle_local_options = loom_application_handle_local_options;
}

static void
loom_application_init (LoomApplication *self)
{
  static const GOptionEntry options[] = {
      {"version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Show the version and exit"), NULL}, {NULL}};

  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_application_set_option_context_parameter_string (G_APPLICATION (self), _ ("[FILE…]"));
  g_application_set_option_context_summary (G_APPLICATION (self),
                                            _ ("Draws network labs and runs them. Each FILE is a "
                                               "lab; without one, the window is empty."));
}

LoomApplication *
loom_application_new (void)
{
  return g_object_new (LOOM_TYPE_APPLICATION, "application-id", LOOM_APPLICATION_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN | G_APPLICATION_NON_UNIQUE, NULL);
}

LoomCatalogue *
loom_application_get_catalogue (LoomApplication *self)
{
  return self->catalogue;
}

GPtrArray *
loom_application_get_presets (LoomApplication *self)
{
  return self->presets;
}

LoomSettings *
loom_application_get_settings (LoomApplication *self)
{
  return self->settings;
}

void
loom_application_open_path (LoomApplication *self, GtkWindow *window, const char *path)
{
  if (window != NULL && loom_document_is_blank (loom_window_get_document (LOOM_WINDOW (window)))) {
    loom_window_open (LOOM_WINDOW (window), path, NULL);
  } else if (window != NULL) {
    loom_window_open (LOOM_WINDOW (loom_window_new (self)), path, LOOM_WINDOW (window));
  } else {
    window = GTK_WINDOW (loom_window_new (self));
    loom_window_open (LOOM_WINDOW (window), path, NULL);
    gtk_window_present (window);
  }
}
