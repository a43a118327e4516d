/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The remembered sizes and panes. Writes are put off until half a second without a change, since
 * dragging a pane changes a size with every pixel, and happen asynchronously. */

#include "gui/settings.h"

#include <gio/gio.h>

#define GROUP "window"
#define WRITE_DELAY_MS 500

struct _LoomSettings {
  GObject parent_instance;

  char *path;
  GKeyFile *file;
  guint write_source;
};

G_DEFINE_TYPE (LoomSettings, loom_settings, G_TYPE_OBJECT)

static void
make_folder (LoomSettings *self)
{
  g_autofree char *folder = g_path_get_dirname (self->path);

  g_mkdir_with_parents (folder, 0700);
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    g_info ("The window's sizes were not kept: %s", error->message);
}

static gboolean
on_write_due (gpointer user_data)
{
  LoomSettings *self = user_data;
  g_autoptr (GFile) file = g_file_new_for_path (self->path);
  gsize size;
  char *text = g_key_file_to_data (self->file, &size, NULL);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, size);

  self->write_source = 0;
  make_folder (self);
  g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL,
                                       on_written, NULL);
  return G_SOURCE_REMOVE;
}

static void
schedule (LoomSettings *self)
{
  if (self->path == NULL)
    return;
  g_clear_handle_id (&self->write_source, g_source_remove);
  self->write_source = g_timeout_add (WRITE_DELAY_MS, on_write_due, self);
}

static void
loom_settings_finalize (GObject *object)
{
  LoomSettings *self = LOOM_SETTINGS (object);

  loom_settings_flush (self);
  g_free (self->path);
  g_key_file_unref (self->file);
  G_OBJECT_CLASS (loom_settings_parent_class)->finalize (object);
}

static void
loom_settings_class_init (LoomSettingsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = loom_settings_finalize;
}

static void
loom_settings_init (LoomSettings *self)
{
  self->file = g_key_file_new ();
}

LoomSettings *
loom_settings_new (const char *path)
{
  LoomSettings *self = g_object_new (LOOM_TYPE_SETTINGS, NULL);

  self->path = g_strdup (path);
  if (path != NULL)
    g_key_file_load_from_file (self->file, path, G_KEY_FILE_NONE, NULL);
  return self;
}

char *
loom_settings_dup_default_path (void)
{
  return g_build_filename (g_get_user_state_dir (), "lanloom", "window.ini", NULL);
}

int
loom_settings_get_int (LoomSettings *self, const char *key, int fallback, int min, int max)
{
  g_autoptr (GError) error = NULL;
  int value = g_key_file_get_integer (self->file, GROUP, key, &error);

  return error == NULL && value >= min && value <= max ? value : fallback;
}

void
loom_settings_set_int (LoomSettings *self, const char *key, int value)
{
  if (loom_settings_get_int (self, key, value + 1, G_MININT, G_MAXINT) == value)
    return;
  g_key_file_set_integer (self->file, GROUP, key, value);
  schedule (self);
}

gboolean
loom_settings_get_boolean (LoomSettings *self, const char *key, gboolean fallback)
{
  g_autoptr (GError) error = NULL;
  gboolean value = g_key_file_get_boolean (self->file, GROUP, key, &error);

  return error == NULL ? value : fallback;
}

void
loom_settings_set_boolean (LoomSettings *self, const char *key, gboolean value)
{
  if (loom_settings_get_boolean (self, key, !value) == value)
    return;
  g_key_file_set_boolean (self->file, GROUP, key, value);
  schedule (self);
}

void
loom_settings_flush (LoomSettings *self)
{
  if (self->write_source == 0)
    return;
  g_clear_handle_id (&self->write_source, g_source_remove);
  make_folder (self);
  g_key_file_save_to_file (self->file, self->path, NULL);
}
