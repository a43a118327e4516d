/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The client of a session, and what the window is told of what it says. */

#include "gui/session-private.h"

#include <glib/gi18n-lib.h>

#include "gui/words.h"

static void
on_client_state_changed (LoomClient *client, LoomSession *self)
{
  loom_session_update_state (self);
}

static void
on_client_lab_state_changed (LoomClient *client, int state, LoomSession *self)
{
  loom_session_update_state (self);
}

static void
on_client_progress (LoomClient *client, const char *sentence, LoomSession *self)
{
  loom_session_say (self, "info", sentence);
}

static void
on_client_node_changed (LoomClient *client, const char *name, int state, const char *detail,
                        double progress, LoomSession *self)
{
  gboolean is_news = loom_status_get_node (self->status, name) != (LoomNodeState) state;

  loom_status_set_node (self->status, name, state,
                        detail != NULL && detail[0] != '\0' ? detail : NULL, progress);
  if (is_news && state == LOOM_NODE_FAILED) {
    g_autofree char *sentence = loom_words_failure (name, detail);

    loom_session_say (self, "info", sentence);
  } else if (is_news && state == LOOM_NODE_READY && self->started_us > 0) {
    g_autofree char *sentence = g_strdup_printf (_ ("%s is ready."), name);

    loom_session_say (self, "info", sentence);
  }
  g_signal_emit_by_name (self, "changed");
}

static void
on_client_node_gone (LoomClient *client, const char *name, LoomSession *self)
{
  loom_status_set_node (self->status, name, LOOM_NODE_OFF, NULL, -1);
  g_signal_emit_by_name (self, "changed");
}

static void
on_client_document_changed (LoomClient *client, const char *document, guint64 generation,
                            GHashTable *renames, LoomSession *self)
{
  loom_sync_take_over (self->sync, document, renames);
}

static void
on_client_message (LoomClient *client, const char *severity, const char *text, LoomSession *self)
{
  /* No node shows that the switch or a wire has failed. */
  if (g_strcmp0 (severity, "error") == 0) {
    self->is_broken = TRUE;
    g_signal_emit_by_name (self, "changed");
  }
  loom_session_say (self, severity, text);
}

static void
on_client_hangs_changed (LoomClient *client, LoomSession *self)
{
  g_signal_emit_by_name (self, "hangs-changed");
}

static void
on_client_reconnected (LoomClient *client, LoomSession *self)
{
  loom_session_say (self, "warning",
                    _ ("The lab's engine ended and was started again; the machines go on."));
  loom_session_update_state (self);
  loom_sync_begin (self->sync);
}

static void
forget_run (LoomSession *self)
{
  loom_sync_set_client (self->sync, NULL);
  loom_meters_read (self->meters, NULL);
  loom_meters_begin (self->meters, 0);
  self->is_starting = FALSE;
  self->is_stopping = FALSE;
  self->is_broken = FALSE;
  self->started_us = 0;
}

void
loom_session_drop_client (LoomSession *self)
{
  if (self->client == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_object (&self->client);
  forget_run (self);
  loom_status_clear (self->status);
  g_signal_emit_by_name (self, "hangs-changed");
}

static void
on_client_closed (LoomClient *client, const GError *reason, LoomSession *self)
{
  gboolean was_asked = self->is_stopping;

  if (self->is_starting)
    return; /* the start's own answer says it better */
  loom_session_drop_client (self);
  loom_session_update_state (self);
  g_signal_emit_by_name (self, "closed");
  if (reason != NULL)
    loom_session_say (self, "error", reason->message);
  else if (!was_asked)
    loom_session_say (self, "info", _ ("The lab was stopped from elsewhere."));
  else
    loom_session_say (self, "info", _ ("The lab is off. Nothing of it is left."));
}

gboolean
loom_session_make_client (LoomSession *self, GError **error)
{
  const char *path = loom_document_get_path (self->document);

  loom_session_drop_client (self);
  self->client = loom_client_new (path, error);
  if (self->client == NULL)
    return FALSE;
  loom_sync_set_client (self->sync, self->client);
  g_signal_connect (self->client, "state-changed", G_CALLBACK (on_client_state_changed), self);
  g_signal_connect (self->client, "lab-state-changed", G_CALLBACK (on_client_lab_state_changed),
                    self);
  g_signal_connect (self->client, "progress", G_CALLBACK (on_client_progress), self);
  g_signal_connect (self->client, "node-changed", G_CALLBACK (on_client_node_changed), self);
  g_signal_connect (self->client, "node-gone", G_CALLBACK (on_client_node_gone), self);
  g_signal_connect (self->client, "document-changed", G_CALLBACK (on_client_document_changed),
                    self);
  g_signal_connect (self->client, "message", G_CALLBACK (on_client_message), self);
  g_signal_connect (self->client, "hangs-changed", G_CALLBACK (on_client_hangs_changed), self);
  g_signal_connect (self->client, "reconnected", G_CALLBACK (on_client_reconnected), self);
  g_signal_connect (self->client, "closed", G_CALLBACK (on_client_closed), self);
  return TRUE;
}

gboolean
loom_session_has_failed (LoomSession *self)
{
  GHashTable *hangs = loom_session_get_hangs (self);
  guint n_ready, n_failed;

  if (hangs != NULL && g_hash_table_size (hangs) > 0)
    return TRUE;
  if (loom_session_get_client (self) == NULL)
    return FALSE;
  loom_words_count_nodes (self->lab, self->status, &n_ready, &n_failed);
  return n_failed > 0 || self->is_broken;
}
