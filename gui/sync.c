/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One apply at a time, a moment after the last edit, so that dragging a spin button is one apply
 * and not thirty. When the engine has moved on (another client was faster), its document comes in
 * as one change of ours; what is drawn afterwards is what runs, and undo takes it back through the
 * same path. Positions are the window's own and never travel. */

#include "gui/sync.h"

#include <glib/gi18n-lib.h>

#include <string.h>

#include "canvas/model/writer.h"
#include "gui/renames.h"
#include "gui/settle.h"

#define APPLY_DELAY_MS 150

enum {
  MESSAGE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _LoomSync {
  GObject parent_instance;

  LoomDocument *document;
  LoomClient *client; /* NULL: no lab */
  LoomRenames *renames;
  GHashTable *renames_in_flight;
  guint apply_source;
  gboolean is_applying;
  gboolean apply_again;
  gboolean is_merging; /* the change being heard came from the engine */
};

G_DEFINE_TYPE (LoomSync, loom_sync, G_TYPE_OBJECT)

static void schedule_apply (LoomSync *self);

static void
say (LoomSync *self, const char *severity, const char *text)
{
  g_signal_emit (self, signals[MESSAGE], 0, severity, text);
}

static gboolean
is_attached (LoomSync *self)
{
  return self->client != NULL && loom_client_get_state (self->client) == LOOM_CLIENT_ATTACHED;
}

/* Edits from elsewhere */

static void
merge_document (LoomSync *self, const char *text, GHashTable *renames)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LoomLab) theirs = NULL;
  g_autoptr (LoomChange) change = NULL;

  if (text == NULL)
    return;
  theirs = loom_reader_read (loom_document_get_catalogue (self->document), text, strlen (text),
                             NULL, &error);
  if (theirs == NULL) {
    g_autofree char *sentence = g_strdup_printf (
        _ ("The running lab's document could not be read: %s"), error->message);

    say (self, "error", sentence);
    return;
  }
  change = loom_settle_difference (loom_document_get_lab (self->document), theirs, renames,
                                   _ ("Change from the Running Lab"));
  if (loom_change_is_empty (change))
    return;
  self->is_merging = TRUE;
  loom_history_break (loom_document_get_history (self->document));
  loom_history_do (loom_document_get_history (self->document), change, NULL);
  self->is_merging = FALSE;
  say (self, "info", _ ("Took over what was changed in the running lab. Undo brings yours back."));
}

/* Edits from here */

/* Nothing of what was edited here is sent. */
static void
drop_waiting (LoomSync *self)
{
  g_clear_handle_id (&self->apply_source, g_source_remove);
  g_hash_table_unref (loom_renames_steal (self->renames));
  self->apply_again = FALSE;
}

static void
on_applied (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (LoomSync) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean done = loom_client_apply_finish (LOOM_CLIENT (source), result, NULL, &error);

  if ((gpointer) self->client != (gpointer) source)
    return;
  self->is_applying = FALSE;
  if (done) {
    g_clear_pointer (&self->renames_in_flight, g_hash_table_unref);
  } else if (g_error_matches (error, LOOM_ENGINE_ERROR, LOOM_ENGINE_ERROR_CONFLICT)) {
    g_clear_pointer (&self->renames_in_flight, g_hash_table_unref);
    drop_waiting (self);
    merge_document (self, loom_client_get_document (self->client), NULL);
  } else {
    g_autofree char *sentence = g_strdup_printf (
        _ ("The running lab did not take the last edit: %s"), error->message);

    if (self->renames_in_flight != NULL)
      loom_renames_restore (self->renames, self->renames_in_flight);
    g_clear_pointer (&self->renames_in_flight, g_hash_table_unref);
    say (self, "error", sentence);
  }
  if (self->apply_again) {
    self->apply_again = FALSE;
    schedule_apply (self);
  }
}

static gboolean
on_apply_due (gpointer user_data)
{
  LoomSync *self = user_data;
  g_autofree char *text = NULL;

  self->apply_source = 0;
  if (self->is_applying || !is_attached (self)) {
    self->apply_again = TRUE;
    return G_SOURCE_REMOVE;
  }
  text = loom_writer_write (loom_document_get_lab (self->document), NULL);
  self->renames_in_flight = loom_renames_steal (self->renames);
  self->is_applying = TRUE;
  loom_client_apply_async (self->client, text, loom_client_get_generation (self->client),
                           self->renames_in_flight, NULL, on_applied, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

static void
schedule_apply (LoomSync *self)
{
  g_clear_handle_id (&self->apply_source, g_source_remove);
  self->apply_source = g_timeout_add (APPLY_DELAY_MS, on_apply_due, self);
}

static void
forget (LoomSync *self)
{
  drop_waiting (self);
  g_clear_pointer (&self->renames_in_flight, g_hash_table_unref);
  self->is_applying = FALSE;
}

static void
loom_sync_dispose (GObject *object)
{
  LoomSync *self = LOOM_SYNC (object);

  forget (self);
  g_clear_object (&self->client);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (loom_sync_parent_class)->dispose (object);
}

static void
loom_sync_finalize (GObject *object)
{
  LoomSync *self = LOOM_SYNC (object);

  loom_renames_free (self->renames);
  G_OBJECT_CLASS (loom_sync_parent_class)->finalize (object);
}

static void
loom_sync_class_init (LoomSyncClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = loom_sync_dispose;
  object_class->finalize = loom_sync_finalize;
  signals[MESSAGE] = g_signal_new ("message", LOOM_TYPE_SYNC, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
loom_sync_init (LoomSync *self)
{
  self->renames = loom_renames_new ();
}

LoomSync *
loom_sync_new (LoomDocument *document)
{
  LoomSync *self = g_object_new (LOOM_TYPE_SYNC, NULL);

  self->document = g_object_ref (document);
  return self;
}

void
loom_sync_set_client (LoomSync *self, LoomClient *client)
{
  forget (self);
  g_set_object (&self->client, client);
}

void
loom_sync_add_change (LoomSync *self, const LoomChange *change)
{
  if (self->is_merging || self->client == NULL || loom_change_is_layout_only (change))
    return;
  loom_renames_add (self->renames, change);
  if (is_attached (self))
    schedule_apply (self);
  else
    self->apply_again = TRUE;
}

void
loom_sync_begin (LoomSync *self)
{
  if (self->apply_again) {
    self->apply_again = FALSE;
    schedule_apply (self);
  }
}

void
loom_sync_end (LoomSync *self)
{
  g_clear_handle_id (&self->apply_source, g_source_remove);
}

void
loom_sync_take_over (LoomSync *self, const char *document, GHashTable *renames)
{
  if (self->is_applying)
    return;
  /* What was drawn here and not sent yet was drawn on what is no more, as in a conflict. */
  drop_waiting (self);
  merge_document (self, document, renames);
}
